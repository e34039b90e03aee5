"""Margin: what a position needs to be opened and kept, and the price at which that is no longer enough (docs/semantics.md, section 9).

Written with exact fractions from the condition itself: a position is liquidated where margin balance = maintenance.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .instrument import E9
from .money import Ledger, ceil_div, sign
from .records import Order

HUGE = 2**63 - 1
Tier = Sequence[int]  # floor, rate in billionths, amount


def tier_of(tiers: Sequence[Tier], notional: int) -> Tier:
    """The last bracket whose floor the notional reaches; the first below all."""
    return next((t for t in reversed(tiers) if t[0] <= notional), tiers[0])


def maintenance(tiers: Sequence[Tier], notional: int) -> int:
    _, rate_e9, amount = tier_of(tiers, notional)
    return ceil_div(notional * rate_e9, E9) - amount


def initial(notional: int, leverage_e9: int) -> int:
    return ceil_div(notional * E9, leverage_e9)


class Margin:
    """The margin of all wallets. `aside` is what isolated positions have set aside."""

    def __init__(self, ledger: Ledger, working: Mapping[int, Order], reserve: Any) -> None:
        self.ledger, self.instruments, self.working, self.reserve = ledger, ledger.instruments, working, reserve
        self.aside = [0] * len(self.instruments)

    def mode(self, a: int) -> str | None:
        margin = self.instruments[a].margin
        return None if margin is None else str(margin["mode"])

    def open_in(self, wallet: int) -> list[int]:
        return [a for a, p in enumerate(self.ledger.positions) if p.lots and self.instruments[a].wallet == wallet]

    def balance(self, wallet: int) -> int:
        """A wallet's cash outside isolated positions, and what its cross positions have won."""
        total = self.ledger.wallets[wallet].flow
        for a in self.open_in(wallet):
            if self.mode(a) == "cross":
                total += self.ledger.value(a)
            elif self.mode(a) == "isolated":
                total += self.ledger.entered(a) - self.aside[a]
            elif not self.instruments[a].spot:
                total += self.ledger.entered(a)
        return total

    def kept(self, a: int) -> int:
        """The maintenance margin of a position at its mark."""
        margin = self.instruments[a].margin
        assert margin is not None
        return maintenance(margin["tiers"], abs(self.ledger.value(a)))

    def bound(self, a: int) -> int:
        """The initial margin of a position at its mark."""
        leverage = self.instruments[a].leverage_e9
        assert leverage is not None
        return initial(abs(self.ledger.value(a)), leverage)

    def available(self, wallet: int) -> int:
        """What neither positions nor working orders bind."""
        free = self.balance(wallet) - sum(self.bound(a) for a in self.open_in(wallet) if self.mode(a) == "cross")
        for order in self.working.values():
            a, i = order.asset, self.instruments[order.asset]
            position = self.ledger.positions[a].lots
            closing = min(abs(order.left), abs(position)) if sign(position) == -order.side else 0
            opening = abs(order.left) - closing
            if i.wallet != wallet or opening == 0:
                continue
            if i.leverage_e9 is not None:
                free -= initial(i.floor_amount(opening, order.ref_ticks), i.leverage_e9)
            elif i.spot:
                free -= self.reserve(a, opening, order.ref_ticks)
        return free

    def for_increase(self, a: int, flips: bool) -> int:
        """The margin that an increase may bind, with what a flip's closing part frees."""
        free = self.available(self.instruments[a].wallet)
        if flips and self.mode(a) == "cross":
            free += self.bound(a)
        elif flips and self.mode(a) == "isolated":
            free += self.aside[a] + self.ledger.value(a) - self.ledger.entered(a)
        return free

    def filled(self, a: int, lots: int, before: int, entered: int) -> None:
        """Sets margin aside at increases of an isolated position, gives it back in proportion at reductions.

        `before` and `entered` are the position and the open trade's entry notional before the fill.
        """
        if self.mode(a) != "isolated":
            return
        closing = min(abs(lots), abs(before)) if sign(before) == -sign(lots) else 0
        if closing:
            self.aside[a] -= self.aside[a] * closing // abs(before)
        if abs(lots) > closing:
            leverage = self.instruments[a].leverage_e9
            assert leverage is not None
            added = self.ledger.open_trades[a].entry_notional - (0 if closing or not before else entered)
            self.aside[a] += initial(added, leverage)

    def liquidation_ticks(self, a: int) -> int | None:
        """The price at or beyond which the position is liquidated, others at their marks; None where no price is.

        With x the exact amount of the lots at the price, a long (linear) is worth x and an inverse long -x; what is there,
        surplus + worth, meets what must be kept, rate * x - the bracket's amount.
        """
        i, lots = self.instruments[a], self.ledger.positions[a].lots
        if i.margin is None or lots == 0:
            return None
        worth = self.ledger.value(a)
        _, rate_e9, amount = tier_of(i.margin["tiers"], abs(worth))
        if self.mode(a) == "cross":
            others = sum(self.kept(b) for b in self.open_in(i.wallet) if b != a and self.mode(b) == "cross")
            surplus = self.balance(i.wallet) - worth - others
        else:
            surplus = self.aside[a] - self.ledger.entered(a)
        owed = -sign(i.directed(lots)) + Fraction(rate_e9, E9)  # of x: owed itself, and to be kept
        return self._price(i.exact(abs(lots), 1), i.inverse, lots, Fraction(surplus + amount), owed)

    @staticmethod
    def _price(one: Fraction, inverse: bool, lots: int, stake: Fraction, owed: Fraction) -> int | None:
        """Solves stake = owed * x for the price; `one` is x at one tick. Rounded so that it comes early."""
        if owed > 0 and stake <= 0:  # the more x the worse, and there is nothing left at all: any price is beyond
            return 1 if lots < 0 else HUGE
        if owed < 0 and stake >= 0:  # the more x the better, and nothing is owed
            return None
        x = stake / owed
        price = one / x if inverse else x / one
        return math.ceil(price) if lots > 0 else max(1, math.floor(price))
