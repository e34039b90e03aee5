"""`Context`: what the methods of an event strategy see, and how they ask for orders, targets and timers.

It shows only what has arrived: the engine hands out copies up to the last closed bar. What is asked for is collected and carried out by
the decision half of the row, whatever the order of asking. Not here: the checks of one ask (`asks`).
"""

from __future__ import annotations

from typing import Any, TypedDict, Unpack

from bot4._engine import Bar, EventRun, Fill, Working
from bot4.strategy import Schedule, StrategyError
from bot4.strategy.events import asks
from bot4.strategy.events.timers import Timers
from bot4.strategy.order import Side

__all__ = ["Bar", "Context", "Fill", "Working"]


class Rules(TypedDict, total=False):
    """What any order may be given by keyword: `tif` and `expires`, `reduce_only`, `oco`, exits (distances `stop`, `trail`, `take`,
    prices `stop_at`, `take_at`), and `symbol` where it is not the callback's own asset."""

    tif: str | None
    expires: int | str | None
    reduce_only: bool
    oco: str | None
    stop: object
    trail: object
    take: object
    stop_at: float | None
    take_at: float | None
    symbol: str | None


class Context(EventRun):
    """The event strategy's window on market and account; also `now`, `symbol`, `symbols`, `account`, `position`, `history`, `working`,
    `held` (bot4/_engine.pyi)."""

    def __init__(self, *_: object, **__: object) -> None:
        self._timers = Timers()
        self._has_started = False

    @property
    def orders(self) -> dict[str, Working]:
        """The orders that work on the callback's asset, by key."""
        return self.working()

    def market(self, key: str, side: Side, size: object, **rules: Unpack[Rules]) -> None:
        """Asks for a market order: it fills at the next open, as far as volume allows."""
        self._ask(0, key, side, size, {}, False, rules)

    def limit(
        self, key: str, side: Side, size: object, price: float, *, post_only: bool = False, **rules: Unpack[Rules]
    ) -> None:
        """Asks for a limit order at `price`; `post_only` cancels it where it would take at its first bar."""
        self._ask(1, key, side, size, {"price": price}, post_only, rules)

    def stop(self, key: str, side: Side, size: object, trigger: float, **rules: Unpack[Rules]) -> None:
        """Asks for a stop order: a market order once price reaches `trigger` (a buy from below, a sell from above)."""
        self._ask(2, key, side, size, {"trigger": trigger}, False, rules)

    def stop_limit(
        self, key: str, side: Side, size: object, trigger: float, price: float, **rules: Unpack[Rules]
    ) -> None:
        """Asks for a stop-limit order: a limit order at `price` once price reaches `trigger`."""
        self._ask(3, key, side, size, {"price": price, "trigger": trigger}, False, rules)

    def take_profit(self, key: str, side: Side, size: object, trigger: float, **rules: Unpack[Rules]) -> None:
        """Asks for a take-profit order: a market order once price reaches `trigger` (a sell from below, a buy from above)."""
        self._ask(4, key, side, size, {"trigger": trigger}, False, rules)

    def trailing(self, key: str, side: Side, size: object, distance: float, **rules: Unpack[Rules]) -> None:
        """Asks for a trailing stop order: it follows the best price since its first bar at `distance`, and never loosens."""
        self._ask(5, key, side, size, {"distance": distance}, False, rules)

    def cancel(self, key: str, *, symbol: str | None = None) -> None:
        """Asks to cancel the order that works under a key; nothing happens where it has ended. What it holds and its exits stay."""
        self._check_started("a cancel")
        self._cancel(symbol, key)

    def target(
        self,
        weight: float | None = None,
        *,
        notional: float | None = None,
        qty: float | None = None,
        symbol: str | None = None,
        stop: object = None,
        trail: object = None,
        take: object = None,
        band: float = 0.01,
        rearm: str | int = "new_signal",
    ) -> None:
        """Sets the target of an asset, as `b4.target` would: it stands until it is set again.

        `stop`, `trail` and `take` are price differences, or what `b4.stop` and `b4.take` make.
        """
        self._check_started("a target")
        given: dict[str, object] = {"weight": weight, "notional": notional, "qty": qty}
        codes, numbers = asks.target(given, stop, trail, take, band, rearm, lambda: self._close(symbol))
        self._target(symbol, codes, numbers)

    def timer(
        self,
        name: str,
        *,
        at: object = None,
        every: str | Schedule | None = None,
        in_: str | None = None,
    ) -> None:
        """Calls `on_timer` with this name at a time, every so often (`"1d"`, `b4.every("1w", on="mon")`) or once after a span."""
        self._timers.set(name, self.now, at, every, in_)
        self._wake_at(self._timers.next_due)

    def cancel_timer(self, name: str) -> None:
        """Forgets a timer."""
        self._timers.cancel(name)
        self._wake_at(self._timers.next_due)

    def _begin(self) -> None:
        """Lets orders through from here on."""
        self._has_started = True

    def _due_timer(self) -> str:
        """Returns the name of the timer that is due first."""
        name = self._timers.take(self.now)
        self._wake_at(self._timers.next_due)
        return name

    def _check_started(self, what: str) -> None:
        if not self._has_started:
            raise StrategyError(
                f"on_start asks for {what}, and no bar has arrived yet", "Ask in on_bar(self, ctx, bar)"
            )

    def _ask(
        self, kind: int, key: str, side: str, size: object, waits: dict[str, object], post_only: bool, rules: Any
    ) -> None:
        if not self._has_started:
            self._check_started(f"the order {key}")
        symbol = rules.get("symbol")
        codes, numbers = asks.order(kind, key, side, size, waits, post_only, rules, lambda: self._close(symbol))
        self._order(symbol, key, rules.get("oco"), codes, numbers)
