"""Homes, owners and phones from workbooks: read, understood, checked against what is registered, applied, taken back.

``opening`` and ``sheets`` read a file, ``headings`` guesses its columns, ``cells`` cleans single values, ``rows`` makes
sense of one row; none of these knows a database.  ``batches`` leads a batch from state to state, ``checking`` is the dry
run, ``applying`` writes, ``undoing`` takes back.
"""
