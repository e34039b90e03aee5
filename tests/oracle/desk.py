"""Desk and simulated venue over bars: targets in, orders, fills, trades and equity out (docs/semantics.md, section 5).

It takes integer bars and quantised targets, and follows the page's five steps literally, one bar at a time. `money` keeps the books.
Where the page leaves room the choice taken is marked "our choice" and listed in the oracle's README.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .checks import Checks, most
from .money import E9, Instrument, Ledger, ceil_div, half_even, sign, trunc_div
from .records import (
    BALANCE,
    CANCELLED,
    COLLAR,
    FILLED,
    GAP_FIXED,
    GAP_TRAILING,
    NO_SHORT,
    NONE,
    PRICE_STOPS,
    REJECTED,
    STOP_FIXED,
    STOP_TIME,
    STOP_TRAILING,
    STOPPED,
    SUPERSEDED,
    TARGET,
    Asset,
    Counters,
    Fill,
    IntBar,
    Order,
    Signal,
)  # fmt: skip
from .view import view

BILLIONTH = (1, 9)
PARKINSON = 0.6005612043932249  # 1 / (2 sqrt(ln 2))


class Desk:
    """One account. `step` takes the bars of one timestamp and asks `signal(asset)` for the row of each asset with a bar."""

    def __init__(
        self,
        instruments: Sequence[Mapping[str, Any]],
        interval_ms: int,
        program: Mapping[str, Any],
        config: Mapping[str, Any],
        warm_up: Sequence[int],
    ) -> None:
        costs = config["instruments"]
        self.instruments = [Instrument.read(i, c) for i, c in zip(instruments, costs, strict=True)]
        self.interval, self.program, self.config, self.warm_up = interval_ms, program, config, list(warm_up)
        count = len(self.instruments)
        self.ledger = Ledger(self.instruments, config["cash"])
        self.specs = [self._spec(i.symbol) for i in self.instruments]
        self.stops = [self._stops(s) for s in self.specs]  # price stops, in the order of their distances
        self.assets = [Asset(levels=[None] * len(self.stops[a])) for a in range(count)]
        self.working: dict[int, Order] = {}  # by asset: at most one each
        self.checks = Checks(self.ledger, self.working, config)
        self.orders: list[Order] = []
        self.fills: list[Fill] = []
        self.equity: list[tuple[int, int]] = []
        self.peak = config["cash"]
        self.count = Counters(0, 0, [0] * count, [0] * count, [0] * count, [0] * count)
        self.last_schedule: int | None = None

    def _spec(self, symbol: str) -> Mapping[str, Any] | None:
        """The target of an asset: the one addressed to it, else the one addressed to all."""
        targets = self.program["targets"]
        named = [t for t in targets if t.get("asset") == symbol]
        return next(iter(named + [t for t in targets if t.get("asset") is None]), None)

    @staticmethod
    def _stops(spec: Mapping[str, Any] | None) -> list[str]:
        return [s["kind"] for s in spec["stops"] if s["kind"] != "time"] if spec else []

    # --- one bar --------------------------------------------------------------------------------------------------

    def step(self, ts: int, bars: Mapping[int, IntBar], signal: Callable[[int], Signal]) -> None:
        present = sorted(bars)
        for a in present:
            self.assets[a].cap_left = bars[a].volume * self.config["volume_share_e9"] // E9
            self.assets[a].rows += 1
        for a in present:
            self._stop(a, bars[a], ts, gap=True)
        for order in sorted(self.working.values(), key=lambda o: o.id):
            if order.asset in bars and order.due <= ts:
                self._work(order, bars[order.asset], ts)
        for a in present:
            self._stop(a, bars[a], ts, gap=False)
        for a in present:
            self.ledger.mark(a, bars[a].high, bars[a].low, bars[a].close)
        self.peak = max(self.peak, self.ledger.equity())
        signals = {a: signal(a) for a in present}
        for a in present:
            self._trail(a, signals[a].distances)
        self._decide(ts + self.interval, present, signals)
        if self._trading(ts + self.interval):
            self.equity.append((ts + self.interval, self.ledger.equity()))

    def _trading(self, now: int) -> bool:
        return self.config["trade_from_ms"] is None or now >= self.config["trade_from_ms"]

    # --- stops ------------------------------------------------------------------------------------------------------

    def _tightest(self, a: int) -> tuple[int, str] | None:
        """The level that counts now: the tightest; a fixed one before a trailing one."""
        side = sign(self.ledger.positions[a].lots)
        levels = [
            (level * side, kind == "fixed", kind)
            for level, kind in zip(self.assets[a].levels, self.stops[a], strict=True)
            if level is not None
        ]
        if not levels or side == 0:
            return None
        level, _, kind = max(levels)
        return level * side, kind

    def _stop(self, a: int, bar: IntBar, ts: int, gap: bool) -> None:
        """Closes a position whose level is crossed. While an exit of a price stop works, no other is sent (our choice)."""
        armed = self._tightest(a)
        if armed is None or (a in self.working and self.working[a].reason in PRICE_STOPS):
            return
        level, kind = armed
        long = self.ledger.positions[a].lots > 0
        seen = bar.open if gap else (bar.low if long else bar.high)
        if not (seen <= level if long else seen >= level):
            return
        reference = bar.open if gap else (min(bar.open, level) if long else max(bar.open, level))
        if gap:
            reason = GAP_FIXED if kind == "fixed" else GAP_TRAILING
        else:
            reason = STOP_FIXED if kind == "fixed" else STOP_TRAILING
        order = self._exit(a, ts, reference, reason, due=ts, now=ts)
        self._fill(order, bar, reference, ts)

    def _exit(self, a: int, ts: int, reference: int, reason: int, due: int, now: int) -> Order:
        """Sends the order that closes everything, and holds the target at 0 as the spec's `rearm` says."""
        self._cancel(a, STOPPED, ts)
        lots = self.ledger.positions[a].lots
        order = self._send(Order(len(self.orders), now, a, -sign(lots), abs(lots), abs(lots), reference, reason, due))
        state = self.assets[a]
        state.acted = 0  # the desk has acted on 0
        state.stopped, state.stopped_row = sign(lots), state.rows
        state.stopped_at = (
            now if reason == STOP_TIME else now + self.interval
        )  # a cooldown counts from this bar's decision (our choice)
        return order

    def _trail(self, a: int, distances: tuple[int | None, ...]) -> None:
        p, levels = self.ledger.positions[a], self.assets[a].levels
        side = sign(p.lots)
        for k, kind in enumerate(self.stops[a]):
            d = distances[k]
            if kind != "trailing" or side == 0 or d is None or d < 1:
                continue
            level = p.high - d if side > 0 else p.low + d
            old = levels[k]
            if old is None or level * side > old * side:
                levels[k] = level

    def _arm(self, order: Order, opened: bool, ticks: int) -> None:
        """Sets levels at a fill that opens or increases."""
        p, levels = self.ledger.positions[order.asset], self.assets[order.asset].levels
        for k, kind in enumerate(self.stops[order.asset]):
            if opened:
                levels[k] = None
            d = order.distances[k] if order.distances else None
            if d is None or d < 1:
                continue
            if kind == "fixed":
                levels[k] = p.entry_ticks() - sign(p.lots) * d
            elif opened:
                levels[k] = ticks - sign(p.lots) * d

    # --- venue ------------------------------------------------------------------------------------------------------

    def _work(self, order: Order, bar: IntBar, ts: int) -> None:
        """Fills a working order at the open, unless the price has run away from a pure increase."""
        increase = self.ledger.positions[order.asset].lots * order.side >= 0
        if increase and abs(bar.open - order.ref_ticks) * E9 > self.config["collar_e9"] * order.ref_ticks:
            self._cancel(order.asset, COLLAR, ts)
            return
        self._fill(order, bar, bar.open, ts)

    def price(self, reference: int, side: int, lots: int, bar: IntBar) -> int:
        spread: int = ceil_div(reference * self.config["half_spread_e9"], E9)
        impact: int = math.ceil(self.config["impact"] * PARKINSON * (bar.high - bar.low) * math.sqrt(lots / bar.volume))
        return reference + spread + impact if side > 0 else max(1, reference - spread - impact)

    def _fill(self, order: Order, bar: IntBar, reference: int, ts: int) -> None:
        a, state = order.asset, self.assets[order.asset]
        lots = min(abs(order.left), state.cap_left)
        if lots == 0:
            return
        ticks = self.price(reference, order.side, lots, bar)
        covered = lots
        if self.instruments[a].spot and order.side > 0:
            cash = self.ledger.spot_cash()
            covered = most(
                lots,
                lambda q: self.ledger.amount(a, q, ticks) + self.ledger.fee(a, self.ledger.amount(a, q, ticks)) <= cash,
            )
        if covered > 0:
            self._book(order, covered * order.side, ticks, ts)
        if covered < lots:
            self._cancel(a, BALANCE, ts)

    def _book(self, order: Order, lots: int, ticks: int, ts: int) -> None:
        a = order.asset
        before = self.ledger.positions[a].lots
        fee = self.ledger.fill(a, lots, ticks, ts, order.id, order.reason)
        after = self.ledger.positions[a].lots
        self.assets[a].cap_left -= abs(lots)
        order.filled += abs(lots)
        self.fills.append(
            Fill(order.id, ts, self.assets[a].rows - 1, a, lots, ticks, fee, order.reason, after, self.ledger.flow)
        )
        if after == 0:
            self.assets[a].levels = [None] * len(self.stops[a])
        elif before * after <= 0 or abs(after) > abs(before):
            self._arm(order, before * after <= 0, ticks)
        if order.left == 0:
            order.end(FILLED, NONE, ts)
            del self.working[a]

    def _send(self, order: Order) -> Order:
        self.orders.append(order)
        self.working[order.asset] = order
        return order

    def _cancel(self, a: int, cause: int, ts: int) -> None:
        if a in self.working:
            self.working.pop(a).end(CANCELLED, cause, ts)

    # --- decisions --------------------------------------------------------------------------------------------------

    def _decide(self, now: int, present: list[int], signals: Mapping[int, Signal]) -> None:
        scheduled = self._scheduled(now)
        equity = self.ledger.equity()
        exits: list[int] = []
        weights: dict[int, int] = {}
        for a in present:
            if self.specs[a] is None or self.assets[a].rows - 1 < self.warm_up[a] or not self._trading(now):
                continue
            self._observe(a, signals[a].raw)
            if self._time_is_up(a, now):
                exits.append(a)
                continue
            raw = self._held(a, signals[a].raw, now)
            if raw is not None:
                weights[a] = self._shared(a, raw)
        self._budget(weights, exits, equity, scheduled)
        acting = [a for a in weights if scheduled and self._acts(a, weights[a], equity)]
        desired = {a: self._desired(a, weights[a], equity) for a in acting}
        for a in acting:
            self._cancel(a, SUPERSEDED, now)
            self.assets[a].acted = weights[a]
            self.count.acts[a] += 1
        for a in sorted(acting + exits):
            if a in exits:
                self._exit(a, now, self.ledger.marks[a], STOP_TIME, now + self.config["latency_ms"], now)
            elif not self._grows(a, desired[a]):
                self._order(a, desired[a], equity, now, signals[a].distances)
        for a in acting:
            if self._grows(a, desired[a]):
                self._order(a, desired[a], equity, now, signals[a].distances)

    def _scheduled(self, now: int) -> bool:
        """Whether this grid row may act: the number of the schedule's period grew since the previous grid row."""
        rule = self.program.get("rebalance")
        if rule is None:
            return True
        number, exact = schedule(rule, now)
        before, self.last_schedule = self.last_schedule, number
        return exact if before is None else number > before

    def _observe(self, a: int, raw: int | None) -> None:
        """Counts, and ends the hold after a stop once the raw target has been 0 or changed sign."""
        state, spec = self.assets[a], self.specs[a]
        assert spec is not None
        if raw is None:
            self.count.missing_rows[a] += 1
            return
        if sign(raw) != state.raw_sign:
            self.count.flips[a] += 1
            state.raw_sign = sign(raw)
        if spec["rearm"]["mode"] == "new_signal" and sign(raw) != state.stopped:
            state.stopped = 0

    def _held(self, a: int, raw: int | None, now: int) -> int | None:
        """The raw target, or 0 while it is held after a stop; a missing one stays missing."""
        state, spec = self.assets[a], self.specs[a]
        assert spec is not None
        rearm = spec["rearm"]
        over = rearm["mode"] == "immediate"
        if rearm["mode"] == "cooldown":
            over = (
                state.rows - state.stopped_row >= rearm["bars"]
                if "bars" in rearm
                else now - state.stopped_at >= rearm["ms"]
            )
        if over:
            state.stopped = 0
        return 0 if state.stopped and raw is not None else raw

    def _time_is_up(self, a: int, now: int) -> bool:
        """Whether a time stop sends an exit now: one is due and no stop's exit is working yet."""
        p, spec = self.ledger.positions[a], self.specs[a]
        assert spec is not None
        if p.lots == 0 or (a in self.working and self.working[a].reason != TARGET):
            return False
        times = [s for s in spec["stops"] if s["kind"] == "time"]
        return any(p.bars_held >= s["bars"] if "bars" in s else now - p.first_fill >= s["ms"] for s in times)

    def _shared(self, a: int, raw: int) -> int:
        """The target in its own unit: of a strategy's weight each asset takes its equal share."""
        spec = self.specs[a]
        assert spec is not None
        alone = spec["kind"] != "weight" or self.program["kind"] != "strategy" or spec.get("asset") is not None
        return raw if alone else trunc_div(raw, len(self.instruments))

    def _weight(self, a: int, target: int, equity: int) -> int:
        """What a target counts in billionths of equity."""
        spec = self.specs[a]
        if spec is None or target == 0 or spec["kind"] == "weight":
            return abs(target)
        return self._value(a, target) * E9 // equity if equity > 0 else 0

    def _value(self, a: int, change: int) -> int:
        """The amount of a notional or quantity (change of) target."""
        spec = self.specs[a]
        assert spec is not None
        if spec["kind"] == "notional":
            return abs(change)
        return self.instruments[a].floor_amount(abs(change), self.ledger.marks[a])

    def _budget(self, weights: dict[int, int], exits: list[int], equity: int, scheduled: bool) -> None:
        """Scales the targets of this decision when gross is above the budget. An asset being stopped counts 0 (our choice)."""
        budget = max(half_even(t["budget"], BILLIONTH) for t in self.program["targets"])
        asked = {a: 0 if a in exits else weights.get(a, s.acted) for a, s in enumerate(self.assets)}
        gross = sum(self._weight(a, target, equity) for a, target in asked.items())
        if gross <= budget:
            return
        if scheduled:
            self.count.budget_rows += 1
            self.count.budget_max_gross_e9 = max(self.count.budget_max_gross_e9, gross)
        for a in weights:
            weights[a] = trunc_div(weights[a] * budget, gross)

    def _acts(self, a: int, w: int, equity: int) -> bool:
        state, spec = self.assets[a], self.specs[a]
        assert spec is not None
        if w == 0:
            state.acted = 0
            return self.ledger.positions[a].lots + self.checks.in_flight(a) != 0
        if sign(w) != sign(state.acted):
            return True
        change, band = w - state.acted, half_even(spec["band"], BILLIONTH)
        if spec["kind"] == "weight":
            reached = abs(change) >= band
        else:
            reached = self._value(a, change) * E9 >= band * max(equity, 0)
        self.count.band_holds[a] += change != 0 and not reached
        return change != 0 and reached

    def _desired(self, a: int, w: int, equity: int) -> int:
        """Signed lots; a ruined account wants 0."""
        spec, i = self.specs[a], self.instruments[a]
        assert spec is not None
        close = self.ledger.marks[a]
        if spec["kind"] == "notional":
            return sign(w) * (abs(w) * i.den // (close * i.num))
        if spec["kind"] == "qty":
            return w
        return sign(w) * (max(equity, 0) * abs(w) * i.den // (E9 * close * i.num))

    # --- sending ---------------------------------------------------------------------------------------------

    def _grows(self, a: int, desired: int) -> bool:
        """Whether an order to `desired` holds an increase; such orders are sent after the pure reductions."""
        held = self.ledger.positions[a].lots
        if self.instruments[a].spot:
            desired = max(desired, 0)
        return abs(desired) > abs(held) if desired * held > 0 else desired != 0

    def _order(self, a: int, desired: int, equity: int, now: int, distances: tuple[int | None, ...]) -> None:
        """Sends desired - position after the checks; of a flip only the part beyond flat is checked (our choice)."""
        held, cause = self.ledger.positions[a].lots, NONE
        wanted = desired - held
        if wanted == 0:
            return
        if self.instruments[a].spot and desired < 0:
            desired, cause = 0, NO_SHORT
        if self._grows(a, desired):
            base = held if held * desired > 0 else 0
            increase, cut = self.checks.checked(a, abs(desired - base), sign(desired), base, equity)
            desired = base + sign(desired) * increase
            cause = cut or cause
        lots = desired - held
        side = sign(lots) or sign(wanted)
        order = Order(
            len(self.orders),
            now,
            a,
            side,
            abs(lots),
            abs(wanted),
            self.ledger.marks[a],
            TARGET,
            now + self.config["latency_ms"],
            distances,
        )
        order.cause = cause
        if lots:
            self._send(order)
        else:
            self.orders.append(order)
            order.end(REJECTED, cause, now)

    def view(self, a: int, kind: str, name: str) -> float:
        """A field of `m.pos` or `b4.account` now."""
        return view(self.ledger, self.peak, self.checks.in_flight(a), a, kind, name)


def schedule(rule: Mapping[str, Any], now: int) -> tuple[int, bool]:
    """Returns the number of the schedule's period that holds `now`, and whether `now` is exactly its start."""
    if "period_ms" in rule:
        since = now - rule["anchor_ms"]
        return since // rule["period_ms"], since % rule["period_ms"] == 0
    day_ms = 86_400_000
    date = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(milliseconds=now - rule["at_ms"])
    months = date.year * 12 + date.month - 1 - (date.day < rule["day"]) - 1970 * 12
    number = months // rule["months"]
    exact = date.day == rule["day"] and (now - rule["at_ms"]) % day_ms == 0 and months % rule["months"] == 0
    return number, exact
