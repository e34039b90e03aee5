"""Pre-trade checks of an increase, in the order of docs/semantics.md section 5: the smallest quantity wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .money import E9, Ledger, ceil_div
from .records import BALANCE, EQUITY, LEVERAGE, MAX_NOTIONAL, MIN_NOTIONAL, MIN_SIZE, NONE, Order


class Checks:
    """The checks of one account; `working` is the desk's own dictionary of working orders by asset."""

    def __init__(self, ledger: Ledger, working: Mapping[int, Order], config: Mapping[str, Any]) -> None:
        self.ledger, self.instruments, self.working, self.config = ledger, ledger.instruments, working, config

    def in_flight(self, a: int) -> int:
        return self.working[a].left if a in self.working else 0

    def checked(self, a: int, lots: int, side: int, base: int, equity: int) -> tuple[int, int]:
        """Returns the lots that an increase may have, and the reason that made them fewer."""
        i, close, max_notional = self.instruments[a], self.ledger.marks[a], self.config["max_notional"]
        if equity <= 0:
            return 0, EQUITY
        if lots < i.min_lots:
            return 0, MIN_SIZE
        if i.floor_amount(lots, close) < i.min_notional:
            return 0, MIN_NOTIONAL
        cause = NONE
        limits: list[tuple[int, Callable[[int], bool]]] = []
        if max_notional is not None:
            limits.append((MAX_NOTIONAL, lambda q: i.floor_amount(q, close) <= max_notional))
        room = self.config["max_leverage_e9"] * equity // E9 - self.gross_of_others(a)
        limits.append((LEVERAGE, lambda q: i.floor_amount(abs(base) + q, close) <= room))
        if i.spot and side > 0:
            free = self.free_cash()
            limits.append((BALANCE, lambda q: self.reserve(a, q, close) <= free))
        for reason, allowed in limits:
            most_lots = most(lots, allowed)
            if most_lots < lots:
                lots, cause = most_lots, reason
                if lots < i.min_lots or i.floor_amount(lots, close) < i.min_notional:
                    return 0, cause
        return lots, cause

    def gross_of_others(self, a: int) -> int:
        sizes = [abs(p.lots + self.in_flight(b)) for b, p in enumerate(self.ledger.positions)]
        return sum(self.instruments[b].floor_amount(q, self.ledger.marks[b]) for b, q in enumerate(sizes) if b != a)

    def reserve(self, a: int, lots: int, ticks: int) -> int:
        """What a spot buy may need: amount at the decision's close with fee and half spread."""
        factor = E9 + self.instruments[a].taker_e9 + self.config["half_spread_e9"]
        return ceil_div(self.instruments[a].ceil_amount(lots, ticks) * factor, E9)

    def proceeds(self, a: int, lots: int, ticks: int) -> int:
        factor = E9 - self.instruments[a].taker_e9 - self.config["half_spread_e9"]
        brought: int = self.instruments[a].floor_amount(lots, ticks) * factor // E9
        return brought

    def free_cash(self) -> int:
        """Spot cash less what working spot buys reserve, plus what working spot sells should bring (each at its reference price)."""
        cash = self.ledger.spot_cash()
        for b, order in self.working.items():
            if self.instruments[b].spot:
                left = abs(order.left)
                cash += (
                    -self.reserve(b, left, order.ref_ticks)
                    if order.side > 0
                    else self.proceeds(b, left, order.ref_ticks)
                )
        return cash


def most(lots: int, allowed: Callable[[int], bool]) -> int:
    """Returns the largest quantity up to `lots` that is allowed (0 if none); `allowed` is monotone."""
    low, high = 0, lots
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if allowed(middle) else (low, middle - 1)
    return low
