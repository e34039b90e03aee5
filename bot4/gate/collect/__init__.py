"""Runs everything a verdict needs and fills an `Evidence`: the only place of the gate where the days out of sample are opened.

Order: `windows` runs the registered design, under its costs, twice the costs and one bar later -> `days` and `trades` read the runs,
`market` the bars -> `trials` counts what else the records tried on these days -> `gather` puts it together. Not here: what it means
(`checks`).
"""

from .gather import Opened, gather, inside_days

__all__ = ["Opened", "gather", "inside_days"]
