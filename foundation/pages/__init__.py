"""Doors of the house itself: language, health, statements, the style page."""
