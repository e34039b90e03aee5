"""A callback on each bar in nautilus_trader's `on_bar`, with a market order on every tenth; it fills at the close of its bar."""

from __future__ import annotations

from typing import Any

from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.trading.strategy import Strategy

from benchmarks.peers.nautilus_engine import VENUE, timed
from benchmarks.setting import ORDER_EVERY_BARS, WEIGHT


class EveryTenth(Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """In on one tenth bar, out on the next."""

    def __init__(self, instrument: Any, bar_type: Any) -> None:
        super().__init__()
        self.instrument, self.bar_type = instrument, bar_type
        self.calls = 0
        self.quantity: Any = None  # what is held; set when the order is sent, as it fills at once

    def on_start(self) -> None:
        """Asks for bars."""
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Any) -> None:
        """Decides at one bar's close."""
        self.calls += 1
        if self.calls % ORDER_EVERY_BARS:
            return
        if self.quantity is None:
            cash = self.portfolio.account(VENUE).balance_total(USDT).as_double()
            self.quantity = self.instrument.make_qty(cash * WEIGHT / bar.close.as_double())
            self._send(OrderSide.BUY)
        else:
            self._send(OrderSide.SELL)
            self.quantity = None

    def _send(self, side: Any) -> None:
        self.submit_order(self.order_factory.market(self.instrument.id, side, self.quantity))


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing of `engine.run()` over `rows` bars, one callback each."""
    return {**timed(EveryTenth, rows, repeat), "callbacks": rows}
