"""Integer money: amounts, positions and the ledger (docs/semantics.md, section 4).

Prices are ticks, quantities lots, amounts 1e-8 of the quote currency. The ledger asserts after every fill that nothing was lost.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .instrument import E9, Instrument


def ceil_div(a: int, b: int) -> int:
    return -(-a // b)


def trunc_div(a: int, b: int) -> int:
    """Returns a / b truncated toward zero (b > 0)."""
    return abs(a) // b * (1 if a >= 0 else -1)


def half_even(value: float, step: Sequence[int]) -> int:
    """Returns the value in steps of n / 10^d, half to even; the quotient is the float x * 10^d / n, as the page says."""
    n, d = step
    return round(value * 10.0**d / n)


def sign(a: int) -> int:
    return (a > 0) - (a < 0)


@dataclass
class Position:
    """One asset's position. `cost` is signed, in lots x ticks; highs and lows are those since the first fill, fill bar included."""

    lots: int = 0
    cost: int = 0
    first_fill: int = -1
    last_fill: int = -1
    bars_held: int = 0
    orders: set[int] = field(default_factory=set)  # those that opened or increased
    high: int = 0
    low: int = 0


@dataclass
class Trade:
    """A round trip: from flat to flat, or to a change of sides."""

    asset: int
    side: int
    entry_ts: int
    exit_ts: int = -1
    lots: int = 0
    entry_notional: int = 0
    exit_notional: int = 0
    fees: int = 0
    pnl: int = 0
    funding: int = 0
    bars: int = 0
    reason: int = 0


@dataclass
class Wallet:
    """Cash of one settlement currency; `convert` is the instrument whose mark values it in the account's currency."""

    flow: int
    convert: int | None = None
    lends: bool = False
    interest_e9: int = 0


class Ledger:
    """Cash flow, positions and dust of one account, in its wallets."""

    def __init__(self, instruments: list[Instrument], cash: int, wallets: Sequence[Mapping[str, Any]] = ()) -> None:
        self.instruments = instruments
        self.wallets = [
            Wallet(w["cash"], w.get("convert"), w.get("mode") == "cross", w.get("interest_e9", 0)) for w in wallets
        ] or [Wallet(cash)]
        self.start = [w.flow for w in self.wallets]
        count = len(instruments)
        self.positions = [Position() for _ in instruments]
        self.marks = [0] * count
        self.notional = [0] * count  # signed: what buys took and sells brought
        self.traded = [0] * count  # signed sum of lots x ticks
        self.fees = [0] * count
        self.dust = [0] * count  # in 1/den units
        self.carried = [0] * count  # funding and borrow of the open trade
        self.other = [0] * len(self.wallets)  # funding, interest, borrow and what the fund took
        self.open_trades: dict[int, Trade] = {}
        self.trades: list[Trade] = []

    @property
    def flow(self) -> int:
        """Of all wallets in the account's own currency."""
        return sum(w.flow for w in self.wallets if w.convert is None)

    def home(self, asset: int) -> Wallet:
        return self.wallets[self.instruments[asset].wallet]

    def to_account(self, asset: int, amount: int) -> int:
        """An amount of the instrument's settlement currency in the account's."""
        return self.converted(self.home(asset), amount)

    def converted(self, wallet: Wallet, amount: int) -> int:
        if wallet.convert is None:
            return amount
        return math.floor(amount * self.marks[wallet.convert] * self.instruments[wallet.convert].tick)

    def to_settlement(self, asset: int, amount: int) -> int:
        by = self.home(asset).convert
        if by is None:
            return amount
        price = self.marks[by] * self.instruments[by].tick
        return math.floor(amount / price) if price else 0

    def value(self, asset: int) -> int:
        return self.instruments[asset].value(self.positions[asset].lots, self.marks[asset])

    def entered(self, asset: int) -> int:
        """What the position was worth when it was entered."""
        return self.instruments[asset].worth_of_cost(self.positions[asset].cost)

    def equity(self) -> int:
        total = 0
        for number, wallet in enumerate(self.wallets):
            mine = [a for a, i in enumerate(self.instruments) if i.wallet == number]
            total += self.converted(wallet, wallet.flow + sum(self.value(a) for a in mine))
        return total

    def cash(self, number: int) -> int:
        """A wallet's cash: flow + the entry cost of open perpetual and short positions (each rounded down)."""
        pairs = enumerate(zip(self.instruments, self.positions, strict=True))
        lent = [a for a, (i, p) in pairs if i.wallet == number and not (i.spot and p.lots > 0)]
        return self.wallets[number].flow + sum(self.entered(a) for a in lent)

    def account_cash(self) -> int:
        return sum(self.converted(w, self.cash(number)) for number, w in enumerate(self.wallets))

    def cash_of(self, asset: int) -> int | None:
        """What a spot buy may spend, what its own short brought included; None where the wallet lends."""
        wallet = self.home(asset)
        if wallet.lends:
            return None
        own = self.entered(asset) if self.positions[asset].lots < 0 else 0
        return self.cash(self.instruments[asset].wallet) - own

    def fee(self, asset: int, amount: int, maker: bool = False) -> int:
        instrument = self.instruments[asset]
        return ceil_div(amount * (instrument.maker_e9 if maker else instrument.taker_e9), E9)

    def amount(self, asset: int, lots: int, ticks: int) -> int:
        """What a buy of `lots` costs, or a sell of `-lots` brings, or for inverse contracts the other way round: positive."""
        return abs(self.instruments[asset].booked(lots, ticks))

    def credit(self, number: int, amount: int) -> None:
        """Books what is no fill."""
        self.wallets[number].flow += amount
        self.other[number] += amount

    def carry(self, asset: int, amount: int) -> None:
        """Books what a position pays or receives while it is held."""
        self.credit(self.instruments[asset].wallet, amount)
        self.carried[asset] += amount

    def charge(self, asset: int, fee: int) -> None:
        """Books a fee that is none of a fill's, into the open trade."""
        self.home(asset).flow -= fee
        self.fees[asset] += fee
        self.open_trades[asset].fees += fee

    def fill(self, asset: int, lots: int, ticks: int, ts: int, order: int, reason: int, maker: bool = False) -> int:
        """Books a fill of signed `lots`; returns its fee."""
        i = self.instruments[asset]
        booked = i.booked(lots, ticks)
        amount = abs(booked)
        fee = self.fee(asset, amount, maker)
        self.notional[asset] += booked
        self.traded[asset] += lots * ticks
        self.fees[asset] += fee
        self.home(asset).flow -= booked + fee
        if not i.inverse:
            self.dust[asset] += booked * i.den - lots * ticks * i.num
        closing = self._closing(asset, lots)
        self._book_trade(asset, closing, lots, ticks, amount, fee, ts, reason)
        self._reduce(asset, closing)
        self._increase(asset, lots - closing, ticks, ts, order)
        self.positions[asset].last_fill = ts
        self.check(asset)
        return fee

    def _closing(self, asset: int, lots: int) -> int:
        """The signed part of a fill that reduces the position."""
        held = self.positions[asset].lots
        return 0 if held * lots >= 0 else sign(lots) * min(abs(lots), abs(held))

    def _reduce(self, asset: int, lots: int) -> None:
        p = self.positions[asset]
        if lots == 0:
            return
        if lots == -p.lots:
            self.positions[asset] = Position()
            return
        p.cost -= trunc_div(p.cost * abs(lots), abs(p.lots))
        p.lots += lots

    def _increase(self, asset: int, lots: int, ticks: int, ts: int, order: int) -> None:
        p = self.positions[asset]
        if lots == 0:
            return
        if p.lots == 0:
            p.first_fill = ts
        p.lots += lots
        p.cost += self.instruments[asset].cost(lots, ticks)
        p.orders.add(order)

    def _book_trade(
        self, asset: int, closing: int, lots: int, ticks: int, amount: int, fee: int, ts: int, reason: int
    ) -> None:
        """Splits a flip: the closing part is rounded by its own and charged its share of the fee, the opening part is what remains."""
        close_amount = self.amount(asset, closing, ticks) if closing else 0
        close_fee = fee * abs(closing) // abs(lots)
        if closing == lots:
            close_amount, close_fee = amount, fee
        if closing:
            trade = self.open_trades[asset]
            trade.exit_notional += close_amount
            trade.fees += close_fee
            trade.reason = reason
            if closing == -self.positions[asset].lots:
                trade.exit_ts, trade.bars = ts, self.positions[asset].bars_held
                trade.funding, self.carried[asset] = self.carried[asset], 0
                trade.pnl = self._earned(trade) + trade.funding
                self.trades.append(self.open_trades.pop(asset))
        if closing != lots:
            trade = self.open_trades.setdefault(asset, Trade(asset, sign(lots), ts))
            trade.lots += abs(lots - closing)
            trade.entry_notional += amount - close_amount
            trade.fees += fee - close_fee
            trade.reason = reason

    def _earned(self, trade: Trade) -> int:
        side = self.instruments[trade.asset].directed(trade.side)
        return side * (trade.exit_notional - trade.entry_notional) - trade.fees

    def mark(self, asset: int, high: int, low: int, close: int) -> None:
        p = self.positions[asset]
        self.marks[asset] = close
        if p.lots:
            p.high, p.low = (high, low) if p.bars_held == 0 else (max(p.high, high), min(p.low, low))
            p.bars_held += 1

    def finish(self) -> list[Trade]:
        """Returns all trades, closed ones first, open ones valued at the last mark."""
        still = []
        for asset, trade in sorted(self.open_trades.items()):
            trade.bars = self.positions[asset].bars_held
            trade.funding = self.carried[asset]
            trade.pnl = self._earned(trade) + trade.funding + self.value(asset)
            still.append(trade)
        return self.trades + still

    def check(self, asset: int) -> None:
        """Asserts that cash flow, position and dust balance exactly, and that the wallet holds what it should."""
        i = self.instruments[asset]
        if not i.inverse:
            assert -self.notional[asset] * i.den + self.traded[asset] * i.num + self.dust[asset] == 0, "value was lost"
            assert self.dust[asset] >= 0, "dust is what rounding took from us"
        mine = [a for a, other in enumerate(self.instruments) if other.wallet == i.wallet]
        spent = sum(self.notional[a] + self.fees[a] for a in mine)
        assert self.home(asset).flow == self.start[i.wallet] - spent + self.other[i.wallet], "a wallet lost cash"
        p = self.positions[asset]
        assert sign(p.lots) == sign(p.cost), "a position and its cost have the same sign"
