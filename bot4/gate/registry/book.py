"""The gate's entries of the chain, read: registrations and what became of them. Refuses what overlaps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot4.report import text
from bot4.report.columns import DAY_MS

from .. import boundary, canonical
from ..errors import GateError
from ..evidence import Registration
from .plan import Plan, plan_of

if TYPE_CHECKING:
    from bot4.records.chain.entry import Entry

REGISTRATION, OPENING, VERDICT, WITHDRAWAL = "registration", "opening", "verdict", "withdrawal"
ONLY_LOOK_DAYS = 3 * 365


@dataclass(frozen=True)
class Judged:
    """A verdict as it was recorded."""

    at_ms: int
    look: int
    days: int
    outcome: str
    next_days: int | None
    evidence: str
    """SHA-256 of the evidence."""
    file: str
    """Name of the signed file."""


@dataclass
class Registered:
    """One registration and what became of it."""

    made: Registration
    number: int
    """Of its entry."""
    openings: list[tuple[int, int]] = field(default_factory=list)
    """(look, days) of each time the days out of sample were opened."""
    verdicts: list[Judged] = field(default_factory=list)
    withdrawn_ms: int | None = None

    @property
    def plan(self) -> Plan:
        """Returns its split."""
        return plan_of(self.made.design, self.made.split)

    @property
    def opened(self) -> int:
        """Returns how often its days were opened beyond what its looks need: 1 for each look's first time together, 1 for every other."""
        return 1 + len(self.openings) - len(set(self.openings)) if self.openings else 0

    @property
    def last(self) -> Judged | None:
        """Returns the last verdict."""
        return self.verdicts[-1] if self.verdicts else None

    @property
    def status(self) -> str:
        """Returns `registered`, `opened`, `PASS`, `EXTEND`, `FAIL` or `withdrawn`."""
        if self.withdrawn_ms is not None:
            return "withdrawn"
        return self.last.outcome if self.last else "opened" if self.openings else "registered"

    @property
    def until_ms(self) -> int:
        """Returns the end of the last day that a look may use."""
        plan = self.plan
        days = plan.first_days
        return plan.out_start_ms + (days if days >= ONLY_LOOK_DAYS else days + boundary.LAST_DAYS) * DAY_MS


class Book:
    """All registrations of a store, by id, oldest first."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.registered: dict[str, Registered] = {}
        for entry in entries:
            self._take(entry.kind, entry.number, entry.at_ms, entry.content)

    def __iter__(self) -> Iterator[Registered]:
        """Yields registrations, oldest first."""
        return iter(self.registered.values())

    def find(self, id: str) -> Registered:
        """Returns the registration that an id, or its beginning, names; the newest for an empty text. Raises GateError for none and for
        several."""
        if not id and self.registered:
            return list(self.registered.values())[-1]
        hits = [one for key, one in self.registered.items() if key.startswith(id.lower())]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise GateError(
                f"{id} begins {len(hits)} registrations: {', '.join(one.made.id for one in hits)}; give more of it"
            )
        known = "`bot4 gate list` shows those there are" if self.registered else "`bot4 gate register` makes the first"
        raise GateError(f"there is no registration{f' {id}' if id else ''}; {known}")

    def check_new(self, made: Registration) -> None:
        """Raises GateError where the same strategy has an overlapping part out of sample already."""
        new = Registered(made, 0)
        for one in self:
            if one.withdrawn_ms is None and _is_family(one.made, made) and _overlap(one, new):
                plan, until = one.plan, text.date(one.until_ms - DAY_MS)
                more = (
                    "register days that come later"
                    if one.openings
                    else f"it was never opened, so `--replace {one.made.id}` takes its place"
                )
                raise GateError(
                    f"registration {one.made.id} of the same strategy has {text.date(plan.out_start_ms)} to {until} out of sample already, "
                    f"and days can be new only once; check that one, or {more}"
                )

    def check_withdrawal(self, id: str) -> Registered:
        """Returns a registration that may be withdrawn. Raises GateError for one that was opened."""
        found = self.find(id)
        if found.openings:
            raise GateError(
                f"registration {found.made.id} has been opened and cannot be replaced; what was seen stays seen"
            )
        return found

    def _take(self, kind: str, number: int, at_ms: int, content: Any) -> None:
        if kind == REGISTRATION:
            made = canonical.decode(Registration, canonical.encode(content), f"entry {number} of the registry")
            self.registered[made.id] = Registered(made, number)
            return
        if kind not in (OPENING, VERDICT, WITHDRAWAL):
            return
        one = self.registered[content["registration"]]
        if kind == OPENING:
            one.openings.append((content["look"], content["days"]))
        elif kind == WITHDRAWAL:
            one.withdrawn_ms = at_ms
        else:
            names = ("look", "days", "outcome", "next_days", "evidence", "file")
            one.verdicts.append(Judged(at_ms, **{name: content[name] for name in names}))


def name_of(strategy: str, found: str) -> str:
    """Returns how a strategy is called in the registry: FILE:NAME; sleeves, whose name is no word, by their file."""
    return strategy if strategy.endswith(f":{found}") or not found.isidentifier() else f"{strategy}:{found}"


def sealed(made: Registration) -> Registration:
    """Returns a registration with its id: the first digits of the digest of everything else."""
    from ..evidence import ID_LENGTH

    bare = dataclasses.replace(made, id="")
    return dataclasses.replace(bare, id=canonical.digest(bare)[:ID_LENGTH])


def _is_family(one: Registration, other: Registration) -> bool:
    return one.identity == other.identity or one.sources.get("name") == other.sources.get("name")


def _overlap(one: Registered, other: Registered) -> bool:
    shares = bool(set(one.made.universe) & set(other.made.universe))
    return shares and one.plan.out_start_ms < other.until_ms and other.plan.out_start_ms < one.until_ms
