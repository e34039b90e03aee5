"""Layers of stops: each acts when the one before it fails, and the stop at the venue acts where nobody decides."""

from __future__ import annotations

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.reasons import LAYERS, REASONS
from tests.backtest.markets import FREE, HOUR, START, frame, market, perpetuals

OFF = {
    "account": dict.fromkeys(("hourly_loss", "daily_loss", "total_loss", "drawdown", "max_leverage"), False),
    "portfolio": {"correlation": False},
    "order": {"risk_per_trade": False},
}
# Calm, then 1 % lost each hour.
FALL = np.round(np.concatenate([np.full(6, 100.0), 100 * 0.99 ** np.arange(1, 40)]), 2)


@b4.strategy(on=b4.bars("1h"))
def held(m, stop: float = 0.05):
    """Long from the first bar, with a stop."""
    return b4.target(b4.where(m.close > 0, 1.0, 0.0), stop=b4.stop.fixed(m.close * stop))


@b4.strategy(on=b4.bars("1h"))
def unprotected(m):
    """The fault: its stop's distance is missing, so that none is ever placed."""
    return b4.target(b4.where(m.close > 0, 1.0, 0.0), stop=b4.stop.fixed(m.close * 0.05 / (m.close - m.close)))


@b4.strategy(on=b4.bars("1h"))
def rejected(m):
    """The fault: its stop is an order of its own that the venue refuses, being below the smallest size."""
    return b4.orders(
        b4.order.market("in", "buy", size=b4.size.weight(1.0), when=m.close > 99),
        b4.order.stop("stop", "sell", size=b4.size.qty(0.5), trigger=m.close * 0.95, reduce_only=True),
    )


def policy(**sections):
    return {name: OFF.get(name, {}) | sections.get(name, {}) for name in {*OFF, *sections}}


def run(strategy, bars, limits, **params):
    return b4.backtest(strategy, bars, policy=limits, record=False, funding_default=0.0, **{**FREE, **params})


def acted(result) -> list[str]:
    """Names what acted, by time: reasons of fills that close beside the strategy's own, layers of the guard."""
    fills, guard = result.records["fills"], result.records["guard"]
    own = {"target", "order", "entry", "exit_signal"}
    steps = [(int(ts), 1, REASONS[int(code)]) for ts, code in zip(fills["ts"], fills["reason"], strict=True)]
    steps += [(int(ts), 0, LAYERS[int(code)]) for ts, code in zip(guard["ts"], guard["layer"], strict=True)]
    return [name for _, _, name in sorted(steps) if name not in own]


ALL = {
    "strategy": {"drawdown": 0.08},
    "account": {"drawdown": 0.12},
    "portfolio": {"span": 5, "var_breach": 0.02},
    "venue": {"stop": 0.2},
}


def without(*sections):
    return policy(**{name: keys for name, keys in ALL.items() if name not in sections})


@pytest.mark.parametrize(
    ("strategy", "failed", "first"),
    [
        (held, (), "stop_fixed"),
        (unprotected, ("portfolio",), "strategy_drawdown"),
        (rejected, ("portfolio",), "strategy_drawdown"),
        (unprotected, ("portfolio", "strategy"), "drawdown"),
        (unprotected, ("strategy", "account"), "var_breach"),
        (unprotected, ("portfolio", "strategy", "account"), "venue_stop"),
        (unprotected, ("portfolio", "strategy", "account", "venue"), None),
    ],
    ids=["order", "strategy", "strategy, refused stop", "account", "portfolio", "venue", "none"],
)
def test_each_layer_acts_when_the_one_before_it_fails(strategy, failed, first):
    bars = perpetuals(frame(FALL))
    limits = without(*failed) if strategy is not held else without("portfolio")
    result = run(strategy, bars, limits)
    steps = acted(result)
    assert (steps[0] if steps else None) == first
    if first == "strategy_drawdown":
        assert steps[1] == "drawdown", "what only pauses leaves the position to the next layer"
    if first in ("drawdown", "strategy_drawdown"):
        assert "risk_flatten" in steps
        assert result.guard["to"].to_list()[-1] == "killed"
    if first == "var_breach":
        assert "risk_reduce" in steps
        qty = result.positions["qty"].to_numpy()
        assert ((qty > 0) & (qty < 0.9 * qty.max())).any()
    if first not in (None, "stop_fixed"):
        free = run(strategy, bars, policy())
        assert result.stats.max_drawdown > free.stats.max_drawdown


def crash_inside():
    """One bar falls by half and closes where it opened: no decision ever sees it."""
    bars = frame([100.0] * 12)
    low = bars["low"].to_numpy().copy()
    low[8] = 50.0
    return [bars.with_columns(low=low)]


class Silent(b4.Events):
    """Buys once, and never asks again: the strategy layer is frozen."""

    on = b4.bars("1h")

    def on_start(self, ctx):
        self.is_in = False

    def on_bar(self, ctx, bar):
        if not self.is_in:
            ctx.market("in", "buy", b4.size.weight(0.9))
            self.is_in = True


@b4.strategy(on=b4.bars("1h"))
def laned(m):
    return b4.orders(b4.order.market("in", "buy", size=b4.size.weight(1.0), when=m.close > 99))


@b4.strategy(on=b4.bars("1h"))
def entered(m):
    return b4.entries(long=m.close > 99, size=b4.size.weight(1.0))


@pytest.mark.parametrize("strategy", [unprotected, laned, entered, Silent], ids=["target", "lane", "entry", "events"])
@pytest.mark.parametrize("realism", ["strict", "neutral", "naive"])
def test_the_stop_at_the_venue_acts_inside_the_bar_where_nobody_decides(strategy, realism):
    # Every other layer stands and sees nothing: the bar closes where it opened.
    limits = {"venue": {"stop": 0.25}, "strategy": {"drawdown": 0.01}}
    result = run(strategy, perpetuals(*crash_inside()), limits, realism=realism)
    stop = result.fills.filter(result.fills["reason"] == "venue_stop")
    assert stop.height == 1
    assert stop["price"].to_list() == [75.0]
    assert result.positions["qty"].to_list()[-1] == 0.0
    steps = acted(result)
    assert steps[0] == "venue_stop", "the other layers act on what the stop has realised"
    without_stop = run(strategy, perpetuals(*crash_inside()), {"strategy": {"drawdown": 0.01}}, realism=realism)
    assert acted(without_stop) == []


def test_the_stop_at_the_venue_protects_a_short_and_what_is_added():
    @b4.strategy(on=b4.bars("1h"))
    def short(m):
        return b4.target(b4.where(m.close > 104, -2.0, -1.0), band=0.2, budget=3.0)

    closes = [100.0, 100.0, 105.0, 105.0, 105.0, 130.0, 140.0]
    result = run(short, perpetuals(frame(closes)), policy(venue={"stop": 0.2}), max_leverage=5.0)
    fills = result.fills
    assert fills["reason"].to_list() == ["target", "target", "venue_stop"]
    # (1,000 · 100 + 809 · 105)/1,809 is 102.24, on the grid of whole numbers 103; 103 and ⌈20.6⌉.
    assert fills["qty"].to_list() == [-1_000.0, -809.0, 1_809.0]
    assert fills["price"].to_list()[-1] == 124.0


def test_a_gap_through_the_stop_at_the_venue_fills_at_the_open():
    closes = [100.0, 100.0, 100.0, 60.0, 60.0]
    opens = [100.0, 100.0, 100.0, 58.0, 60.0]
    for strategy in (unprotected, laned):
        result = run(strategy, market(frame(closes, opens=opens)), policy(venue={"stop": 0.25}))
        last = result.fills.row(-1, named=True)
        assert (last["reason"], last["price"]) == ("gap_venue", 58.0)
        assert last["ts"].timestamp() * 1000 == START + 3 * HOUR


def test_a_stop_at_the_venue_ends_what_lanes_have_at_work():
    @b4.strategy(on=b4.bars("1h"))
    def ladder(m):
        return b4.orders(
            b4.order.market("in", "buy", size=b4.size.weight(0.5), when=m.close > 99),
            b4.order.limit("low", "buy", size=b4.size.qty(1.0), price=m.close * 0.4, when=m.close > 99),
        )

    result = run(ladder, perpetuals(*crash_inside()), policy(venue={"stop": 0.25}))
    low = result.orders.filter(result.orders["key"] == "low").row(0, named=True)
    assert (low["status"], low["cause"]) == ("cancelled", "stopped")
    assert result.fills["reason"].to_list() == ["order", "venue_stop"]
