"""Tickets (报修): filing, moving, reading.

* ``filing`` and ``filing_rows``   a report becomes a ticket: place, category, clocks, number
* ``claiming``   times that a phone or a sheet of paper claims
* ``recording``  the same for what the station was told by phone or on paper
* ``moves``      the table of states and actions, and whose each action is
* ``state_names``  states in Chinese, and what each asks of whom
* ``steps``      what all actions share: take the ticket, record what was done
* ``by_station``, ``by_worker``, ``by_resident``   one function per action
* ``answering``  the station looks: that answers it
* ``hands``      who has it: given, taken back, and by whom it may be done
* ``passing``    grab, transfer, take over, give back; ``helping`` offers of help
* ``skills``     who can mend what and how much at once; whose turn it is
* ``truths``     done, fixed, not fixed, silence, came back: facts that nobody changes
* ``callbacks``  somebody else asks how it was
* ``offers``     which moves a person is offered now
* ``contact``    whom to call, on record
* ``clockwork``  which clock runs, pausing and restarting it
* ``holding``    work stands still: why, for how long at most
* ``lateness``   who missed which clock; ``misses`` tells the next level, through ``raising``
* ``sweeping``   what the timetable does: remind, mark overdue, confirm in silence, close

A ticket is never deleted and its events never change.  Nothing here sends a message: it says what happened.
"""
