"""The crossover in nautilus_trader 1.x: bars through its backtest engine, its own EMA indicators, market orders on a cash account.

Orders sent on a bar's close fill at that close (its bar execution has no "next open"), logging is off, and making the bar objects is
outside the clock.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import nautilus_trader
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import (
    BacktestEngineConfig,
    LoggingConfig,
    RiskEngineConfig,
)
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.test_kit.providers import TestInstrumentProvider
from nautilus_trader.trading.strategy import Strategy

from benchmarks.clock import measure
from benchmarks.market import INTERVAL_MS, make_bars
from benchmarks.setting import CASH, FAST_BARS, SETTLED_BARS, SLOW_BARS, WEIGHT

VENUE = Venue("BINANCE")


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
    instrument = TestInstrumentProvider.btcusdt_binance()  # maker and taker fee 0.1 %, tick 0.01, lot 0.000001
    bar_type = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
    bars = make_bars(rows)
    frame = pd.DataFrame(
        {"open": bars.open, "high": bars.high, "low": bars.low, "close": bars.close, "volume": bars.volume},
        index=pd.to_datetime(bars.ts + INTERVAL_MS, unit="ms", utc=True),
    )
    data = BarDataWrangler(bar_type, instrument).process(frame)
    config = BacktestEngineConfig(
        logging=LoggingConfig(bypass_logging=True), risk_engine=RiskEngineConfig(bypass=False), run_analysis=False
    )
    engine = BacktestEngine(config)
    engine.add_venue(VENUE, OmsType.NETTING, AccountType.CASH, [Money(CASH, USDT)], default_leverage=Decimal(1))
    engine.add_instrument(instrument)
    engine.add_data(data)

    def once() -> None:
        engine.reset()
        engine.clear_strategies()
        engine.add_strategy(Crossover(instrument, bar_type))
        engine.run()

    figures = measure(once, repeat).as_figures(rows)
    account = engine.portfolio.account(VENUE)
    equity = account.balance_total(USDT).as_double()
    held = engine.portfolio.net_position(instrument.id)
    orders = len(engine.cache.orders_closed())
    engine.dispose()
    return {
        **figures,
        "version": nautilus_trader.__version__,
        "final_equity": equity + float(held) * float(bars.close[-1]),
        "orders": orders,
    }
