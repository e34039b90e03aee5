"""Which look may be taken now: the next one, with exactly its days; never one twice unless that is asked for, and then it costs a trial."""

from __future__ import annotations

from bot4.report import text
from bot4.report.columns import DAY_MS

from .. import boundary
from ..errors import GateError
from .book import ONLY_LOOK_DAYS, Registered


def due(one: Registered, data_end_ms: int, *, again: bool = False) -> tuple[int, int]:
    """Returns (look, days) of the look to take; look 0 is the one only look at three years and more.

    again: the last look once more. Raises GateError, with date and days, where none is due.
    """
    if one.withdrawn_ms is not None:
        raise GateError(f"registration {one.made.id} was withdrawn; check the one that took its place")
    if again:
        if not one.openings:
            raise GateError(f"registration {one.made.id} has not been opened yet; leave --again out")
        return one.openings[-1]
    look, days = _next(one)
    at_ms = one.plan.out_start_ms + days * DAY_MS
    if data_end_ms < at_ms:
        what = "the one only look" if look == 0 else f"look {look}"
        raise GateError(
            f"{what} is due at {days:,} days out of sample, once the data reach {text.date(at_ms)}; they reach {text.date(data_end_ms)}: "
            "add the bars in between and check again"
        )
    return look, days


def first_look(one: Registered) -> tuple[int, int]:
    """Returns (look, days) of the first look of a registration."""
    first = one.plan.first_days
    if first >= ONLY_LOOK_DAYS:
        return 0, first
    least = one.made.settings.least_days
    return next(
        (look, days)
        for look in range(1, boundary.LOOKS + 1)
        if (days := first + boundary.LOOK_DAYS * look) > least or look == boundary.LOOKS
    )


def _next(one: Registered) -> tuple[int, int]:
    first, last = one.plan.first_days, one.last
    if last is not None and (last.outcome != "EXTEND" or last.next_days is None):
        raise GateError(
            f"registration {one.made.id} was judged on {text.date(last.at_ms)}: {last.outcome}. `bot4 gate show {one.made.id}` says why; "
            "to open its days once more, which costs a trial, add --again"
        )
    if first >= ONLY_LOOK_DAYS:
        return 0, first if last is None or last.next_days is None else last.next_days
    taken = max((look for look, _ in one.openings), default=0)
    unfinished = [
        days for look, days in one.openings if look == taken and not any(v.look == taken for v in one.verdicts)
    ]
    if unfinished:
        return taken, unfinished[-1]  # it was opened and then interrupted
    for look in range(taken + 1, boundary.LOOKS + 1):
        days = first + boundary.LOOK_DAYS * look
        if days > one.made.settings.least_days:
            return look, days
    raise GateError(
        f"registration {one.made.id} has had all its {boundary.LOOKS} looks; `bot4 gate show {one.made.id}` says what came of them"
    )
