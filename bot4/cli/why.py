"""`bot4 why`: run a strategy and tell of one bar what was known, wanted, checked, sent and filled, and why nothing else was.

What became of one order is told by `bot4 backtest --why ORDER`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .backtest import Param, run_only
from .output import Json, check_target, emit
from .settings import Data, File, with_settings

if TYPE_CHECKING:
    from bot4.backtest.at import Decision

At = Annotated[str, typer.Option("--at", metavar="TIME", help="The decision at this time, or the last before it; UTC.")]
Symbol = Annotated[
    str | None, typer.Option(metavar="SYMBOL", help="The asset, such as BTC/USDT, where there are several.")
]


@with_settings
def command(
    file: File,
    data: Data,
    at: At,
    symbol: Symbol = None,
    param: Param = None,
    json: Json = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Tell of one bar what the strategy knew, wanted and did, and why it did nothing else. Nothing is recorded.

    Example: bot4 why trend.py --data bars/*-1h.parquet --at 2022-11-09T14:00 --symbol SOL/USDT
    """
    from bot4.backtest.source import load_strategy

    check_target("--json", json)
    strategy = load_strategy(file)
    settings = settings | {"params": strategy.parse_parameters(param or []), "record": False}
    decision = run_only(strategy, data, settings).at(at, symbol)
    emit(decision, json, lambda: show(decision))


def show(decision: Decision) -> None:
    """Prints the decision: as a tree on a terminal, plain anywhere else."""
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(decision)
    else:
        print(decision)
