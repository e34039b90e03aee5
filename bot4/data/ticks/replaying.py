"""The replay of ticks from Python: settings by name, latencies as values; the engine does the rest (`docs/ticks.md`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot4 import _engine
from bot4.data.ticks.columns import Depth, Trades
from bot4.data.ticks.store import Ticks

Latency = Mapping[str, Any]
NS_PER_MS = 1_000_000


def constant(ms: float) -> Latency:
    """Returns a latency that is always the same."""
    return {"constant_ns": round(ms * NS_PER_MS)}


def log_normal(median_ms: float, sigma: float) -> Latency:
    """Returns a latency of median × exp(sigma × normal)."""
    return {"median_ns": round(median_ms * NS_PER_MS), "sigma": float(sigma)}


def drawn(samples_ns: Sequence[int]) -> Latency:
    """Returns a latency that is one of the samples, drawn anew each time."""
    return {"drawn_ns": [int(ns) for ns in samples_ns]}


def recorded(at_ns: Sequence[int], ns: Sequence[int]) -> Latency:
    """Returns a latency read along recorded samples: straight between them, constant beyond the ends."""
    return {"recorded": [[int(at), int(latency)] for at, latency in zip(at_ns, ns, strict=True)]}


def engine_columns(depth: Depth, trades: Trades) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the columns as the engine borrows them."""
    return depth.columns(), trades.columns()


def replay(
    ticks: Ticks,
    *,
    queue: str = "pessimistic",
    exponent: float = 1.0,
    realism: str = "strict",
    entry: Latency | None = None,
    cancel: Latency | None = None,
    response: Latency | None = None,
    recovery_ms: float = 1_000.0,
    max_orders: int = 256,
    seed: int = 7,
) -> _engine.TickReplay:
    """Returns a replay that stands before the first row; raises `EngineError` for settings and columns that cannot be right.

    `queue="exact"` needs a recording of orders by number (L3). `entry` (1 ms) is of orders and amends, `cancel` (as `entry`) of cancels,
    `response` (1 ms) of reports; `recovery_ms` is how long what we took takes to come back; `max_orders` bounds the orders at the venue
    and on their way.
    """
    way = constant(1.0) if entry is None else entry
    config = {
        "queue": queue,
        "exponent": exponent,
        "realism": realism,
        "entry": way,
        "cancel": way if cancel is None else cancel,
        "response": constant(1.0) if response is None else response,
        "recovery_ns": round(recovery_ms * NS_PER_MS),
        "max_orders": max_orders,
        "seed": seed,
    }
    orders = ticks.orders.columns() if ticks.orders.rows else None
    return _engine.TickReplay(*engine_columns(ticks.depth, ticks.trades), json.dumps(config), orders)
