"""Open311 GeoReport v2 for programs: docs/open311.md says how it is used, ``urls.py`` where."""
