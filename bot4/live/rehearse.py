"""A rehearsal: the live pipeline on history, with threads, rings and clocks, and its result held against a backtest's, bit for bit.

Order of operations: strategy, data and settings as for a backtest → feeder, shards and desk on their threads (`engine/host`) → the same run as a
plain backtest, unless it is not wanted → comparison. Nothing is recorded: a rehearsal is no trial. How the pipeline is built: docs/rehearse.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bot4.backtest import Result
    from bot4.backtest.engine import Progress
    from bot4.backtest.journal import Journal
    from bot4.backtest.setup import Setup
    from bot4.strategy import Program

TABLES = ("orders", "fills", "trades", "funding", "guard")


@dataclass(frozen=True)
class Stage:
    """Times of one stage, nanoseconds."""

    count: int
    mean_ns: float
    p50_ns: int
    p99_ns: int
    p999_ns: int
    max_ns: int


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """How a rehearsal went.

    `result` is what a backtest returns. `difference` names the first table in which the two differ, or `state`; None where all bits are the same or
    nothing was compared (`compared`).
    """

    result: Result
    rows: int
    seconds: float
    threads: int
    shards: int
    cores: int
    pinned: bool
    spun: bool
    stages: Mapping[str, Stage]
    counters: Mapping[str, int]
    compared: bool
    difference: str | None

    @property
    def is_same(self) -> bool:
        """Returns whether the backtest's bits are the rehearsal's."""
        return self.compared and self.difference is None


def rehearse(
    strategy: object,
    data: object,
    *,
    workers: int = 0,
    rate: int = 0,
    pin: bool = True,
    journal: str | Path | Journal | None = None,
    metrics: str | Path | None = None,
    compare: bool = True,
    params: Mapping[str, Any] | None = None,
    policy: object = None,
    progress: Progress | None = None,
    **settings: Any,
) -> Rehearsal:
    """Rehearses a strategy over history and returns how it went.

    strategy, data, params, policy and `settings`: as for `b4.backtest`.
    workers: threads beside the desk's; 0: one for each other processor, at least one.
    rate: bars a second; 0: as fast as they are taken.
    pin: whether each thread keeps to a processor of its own, where there are enough.
    journal: a new folder for the journal, written before each row takes effect.
    metrics: a file that holds the metrics in Prometheus' text format, written anew each second.
    compare: whether to make the same run as a plain backtest and compare every order, fill, trade and the state.

    Raises what `b4.backtest` raises, and BacktestError for event classes and sleeves.
    """
    from bot4.backtest.journal import with_journal
    from bot4.backtest.setup import prepare
    from bot4.risk.policy import read_policy

    if policy is not None:
        settings["policy"] = read_policy(policy)
    setup = prepare(strategy, data, settings)  # type: ignore[arg-type]  # checked by the call
    if journal is not None:
        setup = with_journal(setup, journal)
    program = setup.trace(dict(params or {}))
    records = _run(setup, program, workers, rate, pin, None if metrics is None else Path(metrics), progress)
    told = records.pop("rehearsal")
    difference = _difference(records, setup, program) if compare else None
    return Rehearsal(
        result=setup.result(program, records),
        stages={name: _stage(times) for name, times in told["stages"].items()},
        counters=told["counters"],
        compared=compare,
        difference=difference,
        **{key: told[key] for key in ("rows", "seconds", "threads", "shards", "cores", "pinned", "spun")},
    )


def _run(
    setup: Setup, program: Program, workers: int, rate: int, pin: bool, metrics: Path | None, progress: Progress | None
) -> dict[str, Any]:
    from bot4 import _engine
    from bot4.backtest.engine import told
    from bot4.backtest.journal import setup_json, whole_program

    whole_program(program, "is not rehearsed", "the pipeline runs one program in the engine alone; backtest it")
    config_json = setup.config.engine_json(setup.market, setup.trade_from_ms)
    beside = setup.beside
    wanted = None
    if beside.journal is not None:
        first = setup_json(setup.market, program, config_json, beside, checks=False)
        wanted = (str(beside.journal.folder), first, beside.journal.durability)
    show = told(setup.market, progress)

    def look(rows: int, seen: dict[str, Any] | None) -> None:
        if show is not None:
            show(rows)
        if seen is not None and metrics is not None:
            write_metrics(metrics, seen["total"], seen["last"], seen["threads"], seen["cores"])

    records = _engine.rehearse(
        setup.market.native, program.json, config_json, workers, rate, pin, wanted, look, **beside.arguments()
    )
    if metrics is not None:
        about = records["rehearsal"]
        write_metrics(metrics, about, about, about["threads"], about["cores"])
    return records


def write_metrics(path: Path, total: Mapping[str, Any], last: Mapping[str, Any], threads: int, cores: int) -> None:
    """Writes the metrics, whole or not at all. Raises OSError."""
    from bot4.observe.prometheus import page
    from bot4.report.files import write_whole

    write_whole(path, page(total, last, threads, cores))


def _stage(times: Mapping[str, Any]) -> Stage:
    count = times["count"]
    mean = times["total_ns"] / count if count else 0.0
    return Stage(count, mean, times["p50_ns"], times["p99_ns"], times["p999_ns"], times["max_ns"])


def _difference(records: Mapping[str, Any], setup: Setup, program: Program) -> str | None:
    """Returns the first table of the backtest that is not the rehearsal's, None where all are."""
    from dataclasses import replace

    plain = replace(setup, beside=replace(setup.beside, journal=None)).run(program).records
    for table in TABLES:
        ours, theirs = records[table], plain[table]
        if any(not np.array_equal(ours[name], theirs[name]) for name in theirs):
            return table
    if not np.array_equal(records["equity"], plain["equity"]):
        return "equity"
    return None if records["state_hash"] == plain["state_hash"] else "state"
