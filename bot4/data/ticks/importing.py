"""Importing: files of any format that is known become ticks, and ticks the store.

Each file is read by the reader that recognises it; recordings of one instrument are put in arrival order one after another; the
local clock is corrected once over all of them; then tick and lot are found and the quality is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot4.data.errors import DataError
from bot4.data.instrument import Exact
from bot4.data.ticks import clock, levels, quality, readers
from bot4.data.ticks.clock import FLOOR_NS
from bot4.data.ticks.columns import Best, Depth, Orders, Trades
from bot4.data.ticks.grid import put_on_grid
from bot4.data.ticks.recording import Recording
from bot4.data.ticks.store import META, Source, Ticks
from bot4.data.ticks.store import read as read_store

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Grid:
    """Tick and lot as a user states them; None: from the decimals seen."""

    tick: Exact | None = None
    lot: Exact | None = None


def load(path: str | Path) -> list[Ticks]:
    """Returns the ticks of a folder of the store, of a folder of such folders, or of a raw recording, imported in memory."""
    where = Path(path).expanduser()
    if (where / META).is_file():
        return [read_store(where)]
    if where.is_dir():
        folders = sorted(folder.parent for folder in where.glob(f"*/{META}"))
        if folders:
            return [read_store(folder) for folder in folders]
    return import_files([where])


def is_ticks(path: str | Path) -> bool:
    """Returns whether a path holds ticks rather than bars: a folder of the store, or a recording that a reader recognises."""
    where = Path(path).expanduser()
    if where.is_dir():
        return (where / META).is_file() or any(where.glob(f"*/{META}"))
    if not where.is_file():
        return False
    return readers.knows(where)


def import_files(paths: Sequence[str | Path], grid: Grid | None = None, floor_ns: int = FLOOR_NS) -> list[Ticks]:
    """Returns the ticks of recordings, one for each instrument, in order of (venue, symbol); raises `DataError`.

    `floor_ns` is the smallest feed latency that a clock found to be wrong is corrected to.
    """
    grid = grid or Grid()
    found: dict[tuple[str, str], list[tuple[Recording, Source]]] = {}
    for path in _files(paths):
        recording, source = _read(path)
        found.setdefault(recording.key, []).append((recording, source))
    return [_made(found[key], grid, floor_ns) for key in sorted(found)]


def _files(paths: Sequence[str | Path]) -> Iterable[Path]:
    for given in paths:
        path = Path(given).expanduser()
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
            if not inside:
                raise DataError(f"{path}: the folder is empty; give the recordings themselves.")
            yield from inside
        elif path.is_file():
            yield path
        else:
            raise DataError(f"{path}: no such file; check the path.")


def _read(path: Path) -> tuple[Recording, Source]:
    raw = path.read_bytes()
    recording, text_bytes = readers.read(path, raw)
    return recording, Source(path.name, hashlib.sha256(raw).hexdigest(), len(raw), text_bytes, recording.lines)


def _made(parts: list[tuple[Recording, Source]], grid: Grid, floor_ns: int) -> Ticks:
    recording = _joined([part for part, _ in parts])
    sources = tuple(source for _, source in parts)
    levels.make(recording)
    corrected = clock.correct(recording, floor_ns)
    label = sources[0].file
    instrument = put_on_grid(recording, label, grid.tick, grid.lot)
    recording.findings.extend(quality.look(recording))
    return Ticks(
        instrument,
        recording.depth,
        recording.trades,
        recording.best,
        corrected,
        sources,
        tuple(recording.findings),
        recording.estimated,
        recording.orders,
    )


def _joined(parts: list[Recording]) -> Recording:
    """Returns recordings of one instrument as one, each kind in arrival order (stable: rows of one time keep their order)."""
    joined = parts[0]
    if len(parts) > 1:
        joined.depth = Depth.concat([part.depth for part in parts])
        joined.trades = Trades.concat([part.trades for part in parts])
        joined.best = Best.concat([part.best for part in parts])
        joined.orders = Orders.concat([part.orders for part in parts])
        joined.lines = sum(part.lines for part in parts)
        joined.findings = [finding for part in parts for finding in part.findings]
        joined.estimated = tuple(sorted({kind for part in parts for kind in part.estimated}))
        scales = {part.decimals for part in parts}
        if len(scales) > 1:
            raise DataError(f"{joined.symbol}: the files are read at different scales; import them one by one.")
    for name in ("depth", "trades", "best", "orders"):
        group = getattr(joined, name)
        if group.rows and (np.diff(group.local_ns) < 0).any():
            setattr(joined, name, group.take(np.argsort(group.local_ns, kind="stable")))
    return joined
