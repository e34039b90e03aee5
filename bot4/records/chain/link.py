"""Ties one transaction to the chain: the lock at its beginning, the entry at its end, the head beside the store after its commit."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..url import Place
from . import head, write
from .entry import Entry
from .key import folder_of, machine_key

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Link:
    """What a transaction on a store writes into its chain. Raises RecordsError where the machine's key cannot be used."""

    def __init__(self, place: Place) -> None:
        folder = folder_of(place)
        self._key = machine_key(folder)
        self._head = head.path_of(folder, place)
        self._last: Entry | None = None

    def begin(self, connection: Connection) -> None:
        """Waits for the end of the chain, before the transaction writes anything; takes in the runs of a store without a chain."""
        write.lock(connection)
        write.adopt(connection, self._key)

    def add(self, connection: Connection, written: Iterable[write.Written], counted: Iterable[write.Written]) -> None:
        """Writes the entry of the rows that the transaction has written."""
        self._last = write.append_rows(connection, written, counted, self._key, _now_ms())

    def add_entry(self, connection: Connection, kind: str, body: Mapping[str, Any], now_ms: int) -> Entry:
        """Writes an entry that carries its content whole."""
        self._last = write.append(connection, kind, body, self._key, now_ms)
        return self._last

    def note(self) -> None:
        """Notes the last entry beside the store, once the transaction is committed; the store is whole without it."""
        if self._last is not None:
            with contextlib.suppress(OSError):
                head.write(self._head, self._last, self._key)


@contextlib.contextmanager
def linked(place: Place) -> Iterator[Link]:
    """Gives the link of one transaction, and notes its head where it ended well."""
    link = Link(place)
    yield link
    link.note()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
