"""Entries with exits in nautilus_trader: `order_factory.bracket` with a market entry, a limit as take and a stop that may trail.

The entry fills at the close of the deciding bar, and each bar is walked as open, high, low, close, in that order.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import OrderSide, OrderType, TrailingOffsetType
from nautilus_trader.trading.strategy import Strategy

from benchmarks.peers.nautilus_engine import VENUE, timed
from benchmarks.setting import FAST_BARS, SETTLED_BARS, SLOW_BARS, STOP, TAKE, WEIGHT


class Bracket(Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """Long 1 % of equity when the averages cross, out by stop or take."""

    def __init__(self, instrument: Any, bar_type: Any, trail: bool) -> None:
        super().__init__()
        self.instrument, self.bar_type, self.trail = instrument, bar_type, trail
        self.fast, self.slow = ExponentialMovingAverage(FAST_BARS), ExponentialMovingAverage(SLOW_BARS)
        self.bars_seen = 0
        self.was_rising = True

    def on_start(self) -> None:
        """Registers the averages and asks for bars."""
        self.register_indicator_for_bars(self.bar_type, self.fast)
        self.register_indicator_for_bars(self.bar_type, self.slow)
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Any) -> None:
        """Decides at one bar's close."""
        self.bars_seen += 1
        rising = self.fast.value > self.slow.value
        crossed, self.was_rising = rising and not self.was_rising, rising
        if self.bars_seen > SETTLED_BARS and crossed and self.portfolio.is_flat(self.instrument.id):
            self._enter(bar.close.as_double())

    def _enter(self, close: float) -> None:
        cash = self.portfolio.account(VENUE).balance_total(USDT).as_double()
        stop: dict[str, Any] = {"sl_trigger_price": self.instrument.make_price(close * (1 - STOP))}
        if self.trail:
            stop |= {
                "sl_order_type": OrderType.TRAILING_STOP_MARKET,
                "sl_trailing_offset": Decimal(round(STOP * 10_000)),
                "sl_trailing_offset_type": TrailingOffsetType.BASIS_POINTS,
            }
        bracket = self.order_factory.bracket(
            self.instrument.id,
            OrderSide.BUY,
            self.instrument.make_qty(cash * WEIGHT / close),
            tp_price=self.instrument.make_price(close * (1 + TAKE)),
            **stop,
        )
        self.submit_order_list(bracket)


def run(rows: int, repeat: int = 5, trail: bool = False) -> dict[str, Any]:
    """Returns the timing of `engine.run()` over `rows` bars, with its final account equity and number of filled orders."""
    return timed(partial(Bracket, trail=trail), rows, repeat)
