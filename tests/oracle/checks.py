"""Pre-trade checks of an increase, in the order of docs/semantics.md section 5: the smallest quantity wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .instrument import E9
from .margin import Margin, initial
from .money import Ledger, ceil_div
from .records import BALANCE, EQUITY, LEVERAGE, MARGIN, MAX_NOTIONAL, MIN_NOTIONAL, MIN_SIZE, NONE, TAKE, Order

LARGEST = 2**63 - 1  # amounts are i64: a limit beyond that binds there


class Checks:
    """The checks of one account; `working` is the venue's own dictionary of working orders by number."""

    def __init__(
        self, ledger: Ledger, working: Mapping[int, Order], settings: Mapping[str, Any], with_lanes: Iterable[int] = ()
    ) -> None:
        self.ledger, self.instruments, self.working, self.settings = ledger, ledger.instruments, working, settings
        self.with_lanes = set(with_lanes)
        self.margin = Margin(ledger, working, self.reserve)

    def in_flight(self, a: int) -> int:
        """Signed lots; the rest of a position's take, which may never fill, is not in flight, that of a lane is."""
        return sum(o.left for o in self.working.values() if o.asset == a and (o.reason != TAKE or o.key is not None))

    def left(self, a: int, side: int) -> int:
        """The lots that the working orders of one side have left."""
        return sum(abs(o.left) for o in self.working.values() if o.asset == a and o.side == side)

    def checked(self, a: int, lots: int, side: int, base: int, equity: int, ref: int) -> tuple[int, int]:
        """Returns the lots that an increase on top of `base` may have, and the reason that made them fewer."""
        i, max_notional = self.instruments[a], self.settings["max_notional"]
        if equity <= 0:
            return 0, EQUITY
        equity = self.ledger.to_settlement(a, equity)
        if lots < i.min_lots:
            return 0, MIN_SIZE
        if i.floor_amount(lots, ref) < i.min_notional:
            return 0, MIN_NOTIONAL
        cause = NONE
        for reason, allowed in self._limits(a, side, base, equity, ref, max_notional):
            most_lots = most(lots, allowed)
            if most_lots < lots:
                lots, cause = most_lots, reason
        too_small = lots < i.min_lots or i.floor_amount(lots, ref) < i.min_notional
        return (0, cause) if too_small else (lots, cause)

    def _limits(
        self, a: int, side: int, base: int, equity: int, ref: int, max_notional: int | None
    ) -> list[tuple[int, Callable[[int], bool]]]:
        i, limits = self.instruments[a], list[tuple[int, Callable[[int], bool]]]()
        if max_notional is not None:
            limits.append((MAX_NOTIONAL, lambda q: i.floor_amount(q, ref) <= max_notional))
        most_gross = min(self.settings["max_leverage_e9"] * equity // E9, LARGEST)
        room = most_gross - self.ledger.to_settlement(a, self.gross_of_others(a))
        limits.append((LEVERAGE, lambda q: i.floor_amount(abs(base) + q, ref) <= room))
        if i.spot and side > 0 and not self.ledger.home(a).lends:
            free = self.free_cash(i.wallet)
            limits.append((BALANCE, lambda q: self.reserve(a, q, ref) <= free))
        if i.leverage_e9 is not None:
            leverage = i.leverage_e9
            free_margin = self.margin.for_increase(a, flips=self.ledger.positions[a].lots * side < 0)
            limits.append((MARGIN, lambda q: initial(i.floor_amount(q, ref), leverage) <= max(0, free_margin)))
        return limits

    def exposure(self, a: int) -> int:
        """The lots that an asset may come to hold when all that works is filled."""
        position = self.ledger.positions[a].lots
        if a in self.with_lanes:
            return max(abs(position + self.left(a, 1)), abs(position - self.left(a, -1)))
        return abs(position + self.in_flight(a))

    def gross_of_others(self, a: int) -> int:
        others = [b for b in range(len(self.instruments)) if b != a]
        return sum(self._gross(b) for b in others)

    def _gross(self, b: int) -> int:
        lots = self.exposure(b)
        return self.ledger.to_account(b, self.instruments[b].floor_amount(lots, self.ledger.marks[b])) if lots else 0

    def reserve(self, a: int, lots: int, ticks: int) -> int:
        """What a spot buy may need: amount at the reference with fee and half spread."""
        factor = E9 + self.instruments[a].taker_e9 + self.settings["half_spread_e9"]
        return ceil_div(self.instruments[a].ceil_amount(lots, ticks) * factor, E9)

    def proceeds(self, a: int, lots: int, ticks: int) -> int:
        factor = E9 - self.instruments[a].taker_e9 - self.settings["half_spread_e9"]
        brought: int = self.instruments[a].floor_amount(lots, ticks) * factor // E9
        return brought

    def free_cash(self, wallet: int) -> int:
        """A wallet's cash less what working spot buys reserve, plus what spot sells of holdings at market should bring (each at its
        reference price), and no more than margin leaves."""
        cash = self.ledger.cash(wallet)
        for order in self.working.values():
            b, position = order.asset, self.ledger.positions[order.asset].lots
            if not self.instruments[b].spot or self.instruments[b].wallet != wallet:
                continue
            left = abs(order.left)
            if order.side > 0:
                cash -= self.reserve(b, left - min(left, max(0, -position)), order.ref_ticks)
            elif order.at_market:
                cash += self.proceeds(b, min(left, max(0, position)), order.ref_ticks)
        if any(i.margin is not None for i in self.instruments):
            return min(cash, self.margin.available(wallet))
        return cash


def most(lots: int, allowed: Callable[[int], bool]) -> int:
    """Returns the largest quantity up to `lots` that is allowed (0 if none); `allowed` is monotone."""
    low, high = 0, lots
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if allowed(middle) else (low, middle - 1)
    return low
