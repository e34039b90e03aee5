"""`bot4 backtest`: run a strategy over files of bars; print the summary, write JSON, HTML and a picture."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import write_json
from .settings import ALL_REALISMS, STDOUT, Data, File, Json, Report, check_targets, with_settings

if TYPE_CHECKING:
    from bot4.backtest import Result
    from bot4.backtest.journal import Journal

Param = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter; repeatable.")
]
TearSheet = Annotated[bool, typer.Option("--tear-sheet", help="With --json: every statistic of the report as well.")]
Png = Annotated[
    Path | None, typer.Option(metavar="FILE.png", help="Write equity and drawdown as a picture (needs Chromium).")
]
Why = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID|KEY[@TIME]", help="Tell what became of an order, and nothing else; repeatable, not recorded."
    ),
]


JournalFolder = Annotated[
    Path | None, typer.Option("--journal", metavar="FOLDER", help="Write the run's journal; `bot4 replay` reads it.")
]
TapeBudget = Annotated[
    float | None,
    typer.Option(
        "--tape-budget", metavar="MB", help="Keep so much of the journal's market tape; the oldest goes first."
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Go on with the journal of a run that was cut off: compare what is there, append the rest."
    ),
]
Commands = Annotated[
    Path | None,
    typer.Option("--commands", metavar="FILE.toml", help="What people ask of the desk, and when (docs/operator.md)."),
]
VenueConditions = Annotated[
    Path | None,
    typer.Option("--venue-conditions", metavar="FILE.toml", help="When the venue refuses orders, as a stress."),
]
Durability = Annotated[
    str,
    typer.Option(metavar="page-cache|fsync", help="What the journal survives: the program's end, or the machine's."),
]


@with_settings
def command(
    file: File,
    data: Data,
    param: Param = None,
    json: Json = None,
    report: Report = None,
    tear_sheet: TearSheet = False,
    png: Png = None,
    why: Why = None,
    journal: JournalFolder = None,
    durability: Durability = "page-cache",
    tape_budget: TapeBudget = None,
    resume: Resume = False,
    commands: Commands = None,
    venue_conditions: VenueConditions = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Run a strategy over files of bars and print what it did, what it cost and what the number is not.

    Example: bot4 backtest trend.py --data bars/*-1h.parquet --param fast=12 --report report.html
    """
    from bot4.backtest.source import load_strategy

    check_targets(json, ("--report", report), ("--png", png))
    if tear_sheet and json is None:
        raise typer.BadParameter("--tear-sheet adds to the JSON; give --json FILE or --json - as well")
    strategy = load_strategy(file)
    settings = settings | {"params": strategy.parse_parameters(param or []), "record": settings["record"] and not why}
    asked = {"commands": commands, "venue_conditions": venue_conditions}
    settings |= {name: file for name, file in asked.items() if file is not None}
    if (how := kept(journal, durability, tape_budget, resume=resume)) is not None:
        settings["journal"] = how
    if why:
        result = run_only(strategy, data, settings)
        print("\n\n".join(explained(result, order) for order in why))
        return
    result = run_and_show(strategy, data, settings, json, report, png, tear_sheet=tear_sheet)
    if json != STDOUT:
        for line in went_on(result):
            print(line)


def went_on(result: Result) -> list[str]:
    """Returns lines that say what a run which went on with a journal has found and appended; none for any other."""
    about = result.records.get("journal") or {}
    lines = []
    for kind, found in (about.get("found") or {}).items():
        added = about[f"{kind}_records"] - found["records"]
        lines.append(
            f"{kind} journal: {found['records']:,} records were there and are this run's, {added:,} were appended"
        )
        if found["cut"] is not None:
            file, offset = found["cut"]
            lines.append(f"  {file} was cut at byte {offset:,}: what stood there was never acknowledged")
        lines += [f"  note: {note}" for note in found["notes"]]
    return lines


def kept(
    folder: Path | None,
    durability: str,
    tape_budget: float | None,
    budget_ms: int = 2_000,
    *,
    resume: bool = False,
) -> Journal | None:
    """Returns how a run's journal is kept, None without a folder.

    Raises BadParameter for an unknown durability and a resume without a journal, BacktestError for a number out of range.
    """
    from bot4.backtest.journal import Journal

    if durability not in ("page-cache", "fsync"):
        raise typer.BadParameter(f"--durability is page-cache or fsync, not {durability}")
    if folder is None:
        if resume:
            raise typer.BadParameter("--resume goes on with a journal: give its folder with --journal")
        return None
    how = {"tape_budget_mb": tape_budget, "budget_ms": budget_ms, "resume": resume}
    return Journal(folder, durability, **how)  # type: ignore[arg-type]  # checked


def run_and_show(
    strategy: Any,
    data: Any,
    settings: dict[str, Any],
    json: str | None,
    report: Path | None,
    png: Path | None = None,
    *,
    tear_sheet: bool = False,
) -> Result:
    """Runs, prints the summary (or JSON alone, for `-`), writes the files asked for, and returns the result."""
    result = run_only(strategy, data, settings)
    written = write_files(result, json, report, png, tear_sheet=tear_sheet)
    if json == STDOUT:
        sys.stdout.write(result.to_json(tear_sheet=tear_sheet) + "\n")
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


def write_files(
    result: Result, json: str | None, report: Path | None, png: Path | None = None, *, tear_sheet: bool = False
) -> list[str]:
    """Writes JSON, report and picture, each as a whole or not at all; returns one line about each."""
    lines = []
    if json is not None and json != STDOUT:
        lines.append(write_json(result.to_dict(tear_sheet=tear_sheet), json))
    if report is not None:
        result.report(report)
        lines.append(f"Report: {report}")
    if png is not None:
        result.png(png)
        lines.append(f"Picture: {png}")
    return ["", *lines] if lines else []
