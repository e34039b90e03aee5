"""Every fill one bar later: against a ledger kept by hand, and against a strategy that decides a bar later by itself."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import bot4 as b4
from bot4.backtest.walkforward.splits import Span
from bot4.gate.collect.late import late, late_returns
from tests.gate.worlds import DAY, START, STRATEGY, World

FIRST, DAYS = 20, 700
SPAN = Span(START + FIRST * DAY, START + DAYS * DAY)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two coins of 700 days."""
    return World(tmp_path_factory.mktemp("late"))


def run(world, text=STRATEGY, **settings):
    """One run of a strategy's text, without funding."""
    path = world.folder / f"s{abs(hash(text))}.py"
    path.write_text(text)
    held = {"funding_default": 0.0, "record": False, "start": SPAN.start_ms, **settings}
    return b4.backtest(str(path), world.data, **held)


def by_hand(result, files):
    """A ledger: each fill at the open of the next day, slipped as it was, its fee in proportion; marked at each close."""
    fills = result.columns.table("fills")
    tick = [asset.tick for asset in result.columns.assets]
    lot = [asset.lot for asset in result.columns.assets]
    bars = [pl.read_parquet(file) for file in files]
    equity = dict(zip(result.columns.equity_ts.tolist(), (result.columns.equity / 1e8).tolist(), strict=True))
    cash, held, worth, found = 0.0, [0, 0], 0.0, []
    for day in range(FIRST, DAYS):
        for n in range(len(fills["asset"])):
            asset, row = int(fills["asset"][n]), int(fills["row"][n])
            if row + 1 != day:
                continue
            opened = round(bars[asset]["open"][day] / tick[asset])
            ticks = round(opened * int(fills["ticks"][n]) / int(fills["base_ticks"][n]))
            lots = int(fills["lots"][n])
            cash -= lots * lot[asset] * ticks * tick[asset]
            cash -= round(int(fills["fee"][n]) * ticks / int(fills["ticks"][n])) / 1e8
            held[asset] += lots
        now = cash + sum(held[a] * lot[a] * bars[a]["close"][day] for a in (0, 1))
        opening = equity.get(START + day * DAY, result.stats.start_equity)
        found.append((now - worth) / opening)
        worth = now
    return found


def test_it_is_a_ledger_kept_by_hand(world):
    result = run(world)
    assert len(result.columns.table("fills")["asset"]) > 100
    found = late_returns(result, SPAN)
    np.testing.assert_allclose(found, by_hand(result, world.data), rtol=0, atol=1e-12)
    plain = np.diff(np.concatenate([[1.0], np.cumprod(1 + result.daily_returns[1])]))
    assert np.abs(found[: len(plain)] - plain).max() > 1e-4


def test_it_is_nearly_the_strategy_that_decides_a_bar_later(world):
    """Nearly: that one sizes its orders by the equity and price of a bar later."""
    later = STRATEGY.replace("u.close.returns(fast)", "u.close.returns(fast).shift(1)")
    found, wanted = late_returns(run(world), SPAN), late_returns(run(world, later), SPAN)
    itself = run(world, later).daily_returns[1]
    both = min(len(found), len(itself))
    assert np.corrcoef(found[-both:], itself[-both:])[0, 1] > 0.99
    assert np.corrcoef(found[-both:], wanted[-both:])[0, 1] < 0.98


def test_what_would_come_after_the_last_bar_does_not_happen(world):
    result = run(world)
    before, after = result.columns.table("fills"), late(result.columns).table("fills")
    last = np.count_nonzero(before["row"] == DAYS - 1)
    assert len(after["asset"]) == len(before["asset"]) - last
    assert (np.diff(after["ts"]) >= 0).all()
    assert set(after) == set(before)


def test_a_run_without_fills_earns_nothing(world):
    idle = STRATEGY.replace("u.close.returns(fast) > 0.0", "u.close < 0.0")
    assert not late_returns(run(world, idle), SPAN).any()
