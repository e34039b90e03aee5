"""A lane: one key on one asset, what it holds and the exits that protect it (docs/semantics.md, section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .money import ceil_div, sign
from .realism import NAIVE, STRICT
from .records import (
    GAP_LIMIT,
    GAP_STOP,
    GAP_TRAIL,
    GAP_TRIGGER,
    NONE,
    NOT_THROUGH,
    OCO,
    REDUCE_ONLY,
    STOP,
    STOPPED,
    TAKE,
    THROUGH,
    TOUCH,
    TRAIL,
    TRIGGER,
    Order,
)
from .venue import Venue

EXITS = ("stop", "trail", "take", "stop_at", "take_at")


@dataclass
class Lane:
    """One key on one asset. `held` and `cost` are unsigned; levels are ticks, None where there is none."""

    asset: int
    key: str
    spec: Mapping[str, Any]
    order: Order | None = None  # that works
    held: int = 0
    cost: int = 0
    before: int = 0  # held when the bar began
    filled_now: bool = False  # its order filled in this bar
    source: Order | None = None  # the order whose fills it holds
    stop: int | None = None
    trail: int | None = None
    take: int | None = None
    high: int = 0
    low: int = 0
    fresh: bool = False  # no mark since the first fill
    stopping: Order | None = None
    taking: Order | None = None
    was: bool = False  # `when` at the previous decision
    permits: int = 0  # times that `after` allows to send

    @property
    def side(self) -> int:
        return int(self.spec["side"])

    @property
    def exits(self) -> list[str]:
        return [name for name in EXITS if (self.spec.get("exits") or {}).get(name) is not None]

    @property
    def free(self) -> bool:
        return not self.exits or (self.held == 0 and self.stopping is None and self.taking is None)

    @property
    def guard(self) -> tuple[int, bool] | None:
        """The effective stop: its level, and whether it is the trail; ties are the stop's."""
        levels = [(v * self.side, name) for v, name in ((self.stop, "stop"), (self.trail, "")) if v is not None]
        if not levels or self.held == 0 or self.stopping is not None:
            return None
        level, name = max(levels)
        return level * self.side, name != "stop"

    @property
    def take_level(self) -> int | None:
        return None if self.held == 0 or self.stopping is not None else self.take

    def hold(self, order: Order, lots: int, ticks: int) -> None:
        """Adds a fill of the lane's order, and sets the exits from the entry price so far."""
        if not self.exits or order.ask is None:
            return
        first = self.held == 0
        self.held += lots
        self.cost += lots * ticks
        self.filled_now, self.source = True, order
        entry = self.cost // self.held if self.side > 0 else ceil_div(self.cost, self.held)
        asked = order.ask.exits

        def level(distance: str, price: str, away: int, start: int) -> int | None:
            far = asked.get(distance)
            found = asked.get(price) if far is None else start + away * self.side * far
            return found if found is not None and found >= 1 else None

        self.stop = level("stop", "stop_at", -1, entry)
        self.take = level("take", "take_at", 1, entry)
        if first:
            self.trail = level("trail", "", -1, ticks)
            self.fresh = True

    def mark(self, high: int, low: int) -> None:
        """Moves the trail by the extremes of the bars since the first fill."""
        if self.held == 0 or self.trail is None:
            return
        self.high, self.low = (high, low) if self.fresh else (max(self.high, high), min(self.low, low))
        self.fresh = False
        assert self.source is not None
        assert self.source.ask is not None
        distance = self.source.ask.exits["trail"] or 0
        level = self.high - distance if self.side > 0 else self.low + distance
        self.trail = max(self.trail, level) if self.side > 0 else min(self.trail, level)

    def let_go(self, lots: int) -> None:
        """Gives up lots that an exit has closed, or all of them."""
        self.cost -= self.cost * lots // self.held if self.held else 0
        self.held -= lots
        if self.held == 0:
            self.cost, self.stop, self.trail, self.take = 0, None, None, None


class Brackets:
    """Sends and fills the exits of lanes."""

    def __init__(self, venue: Venue, interval_ms: int) -> None:
        self.venue, self.interval = venue, interval_ms

    def gap(self, lane: Lane) -> None:
        guard, bar = lane.guard, self.venue.bars[lane.asset]
        if guard is not None and bar.open * lane.side <= guard[0] * lane.side:
            reference = guard[0] if self.venue.realism == NAIVE else bar.open
            self._stop(lane, reference, GAP_TRAIL if guard[1] else GAP_STOP, GAP_TRIGGER, lane.held)

    def stop_reached(self, lane: Lane) -> bool:
        guard, bar = lane.guard, self.venue.bars[lane.asset]
        return guard is not None and (bar.low <= guard[0] if lane.side > 0 else bar.high >= guard[0])

    def stop_at_level(self, lane: Lane) -> None:
        guard, bar = lane.guard, self.venue.bars[lane.asset]
        assert guard is not None
        level, trails = guard
        worse = min(level, bar.open) if lane.side > 0 else max(level, bar.open)
        naive = self.venue.realism == NAIVE
        lots = min(lane.held, lane.before) if naive else lane.held
        if lots:
            self._stop(lane, level if naive else worse, TRAIL if trails else STOP, TRIGGER, lots)

    def _closable(self, lane: Lane, lots: int) -> int:
        """What of the lots the position still has; a lane that holds nothing of it is freed."""
        position = self.venue.ledger.positions[lane.asset].lots
        there = max(0, position * lane.side)
        if there < lane.held:
            lane.let_go(lane.held - there)
        return min(lots, there)

    def _stop(self, lane: Lane, reference: int, reason: int, rule: int, lots: int) -> None:
        closable = self._closable(lane, lots)
        if closable == 0:
            return
        assert lane.guard is not None
        order = self._exit(lane, closable, lots, reference, reason, trigger=lane.guard[0])
        lane.stopping = order
        for other, cause in ((lane.order, STOPPED), (lane.taking, OCO)):
            if other is not None:
                self.venue.cancel(other, cause)
        self.venue.take(order, reference, rule)

    def _exit(self, lane: Lane, lots: int, wanted: int, ref: int, reason: int, **more: Any) -> Order:
        assert lane.source is not None
        ts = self.venue.ts
        order = self.venue.new(
            lane.asset, ts, -lane.side, lots, wanted, ref, reason,
            due=ts, key=lane.key, closes=True, parent=lane.source.id, **more,
        )  # fmt: skip
        order.cause = REDUCE_ONLY if lots < wanted else NONE
        return self.venue.send(order)

    def take_at_open(self, lane: Lane) -> None:
        """A take without an order that the open has passed: it fills what the lane held when the bar began."""
        level, bar = lane.take_level, self.venue.bars[lane.asset]
        if level is not None and lane.taking is None and bar.open * lane.side > level * lane.side:
            price = level if self.venue.realism == STRICT else bar.open
            self.take_fill(lane, price, GAP_LIMIT, min(lane.held, lane.before))

    def take_inside(self, lane: Lane) -> None:
        level, bar = lane.take_level, self.venue.bars[lane.asset]
        if level is None:
            return
        best, strict = bar.high if lane.side > 0 else bar.low, self.venue.realism == STRICT
        if best * lane.side > level * lane.side or (best == level and not strict):
            self.take_at_level(lane)
        elif best == level and lane.taking is not None:
            lane.taking.evidence, lane.taking.evidence_row = NOT_THROUGH, self.venue.rows[lane.asset] - 1

    def take_at_level(self, lane: Lane) -> None:
        strict, level = self.venue.realism == STRICT, lane.take_level
        assert level is not None
        lots = min(lane.held, lane.before) if strict else lane.held
        self.take_fill(lane, level, THROUGH if strict else TOUCH, lots)

    def take_fill(self, lane: Lane, price: int, rule: int, most_lots: int) -> None:
        """Fills a take; its order gets a number when it first fills, and then the lane's order goes."""
        if lane.taking is None:
            level = lane.take_level
            assert level is not None
            if most_lots == 0 or self.venue.cap[lane.asset] == 0:
                return
            lots = self._closable(lane, most_lots)
            if lots == 0:
                return
            order = self._exit(lane, lots, most_lots, level, TAKE, kind="limit", price=level, seen=True)
            lane.taking = order
            if lane.order is not None:
                self.venue.cancel(lane.order, OCO)
        self.venue.make(lane.taking, price, rule)

    def exit_filled(self, lane: Lane, order: Order, lots: int) -> None:
        lane.let_go(lots)
        if order.left == 0:
            self.exit_ended(lane, order, freed=False)

    def exit_ended(self, lane: Lane, order: Order, freed: bool) -> None:
        """Forgets an exit's order; one that found nothing to close frees the lane."""
        if lane.stopping is order:
            lane.stopping = None
        if lane.taking is order:
            lane.taking = None
        if freed:
            lane.let_go(lane.held)


def opposite(lane: Lane, position: int) -> bool:
    """Whether the lane's order goes against the position, or may only reduce it."""
    return bool(lane.spec.get("reduce_only")) or sign(position) == -lane.side
