"""What a bar's open brings before anything trades: interest, borrow, funding; and liquidation (docs/semantics.md, section 9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .instrument import E9
from .margin import Margin
from .money import ceil_div, sign
from .realism import STRICT
from .records import LIQUIDATED, LIQUIDATED_AT, LIQUIDATION, Funding, Order
from .venue import Venue

JITTER_MS = 1_000
HOUR_MS = 3_600_000
HOURS_A_YEAR = 8_760
Series = Sequence[tuple[int, float]]


class Accounts:
    """Wallets over time: `series` has each instrument's settlements, `default` (rate_e9, period_ms) serves perpetuals without one."""

    def __init__(
        self,
        venue: Venue,
        margin: Margin,
        series: Sequence[Series | None] | None,
        default: Sequence[int] | None,
        hold: Callable[[int, int], None],
    ) -> None:
        self.venue, self.margin, self.ledger, self.hold = venue, margin, venue.ledger, hold
        count = len(venue.ledger.instruments)
        self.series = list(series) if series else [None] * count
        self.default = default
        self.settled = [0] * count  # settlements of the series that are past
        self.last: list[int | None] = [None] * count  # the asset's previous bar
        self.last_any: int | None = None
        self.funding: list[Funding] = []
        self.totals: dict[str, list[int]] = {n: [0] * count for n in ("funding", "borrow", "fund", "liquidations")}

    def open_bar(self, ts: int, present: Sequence[int]) -> None:
        """Interest by wallet; then borrow and funding by asset; then what the open has liquidated."""
        for number, wallet in enumerate(self.ledger.wallets):
            cash = self.ledger.cash(number)
            if cash < 0:
                self.ledger.credit(number, -interest(-cash, wallet.interest_e9, hours(self.last_any, ts)))
        for a in present:
            self._borrow(a, ts)
            self._fund(a, ts)
            self.last[a] = ts
        self.last_any = ts
        for a in present:
            self.liquidate_at(a, self.venue.bars[a].open)

    def _borrow(self, a: int, ts: int) -> None:
        i, lots = self.ledger.instruments[a], self.ledger.positions[a].lots
        if i.spot and lots < 0:
            value = abs(i.value(lots, self.venue.bars[a].open))
            charged = interest(value, i.borrow_e9, hours(self.last[a], ts))
            self.ledger.carry(a, -charged)
            self.totals["borrow"][a] -= charged

    def _fund(self, a: int, ts: int) -> None:
        """Books the settlements since the previous bar on the position as it stands."""
        if self.ledger.instruments[a].spot:
            return
        series, last = self.series[a], self.last[a]
        due: list[tuple[int, int]] = []
        if series is not None:
            while self.settled[a] < len(series) and series[self.settled[a]][0] <= ts + JITTER_MS:
                f, rate = series[self.settled[a]]
                due.append((f, round(rate * 1e9)))
                self.settled[a] += 1
        elif self.default is not None and last is not None:
            rate_e9, period = self.default
            numbers = range((last + JITTER_MS) // period + 1, (ts + JITTER_MS) // period + 1)
            due = [(number * period, rate_e9) for number in numbers]
        for f, rate_e9 in due:
            self._settle(a, f, rate_e9)

    def _settle(self, a: int, f: int, rate_e9: int) -> None:
        i, lots = self.ledger.instruments[a], self.ledger.positions[a].lots
        if lots == 0:
            return
        value = abs(i.value(lots, self.venue.bars[a].open))
        pays = sign(lots) * sign(rate_e9) > 0
        amount = -ceil_div(value * abs(rate_e9), E9) if pays else value * abs(rate_e9) // E9
        self.ledger.carry(a, amount)
        self.totals["funding"][a] += amount
        self.funding.append(Funding(f, a, rate_e9, amount, lots))

    # --- liquidation --------------------------------------------------------------------------------------------------

    def level(self, a: int) -> int | None:
        return self.margin.liquidation_ticks(a)

    def inside_price(self, a: int) -> int:
        """What a liquidation inside the bar is tested at: strict the extreme against the position, else the close."""
        bar = self.venue.bars[a]
        if self.venue.realism != STRICT:
            return bar.close
        return bar.low if self.ledger.positions[a].lots > 0 else bar.high

    def liquidate_at(self, a: int, price: int) -> bool:
        """Liquidates a position if the price is at its liquidation price or beyond."""
        level, lots = self.level(a), self.ledger.positions[a].lots
        side = sign(lots)
        if level is None or price * side > level * side:
            return False
        bar, ts = self.venue.bars[a], self.venue.ts
        base = min(level, bar.open) if side > 0 else max(level, bar.open)
        for order in self.venue.of(a):
            self.venue.cancel(order, LIQUIDATED)
        order = self.venue.new(a, ts, -side, abs(lots), abs(lots), base, LIQUIDATION, due=ts, closes=True)
        self.hold(a, side)
        before, entered, aside = self.ledger.home(a).flow, self.ledger.entered(a), self.margin.aside[a]
        isolated = self.margin.mode(a) == "isolated"
        self.venue.liquidate(self.venue.send(order), base, LIQUIDATED_AT, self._fee)
        self.totals["liquidations"][a] += 1
        if isolated:
            self._rescue(a, entered - (self.ledger.home(a).flow - before) - aside)
        return True

    def _fee(self, order: Order, lots: int, ticks: int) -> int:
        """The venue's fee for liquidating."""
        margin = self.ledger.instruments[order.asset].margin
        assert margin is not None
        amount = self.ledger.amount(order.asset, order.side * lots, ticks)
        fee = ceil_div(amount * margin.get("liquidation_fee_e9", 0), E9)
        self.ledger.charge(order.asset, fee)
        return fee

    def _rescue(self, a: int, beyond: int) -> None:
        """Lets the venue's fund take what an isolated position lost beyond its margin."""
        if beyond <= 0:
            return
        self.ledger.credit(self.ledger.instruments[a].wallet, beyond)
        self.ledger.trades[-1].pnl += beyond
        self.totals["fund"][a] += beyond


def hours(since: int | None, ts: int) -> int:
    """The full hours of the clock since the previous bar."""
    return 0 if since is None else ts // HOUR_MS - since // HOUR_MS


def interest(amount: int, rate_e9: int, count: int) -> int:
    """Interest of some hours, each rounded up."""
    return ceil_div(amount * rate_e9, E9 * HOURS_A_YEAR) * count
