"""The crew's phone."""
