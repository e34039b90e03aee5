"""Ticks: recordings of order books and trades, imported once, stored as integer columns, read without a copy.

`load(path)` takes the store or a raw recording, `replay(ticks)` puts orders of ours into it,
`features(ticks)` samples it. What the columns mean stands in `docs/ticks.md`.
"""

from bot4.data.ticks.agents import agents
from bot4.data.ticks.columns import ASK, BID, FIRST, GAP, LAST, SNAPSHOT, Best, Depth, Orders, Trades
from bot4.data.ticks.features import Features, features
from bot4.data.ticks.importing import import_files, is_ticks, load
from bot4.data.ticks.replaying import constant, drawn, log_normal, recorded, replay
from bot4.data.ticks.store import Ticks, read, write

__all__ = [
    "ASK",
    "BID",
    "FIRST",
    "GAP",
    "LAST",
    "SNAPSHOT",
    "Best",
    "Depth",
    "Features",
    "Orders",
    "Ticks",
    "Trades",
    "agents",
    "constant",
    "drawn",
    "features",
    "import_files",
    "is_ticks",
    "load",
    "log_normal",
    "read",
    "recorded",
    "replay",
    "write",
]
