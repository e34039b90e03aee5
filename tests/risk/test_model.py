"""Random runs under random policies, judged by the slow guard in `model`."""

from __future__ import annotations

import numpy as np
import pytest

import bot4 as b4
from bot4.risk.policy import Policy
from tests.backtest.markets import HOUR, START, perpetuals, walk

from .model import judge

RUNS = 240


@b4.strategy(on=b4.bars("1h"))
def restless(m, size: float = 2.0, n: int = 3):
    return b4.target(b4.where(m.close > m.close.sma(n), size, -size / 2), band=0.05, budget=3.0)


@b4.strategy(on=b4.bars("1h"))
def stopped(m, size: float = 2.0, n: int = 3):
    return b4.entries(
        long=m.close > m.close.sma(n), exit=m.close < m.close.sma(2 * n), size=b4.size.weight(size),
        stop=b4.stop.fixed(pct=0.02), max_units=2,
    )  # fmt: skip


@b4.strategy(on=b4.bars("1h"))
def listed(m, size: float = 2.0, n: int = 3):
    return b4.orders(
        b4.order.limit(
            "dip", "buy", size=b4.size.weight(size), price=m.close * 0.995, stop=b4.stop.fixed(m.close * 0.03)
        ),
        b4.order.market("out", "sell", size=b4.size.weight(size / 2), when=m.close > m.close.sma(n) * 1.01),
    )


def some_policy(rng: np.random.Generator, symbols: tuple[str, ...]) -> Policy:
    def maybe(*values):
        return None if rng.random() < 0.3 else values[rng.integers(len(values))]

    return Policy(
        hourly_loss=maybe(0.005, 0.02, 0.03),
        daily_loss=maybe(0.02, 0.05, 0.08),
        total_loss=maybe(0.1, 0.2, 0.4),
        drawdown=maybe(0.05, 0.15, 0.3),
        losing_streak=maybe(2, 3, 5),
        repeated_orders=maybe(4, 8) if rng.random() < 0.3 else None,
        risk_per_trade=maybe(0.005, 0.02),
        max_volume_share=maybe(0.001, 0.02),
        orders_per_day=maybe(3, 8),
        instruments=symbols[:1] if rng.random() < 0.15 else None,
    )


@pytest.mark.parametrize("strategy", [restless, stopped, listed], ids=lambda strategy: strategy.name)
def test_guard_and_cuts_are_those_of_the_slow_model(strategy):
    cut = acted = killed = 0
    for seed in range(RUNS // 3):
        rng = np.random.default_rng(seed)
        market = perpetuals(*(walk(300, seed=10 * seed + at) for at in range(rng.integers(1, 4))))
        policy = some_policy(rng, market.symbols)
        result = b4.backtest(
            strategy, market, policy=policy, record=False, size=float(rng.uniform(1, 3)), n=int(rng.integers(2, 9)),
            volume_share=float(rng.choice([0.01, 0.1])), latency_ms=int(rng.choice([0, 1, HOUR])), cash=float(rng.choice([1e4, 1e5])),
        )  # fmt: skip
        trades = result.records["trades"]
        closed = trades["exit_ts"] >= 0

        def profits(t, trades=trades, closed=closed):
            return trades["pnl"][closed & (trades["exit_ts"] == t - HOUR)].tolist()

        cut += judge(result.records, HOUR, policy.engine_terms(market.symbols), profits, START + HOUR)
        acted += len(result.records["guard"]["ts"])
        killed += 4 in result.records["guard"]["to"]
    assert cut > 300
    assert acted > 150
    assert killed > 5
