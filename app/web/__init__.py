"""Pages and addresses that are not the API."""
