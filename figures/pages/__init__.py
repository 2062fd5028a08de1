"""Where people read figures: the list, a definition, a value with its sums, the records behind it, what is closed."""
