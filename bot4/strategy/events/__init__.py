"""The event class: strategies whose methods are called as bars close, for what no expression can hold.

Reading order: `base` (what a user derives from), `definition` (it as a strategy, checked), `asks` and `timers` (one ask, one timer),
`identity` and `plan` (what a run and its record need). Not here: what the methods are given and who calls them (`context` and `events` of
`bot4.backtest`).
"""

from .base import Events
from .definition import EventStrategy
from .plan import EventPlan

__all__ = ["EventPlan", "EventStrategy", "Events"]
