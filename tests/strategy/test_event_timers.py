"""Timers of event classes: what they are set to, when they are due next, in which order they are taken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import bot4 as b4
from bot4.strategy.events.timers import NEVER, Timers, next_time

HOUR = 3_600_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        (b4.every("4h"), "2024-02-29 03:59", "2024-02-29 04:00"),
        (b4.every("4h"), "2024-02-29 04:00", "2024-02-29 08:00"),
        (b4.every("1d", at="08:00"), "2024-02-29 07:00", "2024-02-29 08:00"),
        (b4.every("1d", at="08:00"), "2024-02-29 08:00", "2024-03-01 08:00"),
        (b4.every("1w", on="mon"), "2024-02-29 00:00", "2024-03-04 00:00"),
        (b4.every("1mo", on=15), "2024-02-14 23:59", "2024-02-15 00:00"),
        (b4.every("1mo", on=15, at="06:30"), "2024-12-15 06:30", "2025-01-15 06:30"),
        (b4.every("3mo", on=1), "2024-02-29 00:00", "2024-04-01 00:00"),
        (b4.every("3mo", on=28), "2024-01-27 00:00", "2024-01-28 00:00"),
    ],
)
def test_the_next_time_of_a_schedule_is_after_now(schedule, now, due):
    assert next_time(schedule, ms(now)) == ms(due)


def test_timers_are_taken_by_time_then_name_and_those_that_repeat_are_set_anew():
    timers = Timers()
    assert timers.next_due == NEVER
    start = ms("2024-01-01")
    timers.set("b", start, None, None, "2h")
    timers.set("a", start, None, "1h", None)
    timers.set("c", start, "2024-01-01 01:00", None, None)
    assert timers.next_due == start + HOUR
    now = start + 5 * HOUR
    assert [timers.take(now) for _ in range(3)] == ["a", "c", "b"]
    assert timers.next_due == now + HOUR
    timers.set("a", now, now + 3 * HOUR, None, None)  # the same name again replaces it
    assert timers.next_due == now + 3 * HOUR
    timers.cancel("a")
    assert timers.next_due == NEVER


def test_a_time_is_an_iso_text_a_datetime_or_milliseconds():
    for at in ("2024-01-31T12:00", "2024-01-31 13:00+01:00", datetime(2024, 1, 31, 12), ms("2024-01-31 12:00")):
        timers = Timers()
        timers.set("x", ms("2024-01-01"), at, None, None)
        assert timers.next_due == ms("2024-01-31 12:00")
