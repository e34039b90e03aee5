"""The settings of the measured strategies, equal for every engine as far as its interface allows.

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

# Entries with exits: long 1 % of equity when the averages cross, out by a stop or a take. At 0.05 % a bar an exit is some 40 bars away.
STOP = 0.003  # below the entry, or below the highest price since if it trails
TAKE = 0.006  # above the entry

# A grid of buys below each day's first close; each level that filled is sold one step higher, or lost at the grid's stop.
GRID_LEVELS = 20
GRID_STEP = 0.002  # between two levels: 20 of them reach two daily standard deviations down
GRID_STOP = 0.05  # below the entry; it frees a level that the market has left
GRID_DAY_BARS = 1440
GRID_WEIGHT = 0.005  # of equity, each level

# A cross-section: long the strongest fifth, short the weakest, weighed by inverse volatility, rebalanced once a day.
ASSETS = 50
PORTFOLIO_INTERVAL_MS = 3_600_000
MOMENTUM_BARS = 672
VOL_BARS = 168
REBALANCE_BARS = 24
BUCKETS = 5
SIDE_WEIGHT = 0.5  # of equity long, and as much short

# A callback on every bar that sends an order on every tenth: in, ten bars later out.
ORDER_EVERY_BARS = 10

# A sweep of the crossover: every pair of these windows, 25 by 40, is one run; the grid of issue 4's thousand combinations.
SWEEP_FAST = tuple(range(5, 55, 2))
SWEEP_SLOW = tuple(range(60, 300, 6))
SETTLED_TIMES = 10  # decisions of a run begin after so many times its slow window (docs/semantics.md, section 3)
