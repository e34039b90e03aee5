"""The calendar as expressions: `b4.clock.hour()`, `minute_of_day`, `day_of_week`, `day_of_month`, `month`.

All of the open time of the row's bar, UTC: on hourly bars the row with `hour() == 9` is the bar from 9 to 10, decided on at 10.
A clock adapts to what it meets: beside `m.at("4h").close` it is the time of the four-hour bar.
"""

from __future__ import annotations

from .core import make
from .expr import Expr
from .kinds import Kind
from .nodes.calendar import CLOCK


def _field(name: str) -> Expr:
    return make(CLOCK, s=name, kind=Kind.NUMBER)


def hour() -> Expr:
    """Returns the hour of the day, 0 to 23."""
    return _field("hour")


def minute_of_day() -> Expr:
    """Returns the minutes since midnight, 0 to 1439: half past nine is 570."""
    return _field("minute_of_day")


def day_of_week() -> Expr:
    """Returns the day of the week, Monday 0 to Sunday 6."""
    return _field("day_of_week")


def day_of_month() -> Expr:
    """Returns the day of the month, 1 to 31."""
    return _field("day_of_month")


def month() -> Expr:
    """Returns the month, January 1 to December 12."""
    return _field("month")
