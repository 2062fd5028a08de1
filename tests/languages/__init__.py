"""What the product says: complete in both languages, and said well."""
