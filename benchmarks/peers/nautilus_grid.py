"""A grid in nautilus_trader: a bracket of limit entry, limit take and stop for each level, moved to the new anchor at each day's start."""

from __future__ import annotations

from typing import Any

from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.enums import OmsType, OrderSide, OrderType
from nautilus_trader.trading.strategy import Strategy

from benchmarks.peers.nautilus_engine import VENUE, timed
from benchmarks.setting import GRID_DAY_BARS, GRID_LEVELS, GRID_STEP, GRID_STOP, GRID_WEIGHT


class Grid(Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """Buys `GRID_LEVELS` steps below the day's first close; each filled level is sold one step higher, or at its stop."""

    def __init__(self, instrument: Any, bar_type: Any) -> None:
        super().__init__()
        self.instrument, self.bar_type = instrument, bar_type
        self.bars_seen = 0
        self.anchor = 0.0
        self.brackets: list[Any] = [None] * GRID_LEVELS

    def on_start(self) -> None:
        """Asks for bars."""
        self.subscribe_bars(self.bar_type)

    def on_bar(self, bar: Any) -> None:
        """Keeps every level's order working."""
        if self.bars_seen % GRID_DAY_BARS == 0:
            self._move(bar.close.as_double())
        self.bars_seen += 1
        for level, bracket in enumerate(self.brackets):
            if bracket is None or all(order.is_closed for order in bracket.orders):
                self.brackets[level] = self._send(self.anchor * (1 - GRID_STEP * (level + 1)))

    def _move(self, close: float) -> None:
        """Takes the new anchor; levels whose buy still waits are withdrawn, others keep their exits."""
        self.anchor = close
        for level, bracket in enumerate(self.brackets):
            if bracket is not None and bracket.orders[0].is_open:
                for order in bracket.orders:
                    if order.is_open:
                        self.cancel_order(order)
                self.brackets[level] = None

    def _send(self, price: float) -> Any:
        cash = self.portfolio.account(VENUE).balance_total(USDT).as_double()
        bracket = self.order_factory.bracket(
            self.instrument.id,
            OrderSide.BUY,
            self.instrument.make_qty(cash * GRID_WEIGHT / price),
            entry_order_type=OrderType.LIMIT,
            entry_price=self.instrument.make_price(price),
            tp_price=self.instrument.make_price(price * (1 + GRID_STEP)),
            sl_trigger_price=self.instrument.make_price(price * (1 - GRID_STOP)),
        )
        self.submit_order_list(bracket)
        return bracket


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing of `engine.run()` over `rows` bars, with its final account equity and number of filled orders."""
    return timed(Grid, rows, repeat, OmsType.HEDGING)
