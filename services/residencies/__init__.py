"""Residencies: who is what to a home, how one becomes it, and what follows from it.

``settling`` is the one door through which a residency begins or ends; requests, invitations, the counter and the importer
all go through it (the importer in bulk, ``bulk``).  ``standing`` knows the rights.
"""
