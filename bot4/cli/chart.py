"""`bot4 chart`: run a strategy and write a page with candles, indicators, signals, stops and fills."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .backtest import Param, run_only
from .output import check_target
from .settings import Data, File, with_settings

Out = Annotated[Path, typer.Option(metavar="FILE.html", help="The page to write.")]
Symbol = Annotated[str | None, typer.Option(metavar="SYMBOL", help="The asset, such as BTC/USDT; default: the first.")]
To = Annotated[
    str | None, typer.Option(metavar="TIME", help="Last bar shown, such as 2022-11-30; default: the last. UTC.")
]
Bars = Annotated[int, typer.Option(min=10, max=20_000, help="Bars shown with indicators.")]


@with_settings
def command(
    file: File,
    data: Data,
    out: Out = Path("chart.html"),
    symbol: Symbol = None,
    to: To = None,
    bars: Bars = 1_500,
    param: Param = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Draw a strategy on its bars: indicators, conditions, stops, fills; below, all bars to click. Nothing is recorded.

    Example: bot4 chart trend.py --data bars/BTCUSDT-1h.parquet --to 2022-11-30 --out chart.html
    """
    from bot4.backtest.chart import chart_page
    from bot4.backtest.source import load_strategy

    check_target("--out", out)
    strategy = load_strategy(file)
    settings = settings | {"params": strategy.parse_parameters(param or []), "record": False}
    result = run_only(strategy, data, settings)
    first = symbol if symbol is not None else result.market.symbols[0]
    print(f"Chart: {chart_page(result, first, to, bars).write(out)}")
