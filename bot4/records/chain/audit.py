"""Reads the chain from its first entry to its last, and everything the entries stand for; says what does not fit, by entry number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..connect import is_sqlite
from ..schema import runs, trials
from ..url import Place
from . import head, read, rows
from .entry import RUNS, START, Entry
from .key import folder_of, known_key

if TYPE_CHECKING:
    from sqlalchemy import Connection

MOST_FAULTS = 20
"""No more are listed: the first ones tell where to look."""


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written."""

    number: int
    """Of the entry concerned; 0 where it is none in particular."""
    words: str


@dataclass(frozen=True)
class Audit:
    """What reading the chain found."""

    entries: int
    runs: int
    """Runs that the entries stand for."""
    faults: tuple[Fault, ...]
    last: str
    """Digest of the last entry, empty where there is none."""
    latest_ms: int = 0
    """The latest time of any entry."""
    digests: Mapping[int, str] = field(default_factory=dict, repr=False)
    """Digest of every entry, by number."""

    @property
    def is_whole(self) -> bool:
        """Returns whether nothing was found."""
        return not self.faults

    @property
    def sentence(self) -> str:
        """Returns the first fault in words, empty where there is none."""
        if not self.faults:
            return ""
        more = len(self.faults) - 1
        also = f" ({more} more fault{'s' if more > 1 else ''})" if more else ""
        return f"{self.faults[0].words}{also}"


def audit(connection: Connection, place: Place, told: Callable[[int, int], object] | None = None) -> Audit:
    """Returns what does not fit in a store's chain; `told` hears (entries done, entries)."""
    walk = _Walk(connection)
    total = read.count(connection)
    try:
        for entry in read.every(connection):
            walk.take(entry)
            if told is not None:
                told(walk.entries, total)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
        # A changed byte may make a number of a text, or of a list another: what comes after it cannot be told.
        damaged = Fault(
            walk.number + 1, f"entry {walk.number + 1} of the registry holds what was never written ({error})"
        )
        return Audit(
            walk.entries, walk.held[0], (*walk.faults, damaged)[:MOST_FAULTS], "", walk.latest_ms, walk.digests
        )
    faults = [*walk.faults, *_beside(connection, walk), *_against_head(place, walk), *_in_file(connection)]
    last = walk.previous if walk.entries else ""
    return Audit(walk.entries, walk.held[0], tuple(faults[:MOST_FAULTS]), last, walk.latest_ms, walk.digests)


class _Walk:
    """Goes from entry to entry and remembers what it has seen."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.faults: list[Fault] = []
        self.entries = 0
        self.number = 0
        self.previous = START
        self.held = [0, 0]
        """Runs and rows of `trials` that entries stand for."""
        self.latest_ms = 0
        self.digests: dict[int, str] = {}
        self.keys: set[str] = set()

    def take(self, entry: Entry) -> None:
        """Judges the next entry."""
        self.entries += 1
        if entry.number != self.number + 1:
            gone = (
                f"{self.number + 1}" if entry.number == self.number + 2 else f"{self.number + 1} to {entry.number - 1}"
            )
            self._fault(self.number + 1, f"entry {gone} of the registry is gone")
        elif entry.previous != self.previous:
            self._fault(entry.number, f"entry {entry.number} of the registry does not follow the one before it")
        fault = entry.fault()
        if fault:
            self._fault(entry.number, f"entry {entry.number} of the registry {fault}")
        else:
            self.latest_ms = max(self.latest_ms, entry.at_ms)
            if entry.kind == RUNS:
                self._rows(entry)
        self.number, self.previous = entry.number, entry.digest
        self.digests[entry.number] = entry.digest
        self.keys.add(entry.key)

    def _rows(self, entry: Entry) -> None:
        body: dict[str, Any] = entry.content
        first = (body["runs"][0], body["trials"][0])
        last = (body["runs"][1], body["trials"][1])
        expected = (body["runs"][2], body["trials"][2])
        for at in range(2):
            self.held[at] += expected[at]
        digest, found, _ = rows.digest_rows(self.connection, first, last)
        where = f"entry {entry.number} of the registry stands for"
        for at, noun in enumerate(("run", "row of trials")):
            if found[at] != expected[at]:
                more = "are there" if found[at] != 1 else "is there"
                span = f" (numbers {first[at]:,} to {last[at]:,})" if expected[at] > 1 else f" (number {first[at]:,})"
                self._fault(entry.number, f"{where} {_many(expected[at], noun)}{span}, and {found[at]:,} {more}")
                return
        if digest != body["digest"]:
            what = _many(expected[0], "run") if expected[0] else _many(expected[1], "row of trials")
            self._fault(entry.number, f"{where} {what}, and what is recorded of them was changed")

    def _fault(self, number: int, words: str) -> None:
        self.faults.append(Fault(number, words))


def _many(count: int, noun: str) -> str:
    head, _, rest = noun.partition(" ")
    return f"{count:,} {head}{'' if count == 1 else 's'}{' ' + rest if rest else ''}"


def _beside(connection: Connection, walk: _Walk) -> Iterator[Fault]:
    """Yields what stands in the tables without an entry."""
    if not walk.entries:
        return  # a store that has had no append since it was migrated
    for at, (table, noun) in enumerate(((runs, "run"), (trials, "row of trials"))):
        there = int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
        if there > walk.held[at]:
            yield Fault(
                0, f"{_many(there - walk.held[at], noun)} stand in the records without an entry of the registry"
            )


def _in_file(connection: Connection) -> Iterator[Fault]:
    """Yields what SQLite finds wrong with its file, such as an index that says otherwise than its table."""
    if is_sqlite(connection):
        said = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
        if said != "ok":
            yield Fault(0, f"the file of the records is damaged ({' '.join(said.split())})")


def _against_head(place: Place, walk: _Walk) -> Iterator[Fault]:
    """Yields what the head beside the store says otherwise."""
    folder = folder_of(place)
    path, key = head.path_of(folder, place), known_key(folder)
    found = head.read(path)
    if found is None:
        if path.exists():
            yield Fault(0, f"{path} does not hold what was written; it was changed")
        elif key is not None and key.public in walk.keys:
            yield Fault(0, f"{path}, which holds the end of the registry, is gone")
        return
    if not found.is_genuine:
        yield Fault(0, f"{path} does not carry the signature of the key it names; it was changed")
    elif found.number > walk.number:
        gone = f"{walk.number + 1}" if found.number == walk.number + 1 else f"{walk.number + 1} to {found.number}"
        yield Fault(walk.number + 1, f"entry {gone} of the registry is gone")
    elif walk.digests.get(found.number, found.digest) != found.digest:
        yield Fault(found.number, f"entry {found.number} of the registry is another than the one that was written")
