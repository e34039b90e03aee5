"""Intervals, buckets and times: `"1h"` to milliseconds, dates to milliseconds, and back. All times are UTC.

It knows spans of fixed length only. A calendar month has no fixed length and is not an interval of bars.
"""

from __future__ import annotations

import datetime as dt
import re

from bot4.data.errors import DataError

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS  # 1970-01-05, the first Monday after the epoch

UNITS_MS = {"w": WEEK_MS, "d": DAY_MS, "h": HOUR_MS, "m": MINUTE_MS, "s": SECOND_MS}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# What may stand for a time in the interface: milliseconds, an ISO text, a date or a datetime.
TimeLike = int | str | dt.date


def parse_interval(text: str) -> int:
    """Returns the milliseconds of a span such as `"30m"`, `"1h"`, `"4h"`, `"1d"` or `"1w"`; raises `DataError`."""
    match = re.fullmatch(r"(\d{1,6})([smhdw])", text.strip())
    if match is None or int(match[1]) == 0:
        raise DataError(f"{text!r} is not an interval; write a number and a unit, such as 1m, 30m, 1h, 4h, 1d or 1w.")
    return int(match[1]) * UNITS_MS[match[2]]


def format_interval(interval_ms: int) -> str:
    """Returns the shortest name: 3600000 is `"1h"`; a span of no whole seconds is given in milliseconds."""
    for unit, unit_ms in UNITS_MS.items():
        if interval_ms > 0 and interval_ms % unit_ms == 0 and (unit != "w" or interval_ms == WEEK_MS):
            return f"{interval_ms // unit_ms}{unit}"
    return f"{interval_ms}ms"


def anchor_ms(interval_ms: int) -> int:
    """Returns where the buckets of a span start counting: the epoch, or Monday 1970-01-05 for whole weeks."""
    return MONDAY_MS if interval_ms % WEEK_MS == 0 else 0


def parse_time(value: TimeLike) -> int:
    """Returns UTC milliseconds; a text or datetime without a zone is UTC, a date is its midnight. Raises `DataError`."""
    if isinstance(value, bool):
        raise DataError(f"{value!r} is not a time; give an ISO date such as 2024-01-31, a datetime, or milliseconds.")
    if isinstance(value, int):
        return value
    if isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value.strip())
        except ValueError:
            raise DataError(f"{value!r} is not a time; write it as 2024-01-31 or 2024-01-31T12:00 (UTC).") from None
    elif isinstance(value, dt.datetime):
        moment = value
    elif isinstance(value, dt.date):
        moment = dt.datetime(value.year, value.month, value.day)
    else:
        raise DataError(f"{value!r} is not a time; give an ISO date such as 2024-01-31, a datetime, or milliseconds.")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return (moment - _EPOCH) // dt.timedelta(milliseconds=1)


def format_time(ts_ms: int) -> str:
    """Returns `"2024-01-31 12:00"`, with seconds where there are any; a time outside the calendar as milliseconds."""
    try:
        moment = _EPOCH + dt.timedelta(milliseconds=ts_ms)
    except OverflowError:
        return f"{ts_ms} ms"
    if ts_ms % SECOND_MS:
        return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{ts_ms % SECOND_MS:03d}"
    return moment.strftime("%Y-%m-%d %H:%M:%S" if ts_ms % MINUTE_MS else "%Y-%m-%d %H:%M")
