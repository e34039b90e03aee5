"""`bot4 walkforward`: choose parameters on one stretch of the data, run them on the next; print what was kept, write JSON and HTML."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import write_json
from .settings import ALL_REALISMS, STDOUT, Data, File, Json, Report, check_targets, with_settings

if TYPE_CHECKING:
    from bot4.backtest.walkforward import CpcvResult, WalkForwardResult

Param = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        "-p",
        metavar="NAME=VALUES",
        help="Values to choose from: 5:50:5, 10,20,40, log:1:1000:7; one value fixes it. Repeatable.",
    ),
]
Train = Annotated[str | None, typer.Option(metavar="LENGTH", help="Length of each training: 365d, 2y, 26w.")]
Test = Annotated[str | None, typer.Option(metavar="LENGTH", help="Length of each test; default: eight tests in all.")]
Step = Annotated[str | None, typer.Option(metavar="LENGTH", help="From one test to the next; default: its length.")]
Anchored = Annotated[bool, typer.Option("--anchored", help="Training always begins at the first; it grows.")]
Purge = Annotated[
    str | None,
    typer.Option(metavar="LENGTH", help="Left out of training beside a test: what its decisions know or hold beyond."),
]
Embargo = Annotated[str | None, typer.Option(metavar="LENGTH", help="A further pause between training and test.")]
Cpcv = Annotated[
    str | None,
    typer.Option(
        "--cpcv",
        metavar="N,K",
        help="Cross-validate instead: every choice of K of N groups is a test; 6,2 makes 15 splits and 5 paths.",
    ),
]
Metric = Annotated[str, typer.Option(metavar="NAME", help="What chooses: sharpe, calmar, min:volatility …")]
Select = Annotated[
    str, typer.Option(metavar="best|plateau", help="The highest, or the best mean with its neighbours in the grid.")
]
Workers = Annotated[int, typer.Option(help="Runs at once; 0 = one on each processor.")]


@with_settings
def command(
    file: File,
    data: Data,
    param: Param = None,
    train: Train = None,
    test: Test = None,
    step: Step = None,
    anchored: Anchored = False,
    purge: Purge = None,
    embargo: Embargo = None,
    cpcv: Cpcv = None,
    metric: Metric = "sharpe",
    select: Select = "best",
    workers: Workers = 0,
    json: Json = None,
    report: Report = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Choose parameters on one stretch of the data and run them on the next, window by window; say what was kept.

    Without --param the declared bounds of all parameters make a small grid. Without --train and --test there are eight tests.

    Example: bot4 walkforward trend.py --data bars/*-1h.parquet --param fast=5:50:5 --train 2y --test 90d --report wf.html
    """
    from bot4.backtest import walkforward as walking
    from bot4.backtest.source import load_strategy
    from bot4.backtest.sweep.space import read_texts

    from .progress import Progress

    check_targets(json, ("--report", report))
    if settings["realism"] == ALL_REALISMS:
        raise typer.BadParameter("--realism all compares one run; give a walk-forward one of strict, neutral or naive")
    windows = {"train": train, "test": test, "step": step, "anchored": anchored or None}
    call, own = walking.walkforward, {"purge": purge, "embargo": embargo, **windows}
    if cpcv is not None:
        call, own = walking.cpcv, {"purge": purge, "embargo": embargo, **_groups(cpcv, windows)}  # type: ignore[assignment]  # alike
    given = {name: value for name, value in own.items() if value is not None}
    strategy = load_strategy(file)
    grid = read_texts(param) if param else None
    with warnings.catch_warnings(record=True) as caught, Progress("walk-forward", unit="runs") as progress:
        warnings.simplefilter("always")
        result: Any = call(
            strategy,
            data,
            grid,
            metric=metric,
            select=select,  # type: ignore[arg-type]  # checked there, with a sentence
            workers=workers,
            progress=progress,
            **given,  # type: ignore[arg-type]  # by name
            **settings,
        )
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    show(result, json, report)


def _groups(cpcv: str, windows: dict[str, Any]) -> dict[str, Any]:
    """Returns the numbers of `--cpcv N,K`. Raises a usage error for anything else, and beside options of windows."""
    words = cpcv.split(",")
    if len(words) != 2 or not all(word.strip().isdecimal() for word in words):
        raise typer.BadParameter(f"--cpcv is {cpcv}; write the number of groups and of those tested, as in 6,2")
    beside = [name for name, value in windows.items() if value is not None]
    if beside:
        raise typer.BadParameter(f"--{beside[0]} is for windows, and --cpcv has groups instead; leave one of them out")
    return {"groups": int(words[0]), "tested": int(words[1])}


def show(result: WalkForwardResult | CpcvResult, json: str | None, report: Path | None) -> None:
    """Prints the summary (or JSON alone, for `-`) and writes the files asked for, each as a whole or not at all."""
    lines = [] if json in (None, STDOUT) else [write_json(result, str(json))]
    if report is not None:
        result.report(report)
        lines.append(f"Report: {report}")
    if json == STDOUT:
        sys.stdout.write(result.to_json() + "\n")
        return
    from rich.console import Console

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(result, width=max(min(console.width, 100), 60))
    else:
        sys.stdout.write(result.summary())
    for line in ["", *lines] if lines else []:
        print(line)
