"""Tools that look at an expression over data: a plot, information coefficient, returns by quantile, turnover.

The language knows no data and no backtest, which lie above it; so a method asks the package's public face for its tool by name
(`bot4.TOOLS`), as a user would, and hands itself over. Not here: what a tool computes (`bot4.backtest.factor`).
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, cast

from ..core import Operand

if TYPE_CHECKING:
    from ..expr import Expr

Horizon = int | str
Price = Literal["open", "close"]
Across = Literal["assets", "time"]


def _tool(name: str) -> Any:
    """Returns the tool that the package offers under a name."""
    home = importlib.import_module("bot4").TOOLS[name]
    return getattr(importlib.import_module(home), name)


class Research(Operand):
    """Methods that need data: they run at once and return figures or tables, never expressions."""

    __slots__ = ()

    def plot(self, data: Any, *, symbol: str | None = None, **source: Any) -> Any:
        """Returns a Plotly figure of the expression with the close: on the price where it is one, else below it.

        data, and `timeframe start end instruments`: as `b4.peek` takes them. symbol: the asset, the first if left out.
        """
        return _tool("plot")(cast("Expr", self), data, symbol=symbol, **source)

    def ic(
        self,
        data: Any,
        *,
        horizon: Horizon | Sequence[Horizon] = (1, 2, 4, 8, 24, 72),
        price: Price = "open",
        across: Across | None = None,
        **source: Any,
    ) -> Any:
        """Returns the information coefficient by horizon (bars, or spans such as "1d"), with errors corrected for overlap.

        price: forward returns from the next open to an open, as the engine could trade, or "close" to close. across: "assets" (default with
        three or more: at each time, then averaged) or "time" (for each asset). Raises StrategyError, DataError, BacktestError.
        """
        return _tool("ic")(cast("Expr", self), data, horizon=horizon, price=price, across=across, **source)

    def quantiles(
        self,
        data: Any,
        *,
        q: int = 5,
        horizon: Horizon | Sequence[Horizon] = 24,
        price: Price = "open",
        across: Across | None = None,
        demeaned: bool = True,
        **source: Any,
    ) -> Any:
        """Returns forward returns by quantile (1 is the lowest), the spread between the outer ones, errors and monotonicity.

        demeaned: less the mean of all assets at that time (across assets). Over time a quantile is among the asset's earlier values.
        """
        settings = {"q": q, "horizon": horizon, "price": price, "across": across, "demeaned": demeaned}
        return _tool("quantiles")(cast("Expr", self), data, **settings, **source)

    def turnover(
        self,
        data: Any,
        *,
        q: int = 5,
        period: Horizon | Sequence[Horizon] = (1, 24),
        across: Across | None = None,
        **source: Any,
    ) -> Any:
        """Returns how fast it changes: the share of each quantile that is new after `period` bars, and the autocorrelation of ranks."""
        return _tool("turnover")(cast("Expr", self), data, q=q, period=period, across=across, **source)
