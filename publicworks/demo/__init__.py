"""The demo's register of works, and its year of citizen supervision: in the shape in which the verbs leave the tables.

At scale 1 the counts are those that the city's report prints for ROC year 111. They are so few that a smaller demo
tells them all as well.
"""

from publicworks.demo import year

__all__ = ["year"]
