"""Following somebody else's report, and what is public of its photos."""
