"""What the commands of the gate do, for Python too: register, check, show. Each step is an entry of the registry before the next begins.

Order of a check: registry verified -> code, data and costs compared with the registration -> look found -> days in sample run -> opening
written -> runs -> evidence -> verdict -> signed file -> verdict written. What fails before the opening costs nothing; what fails after
it is an opening.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import canonical
from . import evidence as evidences
from .collect import Opened, gather, inside_days
from .errors import GateError
from .registry import book, file, make
from .registry.due import due
from .registry.store import Registry

if TYPE_CHECKING:
    from .evidence import Evidence, Registration
    from .verdict import Verdict

Told = Callable[[int, int], object]
Stage = Callable[[str, str], AbstractContextManager[Told]]
"""Given what is done and its unit; a context that gives what is told (done, total)."""


@dataclass(frozen=True)
class Checked:
    """What a check gave."""

    evidence: Evidence
    verdict: Verdict
    path: Path
    """The signed file."""


def register(asked: make.Asked, stage: Stage, replace: str | None = None, now_ms: int | None = None) -> Registration:
    """Writes a registration and returns it. `replace`: one that was never opened, which it takes the place of.

    Raises GateError where the registry was changed, for overlapping days, missing costs and what cannot be laid out.
    """
    with stage("registry", "entries") as told:
        registry = Registry.read(now_ms=now_ms, told=told)
    made = make.register(asked, registry.now_ms, (registry.audit.entries, registry.audit.last))
    held = made.registration
    if replace is not None:
        old = registry.book.check_withdrawal(replace).made.id
        registry.book.registered.pop(old)
        registry.book.check_new(held)
        registry.write(book.WITHDRAWAL, {"registration": old}, lambda now: now.check_withdrawal(old))
    registry.write(book.REGISTRATION, json.loads(canonical.encode(held)), lambda now: now.check_new(held))
    return held


def check(
    id: str,
    stage: Stage,
    *,
    data: Sequence[str] | None = None,
    strategy: str | None = None,
    again: bool = False,
    now_ms: int | None = None,
) -> Checked:
    """Takes the look that is due and returns evidence, verdict and signed file.

    data, strategy: other places of the same files. again: the last look once more, which counts as one trial more.
    Raises GateError, and there is no verdict, where something was changed, no look is due, or the evidence is too little.
    """
    with stage("registry", "entries") as told:
        registry = Registry.read(now_ms=now_ms, told=told)
    one = registry.book.find(id)
    made = make.again(one.made, data, strategy)
    look, days = due(one, made.setup.market.end_ms, again=again)
    inside = inside_days(made)
    opening = {"registration": one.made.id, "look": look, "days": days}
    expected = len(one.openings)
    entry = registry.write(book.OPENING, opening, lambda now: _check_alone(now, one.made.id, expected))
    one.openings.append((look, days))
    opened = Opened(look, days, one.opened, registry.now_ms)
    with stage("gate check", "runs") as told:
        found = gather(made, opened, inside, registry.store, told)
    from .verdict import judge

    with stage("verdict", "checks") as told:
        verdict = judge(found, told)
    signed = file.sign(found, verdict, (entry.number, entry.digest), registry)
    path = file.folder(registry) / f"{one.made.id}-{days}-{len(one.openings)}.json"
    path.write_bytes(signed)
    registry.write(
        book.VERDICT,
        {
            "registration": one.made.id,
            "look": look,
            "days": days,
            "outcome": verdict.outcome,
            "next_days": verdict.next_days,
            "evidence": evidences.digest(found),
            "file": path.name,
        },
    )
    return Checked(found, verdict, path)


def _check_alone(now: book.Book, id: str, expected: int) -> None:
    if len(now.find(id).openings) != expected:
        raise GateError(f"another process is checking registration {id} at this moment; wait for it")


def shown(one: book.Registered, registry: Registry) -> Checked | None:
    """Returns the last check of a registration from its signed file, computed again; None where there was none.

    Raises GateError for a file that is gone or was changed.
    """
    if one.last is None:
        return None
    from .verdict import judge

    path = file.folder(registry) / one.last.file
    if not path.exists():
        raise GateError(f"{path}, the signed file of the last check, is gone; put a backup there")
    file.verify(path, registry)
    found = file.read(path)
    return Checked(found.evidence, judge(found.evidence), path)
