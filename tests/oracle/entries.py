"""Entries: signals that open, add to, turn and close a position in units (docs/semantics.md, section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .checks import Checks
from .money import sign
from .protect import Protection
from .records import ENTRY, EXIT_SIGNAL, STOP_TIME, SUPERSEDED, TAKE, Counters, Signal
from .sizes import lots_of, shared
from .targets import Send, grows, order_to, possible
from .venue import Venue


class Entries:
    """The entries of all assets that have them."""

    def __init__(self, protection: Protection, checks: Checks, program: Mapping[str, Any], count: Counters) -> None:
        self.protection, self.checks, self.program, self.count = protection, checks, program, count
        self.venue: Venue = protection.venue
        self.ledger = self.venue.ledger
        own = program.get("entries", [])
        self.specs = {a: spec for a, spec in enumerate(protection.specs) if any(spec is one for one in own)}
        self.last_exit: dict[
            int, tuple[int, int]
        ] = {}  # rows seen and decision time of the bar in which a position ended

    def decide(self, now: int, deciding: Sequence[int], signals: Mapping[int, Signal], equity: int) -> list[Send]:
        """Cancels what is superseded; returns what is to be sent."""
        mine = [a for a in deciding if a in self.specs]
        wants: dict[int, int] = {}  # desired lots
        opens: list[int] = []
        sends = []
        for a in mine:
            if self.protection.time_is_up(a, now):
                close = self.ledger.marks[a]
                sends.append(Send(False, a, 0, partial(self.protection.exit, a, now, close, STOP_TIME, now)))
                continue
            desired = self._desired(a, signals[a], equity, now)
            if desired == "opens":
                opens.append(a)
            elif isinstance(desired, int):
                wants[a] = desired
        wants |= self._opened(opens, wants, {s.asset for s in sends}, signals, equity)
        for a, desired in wants.items():
            working = self.protection.working(a)
            if working is not None:
                self.venue.cancel(working, SUPERSEDED, now)
            reason = ENTRY if desired else EXIT_SIGNAL
            act = partial(order_to, self.venue, self.checks, a, desired, equity, now, signals[a], reason)
            sends.append(Send(grows(self.ledger.positions[a].lots, possible(self.venue, a, desired)), a, 0, act))
        return sends

    def _signals(self, signal: Signal) -> tuple[bool, bool]:
        """Long and short; both together are neither."""
        unit = signal.unit
        assert unit is not None
        return unit.long and not unit.short, unit.short and not unit.long

    def _side(self, a: int, signal: Signal) -> int:
        long, short = self._signals(signal)
        return long - short

    def _desired(self, a: int, signal: Signal, equity: int, now: int) -> int | str | None:
        """The lots to hold, "opens" for a new position that others may compete with, None for no change."""
        unit = signal.unit
        assert unit is not None
        side = self._side(a, signal)
        blocked = self._blocked(a, side, now)
        position, working = self.ledger.positions[a].lots, self.protection.working(a)
        flying = working.left if working is not None else 0
        mine = sign(position) or sign(flying)
        if mine == 0:
            return "opens" if side and not blocked else None
        if unit.exit or side == -mine:
            return self._out(a, mine, signal, equity, blocked)
        if side == mine and not flying and not blocked and len(self.ledger.positions[a].orders) < self._most(a):
            added = self._unit(a, signal, equity)
            return position + side * added if added else None
        return None

    def _most(self, a: int) -> int:
        most: int = self.specs[a].get("max_units", 1)  # type: ignore[union-attr]
        return most

    def _out(self, a: int, mine: int, signal: Signal, equity: int, blocked: bool) -> int | None:
        """Out, or over to the other side; None where that is under way."""
        position, working = self.ledger.positions[a].lots, self.protection.working(a)
        flying = working.left if working is not None and working.reason != TAKE else 0
        if self._side(a, signal) == -mine and not blocked:
            if sign(position + flying) == -mine:
                return None
            unit = self._unit(a, signal, equity)
            if unit:
                return -mine * unit
        return 0 if position + flying else None

    def _blocked(self, a: int, side: int, now: int) -> bool:
        """Whether new units are held back: after a stop, take or liquidation, or for the cool-down after any exit."""
        state, spec = self.protection.assets[a], self.specs[a]
        assert spec is not None
        if spec["rearm"]["mode"] == "new_signal" and side != state.stopped:
            state.stopped = 0
        rows = self.venue.rows[a]
        if over(spec["rearm"], rows - state.stopped_row, now - state.stopped_at):
            state.stopped = 0
        cooldown = spec.get("cooldown")
        if cooldown is not None and a in self.last_exit:
            row, decision = self.last_exit[a]
            if not over({"mode": "cooldown", **cooldown}, rows - row, now - decision):
                return True
        return state.stopped != 0

    def _unit(self, a: int, signal: Signal, equity: int) -> int:
        """The lots of one unit; one below a lot is counted."""
        spec, unit = self.specs[a], signal.unit
        assert spec is not None
        assert unit is not None
        kind, per_unit = spec["size"]["unit"], unit.per_unit
        if kind == "risk" and spec["size"].get("per_unit") is None:
            fixed = [s["kind"] for s in spec["stops"] if s["kind"] != "time"].index("fixed")
            per_unit = signal.distances[fixed]
        lots = 0
        if unit.size is not None and unit.size >= 1 and (kind != "risk" or (per_unit is not None and per_unit >= 1)):
            whole = spec.get("max_positions") is not None
            size = unit.size if whole else shared(unit.size, spec, self.program, len(self.ledger.instruments))
            mine = self.ledger.to_settlement(a, equity)
            lots = lots_of(self.ledger.instruments[a], kind, size, self.ledger.marks[a], mine, per_unit)
        self.count.rejected_units += lots < 1
        return lots

    def _opened(
        self,
        opens: list[int],
        wants: Mapping[int, int],
        leaving: set[int],
        signals: Mapping[int, Signal],
        equity: int,
    ) -> dict[int, int]:
        """The new positions of this decision, the largest priority first; a unit below a lot takes no place."""
        held = sum(self._counts(a, wants, leaving) for a in self.specs)

        def place(a: int) -> tuple[bool, float, int]:
            unit = signals[a].unit
            assert unit is not None
            return unit.priority is None, -(unit.priority or 0.0), a

        out: dict[int, int] = {}
        for a in sorted(opens, key=place):
            spec = self.specs[a]
            assert spec is not None
            most = spec.get("max_positions")
            if most is not None and held + len(out) >= most:
                continue
            unit = self._unit(a, signals[a], equity)
            if unit:
                out[a] = self._side(a, signals[a]) * unit
        return out

    def _counts(self, a: int, wants: Mapping[int, int], leaving: set[int]) -> bool:
        """Whether an asset has a position, also in flight, after this decision's exits."""
        if a in leaving:
            return False
        if a in wants:
            return wants[a] != 0
        return self.ledger.positions[a].lots + self.checks.in_flight(a) != 0

    def ended(self, a: int, decision: int) -> None:
        """Remembers the bar in which a position was closed or turned."""
        self.last_exit[a] = (self.venue.rows[a], decision)


def over(rule: Mapping[str, Any], rows: int, ms: int) -> bool:
    """Whether a hold has run its time."""
    if rule["mode"] == "cooldown":
        return bool(rows >= rule["bars"]) if "bars" in rule else bool(ms >= rule["ms"])
    return bool(rule["mode"] == "immediate")
