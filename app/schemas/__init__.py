"""What the API takes and gives, written out field by field."""
