"""Ladders: `b4.ladder.grid` (a rung at each level, taken at the next) and `b4.ladder.dca` (a first order and steps below it).

Both lower to orders. Levels, sizes and the budget they must keep are declared, so that a ladder cannot buy more than was meant.
"""

from .dca import dca
from .grid import grid

__all__ = ["dca", "grid"]
