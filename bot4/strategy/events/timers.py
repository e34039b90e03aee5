"""Timers of an event strategy: once at a time or after a span, or again and again on a schedule. UTC milliseconds.

A timer is due at the first close at or after its time; however late, it is called once for all the times that passed. Several due at
one close are called by time, then by name.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ..errors import StrategyError, near
from ..schedule import Schedule, every
from ..spans import parse_span

NEVER = 2**63 - 1
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Timer:
    """When it is due next, and the schedule it repeats on."""

    due: int
    schedule: Schedule | None


class Timers:
    """The timers that are set, by name."""

    def __init__(self) -> None:
        self._set: dict[str, Timer] = {}

    @property
    def next_due(self) -> int:
        """Returns the time of the next one; far away without any."""
        return min((timer.due for timer in self._set.values()), default=NEVER)

    def take(self, now: int) -> str:
        """Returns the name of the timer that is due first, and sets it anew where it repeats."""
        name = min(self._set, key=lambda name: (self._set[name].due, name))
        timer = self._set.pop(name)
        if timer.schedule is not None:
            self._set[name] = Timer(next_time(timer.schedule, now), timer.schedule)
        return name

    def set(self, name: object, now: int, at: object, every_: object, in_: object) -> None:
        """Sets a timer, in place of one of the same name. Raises StrategyError."""
        if not isinstance(name, str) or not name:
            raise StrategyError(f"the name of a timer is {name!r}", 'Write ctx.timer("review", every="1d")')
        given = [(n, v) for n, v in (("at", at), ("every", every_), ("in_", in_)) if v is not None]
        if len(given) != 1:
            raise StrategyError(
                f"the timer {name} needs one of at, every and in_, and got {' and '.join(n for n, _ in given) or 'none'}",
                f'Write ctx.timer("{name}", every="1d"), in_="4h" or at="2024-01-31"',
            )
        if at is not None:
            self._set[name] = Timer(_later(_time(at, name), now, name), None)
        elif in_ is not None:
            self._set[name] = Timer(now + _span(in_, f"in_ of the timer {name}"), None)
        else:
            schedule = every_ if isinstance(every_, Schedule) else every(_text(every_, f"every of the timer {name}"))
            self._set[name] = Timer(next_time(schedule, now), schedule)

    def cancel(self, name: object) -> None:
        """Forgets a timer. Raises StrategyError where there is none of the name."""
        if name not in self._set:
            close = near(str(name), self._set)
            known = f"Did you mean {close}?" if close else "Timers are " + (", ".join(sorted(self._set)) or "none")
            raise StrategyError(f"there is no timer {name!r} to cancel", known)
        del self._set[name]


def next_time(schedule: Schedule, now: int) -> int:
    """Returns the first time of a schedule after `now`."""
    if not schedule.months:
        periods = (now - schedule.anchor_ms) // schedule.period_ms + 1
        return schedule.anchor_ms + periods * schedule.period_ms
    moment = datetime.datetime.fromtimestamp(now / 1000, datetime.UTC)
    # Every n-th month counts from January of year 0, as `rebalance` does.
    step = (moment.year * 12 + moment.month - 1) // schedule.months
    for month in (step * schedule.months, (step + 1) * schedule.months):
        first = datetime.datetime(month // 12, month % 12 + 1, schedule.day, tzinfo=datetime.UTC)
        due = int(first.timestamp() * 1000) + schedule.at_ms
        if due > now:
            return due
    raise AssertionError("the second of two points of a schedule lies ahead")


def _span(given: object, what: str) -> int:
    return parse_span(_text(given, what), what)


def _text(given: object, what: str) -> str:
    if not isinstance(given, str):
        raise StrategyError(f"{what} is {given!r}, not a length of time", 'Write a text such as "4h" or "1d"')
    return given


def _time(at: object, name: str) -> int:
    if isinstance(at, int) and not isinstance(at, bool):
        return at
    moment: datetime.datetime | None = None
    if isinstance(at, datetime.datetime):
        moment = at
    elif isinstance(at, str):
        try:
            moment = datetime.datetime.fromisoformat(at)
        except ValueError:
            moment = None
    if moment is None:
        raise StrategyError(
            f"at of the timer {name} is {at!r}", 'Write a time in UTC, "2024-01-31 12:00", or milliseconds'
        )
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)
    return int(moment.timestamp() * 1000)


def _later(due: int, now: int, name: str) -> int:
    if due <= now:
        passed, current = (
            datetime.datetime.fromtimestamp(t / 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M") for t in (due, now)
        )
        raise StrategyError(f"the timer {name} is for {passed}, and it is {current} already", "Give a time to come")
    return due
