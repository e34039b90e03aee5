"""When a rebalance schedule lets targets act next. Its points are those of the engine: docs/semantics.md, section 5."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def next_due(schedule: Mapping[str, int], ts: int) -> int:
    """Returns the first point of a schedule (as the program holds it) after `ts`, UTC ms; the decision at or after it acts."""
    if "period_ms" in schedule:
        period, anchor = schedule["period_ms"], schedule["anchor_ms"]
        return anchor + ((ts - anchor) // period + 1) * period
    moment = _EPOCH + dt.timedelta(milliseconds=ts)
    month = (moment.year * 12 + moment.month - 1) // schedule["months"] * schedule["months"]
    while (point := _point(month, schedule)) <= ts:
        month += schedule["months"]
    return point


def _point(month: int, schedule: Mapping[str, int]) -> int:
    year, index = divmod(month, 12)
    day = min(schedule["day"], calendar.monthrange(year, index + 1)[1])
    at = dt.datetime(year, index + 1, day, tzinfo=dt.UTC) - _EPOCH
    return at // dt.timedelta(milliseconds=1) + schedule["at_ms"]
