"""Strategies that differ in every way a sleeve can, and how a sleeve is held against a run of its own."""

from __future__ import annotations

import numpy as np

import bot4 as b4

ROOMY = {"volume_share": 1.0, "cash": 1_000.0}
SHARED = ("volume_left", "sleeve")
"""Columns that tell of the others: what the bar still had, and whose a row is."""


@b4.strategy
def trend(m, fast: int = b4.param(10, 2, 50)):
    return b4.target(b4.where(m.close > m.close.ema(fast), 0.9, -0.5), band=0.05, stop=b4.stop.trailing(3 * m.atr(5)))


@b4.strategy
def dip(m):
    return b4.entries(
        long=m.close.rsi(2) < 20, exit=m.close > m.close.sma(5), size=0.5, take=0.02 * m.close, max_units=2
    )


@b4.strategy
def quote(m):
    below, above = m.close * 0.995, m.close * 1.01
    return b4.orders(
        b4.order.limit("buy", "buy", size=b4.size.weight(0.3), price=below, stop=0.03 * m.close, take=above - below),
        b4.order.stop(
            "up", "buy", size=b4.size.risk(0.01, per_unit=0.02 * m.close), trigger=above, trail=0.02 * m.close
        ),
    )


@b4.strategy
def feedback(m):
    return b4.target(b4.where(m.pos.bars_held > 7, 0.0, b4.where(b4.account.drawdown < -0.1, 0.2, 0.8)))


@b4.portfolio(rebalance=b4.every("1d"))
def momentum(u):
    return b4.target(u.close.returns(24).cs.scale(gross=1.0), band=0.0)


ALL = {"a": (trend, 0.25), "b": (dip, 0.2), "c": (quote, 0.3), "d": (feedback, 0.125), "e": (momentum, 0.0625)}


def alone(strategy, share, data, cash=1_000.0, **settings):
    return b4.backtest(strategy, data, record=False, **{**ROOMY, "cash": cash * share, **settings})


def same(own: b4.Result, single: b4.Result) -> None:
    """Holds records, frames and statistics of a sleeve against a run of its own; numbers of orders stand in the same order."""
    numbers = {n: i for i, n in enumerate(own.records["orders"]["id"].tolist())}
    for table in ("orders", "fills", "trades", "funding"):
        mine, theirs = own.records[table], single.records[table]
        assert set(theirs) == set(mine)
        for column, values in theirs.items():
            found = mine[column]
            if column in ("id", "order", "parent"):
                found = np.array([numbers.get(n, n) for n in found.tolist()])
            if column not in SHARED:
                assert np.array_equal(found, values), (table, column)
    assert np.array_equal(own.records["equity"], single.records["equity"])
    assert own.records["keys"] == single.records["keys"]
    for name, value in single.records["counters"].items():
        mine, theirs = (
            value if name == "wallets" else {name: value} for value in (own.records["counters"][name], value)
        )
        for column in theirs:
            assert np.array_equal(mine[column], theirs[column]), (name, column)
    assert str(own.stats) == str(single.stats)


def both(data, members=None, **settings) -> b4.Result:
    return b4.backtest(b4.sleeves(**(members or ALL)), data, record=False, **{**ROOMY, **settings})


@b4.strategy
def buyer(m, weight: float = b4.param(1.0, 0.0, 1.0)):
    return b4.target(weight + 0 * m.close)
