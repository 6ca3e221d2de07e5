"""A believable Benxi, made up: the tree, the stations, the homes and the people who live in them.

``loading.load`` writes it, ``plan.Plan`` says how large, ``cast.CAST`` names the people with whom a demonstration is
played.  Everything but the sealed values and the clock follows from the seed.
"""
