"""`ctx`: what an event strategy sees of one asset and the account, and what it asks for.

Values are read from memory the engine shares, at the present row; nothing later can be reached. Not here: the host that calls.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from ..core import plain_number
from ..errors import StrategyError, near
from ..names import Named
from ..spans import parse_span
from .told import Working

NAN = math.nan
KINDS = ("market", "limit", "stop", "stop_limit", "take_profit", "trailing")
TIFS = ("gtc", "ioc", "fok", "gtd")
UNITS = ("weight", "notional", "qty", "risk")
POSITION = (
    "qty",
    "weight",
    "avg_price",
    "first_fill",
    "last_fill",
    "units",
    "bars_held",
    "pnl",
    "mae",
    "mfe",
    "pending",
)
ACCOUNT = ("equity", "cash", "gross", "drawdown")
COLUMNS = ("ts", "open", "high", "low", "close", "volume")
EXITS = ("stop", "trail", "take", "stop_at", "take_at")
_RULES = ("tif", "expires", "post_only", "reduce_only", "oco", "unit", "per_unit", *EXITS)


class Desk(Protocol):
    """What a context needs of its host."""

    contexts: dict[str, Context]

    def order(self, asset: int, key: str, words: tuple[Any, ...], numbers: Sequence[float]) -> bool: ...
    def cancel(self, asset: int, key: str | None) -> None: ...
    def working(self, asset: int) -> list[Working]: ...
    def timer(self, asset: int, name: str, at_ms: int, every_ms: int) -> None: ...
    def cancel_timer(self, asset: int, name: str) -> None: ...
    def group(self, name: str) -> int: ...


class _Fields(Named):
    """Named values in shared memory, from `first` on."""

    __slots__ = ("_at", "_first", "_memory")

    def __init__(self, memory: Any, first: int, names: Sequence[str]) -> None:
        self._memory = memory
        self._first = first
        self._at = {name: first + i for i, name in enumerate(names)}


def _field(name: str, place: int) -> property:
    def read(self: _Fields) -> float:
        return self._memory[self._first + place]  # type: ignore[no-any-return]  # a memoryview of doubles

    return property(read, doc=f"The field {name}.")


class PositionNow(_Fields):
    """The position at the beginning of this row's callbacks; fields as of `m.pos`, in base units, quote units and fractions."""

    __slots__ = ()
    _what = "ctx.position"

    qty, weight, avg_price, first_fill, last_fill, units, bars_held, pnl, mae, mfe, pending = (
        _field(name, place) for place, name in enumerate(POSITION)
    )

    @property
    def flat(self) -> bool:
        """Whether there is no position."""
        return bool(self._memory[self._first] == 0.0)

    @property
    def is_open(self) -> bool:
        """Whether there is a position."""
        return bool(self._memory[self._first] != 0.0)


class AccountNow(_Fields):
    """The account at the beginning of this row's callbacks; fields as of `b4.account`."""

    __slots__ = ()
    _what = "ctx.account"

    equity, cash, gross, drawdown = (_field(name, place) for place, name in enumerate(ACCOUNT))


class BarNow(Named):
    """The bar that has just closed: `ts` (open time, UTC ms), prices in quote units, volume in base units."""

    __slots__ = ("_columns", "_ctx")
    _what = "ctx.bar"

    def __init__(self, ctx: Context, columns: Mapping[str, Any]) -> None:
        self._ctx = ctx
        self._columns = tuple(columns[name] for name in COLUMNS)

    @property
    def ts(self) -> int:
        """Open time, UTC ms."""
        return self._columns[0][self._ctx.row]  # type: ignore[no-any-return]

    @property
    def open(self) -> float:
        """First price."""
        return self._columns[1][self._ctx.row]  # type: ignore[no-any-return]

    @property
    def high(self) -> float:
        """Highest price."""
        return self._columns[2][self._ctx.row]  # type: ignore[no-any-return]

    @property
    def low(self) -> float:
        """Lowest price."""
        return self._columns[3][self._ctx.row]  # type: ignore[no-any-return]

    @property
    def close(self) -> float:
        """Last price."""
        return self._columns[4][self._ctx.row]  # type: ignore[no-any-return]

    @property
    def volume(self) -> float:
        """Traded quantity."""
        return self._columns[5][self._ctx.row]  # type: ignore[no-any-return]


class Context(Named):
    """What a callback sees and asks for, of one asset. `now` is the decision time in UTC ms, `row` the bar's row in its data."""

    __slots__ = ("_asset", "_columns", "_desk", "_signals", "account", "bar", "now", "position", "row", "symbol")
    _what = "ctx"
    _aliases: ClassVar[dict[str, str]] = {
        **{n: "ctx.position" for n in ("pos", "positions")},
        **{n: "ctx.bar.close" for n in ("price", "close", "last")},
        **{n: "ctx.past(name, n)" for n in ("history", "bars", "data")},
        "submit": "ctx.limit(key, side, size, price) and the like",
        "cancel_all": "ctx.cancel()",
    }

    def __init__(
        self, desk: Desk, asset: int, symbol: str, columns: Mapping[str, Any], signals: Mapping[str, Any], view: Any
    ) -> None:
        self._desk = desk
        self._asset = asset
        self._columns = columns
        self._signals = signals
        self.symbol = symbol
        self.row = -1
        self.now = 0
        self.bar = BarNow(self, columns)
        self.position = PositionNow(view, len(ACCOUNT) + len(POSITION) * asset, POSITION)
        self.account = AccountNow(view, 0, ACCOUNT)

    # --- looking ----------------------------------------------------------------------------------------------------------

    def signal(self, name: str) -> float:
        """Returns the present value of a signal; NaN where it is missing."""
        column = self._signals.get(name)
        if column is None:
            raise self._no_column(name, self._signals)
        return column[self.row]  # type: ignore[no-any-return]

    def past(self, name: str, n: int) -> list[float]:
        """Returns the last n values of a column or signal, oldest first, this row included; fewer near the start."""
        column = self._columns.get(name) if name in self._columns else self._signals.get(name)
        if column is None:
            raise self._no_column(name, {**self._columns, **self._signals})
        if n < 1:
            raise StrategyError(f"past({name!r}, {n}) asks for no row", "Give a number of rows of at least 1")
        return column[max(0, self.row + 1 - n) : self.row + 1].tolist()  # type: ignore[no-any-return]

    def of(self, symbol: str) -> Context:
        """Returns the context of another asset, at its last row."""
        found = self._desk.contexts.get(symbol)
        if found is None:
            close = near(symbol, self._desk.contexts)
            fix = f"Did you mean {close}?" if close else "The data holds " + ", ".join([*self._desk.contexts][:20])
            raise StrategyError(f"the asset {symbol!r} is not in the data", fix)
        return found

    @property
    def orders(self) -> dict[str, Working]:
        """The working orders by key (exits under the key of what they protect)."""
        return {w.key: w for w in self._desk.working(self._asset)}

    # --- asking -----------------------------------------------------------------------------------------------------------

    def buy(self, key: str, size: float, **rules: Any) -> bool:
        """Asks for a market buy; tells whether it works now. `size` is a weight unless `unit="qty"`, `"notional"` or `"risk"`."""
        return self._ask(key, 1, 0, size, NAN, NAN, NAN, rules)

    def sell(self, key: str, size: float, **rules: Any) -> bool:
        """Asks for a market sell."""
        return self._ask(key, -1, 0, size, NAN, NAN, NAN, rules)

    def limit(self, key: str, side: str, size: float, price: float, **rules: Any) -> bool:
        """Asks for a limit order under `key`; the same numbers again change nothing, others replace it."""
        return self._ask(key, _side(key, side), 1, size, price, NAN, NAN, rules)

    def stop(self, key: str, side: str, size: float, trigger: float, **rules: Any) -> bool:
        """Asks for a stop order."""
        return self._ask(key, _side(key, side), 2, size, NAN, trigger, NAN, rules)

    def stop_limit(self, key: str, side: str, size: float, trigger: float, price: float, **rules: Any) -> bool:
        """Asks for a stop-limit order."""
        return self._ask(key, _side(key, side), 3, size, price, trigger, NAN, rules)

    def take_profit(self, key: str, side: str, size: float, trigger: float, **rules: Any) -> bool:
        """Asks for a take-profit order."""
        return self._ask(key, _side(key, side), 4, size, NAN, trigger, NAN, rules)

    def trailing(self, key: str, side: str, size: float, distance: float, **rules: Any) -> bool:
        """Asks for a trailing stop order."""
        return self._ask(key, _side(key, side), 5, size, NAN, NAN, distance, rules)

    def target(self, weight: float, band: float = 0.01) -> bool:
        """Asks for a position of `weight` of equity by a market order under the key "target"; tells whether one works now.

        As a target of the language it acts at 0, at a change of sign and from `band` on; it knows no budget.
        """
        number = _number("target", "weight", weight)
        price, held, equity = self.bar.close, self.position.qty, self.account.equity
        if equity <= 0 and number != 0:
            return False
        change = number * equity / price - held
        turns = (number > 0) - (number < 0) != (held > 0) - (held < 0)
        if change == 0 or not (turns or abs(change) * price >= band * equity):
            return False
        closing = number == 0
        size = abs(held) if closing else abs(change)
        return self._ask(
            "target", 1 if change > 0 else -1, 0, size, NAN, NAN, NAN, {"unit": "qty", "reduce_only": closing}
        )

    def cancel(self, key: str | None = None) -> None:
        """Cancels the order of a key, or all of this asset."""
        self._desk.cancel(self._asset, key)

    def timer(self, name: str, *, at: int | None = None, after: str | None = None, every: str | None = None) -> None:
        """Sets a timer of this asset: `at` a time (UTC ms), `after` a span from now, or `every` span from now on."""
        given = [x for x in (at, after, every) if x is not None]
        if len(given) != 1:
            raise StrategyError(
                f"the timer {name} needs one of at, after and every", 'Write ctx.timer("review", every="1d")'
            )
        every_ms = 0 if every is None else parse_span(every, f"every of the timer {name}")
        span_ms = every_ms if after is None else parse_span(after, f"after of the timer {name}")
        self._desk.timer(self._asset, name, self.now + span_ms if at is None else at, every_ms)

    def cancel_timer(self, name: str) -> None:
        """Forgets a timer."""
        self._desk.cancel_timer(self._asset, name)

    def _ask(
        self,
        key: str,
        side: int,
        kind: int,
        size: float,
        price: float,
        trigger: float,
        distance: float,
        rules: dict[str, Any],
    ) -> bool:
        if not rules:
            words: tuple[Any, ...] = (side, kind, 0, 0, False, False, 0, -1, -1)
            numbers = (size, price, trigger, distance, NAN, NAN, NAN, NAN, NAN, NAN)
        else:
            words, exits = self._words(key, side, kind, rules)
            numbers = (size, price, trigger, distance, *exits)  # type: ignore[assignment]
        try:
            return self._desk.order(self._asset, key, words, numbers)
        except TypeError:
            raise _wrong_number(key, KINDS[kind], (size, price, trigger, distance), rules) from None

    def _words(
        self, key: str, side: int, kind: int, rules: dict[str, Any]
    ) -> tuple[tuple[Any, ...], tuple[float, ...]]:
        for name in rules:
            if name not in _RULES:
                close = near(name, _RULES)
                fix = f"Did you mean {close}=?" if close else "Rules are " + ", ".join(_RULES)
                raise StrategyError(f"the order {key} has no rule {name}", fix)
        tif, bars, ms = _time_in_force(key, rules.get("tif"), rules.get("expires"))
        unit = _code(key, "unit", rules.get("unit", "weight"), UNITS)
        post_only = rules.get("post_only", False)
        if post_only and kind != 1:
            raise StrategyError(f"the {KINDS[kind]} order {key} has no post_only", "post_only is of limit orders")
        oco = rules.get("oco")
        group = 0 if oco is None else self._desk.group(oco)
        reduce_only = rules.get("reduce_only", False)
        exits = tuple(NAN if rules.get(n) is None else rules[n] for n in ("per_unit", *EXITS))
        return (side, kind, tif, unit, bool(post_only), bool(reduce_only), group, bars, ms), exits

    def _no_column(self, name: str, known: Mapping[str, Any]) -> StrategyError:
        close = near(name, known)
        return StrategyError(
            f"there is no column or signal {name!r}",
            f"Did you mean {close}?" if close else "Known: " + (", ".join(known) or "none"),
        )


def _side(key: str, side: str) -> int:
    if side == "buy":
        return 1
    if side == "sell":
        return -1
    raise StrategyError(f"the side of the order {key} is {side!r}", 'Write "buy" or "sell"')


def _code(key: str, what: str, word: object, words: Sequence[str]) -> int:
    if word not in words:
        raise StrategyError(f"{what} of the order {key} is {word!r}", "Write one of " + ", ".join(words))
    return words.index(str(word))


def _time_in_force(key: str, tif: object, expires: object) -> tuple[int, int, int]:
    if expires is None:
        code = 0 if tif is None else _code(key, "tif", tif, TIFS)
        if code == 3:
            raise StrategyError(
                f'tif of the order {key} is "gtd" and does not say until when', 'Add expires=24 or expires="1d"'
            )
        return code, -1, -1
    if tif not in (None, "gtd"):
        raise StrategyError(f'expires of the order {key} goes with tif="gtd"', "Leave tif out, or expires")
    if isinstance(expires, str):
        return 3, -1, parse_span(expires, f"expires of the order {key}")
    if isinstance(expires, bool) or not isinstance(expires, int) or expires < 1:
        raise StrategyError(
            f"expires of the order {key} is {expires!r}", 'Give bars (at least 1) or a time such as "1d"'
        )
    return 3, expires, -1


def _number(key: str, what: str, value: object) -> float:
    number = plain_number(value)
    if number is None or isinstance(number, bool) or not math.isfinite(number):
        raise StrategyError(f"{what} of {key} is {value!r}", "Give a finite number")
    return float(number)


def _wrong_number(key: str, kind: str, numbers: Sequence[object], rules: Mapping[str, Any]) -> StrategyError:
    if not isinstance(key, str) or not key:
        return StrategyError(f"the key of a {kind} order is {key!r}", 'Give it a name, such as "entry"')
    exits = {name: rules.get(name, 0.0) for name in ("per_unit", *EXITS)}
    given = dict(zip(("size", "price", "trigger", "distance"), numbers, strict=True)) | exits
    for name, value in given.items():
        if plain_number(value) is None:
            return StrategyError(f"the {name} of the {kind} order {key} is {value!r}", "Give a number")
    return StrategyError(
        f"the {kind} order {key!r} has an argument of a wrong type", "Give key and side as text, the others as numbers"
    )
