"""Homes, owners and phones from workbooks: read, understood, checked against what is registered, applied, taken back.

``opening`` and ``sheets`` read a file, ``fields`` are what columns can be and ``headings`` guesses which, ``cells`` cleans
single values, ``rows`` makes a plan (``plans``) of one row; none of these knows a database.  ``intake`` keeps an upload,
``batches`` leads it from state to state (``moves``), ``checking`` is the dry run, ``applying`` writes, and ``undoing``
takes back.
"""
