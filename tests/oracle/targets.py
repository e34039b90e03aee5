"""Targets: which of them act at a decision, and the orders to what they want (docs/semantics.md, section 5)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .checks import Checks
from .instrument import E9
from .legs import Legs
from .money import half_even, sign, trunc_div
from .protect import Protection
from .records import BROKEN_LEG, NO_SHORT, NONE, STOP_TIME, SUPERSEDED, TAKE, TARGET, Counters, Signal
from .sizes import lots_of
from .venue import Venue

BILLIONTH = (1, 9)


@dataclass(frozen=True)
class Send:
    """An order about to be sent: reductions first, then by asset and lane."""

    grows: bool
    asset: int
    lane: int
    act: Callable[[], object]


class Targets:
    """The targets of all assets that have one."""

    def __init__(self, protection: Protection, checks: Checks, program: Mapping[str, Any], count: Counters) -> None:
        self.protection, self.checks, self.program, self.count = protection, checks, program, count
        self.venue: Venue = protection.venue
        self.ledger, self.instruments = self.venue.ledger, self.venue.ledger.instruments
        self.assets = protection.assets
        own = program.get("targets", [])
        self.specs = [spec if any(spec is one for one in own) else None for spec in protection.specs]
        self.legs = Legs(protection, program, count)
        self.last_schedule: int | None = None

    def decide(self, now: int, deciding: Sequence[int], signals: Mapping[int, Signal], equity: int) -> list[Send]:
        """Cancels what is superseded; returns what is to be sent."""
        scheduled = self._scheduled(now)
        exits: list[int] = []
        weights: dict[int, int] = {}
        mine = [a for a in deciding if self.specs[a] is not None]
        for a in mine:
            self.legs.see(a, signals[a].raw)
            self._observe(a, signals[a].raw)
            if self.protection.time_is_up(a, now):
                exits.append(a)
                continue
            raw = self._held(a, signals[a].raw, now)
            if raw is not None:
                weights[a] = self._shared(a, raw)
        flat = self.legs.check(mine)
        weights |= {a: 0 for a in mine if a in flat and a not in exits}
        self._budget(weights, exits, equity, scheduled)
        waits = {a for a in mine if a not in flat and self._waits_for_take(a, signals[a].raw)}
        acting = {
            a: weights[a]
            for a in weights
            if (scheduled or a in flat) and a not in waits and self._acts(a, weights[a], equity)
        }
        desired = {a: self._desired(a, weights[a], equity) for a in acting}
        zeros = {a for a in mine if signals[a].raw == 0}
        again = self.legs.note(acting, desired, zeros, {a for a in mine if a not in exits})
        for a in acting:
            self.assets[a].acted = weights[a]
        desired |= again
        for a in desired:
            working = self.protection.working(a)
            if working is not None:
                self.venue.cancel(working, SUPERSEDED, now)
            self.count.acts[a] += a in acting
        sends = [Send(False, a, 0, partial(self._time_stop, a, now, a in flat)) for a in exits]
        for a in sorted(desired):
            cause = BROKEN_LEG if a in flat else NONE
            words = a, desired[a], equity, now, signals[a], TARGET, cause
            grow = grows(self.ledger.positions[a].lots, possible(self.venue, a, desired[a]))
            sends.append(Send(grow, a, 0, partial(order_to, self.venue, self.checks, *words)))
        return sends

    def _time_stop(self, a: int, now: int, flattened: bool) -> None:
        order = self.protection.exit(a, now, self.ledger.marks[a], STOP_TIME, now)
        order.cause = BROKEN_LEG if flattened else NONE

    def _waits_for_take(self, a: int, raw: int | None) -> bool:
        """Whether the rest of a take works and the target is held at 0, not 0 itself."""
        working = self.protection.working(a)
        return working is not None and working.reason == TAKE and self.assets[a].stopped != 0 and raw != 0

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
                self.venue.rows[a] - state.stopped_row >= rearm["bars"]
                if "bars" in rearm
                else now - state.stopped_at >= rearm["ms"]
            )
        if over:
            state.stopped = 0
        return 0 if state.stopped and raw is not None else raw

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
        equity = self.ledger.to_settlement(a, equity)
        return self._value(a, target) * E9 // equity if equity > 0 else 0

    def _value(self, a: int, change: int) -> int:
        """The amount of a notional or quantity (change of) target."""
        spec = self.specs[a]
        assert spec is not None
        if spec["kind"] == "notional":
            return abs(change)
        return self.instruments[a].floor_amount(abs(change), self.ledger.marks[a]) if change else 0

    def _budget(self, weights: dict[int, int], exits: list[int], equity: int, scheduled: bool) -> None:
        """Scales the targets of this decision when gross is above the budget. An asset being stopped counts 0 (our choice)."""
        if not any(self.specs):
            return
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
            reached = self._value(a, change) * E9 >= band * max(self.ledger.to_settlement(a, equity), 0)
        self.count.band_holds[a] += change != 0 and not reached
        return change != 0 and reached

    def _desired(self, a: int, w: int, equity: int) -> int:
        """Signed lots; a ruined account wants 0."""
        spec, i = self.specs[a], self.instruments[a]
        assert spec is not None
        return (
            w
            if spec["kind"] == "qty"
            else sign(w)
            * lots_of(i, spec["kind"], abs(w), self.ledger.marks[a], self.ledger.to_settlement(a, equity), None)
        )


def possible(venue: Venue, a: int, desired: int) -> int:
    """What an instrument can hold of it."""
    return max(desired, 0) if venue.ledger.instruments[a].long_only else desired


def order_to(
    venue: Venue,
    checks: Checks,
    a: int,
    desired: int,
    equity: int,
    now: int,
    signal: Signal,
    reason: int,
    cause: int = NONE,
) -> None:
    """Sends desired - position after the checks; of a flip only the part beyond flat is checked."""
    held = venue.ledger.positions[a].lots
    wanted = desired - held
    if wanted == 0:
        return
    if possible(venue, a, desired) != desired:
        desired, cause = 0, NO_SHORT
    close = venue.ledger.marks[a]
    if grows(held, desired):
        base = held if held * desired > 0 else 0
        increase, cut = checks.checked(a, abs(desired - base), sign(desired), base, equity, close)
        desired = base + sign(desired) * increase
        cause = cut or cause
    lots = desired - held
    side = sign(lots) or sign(wanted)
    protection = {"distances": signal.distances, "take": signal.take}
    order = venue.new(a, now, side, abs(lots), abs(wanted), close, reason, **protection)
    order.cause = cause
    if lots:
        venue.send(order)
    else:
        venue.reject(order, cause)


def spec_of(specs: Sequence[Mapping[str, Any]], symbol: str) -> Mapping[str, Any] | None:
    """The target (or entries) of an asset: the one addressed to it, else the one addressed to all."""
    named = [t for t in specs if t.get("asset") == symbol]
    return next(iter(named + [t for t in specs if t.get("asset") is None]), None)


def grows(held: int, desired: int) -> bool:
    """Whether an order to `desired` holds an increase; such orders are sent after the pure reductions."""
    return abs(desired) > abs(held) if desired * held > 0 else desired != 0


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
