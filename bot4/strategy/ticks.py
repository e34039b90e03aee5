"""Tick data in the language: the clocks `b4.book(every="100ms")` and `b4.trades(every="1s")`, the columns of `m.book` and `m.trades`.

A tick clock is a grid of local time. A row shows what had *arrived* by then: the book after the last update received, trades since the
row before. Not here: which data fits which clock (`tick_rules`), how a column is computed (docs/ticks.md, docs/language-ticks.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .core import make
from .errors import StrategyError
from .expr import Expr
from .kinds import ClockFamily, Home, Kind
from .names import Named
from .spans import DAY_MS, parse_span, span_text

FAMILIES = {"book": ClockFamily.BOOK, "trades": ClockFamily.TRADE}
BOOK = ("mid", "microprice", "spread", "imbalance", "ofi", "bid", "ask", "bid_qty", "ask_qty")
TRADES = ("last", "imbalance", "volume", "buys", "sells", "count")
COLUMNS = (*(f"book.{name}" for name in BOOK), *(f"trades.{name}" for name in TRADES))
"""Every column of tick data as programs name it, in the engine's order (engine/core/src/signal/op.rs)."""


@dataclass(frozen=True, slots=True)
class Ticks:
    """A tick clock: one decision every `interval_ms` of local time; of trades only where one has arrived since the row before."""

    interval_ms: int
    of: str

    @property
    def family(self) -> ClockFamily:
        """Returns what makes a row."""
        return FAMILIES[self.of]

    def __str__(self) -> str:
        return f"the {self.of} every {span_text(self.interval_ms)}"


def book(every: str) -> Ticks:
    """Returns the clock of the order book: `on=b4.book(every="100ms")` decides at each such moment, aligned to UTC."""
    return _ticks("book", every)


def trades(every: str) -> Ticks:
    """Returns the clock of trades: `on=b4.trades(every="1s")` decides at each such moment by which a trade has arrived since the last."""
    return _ticks("trades", every)


def _ticks(of: str, every: object) -> Ticks:
    if not isinstance(every, str):
        raise StrategyError(f"{of}(every={every!r}) does not name a length of time", f'Write b4.{of}(every="100ms")')
    interval_ms = parse_span(every, f"every of b4.{of}")
    if DAY_MS % interval_ms:
        raise StrategyError(
            f"b4.{of}(every={every!r}) does not divide a day, so its moments would move from day to day",
            'Write a divisor of a day, such as "100ms", "250ms" or "1s"',
        )
    return Ticks(interval_ms, of)


class Columns(Named):
    """What `m.book` and `m.trades` share: how a column is made."""

    __slots__ = ("_home",)

    _prefix: ClassVar[str]

    def __init__(self, home: Home) -> None:
        self._home = home

    def _column(self, name: str) -> Expr:
        return make("col", s=f"{self._prefix}.{name}", kind=Kind.NUMBER, home=self._home)

    def __repr__(self) -> str:
        return f"<{self._what}>"


class Book(Columns):
    """`m.book`: the order book as last received. Prices in quote units, quantities in base units."""

    __slots__ = ()

    _prefix: ClassVar[str] = "book"
    _what: ClassVar[str] = "m.book"
    _aliases: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("price", "close", "mid_price", "midprice"), "m.book.mid"),
        **dict.fromkeys(("micro", "micro_price", "weighted_mid", "wmid"), "m.book.microprice"),
        **dict.fromkeys(("best_bid", "bid_price"), "m.book.bid"),
        **dict.fromkeys(("best_ask", "ask_price", "offer"), "m.book.ask"),
        **dict.fromkeys(("bid_size", "bid_volume"), "m.book.bid_qty"),
        **dict.fromkeys(("ask_size", "ask_volume"), "m.book.ask_qty"),
        **dict.fromkeys(("order_flow_imbalance", "flow"), "m.book.ofi"),
        "last": "m.trades.last",
    }

    @property
    def mid(self) -> Expr:
        """Half the sum of best bid and ask, quote units."""
        return self._column("mid")

    @property
    def microprice(self) -> Expr:
        """Bid and ask weighted by the quantity on the other side, quote units: (bid · ask_qty + ask · bid_qty) / (bid_qty + ask_qty)."""
        return self._column("microprice")

    @property
    def spread(self) -> Expr:
        """Best ask − best bid, quote units."""
        return self._column("spread")

    @property
    def imbalance(self) -> Expr:
        """(bid_qty − ask_qty) / (bid_qty + ask_qty) at the best prices, −1 to 1."""
        return self._column("imbalance")

    @property
    def ofi(self) -> Expr:
        """Order flow imbalance since the row before, base units (Cont, Kukanov and Stoikov 2014): what joined at the best bid or left the
        best ask, less the reverse."""
        return self._column("ofi")

    @property
    def bid(self) -> Expr:
        """Best bid, quote units."""
        return self._column("bid")

    @property
    def ask(self) -> Expr:
        """Best ask, quote units."""
        return self._column("ask")

    @property
    def bid_qty(self) -> Expr:
        """Quantity at the best bid, base units."""
        return self._column("bid_qty")

    @property
    def ask_qty(self) -> Expr:
        """Quantity at the best ask, base units."""
        return self._column("ask_qty")


class Trades(Columns):
    """`m.trades`: the trades received since the row before. Quantities in base units."""

    __slots__ = ()

    _prefix: ClassVar[str] = "trades"
    _what: ClassVar[str] = "m.trades"
    _aliases: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("price", "close", "last_price"), "m.trades.last"),
        **dict.fromkeys(("qty", "quantity", "amount"), "m.trades.volume"),
        **dict.fromkeys(("buy", "buy_volume", "bought"), "m.trades.buys"),
        **dict.fromkeys(("sell", "sell_volume", "sold"), "m.trades.sells"),
        **dict.fromkeys(("n", "number"), "m.trades.count"),
        "mid": "m.book.mid",
    }

    @property
    def last(self) -> Expr:
        """Price of the last trade received, quote units; missing before the first."""
        return self._column("last")

    @property
    def imbalance(self) -> Expr:
        """(buys − sells) / (buys + sells) since the row before, −1 to 1; missing where nothing traded."""
        return self._column("imbalance")

    @property
    def volume(self) -> Expr:
        """Quantity traded since the row before, base units; 0 where nothing traded."""
        return self._column("volume")

    @property
    def buys(self) -> Expr:
        """Quantity of trades whose buyer took, since the row before, base units."""
        return self._column("buys")

    @property
    def sells(self) -> Expr:
        """Quantity of trades whose seller took, since the row before, base units."""
        return self._column("sells")

    @property
    def count(self) -> Expr:
        """Number of trades since the row before."""
        return self._column("count")
