"""The API: one file per domain, views of three to eight lines."""
