"""`bot4 backtest`: run a strategy over files of bars; print the summary, write JSON and HTML."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from bot4.backtest import Result

STDOUT = "-"
ALL_REALISMS = "all"
"""The word for: run strictly and show the other realisms beside it."""

File = Annotated[
    str, typer.Argument(metavar="FILE[:NAME]", help="Python file with the strategy; NAME where it has several.")
]
Data = Annotated[
    list[str],
    typer.Option(metavar="PATH...", help="Parquet or CSV files of bars, folders or patterns; several at once."),
]
Timeframe = Annotated[str | None, typer.Option(help="Bars to run on, such as 4h, where the strategy names none.")]
Start = Annotated[str | None, typer.Option(help="First decision, such as 2021-01-01; earlier bars warm up. UTC.")]
End = Annotated[str | None, typer.Option(help="Use bars that open before this time. UTC.")]
Cash = Annotated[float, typer.Option(help="Starting cash, in the quote currency.")]
FeeBps = Annotated[float | None, typer.Option(help="Fee in basis points (10 = 0.1 %); default: the venue's.")]
Param = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter; repeatable.")
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="FILE|-", help="Write the result as JSON; - prints only that.")
]
Report = Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the HTML report.")]
Instruments = Annotated[
    str | None, typer.Option(metavar="FILE", help="Ticks, lots, minimums, fees, margin, accounts as JSON.")
]
SpreadBps = Annotated[float, typer.Option(help="Bid-ask spread in basis points.")]
Impact = Annotated[float, typer.Option(help="Square-root market impact: 1 = the law, 0 = none.")]
VolumeShare = Annotated[float, typer.Option(help="Largest share of a bar's volume to take.")]
Collar = Annotated[float, typer.Option(help="Largest gap between decision and open for an entry, as a fraction.")]
MaxLeverage = Annotated[float, typer.Option(help="Largest gross exposure, times equity.")]
LatencyMs = Annotated[int, typer.Option(help="Delay from decision to market, milliseconds.")]
LatencySigma = Annotated[float, typer.Option(help="Spread of a log-normal latency (of its logarithm); 0 = constant.")]
LatencySeed = Annotated[int, typer.Option(help="Seed of the latencies.")]
Realism = Annotated[
    str,
    typer.Option(
        metavar="strict|neutral|naive|all", help="How strictly bars are read; all: strict, beside the others."
    ),
]
Funding = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATH...", help="Funding rates of perpetuals: files named venue-SYMBOL-funding, or their folder."
    ),
]
FundingDefault = Annotated[
    float | None, typer.Option(metavar="RATE", help="Rate each 8 hours for perpetuals without a file, such as 0.0001.")
]
Leverage = Annotated[
    float | None, typer.Option(help="Notional over initial margin of perpetuals; they can be liquidated.")
]
Margin = Annotated[str | None, typer.Option(metavar="cross|isolated", help="Margin mode of perpetuals.")]
Detail = Annotated[
    str | None,
    typer.Option(
        metavar="INTERVAL|PATH", help="Finer bars for what happens between decisions: 1m, from --data, or a file."
    ),
]
Why = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID|KEY[@TIME]", help="Tell what became of an order, and nothing else; repeatable, not recorded."
    ),
]
Record = Annotated[
    bool, typer.Option("--record/--no-record", help="Append the run to the run records (they count trials).")
]


def command(
    file: File,
    data: Data,
    timeframe: Timeframe = None,
    start: Start = None,
    end: End = None,
    cash: Cash = 100_000.0,
    fee_bps: FeeBps = None,
    param: Param = None,
    json: Json = None,
    report: Report = None,
    instruments: Instruments = None,
    spread_bps: SpreadBps = 2.0,
    impact: Impact = 1.0,
    volume_share: VolumeShare = 0.10,
    collar: Collar = 0.10,
    max_leverage: MaxLeverage = 3.0,
    latency_ms: LatencyMs = 0,
    latency_sigma: LatencySigma = 0.0,
    latency_seed: LatencySeed = 0,
    realism: Realism = "strict",
    funding: Funding = None,
    funding_default: FundingDefault = None,
    leverage: Leverage = None,
    margin: Margin = None,
    detail: Detail = None,
    why: Why = None,
    record: Record = True,
) -> None:
    """Run a strategy over files of bars and print what it did, what it cost and what the number is not.

    Example: bot4 backtest trend.py --data bars/*-1h.parquet --param fast=12 --report report.html
    """
    from bot4.backtest.source import load_strategy

    check_targets(json, report)
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
        "record": record and not why,
    }
    if why:
        result = run_only(strategy, data, settings)
        print("\n\n".join(explained(result, order) for order in why))
        return
    run_and_show(strategy, data, settings, json, report)


def run_and_show(strategy: Any, data: Any, settings: dict[str, Any], json: str | None, report: Path | None) -> Result:
    """Runs, prints the summary (or JSON alone, for `-`), writes the files asked for, and returns the result."""
    result = run_only(strategy, data, settings)
    written = write_files(result, json, report)
    if json == STDOUT:
        sys.stdout.write(result.to_json() + "\n")
        return result
    show(result)
    for line in written:
        print(line)
    return result


def explained(result: Result, order: str) -> str:
    """Returns what became of an order given as `17`, `dip` or `dip@2024-01-31T12:00`."""
    key, at, time = order.partition("@")
    return result.why(int(key) if key.isdecimal() else key, time if at else None)


def run_only(strategy: Any, data: Any, settings: dict[str, Any]) -> Result:
    """Runs, with progress and warnings on standard error, and returns the result."""
    from bot4.backtest import backtest

    from .progress import Progress

    compare = settings.get("realism") == ALL_REALISMS
    if compare:
        settings = settings | {"realism": "strict"}
    with warnings.catch_warnings(record=True) as caught, Progress("backtest") as progress:
        warnings.simplefilter("always")
        result = backtest(strategy, data, progress=progress, **settings)
        if compare:
            result.realisms()
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    return result


def show(result: Result) -> None:
    """Prints the summary: in colour and as wide as pleasant on a terminal, as plain text anywhere else."""
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(result, width=max(min(console.width, 100), 60))
    else:
        sys.stdout.write(result.summary())


def write_files(result: Result, json: str | None, report: Path | None) -> list[str]:
    """Writes JSON and report, each as a whole or not at all; returns one line about each."""
    lines = []
    if json is not None and json != STDOUT:
        from bot4.report.files import write_whole

        write_whole(Path(json), result.to_json() + "\n")
        lines.append(f"JSON: {json}")
    if report is not None:
        result.report(report)
        lines.append(f"Report: {report}")
    return ["", *lines] if lines else []


def check_targets(json: str | None, report: Path | None) -> None:
    """Raises a usage error, before anything runs, for a file that could not be written."""
    for option, name in (("--json", json), ("--report", report)):
        if name is None or str(name) == STDOUT:
            continue
        path = Path(name)
        if path.is_dir():
            raise typer.BadParameter(f"{path} is a folder; give {option} the name of a file")
        if not path.parent.is_dir():
            raise typer.BadParameter(f"the folder {path.parent} does not exist; make it or give {option} another place")
