"""The event class: strategies whose methods are called as bars close, for what no expression can hold.

Reading order: `definition` (what a user writes, checked), `context` (what the methods see and ask), `asks` and `timers` (one ask, one
timer), `identity` (what the records know it by). Not here: the loop that calls the methods (`bot4.backtest.events`).
"""

from .definition import Events, EventStrategy

__all__ = ["EventStrategy", "Events"]
