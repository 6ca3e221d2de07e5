"""Two persons of one human being become one: by both phones, or by the station with evidence; undoable for a while.

``asking`` (phones), ``deciding`` (the station, and undoing), ``conflicts`` (what speaks against it), ``carrying`` (rows).
"""
