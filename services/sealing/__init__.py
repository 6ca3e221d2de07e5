"""Keys in the database, where sealed values stand, and how they come under new keys."""
