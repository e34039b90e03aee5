"""An event class trades like the expression that says the same, in every realism, to the last unit; the future changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import bot4 as b4

from .event_cases import Dip, Quotes, Trend, dip, quotes, run, same, trend, with_holes
from .markets import HOUR, START, market, perpetuals, walk

REALISMS = ("strict", "neutral", "naive")


@pytest.mark.parametrize("realism", REALISMS)
@pytest.mark.parametrize("seed", [1, 2])
def test_targets_trade_like_the_expression(realism, seed):
    data = perpetuals(walk(500, seed), with_holes(seed + 10), walk(500, seed + 20))
    settings = {"realism": realism, "latency_ms": 40 * 60_000, "latency_sigma": 0.8}
    a, b = run(Trend, data, **settings), run(trend, data, **settings)
    assert len(a.fills) > 60
    assert {"stop_fixed", "take", "target"} <= set(a.fills["reason"])
    same(a, b)
    assert a.settled_rows == b.settled_rows


@pytest.mark.parametrize("unit", ["notional", "qty"])
def test_every_unit_of_a_target_is_the_languages(unit):
    amount = {"notional": 20_000.0, "qty": 150.0}[unit]

    @b4.portfolio(on="1h")
    def held(u):
        asked: dict[str, Any] = {unit: b4.where(u.close > u.close.shift(3), amount, -amount / 2)}
        return b4.target(**asked, band=0.02)

    class Held(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            close = ctx.history(bar.symbol, 4).close
            if len(close) == 4:
                ctx.target(**{unit: amount if close[3] > close[0] else -amount / 2}, band=0.02)

    data = perpetuals(walk(300, 5), walk(300, 6))
    a, b = run(Held, data), run(held, data)
    assert len(a.fills) > 50
    same(a, b)


def test_a_budget_scales_targets_alike():
    @b4.portfolio(on="1h")
    def rich(u):
        return b4.target(b4.where(u.close > u.close.shift(1), 0.9, 0.1), budget=1.2)

    class Rich(b4.Events):
        on = "1h"
        budget = 1.2

        def signals(self, m):
            return {"up": m.close > m.close.shift(1)}

        def on_bar(self, ctx, bar):
            ctx.target(0.9 if ctx.signal("up") else 0.1)

    data = perpetuals(walk(200, 1), walk(200, 2), walk(200, 3))
    a, b = run(Rich, data), run(rich, data)
    same(a, b)
    assert a.records["counters"]["budget_rows"] == b.records["counters"]["budget_rows"] > 0


def test_a_target_stands_until_it_is_set_again():
    class Once(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            if ctx.position().flat and not ctx.position().pending:
                ctx.target(0.5, stop=2.0, rearm="immediate")

    @b4.portfolio(on="1h")
    def always(u):
        return b4.target(0.5 + 0 * u.close, stop=b4.stop.fixed(2.0), rearm="immediate")

    data = perpetuals(walk(300, 3))
    a, b = run(Once, data), run(always, data)
    assert len(a.trades) > 3
    same(a, b)


# --- orders by key ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("realism", REALISMS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_keyed_orders_with_brackets_trade_like_the_expression(realism, seed):
    data = perpetuals(walk(400, seed), with_holes(seed + 10, 400))
    settings = {"realism": realism, "latency_ms": (seed % 2) * 20 * 60_000, "funding_default": 0.0001}
    a, b = run(Quotes, data, **settings), run(quotes, data, **settings)
    assert len(a.fills) > 70
    assert {"order", "stop", "take", "trail"} <= set(a.fills["reason"])
    same(a, b)


@pytest.mark.parametrize("realism", REALISMS)
def test_what_fills_tell_is_the_position(realism):
    data = market(walk(600, 4), with_holes(9, 600))
    a, b = run(Dip, data, realism=realism), run(dip, data, realism=realism)
    assert len(a.fills) > 40
    same(a, b)


def test_the_order_in_which_assets_are_given_changes_nothing():
    one, two = walk(300, 1), with_holes(2, 300)
    a = run(Quotes, b4.load({"BTC/USDT:USDT": one, "ETH/USDT:USDT": two}))
    b = run(Quotes, b4.load({"ETH/USDT:USDT": two, "BTC/USDT:USDT": one}))
    same(a, b)
    assert a.records["state_hash"] == b.records["state_hash"]


def test_finer_bars_serve_an_event_class_as_an_expression():
    minutes = walk(1_200, 8).with_columns(ts=START + 15 * 60_000 * pl.int_range(1_200, dtype=pl.Int64))
    data = {"BTC/USDT:USDT": minutes}
    a, b = run(Quotes, data, detail="15m"), run(quotes, data, detail="15m")
    assert a.beside.detail.covered > 250
    assert len(a.fills) > 50
    same(a, b)


def test_the_future_changes_nothing_before_it():
    """Bars after a time are scrambled: everything up to it stays as it was, bit for bit."""
    cut = 300
    for made in (Trend, Quotes, Dip):
        whole = [walk(500, 1), walk(500, 2)]
        other = [pl.concat([whole[n][:cut], walk(500, 50 + n)[cut:]]) for n in range(2)]
        a, b = run(made, perpetuals(*whole)), run(made, perpetuals(*other))
        until = START + cut * HOUR
        fills = [r.fills.filter(pl.col("ts").dt.epoch("ms") < until) for r in (a, b)]
        assert len(fills[0]) > 10
        assert fills[0].equals(fills[1])
        asked = (pl.col("ts").dt.epoch("ms") < until) | pl.col("reason").is_in(["order", "target"])
        sent = [
            r.orders.filter((pl.col("ts").dt.epoch("ms") <= until) & asked).select(
                "id", "key", "side", "wanted", "price"
            )
            for r in (a, b)
        ]
        assert sent[0].equals(sent[1])
        assert np.array_equal(a.records["equity"][: cut - 30], b.records["equity"][: cut - 30])
        assert not a.fills.equals(b.fills)
