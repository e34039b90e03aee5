"""When a strategy runs and when it may act: `b4.bars("1h")`, `b4.every("1w", on="mon", at="00:00")`. All times are UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import StrategyError
from .spans import DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS, parse_span, span_text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FIRST_MONDAY_MS = 4 * DAY_MS  # 1970-01-05 00:00


@dataclass(frozen=True, slots=True)
class Bars:
    """The base clock: one decision per closed bar of this length."""

    interval_ms: int

    def __str__(self) -> str:
        return f"bars of {span_text(self.interval_ms)}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Times at which targets may be sent: every `period_ms` from `anchor_ms`, or on `day` of every `months`-th month at `at_ms`."""

    period_ms: int = 0
    anchor_ms: int = 0
    months: int = 0
    day: int = 1
    at_ms: int = 0

    def to_json(self) -> dict[str, int]:
        """Returns the program's form."""
        if self.months:
            return {"months": self.months, "day": self.day, "at_ms": self.at_ms}
        return {"period_ms": self.period_ms, "anchor_ms": self.anchor_ms}


def bars(interval: str) -> Bars:
    """Returns the clock of bars: `on=b4.bars("1h")`."""
    if not isinstance(interval, str):
        raise StrategyError(f"bars({interval!r}) does not name a timeframe", 'Write b4.bars("1h")')
    return Bars(parse_span(interval, "the timeframe of bars"))


def every(period: str, *, on: str | int | None = None, at: str = "00:00") -> Schedule:
    """Returns a schedule: `every("4h")`, `every("1d", at="08:00")`, `every("1w", on="mon")`, `every("1mo", on=1)`.

    Weeks are counted from Monday 1970-01-05, other periods from 1970-01-01 00:00 UTC; `at` shifts whole days and longer.
    """
    at_ms = _time_of_day(at)
    if isinstance(period, str) and (found := re.fullmatch(r"([1-9][0-9]?)mo", period)):
        return Schedule(months=int(found[1]), day=_day_of_month(on), at_ms=at_ms)
    if not isinstance(period, str):
        raise StrategyError(
            f"every({period!r}) does not name a period", 'Write b4.every("1w", on="mon"); months are "1mo"'
        )
    period_ms = parse_span(period, "the period of every")
    if period_ms % DAY_MS and at_ms:
        raise StrategyError(
            f"at={at!r} needs whole days, and the period is {period}", "Leave at out, or use a period of days or weeks"
        )
    if period_ms % WEEK_MS == 0:
        return Schedule(period_ms, FIRST_MONDAY_MS + _weekday(on) * DAY_MS + at_ms)
    if on is not None:
        raise StrategyError(
            f"on={on!r} needs weeks or months, and the period is {period}",
            'Write every("1w", on="mon") or every("1mo", on=1)',
        )
    return Schedule(period_ms, at_ms)


def _time_of_day(at: str) -> int:
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", at) if isinstance(at, str) else None
    if found is None:
        raise StrategyError(f"at={at!r} is not a time of day", 'Write at="08:00", in UTC')
    return int(found[1]) * HOUR_MS + int(found[2]) * MINUTE_MS


def _weekday(on: str | int | None) -> int:
    if on is None:
        return 0
    name = on.lower()[:3] if isinstance(on, str) else ""
    if name not in WEEKDAYS:
        raise StrategyError(f"on={on!r} is not a weekday", "Write one of " + ", ".join(WEEKDAYS))
    return WEEKDAYS.index(name)


def _day_of_month(on: str | int | None) -> int:
    if on is None:
        return 1
    if isinstance(on, bool) or not isinstance(on, int) or not 1 <= on <= 28:
        raise StrategyError(f"on={on!r} is not a day every month has", "Write a day from 1 to 28")
    return on
