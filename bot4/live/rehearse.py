"""A rehearsal: the live pipeline on history, with threads, rings and clocks, and its result held against a backtest's, bit for bit.

Order of operations: strategy, data and settings as for a backtest → feeder, shards and desk on their threads (`engine/host`) → the same
run as a plain backtest, unless it is not wanted, with the commands that were given as its script → comparison. Nothing is recorded: a
rehearsal is no trial. How the pipeline is built: docs/rehearse.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bot4._engine import Control
    from bot4.backtest import Result
    from bot4.backtest.engine import Progress
    from bot4.backtest.journal import Journal
    from bot4.backtest.setup import Setup
    from bot4.records.licence import Licence
    from bot4.strategy import Program

    from .faults import Faults
    from .operator import Request

TABLES = ("orders", "fills", "trades", "funding", "guard", "commands", "breakers")


@dataclass(frozen=True)
class Stage:
    """Times of one stage, nanoseconds."""

    count: int
    mean_ns: float
    p50_ns: int
    p99_ns: int
    p999_ns: int
    max_ns: int


@dataclass(frozen=True)
class JournalFault:
    """How the journal's disk failed: `full`, `sync`, `read_only`, `slow` or `write`; the decision (UTC ms) at whose end the desk was
    halted, the rows taken before it, and the sentence."""

    kind: str
    ts: int
    rows: int
    sentence: str


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """How a rehearsal went.

    `result` is what a backtest returns; `wire` counts what orders went through on their way. `difference` names the first table in which
    the backtest differs, or `state`; None where all bits are the same or nothing was compared (`compared`). `fault` says how the journal's
    disk failed and halted the desk; the backtest it is compared with is halted at the same decision.
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
    wire: Mapping[str, int]
    compared: bool
    difference: str | None
    fault: JournalFault | None

    @property
    def is_same(self) -> bool:
        """Returns whether the backtest's bits are the rehearsal's."""
        return self.compared and self.difference is None


@dataclass(frozen=True)
class Pipeline:
    """How to rehearse: threads beside the desk's (0: one for each other processor), bars a second (0: as fast as they are taken), whether
    threads keep to a processor each, a file for metrics, faults on the wire, the path of a control socket, a licence."""

    workers: int = 0
    rate: int = 0
    pin: bool = True
    metrics: Path | None = None
    faults: Faults | None = None
    control: Path | None = None
    licence: Licence | None = None


def rehearse(
    strategy: object,
    data: object,
    *,
    workers: int = 0,
    rate: int = 0,
    pin: bool = True,
    journal: str | Path | Journal | None = None,
    metrics: str | Path | None = None,
    faults: object = None,
    control: str | Path | None = None,
    licence: str | Path | None = None,
    compare: bool = True,
    params: Mapping[str, Any] | None = None,
    policy: Any = None,
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
    faults: what goes wrong on the wire: `Faults`, a dict, or the path of a TOML file. What happens stays; what is told of it changes. Its
        `observed` spells are what breakers see of clocks, latencies and spreads.
    control: the path of a socket on which `bot4 operator` commands the desk.
    licence: the path of a licence: what opens is held against it, as paper trading will be. Its signature must be that of its content;
        whether the issuer is trusted is asked by `bot4 licence verify`. None: nothing is held against one.
    compare: whether to make the same run as a plain backtest and compare every order, fill, trade and the state.

    Raises what `b4.backtest` raises, BacktestError for event classes and sleeves, LiveError for faults and sockets, LicenceError.
    """
    from bot4.backtest.journal import with_journal
    from bot4.backtest.setup import prepare
    from bot4.risk.commands import Command, read_commands
    from bot4.risk.policy import read_policy

    from .faults import read_faults

    if policy is not None:
        settings["policy"] = read_policy(policy)
    if settings.get("commands"):
        settings["commands"] = read_commands(settings["commands"])
    setup = prepare(strategy, data, settings)  # type: ignore[arg-type]  # checked by the call
    if journal is not None:
        setup = with_journal(setup, journal)
    program = setup.trace(dict(params or {}))
    read = None if faults is None else read_faults(faults)
    how = Pipeline(workers, rate, pin, _path(metrics), read, _path(control), read_licence(licence))
    reloads: list[Mapping[str, Any]] = []
    records = _run(setup, program, how, progress, reloads)
    told = records.pop("rehearsal")
    bring = iter(reloads)
    commands = [(at, do, who, next(bring) if do == "reload" else None) for at, do, who in told.pop("commands")]
    if given := tuple(Command(*command) for command in commands):
        setup = replace(setup, config=replace(setup.config, commands=(*setup.config.commands, *given)))
    fault = None if told["fault"] is None else JournalFault(**told["fault"])
    difference = _difference(records, setup, program, how, fault) if compare else None
    # What is run again for the report, under other realisms, writes no journal.
    setup = replace(setup, beside=replace(setup.beside, journal=None))
    kept = ("rows", "seconds", "threads", "shards", "cores", "pinned", "spun", "counters", "wire")
    return Rehearsal(
        result=setup.result(program, records),
        stages={name: _stage(times) for name, times in told["stages"].items()},
        compared=compare,
        difference=difference,
        fault=fault,
        **{key: told[key] for key in kept},
    )


def _path(place: str | Path | None) -> Path | None:
    return None if place is None else Path(place)


def read_licence(path: str | Path | None) -> Licence | None:
    """Returns the licence of a file. Raises LicenceError where it cannot be read or its signature is not that of its content."""
    from bot4.records.licence import LicenceError, read

    if path is None:
        return None
    signed = read(path)
    if not signed.is_authentic:
        raise LicenceError(f"{path}: the signature is not that of its content; have the licence issued anew.")
    return signed.licence


def _is_operated(setup: Setup, how: Pipeline) -> bool:
    """Returns whether something from outside may stop what opens: people over a socket, or a journal whose disk fails."""
    return how.control is not None or setup.beside.journal is not None


def _config_json(setup: Setup, how: Pipeline, halt_at: int | None = None) -> str:
    """Returns the engine's configuration, with what a rehearsal adds: commands that may come (`operated`), what is observed, a licence;
    `halt_at` is the decision at which the journal's disk failed."""
    content = json.loads(setup.config.engine_json(setup.market, setup.trade_from_ms))
    symbols = list(setup.market.symbols)
    if _is_operated(setup, how):
        content["operated"] = True
    if halt_at is not None:
        content |= {"operated": True, "halt_at": halt_at}
    if how.faults is not None and how.faults.observed:
        venues = [instrument.venue for instrument in setup.market.instruments]
        content["observed"] = [term for spell in how.faults.observed for term in spell.terms(symbols, venues)]
    if how.licence is not None:
        content |= {"mode": "paper", "licence": how.licence.engine_terms(symbols)}
    return json.dumps(content)


def _run(
    setup: Setup,
    program: Program,
    how: Pipeline,
    progress: Progress | None,
    reloads: list[Mapping[str, Any]],
) -> dict[str, Any]:
    from bot4 import _engine
    from bot4.backtest.engine import told
    from bot4.backtest.journal import setup_json, whole_program

    from .errors import LiveError

    whole_program(program, "is not rehearsed", "the pipeline runs one program in the engine alone; backtest it")
    faults = how.faults
    disk = None if faults is None else faults.disk_fault()
    if disk is not None and setup.beside.journal is None:
        raise LiveError("the faults hold one of the journal's disk, and the rehearsal has no journal; give --journal.")
    config_json = _config_json(setup, how)
    beside = setup.beside
    wanted = None
    if beside.journal is not None:
        first = setup_json(setup.market, program, config_json, beside, checks=False)
        wanted = (str(beside.journal.folder), first, beside.journal.how(), beside.journal.budget_ms)
    show = told(setup.market, progress)
    control = None if how.control is None else _engine.Control()
    identity = str(_engine.describe(program.json, list(setup.market.symbols))["identity"])

    def look(rows: int, seen: dict[str, Any] | None) -> None:
        if show is not None:
            show(rows)
        if seen is not None and how.metrics is not None:
            write_metrics(how.metrics, seen["total"], seen["last"], seen["threads"], seen["cores"])

    venues = [instrument.venue for instrument in setup.market.instruments]
    with _listening(how.control, control, venues, reloads):
        records = _engine.rehearse(
            setup.market.native,
            program.json,
            config_json,
            how.workers,
            how.rate,
            how.pin,
            wanted,
            look,
            control,
            None if faults is None else faults.shares(),
            int(identity[:8], 16),
            disk,
            **beside.arguments(),
        )
    if how.metrics is not None:
        about = records["rehearsal"]
        write_metrics(how.metrics, about, about, about["threads"], about["cores"])
    return records


def _listening(
    path: Path | None, control: Control | None, venues: list[str], reloads: list[Mapping[str, Any]]
) -> AbstractContextManager[object]:
    """Returns the control socket, which hands commands to the desk while it is entered; `reloads` takes the settings they bring."""
    if path is None or control is None:
        return nullcontext()
    from bot4.backtest.reasons import GUARD_STATES
    from bot4.risk.breakers import read_breakers

    from .operator import STATUS, ControlSocket

    def host(request: Request) -> dict[str, Any]:
        if request.do == "reload":
            breakers = read_breakers(request.breakers, "the command reload")
            control.command(request.do, request.who, json.dumps(breakers.engine_terms(venues)))
            reloads.append(breakers.content())
        elif request.do != STATUS:
            control.command(request.do, request.who)
        answer: dict[str, Any] = {"state": GUARD_STATES[control.state]}
        if control.reason:
            answer["reason"] = control.reason
        return answer if request.do == STATUS else answer | {"who": request.who, "holds": "from the next decision on"}

    return ControlSocket(path, host)


def write_metrics(path: Path, total: Mapping[str, Any], last: Mapping[str, Any], threads: int, cores: int) -> None:
    """Writes the metrics, whole or not at all. Raises OSError."""
    from bot4.observe.prometheus import page
    from bot4.report.files import write_whole

    write_whole(path, page(total, last, threads, cores))


def _stage(times: Mapping[str, Any]) -> Stage:
    count = times["count"]
    mean = times["total_ns"] / count if count else 0.0
    return Stage(count, mean, times["p50_ns"], times["p99_ns"], times["p999_ns"], times["max_ns"])


def _difference(
    records: Mapping[str, Any], setup: Setup, program: Program, how: Pipeline, fault: JournalFault | None
) -> str | None:
    """Returns the first table of the backtest that is not the rehearsal's, None where all are."""
    from bot4 import _engine

    config_json = _config_json(setup, how, None if fault is None else fault.ts)
    plain = _engine.run(setup.market.native, program.json, config_json, 0, None, **setup.beside.arguments())
    for table in TABLES:
        ours, theirs = records[table], plain[table]
        if any(not np.array_equal(ours[name], theirs[name]) for name in theirs):
            return table
    if not np.array_equal(records["equity"], plain["equity"]):
        return "equity"
    return None if records["state_hash"] == plain["state_hash"] else "state"
