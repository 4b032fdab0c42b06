"""The KPI catalogue: what is counted, how it is divided, and what it is called.

Owns the definitions as data. Never counts anything itself: counts come from a `Tally`.
"""
