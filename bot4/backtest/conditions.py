"""Conditions of the venue: times at which it refuses orders of some types. A stress of a run (docs/semantics.md, section 12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import BacktestError

TYPES = ("market", "limit")
FORM = (
    'conditions look like [[condition]] with from = "2022-05-09T12:00", to = "2022-05-09T18:00", refuses = ["market"]'
)


@dataclass(frozen=True)
class Condition:
    """The venue refuses orders of these types that leave at a decision from `from_ms` until before `to_ms` (UTC).

    `market`: market orders; `limit`: every other type. Raises BacktestError where nothing is refused at any time.
    """

    from_ms: int
    to_ms: int
    refuses: tuple[str, ...]

    def __post_init__(self) -> None:
        """Checks times and types."""
        if not self.refuses or (unknown := sorted(set(self.refuses) - set(TYPES))):
            found = f"refuses {unknown[0]!r}" if self.refuses else "refuses nothing"
            raise BacktestError(f"a condition of the venue {found}; give market, limit or both.")
        if self.from_ms >= self.to_ms:
            raise BacktestError("a condition of the venue ends before it begins; give a later to.")

    def terms(self) -> dict[str, Any]:
        """Returns the condition as the engine reads it."""
        return {"from_ms": self.from_ms, "to_ms": self.to_ms, **{name: True for name in TYPES if name in self.refuses}}

    def as_dict(self) -> dict[str, Any]:
        """Returns the condition as `read_conditions` takes it."""
        return {"from": self.from_ms, "to": self.to_ms, "refuses": list(self.refuses)}


def read_conditions(source: object) -> tuple[Condition, ...]:
    """Returns conditions given as themselves, as dicts, or as the path of a TOML file. Raises BacktestError."""
    from bot4.risk.commands import read_tables

    rows: object
    if isinstance(source, (str, Path)):
        rows, where = read_tables(source, "condition", FORM), str(source)
    else:
        rows, where = source, "venue_conditions"
    if not isinstance(rows, Iterable):
        raise BacktestError(f"{where}: {rows!r} is no list; {FORM}.")
    return tuple(_condition(row, where) for row in rows)


def _condition(row: object, where: str) -> Condition:
    from bot4.risk.commands import read_moment

    if isinstance(row, Condition):
        return row
    if (
        not isinstance(row, Mapping)
        or set(row) != {"from", "to", "refuses"}
        or not isinstance(row["refuses"], (list, tuple))
    ):
        raise BacktestError(f"{where}: {row!r} is no condition; {FORM}.")
    begin, end = (read_moment(row[key], where, key) for key in ("from", "to"))
    return Condition(begin, end, tuple(row["refuses"]))
