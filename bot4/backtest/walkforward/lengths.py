"""Lengths of windows: `"365d"`, `"2y"`, a timedelta or a number of bars become milliseconds, and back into words."""

from __future__ import annotations

import datetime as dt
import re

from bot4.data.timeframe import DAY_MS, HOUR_MS, UNITS_MS, format_interval

from ..errors import BacktestError

YEAR_MS = 365 * DAY_MS
LengthLike = str | int | dt.timedelta
_TEXT = re.compile(r"(\d{1,6})([smhdwy])")


def parse_length(name: str, value: LengthLike, interval_ms: int, least_ms: int = 0) -> int:
    """Returns a length in milliseconds. A number counts bars; a year has 365 days.

    Raises BacktestError, naming the setting, for what is no length, shorter than `least_ms`, or no whole number of bars.
    """
    length = _read(name, value, interval_ms)
    if length < least_ms or (length <= 0 and least_ms > 0):
        minutes = isinstance(value, str) and value.strip().endswith("m")
        hint = "m means minutes; for half a year write 182d" if minutes else f"give at least {length_text(least_ms)}"
        raise BacktestError(f"{name} is {value}, too short for a window; {hint}.")
    if length % interval_ms:
        raise BacktestError(
            f"{name} is {value}, which is no whole number of bars of {format_interval(interval_ms)}; give a multiple of them."
        )
    return length


def _read(name: str, value: LengthLike, interval_ms: int) -> int:
    if isinstance(value, dt.timedelta):
        return value // dt.timedelta(milliseconds=1)
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise BacktestError(f"{name} is {value}; give a number of bars from 0, or a length such as 90d.")
        return value * interval_ms
    match = _TEXT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise BacktestError(f"{name} is {value!r}, not a length; write a number and a unit, such as 90d, 26w or 2y.")
    return int(match[1]) * (YEAR_MS if match[2] == "y" else UNITS_MS[match[2]])


def length_text(length_ms: int) -> str:
    """Returns a length in words: `365 days`, `36 hours`, `15 minutes`."""
    for unit_ms, noun in ((DAY_MS, "day"), (HOUR_MS, "hour"), (UNITS_MS["m"], "minute")):
        if length_ms and length_ms % unit_ms == 0:
            count = length_ms // unit_ms
            return f"{count:,} {noun}{'' if count == 1 else 's'}"
    return f"{length_ms / DAY_MS:,.1f} days" if length_ms >= DAY_MS else f"{length_ms / 1000:,.0f} seconds"
