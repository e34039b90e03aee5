"""The inside of a bar for an asset with lanes, by realism (docs/semantics.md, sections 6 and 7)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from .brackets import Lane
from .realism import NAIVE, NEUTRAL, STRICT, Level, walk
from .records import IN_FLIGHT, NOT_THROUGH, THROUGH, TOUCH, TRIGGER, IntBar, Order
from .venue import Venue

if TYPE_CHECKING:
    from .lanes import Lanes


def rises_to(order: Order) -> bool:
    """Whether a rising price reaches the trigger: a buy stop, a sell take-profit."""
    return (order.side > 0) != (order.kind == "take_profit")


def trigger_of(order: Order) -> int:
    """The level that triggers: given, or of a trailing order, its distance from the best price so far."""
    if order.kind != "trailing":
        return order.trigger
    assert order.ask is not None
    return order.extreme + order.side * (order.ask.distance or 0)


def beyond(order: Order, price: int) -> bool:
    """Whether a price is at the trigger or beyond it."""
    level = trigger_of(order)
    return price >= level if rises_to(order) else price <= level


def touched(order: Order, bar: IntBar) -> bool:
    """Whether a bar's range came to the order's level; what takes any price is always reached."""
    if order.at_market:
        return True
    if order.rests:
        return bar.low <= order.price if order.side > 0 else bar.high >= order.price
    return beyond(order, bar.high if rises_to(order) else bar.low)


def note(order: Order, evidence: int, venue: Venue) -> None:
    """Records why an order that was reached was not filled."""
    order.evidence, order.evidence_row = evidence, venue.rows[order.asset] - 1


class Inside:
    """One asset's bar between open and close."""

    def __init__(self, lanes: Lanes, mine: Sequence[Lane], venue: Venue) -> None:
        self.lanes, self.mine, self.venue = lanes, mine, venue
        self.triggered: list[Order] = []  # stop-limits that began to rest inside this bar
        self.brackets, self.bar = lanes.brackets, venue.bars[mine[0].asset]

    def run(self) -> None:
        {STRICT: self.strict, NEUTRAL: self.neutral, NAIVE: self.naive}[self.venue.realism]()
        for lane in self.mine:
            order = lane.order
            if order is None:
                continue
            row = self.venue.rows[order.asset] - 1
            if order in self.triggered and order.evidence_row != row and touched(order, self.bar):
                note(order, IN_FLIGHT, self.venue)

    # --- the realisms -----------------------------------------------------------------------------------------------

    def strict(self) -> None:
        """Triggers, limits, then the stops of what was filled in this bar."""
        waiting = [lane.order for lane in self.mine if self.waits(lane.order)]
        guarded = [lane for lane in self.mine if lane.held]
        for lane in self.mine:
            if lane in guarded and self.brackets.stop_reached(lane):
                self.brackets.stop_at_level(lane)
            if lane.order in waiting:
                self.trigger_if_reached(lane)
        resting = [lane.order for lane in self.mine if self.rests(lane.order) and lane.order not in waiting]
        for lane in self.mine:
            if lane.order is not None and lane.order in resting:
                self.limit(lane.order)
            self.brackets.take_inside(lane)
        for lane in self.mine:
            if lane.filled_now and self.brackets.stop_reached(lane):
                self.brackets.stop_at_level(lane)

    def neutral(self) -> None:
        walk(self.bar, self.levels)

    def naive(self) -> None:
        """Limits and takes, then triggers."""
        resting = [lane.order for lane in self.mine if self.rests(lane.order)]
        for lane in self.mine:
            self.brackets.take_inside(lane)
            if lane.order is not None and lane.order in resting and self.limit(lane.order):
                self.brackets.take_inside(lane)
        waiting = [lane.order for lane in self.mine if self.waits(lane.order)]
        for lane in self.mine:
            if lane.before and self.brackets.stop_reached(lane):
                self.brackets.stop_at_level(lane)
            if lane.order in waiting:
                self.trigger_if_reached(lane)

    # --- pieces -----------------------------------------------------------------------------------------------------

    def works(self, order: Order | None) -> bool:
        return order is not None and order.due <= self.venue.ts

    def waits(self, order: Order | None) -> bool:
        """Whether it is an order that waits for its trigger."""
        return order is not None and self.works(order) and not order.at_market and not order.rests

    def rests(self, order: Order | None) -> bool:
        return order is not None and self.works(order) and order.rests

    def trigger_if_reached(self, lane: Lane) -> None:
        if lane.order is not None and touched(lane.order, self.bar):
            self.trigger(lane.order)

    def trigger(self, order: Order) -> None:
        """Triggers an order at its level; a stop at the worse of level and open."""
        level, opened = trigger_of(order), self.bar.open
        reference = level
        if order.kind != "take_profit" and self.venue.realism != NAIVE:
            reference = max(level, opened) if order.side > 0 else min(level, opened)
        order.triggered = True
        if order.kind == "stop_limit":
            if reference * order.side > order.price * order.side:
                self.triggered.append(order)
            self.lanes.marketable(order, reference, TRIGGER)
        else:
            self.venue.take(order, reference, TRIGGER)

    def limit(self, order: Order) -> int:
        """Fills a resting limit that was reached; returns the lots."""
        strict, best = self.venue.realism == STRICT, self.bar.low if order.side > 0 else self.bar.high
        if best * order.side < order.price * order.side or (best == order.price and not strict):
            return self.venue.make(order, order.price, THROUGH if strict else TOUCH)
        if best == order.price:
            note(order, NOT_THROUGH, self.venue)
        return 0

    def levels(self) -> list[Level]:
        """The levels of the path now: exits before orders at the same price, then lane order."""
        out = []
        for number, lane in enumerate(self.mine):
            guard, take, order = lane.guard, lane.take_level, lane.order
            if guard is not None:
                act = partial(self.brackets.stop_at_level, lane)
                out.append(Level(guard[0], lane.side > 0, (0, number, 0), (number, "stop"), act, stop=True))
            if take is not None:
                act = partial(self.brackets.take_at_level, lane)
                out.append(Level(take, lane.side < 0, (0, number, 1), (number, "take"), act))
            if order is not None and self.rests(order):
                fill = partial(self.venue.make, order, order.price, TOUCH)
                out.append(Level(order.price, order.side > 0, (1, number, 0), (number, "order"), fill))
            elif order is not None and self.waits(order):
                pull = partial(self.trigger, order)
                out.append(Level(trigger_of(order), not rises_to(order), (1, number, 0), (number, "order"), pull))
        return out
