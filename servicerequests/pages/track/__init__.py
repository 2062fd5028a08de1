"""Following a report: by its number, and with its code as the one who filed it."""
