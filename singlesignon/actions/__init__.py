"""What the provider does, each with the record of it."""
