"""The registry in the store of the run records: read when it is whole and the clock runs forward, written in one transaction a step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot4.records.store import RecordStore
from bot4.report import text

from ..errors import GateError
from .book import Book

if TYPE_CHECKING:
    from bot4.records.chain.audit import Audit
    from bot4.records.chain.entry import Entry

Told = Callable[[int, int], object]
CLOCKS_MS = 2_000
"""How far the clocks of machines that share a store may differ."""


def clock_ms() -> int:
    """Returns what the machine's clock says."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Registry:
    """The gate's entries of one store. Every entry is written at `now_ms`, the time at which it was opened."""

    store: RecordStore
    now_ms: int
    audit: Audit
    book: Book

    @classmethod
    def read(cls, store: RecordStore | None = None, now_ms: int | None = None, told: Told | None = None) -> Registry:
        """Returns the registry after every entry, and everything it stands for, was verified.

        Raises GateError where something was changed or deleted, with the entry's number, and where the clock is behind the last entry.
        """
        store = RecordStore() if store is None else store
        now_ms = clock_ms() if now_ms is None else now_ms
        audit = store.audit(told)
        if not audit.is_whole:
            raise GateError(
                f"{audit.sentence}: the registry in {store.place.shown} is not what was written, and nothing can be judged from it; "
                "put a backup in its place"
            )
        if now_ms < audit.latest_ms - CLOCKS_MS:
            raise GateError(
                f"the clock says {text.minute(now_ms)} and the last entry of the registry was written at {text.minute(audit.latest_ms)}: "
                "it runs backwards; set it right"
            )
        return cls(store, now_ms, audit, Book(store.entries()))

    def write(self, kind: str, body: Mapping[str, Any], check: Callable[[Book], object] | None = None) -> Entry:
        """Writes an entry; `check` sees the book while no other process can write, and what it raises leaves everything as it is."""
        return self.store.append_entry(
            kind, body, self.now_ms, None if check is None else lambda entries: check(Book(entries))
        )
