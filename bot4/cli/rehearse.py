"""`bot4 rehearse`: the live pipeline on history, with threads and rings, held against a backtest bit for bit."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .backtest import Durability, JournalFolder, Param, Resume, TapeBudget, kept, went_on
from .output import Json, check_target, emit, show, table
from .settings import Data, File, with_settings

if TYPE_CHECKING:
    from bot4.live.rehearse import Rehearsal

Rate = Annotated[int, typer.Option(min=0, help="Bars a second; 0: as fast as they are taken.")]
Workers = Annotated[
    int, typer.Option(min=0, help="Threads beside the desk's; 0: one for each other processor, at least one.")
]
Pin = Annotated[
    bool, typer.Option("--pin/--no-pin", help="Keep each thread on a processor of its own, where there are enough.")
]
Metrics = Annotated[
    Path | None, typer.Option(metavar="FILE.prom", help="Write metrics as Prometheus text, anew each second.")
]
FaultsFile = Annotated[
    Path | None,
    typer.Option("--faults", metavar="FILE.toml", help="What goes wrong on the wire between desk and venue."),
]
Socket = Annotated[
    Path | None, typer.Option("--control", metavar="SOCKET", help="Take commands of `bot4 operator` on this socket.")
]
Licence = Annotated[
    Path | None,
    typer.Option("--licence", metavar="FILE", help="Hold what opens against this licence, as paper trading will."),
]
Compare = Annotated[
    bool, typer.Option("--compare/--no-compare", help="Make the same run as a plain backtest and compare every bit.")
]
Budget = Annotated[
    int,
    typer.Option(
        "--journal-budget", min=1, metavar="MS", help="Halt the desk where the journal's disk takes longer to answer."
    ),
]
NS_PER_US = 1_000


@with_settings
def command(
    file: File,
    data: Data,
    param: Param = None,
    journal: JournalFolder = None,
    durability: Durability = "page-cache",
    tape_budget: TapeBudget = None,
    resume: Resume = False,
    journal_budget: Budget = 2_000,
    rate: Rate = 0,
    workers: Workers = 0,
    pin: Pin = True,
    metrics: Metrics = None,
    faults: FaultsFile = None,
    control: Socket = None,
    licence: Licence = None,
    compare: Compare = True,
    json: Json = None,
    *,
    settings: dict[str, Any],
) -> None:
    """Run the live pipeline on history: feeder, shards, rings, desk, each on its thread; tell times, compare with a backtest.

    Exit code 1 where anything differs. Nothing is recorded. Example: bot4 rehearse trend.py --data bars/*-1h.parquet
    """
    from bot4.backtest.source import load_strategy
    from bot4.live.rehearse import rehearse

    from .progress import Progress

    check_target("--json", json)
    check_target("--metrics", metrics)
    settings.pop("record")
    if settings["realism"] == "all":
        raise typer.BadParameter("a rehearsal is one run: give --realism strict, neutral or naive")
    strategy = load_strategy(file)
    with warnings.catch_warnings(record=True) as caught, Progress("rehearse") as progress:
        warnings.simplefilter("always")
        done = rehearse(
            strategy,
            data,
            params=strategy.parse_parameters(param or []),
            journal=kept(journal, durability, tape_budget, journal_budget, resume=resume),
            rate=rate,
            workers=workers,
            pin=pin,
            metrics=metrics,
            faults=faults,
            control=control,
            licence=licence,
            compare=compare,
            progress=progress,
            **settings,
        )
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    emit(plain(done), json, lambda: tell(done))
    if done.compared and not done.is_same:
        raise typer.Exit(1)


def plain(done: Rehearsal) -> dict[str, Any]:
    """Returns what the JSON holds."""
    records = done.result.records
    same = (
        "rows",
        "seconds",
        "threads",
        "shards",
        "cores",
        "pinned",
        "spun",
        "compared",
        "difference",
        "fault",
        "counters",
        "wire",
    )
    return {
        "strategy": done.result.name,
        "bars": done.counters["ticks"],
        "orders": len(records["orders"]["id"]),
        "fills": len(records["fills"]["ts"]),
        "trades": len(records["trades"]["asset"]),
        "equity": float(records["equity"][-1]) * 1e-8 if len(records["equity"]) else 0.0,
        "state_hash": records["state_hash"],
        "stages": done.stages,
        **{key: getattr(done, key) for key in same},
    }


def tell(done: Rehearsal) -> None:
    """Prints threads, times and the verdict."""
    from bot4.data.timeframe import format_time

    seen = plain(done)
    pinned = ", each on a processor of its own" if done.pinned else ""
    shards = f"{done.shards} shard{'s' if done.shards != 1 else ''}"
    print(
        f"{seen['strategy']}: {seen['bars']:,} bars in {done.rows:,} rows, {seen['orders']:,} orders, {seen['fills']:,} fills"
    )
    print(
        f"{done.threads} threads ({shards}) on {done.cores} processors{pinned}; "
        f"{done.seconds:,.2f} s, {seen['bars'] / max(done.seconds, 1e-9):,.0f} bars/s\n"
    )
    rows = table("stage", "times", "mean µs", "p50", "p99", "p99.9", "longest")
    for name, stage in done.stages.items():
        if stage.count:
            cells = (stage.mean_ns, stage.p50_ns, stage.p99_ns, stage.p999_ns, stage.max_ns)
            rows.add_row(name, f"{stage.count:,}", *(f"{ns / NS_PER_US:,.2f}" for ns in cells))
    show(rows)
    wire = {name: count for name, count in done.wire.items() if count}
    print("\nwire: " + ", ".join(f"{count:,} {name}" for name, count in wire.items()))
    print(f"state {seen['state_hash'][:16]}   {_verdict(done)}")
    for line in went_on(done.result):
        print(line)
    if done.fault is not None:
        print(f"halted after {done.fault.rows:,} rows, at {format_time(done.fault.ts)}: {done.fault.sentence}")


def _verdict(done: Rehearsal) -> str:
    if not done.compared:
        return "not compared with a backtest"
    if done.difference is None:
        return "orders, fills, trades, equity and state are those of a backtest, bit for bit"
    return f"the rehearsal differs from a backtest in {done.difference}: report this, with strategy and data"
