"""A made-up year of a city, at any scale, and the people who work in it.

Everything is drawn from one seed: the same scale and year give the same records. Nothing is copied from real reports.
"""
