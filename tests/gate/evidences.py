"""Small evidence for tests, from a seed."""

from __future__ import annotations

import numpy as np

from bot4.gate.evidence import Daily, Evidence, Registration, Trades, Trials
from bot4.gate.finding import Settings

DAY = 86_400_000
START = 1_600_000_000_000 // DAY * DAY


def registration(**changed):
    """A registration of one parameter on two assets."""
    held = {
        "id": "0123456789ab",
        "created_ms": START + 100 * DAY,
        "strategy": "momentum.py:momentum",
        "identity": "f" * 64,
        "parameters": {"fast": 10, "risk": 0.1, "long_only": True},
        "grid": [{"fast": 10}, {"fast": 12}],
        "universe": ("BTC/USDT", "ETH/USDT"),
        "interval": "1h",
        "data_digest": "e" * 64,
        "data_start_ms": START,
        "data_end_ms": START + 10 * DAY,
        "design": "walk-forward",
        "split": {"purge_ms": 0},
        "costs": {"maker_bps": 2.0},
        "settings": Settings(),
        "seed": 1,
    }
    return Registration(**{**held, **changed})


def small(days=4, assets=2, configurations=2, seed=3):
    """Evidence of a few days, every array filled."""
    rng = np.random.default_rng(seed)

    def table(*shape):
        return rng.normal(0.001, 0.02, size=shape)

    when = START + DAY * np.arange(2 * days, dtype=np.int64)
    volatility = np.abs(table(days, assets))
    volatility[0] = np.nan
    ones = np.ones(3, dtype=np.int64)
    trades = Trades(when[:3], when[1:4], 0 * ones, ones, np.abs(table(3)), table(3), 0 * ones)
    return Evidence(
        registration=registration(),
        look=1,
        first_days=days,
        openings=1,
        clock_ms=int(when[-1] + DAY),
        out=Daily(when[days:], table(days)),
        inside=Daily(when[:days], table(days)),
        stress={"costs_2x": table(days), "delay_1": table(days)},
        gross=table(days),
        trades=trades,
        rebalances=3,
        asset_pnl=table(days, assets),
        exposure=np.abs(table(days)),
        traded=np.abs(table(days, assets)),
        volume=np.abs(table(days, assets)) * 1e6,
        volatility=volatility,
        market=Daily(when, table(2 * days)),
        neighbours=table(2 * days, configurations),
        neighbour_days=when,
        trials=Trials(0, 0, 1.0, "no run of the records opened these days"),
        equity=10_000.0,
    )
