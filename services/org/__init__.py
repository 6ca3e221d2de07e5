"""The organization: who stands where, who holds what, who answers for what, and what is missing."""
