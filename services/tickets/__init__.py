"""Tickets (报修): filing, moving, reading.

* ``filing``   a report becomes a ticket: place, category, clocks, number
* ``moves``    the table of states and actions, and who may do what
* ``acting``   one function per action
* ``clockwork`` which clock runs, pausing and restarting it
* ``sweeping`` what the timetable does: remind, mark overdue, confirm in silence, close

A ticket is never deleted and its events never change.  Nothing here sends a message: it says what happened.
"""
