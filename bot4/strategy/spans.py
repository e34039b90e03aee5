"""Lengths: integer windows (rows) and time strings (`"30d"`), checked where the user writes them."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass

from .errors import StrategyError

MILLISECOND = 1
SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
YEAR_MS = 365 * DAY_MS

_UNITS_MS = {"ms": MILLISECOND, "s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": WEEK_MS}
_SPAN = re.compile(r"([1-9][0-9]*)(ms|[smhdw])")


def parse_span(text: str, what: str) -> int:
    """Returns milliseconds of a time string such as `"15m"`, `"4h"`, `"30d"`, `"1w"`. Raises StrategyError."""
    found = _SPAN.fullmatch(text)
    if found is None:
        hint = " (M is not a unit: minutes are m)" if text.endswith("M") else ""
        raise StrategyError(
            f"{what} {text!r} is not a length of time{hint}",
            'Write a count and one of ms, s, m, h, d, w, as in "15m" or "30d"',
        )
    return int(found[1]) * _UNITS_MS[found[2]]


def span_text(span_ms: int) -> str:
    """Returns the shortest time string: 86 400 000 -> "1d"."""
    for unit, size in reversed(_UNITS_MS.items()):
        if span_ms % size == 0 and not (unit == "w" and span_ms != WEEK_MS):
            return f"{span_ms // size}{unit}"
    raise AssertionError("every number is a multiple of a millisecond")


@dataclass(frozen=True, slots=True)
class Window:
    """A checked window: rows of the expression's own clock, or a length of time."""

    length: int
    is_time: bool = False

    @property
    def tag(self) -> str:
        """Returns the node's string parameter: "ms" for a time window."""
        return "ms" if self.is_time else ""

    def to_json(self) -> dict[str, int]:
        """Returns the program's form: `{"bars": n}` or `{"ms": n}`."""
        return {"ms" if self.is_time else "bars": self.length}

    def __str__(self) -> str:
        return span_text(self.length) if self.is_time else f"{self.length} bars"


def rows(value: object, what: str, minimum: int = 1) -> int:
    """Returns `value` as a number of rows. Raises StrategyError unless it is an integer of at least `minimum`."""
    if isinstance(value, (bool, str)):
        raise StrategyError(
            f"{what} is {value!r}, which is not a number of rows", f"Write an integer of at least {minimum}"
        )
    if isinstance(value, float):
        raise StrategyError(
            f"{what} is {value!r}, a float, but a window counts whole rows",
            f"Write {max(int(value) if value == value and abs(value) < 1e15 else minimum, minimum)}, or int(…) around the computation",
        )
    try:
        count = operator.index(value)  # type: ignore[arg-type]  # takes NumPy integers too
    except (TypeError, StrategyError):
        raise StrategyError(
            f"{what} is a {type(value).__name__}, but a window is fixed while the strategy is traced",
            f"Write an integer of at least {minimum}, or make it a b4.param",
        ) from None
    if count < minimum:
        raise StrategyError(
            f"{what} is {count}, but must be at least {minimum}", f"Write an integer of at least {minimum}"
        )
    return count


def window(value: object, what: str, minimum: int = 1) -> Window:
    """Returns a window from an integer (rows) or a time string. Raises StrategyError."""
    if isinstance(value, str):
        return Window(parse_span(value, what), is_time=True)
    return Window(rows(value, what, minimum))
