"""Event strategies: a class whose methods are called as bars close (`b4.Events`), for what no expression can hold.

Not here: who calls the methods (`bot4.backtest.events`), when they are called (docs/design.md, "Event strategies").
"""

from .base import Events
from .context import Context
from .definition import EventStrategy
from .plan import EventPlan
from .told import Fill, Working

__all__ = ["Context", "EventPlan", "EventStrategy", "Events", "Fill", "Working"]
