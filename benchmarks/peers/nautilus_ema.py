"""The crossover in nautilus_trader 1.x: bars through its backtest engine, its own EMA indicators, market orders on a cash account.

Orders sent on a bar's close fill at that close (its bar execution has no "next open"), logging is off, and making the bar objects is
outside the clock.
"""

from __future__ import annotations

from typing import Any

from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.trading.strategy import Strategy

from benchmarks.peers.nautilus_engine import VENUE, timed
from benchmarks.setting import FAST_BARS, SETTLED_BARS, SLOW_BARS, WEIGHT


class Crossover(Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """Long 1 % of equity while the fast average is above the slow one, else flat."""

    def __init__(self, instrument: Any, bar_type: Any) -> None:
        super().__init__()
        self.instrument, self.bar_type = instrument, bar_type
        self.fast, self.slow = ExponentialMovingAverage(FAST_BARS), ExponentialMovingAverage(SLOW_BARS)
        self.bars_seen = 0
        self.quantity: Any = None  # what is held; set when the order is sent, as it fills at once

    def on_start(self) -> None:
        """Registers the averages and asks for bars."""
        self.register_indicator_for_bars(self.bar_type, self.fast)
        self.register_indicator_for_bars(self.bar_type, self.slow)
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Any) -> None:
        """Decides at one bar's close."""
        self.bars_seen += 1
        if self.bars_seen <= SETTLED_BARS:
            return
        rising = self.fast.value > self.slow.value
        if rising and self.quantity is None:
            cash = self.portfolio.account(VENUE).balance_total(USDT).as_double()
            self.quantity = self.instrument.make_qty(cash * WEIGHT / bar.close.as_double())
            self._send(OrderSide.BUY)
        elif not rising and self.quantity is not None:
            self._send(OrderSide.SELL)
            self.quantity = None

    def _send(self, side: Any) -> None:
        self.submit_order(self.order_factory.market(self.instrument.id, side, self.quantity))


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing of `engine.run()` over `rows` bars, with its final account equity and number of orders."""
    return timed(Crossover, rows, repeat)
