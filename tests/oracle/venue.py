"""The simulated venue: working orders, and what a fill costs (docs/semantics.md, sections 5 to 7).

It knows orders and the books, not who sent an order: `on_fill` and `on_end` tell the senders.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from . import latency, realism
from .checks import most
from .instrument import E9
from .money import Ledger, ceil_div, sign
from .records import (
    BALANCE,
    CANCELLED,
    COLLAR,
    FILLED,
    FOK,
    IOC,
    NO_SHORT,
    NONE,
    REDUCE_ONLY,
    REJECTED,
    VOLUME_CAP,
    Fill,
    IntBar,
    Order,
)

PARKINSON = 0.6005612043932249  # 1 / (2 sqrt(ln 2))


class Venue:
    """One account's orders. `working` holds what works, by number; `cap` the lots an asset may still trade in this bar (None: any)."""

    def __init__(self, ledger: Ledger, settings: Mapping[str, Any]) -> None:
        self.ledger, self.settings = ledger, settings
        self.realism: str = settings["realism"]
        count = len(ledger.instruments)
        self.orders: list[Order] = []
        self.working: dict[int, Order] = {}
        self.fills: list[Fill] = []
        self.cap: list[int | None] = [0] * count
        self.rows = [0] * count  # bars seen
        self.begin = [0] * count  # the position when the bar began
        self.entered = 0  # the open trade's entry notional before the fill that `on_fill` tells of
        self.bars: Mapping[int, IntBar] = {}
        self.ts = 0
        self.on_fill: Callable[[Order, int, int, int], None] = lambda order, lots, ticks, before: None
        self.on_end: Callable[[Order], None] = lambda order: None

    def open_bar(self, ts: int, bars: Mapping[int, IntBar]) -> None:
        self.ts, self.bars = ts, bars
        for a, bar in bars.items():
            self.cap[a] = realism.capacity(bar, self.settings["volume_share_e9"])
            self.rows[a] += 1
            self.begin[a] = self.ledger.positions[a].lots

    # --- orders -----------------------------------------------------------------------------------------------------

    def of(self, a: int) -> list[Order]:
        """The working orders of an asset, by number."""
        return [o for o in self.working.values() if o.asset == a]

    def new(self, a: int, now: int, side: int, lots: int, wanted: int, ref: int, reason: int, **more: Any) -> Order:
        """Numbers an order; without `due` in `more` it is due after its latency."""
        number = len(self.orders)
        due = more.pop("due", None)
        if due is None:
            due = now + latency.latency_ms(self.settings, number)
        order = Order(number, now, a, side, lots, wanted, ref, reason, due, row=self.rows[a] - 1, **more)
        self.orders.append(order)
        return order

    def send(self, order: Order) -> Order:
        self.working[order.id] = order
        return order

    def reject(self, order: Order, cause: int) -> None:
        order.end(REJECTED, cause, order.ts)

    def cancel(self, order: Order, cause: int, ts: int | None = None) -> None:
        """Ends a working order; one that has ended already is left alone."""
        if self.working.pop(order.id, None) is not None:
            order.end(CANCELLED, cause, self.ts if ts is None else ts)
            self.on_end(order)

    def runs_away(self, order: Order) -> bool:
        """Cancels a pure increase at market whose price has run away since the decision."""
        bar = self.bars[order.asset]
        increase = self.ledger.positions[order.asset].lots * order.side >= 0
        if (
            not increase
            or order.kind != "market"
            or order.closes
            or abs(bar.open - order.ref_ticks) * E9 <= self.settings["collar_e9"] * order.ref_ticks
        ):
            return False
        self.cancel(order, COLLAR)
        return True

    # --- fills ------------------------------------------------------------------------------------------------------

    def slipped(self, reference: int, side: int, lots: int, bar: IntBar) -> int:
        """What a taker pays or gets."""
        spread: int = ceil_div(reference * self.settings["half_spread_e9"], E9)
        impact = 0
        if self.settings["impact"] and bar.volume:
            share = math.sqrt(lots / bar.volume)
            impact = math.ceil(self.settings["impact"] * PARKINSON * (bar.high - bar.low) * share)
        return reference + spread + impact if side > 0 else max(1, reference - spread - impact)

    def allowed(self, order: Order) -> tuple[int, int]:
        """The lots that the position lets an order fill, and the cause if that is none."""
        left, position = abs(order.left), self.ledger.positions[order.asset].lots
        against = max(0, -position * order.side)
        if order.closes:
            return min(left, against), REDUCE_ONLY
        if order.side < 0 and self.ledger.instruments[order.asset].long_only:
            return min(left, against), NO_SHORT
        return left, NONE

    def take(self, order: Order, reference: int, rule: int, limit: int | None = None) -> int:
        """Fills an order as a taker at the reference and slippage, not beyond its limit; returns the lots."""
        bar = self.bars[order.asset]

        def price(lots: int) -> int:
            ticks = self.slipped(reference, order.side, lots, bar)
            return ticks if limit is None else min(ticks, limit) if order.side > 0 else max(ticks, limit)

        return self._fill(order, price, reference, rule, maker=False)

    def make(self, order: Order, ticks: int, rule: int, most_lots: int | None = None) -> int:
        """Fills a resting order at a price as a maker, `most_lots` at the most; returns the lots."""
        return self._fill(order, lambda lots: ticks, ticks, rule, maker=True, most_lots=most_lots)

    def liquidate(self, order: Order, reference: int, rule: int, fee: Callable[[Order, int, int], int]) -> None:
        """Fills an order whole, whatever the bar's volume, with the venue's own fee on top."""
        bar, lots = self.bars[order.asset], abs(order.left)
        ticks = self.slipped(reference, order.side, lots, bar)
        self._book(order, lots, ticks, reference, rule, maker=False, extra=fee(order, lots, ticks))

    def _fill(
        self,
        order: Order,
        price: Callable[[int], int],
        base: int,
        rule: int,
        maker: bool,
        most_lots: int | None = None,
    ) -> int:
        a, cap = order.asset, self.cap[order.asset]
        lots, cause = self.allowed(order)
        if lots == 0:
            self.cancel(order, cause)
            return 0
        if most_lots is not None:
            lots = min(lots, most_lots)
        if cap is not None and cap < lots:
            if order.tif == "fok":
                self.cancel(order, FOK)
                return 0
            order.evidence, order.evidence_row = VOLUME_CAP, self.rows[a] - 1
            lots = cap
        covered = 0
        if lots:
            ticks = price(lots)
            covered = self._covered(order, lots, ticks, maker)
            if covered:
                self._book(order, covered, ticks, base, rule, maker)
        if covered < lots:
            self.cancel(order, BALANCE)
        elif order.left and self.allowed(order)[0] == 0:
            self.cancel(order, cause)
        elif order.tif == "ioc":
            self.cancel(order, IOC)
        return covered

    def _covered(self, order: Order, lots: int, ticks: int, maker: bool) -> int:
        """The lots of a buy on spot that cash covers."""
        a, book = order.asset, self.ledger
        cash = book.cash_of(a) if book.instruments[a].spot and order.side > 0 else None
        if cash is None:
            return lots
        closing = max(0, -book.positions[a].lots)  # a short is bought back whatever it costs

        def cost(q: int) -> int:
            amount = book.amount(a, q, ticks)
            return amount + book.fee(a, amount, maker)

        return most(lots, lambda q: q <= closing or cost(q) <= cash)

    def _book(self, order: Order, lots: int, ticks: int, base: int, rule: int, maker: bool, extra: int = 0) -> None:
        a = order.asset
        before, cap = self.ledger.positions[a].lots, self.cap[a]
        self.entered = self.ledger.open_trades[a].entry_notional if before else 0
        fee = extra + self.ledger.fill(a, lots * order.side, ticks, self.ts, order.id, order.reason, maker)
        order.filled += lots
        if cap is not None:
            self.cap[a] = max(0, cap - lots)
        self.fills.append(
            Fill(
                order.id, self.ts, self.rows[a] - 1, a, lots * order.side, ticks, fee, order.reason,
                self.ledger.positions[a].lots, self.ledger.home(a).flow, base, rule, maker, -1 if cap is None else cap,
            )
        )  # fmt: skip
        if order.left == 0:
            order.end(FILLED, NONE, self.ts)
            del self.working[order.id]
        self.on_fill(order, lots, ticks, before)

    def opened_now(self, a: int) -> bool:
        """Whether the position was opened in this bar."""
        return self.ledger.positions[a].first_fill == self.ts

    def held_before(self, a: int) -> int:
        """The lots of the position that were there when the bar began."""
        now, before = self.ledger.positions[a].lots, self.begin[a]
        return min(abs(now), abs(before)) if sign(now) == sign(before) else 0
