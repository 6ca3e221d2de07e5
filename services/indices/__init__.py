"""The indices of tickets: how many were answered in time, mended by the resident's own word, and how content people are.

``facts`` says what is true of each ticket, ``parts`` names what is counted (and opens the list behind each number),
``counting`` sums up by unit, category, worker or month, ``weights`` and ``rates`` make percentages and the score of them.
"""
