"""nautilus_trader's backtest engine over the benchmark's market: one cash account, one coin, logging off, built once and reset per run."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import nautilus_trader
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import BacktestEngineConfig, LoggingConfig, RiskEngineConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType
from nautilus_trader.model.identifiers import Venue
from nautilus_trader.model.objects import Money
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.test_kit.providers import TestInstrumentProvider

from benchmarks.clock import measure
from benchmarks.market import INTERVAL_MS, make_bars
from benchmarks.peers.frames import ohlcv
from benchmarks.setting import CASH

if TYPE_CHECKING:
    from collections.abc import Callable

VENUE = Venue("BINANCE")


def timed(strategy: Callable[[Any, Any], Any], rows: int, repeat: int, oms: Any = OmsType.NETTING) -> dict[str, Any]:
    """Returns the timing of `engine.run()` with `strategy(instrument, bar_type)`, its final equity and number of filled orders.

    Making the bar objects is outside the clock.
    """
    instrument = TestInstrumentProvider.btcusdt_binance()  # maker and taker fee 0.1 %, tick 0.01, lot 0.000001
    bar_type = BarType.from_str(f"{instrument.id}-1-MINUTE-LAST-EXTERNAL")
    bars = make_bars(rows)
    data = BarDataWrangler(bar_type, instrument).process(ohlcv(bars, INTERVAL_MS, utc=True))
    config = BacktestEngineConfig(
        logging=LoggingConfig(bypass_logging=True), risk_engine=RiskEngineConfig(bypass=False), run_analysis=False
    )
    engine = BacktestEngine(config)
    engine.add_venue(VENUE, oms, AccountType.CASH, [Money(CASH, USDT)], default_leverage=Decimal(1))
    engine.add_instrument(instrument)
    engine.add_data(data)

    def once() -> None:
        engine.reset()
        engine.clear_strategies()
        engine.add_strategy(strategy(instrument, bar_type))
        engine.run()

    figures = measure(once, repeat).as_figures(rows)
    equity = engine.portfolio.account(VENUE).balance_total(USDT).as_double()
    held = engine.portfolio.net_position(instrument.id)
    orders = sum(float(order.filled_qty) > 0 for order in engine.cache.orders())
    engine.dispose()
    return {
        **figures,
        "version": nautilus_trader.__version__,
        "final_equity": equity + float(held) * float(bars.close[-1]),
        "orders": orders,
    }
