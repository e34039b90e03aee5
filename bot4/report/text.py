"""Numbers and times as a reader wants them: the same words in the terminal and in the HTML.

Missing numbers are an en dash. Spaces before units are no-break spaces, so that `12 %` never splits over two lines.
"""

from __future__ import annotations

import datetime as dt
import math

MISSING = "–"
NBSP = "\u00a0"
_DAY_MS = 86_400_000
_YEAR_DAYS = 365.0


SMALL = 0.001
"""Returns below it are shown with more digits (`part`)."""


def percent(fraction: float, digits: int = 1, *, signed: bool = False) -> str:
    """Returns 0.1234 as `12.3 %`, with a sign before gains too if `signed` (none before 0); huge values without decimals."""
    if not math.isfinite(fraction):
        return MISSING
    value = fraction * 100.0
    places = digits if abs(value) < 1000 else 0
    value = round(value, places) + 0.0  # never −0.0
    text = f"{value:{'+' if signed and value else ''},.{places}f}".replace("-", "−")
    return f"{text}{NBSP}%"


def part(fraction: float, *, signed: bool = False) -> str:
    """Returns a return or drawdown as `percent` does; below a tenth of a percent with four decimals, for runs of minutes have no more."""
    return percent(fraction, 4 if 0 < abs(fraction) < SMALL else 1, signed=signed)


def ratio(value: float, digits: int = 2) -> str:
    """Returns a plain number, `1.23`."""
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−") if math.isfinite(value) else MISSING


def amount(value: float, *, signed: bool = False) -> str:
    """Returns money with thousands separated; decimals only where they matter (four significant digits)."""
    if not math.isfinite(value):
        return MISSING
    size = abs(value)
    places = 0 if size >= 1000 or value == 0 else 2 if size >= 1 else 4
    return f"{value:{'+' if signed and value else ''},.{places}f}".replace("-", "−")


def price(value: float) -> str:
    """Returns a price or quantity with up to eight significant digits and no trailing zeros."""
    if not math.isfinite(value):
        return MISSING
    text = f"{value:,.8g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.8f}".rstrip("0").rstrip(".")
    return text.replace("-", "−") if "e" not in text else f"{value:,.0f}".replace("-", "−")


def count(value: int) -> str:
    """Returns an integer with thousands separated."""
    return f"{value:,}"


def date(ts_ms: int) -> str:
    """Returns UTC milliseconds as `2024-01-31`."""
    return _moment(ts_ms).strftime("%Y-%m-%d")


def minute(ts_ms: int) -> str:
    """Returns UTC milliseconds as `2024-01-31 12:00`."""
    return _moment(ts_ms).strftime("%Y-%m-%d %H:%M")


def moment(ts_ms: int) -> str:
    """Returns UTC milliseconds as `minute` does where they are one, else to the millisecond, as rows of ticks need it."""
    return minute(ts_ms) if ts_ms % 60_000 == 0 else _moment(ts_ms).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def span(days: float) -> str:
    """Returns a length of time in its natural unit: minutes, hours, days or years."""
    if 0 < days * 24 < 1:
        return f"{days * 1_440:.0f} minutes"
    if days < 2:
        return f"{days * 24:.0f} hours"
    if days < 2 * _YEAR_DAYS:
        return f"{days:,.0f} days"
    return f"{days / _YEAR_DAYS:.1f} years"


def seconds_text(seconds: float) -> str:
    """Returns a length of time: `0.8 s`, `3 min 20 s`, `2 h 5 min`, `14 days`, `32 years`."""
    if seconds < 99.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days = hours / 24
    return f"{days:,.0f} days" if days < 730 else f"{days / 365:,.0f} years"


def plural(number: int, noun: str) -> str:
    """Returns `1 trade`, `2 trades`, `1,234 trades`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def interval(interval_ms: int) -> str:
    """Returns a bar's length: `1m`, `4h`, `1d`."""
    for name, unit in (("d", _DAY_MS), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if interval_ms % unit == 0:
            return f"{interval_ms // unit}{name}"
    return f"{interval_ms}ms"


def _moment(ts_ms: int) -> dt.datetime:
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=ts_ms)
