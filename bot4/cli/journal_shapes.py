"""What the JSON of `bot4 journal`, `replay`, `orders` and `licence` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot4.records.journal import JournalRecord
from bot4.records.journal import Ledger as Ledger
from bot4.records.journal import Repaired as Repaired
from bot4.records.journal import Replayed as Replayed
from bot4.records.licence import Licence
from bot4.records.licence import Signed as Signed
from bot4.records.orders import OrderId as OrderId
from bot4.records.orders import OrderTable as OrderTable


@dataclass(frozen=True)
class JournalReport:
    """One journal read whole: its segments, blocks and bytes, records from `first` up to before `next`, and the last chain hash."""

    segments: int
    blocks: int
    first: int
    next: int
    bytes: int
    chain: str
    notes: list[str]


@dataclass(frozen=True)
class JournalTail:
    """`bot4 journal tail`."""

    records: list[JournalRecord]


@dataclass(frozen=True)
class LicenceHolds:
    """`bot4 licence verify`: the licence, which holds now."""

    licence: Licence
    holds: bool


SHAPES: dict[str, Any] = {
    "journal ledger": Ledger,
    "journal repair": dict[str, Repaired],
    "journal tail": JournalTail,
    "journal verify": dict[str, JournalReport],
    "licence show": Signed,
    "licence verify": LicenceHolds,
    "orders id": OrderId,
    "orders table": OrderTable,
}
"""Their part of `shapes.SHAPES`."""
