"""The market as a strategy sees it: `m` and `u`, `b4.asset("BTC/USDT")`, `b4.market()`, positions and the account.

A view holds no data; its columns are expressions. Not here: the data itself (`bot4.data`).
"""

from __future__ import annotations

from typing import ClassVar

from .core import make
from .errors import StrategyError
from .expr import Expr
from .kinds import BASE, EACH, Clock, Home, Kind, Scope, only
from .names import Named
from .nodes import indicators
from .spans import parse_span, span_text
from .ticks import Book, Trades

_BOOL_FIELDS = frozenset({"flat", "is_open"})
_OWN_METHODS = (
    "ema",
    "sma",
    "rma",
    "rsi",
    "vol",
    "rolling",
    "returns",
    "shift",
    "ewm",
    "change",
    "log_return",
    "ewm_mean",
    "ewm_std",
)


class Position(Named):
    """`m.pos`: the strategy's own confirmed position at decision time. What descends from it runs row by row."""

    __slots__ = ("_scope",)

    _what: ClassVar[str] = "m.pos"
    _aliases: ClassVar[dict[str, str]] = {
        **{n: "m.pos.qty" for n in ("size", "quantity", "amount", "shares")},
        **{n: "m.pos.avg_price" for n in ("price", "entry_price", "entry", "cost")},
        **{n: "m.pos.bars_held" for n in ("bars", "age", "duration", "holding")},
        **{n: "m.pos.first_fill" for n in ("entry_time", "opened_at")},
        **{n: "m.pos.pnl" for n in ("profit", "unrealized_pnl", "unrealised_pnl", "pl", "pl_pct", "return_")},
        **{n: "m.pos.flat" for n in ("is_flat", "closed", "is_closed", "empty")},
        **{n: "m.pos.is_open" for n in ("open", "opened", "in_position")},
        **{n: "m.pos.qty > 0" for n in ("is_long", "long")},
        **{n: "m.pos.qty < 0" for n in ("is_short", "short")},
    }

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def _field(self, name: str) -> Expr:
        return make(
            "pos", s=name, kind=Kind.BOOL if name in _BOOL_FIELDS else Kind.NUMBER, home=Home(BASE, self._scope)
        )

    @property
    def qty(self) -> Expr:
        """Signed quantity in base units; 0 if flat."""
        return self._field("qty")

    @property
    def weight(self) -> Expr:
        """Signed value over equity, a fraction; 0 if flat."""
        return self._field("weight")

    @property
    def avg_price(self) -> Expr:
        """Average entry price in quote units; missing if flat."""
        return self._field("avg_price")

    @property
    def first_fill(self) -> Expr:
        """Time of the first fill's bar in UTC milliseconds; missing if flat."""
        return self._field("first_fill")

    @property
    def last_fill(self) -> Expr:
        """Time of the last fill's bar in UTC milliseconds; missing if flat."""
        return self._field("last_fill")

    @property
    def units(self) -> Expr:
        """Orders that opened or increased the position; 0 if flat."""
        return self._field("units")

    @property
    def bars_held(self) -> Expr:
        """Bars since the first fill, the entry bar counting as 1; 0 if flat."""
        return self._field("bars_held")

    @property
    def pnl(self) -> Expr:
        """Value over cost − 1 with the position's sign, a fraction; 0 if flat."""
        return self._field("pnl")

    @property
    def mae(self) -> Expr:
        """Worst excursion against the position since the first fill, a fraction ≤ 0."""
        return self._field("mae")

    @property
    def mfe(self) -> Expr:
        """Best excursion for the position since the first fill, a fraction ≥ 0."""
        return self._field("mfe")

    @property
    def pending(self) -> Expr:
        """Signed quantity in flight, base units."""
        return self._field("pending")

    @property
    def flat(self) -> Expr:
        """The condition "no position"."""
        return self._field("flat")

    @property
    def is_open(self) -> Expr:
        """The condition "there is a position"."""
        return self._field("is_open")


class Account(Named):
    """`b4.account`: the account at decision time, one value for all assets."""

    __slots__ = ()

    _what: ClassVar[str] = "b4.account"
    _aliases: ClassVar[dict[str, str]] = {
        **{n: "b4.account.equity" for n in ("balance", "value", "capital", "nav")},
        **{n: "b4.account.gross" for n in ("leverage", "exposure")},
        **{n: "b4.account.drawdown" for n in ("dd", "max_drawdown")},
        "free": "b4.account.cash",
    }

    def _field(self, name: str) -> Expr:
        return make("account", s=name, kind=Kind.SCALAR, home=Home(BASE, None))

    @property
    def equity(self) -> Expr:
        """Equity in quote units."""
        return self._field("equity")

    @property
    def cash(self) -> Expr:
        """Cash in quote units."""
        return self._field("cash")

    @property
    def gross(self) -> Expr:
        """Σ|value of a position| over equity."""
        return self._field("gross")

    @property
    def drawdown(self) -> Expr:
        """Equity over its peak − 1, a fraction ≤ 0."""
        return self._field("drawdown")


class View(Named):
    """A market (or each of several) seen on one clock: `m`, `u`, `m.at("4h")`, `b4.asset("BTC/USDT")`."""

    __slots__ = ("_clock", "_scope")

    _what: ClassVar[str] = "the market"
    _aliases: ClassVar[dict[str, str]] = {
        **{n: "m.close" for n in ("price", "last", "adj_close", "c")},
        **{n: "m.volume" for n in ("vol_", "v", "qty")},
        "o": "m.open",
        "h": "m.high",
        "l": "m.low",
        **{n: f"m.close.{n}(…)" for n in _OWN_METHODS},
        **{n: "m.pos" for n in ("position", "positions")},
        **{n: "b4.account" for n in ("account", "equity", "cash", "balance")},
        **{n: 'm.at("4h")' for n in ("resample", "timeframe", "tf", "on")},
        **{
            n: "the expressions themselves: a strategy states a rule for every row"
            for n in ("iloc", "loc", "df", "data", "index")
        },
        "typical_price": "(m.high + m.low + m.close) / 3",
        "hl2": "(m.high + m.low) / 2",
    }

    def __init__(self, clock: Clock = BASE, scope: Scope = EACH) -> None:
        self._clock = clock
        self._scope = scope

    def _column(self, name: str) -> Expr:
        return make("col", s=name, kind=Kind.NUMBER, home=Home(self._clock, self._scope))

    @property
    def open(self) -> Expr:
        """First price of the bar, quote units."""
        return self._column("open")

    @property
    def high(self) -> Expr:
        """Highest price of the bar, quote units."""
        return self._column("high")

    @property
    def low(self) -> Expr:
        """Lowest price of the bar, quote units."""
        return self._column("low")

    @property
    def close(self) -> Expr:
        """Last price of the bar, quote units; known at the bar's end, when the decision is made."""
        return self._column("close")

    @property
    def volume(self) -> Expr:
        """Traded quantity of the bar, base units."""
        return self._column("volume")

    @property
    def book(self) -> Book:
        """The order book on a tick clock: `mid microprice spread imbalance ofi bid ask bid_qty ask_qty`."""
        return Book(self._tick_home("book"))

    @property
    def trades(self) -> Trades:
        """The trades since the row before, on a tick clock: `last imbalance volume buys sells count`."""
        return Trades(self._tick_home("trades"))

    def _tick_home(self, name: str) -> Home:
        if not self._clock.is_base:
            raise StrategyError(
                f"{name} has no slower clock",
                f'Take it from the market itself, with a window of time: m.{name}.imbalance.rolling("10s").mean()',
            )
        return Home(self._clock, self._scope)

    @property
    def pos(self) -> Position:
        """The position held at decision time; only on the base clock."""
        if not self._clock.is_base:
            raise StrategyError(
                "a position has no slower clock", "Take pos from the market itself: m.pos, not m.at(…).pos"
            )
        return Position(self._scope)

    def true_range(self) -> Expr:
        """Returns max(high−low, |high−close₋₁|, |low−close₋₁|), quote units. First value at row 1."""
        return indicators.true_range(self.high, self.low, self.close)

    def atr(self, n: int) -> Expr:
        """Returns Wilder's average true range over n rows, quote units (TA-Lib `ATR`). First value at row n."""
        return indicators.atr(self.high, self.low, self.close, n)

    def at(self, period: str) -> View:
        """Returns the market on a slower clock, such as "4h" or "1d": a multiple of the base timeframe, aligned to UTC.

        Rows appear when their period is complete; on the base clock the last one is carried forward, an event is true once.
        """
        if not isinstance(period, str):
            raise StrategyError(f"at({period!r}) does not name a timeframe", 'Write a time such as m.at("4h")')
        if not self._clock.is_base:
            raise StrategyError(
                f"this market is already on the clock {span_text(self._clock.period_ms or 0)}",
                f'Start from the market itself: m.at("{period}")',
            )
        return View(Clock(parse_span(period, "the timeframe of at")), self._scope)

    def __getitem__(self, name: object) -> Expr:
        fix = (
            f"Write m.{name}"
            if isinstance(name, str) and name in ("open", "high", "low", "close", "volume")
            else "Columns are m.open, m.high, m.low, m.close, m.volume"
        )
        raise StrategyError(
            f"m[{name!r}]: columns are attributes", fix if isinstance(name, str) else "Look back with m.close.shift(k)"
        )

    def __repr__(self) -> str:
        whom = self._scope.symbol or "each asset"
        return (
            f"<market of {whom}" + ("" if self._clock.is_base else f" at {span_text(self._clock.period_ms or 0)}") + ">"
        )


account = Account()
"""The account at decision time: `equity cash gross drawdown`."""


def market() -> View:
    """Returns a free-standing market for expressions outside a strategy: `b4.peek(b4.market().close.ema(10), data)`."""
    return View()


def asset(symbol: str) -> View:
    """Returns the market of one asset, on its own rows; seen from others it is the last value at or before now."""
    if not isinstance(symbol, str) or not symbol:
        raise StrategyError(f"asset({symbol!r}) does not name an asset", 'Write its symbol, as in b4.asset("BTC/USDT")')
    return View(BASE, only(symbol))
