"""Back-tests over ticks: a strategy with `on=b4.book(…)` or `b4.trades(…)` over the store of ticks or a raw recording.

`data` loads and makes the rows, `settings` says what a run assumes, `setup` prepares, `engine` calls the engine, `result` shows.
"""

from .data import TickData, is_tick_source
from .result import TickResult
from .setup import TickSetup, prepare_ticks

__all__ = ["TickData", "TickResult", "TickSetup", "is_tick_source", "prepare_ticks"]
