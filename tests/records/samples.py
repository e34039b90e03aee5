"""Records as tests need them."""

from __future__ import annotations

from bot4.records.store import GroupRecord, RunRecord

DAY = 86_400_000
BTC, ETH = "binance:BTC/USDT", "binance:ETH/USDT"


def record(identity="a", instruments=(BTC,), start=0, end=10 * DAY, **changes):
    """Returns a run; every field can be changed."""
    values = {
        "at_ms": 1,
        "identity": identity,
        "name": "trend",
        "params": {"fast": 24},
        "instruments": instruments,
        "interval_ms": 3_600_000,
        "start_ms": start,
        "end_ms": end,
        "config": {"cash": 100},
        "data_hash": "d",
        "stats": {"sharpe": float("nan"), "list": [1.0, float("inf")]},
        "daily_returns": [0.5, -0.25, 1e-17],
        "daily_start_ms": DAY,
        "version": "0",
    }
    return RunRecord(**(values | changes))


def row(ordinal, **changes):
    """Returns one run of a sweep: `fast` is its ordinal."""
    values = {"ordinal": ordinal, "kind": "sweep", "params": {"fast": ordinal}, "stats": {"sharpe": ordinal / 10}}
    return record(**(values | changes))


def sweep(total=10, **spec):
    """Returns a sweep's group."""
    return GroupRecord("sweep", "trend", {"grid": {"fast": [1, 2]}, **spec}, total)
