"""Entries: signals that open, add to, turn and close a position in units (docs/semantics.md, section 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .checks import Checks
from .money import sign
from .protect import Protection
from .records import ENTRY, EXIT_SIGNAL, STOP_TIME, SUPERSEDED, Counters, Signal
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

    def decide(self, now: int, deciding: Sequence[int], signals: Mapping[int, Signal], equity: int) -> list[Send]:
        """Cancels what is superseded; returns what is to be sent."""
        wants: dict[int, int] = {}  # desired lots
        opens: list[int] = []  # new positions, which compete for places
        sends = []
        for a in [a for a in deciding if a in self.specs]:
            blocked = self._blocked(a, self._side(signals[a]), now)
            if self.protection.time_is_up(a, now):
                close = self.ledger.marks[a]
                sends.append(Send(False, a, 0, partial(self.protection.exit, a, now, close, STOP_TIME, now)))
                continue
            if self.ledger.positions[a].lots == 0 and self.checks.in_flight(a) == 0:
                opens += [a] if self._side(signals[a]) and not blocked else []
                continue
            desired = self._desired(a, signals[a], equity, blocked)
            if desired is not None:
                wants[a] = desired
        wants |= self._opened(opens, wants, {s.asset for s in sends}, signals, equity)
        for a, desired in sorted(wants.items()):
            working = self.protection.working(a)
            if working is not None:
                self.venue.cancel(working, SUPERSEDED, now)
            reason = ENTRY if desired else EXIT_SIGNAL
            act = partial(order_to, self.venue, self.checks, a, desired, equity, now, signals[a], reason)
            sends.append(Send(grows(self.ledger.positions[a].lots, desired), a, 0, act))
        return sends

    def _side(self, signal: Signal) -> int:
        """1 for long, -1 for short, 0 for nothing; both are nothing."""
        assert signal.unit is not None
        return signal.unit.long - signal.unit.short

    def _desired(self, a: int, signal: Signal, equity: int, blocked: bool) -> int | None:
        """The lots to hold where there is a position or an order; None for no change. A take's rest is not in flight."""
        unit, side = signal.unit, self._side(signal)
        assert unit is not None
        position, working = self.ledger.positions[a].lots, self.protection.working(a)
        flying = self.checks.in_flight(a)
        mine = sign(position) or sign(flying)
        if unit.exit or side == -mine:
            return self._out(a, mine, position + flying, signal, equity, blocked)
        if side == mine and working is None and not blocked and len(self.ledger.positions[a].orders) < self._most(a):
            added = self._unit(a, side, signal, equity)
            return position + side * added if added else None
        return None

    def _most(self, a: int) -> int:
        most: int = self._spec(a).get("max_units", 1)
        return most

    def _out(self, a: int, mine: int, after: int, signal: Signal, equity: int, blocked: bool) -> int | None:
        """Out, or over to the other side; None where that is under way: `after` is the position with what is in flight."""
        if self._side(signal) == -mine and not blocked:
            if sign(after) == -mine:
                return None
            unit = self._unit(a, -mine, signal, equity)
            if unit:
                return -mine * unit
        return 0 if after else None

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

    def _opened(
        self, opens: list[int], wants: Mapping[int, int], leaving: set[int], signals: Mapping[int, Signal], equity: int
    ) -> dict[int, int]:
        """The new positions that this decision may open, the largest priority first; a unit below a lot takes no place."""

        def place(a: int) -> tuple[bool, float, int]:
            unit = signals[a].unit
            assert unit is not None
            return unit.priority is None, -(unit.priority or 0.0), a

        out: dict[int, int] = {}
        for a in sorted(opens, key=place):
            held = sum(self._counts(b, {**wants, **out}, leaving) for b in self.specs)
            most = self._spec(a).get("max_positions")
            if most is not None and held >= most:
                self.count.ignored_signals[a] += 1
                continue
            side = self._side(signals[a])
            unit = self._unit(a, side, signals[a], equity)
            if unit:
                out[a] = side * unit
        return out

    def _spec(self, a: int) -> Mapping[str, Any]:
        spec = self.specs[a]
        assert spec is not None
        return spec

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
