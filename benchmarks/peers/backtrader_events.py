"""A callback on each bar in backtrader's `next`, with a market order on every tenth."""

from __future__ import annotations

from typing import Any

import backtrader as bt

from benchmarks.clock import measure
from benchmarks.market import make_bars
from benchmarks.peers.frames import ohlcv
from benchmarks.setting import CASH, FEE, ORDER_EVERY_BARS, WEIGHT


class EveryTenth(bt.Strategy):  # type: ignore[misc]  # mypy does not see the peers
    """In on one tenth bar, out on the next."""

    def __init__(self) -> None:
        self.calls = self.fills = 0

    def notify_order(self, order: Any) -> None:
        """Counts completed orders."""
        self.fills += order.status == order.Completed

    def next(self) -> None:
        """Decides at one bar's close."""
        self.calls += 1
        if self.calls % ORDER_EVERY_BARS:
            return
        if self.position:
            self.close()
        else:
            self.buy(size=self.broker.getvalue() * WEIGHT / self.data.close[0])


def run(rows: int, repeat: int = 5) -> dict[str, Any]:
    """Returns the timing over `rows` bars; feeding the frame is part of its run and cannot be taken out."""
    frame = ohlcv(make_bars(rows))

    def once() -> Any:
        cerebro = bt.Cerebro(stdstats=False)
        cerebro.adddata(bt.feeds.PandasData(dataname=frame))
        cerebro.broker.setcash(CASH)
        cerebro.broker.setcommission(commission=FEE)
        cerebro.addstrategy(EveryTenth)
        return cerebro, cerebro.run()[0]

    figures = measure(once, repeat).as_figures(rows)
    cerebro, strategy = once()
    return {
        **figures,
        "version": bt.__version__,
        "final_equity": float(cerebro.broker.getvalue()),
        "orders": int(strategy.fills),
        "callbacks": strategy.calls,
    }
