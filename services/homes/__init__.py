"""Homes (房屋): how people spell them, what is known of each, and which one is meant.  See docs/homes.md.

* ``spelling``    full-width digits, Chinese numerals, dashes: text made even, nothing understood yet
* ``scanning``    which numbers stand in a text, and what the words beside them allow them to be
* ``addressing``  text becomes building, stairwell, floor, room; what is ambiguous gives several readings
* ``matching``    readings against all homes of a neighborhood, in memory: for bulk work
* ``naming``      codes and labels, and how they follow a renamed building
* ``making``      new homes, and homes that were written down in the wrong place
* ``records``     areas and uses with their days; homes that are gone
* ``aliases``, ``assets``   other names; sheds, garages, parking spaces
* ``offers``      what a person may do with a home now

A home is looked for by ``services.reading.homes.search``.  Whoever inserts homes in bulk writes ``home`` (the database adds
the first ``home_use_period``) and, for those whose area is known, ``home_area`` with ``starts_on = EVER``.
"""
