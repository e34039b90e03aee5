"""What the JSON of `bot4 rehearse` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass

from bot4.live.rehearse import JournalFault, Stage


@dataclass(frozen=True)
class Rehearsed:
    """`bot4 rehearse`: threads and times of the pipeline, and whether a backtest has the same bits.

    `difference` is the first table that differs, or `state`; null where none does. `fault` is how the journal's disk failed, null
    where it did not. `stages` are by name, times in nanoseconds.
    """

    strategy: str
    bars: int
    rows: int
    orders: int
    fills: int
    trades: int
    equity: float
    state_hash: str
    seconds: float
    threads: int
    shards: int
    cores: int
    pinned: bool
    spun: bool
    compared: bool
    difference: str | None
    fault: JournalFault | None
    stages: dict[str, Stage]
    counters: dict[str, int]
    wire: dict[str, int]
