"""`bot4 gate register|check|verify|list|show`: what a strategy has to show before it is more than research."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .gate_shown import (
    listed,
    print_check,
    print_list,
    print_registration,
    print_shown,
    print_verified,
    registered,
    write_signed,
)
from .output import STDOUT, Json, check_target, emit
from .settings import ALL_REALISMS, Data, File, Report, check_targets, with_settings
from .walkforward import Anchored, Embargo, Metric, Param, Purge

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

app = typer.Typer(
    name="gate", help="Evidence that refuses: registered before it is opened, judged, signed.", no_args_is_help=True
)

Id = Annotated[
    str, typer.Argument(metavar="[ID]", help="The registration, or the beginning of its id; default: the newest.")
]
Design = Annotated[
    str,
    typer.Option(metavar="walk-forward|holdout", help="Parameters chosen anew before each test, or one part held out."),
]
Train = Annotated[str | None, typer.Option(metavar="LENGTH", help="Length of each training: 365d, 2y.")]
Test = Annotated[str | None, typer.Option(metavar="LENGTH", help="Length of each test; default: eight tests in all.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="First day out of sample of a holdout; default: the half.")
]
Threshold = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Another threshold, such as max_drawdown=0.15. Repeatable."),
]
Seed = Annotated[int, typer.Option(help="Seed of every bootstrap.")]
Replace = Annotated[
    str | None, typer.Option(metavar="ID", help="A registration never opened, whose place this one takes.")
]
Again = Annotated[bool, typer.Option("--again", help="Open the last look's days once more: one trial more.")]
OtherData = Annotated[
    list[str] | None, typer.Option("--data", metavar="PATH...", help="Where the same bars, or longer ones, are now.")
]
OtherFile = Annotated[str | None, typer.Option("--strategy", metavar="FILE[:NAME]", help="Where the strategy is now.")]


@app.command("register")
@with_settings
def register_command(
    file: File,
    data: Data,
    design: Design = "walk-forward",
    param: Param = None,
    train: Train = None,
    test: Test = None,
    from_: From = None,
    anchored: Anchored = False,
    purge: Purge = "0d",
    embargo: Embargo = "0d",
    metric: Metric = "sharpe",
    threshold: Threshold = None,
    seed: Seed = 0,
    replace: Replace = None,
    json: Json = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Fix code, parameters, data, costs and split before the days out of sample are opened. Runs nothing on them.

    Example: bot4 gate register momentum.py --data bars/*-1h.parquet --design walk-forward
    """
    from bot4.backtest.sweep.space import read_texts
    from bot4.gate import perform
    from bot4.gate.registry.make import Asked

    check_target("--json", json)
    if settings["realism"] == ALL_REALISMS:
        raise typer.BadParameter("--realism all compares one run; a registration has one realism, strict")
    if not settings.pop("record"):
        raise typer.BadParameter("a registration is a record; leave --no-record out")
    asked = Asked(
        strategy=file,
        data=data,
        settings={name: value for name, value in settings.items() if value is not None},
        grid=read_texts(param) if param else None,
        design=design,
        train=train,
        test=test,
        out_from=from_,
        purge=purge or "0d",
        embargo=embargo or "0d",
        anchored=anchored,
        metric=metric,
        thresholds=_thresholds(threshold or []),
        seed=seed,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = perform.register(asked, _stage, replace)
    _warn(caught)
    emit(registered(made), json, lambda: print_registration(made))


@app.command("check")
def check_command(
    id: Id = "",
    data: OtherData = None,
    strategy: OtherFile = None,
    again: Again = False,
    json: Json = None,
    report: Report = None,
) -> None:
    """Open the days out of sample for the look that is due; say PASS, EXTEND or FAIL with the numbers; sign the evidence.

    Example: bot4 gate check 3f9a1c --report gate.html --json gate.json
    """
    from bot4.gate import perform

    check_targets(json, ("--report", report))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = perform.check(id, _stage, data=data, strategy=strategy, again=again)
    _warn(caught)
    if json == STDOUT:
        write_signed(found, json, report)
        return
    print_check(found)
    write_signed(found, json, report)


@app.command("verify")
def verify_command(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A signed file of `bot4 gate check`.")] = None,
    json: Json = None,
) -> None:
    """Read the whole registry again and every run it stands for; of a signed file, compute the verdict anew and compare.

    Exit code 2 with the entry's number where something was changed or deleted.

    Example: bot4 gate verify gate.json
    """
    from bot4.gate.registry.file import verify
    from bot4.gate.registry.store import Registry

    check_target("--json", json)
    with _stage("registry", "entries") as told:
        registry = Registry.read(told=told)
    lines = [] if file is None else verify(file, registry)
    body = {
        "entries": registry.audit.entries,
        "runs": registry.audit.runs,
        "last": registry.audit.last,
        "file": None if file is None else str(file),
        "found": lines,
    }
    emit(body, json, lambda: print_verified(registry, file, lines))


@app.command("list")
def list_command(json: Json = None) -> None:
    """List the registrations, newest first, with what became of each.

    Example: bot4 gate list
    """
    from bot4.gate.registry.book import Book
    from bot4.records.store import RecordStore

    check_target("--json", json)
    book = Book(RecordStore().entries())
    body = [listed(one) for one in reversed(list(book))]
    emit(body, json, lambda: print_list(body))


@app.command("show")
def show_command(id: Id = "", json: Json = None, report: Report = None) -> None:
    """Show a registration and its last verdict again, from the signed file; opens nothing and costs no trial.

    Example: bot4 gate show 3f9a1c --report gate.html
    """
    from bot4.gate.perform import shown
    from bot4.gate.registry.store import Registry

    check_targets(json, ("--report", report))
    with _stage("registry", "entries") as told:
        registry = Registry.read(told=told)
    one = registry.book.find(id)
    found = shown(one, registry)
    if report is not None and found is None:
        raise typer.BadParameter(
            f"registration {one.made.id} has not been checked, so there is no report; leave --report out"
        )
    body = listed(one) | {"registration": registered(one.made), "verdict": None if found is None else found.verdict}
    emit(body, json, lambda: print_shown(one, found))
    if found is not None and report is not None:
        write_signed(found, None, report)


def _stage(label: str, unit: str) -> AbstractContextManager[Any]:
    from .progress import Progress

    return Progress(label, unit=unit)


def _thresholds(texts: list[str]) -> dict[str, float]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            found[name.strip()] = float(value) if "." in value or "e" in value else int(value)
        except ValueError:
            equals = ""
        if not equals:
            raise typer.BadParameter(f"--set {text} is no threshold; write NAME=NUMBER, as in max_drawdown=0.15")
    return found


def _warn(caught: list[warnings.WarningMessage]) -> None:
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        print(f"warning: {text}", file=sys.stderr)
