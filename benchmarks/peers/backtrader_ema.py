"""The crossover in backtrader: PandasData feed, its own EMA indicators in `runonce` mode, market orders at the next open."""

from __future__ import annotations

from typing import Any

import backtrader as bt

from benchmarks.clock import measure
from benchmarks.market import make_bars
from benchmarks.peers.frames import ohlcv
from benchmarks.setting import CASH, FAST_BARS, FEE, SETTLED_BARS, SLOW_BARS, WEIGHT


class Crossover(bt.Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """Long 1 % of equity while the fast average is above the slow one, else flat."""

    def __init__(self) -> None:
        self.fast = bt.indicators.EMA(self.data.close, period=FAST_BARS)
        self.slow = bt.indicators.EMA(self.data.close, period=SLOW_BARS)
        self.fills = 0

    def notify_order(self, order: Any) -> None:
        """Counts completed orders."""
        self.fills += order.status == order.Completed

    def next(self) -> None:
        """Decides at one bar's close."""
        if len(self.data) <= SETTLED_BARS:
            return
        rising = self.fast[0] > self.slow[0]
        if rising and not self.position:
            self.buy(size=self.broker.getvalue() * WEIGHT / self.data.close[0])
        elif not rising and self.position:
            self.close()


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing over `rows` bars; feeding the frame is part of its run and cannot be taken out."""
    frame = ohlcv(make_bars(rows))

    def once() -> Any:
        cerebro = bt.Cerebro(stdstats=False)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        cerebro.broker.setcash(CASH)
        cerebro.broker.setcommission(commission=FEE)
        cerebro.addstrategy(Crossover)
        cerebro.addanalyzer(bt.analyzers.TimeReturn)
        return cerebro, cerebro.run()[0]

    figures = measure(once, repeat).as_figures(rows)
    cerebro, strategy = once()
    return {
        **figures,
        "version": bt.__version__,
        "final_equity": float(cerebro.broker.getvalue()),
        "orders": int(strategy.fills),
    }
