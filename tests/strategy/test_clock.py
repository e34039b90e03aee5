"""The calendar's fields are those of Python's `datetime`, on every clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.strategy import trace_expression

HOUR = 3_600_000
FIELDS: dict[str, Any] = {
    "hour": lambda t: t.hour,
    "minute_of_day": lambda t: 60 * t.hour + t.minute,
    "day_of_week": lambda t: t.weekday(),
    "day_of_month": lambda t: t.day,
    "month": lambda t: t.month,
}


def bars(step_ms: int, rows: int) -> pl.DataFrame:
    ts = 1_582_934_400_000 - 40 * step_ms + np.arange(rows, dtype=np.int64) * step_ms  # around 2020-02-29
    price = np.full(rows, 100.0)
    return pl.DataFrame({"ts": ts, **dict.fromkeys(("open", "high", "low", "close"), price), "volume": price})


@pytest.mark.parametrize("step", [15 * 60_000, HOUR, 7 * HOUR])
def test_a_field_is_of_the_bars_open_time(step: int) -> None:
    data = bars(step, 800)
    found = b4.peek({name: getattr(b4.clock, name)() for name in FIELDS}, {"BTC/USDT": data})
    times = [datetime.fromtimestamp(ts / 1000, UTC) for ts in data["ts"]]
    for name, field in FIELDS.items():
        assert found[name].to_list() == [field(t) for t in times], name


def test_beside_a_slower_column_it_is_the_time_of_the_slower_bar() -> None:
    data = bars(HOUR, 48)
    found = b4.peek(lambda m: b4.where(m.at("4h").close > 0, b4.clock.hour(), -1.0), {"BTC/USDT": data})["value"]
    assert set(found.drop_nulls().unique()) == {0, 4, 8, 12, 16, 20}


def test_a_clock_adapts_to_what_it_meets() -> None:
    program = trace_expression(
        {"slow": lambda m: m.at("4h").close * b4.clock.hour(), "one": b4.asset("A").close * b4.clock.hour()},
        interval_ms=HOUR,
    )
    homes = {(n.clock, n.only) for n in program.nodes if n.op == "clock"}
    assert homes == {(1, None), (0, "A")}
    assert "clock.hour()" in program.explain()
    assert b4.clock.day_of_week().name == "clock.day_of_week()"


def test_an_opening_range_is_a_state_and_a_clock() -> None:
    """The high of the day's first three hours, as a strategy would write it, against a loop over the rows."""
    rng = np.random.default_rng(5)
    data = bars(HOUR, 300).with_columns(high=pl.Series(np.round(100 + rng.uniform(0, 9, 300), 2)))

    def high_so_far(m: Any) -> Any:
        hour = b4.clock.hour()
        return b4.state(0.0).next(lambda s: b4.where(hour == 0, m.high, b4.where(hour < 3, b4.maximum(s, m.high), s)))

    found = b4.peek(high_so_far, {"BTC/USDT": data})["value"].to_list()
    held, expected = 0.0, []
    for ts, high in zip(data["ts"], data["high"], strict=True):
        expected.append(held)
        hour = ts // HOUR % 24
        held = high if hour == 0 else max(held, high) if hour < 3 else held
    assert found == expected
