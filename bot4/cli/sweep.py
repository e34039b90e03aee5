"""`bot4 sweep`: run a strategy with many combinations of its parameters; print the best, write Parquet, HTML and JSON."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .settings import ALL_REALISMS, STDOUT, Data, File, Json, Report, check_targets, with_settings

if TYPE_CHECKING:
    from bot4.backtest.sweep import SweepResult

INTERRUPTED = 130

Param = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        "-p",
        metavar="NAME=VALUES",
        help="Values: 5:50:5, 10,20,40, log:1:1000:7; for a search also 5:50. Repeatable.",
    ),
]
Search = Annotated[
    str, typer.Option(metavar="grid|random|lhs|tpe|cmaes|nsga2", help="Try every combination, or search among them.")
]
Number = Annotated[int | None, typer.Option("--n", help="How many combinations a search tries.")]
Seed = Annotated[int, typer.Option(help="Seed of a search.")]
Metric = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[,NAME]",
        help="What is best: sharpe (unless on ticks: total_return), calmar, min:turnover; several for nsga2.",
    ),
]
Out = Annotated[Path | None, typer.Option(metavar="FILE.parquet", help="Write every row with its daily returns.")]
Workers = Annotated[int, typer.Option(help="Cores to use; 0 = all.")]
On = Annotated[str, typer.Option(metavar="local|ray", help="Where to run: this machine, or a Ray cluster.")]
Limit = Annotated[int, typer.Option(help="Largest grid that is run.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Begin anew where an unfinished sweep would be gone on with.")]


@with_settings
def command(
    file: File,
    data: Data,
    param: Param = None,
    search: Search = "grid",
    n: Number = None,
    seed: Seed = 0,
    metric: Metric = None,
    out: Out = None,
    report: Report = None,
    json: Json = None,
    workers: Workers = 0,
    on: On = "local",
    limit: Limit = 1_000_000,
    fresh: Fresh = False,
    *,
    settings: dict[str, Any],
) -> None:
    """Run a strategy with many combinations of its parameters and print the best, with their neighbourhood.

    Stopped with Ctrl-C, the same command goes on where it was.

    Example: bot4 sweep trend.py --data bars/*-1h.parquet --param fast=5:50:5 --param slow=60:300:20
    Example: bot4 sweep maker.py --data recordings/usdm-btcusdt_20240808.gz --param width_bps=2:6:1
    """
    from bot4.backtest.source import load_strategy
    from bot4.backtest.sweep import sweep
    from bot4.backtest.sweep.space import read_texts

    from .sweeping import SweepProgress

    check_targets(json, ("--report", report), ("--out", out))
    if settings["realism"] == ALL_REALISMS:
        raise typer.BadParameter("--realism all compares one run; give a sweep one of strict, neutral or naive")
    strategy = load_strategy(file)
    try:
        with warnings.catch_warnings(record=True) as caught, SweepProgress() as progress:
            warnings.simplefilter("always")
            result = sweep(
                strategy,
                data,
                read_texts(param or []),
                search=search,  # type: ignore[arg-type]  # checked there, with a sentence
                n=n,
                seed=seed,
                metric=metric,
                on=on,  # type: ignore[arg-type]  # checked there, with a sentence
                workers=workers,
                limit=limit,
                fresh=fresh,
                progress=progress,
                **settings,
            )
    except KeyboardInterrupt as stop:  # Typer would end without a word
        print(f"error: {stop or 'interrupted.'}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    written = _write(result, out, report, json)
    if json == STDOUT:
        sys.stdout.write(result.to_json() + "\n")
        return
    _show(result)
    for line in written:
        print(line)


def _write(result: SweepResult, out: Path | None, report: Path | None, json: str | None) -> list[str]:
    """Writes the files asked for and returns one line about each."""
    lines = []
    if out is not None:
        result.to_parquet(out)
        lines.append(f"Rows: {out}")
    if report is not None:
        result.report(report)
        lines.append(f"Report: {report}")
    if json is not None and json != STDOUT:
        from bot4.report.files import write_whole

        write_whole(Path(json), result.to_json() + "\n")
        lines.append(f"JSON: {json}")
    return ["", *lines] if lines else []


def _show(result: SweepResult) -> None:
    """Prints the summary: in colour on a terminal, as plain text anywhere else."""
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        from bot4.backtest.sweep.terminal import summary

        width = max(min(console.width, 100), 60)
        console.print(summary(result, width), width=width)
    else:
        sys.stdout.write(result.summary())
