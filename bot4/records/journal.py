"""Journals read back: verified, listed, exported, replayed (docs/journal.md).

A journal is a folder that a run wrote; everything here but `repair` only reads it. The layout of each record comes from the engine, so
that there is one table of fields and not two.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import polars as pl

JournalKind = Literal["control", "tape"]
Start = Literal["chosen", "first", "newest"]
NS_PER_MS = 1_000_000

_CODES = {"u8": "B", "i8": "b", "u32": "I", "u64": "Q", "i64": "q", "f64": "d", "hash": "32s", "id": "16s"}


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """One record: its number, time (ms since 1970 UTC), kind, the number of the tape's record seen last, and its fields.

    A tape's `bars` and `fine` hold several bars: their fields are lists.
    """

    number: int
    time_ms: int
    kind: str
    tape: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A run made again from its journal. `difference` is the number of the first record of the control journal that came out
    otherwise, with its kind; None where everything is the same. `equity` is in 1e-8 of the account currency, times are UTC ms. `begun`
    are the rows taken from a snapshot. Of a run that was cut off (not `is_whole`) `further` are outcomes of its last row that are not
    in the journal, `untaken` records at the tape's end that nothing had come of yet. `notes` names snapshots that were passed over."""

    rows: int
    ts: int
    equity: int
    state_hash: str
    positions: tuple[tuple[str, int], ...]
    working: int
    tape_records: int
    compared: int
    further: int
    untaken: int
    difference: tuple[int | None, str] | None
    begun: int
    is_whole: bool
    notes: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Returns whether nothing differs."""
        return self.difference is None


@dataclass(frozen=True, slots=True)
class Costs:
    """What open lots cost, and the profit of what was closed and of what is held, before fees; 1e-8 of the currency."""

    cost: int
    realised: int
    unrealised: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One instrument: signed lots, fills, turnover, fees, what it carried (funding, borrow interest, the venue's fund), its value at the
    last close, and its costs by the average and by first in, first out. Amounts are 1e-8 of `currency`."""

    symbol: str
    venue: str
    currency: str
    lots: int
    fills: int
    turnover: int
    fees: int
    carried: int
    value: int
    average: Costs
    fifo: Costs


@dataclass(frozen=True, slots=True)
class WalletRow:
    """One wallet in its currency: what it began with, interest, transfers, and what it is worth with its positions; 1e-8."""

    currency: str
    start: int
    interest: int
    transfers: int
    equity: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The books of a journal. `balanced`: every wallet's equity less its start is the sum of realised, unrealised, carried, interest
    and transfers less fees, by both costs; `recorded_equity` is what the run itself recorded last (1e-8, account currency)."""

    strategy: str
    instruments: tuple[LedgerRow, ...]
    wallets: tuple[WalletRow, ...]
    recorded_equity: int | None
    balanced: bool


def ledger(folder: str | Path) -> Ledger:
    """Books a run again from its fills and what money moved, by average and FIFO cost side by side.

    Raises EngineError for a journal that cannot be read, or was written before journals told what money moved.
    """
    from bot4 import _engine

    found = dict(_engine.journal_ledger(str(folder)))
    rows = [row | {"average": Costs(**row["average"]), "fifo": Costs(**row["fifo"])} for row in found["instruments"]]
    found["instruments"] = tuple(LedgerRow(**row) for row in rows)
    found["wallets"] = tuple(WalletRow(**row) for row in found["wallets"])
    return Ledger(**found)


def verify(folder: str | Path) -> dict[str, dict[str, Any]]:
    """Reads both journals from the first byte to the last and returns what each holds: segments, blocks, first, next, bytes, chain, notes.

    Raises EngineError with file and offset of the first byte that is not what was written.
    """
    from bot4 import _engine

    return _engine.journal_verify(str(folder))


@dataclass(frozen=True, slots=True)
class Repaired:
    """One journal after a repair: its records, the number of the oldest that is kept, file and offset from which on bytes were cut (None
    where nothing was), and what else was written anew, in words."""

    records: int
    first: int
    cut: tuple[str, int] | None
    notes: tuple[str, ...]


def repair(folder: str | Path, *, accept_loss: bool = False) -> dict[str, Repaired]:
    """Makes both journals right again after a crash: cuts torn tails, which were never acknowledged, and writes damaged marks anew.

    `accept_loss`: whether to cut as well what the page cache lost when the machine went down. Raises EngineError for what is corrupt,
    which is not touched, and while another process writes.
    """
    from bot4 import _engine

    found = _engine.journal_repair(str(folder), accept_loss)
    return {kind: Repaired(**{**one, "notes": tuple(one["notes"])}) for kind, one in found.items()}


def replay(folder: str | Path, until_ms: int | None = None, start: Start = "chosen") -> Replayed:
    """Makes the run again from the tape alone and compares every outcome with the control journal.

    With `until_ms` only up to the last row decided at or before then. `start`: the `first` row, the `newest` snapshot (a recovery), or
    `chosen`: the newest snapshot before `until_ms` where that is given, or where the tape's beginning has rotated away; else the first
    row. Raises EngineError for a journal that cannot be read.
    """
    from bot4 import _engine

    found = dict(_engine.journal_replay(str(folder), until_ms, start))
    found["positions"], found["notes"] = tuple(found["positions"]), tuple(found["notes"])
    if found["difference"] is not None:
        number, kind = found["difference"]
        found["difference"] = (None if number == 2**64 - 1 else number, kind)
    return Replayed(**found)


def records(
    folder: str | Path, kind: JournalKind = "control", first: int = 0, count: int | None = None
) -> Iterator[JournalRecord]:
    """Yields up to `count` records from number `first` on. Raises EngineError where the journal is corrupt or absent."""
    from bot4 import _engine

    known = _layouts(kind)
    for number, time, code, version, tape, payload in _engine.journal_read(str(folder), kind, first, count):
        name, fields = known.get((code, version), (f"{code}.{version}", None))
        yield JournalRecord(number, time // NS_PER_MS, name, tape, _decoded(name, fields, payload))


def tail(folder: str | Path, kind: JournalKind = "control", count: int = 10) -> list[JournalRecord]:
    """Returns the last `count` records."""
    end = int(verify(folder)[kind]["next"])
    return list(records(folder, kind, max(0, end - count), count))


def frame(folder: str | Path, name: str) -> pl.DataFrame:
    """Returns all records of one kind as a frame: `number, time_ms, tape`, then the kind's fields (`bars` and `fine`: one row a bar).

    Raises KeyError for a kind there is not.
    """
    import polars as pl

    homes: dict[str, JournalKind] = {n: kind for kind in ("control", "tape") for n, _ in _layouts(kind).values()}
    rows: list[dict[str, Any]] = []
    for record in records(folder, homes[name]):
        if record.kind == name:
            head = {"number": record.number, "time_ms": record.time_ms, "tape": record.tape}
            rows += [head | row for row in _rows(record)]
    return pl.DataFrame(rows)


def _rows(record: JournalRecord) -> list[dict[str, Any]]:
    if record.kind not in ("bars", "fine"):
        return [dict(record.fields)]
    names = list(record.fields)
    return [dict(zip(names, values, strict=True)) for values in zip(*record.fields.values(), strict=True)]


@cache
def _layouts(kind: JournalKind) -> dict[tuple[int, int], tuple[str, tuple[tuple[str, str], ...]]]:
    """Returns name and fields of every kind of record, by code and version."""
    from bot4 import _engine

    found = _engine.journal_layouts()
    return {(code, found["version"]): (name, tuple(fields)) for code, name, fields in found[kind]}


def _decoded(name: str, fields: tuple[tuple[str, str], ...] | None, payload: bytes) -> Mapping[str, Any]:
    if fields is None:
        return {"bytes": payload.hex()}
    if fields[0][1] == "json":
        return dict(json.loads(payload))
    form = struct.Struct("<" + "".join(_CODES[kind] for _, kind in fields))
    names = [name for name, _ in fields]
    if name in ("bars", "fine"):
        return dict(zip(names, zip(*form.iter_unpack(payload), strict=True), strict=True))
    values = form.unpack(payload)
    plain = {n: v.hex() if isinstance(v, bytes) else v for n, v in zip(names, values, strict=True)}
    return plain | _named(name, plain)


def _named(name: str, fields: Mapping[str, Any]) -> dict[str, str]:
    """Returns the codes of an order's life and of money moved by their names."""
    if name == "cash":
        return {"kind": _words()["cash"][fields["kind"] - 1]}
    if name != "state":
        return {}
    words = _words()
    lists = {"event": "events", "from": "states", "to": "states", "effect": "effects"}
    return {field: words[listed][fields[field]] for field, listed in lists.items()}


@cache
def _words() -> dict[str, Any]:
    from bot4 import _engine

    return _engine.order_table()
