"""The organization: units, hats, duties, bodies and the party tree."""
