"""Desk and simulated venue over bars: signals in, orders, fills, trades and equity out (docs/semantics.md, sections 5 to 9).

It takes integer bars and quantised signals, and follows the page's steps literally, one bar at a time. `targets`, `entries` and
`lanes` decide, `protect` and `brackets` watch levels, `venue` fills, `money` keeps the books.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import realism
from .accounts import Accounts, Series
from .checks import Checks
from .entries import Entries
from .inside import note, touched
from .instrument import Instrument
from .lanes import Lanes
from .money import Ledger, sign
from .protect import Protection
from .records import IN_FLIGHT, OPEN, Asset, Counters, Fill, IntBar, Order, Signal
from .targets import Targets, schedule, spec_of
from .venue import Venue
from .view import view

__all__ = ["Desk", "schedule"]


class Desk:
    """One account. `step` takes the bars of one timestamp and asks `signal(asset)` for the row of each asset with a bar."""

    def __init__(
        self,
        instruments: Sequence[Mapping[str, Any]],
        interval_ms: int,
        program: Mapping[str, Any],
        config: Mapping[str, Any],
        warm_up: Sequence[int],
        funding: Sequence[Series | None] | None = None,
        funding_default: Sequence[int] | None = None,
    ) -> None:
        costs = config["instruments"]
        self.instruments = [Instrument.read(i, c) for i, c in zip(instruments, costs, strict=True)]
        self.interval, self.warm_up = interval_ms, list(warm_up)
        self.settings = realism.settings(config)
        count = len(self.instruments)
        self.ledger = Ledger(self.instruments, config["cash"], config.get("wallets") or ())
        self.venue = Venue(self.ledger, self.settings)
        self.count = Counters.of(count)
        addressed = [*program.get("targets", []), *program.get("entries", [])]
        self.specs = [spec_of(addressed, i.symbol) for i in self.instruments]
        self.lanes = Lanes(self.venue, program, interval_ms)
        self.checks = Checks(self.ledger, self.venue.working, self.settings, self.lanes.by_asset)
        self.protection = Protection(self.venue, self.specs, interval_ms)
        self.targets = Targets(self.protection, self.checks, program, self.count)
        self.entries = Entries(self.protection, self.checks, program, self.count)
        self.equity: list[tuple[int, int]] = []
        self.accounts = Accounts(self.venue, self.checks.margin, funding, funding_default, self._hold)
        self.peak = self.ledger.equity()
        self.venue.on_fill, self.venue.on_end = self._filled, self.lanes.ended

    @property
    def orders(self) -> list[Order]:
        return self.venue.orders

    @property
    def fills(self) -> list[Fill]:
        return self.venue.fills

    @property
    def assets(self) -> list[Asset]:
        return self.protection.assets

    def rows(self, a: int) -> int:
        """The bars an asset has had."""
        return self.venue.rows[a]

    # --- one bar --------------------------------------------------------------------------------------------------

    def step(self, ts: int, bars: Mapping[int, IntBar], signal: Callable[[int], Signal]) -> None:
        present = sorted(bars)
        self.venue.open_bar(ts, bars)
        self._open(present)
        for a in present:
            self._inside(a)
        for a in present:
            self.ledger.mark(a, bars[a].high, bars[a].low, bars[a].close)
            self.lanes.mark(a)
        self.peak = max(self.peak, self.ledger.equity())
        signals = {a: signal(a) for a in present}
        for a in present:
            self.protection.trail(a, signals[a].distances)
        now = ts + self.interval
        if self._trading(now):
            self._decide(now, [a for a in present if self.venue.rows[a] - 1 >= self.warm_up[a]], signals)
            self.equity.append((now, self.ledger.equity()))
        else:
            self.targets.decide(now, [], {}, self.ledger.equity())  # the schedule's periods are counted on every row

    def _open(self, present: Sequence[int]) -> None:
        """Expiry, stops that the open has crossed, what works in order of number, takes that the open has passed."""
        self.accounts.open_bar(self.venue.ts, present)
        self.lanes.expire(present)
        for a in present:
            self.protection.gap(a)
            self.lanes.gap(a)
        for order in sorted(self.venue.working.values(), key=lambda o: o.id):
            bar = self.venue.bars.get(order.asset)
            if bar is None or order.id not in self.venue.working:
                continue
            if order.due <= self.venue.ts:
                self._work(order)
            elif order.key is not None and touched(order, bar):
                note(order, IN_FLIGHT, self.venue)
        for a in present:
            self.protection.take_at_open(a)
            self.lanes.takes_at_open(a)

    def _inside(self, a: int) -> None:
        """Liquidation competes with the position's stop, the tighter first; what is left may still be liquidated."""
        level = self.accounts.level(a)
        if level is not None:
            side = sign(self.ledger.positions[a].lots)
            guards = self.lanes.guards(a, side) or [g[0] for g in [self.protection.tightest(a)] if g is not None]
            first = all(guard * side <= level * side for guard in guards)
            if first and self.accounts.liquidate_at(a, self.accounts.inside_price(a)):
                return
        self.lanes.inside(a) if a in self.lanes.by_asset else self.protection.inside(a)
        if self.ledger.positions[a].lots:
            self.accounts.liquidate_at(a, self.accounts.inside_price(a))

    def _hold(self, a: int, side: int) -> None:
        """After a liquidation: the signal is held as after a stop, the lanes hold nothing."""
        self.protection.hold(a, side, self.venue.ts + self.interval)
        self.lanes.liquidated(a)

    def _work(self, order: Order) -> None:
        if order.key is not None:
            self.lanes.work(order)
        elif order.rests:
            self.protection.work_take(order)
        elif not self.venue.runs_away(order):
            self.venue.take(order, self.venue.bars[order.asset].open, OPEN)

    def _filled(self, order: Order, lots: int, ticks: int, before: int) -> None:
        self.checks.margin.filled(order.asset, lots * order.side, before, self.venue.entered)
        if order.key is not None:
            self.lanes.filled(order, lots, ticks)
        else:
            self.protection.filled(order, ticks, before)
            if before and before * self.ledger.positions[order.asset].lots <= 0:
                self.entries.ended(order.asset, self.venue.ts + self.interval)

    def _decide(self, now: int, deciding: Sequence[int], signals: Mapping[int, Signal]) -> None:
        """Lanes cancel, targets decide and send, lanes send; reductions first, then by asset and lane."""
        equity = self.ledger.equity()
        lanes = self.lanes.decide(now, deciding, signals, equity, self.checks)
        levels = self.targets.decide(now, deciding, signals, equity)
        units = self.entries.decide(now, deciding, signals, equity)
        for sends in (levels + units, lanes):
            for send in sorted(sends, key=lambda s: (s.grows, s.asset, s.lane)):
                send.act()

    def _trading(self, now: int) -> bool:
        return self.settings["trade_from_ms"] is None or now >= self.settings["trade_from_ms"]

    def view(self, a: int, kind: str, name: str) -> float:
        """A field of `m.pos` or `b4.account` now."""
        return view(self.ledger, self.peak, self.checks.in_flight(a), a, kind, name)
