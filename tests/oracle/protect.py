"""Stops and takes of targets and entries: they protect an asset's whole position (docs/semantics.md, sections 5, 6 and 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .money import sign
from .realism import NAIVE, NEUTRAL, STRICT, Level, walk
from .records import (
    GAP_FIXED,
    GAP_LIMIT,
    GAP_TRAILING,
    GAP_TRIGGER,
    NOT_THROUGH,
    OCO,
    PRICE_STOPS,
    STOP_FIXED,
    STOP_TIME,
    STOP_TRAILING,
    STOPPED,
    TAKE,
    THROUGH,
    TOUCH,
    TRIGGER,
    Asset,
    Order,
)
from .venue import Venue

Spec = Mapping[str, Any]


class Protection:
    """The levels of every asset that has a target or entries."""

    def __init__(self, venue: Venue, specs: Sequence[Spec | None], interval_ms: int) -> None:
        self.venue, self.ledger, self.specs, self.interval = venue, venue.ledger, specs, interval_ms
        self.kinds = [[s["kind"] for s in spec["stops"] if s["kind"] != "time"] if spec else [] for spec in specs]
        self.assets = [Asset(levels=[None] * len(kinds)) for kinds in self.kinds]

    def working(self, a: int) -> Order | None:
        """The order of a target, entry, stop or take that works for an asset: there is one at the most."""
        return next(iter(self.venue.of(a)), None)

    def stopping(self, a: int) -> bool:
        order = self.working(a)
        return order is not None and order.reason in PRICE_STOPS

    # --- stops ------------------------------------------------------------------------------------------------------

    def tightest(self, a: int) -> tuple[int, str] | None:
        """The level that counts now: the tightest; a fixed one before a trailing one."""
        side = sign(self.ledger.positions[a].lots)
        levels = [
            (level * side, kind == "fixed", kind)
            for level, kind in zip(self.assets[a].levels, self.kinds[a], strict=True)
            if level is not None
        ]
        if not levels or side == 0:
            return None
        level, _, kind = max(levels)
        return level * side, kind

    def gap(self, a: int) -> None:
        """Closes a position whose stop the open has crossed."""
        armed, bar = self.tightest(a), self.venue.bars[a]
        if armed is None or self.stopping(a):
            return
        level, kind = armed
        if bar.open <= level if self.ledger.positions[a].lots > 0 else bar.open >= level:
            reference = level if self.venue.realism == NAIVE else bar.open
            self._stop(a, reference, GAP_FIXED if kind == "fixed" else GAP_TRAILING, GAP_TRIGGER)

    def _stop(self, a: int, reference: int, reason: int, rule: int) -> None:
        ts = self.venue.ts
        order = self.exit(a, ts, reference, reason, now=ts, due=ts)
        self.venue.take(order, reference, rule)

    def exit(self, a: int, ts: int, reference: int, reason: int, now: int, due: int | None = None) -> Order:
        """Sends the order that closes everything, and holds the signal as the spec's `rearm` says."""
        working = self.working(a)
        if working is not None:
            self.venue.cancel(working, OCO if working.reason == TAKE else STOPPED, ts)
        lots = self.ledger.positions[a].lots
        more = {} if due is None else {"due": due}
        order = self.venue.new(a, now, -sign(lots), abs(lots), abs(lots), reference, reason, closes=True, **more)
        self.hold(a, sign(lots), now if reason == STOP_TIME else now + self.interval)
        return self.venue.send(order)

    def hold(self, a: int, side: int, decision: int) -> None:
        """Holds the signal of a side; a cool-down counts from this bar's decision."""
        state = self.assets[a]
        state.acted = 0
        state.stopped, state.stopped_row, state.stopped_at = side, self.venue.rows[a], decision

    def _stop_inside(self, a: int) -> None:
        armed, bar, position = self.tightest(a), self.venue.bars[a], self.ledger.positions[a].lots
        if armed is None or not self._stop_acts(a):
            return
        if bar.low <= armed[0] if position > 0 else bar.high >= armed[0]:
            self._stop_at_level(a)

    def _stop_acts(self, a: int) -> bool:
        return not self.stopping(a) and not (self.venue.realism == NAIVE and self.venue.opened_now(a))

    def _stop_at_level(self, a: int) -> None:
        armed, bar = self.tightest(a), self.venue.bars[a]
        assert armed is not None
        level, kind = armed
        worse = min(bar.open, level) if self.ledger.positions[a].lots > 0 else max(bar.open, level)
        reference = level if self.venue.realism == NAIVE else worse
        self._stop(a, reference, STOP_FIXED if kind == "fixed" else STOP_TRAILING, TRIGGER)

    # --- takes ------------------------------------------------------------------------------------------------------

    def take_at_open(self, a: int) -> None:
        """Fills a take without an order that the open has passed."""
        level, bar, side = self.assets[a].take, self.venue.bars[a], sign(self.ledger.positions[a].lots)
        order = self.working(a)
        if level is None or side == 0 or self.stopping(a) or (order is not None and order.reason == TAKE):
            return
        if bar.open * side > level * side:
            price = level if self.venue.realism == STRICT else bar.open
            self._take(a, price, GAP_LIMIT, self.venue.held_before(a))

    def work_take(self, order: Order) -> None:
        """A take that rests, at the open."""
        bar = self.venue.bars[order.asset]
        if bar.open * order.side < order.price * order.side:
            price = order.price if self.venue.realism == STRICT else bar.open
            self.venue.make(order, price, GAP_LIMIT)

    def _take(self, a: int, price: int, rule: int, most_lots: int) -> None:
        """Fills the take; its order gets a number when it first fills."""
        order, state, lots = self.working(a), self.assets[a], self.ledger.positions[a].lots
        if order is None or order.reason != TAKE:
            if most_lots == 0 or self.venue.cap[a] == 0:
                return
            if order is not None:
                self.venue.cancel(order, OCO)
            assert state.take is not None
            ts = self.venue.ts
            order = self.venue.new(
                a, ts, -sign(lots), abs(lots), abs(lots), state.take, TAKE,
                due=ts, closes=True, kind="limit", price=state.take, seen=True,
            )  # fmt: skip
            self.venue.send(order)
            self.hold(a, sign(lots), ts + self.interval)
        self.venue.make(order, price, rule, most_lots)

    def _take_inside(self, a: int) -> None:
        level, bar, side = self.assets[a].take, self.venue.bars[a], sign(self.ledger.positions[a].lots)
        if level is None or side == 0 or self.stopping(a):
            return
        best = bar.high if side > 0 else bar.low
        if best * side > level * side or (best == level and self.venue.realism != STRICT):
            self._take_at_level(a)
        elif best == level:
            order = self.working(a)
            if order is not None and order.reason == TAKE:
                order.evidence, order.evidence_row = NOT_THROUGH, self.venue.rows[a] - 1

    def _take_at_level(self, a: int) -> None:
        level = self.assets[a].take
        assert level is not None
        strict = self.venue.realism == STRICT
        lots = self.venue.held_before(a) if strict else abs(self.ledger.positions[a].lots)
        self._take(a, level, THROUGH if strict else TOUCH, lots)

    # --- the bar ----------------------------------------------------------------------------------------------------

    def inside(self, a: int) -> None:
        """Stops and takes inside the bar, in the order of the realism."""
        if self.venue.realism == NEUTRAL:
            walk(self.venue.bars[a], lambda: self._levels(a))
        elif self.venue.realism == STRICT:
            self._stop_inside(a)
            self._take_inside(a)
        else:
            self._take_inside(a)
            self._stop_inside(a)

    def _levels(self, a: int) -> list[Level]:
        long, armed, take = self.ledger.positions[a].lots > 0, self.tightest(a), self.assets[a].take
        out = []
        if armed is not None and self._stop_acts(a):
            out.append(Level(armed[0], long, (0,), "stop", lambda: self._stop_at_level(a), stop=True))
        if take is not None and self.ledger.positions[a].lots and not self.stopping(a):
            out.append(Level(take, not long, (1,), "take", lambda: self._take_at_level(a)))
        return out

    def filled(self, order: Order, ticks: int, before: int) -> None:
        """Sets levels at a fill that opens or increases, drops them when flat."""
        a, after = order.asset, self.ledger.positions[order.asset].lots
        if after == 0:
            self.assets[a].levels, self.assets[a].take = [None] * len(self.kinds[a]), None
        elif before * after <= 0 or abs(after) > abs(before):
            self._arm(order, before * after <= 0, ticks)

    def _arm(self, order: Order, opened: bool, ticks: int) -> None:
        p, state = self.ledger.positions[order.asset], self.assets[order.asset]
        side = sign(p.lots)
        for k, kind in enumerate(self.kinds[order.asset]):
            if opened:
                state.levels[k] = None
            d = order.distances[k] if order.distances else None
            if d is None or d < 1:
                continue
            if kind == "fixed":
                state.levels[k] = self.ledger.instruments[order.asset].entry_ticks(p.lots, p.cost) - side * d
            elif opened:
                state.levels[k] = ticks - side * d
        if opened:
            state.take = None
        if order.take is not None and order.take >= 1:
            state.take = self.ledger.instruments[order.asset].entry_ticks(p.lots, p.cost) + side * order.take

    def trail(self, a: int, distances: tuple[int | None, ...]) -> None:
        """Moves trailing levels at the mark."""
        p, levels = self.ledger.positions[a], self.assets[a].levels
        side = sign(p.lots)
        for k, kind in enumerate(self.kinds[a]):
            d = distances[k] if distances else None
            if kind != "trailing" or side == 0 or d is None or d < 1:
                continue
            level = p.high - d if side > 0 else p.low + d
            old = levels[k]
            if old is None or level * side > old * side:
                levels[k] = level

    def time_is_up(self, a: int, now: int) -> bool:
        """Whether a time stop sends an exit now: one is due and no stop's exit is working yet."""
        p, spec, order = self.ledger.positions[a], self.specs[a], self.working(a)
        if spec is None or p.lots == 0 or (order is not None and order.reason in (*PRICE_STOPS, STOP_TIME)):
            return False
        times = [s for s in spec["stops"] if s["kind"] == "time"]
        return any(p.bars_held >= s["bars"] if "bars" in s else now - p.first_fill >= s["ms"] for s in times)
