"""Small worlds for the gate: coins as daily bars, a strategy file with two parameters, a store of their own."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import polars as pl

from bot4.gate import perform
from bot4.gate.registry.make import Asked
from bot4.records.store import RecordStore

DAY = 86_400_000
START = 1_577_836_800_000
"""2020-01-01."""
NOW = START + 4_000 * DAY

STRATEGY = '''
import bot4 as b4


@b4.portfolio(on=b4.bars("1d"), rebalance=b4.every("1d"))
def drift(u, fast: int = b4.param(3, 2, 6), weight: float = b4.param(0.4, 0.2, 0.6, step=0.2)):
    """Long what rose, in equal parts."""
    return b4.target(b4.where(u.close.returns(fast) > 0.0, weight, 0.0))
'''
IDLE = '''
import bot4 as b4


@b4.portfolio(on=b4.bars("1d"))
def idle(u, weight: float = b4.param(0.4, 0.2, 0.6, step=0.2)):
    """Holds nothing."""
    return b4.target(b4.where(u.close < 0.0, weight, 0.0))
'''


@contextlib.contextmanager
def quiet(label, unit):
    """A stage that nobody watches."""
    yield lambda done, total: None


def write_bars(folder: Path, days: int, seed: int = 5) -> list[str]:
    """Writes two coins as daily bars that drift upwards, the first `days` of one path, and returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for place, coin in enumerate(("BTC", "ETH")):
        rng = np.random.default_rng([seed, place])
        shocks = rng.normal(0.002, 0.02, size=1_500)
        shocks[1:] += 0.3 * (shocks[:-1] - 0.002)
        close = np.round(100 * np.exp(np.cumsum(shocks)), 2)[:days]
        opens = np.concatenate([[100.0], close[:-1]])
        frame = pl.DataFrame(
            {
                "ts": pl.Series(START + DAY * np.arange(days)).cast(pl.Datetime("ms", "UTC")),
                "open": opens,
                "high": np.round(np.maximum(opens, close) * 1.01, 2),
                "low": np.round(np.minimum(opens, close) * 0.99, 2),
                "close": close,
                "volume": np.full(days, 1e6),
            }
        )
        files.append(str(folder / f"binance-{coin}USDT-1d.parquet"))
        frame.write_parquet(files[-1])
    return files


class World:
    """A folder with bars, a strategy and the records; `BOT4_HOME` must point to `home`."""

    def __init__(self, folder: Path, days: int = 700, strategy: str = STRATEGY) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.data = write_bars(folder / "bars", days)
        self.strategy = folder / "drift.py"
        self.strategy.write_text(strategy)

    @property
    def store(self) -> RecordStore:
        """The records, opened anew."""
        return RecordStore(self.home)

    def asked(self, **changed) -> Asked:
        """What is registered, with changes."""
        held = {"strategy": str(self.strategy), "data": self.data, "settings": {}, "train": "120d", "test": "60d"}
        held["thresholds"] = {"resamples": 200, "blocks": 4}
        return Asked(**{**held, **changed})

    def register(self, now_ms=NOW, replace=None, **changed):
        """Registers and returns the registration."""
        return perform.register(self.asked(**changed), quiet, replace, now_ms)

    def check(self, id, now_ms=NOW + 1_000, **options):
        """Checks and returns what that gave."""
        return perform.check(id, quiet, now_ms=now_ms, **options)
