"""Privacy: consents, the rights desk, export and erasure of a person, retention, key households."""
