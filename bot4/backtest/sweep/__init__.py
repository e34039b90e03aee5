"""Many runs of one strategy: `sweep` over a grid or by a search, and its `SweepResult`.

Order of operations: the setup of a single run → axes read into a space → combinations proposed, traced, run in blocks and appended to
the run records → rows put together. Not here: what a single run is (`bot4.backtest.run`).
"""

from .call import sweep
from .result import SweepResult

__all__ = ["SweepResult", "sweep"]
