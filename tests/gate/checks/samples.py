"""Evidence for tests of the checks: whole, of any length and Sharpe ratio, from a seed; every part can be replaced."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from bot4.gate.evidence import Daily, Evidence, Registration, Trades, Trials
from bot4.gate.finding import Finding, Settings

DAY = 86_400_000
START = 1_600_000_000_000 // DAY * DAY
COINS = ("BTC/USDT", "ETH/USDT", "SOL/USDT")


def value_of(one: Finding) -> float:
    """Returns the value of a finding that has one."""
    assert one.value is not None, one.words
    return one.value


def days_from(start: int, count: int) -> Any:
    """Returns so many days from a start, ms."""
    return start + DAY * np.arange(count, dtype=np.int64)


def noise(rng: np.random.Generator, count: int, deviation: float = 0.01) -> Any:
    """Returns fat-tailed returns with mean exactly 0 and a deviation (ddof 1) exactly as given."""
    drawn = rng.standard_t(5, size=count)
    if not count:
        return drawn
    return (drawn - drawn.mean()) / drawn.std(ddof=1) * deviation


def returns_of(sharpe: float, count: int, seed: int = 0, deviation: float = 0.01) -> Any:
    """Returns returns whose annual Sharpe ratio is exactly as given."""
    return noise(np.random.default_rng(seed), count, deviation) + sharpe / math.sqrt(365) * deviation


def registration(**changed: Any) -> Registration:
    """Returns a registration of a strategy with two parameters."""
    grid = [{"fast": fast, "slow": slow} for fast in (10, 12, 14) for slow in (40, 50, 60)]
    held: dict[str, Any] = {
        "id": "0123456789ab",
        "created_ms": START,
        "strategy": "momentum.py:momentum",
        "identity": "f" * 64,
        "parameters": {"fast": 10, "slow": 40},
        "grid": grid,
        "universe": COINS,
        "interval": "1h",
        "data_digest": "e" * 64,
        "data_start_ms": START,
        "data_end_ms": START,
        "design": "walk-forward",
        "split": {"purge_ms": 0},
        "costs": {"taker_bps": 5.0, "half_spread_bps": 1.0},
        "settings": Settings(),
        "seed": 1,
    }
    return Registration(**{**held, **changed})


def evidence(
    sharpe: float = 3.0, out: int = 1_200, inside: int = 600, seed: int = 0, *, first: int | None = None, look: int = 0,
    trades: int = 240, trials: float = 1.0, **changed: Any,
) -> Evidence:  # fmt: skip
    """Returns evidence of a good strategy: `out` days out of sample with this Sharpe ratio after `inside` in sample.

    first: days out of sample at registration; changed: fields of the evidence, and of the registration with the prefix `made_`.
    """
    rng = np.random.default_rng([seed, 1])
    own = returns_of(sharpe, out, seed)
    before, after = days_from(START, inside), days_from(START + DAY * inside, out)
    every = np.concatenate([before, after])
    first = out if first is None else first
    made = {name.removeprefix("made_"): value for name, value in changed.items() if name.startswith("made_")}
    changed = {name: value for name, value in changed.items() if not name.startswith("made_")}
    made.setdefault("data_end_ms", int(after[0]) + DAY * first)
    made.setdefault("created_ms", made["data_end_ms"])
    registered = registration(**made)
    assets = len(registered.universe)
    shares = np.ones(assets) / assets
    whole = np.concatenate([returns_of(sharpe, inside, seed + 1), own])
    configurations = len(registered.grid)
    near = whole[:, None] + 0.003 * rng.standard_normal((len(whole), configurations))
    near[:, 0] = whole
    held = Evidence(
        registration=registered,
        look=look,
        first_days=first,
        openings=1,
        clock_ms=int(after[-1]) + DAY,
        out=Daily(after, own),
        inside=Daily(before, whole[:inside]),
        stress={"costs_2x": own - 0.0001, "delay_1": own - 0.00005},
        gross=own + 0.0001,
        trades=closed_trades(rng, after, trades, assets),
        rebalances=trades * 2,
        asset_pnl=own[:, None] * shares,
        exposure=np.full(out, 0.8),
        traded=np.full((out, assets), 1_000.0),
        volume=np.full((out, assets), 1e9),
        volatility=np.full((out, assets), 0.03),
        market=Daily(every, market(rng, len(every))),
        neighbours=near,
        neighbour_days=every,
        trials=Trials(0, 0, trials, "no run of the records opened these days"),
        equity=10_000.0,
    )
    return dataclasses.replace(held, **changed)


def market(rng: np.random.Generator, count: int) -> Any:
    """Returns a market that rises, falls and goes sideways in turns of 150 days."""
    drift = np.array([0.006, -0.006, 0.0])[np.arange(count) // 150 % 3]
    return noise(rng, count, 0.02) + drift


def closed_trades(rng: np.random.Generator, days: Any, count: int, assets: int) -> Trades:
    """Returns trades of one or two days in turns of the assets, of about equal size; 55 % win."""
    entry = days[0] + (days[-1] - days[0] - 3 * DAY) * np.arange(count, dtype=np.int64) // max(count, 1)
    length = DAY + rng.integers(0, DAY, size=count)
    won = rng.random(count) < 0.55
    pnl = np.where(won, 0.01, -0.009) * rng.uniform(0.5, 1.5, size=count)
    return Trades(
        entry_ms=entry,
        exit_ms=entry + length,
        asset=np.arange(count, dtype=np.int64) % assets,
        side=np.ones(count, dtype=np.int64),
        notional=0.3 * np.exp(0.05 * rng.standard_normal(count)),
        pnl=pnl,
        adds_under_water=(rng.random(count) < 0.05).astype(np.int64),
    )
