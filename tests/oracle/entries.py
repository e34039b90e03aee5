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
from .targets import Send, grows, order_to
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

    def decide(
        self, now: int, deciding: Sequence[int], signals: Mapping[int, Signal], equity: int, scheduled: bool
    ) -> list[Send]:
        """Cancels what is superseded; returns what is to be sent. New units are `scheduled`, exits are not."""
        wants: dict[int, int] = {}  # desired lots
        opens: dict[int, int] = {}  # of new positions that compete for a place
        sends = []
        for a in [a for a in deciding if a in self.specs]:
            blocked = self._blocked(a, self._side(signals[a]), now) or not scheduled
            if self.protection.time_is_up(a, now):
                close = self.ledger.marks[a]
                sends.append(Send(False, a, 0, partial(self.protection.exit, a, now, close, STOP_TIME, now)))
                continue
            desired, is_new = self._desired(a, signals[a], equity, blocked)
            if desired is not None:
                (opens if is_new else wants)[a] = desired
        wants |= self._allowed(opens, wants, {s.asset for s in sends}, signals)
        for a, desired in sorted(wants.items()):
            working = self.protection.working(a)
            if working is not None:
                self.venue.cancel(working, SUPERSEDED, now)
            self.count.acts[a] += 1
            reason = ENTRY if desired else EXIT_SIGNAL
            act = partial(order_to, self.venue, self.checks, a, desired, equity, now, signals[a], reason)
            sends.append(Send(grows(self.ledger.positions[a].lots, desired), a, 0, act))
        return sends

    def _side(self, signal: Signal) -> int:
        """1 for long, -1 for short, 0 for nothing; both are nothing."""
        assert signal.unit is not None
        return signal.unit.long - signal.unit.short

    def _desired(self, a: int, signal: Signal, equity: int, blocked: bool) -> tuple[int | None, bool]:
        """The lots to hold, None for no change, and whether that is a new position.

        What is in flight counts as the position it leads to; one whose way out works is waited for.
        """
        unit, side = signal.unit, self._side(signal)
        assert unit is not None
        position, working = self.ledger.positions[a].lots, self.protection.working(a)
        resting = working is not None and working.reason == TAKE
        flying = working.left if working is not None and not resting else 0
        heads = sign(position + flying)
        if heads == 0:
            if position or not side or blocked:
                return None, False
            return self._units(a, 0, side, signal, equity), True
        if unit.exit or side == -heads:
            return self._out(a, heads, signal, equity, blocked), False
        if side == heads and working is None and not blocked and len(self.ledger.positions[a].orders) < self._most(a):
            return self._units(a, position, side, signal, equity), False
        return None, False

    def _units(self, a: int, base: int, side: int, signal: Signal, equity: int) -> int | None:
        unit = self._unit(a, side, signal, equity)
        return base + side * unit if unit else None

    def _most(self, a: int) -> int:
        most: int = self.specs[a].get("max_units", 1)  # type: ignore[union-attr]
        return most

    def _out(self, a: int, heads: int, signal: Signal, equity: int, blocked: bool) -> int:
        """Out, or over to the other side; a turn under way that is not wanted any more is called off.

        A turn is an exit and an entry at once, which a cool-down keeps apart.
        """
        position, turns, spec = self.ledger.positions[a].lots, self._side(signal) == -heads, self.specs[a]
        assert signal.unit is not None
        assert spec is not None
        if turns and not signal.unit.exit and sign(position) == -heads:
            return position
        if turns and not blocked and spec.get("cooldown") is None:
            return -heads * self._unit(a, -heads, signal, equity)
        return 0

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

    def _unit(self, a: int, side: int, signal: Signal, equity: int) -> int:
        """The lots of one unit; one below a lot, or short where that cannot be, is counted."""
        spec, unit, i = self.specs[a], signal.unit, self.ledger.instruments[a]
        assert spec is not None
        assert unit is not None
        kind, per_unit = spec["size"]["unit"], unit.per_unit
        if kind == "risk" and spec["size"].get("per_unit") is None:
            fixed = [s["kind"] for s in spec["stops"] if s["kind"] != "time"].index("fixed")
            per_unit = signal.distances[fixed]
        lots = 0
        there = (
            unit.size is not None and unit.size >= 1 and (kind != "risk" or (per_unit is not None and per_unit >= 1))
        )
        if there and not (side < 0 and i.long_only):
            assert unit.size is not None
            whole = spec.get("max_positions") is not None
            size = unit.size if whole else shared(unit.size, spec, self.program, len(self.ledger.instruments))
            lots = lots_of(i, kind, size, self.ledger.marks[a], self.ledger.to_settlement(a, equity), per_unit)
        self.count.rejected_units[a] += lots < 1
        return lots

    def _allowed(
        self, opens: Mapping[int, int], wants: Mapping[int, int], leaving: set[int], signals: Mapping[int, Signal]
    ) -> dict[int, int]:
        """The new positions that this decision may open, the largest priority first."""
        limits: dict[int, int] = {}
        for a in opens:
            spec = self.specs[a]
            assert spec is not None
            if spec.get("max_positions") is not None:
                limits[a] = spec["max_positions"]
        out = {a: desired for a, desired in opens.items() if a not in limits}
        held = sum(self._counts(a, {**wants, **out}, leaving) for a in self.specs)

        def place(a: int) -> tuple[bool, float, int]:
            unit = signals[a].unit
            assert unit is not None
            return unit.priority is None, -(unit.priority or 0.0), a

        for a in sorted(limits, key=place):
            if held < limits[a]:
                out[a] = opens[a]
                held += 1
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
