"""The crossover strategy's settings, equal for every engine as far as its interface allows.

Each entry buys 1 % of equity: with 0.1 % fees and some 20,000 round trips a year of minutes, an all-in account would be empty after a
tenth of the bars, and an engine whose orders are refused measures nothing.
"""

from __future__ import annotations

FAST_BARS = 10
SLOW_BARS = 30
SETTLED_BARS = 300  # decisions begin here: 10 times the slow window (docs/semantics.md, section 3)
WEIGHT = 0.01
FEE = 0.001
CASH = 100_000.0
