"""Lists and single views for screens: prebuilt statements over a read connection, rows instead of entities, keyset pages.

Nothing here changes anything, so it runs without a transaction, one day on a replica.
"""
