"""`bot4 why`: run a strategy and tell of one bar what was known, wanted, checked, sent and filled, and why nothing else was.

What became of one order is told by `bot4 backtest --why ORDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import backtest as one

if TYPE_CHECKING:
    from bot4.backtest.at import Decision

At = Annotated[str, typer.Option("--at", metavar="TIME", help="The decision at this time, or the last before it; UTC.")]
Symbol = Annotated[
    str | None, typer.Option(metavar="SYMBOL", help="The asset, such as BTC/USDT, where there are several.")
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE|-", help="Write the decision as JSON; - prints only that.")
]


def command(
    file: one.File,
    data: one.Data,
    at: At,
    symbol: Symbol = None,
    timeframe: one.Timeframe = None,
    start: one.Start = None,
    end: one.End = None,
    cash: one.Cash = 100_000.0,
    fee_bps: one.FeeBps = None,
    param: one.Param = None,
    json: Json = None,
    instruments: one.Instruments = None,
    spread_bps: one.SpreadBps = 2.0,
    impact: one.Impact = 1.0,
    volume_share: one.VolumeShare = 0.10,
    collar: one.Collar = 0.10,
    max_leverage: one.MaxLeverage = 3.0,
    latency_ms: one.LatencyMs = 0,
    latency_sigma: one.LatencySigma = 0.0,
    latency_seed: one.LatencySeed = 0,
    realism: one.Realism = "strict",
    funding: one.Funding = None,
    funding_default: one.FundingDefault = None,
    leverage: one.Leverage = None,
    margin: one.Margin = None,
    detail: one.Detail = None,
) -> None:
    """Tell of one bar what the strategy knew, wanted and did, and why it did nothing else. Nothing is recorded.

    Example: bot4 why trend.py --data bars/*-1h.parquet --at 2022-11-09T14:00 --symbol SOL/USDT
    """
    from bot4.backtest.source import load_strategy

    one.check_targets(json, None)
    strategy = load_strategy(file)
    settings: dict[str, Any] = {
        "timeframe": timeframe,
        "start": start,
        "end": end,
        "cash": cash,
        "fee_bps": fee_bps,
        "params": strategy.parse_parameters(param or []),
        "instruments": instruments,
        "spread_bps": spread_bps,
        "impact": impact,
        "volume_share": volume_share,
        "collar": collar,
        "max_leverage": max_leverage,
        "latency_ms": latency_ms,
        "latency_sigma": latency_sigma,
        "latency_seed": latency_seed,
        "realism": realism,
        "funding": funding,
        "funding_default": funding_default,
        "leverage": leverage,
        "margin": margin,
        "detail": detail,
        "record": False,
    }
    show(one.run_only(strategy, data, settings).at(at, symbol), json)


def show(decision: Decision, json: str | None) -> None:
    """Prints the decision: as a tree on a terminal, plain anywhere else, as JSON alone for `-`; writes the JSON file asked for."""
    if json == one.STDOUT:
        sys.stdout.write(decision.to_json() + "\n")
        return
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(decision)
    else:
        print(decision)
    if json is not None:
        from bot4.report.html import write_whole

        write_whole(Path(json), decision.to_json() + "\n")
        print(f"\nJSON: {json}")
