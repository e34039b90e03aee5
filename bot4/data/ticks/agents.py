"""Ticks without data: the market of the exchange's agents, every order known by its number (L3), from a seed."""

from __future__ import annotations

import numpy as np

from bot4 import _engine
from bot4.data.errors import DataError
from bot4.data.ticks import clock, levels
from bot4.data.ticks.columns import Best, Depth, Orders, Trades
from bot4.data.ticks.grid import put_on_grid
from bot4.data.ticks.recording import Recording
from bot4.data.ticks.store import Ticks

START_US = 1_764_547_200_000_000  # 2025-12-01, a day like any other
MOST_SECONDS = 86_400
SCALE = 10**8


def agents(seconds: int, seed: int = 7, *, tick: float = 0.01, feed_ms: float = 1.0) -> Ticks:
    """Returns what the exchange's agents trade in so many seconds on BTC/USDT (docs/exchange.md), known `feed_ms` after it happens.

    A coarse `tick`, such as 5.0, makes queues at each price. Raises DataError for settings that cannot be right.
    """
    if not 1 <= seconds <= MOST_SECONDS or not feed_ms > 0 or not 0.01 <= tick <= 1_000:
        raise DataError(
            f"agents({seconds}, tick={tick}, feed_ms={feed_ms}): give 1 to {MOST_SECONDS} seconds, a tick of 0.01 to 1000 and a feed "
            "latency above 0."
        )
    raw = _engine.ticks_of_agents(seconds, seed, START_US, round(tick * SCALE))
    feed_ns = round(feed_ms * 1e6)
    orders, trades = raw["orders"], raw["trades"]
    recording = Recording(
        "bot4",
        "BTC",
        "USDT",
        "spot",
        Depth.empty(),
        Trades(
            trades["ns"],
            trades["ns"] + feed_ns,
            trades["price"],
            trades["quantity"],
            trades["buyer_is_maker"],
            trades["id"],
        ),
        Best.empty(),
        len(orders["ns"]) + len(trades["ns"]),
        orders=Orders(
            orders["ns"],
            orders["ns"] + feed_ns,
            orders["id"],
            orders["kind"],
            orders["side"].astype(np.int8),
            orders["price"],
            orders["quantity"],
        ),
    )
    levels.make(recording)
    corrected = clock.correct(recording, feed_ns)
    instrument = put_on_grid(recording, "agents", (round(tick * SCALE), 8))
    return Ticks(instrument, recording.depth, recording.trades, recording.best, corrected, orders=recording.orders)
