"""Who has to do with a home: residencies, the rights that go with them, requests for them, and invitations.

A residency says what a person *is* to a home.  What the person *may* or *must* there, vote, pay, report, are facts of their
own (``HomeRight``), each with its dates, because they do not always go together: three co-owners have one vote, a tenant
may have taken over the fee, the old owner still owes for October.
"""
