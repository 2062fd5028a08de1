"""How fast it is, measured: one module a budget, each in a process of its own over a database of its own.

``./cityhall bench [NAME ...] [--write]``; see README.md.
"""
