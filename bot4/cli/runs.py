"""`bot4 runs`: list, show, compare and diff the run records.

A run is called by its number, `17`; a group of runs (a sweep, a search) by `g3`. What the lines look like is in `runs_shown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import Json, check_target, emit

if TYPE_CHECKING:
    from bot4.records.store import RecordStore

app = typer.Typer(name="runs", help="List, show and compare the runs that were recorded.", no_args_is_help=True)

Ids = Annotated[list[str], typer.Argument(metavar="ID ID...", help="Numbers of runs, from `bot4 runs list`.")]
Metric = Annotated[str, typer.Option(help="Statistic by which the best runs of a group are chosen; higher is better.")]
BEST = 5
"""How many runs of a group are shown."""


@app.command("list")
def list_(
    kind: Annotated[str | None, typer.Option(help="Only this kind: backtest, sweep, search, walkforward …")] = None,
    name: Annotated[str | None, typer.Option(help="Only strategies with this text in their name.")] = None,
    since: Annotated[str | None, typer.Option(help="Recorded at or after this time, such as 2026-01-31. UTC.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many lines at most.")] = 20,
    show_all: Annotated[
        bool, typer.Option("--all", help="Every run of every sweep, not one line for each sweep.")
    ] = False,
    json: Json = None,
) -> None:
    """List what was recorded, newest first: one line for each run, and one for each sweep or search."""
    from bot4.data.timeframe import parse_time

    from . import runs_shown

    check_target("--json", json)
    since_ms = None if since is None else parse_time(since)
    store = _store()
    groups = [] if show_all else store.groups(limit, kind, name, since_ms)
    runs = store.runs(limit, kind, name, since_ms, alone=not show_all)
    entries = runs_shown.entries(runs, groups, limit)
    emit(entries, json, lambda: runs_shown.print_list(entries, store.place.shown))


@app.command()
def show(
    id: Annotated[str, typer.Argument(metavar="ID", help="Number of a run, 17, or of a group of runs, g3.")],
    metric: Metric = "sharpe",
    json: Json = None,
) -> None:
    """Show everything about a run: settings, statistics, identity, data, how to repeat it; of a group its best runs."""
    from . import runs_shown

    check_target("--json", json)
    store = _store()
    if id.startswith("g"):
        body = _group(store, _number(id.removeprefix("g"), id), metric)
        emit({"run": None, "group": body}, json, lambda: runs_shown.print_group(body))
        return
    run = store.run(_number(id, id))
    run["repeat"] = runs_shown.how_to_repeat(run, store)
    emit({"run": run, "group": None}, json, lambda: runs_shown.print_run(run))


@app.command()
def compare(ids: Ids, json: Json = None) -> None:
    """Put the statistics of runs side by side, and test the differences of their Sharpe ratios against the first."""
    from bot4.records.compare import compare_returns

    from . import runs_shown

    check_target("--json", json)
    if len(ids) < 2:
        raise typer.BadParameter("comparing takes two runs or more; give their numbers")
    store = _store()
    runs = [store.run(_number(id, id)) for id in ids]
    returns = [store.daily_returns(run["id"]) for run in runs]
    first = runs[0]
    pairs = []
    for run, daily in zip(runs[1:], returns[1:], strict=True):
        pair = compare_returns(returns[0], first["daily_start_ms"], daily, run["daily_start_ms"])
        pairs.append({"one": first["id"], "other": run["id"], **vars(pair), "z": pair.z})
    emit({"runs": runs, "pairs": pairs}, json, lambda: runs_shown.print_comparison(runs, pairs))


@app.command()
def diff(
    one: Annotated[str, typer.Argument(metavar="ID", help="Number of a run.")],
    other: Annotated[str, typer.Argument(metavar="ID", help="Number of another run.")],
    json: Json = None,
) -> None:
    """Tell in what two runs differ: strategy, parameters, data, settings, version, and what came out."""
    from bot4.records.difference import differences

    from . import runs_shown

    check_target("--json", json)
    store = _store()
    left, right = store.run(_number(one, one)), store.run(_number(other, other))
    found = differences(left, right)
    body = {"one": left["id"], "other": right["id"], "differences": found}
    emit(body, json, lambda: runs_shown.print_differences(left, right, found))


def _group(store: RecordStore, number: int, metric: str) -> dict[str, Any]:
    """Returns a group and its best runs by a statistic."""
    import polars as pl

    group = store.group(number)
    frame = store.frame(group=number)
    known = frame["stats"].struct.fields
    if frame.height and metric not in known:
        raise typer.BadParameter(f"{metric!r} is no statistic of these runs; they have {', '.join(known)}")
    best: list[dict[str, Any]] = []
    if frame.height:
        value = pl.col("stats").struct.field(metric).cast(pl.Float64)
        ordered = frame.sort(value.fill_nan(None), descending=True, nulls_last=True, maintain_order=True).head(BEST)
        best = [{key: row[key] for key in ("id", "ordinal", "params", "stats")} for row in ordered.to_dicts()]
    return {**vars(group), "metric": metric, "best": best}


def _store() -> RecordStore:
    from bot4.records.store import RecordStore

    return RecordStore()


def _number(digits: str, word: str) -> int:
    if not digits.isdecimal():
        raise typer.BadParameter(f"{word!r} is no number of a run; `bot4 runs list` shows them")
    return int(digits)
