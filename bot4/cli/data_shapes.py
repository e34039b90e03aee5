"""What `bot4 data import --json` prints."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot4.data.ticks.clock import Clock
from bot4.data.ticks.recording import Finding
from bot4.data.ticks.store import Source


@dataclass(frozen=True)
class ImportedTicks:
    """One instrument of `bot4 data import`: where its ticks lie, on which grid, and what the import noticed."""

    folder: Path
    venue: str
    symbol: str
    tick: str
    lot: str
    depth: int
    trades: int
    best: int
    first_ns: int
    last_ns: int
    clock: Clock
    sources: list[Source]
    findings: list[Finding]
