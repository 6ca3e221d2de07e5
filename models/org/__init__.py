"""The organization: the civil tree and the party tree beside it, bodies, and who holds which role where."""
