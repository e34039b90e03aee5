"""What an entry stands for: the digest of run records, and of the rows that the count of trials reads, as they stand in the store."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..read import instruments_of
from ..schema import runs, trials

if TYPE_CHECKING:
    from sqlalchemy import Connection

RUN_COLUMNS = (
    "id", "at_ms", "kind", "identity", "name", "params", "interval_ms", "start_ms", "end_ms", "config", "seed",
    "data_hash", "stats", "daily_start_ms", "daily_returns", "version", "group_id", "ordinal", "command",
)  # fmt: skip
TRIAL_COLUMNS = (
    "id", "group_id", "start_ms", "end_ms", "late_start_ms", "early_end_ms", "trial_keys", "spans",
)  # fmt: skip


class Digest:
    """Takes rows in order of their numbers and gives one hash for all of them."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()
        self.count = 0

    def add(self, row: Mapping[str, Any], columns: Sequence[str], instruments: Iterable[str]) -> None:
        """Takes one row: its columns and the instruments that its universe names."""
        texts, raw = [], []
        for name in columns:
            value = row[name]
            if isinstance(value, (bytes, memoryview)):
                raw.append(bytes(value))
                texts.append(f"b{len(value)}")
            else:
                text = "" if value is None else str(value)
                texts.append(f"{'n' if value is None else 't'}{len(text)} {text}")
        # A damaged file may give bytes where a text was: another digest then, and no fault of ours.
        names = " ".join(map(str, instruments))
        head = "\n".join((*texts, names)).encode()
        self._state.update(b"%d " % len(head) + head + b"".join(raw))
        self.count += 1

    def hexdigest(self) -> str:
        """Returns the hash so far, 64 hex digits."""
        return self._state.hexdigest()


def digest_rows(
    connection: Connection, first: tuple[int, int], last: tuple[int, int]
) -> tuple[str, tuple[int, int], list[int]]:
    """Returns (digest, (runs, trials) found, numbers of those runs) of the rows in the store from `first` to `last`, each (run, trial)."""
    found = Digest()
    held = [_rows(connection, table, first[at], last[at]) for at, table in enumerate((runs, trials))]
    names = instruments_of(connection, {row["universe_id"] for rows in held for row in rows})
    for rows, columns in zip(held, (RUN_COLUMNS, TRIAL_COLUMNS), strict=True):
        for row in rows:
            found.add(row, columns, names.get(row["universe_id"], ()))
    return found.hexdigest(), (len(held[0]), len(held[1])), [int(row["id"]) for row in held[0]]


def _rows(connection: Connection, table: sa.Table, first: int, last: int) -> list[Mapping[Any, Any]]:
    query = sa.select(table).where(table.c.id.between(first, last)).order_by(table.c.id)
    return list(connection.execute(query).mappings().all())
