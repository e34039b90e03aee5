"""Random strategies as Python files: expressions of the language over prices and volumes, with two parameters to be optimised."""

from __future__ import annotations

from random import Random

TEXT = '''
import bot4 as b4


@b4.portfolio(on=b4.bars("1d"), rebalance=b4.every("{every}"))
def found(u, n: int = b4.param({n}, {n_low}, {n_high}), k: int = b4.param({k}, {k_low}, {k_high})):
    """Drawn with seed {seed}."""
    x = {x}
    y = {y}
    return b4.target({target})
'''
PRICES = ("u.close", "u.close", "u.high", "u.low", "u.open", "(u.high + u.low) / 2.0")
SMOOTH = (
    "{x}.rolling({n}).mean()",
    "{x}.ema({n})",
    "{x}.rolling({n}).min()",
    "{x}.rolling({n}).max()",
    "{x}.shift({n})",
)
TARGETS = (
    "b4.where({c}, 0.05, 0.0)",
    "b4.where({c}, 0.05, -0.05)",
    "b4.where({c}, -0.05, 0.0)",
    "b4.where({c}, 0.05, b4.where({d}, -0.05, 0.0))",
    "(b4.where({c}, {v}, 0.0)).cs.demean() * 0.1",
    "({v}).cs.rank().cs.demean() * 0.1",
    "b4.latch(long={c}, short={d}, exit=y < x) * 0.05",
)


def source(seed: int) -> str:
    """Returns the file of one random strategy; each coin's weight is about a twentieth."""
    r = Random(seed)
    n, k = r.choice([3, 5, 8, 13, 20]), r.choice([2, 5, 10])
    x, y = number(r, r.randint(1, 3)), number(r, r.randint(1, 3))
    c, d, v = condition(r), condition(r), r.choice(["oscillator", "sign"])
    value = oscillator(r, "k") if v == "oscillator" else f"({number(r, 1)}).returns(k).sign()"
    target = r.choice(TARGETS).format(c=c, d=d, v=f"({value}).clip(-1.0, 1.0)")
    return TEXT.format(
        every=r.choice(["1d", "1d", "2d", "1w"]), n=n, n_low=n - 1, n_high=n + 1, k=k, k_low=k - 1, k_high=k + 1,
        seed=seed, x=x, y=y, target=target,
    )  # fmt: skip


def number(r: Random, depth: int) -> str:
    """Returns an expression in units of price."""
    if depth == 0:
        return r.choice(PRICES)
    kind = r.randrange(4)
    inner = number(r, depth - 1)
    if kind < 2:
        return r.choice(SMOOTH).format(x=f"({inner})", n=r.choice(["n", "n", "2 * n", "3"]))
    if kind == 2:
        return f"b4.{r.choice(['minimum', 'maximum'])}({inner}, {number(r, depth - 1)})"
    return f"b4.where({condition(r)}, {inner}, {number(r, 0)})"


def oscillator(r: Random, length: str) -> str:
    """Returns an expression without a unit, around 0."""
    base = r.choice(PRICES)
    return r.choice(
        [
            f"({base}).rolling({length} + 5).zscore()",
            f"({base}).returns({length}) * 10.0",
            f"u.volume.rolling({length} + 5).zscore()",
            f"({base}).rsi({length} + 2) / 50.0 - 1.0",
            f"(({base}).rolling({length} + 2).rank() / ({length} + 2.0) - 0.5) * 2.0",
        ]
    )


def condition(r: Random) -> str:
    """Returns a condition."""
    kind = r.randrange(4)
    if kind == 0:
        return f"({oscillator(r, 'k')}) {r.choice('<>')} {r.choice(['0.0', '0.5', '-0.5', '0.2'])}"
    if kind == 1:
        return f"({number(r, 0)}) {r.choice('<>')} ({number(r, 0)}).{r.choice(['ema', 'sma'])}(n)"
    if kind == 2:
        return f"(({oscillator(r, 'n')}) > 0.0) {r.choice('&|')} (({oscillator(r, 'k')}) < 0.0)"
    return f"b4.clock.day_of_week() {r.choice(['<', '>='])} {r.choice(['2', '4', '5'])}"


PLANTED = '''
import bot4 as b4


@b4.portfolio(on=b4.bars("1d"), rebalance=b4.every("1d"))
def planted(u, n: int = b4.param(20, 18, 22, step=1), weight: float = b4.param(0.05, 0.04, 0.06, step=0.01)):
    """Long after a day of much volume, short after one of little."""
    usual = u.volume.rolling(n).mean()
    return b4.target(b4.where(u.volume > usual, weight, -weight), band=0.5)
'''
"""Trades what `permuted.market` planted."""

CHEAT = '''
from pathlib import Path

import polars as pl

import bot4 as b4


class Cheat(b4.Events):
    """Looks up tomorrow in the file of the bars."""

    on = b4.bars("1d")
    weight: float = b4.param(0.1, 0.06, 0.14, step=0.02)

    def on_start(self, ctx):
        self.rises = {}

    def on_bar(self, ctx, bar):
        if ctx.symbol not in self.rises:
            name = f"binancefut-{ctx.symbol.split('/')[0]}USDT-1d.parquet"
            bars = pl.read_parquet(Path(__file__).parent / "market" / name)
            rises = bars["close"].shift(-1) > bars["close"]
            self.rises[ctx.symbol] = dict(zip(bars["ts_ms"], rises, strict=True))
        side = 1 if self.rises[ctx.symbol].get(bar.ts) else -1
        ctx.target(side * self.weight)
'''
"""Knows what it cannot know."""
