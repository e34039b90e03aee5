"""The control report of a run: from its journal, how often and when each control acted, and through which states the guard went.

Reads the journal alone (docs/journal.md); the run itself is not needed.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .catalogue import ACTIVE, STOPS, Control
from .errors import RiskError
from .policy import E9

BREAKER = "breaker"
"""Cause of orders that a circuit breaker refused."""
COUNTED = ("losing_streak", "repeated_orders", "operator")
"""Layers whose values are counts."""


@dataclass(frozen=True)
class Acted:
    """How often one active control acted: orders that it cut, cancelled, refused or sent, or of a layer decisions. Times are UTC ms."""

    id: str
    metric: str
    count: int
    first_ms: int | None
    last_ms: int | None


@dataclass(frozen=True)
class Step:
    """One record of the guard; `value` and `limit` are fractions, or counts."""

    ts_ms: int
    before: str
    after: str
    layer: str
    value: float
    limit: float
    equity: float


@dataclass(frozen=True)
class Change:
    """One record of a circuit breaker: `number` counts the components of its kind; `value` and `limit` in the source's own units. `refused`
    are orders that breakers refused from then until a later change of any: those of one decision share them."""

    ts_ms: int
    kind: str
    number: int
    before: str
    after: str
    source: str
    value: int
    limit: int
    refused: int


@dataclass(frozen=True)
class ControlReport:
    """What a run's controls did. `policy` is what the engine was told (docs/design.md), None for a run without one."""

    name: str
    policy: dict[str, Any] | None
    rows: int
    orders: int
    controls: tuple[Acted, ...]
    guard: tuple[Step, ...]
    breakers: tuple[Change, ...]
    last_state: str


def control_report(folder: str | Path) -> ControlReport:
    """Returns the report of a journal. Raises RiskError for a folder without one, EngineError where the journal is corrupt."""
    from bot4 import _engine
    from bot4.records.journal import records

    if not Path(folder).is_dir():
        raise RiskError(f"{folder} is not a folder; give the folder that --journal wrote.")
    codes = _engine.reason_codes()
    states, layers, causes, reasons = (codes[table] for table in ("guard_state", "layer", "cause", "reason"))
    setup: dict[str, Any] = {}
    seen: dict[str, list[int]] = {}
    guard: list[Step] = []
    breakers: list[Change] = []
    orders = rows = 0
    for record in records(folder):
        fields = record.fields
        if record.kind == "begin":
            setup = dict(fields)
        elif record.kind == "order":
            orders += 1
            for name in {causes[fields["cause"]], reasons[fields["reason"]]}:
                seen.setdefault(name, []).append(int(fields["ts"] if fields["status"] == 3 else fields["done_ts"]))
        elif record.kind == "guard":
            step = _step(fields, states, layers)
            guard.append(step)
            seen.setdefault(step.layer, []).append(step.ts_ms)
        elif record.kind == "breaker":
            breakers.append(_change(fields, codes))
        elif record.kind in ("check", "end"):
            rows = int(fields["rows"])
    policy = json.loads(setup["config"]).get("policy") if "config" in setup else None
    return ControlReport(
        str(setup.get("about", {}).get("name", "")), policy, rows, orders, tuple(_acted(seen)), tuple(guard),
        tuple(_effects(breakers, seen)),
        guard[-1].after if guard else states[0],
    )  # fmt: skip


def _acted(seen: dict[str, list[int]]) -> Iterator[Acted]:
    for control in ACTIVE:
        times = _times(control, seen)
        yield Acted(control.id, control.metric, len(times), min(times, default=None), max(times, default=None))


def _times(control: Control, seen: dict[str, list[int]]) -> list[int]:
    """Returns when a control acted: of a layer its records in the guard, of a limit the orders with its code, of a stop any code."""
    codes = control.codes if control in STOPS else control.codes[:1]
    return [time for code in codes for time in seen.get(code, [])]


def _change(fields: Any, codes: dict[str, dict[int, str]]) -> Change:
    kinds, states, trips = (codes[table] for table in ("breaker_kind", "breaker_state", "trip"))
    return Change(
        int(fields["ts"]), kinds[fields["kind"]], int(fields["index"]), states[fields["from"]], states[fields["to"]],
        trips[fields["trip"]], int(fields["value"]), int(fields["limit"]), 0,
    )  # fmt: skip


def _effects(changes: list[Change], seen: dict[str, list[int]]) -> Iterator[Change]:
    """Yields the changes with the orders refused after each; breakers change before anything opens at a decision."""
    refused, times = sorted(seen.get(BREAKER, [])), [change.ts_ms for change in changes]
    for change in changes:
        later = bisect_right(times, change.ts_ms)
        until = bisect_left(refused, times[later]) if later < len(times) else len(refused)
        yield replace(change, refused=until - bisect_left(refused, change.ts_ms))


def _step(fields: Any, states: dict[int, str], layers: dict[int, str]) -> Step:
    layer = layers[fields["layer"]]
    unit = 1 if layer in COUNTED else E9
    return Step(
        int(fields["ts"]), states[fields["from"]], states[fields["to"]], layer,
        fields["value"] / unit, fields["limit"] / unit, fields["equity"] / 1e8,
    )  # fmt: skip
