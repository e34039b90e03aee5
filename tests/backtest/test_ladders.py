"""Ladders and quotes on hand-made bars: the fills a trader would expect, in the strict realism and without costs."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4

from .markets import FREE, HOUR, START, perpetuals, walk

Bar = tuple[float, float, float, float]


def bars(*rows: Bar) -> pl.DataFrame:
    table = np.array(rows)
    columns = {name: table[:, i] for i, name in enumerate(("open", "high", "low", "close"))}
    ts = START + np.arange(len(rows), dtype=np.int64) * HOUR
    return pl.DataFrame({"ts": ts, **columns, "volume": np.full(len(rows), 1e6)})


def flat(price: float) -> Bar:
    return (price, price, price, price)


def fills(strategy: Any, data: pl.DataFrame) -> list[tuple[int, float, float]]:
    """Returns (row, signed quantity, price) of each fill."""
    found = b4.backtest(strategy, perpetuals(data), cash=100_000, record=False, **FREE)
    lot, tick = found.market.instruments[0].lot_size, found.market.instruments[0].tick_size
    table = found.records["fills"]
    return [
        (int(row), round(float(lots * lot), 9), round(float(ticks * tick), 9))
        for row, lots, ticks in zip(table["row"], table["lots"], table["ticks"], strict=True)
    ]


GRID_BARS = bars(
    flat(101.5),
    (101.5, 101.5, 98.0, 99.0),  # through 100
    (99.0, 99.0, 94.0, 96.0),  # through 95
    (96.0, 101.0, 96.0, 101.0),  # takes the rung of 95 at 100
    flat(104.0),
    (104.0, 106.0, 99.5, 100.5),  # takes the rung of 100 at 105; the rung of 95 is set again and not reached
    (100.5, 106.0, 100.2, 106.0),
)


def test_a_grid_buys_each_level_and_sells_it_at_the_next() -> None:
    @b4.strategy(on=b4.bars("1h"))
    def grid(m):
        return b4.ladder.grid([90, 95, 100, 105], size=b4.size.qty(1), budget=3)

    assert fills(grid, GRID_BARS) == [(1, 1.0, 100.0), (2, 1.0, 95.0), (3, -1.0, 100.0), (5, -1.0, 105.0)]


def test_a_grid_that_begins_in_its_middle_waits_for_the_rungs_above_or_buys_them_at_once() -> None:
    @b4.strategy(on=b4.bars("1h"))
    def grid(m):
        return b4.ladder.grid([90, 95, 100, 105], size=b4.size.qty(1), budget=3)

    data = bars(flat(97.5), flat(97.5), (97.5, 106.0, 97.5, 104.0), (104.0, 104.0, 98.0, 99.0))
    assert fills(grid, data) == [(3, 1.0, 100.0)]

    @b4.strategy(on=b4.bars("1h"))
    def at_once(m):
        return b4.ladder.grid([90, 95, 100, 105], size=b4.size.qty(1), budget=3, start="now")

    assert fills(at_once, data) == [(1, 1.0, 97.5), (2, -1.0, 105.0), (3, 1.0, 100.0)]


@b4.strategy(on=b4.bars("1h"))
def dca(m):
    """One coin, then two, four and eight 2 % lower each; 1 % above the average; a stop 10 % below the first price."""
    return b4.ladder.dca(
        m.close > 0,
        size=b4.size.qty(1),
        steps=3,
        step=0.02,
        multiplier=2,
        take=b4.take.fixed(pct=0.01),
        stop=b4.stop.fixed(pct=0.1),
        budget=15,
    )


def test_dca_takes_everything_above_the_average_and_begins_again() -> None:
    data = bars(
        flat(100.1),
        flat(100.0),  # the first coin at the open
        (100.0, 100.0, 97.5, 98.5),  # through 98
        (98.5, 98.5, 95.0, 95.5),  # through 96
        (95.5, 97.0, 95.5, 96.9),
        (96.9, 98.5, 96.9, 98.0),  # average 97.142…, × 1.01 = 98.114…, rounded up to the tick
        flat(98.0),
    )
    assert fills(dca, data) == [(1, 1.0, 100.0), (2, 2.0, 98.0), (3, 4.0, 96.0), (5, -7.0, 98.2), (6, 1.0, 98.0)]


def test_a_bar_through_all_steps_and_the_stop_leaves_nothing() -> None:
    data = bars(flat(100.0), flat(100.0), (100.0, 100.0, 60.0, 70.5), flat(70.5))
    found = fills(dca, data)
    first = [(1, 1.0, 100.0), (2, -1.0, 90.0)]  # what was held is stopped before the steps fill
    steps = [(2, 2.0, 98.0), (2, 4.0, 96.0), (2, 8.0, 94.0), (2, -2.0, 90.0), (2, -4.0, 90.0), (2, -8.0, 90.0)]
    assert found == [*first, *steps, (3, 1.0, 70.5)]


@pytest.mark.parametrize("short", [True, False])
def test_quotes_stay_within_their_inventory(short: bool) -> None:
    @b4.strategy(on=b4.bars("1h"))
    def maker(m):
        return b4.quotes(m.close, 0.6, b4.size.qty(1), levels=2, step=0.4, skew=0.9, max_inventory=3, short=short)

    result = b4.backtest(maker, perpetuals(walk(800, 3)), cash=100_000, record=False, **FREE)
    lot = float(result.market.instruments[0].lot_size)
    held = result.records["fills"]["position"] * lot
    assert len(held) > 200
    # Both levels of one side may fill in the bar in which the room was for both.
    assert held.max() == pytest.approx(3.0)
    assert held.min() == pytest.approx(-3.0 if short else 0.0)
    assert result.records["fills"]["maker"].all()
