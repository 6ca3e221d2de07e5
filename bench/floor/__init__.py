"""The floor: what bare Flask and raw SQL can do over the same tables.  Fast and honest, and nothing you would maintain."""
