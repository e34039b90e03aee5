"""Legs: targets that belong together, and what is done where only some of them could be had (docs/semantics.md, section 8)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .instrument import E9
from .money import half_even, sign, trunc_div
from .protect import Protection
from .records import Counters


@dataclass
class Leg:
    asset: int
    asked: int | None = None  # lots of the target last acted on; None after a target of 0
    side: int = 0  # of the target when the group was flattened
    released: bool = False


@dataclass
class Group:
    legs: list[Leg]
    broken: str
    tolerance_e9: int
    flattened: bool = False
    was_broken: bool = False


class Legs:
    """All groups of a program."""

    def __init__(self, protection: Protection, program: Mapping[str, Any], count: Counters) -> None:
        self.protection, self.ledger, self.count = protection, protection.ledger, count
        targets = program.get("targets", [])
        self.groups = []
        for spec in program.get("legs", []):
            assets = [a for n in spec["targets"] for a, s in enumerate(protection.specs) if s is targets[n]]
            self.groups.append(Group([Leg(a) for a in assets], spec["broken"], half_even(spec["tolerance"], (1, 9))))
        count.broken_legs = [0] * len(self.groups)
        self.raw: dict[int, int | None] = {}  # as last seen, None where it was missing

    def see(self, a: int, raw: int | None) -> None:
        self.raw[a] = raw

    def check(self, deciding: Collection[int]) -> set[int]:
        """Releases flattened groups, finds broken ones; returns the assets that are held at 0."""
        held: set[int] = set()
        for number, group in enumerate(self.groups):
            if not any(leg.asset in deciding for leg in group.legs):
                continue
            if group.flattened:
                self._release(group)
            elif not any(self.protection.working(leg.asset) for leg in group.legs):
                broken = self._is_broken(group)
                self.count.broken_legs[number] += broken and not group.was_broken
                group.was_broken = broken
                if broken and group.broken == "flatten":
                    self._flatten(group)
            if group.flattened:
                held |= {leg.asset for leg in group.legs}
        return held

    def _is_broken(self, group: Group) -> bool:
        """Whether the filled fractions of the legs that want a position lie apart by more than the tolerance."""
        fractions = [
            trunc_div(self.ledger.positions[leg.asset].lots * E9 * sign(leg.asked), abs(leg.asked)) if leg.asked else 0
            for leg in group.legs
            if self.raw.get(leg.asset) != 0 and leg.asked is not None
        ]
        return bool(fractions) and max(fractions) - min(fractions) > group.tolerance_e9

    def _flatten(self, group: Group) -> None:
        group.flattened, group.was_broken = True, False
        for leg in group.legs:
            raw = self.raw.get(leg.asset)
            leg.side = sign(leg.asked or 0) if raw is None else sign(raw)
            leg.asked, leg.released = None, leg.side == 0
            self.protection.assets[leg.asset].acted = 0

    def _release(self, group: Group) -> None:
        for leg in group.legs:
            raw = self.raw.get(leg.asset)
            leg.released |= raw is not None and sign(raw) != leg.side
        group.flattened = not all(leg.released for leg in group.legs)

    def note(
        self,
        acting: Mapping[int, int],
        desired: Mapping[int, int],
        at_zero: Collection[int],
        deciding: Collection[int],
    ) -> dict[int, int]:
        """Notes what acting targets ask for; returns what a broken group sends again, in lots."""
        again: dict[int, int] = {}
        for group in self.groups:
            if group.flattened:
                continue
            idle = not any(self.protection.working(leg.asset) for leg in group.legs)
            completes = group.was_broken and group.broken == "complete" and idle
            for leg in group.legs:
                a = leg.asset
                if a in at_zero:
                    leg.asked = None
                if a not in deciding:
                    continue
                stopped = self.protection.assets[a].stopped != 0
                if acting.get(a):
                    leg.asked = desired[a]
                if completes and leg.asked is not None and a not in acting and not stopped:
                    again[a] = leg.asked
        return again
