"""Keyed orders: what each key does at a decision, and what its order does at an open (docs/semantics.md, section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from . import inside
from .brackets import Brackets, Lane, opposite
from .checks import Checks
from .realism import NAIVE, STRICT
from .records import (
    EXPIRED,
    FOK,
    GAP_LIMIT,
    GAP_TRIGGER,
    IOC,
    MIN_SIZE,
    NO_SHORT,
    NONE,
    OCO,
    OPEN,
    OPEN_LIMIT,
    ORDER,
    REDUCE_ONLY,
    REPLACED,
    WITHDRAWN,
    WOULD_TAKE,
    Ask,
    Order,
    Signal,
)
from .sizes import lots_of, shared
from .targets import Send
from .venue import Venue

NEEDED = {
    "market": (),
    "limit": ("price",),
    "stop": ("trigger",),
    "stop_limit": ("price", "trigger"),
    "take_profit": ("trigger",),
    "trailing": ("distance",),
}


def present(spec: Mapping[str, Any], ask: Ask) -> bool:
    """Whether a key asks for an order: size and all its prices are there and at least one unit."""
    numbers = [ask.size, *(getattr(ask, name) for name in NEEDED[spec["kind"]]), *ask.exits.values()]
    if spec["size"]["unit"] == "risk":
        numbers.append(ask.per_unit)
    return all(n is not None and n >= 1 for n in numbers)


def unchanged(kind: str, ask: Ask, sent: Ask | None) -> bool:
    """Whether a working order is still what is asked for."""
    assert sent is not None
    names = ("size",) if kind == "trailing" else ("size", *NEEDED[kind])
    return all(getattr(ask, name) == getattr(sent, name) for name in names)


class Lanes:
    """All keys of all assets; `by_asset` has the lanes of an asset in lane order."""

    def __init__(self, venue: Venue, program: Mapping[str, Any], interval_ms: int) -> None:
        self.venue, self.program, self.interval = venue, program, interval_ms
        self.brackets = Brackets(venue, interval_ms)
        orders = sorted(program.get("orders", []), key=lambda spec: str(spec["key"]))
        self.by_asset: dict[int, list[Lane]] = {}
        for a, i in enumerate(venue.ledger.instruments):
            lanes = [Lane(a, s["key"], s) for s in orders if s.get("asset") in (None, i.symbol)]
            if lanes:
                self.by_asset[a] = lanes

    def lane(self, order: Order) -> Lane:
        return next(lane for lane in self.by_asset[order.asset] if lane.key == order.key)

    # --- decisions --------------------------------------------------------------------------------------------------

    def decide(
        self, now: int, deciding: Sequence[int], signals: Mapping[int, Signal], equity: int, checks: Checks
    ) -> list[Send]:
        """Cancels what is not asked for any more; returns what is to be sent."""
        sends = []
        for a in deciding:
            self._free(a, now)
            for number, lane in enumerate(self.by_asset.get(a, [])):
                ask = signals[a].asks[number]
                replaces = lane.order is not None
                if self._wants(lane, ask, now):
                    grows = not opposite(lane, self.venue.ledger.positions[a].lots)
                    act = partial(self._send, lane, ask, now, equity, checks, not replaces)
                    sends.append(Send(grows, a, number, act))
        return sends

    def _free(self, a: int, now: int) -> None:
        """Frees lanes that hold lots of a side on which there is no position."""
        position = self.venue.ledger.positions[a].lots
        for lane in self.by_asset.get(a, []):
            if lane.held and position * lane.side <= 0:
                for order in (lane.stopping, lane.taking):
                    if order is not None:
                        self.venue.cancel(order, REDUCE_ONLY, now)
                lane.let_go(lane.held)

    def _wants(self, lane: Lane, ask: Ask, now: int) -> bool:
        """Whether the key sends now; its working order is cancelled if it must not go on."""
        rises = bool(ask.when) and not lane.was
        lane.was = bool(ask.when)
        working, asked = lane.order, present(lane.spec, ask)
        if ask.until:
            return self._cancelled(lane, WITHDRAWN, now)
        if lane.spec.get("when") is not None:
            if not (rises and asked and lane.free and (working is not None or self._permitted(lane))):
                return False
        elif working is not None:
            if not asked:
                return self._cancelled(lane, WITHDRAWN, now)
            if unchanged(working.kind, ask, working.ask):
                return False
        elif not (asked and lane.free and self._permitted(lane)):
            return False
        if working is not None:
            self._cancelled(lane, REPLACED, now)
            return lane.free
        return True

    def _cancelled(self, lane: Lane, cause: int, now: int) -> bool:
        if lane.order is not None:
            self.venue.cancel(lane.order, cause, now)
        return False

    @staticmethod
    def _permitted(lane: Lane) -> bool:
        return lane.spec.get("after") is None or lane.permits > 0

    def _send(self, lane: Lane, ask: Ask, now: int, equity: int, checks: Checks, new: bool) -> None:
        a, spec, book = lane.asset, lane.spec, self.venue.ledger
        kind, close = spec["kind"], book.marks[a]
        ref = {"limit": ask.price, "stop_limit": ask.price, "stop": ask.trigger, "take_profit": ask.trigger}.get(kind)
        ref = close if ref is None else ref
        assert ask.size is not None
        size = shared(ask.size, spec, self.program, len(book.instruments))
        mine = book.to_settlement(a, equity)
        wanted = lots_of(book.instruments[a], spec["size"]["unit"], size, ref, mine, ask.per_unit)
        lots, cause = self._checked(lane, wanted, ref, equity, checks)
        order = self.venue.new(
            a, now, lane.side, lots, wanted, ref, ORDER, key=lane.key, kind=kind, tif=spec.get("tif", "gtc"),
            price=ask.price if "price" in NEEDED[kind] else -1, trigger=ask.trigger if "trigger" in NEEDED[kind] else -1,
            ask=ask, closes=bool(spec.get("reduce_only")),
        )  # fmt: skip
        order.cause = cause
        if lots == 0:
            self.venue.reject(order, cause)
            return
        if kind == "trailing":
            order.extreme = close
            level = close + lane.side * (ask.distance or 0)
            order.trigger = level if level >= 1 else -1  # as recorded; it moves
        lane.permits -= new and spec.get("after") is not None
        lane.order = self.venue.send(order)

    def _checked(self, lane: Lane, wanted: int, ref: int, equity: int, checks: Checks) -> tuple[int, int]:
        """The lots that may be sent, and why they are fewer."""
        a, position = lane.asset, self.venue.ledger.positions[lane.asset].lots
        against = max(0, -position * lane.side)
        lots, cause = wanted, NONE
        if lots == 0:
            return 0, MIN_SIZE
        if lane.spec.get("reduce_only") and against < lots:
            lots, cause = against, REDUCE_ONLY
        if lane.side < 0 and self.venue.ledger.instruments[a].long_only:
            room = max(0, position - self._selling(lane))
            if room < lots:
                lots, cause = room, NO_SHORT
        rest = 0 if lane.spec.get("reduce_only") else lots - min(lots, against)
        if rest:
            base = max(0, lane.side * position) + checks.left(a, lane.side)
            increase, cut = checks.checked(a, rest, lane.side, base, equity, ref)
            lots, cause = lots - rest + increase, cut or cause
        return lots, cause

    def _selling(self, lane: Lane) -> int:
        """The lots of the asset's working sells outside the lane's own group."""
        group = lane.spec.get("oco")
        return sum(
            abs(o.left)
            for o in self.venue.of(lane.asset)
            if o.side < 0 and (group is None or self.lane(o).order is not o or self.lane(o).spec.get("oco") != group)
        )

    # --- the open ---------------------------------------------------------------------------------------------------

    def expire(self, assets: Sequence[int]) -> None:
        for a in assets:
            for lane in self.by_asset.get(a, []):
                lane.before, lane.filled_now = lane.held, False
                order = lane.order
                if order is None or order.tif != "gtd":
                    continue
                rule = lane.spec["expires"]
                age = self.venue.rows[a] - 1 - order.row
                if age > rule["bars"] if "bars" in rule else self.venue.ts >= order.ts + rule["ms"]:
                    self.venue.cancel(order, EXPIRED)

    def gap(self, a: int) -> None:
        for lane in self.by_asset.get(a, []):
            self.brackets.gap(lane)

    def takes_at_open(self, a: int) -> None:
        for lane in self.by_asset.get(a, []):
            self.brackets.take_at_open(lane)

    def work(self, order: Order) -> None:
        """What a working order that is due does at the open."""
        bar, first = self.venue.bars[order.asset], not order.seen
        order.seen = True
        if order.at_market:
            if not self.venue.runs_away(order):
                self.venue.take(order, bar.open, OPEN)
        elif order.rests:
            self._work_limit(order, bar.open, first)
        elif inside.beyond(order, bar.open):
            order.triggered = True
            if order.kind == "stop_limit":
                self.marketable(order, bar.open, GAP_TRIGGER)
            else:
                level = inside.trigger_of(order)
                self.venue.take(order, level if self.venue.realism == NAIVE else bar.open, GAP_TRIGGER)

    def marketable(self, order: Order, reference: int, rule: int) -> None:
        """A limit that may fill at once as a taker; else it rests, or ends if it may not."""
        if reference * order.side <= order.price * order.side:
            self.venue.take(order, reference, rule, limit=order.price)
        elif order.tif in ("ioc", "fok"):
            self.venue.cancel(order, IOC if order.tif == "ioc" else FOK)

    def _work_limit(self, order: Order, opened: int, first: bool) -> None:
        passed = opened * order.side < order.price * order.side
        if first and order.kind == "limit":
            if self.lane(order).spec.get("post_only") and (passed or opened == order.price):
                self.venue.cancel(order, WOULD_TAKE)
            else:
                self.marketable(order, opened, OPEN_LIMIT)
        elif passed:
            self.venue.make(order, order.price if self.venue.realism == STRICT else opened, GAP_LIMIT)

    # --- inside the bar, fills and ends -----------------------------------------------------------------------------

    def inside(self, a: int) -> None:
        inside.Inside(self, self.by_asset[a], self.venue).run()

    def guards(self, a: int, side: int) -> list[int]:
        """The exit stops of lanes that hold lots of a side."""
        return [lane.guard[0] for lane in self.by_asset.get(a, []) if lane.side == side and lane.guard is not None]

    def liquidated(self, a: int) -> None:
        """Frees every lane."""
        for lane in self.by_asset.get(a, []):
            lane.let_go(lane.held)

    def mark(self, a: int) -> None:
        """Moves trails and trailing orders by this bar's extremes."""
        bar = self.venue.bars[a]
        for lane in self.by_asset.get(a, []):
            lane.mark(bar.high, bar.low)
            order = lane.order
            if order is not None and order.kind == "trailing" and order.seen:
                best = max(order.extreme, bar.high) if order.side < 0 else min(order.extreme, bar.low)
                order.extreme = best

    def filled(self, order: Order, lots: int, ticks: int) -> None:
        """Tells lane, group and followers of a fill."""
        lane = self.lane(order)
        if order in (lane.stopping, lane.taking):
            self.brackets.exit_filled(lane, order, lots)
            return
        lane.hold(order, lots, ticks)
        if order.left == 0:
            lane.order = None
            for other in self.by_asset[order.asset]:
                other.permits += other.spec.get("after") == lane.key
        group = lane.spec.get("oco")
        if group is None:
            return
        for other in self.by_asset[order.asset]:
            if other is not lane and other.spec.get("oco") == group and other.order is not None:
                self.venue.cancel(other.order, OCO)

    def ended(self, order: Order) -> None:
        """Forgets an order that was cancelled."""
        if order.key is None:
            return
        lane = self.lane(order)
        if lane.order is order:
            lane.order = None
        else:
            self.brackets.exit_ended(lane, order, freed=order.cause == REDUCE_ONLY)
