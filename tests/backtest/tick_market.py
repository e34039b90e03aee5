"""Ticks for tests: a small seeded market, and a stretch of the real recording where it is there."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bot4.data.instrument import make_instrument
from bot4.data.ticks import FIRST, LAST, SNAPSHOT, Best, Depth, Ticks, Trades
from bot4.data.ticks.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORDING = "ticks/binance-l2/usdm-btcusdt_20240808.gz"
START_NS = 1_700_000_000_000_000_000
MS = 1_000_000
Level = tuple[int, int, int]


class Maker:
    """A book of a few levels that walks at random, with trades at its best prices."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.depth: list[tuple[int, ...]] = []
        self.trades: list[tuple[int, ...]] = []
        self.now = START_NS
        self.mid2 = 20_001
        self.levels: dict[tuple[int, int], int] = {}

    def feed(self) -> int:
        """Returns how long the news takes: 1 to 4 ms."""
        return int(self.random.integers(1, 5)) * MS

    def message(self, levels: Iterable[Level], flags: int = 0) -> None:
        """Appends a message of level changes; within one that a move crosses, the dead side goes first."""
        rows = list(levels)
        local = self.arrival()
        for at, (side, ticks, lots) in enumerate(rows):
            own = flags | (FIRST if at == 0 else 0) | (LAST if at == len(rows) - 1 else 0)
            self.depth.append((self.now, local, side, ticks, lots, own))
            self.levels[side, ticks] = lots
            if not lots:
                del self.levels[side, ticks]

    def arrival(self) -> int:
        """Returns when what happens now is known: never before what happened earlier."""
        self.last = max(getattr(self, "last", 0), self.now + self.feed())
        return self.last

    def around(self) -> list[Level]:
        """Returns the changes to five levels a side around the mid."""
        bid, ask = (self.mid2 - 1) // 2, (self.mid2 + 1) // 2
        wanted = {(1, bid - k): int(self.random.integers(2, 40)) for k in range(5)}
        wanted |= {(-1, ask + k): int(self.random.integers(2, 40)) for k in range(5)}
        gone = [(side, ticks, 0) for side, ticks in self.levels if (side, ticks) not in wanted]
        return gone + [(side, ticks, lots) for (side, ticks), lots in wanted.items()]

    def step(self) -> None:
        """Takes a step: time passes, something trades or changes, sometimes the price moves."""
        self.now += int(self.random.integers(1, 60)) * MS
        kind = self.random.random()
        if kind < 0.3:
            side = 1 if self.random.random() < 0.5 else -1
            ticks = (self.mid2 - 1) // 2 if side > 0 else (self.mid2 + 1) // 2
            lots = min(int(self.random.integers(1, 15)), self.levels[side, ticks])
            self.trades.append((self.now, self.arrival(), ticks, lots, int(side > 0), len(self.trades)))
            left = self.levels[side, ticks] - lots
            self.message([(side, ticks, left if left else 1)])
        elif kind < 0.8:
            side, ticks = list(self.levels)[int(self.random.integers(len(self.levels)))]
            self.message([(side, ticks, int(self.random.integers(1, 40)))])
        else:
            self.mid2 += 2 * int(self.random.integers(-1, 2))
            self.message(self.around())

    def ticks(self) -> Ticks:
        """Returns everything as the store has it."""
        depth = np.array(self.depth, dtype=np.int64).T
        trades = np.array(self.trades, dtype=np.int64).T
        instrument = replace(
            make_instrument("made", "A", "USDT", "linear"), tick=(1, 1), lot=(1, 3), min_notional=(0, 0)
        )
        return Ticks(instrument, Depth(*depth), Trades(*trades), Best.empty(), Clock("none", 0, 0, 0, 0, 0, 0))


def made(seed: int = 3, steps: int = 1_500) -> Ticks:
    """Returns a seeded market of about `steps` · 30 ms."""
    maker = Maker(seed)
    maker.message(maker.around(), SNAPSHOT)
    for _ in range(steps):
        maker.step()
    return maker.ticks()


def recording() -> Path:
    """Returns the real recording; skips where it is not there."""
    path = Path(os.environ.get("BOT4_TEST_DATA", "../shared/data")) / RECORDING
    if not path.exists():
        pytest.skip(f"{path} is not there; set BOT4_TEST_DATA")
    return path


def real(seconds: int) -> Ticks:
    """Returns the first seconds of the real recording."""
    from bot4.data.ticks import load

    ticks = load(recording())[0]
    end = ticks.span_ns[0] + seconds * 1_000_000_000
    depth, trades = ticks.depth, ticks.trades
    return replace(
        ticks,
        depth=depth.take(depth.local_ns <= end),
        trades=trades.take(trades.local_ns <= end),
        best=ticks.best.take(ticks.best.local_ns <= end),
    )
