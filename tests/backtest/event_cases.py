"""Event classes beside the expressions that say the same, and how two results are compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

import bot4 as b4

from .markets import walk


def run(made: Any, data: Any, **settings: Any) -> Any:
    return b4.backtest(made, data, record=False, **settings)


def same(a: Any, b: Any) -> None:
    """Orders, fills, trades, funding and equity to the last unit; keys by their text."""
    for table in ("orders", "fills", "trades", "funding"):
        for name in a.records[table]:
            if name != "key":  # numbered by first use, in a program by text
                assert np.array_equal(a.records[table][name], b.records[table][name]), (table, name)
    assert a.orders["key"].to_list() == b.orders["key"].to_list()
    assert np.array_equal(a.records["equity"], b.records["equity"])


def with_holes(seed: int, rows: int = 500) -> pl.DataFrame:
    whole = walk(rows, seed)
    return whole.filter(np.random.default_rng(seed).uniform(size=rows) > 0.1)


# --- targets --------------------------------------------------------------------------------------------------------------------


@b4.portfolio(on="1h")
def trend(u):
    fast, slow = u.close.sma(5), u.close.sma(20)
    weight = b4.where(fast > slow, 0.6, b4.where(fast < 0.99 * slow, -0.5, 0.0))
    stops = [b4.stop.fixed(1.5), b4.stop.trailing(2 * u.true_range()), b4.stop.time(40)]
    return b4.target(weight, band=0.05, stop=stops, take=b4.take.fixed(3.0), rearm=4)


class Trend(b4.Events):
    on = "1h"

    def signals(self, m):
        return {"fast": m.close.sma(5), "slow": m.close.sma(20), "range": m.true_range()}

    def on_bar(self, ctx, bar):
        fast, slow = ctx.signal("fast"), ctx.signal("slow")
        weight = 0.6 if fast > slow else -0.5 if fast < 0.99 * slow else 0.0
        stops = [b4.stop.fixed(1.5), b4.stop.trailing(2 * ctx.signal("range")), b4.stop.time(40)]
        ctx.target(weight, band=0.05, stop=stops, take=3.0, rearm=4)


@b4.portfolio(on="1h")
def quotes(u):
    step = 0.6 * u.true_range()
    return b4.orders(
        b4.order.limit("a buy", "buy", 0.2, u.close - step, stop=3 * step, take=2 * step, post_only=True),
        b4.order.limit("b sell", "sell", b4.size.notional(8_000), u.close + step, trail=2 * step, oco="far"),
        b4.order.stop(
            "c break", "buy", b4.size.risk(0.01, per_unit=2 * step), u.close + 2 * step, stop=2 * step, oco="far"
        ),
        b4.order.stop_limit(
            "d fall", "sell", b4.size.qty(20), u.close - 2 * step, u.close - 3 * step, tif="gtd", expires=3
        ),
        b4.order.market("e out", "sell", b4.size.qty(u.pos.qty), while_=u.pos.bars_held > 20, reduce_only=True),
        b4.order.trailing("f trail", "buy", 0.05, 4 * step),
        b4.order.take_profit("g take", "sell", 0.05, u.close + 3 * step, take_at=u.close, stop_at=u.close + 20 * step),
    )


class Quotes(b4.Events):
    """The same, asked for in another order."""

    on = "1h"

    def signals(self, m):
        return {"step": 0.6 * m.true_range()}

    def on_bar(self, ctx, bar):
        step, close, position = ctx.signal("step"), bar.close, ctx.position()
        ctx.take_profit("g take", "sell", 0.05, close + 3 * step, take_at=close, stop_at=close + 20 * step)
        ctx.trailing("f trail", "buy", 0.05, 4 * step)
        if position.bars_held > 20 and position.qty > 0:
            ctx.market("e out", "sell", b4.size.qty(position.qty), reduce_only=True)
        elif "e out" in ctx.orders:
            ctx.cancel("e out")
        ctx.stop_limit("d fall", "sell", b4.size.qty(20), close - 2 * step, close - 3 * step, tif="gtd", expires=3)
        ctx.stop("c break", "buy", b4.size.risk(0.01, per_unit=2 * step), close + 2 * step, stop=2 * step, oco="far")
        ctx.limit("b sell", "sell", b4.size.notional(8_000), close + step, trail=2 * step, oco="far")
        ctx.limit("a buy", "buy", 0.2, close - step, stop=3 * step, take=2 * step, post_only=True)


@b4.portfolio(on="1h")
def dip(u):
    up = u.close > u.close.sma(30)
    return b4.orders(
        b4.order.limit("in", "buy", 0.3, u.close * 0.995, while_=up & u.pos.flat, stop=b4.stop.fixed(2.0)),
        b4.order.market("out", "sell", b4.size.qty(u.pos.qty), while_=~up & u.pos.is_open, reduce_only=True),
    )


class Dip(b4.Events):
    """In and out by the fills it is told, as entries would."""

    on = "1h"

    def signals(self, m):
        return {"mean": m.close.sma(30)}

    def on_start(self, ctx):
        self.held = dict.fromkeys(ctx.symbols, 0.0)

    def on_fill(self, ctx, fill):
        self.held[fill.symbol] = fill.position

    def on_bar(self, ctx, bar):
        up, held = bar.close > ctx.signal("mean"), self.held[bar.symbol]
        if up and not held:
            ctx.limit("in", "buy", 0.3, bar.close * 0.995, stop=2.0)
        elif "in" in ctx.orders:
            ctx.cancel("in")
        if not up and held:
            ctx.market("out", "sell", b4.size.qty(held), reduce_only=True)
        elif "out" in ctx.orders:
            ctx.cancel("out")
