"""Integer money: instruments, amounts, positions and the ledger (docs/semantics.md, section 4).

Prices are ticks, quantities lots, amounts 1e-8 of the quote currency. The ledger asserts after every fill that nothing was lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

E9 = 1_000_000_000


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


@dataclass(frozen=True)
class Instrument:
    symbol: str
    spot: bool
    tick: Fraction
    lot: Fraction
    num: int  # num/den: the amount of one lot at one tick, reduced
    den: int
    taker_e9: int
    min_lots: int
    min_notional: int
    maker_e9: int

    @property
    def long_only(self) -> bool:
        return self.spot

    @classmethod
    def read(cls, info: Mapping[str, Any], costs: Mapping[str, Any]) -> Instrument:
        tick, lot = (Fraction(n, 10**d) for n, d in (info["tick"], info["lot"]))
        num, den = (tick * lot * 10**8).as_integer_ratio()
        spot = info["kind"] == "spot"
        least = costs["min_lots"], costs["min_notional"]
        return cls(info["symbol"], spot, tick, lot, num, den, costs["taker_e9"], *least, costs.get("maker_e9", 0))

    def floor_amount(self, lots: int, ticks: int) -> int:
        return lots * ticks * self.num // self.den

    def ceil_amount(self, lots: int, ticks: int) -> int:
        return ceil_div(lots * ticks * self.num, self.den)


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

    def entry_ticks(self) -> int:
        """The entry price: cost / lots, down for a long, up for a short."""
        return self.cost // self.lots if self.lots > 0 else ceil_div(-self.cost, -self.lots)


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
    bars: int = 0
    reason: int = 0


class Ledger:
    """Cash flow, positions and dust of one account."""

    def __init__(self, instruments: list[Instrument], cash: int) -> None:
        self.instruments, self.start = instruments, cash
        self.positions = [Position() for _ in instruments]
        self.marks = [0] * len(instruments)
        self.notional = [0] * len(instruments)  # signed: buys +, sells -
        self.traded = [0] * len(instruments)  # signed sum of lots x ticks
        self.fees = [0] * len(instruments)
        self.dust = [0] * len(instruments)  # in 1/den units
        self.open_trades: dict[int, Trade] = {}
        self.trades: list[Trade] = []

    @property
    def flow(self) -> int:
        return self.start - sum(self.notional) - sum(self.fees)

    def value(self, asset: int) -> int:
        return self.instruments[asset].floor_amount(self.positions[asset].lots, self.marks[asset])

    def equity(self) -> int:
        return self.flow + sum(self.value(a) for a in range(len(self.positions)))

    def spot_cash(self) -> int:
        """flow + the entry cost of open perpetual positions (each rounded down: our choice)."""
        pairs = zip(self.instruments, self.positions, strict=True)
        return self.flow + sum(p.cost * i.num // i.den for i, p in pairs if not i.spot)

    def cash_of(self, asset: int) -> int:
        """What a spot buy may spend."""
        return self.spot_cash()

    def fee(self, asset: int, amount: int, maker: bool = False) -> int:
        instrument = self.instruments[asset]
        return ceil_div(amount * (instrument.maker_e9 if maker else instrument.taker_e9), E9)

    def amount(self, asset: int, lots: int, ticks: int) -> int:
        """What a buy of `lots` costs, or a sell of `-lots` brings: positive."""
        instrument = self.instruments[asset]
        return instrument.ceil_amount(lots, ticks) if lots > 0 else instrument.floor_amount(-lots, ticks)

    def fill(self, asset: int, lots: int, ticks: int, ts: int, order: int, reason: int, maker: bool = False) -> int:
        """Books a fill of signed `lots`; returns its fee."""
        amount = self.amount(asset, lots, ticks)
        fee = self.fee(asset, amount, maker)
        self.notional[asset] += sign(lots) * amount
        self.traded[asset] += lots * ticks
        self.fees[asset] += fee
        self.dust[asset] += (
            sign(lots) * amount * self.instruments[asset].den - lots * ticks * self.instruments[asset].num
        )
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
        p.cost += lots * ticks
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
                trade.pnl = trade.side * (trade.exit_notional - trade.entry_notional) - trade.fees
                self.trades.append(self.open_trades.pop(asset))
        if closing != lots:
            trade = self.open_trades.setdefault(asset, Trade(asset, sign(lots), ts))
            trade.lots += abs(lots - closing)
            trade.entry_notional += amount - close_amount
            trade.fees += fee - close_fee
            trade.reason = reason

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
            trade.pnl = trade.side * (trade.exit_notional - trade.entry_notional) - trade.fees + self.value(asset)
            still.append(trade)
        return self.trades + still

    def check(self, asset: int) -> None:
        """Asserts that cash flow, position and dust balance exactly."""
        i = self.instruments[asset]
        assert -self.notional[asset] * i.den + self.traded[asset] * i.num + self.dust[asset] == 0, "value was lost"
        assert self.dust[asset] >= 0, "dust is what rounding took from us"
        p = self.positions[asset]
        assert sign(p.lots) == sign(p.cost), "a position and its cost have the same sign"
