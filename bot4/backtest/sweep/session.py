"""The work of a sweep: propose, trace, run, append, until nothing is left; the next block is traced while one runs.

Order of operations for each block: asked of the proposer → what is known left out → traced → run in the background while the next is
traced → appended to the ledger → progress told. A stop loses the running block alone. Not here: what any of these do.
"""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BacktestError
from ..setup import Setup
from .axis import Value
from .fingerprint import code_hash
from .ledger import Ledger
from .metrics import Metric
from .progress import Progress, ProgressTold
from .proposing import Learner, Proposer
from .rows import Block, Rows, joined
from .runner import Runner
from .tracing import Proposal, Traced, trace_batch

if TYPE_CHECKING:
    from bot4.strategy import Program

FIRST_BLOCK = 32
MOST_BLOCK = 256
LEAST_BLOCK = 2
CORES_PER_BLOCK = 8
"""With so many cores more, blocks may be as much larger."""
BLOCK_S = 20.0
"""How long a block should take: what a stop may lose."""
WAKE_S = 0.05


class Stopped(Exception):
    """Ends the background run of a block after a stop."""


@dataclass
class Session:
    """One sweep at work. `known` are rows from before a stop."""

    setup: Setup
    fixed: Mapping[str, Any]
    proposer: Proposer
    runner: Runner
    ledger: Ledger
    metrics: tuple[Metric, ...]
    known: Rows | None = None
    told: ProgressTold | None = None
    refusal: str = ""
    nodes: int = 0
    nodes_alone: int = 0
    parts: list[Rows] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begins with what is known."""
        self.progress = Progress(self.proposer.total)
        self._outcomes: dict[int, list[float] | None] = {}
        self._seen: dict[tuple[Value, ...], int] = {}
        self._stored: dict[int, Mapping[str, Any]] = {}
        if self.known is not None:
            self._keep(self.known)
            self._stored = dict(zip(map(int, self.known.ordinals), self.known.params, strict=True))
            self.progress.done = self.progress.known = len(self.known)
        self._stop = threading.Event()
        self._started = time.monotonic()
        self._size = FIRST_BLOCK
        self._code = code_hash(self.setup.strategy)

    def work(self) -> Rows:
        """Runs everything and returns all rows. Raises what a trace or the engine raises; KeyboardInterrupt after a stop."""
        running: _Running | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="bot4-sweep") as pool:
            try:
                while batch := self.proposer.ask(self._size):
                    traced = self._trace(batch)
                    self._finish(running)
                    running = self._begin(pool, traced)
                    if isinstance(self.proposer, Learner):
                        self._finish(running)
                        running = None
                        self.proposer.tell({number: self._outcome(number, values) for number, values in batch})
                self._finish(running)
            finally:
                self._stop.set()
        return joined(self.parts)

    def _trace(self, batch: list[Proposal]) -> Traced:
        """Returns the programs of what is new in a batch. Raises BacktestError where the code is no longer that of the start."""
        self._check_code()
        new = []
        for number, values in batch:
            if number in self._stored:
                self._check_replay(number, values)
            if self._is_repeated(number, values):
                self.progress.repeated += 1
            elif number not in self._outcomes:
                new.append((number, values))
        traced = trace_batch(self.setup, self.fixed, new)
        self._outcomes.update(dict.fromkeys(traced.refused))
        self.progress.refused += len(traced.refused)
        self.refusal = self.refusal or traced.reason
        self._tell()
        return traced

    def _is_repeated(self, number: int, values: Mapping[str, Value]) -> bool:
        """Returns whether a search that learns proposed the same before; a grid and a draw hold each combination once."""
        return isinstance(self.proposer, Learner) and self._seen.setdefault(tuple(values.values()), number) != number

    def _begin(self, pool: ThreadPoolExecutor, traced: Traced) -> _Running | None:
        if not len(traced):
            return None
        self.progress.running, self.progress.share = len(traced), 0.0
        return _Running(traced, pool.submit(self.runner.run, traced.programs, self._hear), time.monotonic())

    def _hear(self, share: float) -> None:
        """Takes a block's progress, in the background thread; ends it after a stop."""
        if self._stop.is_set():
            raise Stopped
        self.progress.share = share

    def _finish(self, running: _Running | None) -> None:
        """Waits for a block, keeps and appends its rows."""
        if running is None:
            return
        while not running.future.done():
            # The main thread wakes up often, so that a stop is heard at once.
            concurrent.futures.wait([running.future], timeout=WAKE_S)
            self._tell()
        block = running.future.result()
        took = time.monotonic() - running.since
        count = len(running.traced)
        rows = rows_of(self.setup, running.traced, block)
        self.ledger.append(rows)
        self._keep(rows)
        self.nodes += block.nodes
        self.nodes_alone += block.nodes_alone
        self.progress.done += count
        self.progress.running, self.progress.share = 0, 0.0
        most = MOST_BLOCK * max(self.runner.cores // CORES_PER_BLOCK, 1)
        self._size = int(min(max(count / max(took, 1e-9) * BLOCK_S, LEAST_BLOCK), most))
        self._tell()

    def _keep(self, rows: Rows) -> None:
        self.parts.append(rows)
        objectives = np.stack([rows.stats[m.name].astype(np.float64) for m in self.metrics], axis=1)
        self._outcomes.update(zip(map(int, rows.ordinals), objectives.tolist(), strict=True))

    def _outcome(self, number: int, values: Mapping[str, Value]) -> list[float] | None:
        """Returns the objectives of a proposal, or those of the equal one before it."""
        return self._outcomes[self._seen.get(tuple(values.values()), number)]

    def _check_replay(self, number: int, values: Mapping[str, Value]) -> None:
        stored = self._stored[number]
        if any(stored.get(name) != value for name, value in values.items()):
            raise BacktestError(
                f"trial {number} of the unfinished search was recorded with other values than the search proposes now (another version of "
                "Optuna?); add --fresh (fresh=True) to begin anew, what is recorded stays."
            )

    def _check_code(self) -> None:
        if code_hash(self.setup.strategy) != self._code:
            kept = self.ledger.kept()
            left = "" if kept is None else f" the {kept:,} rows so far are in the run records, and"
            raise BacktestError(
                f"the code that {self.setup.strategy.name} calls was redefined while its sweep ran;{left} the same call begins a new sweep "
                "with the new code."
            )

    def _tell(self) -> None:
        self.progress.seconds = time.monotonic() - self._started
        if self.told is not None:
            self.told(self.progress)


@dataclass(frozen=True)
class _Running:
    """A block in the background."""

    traced: Traced
    future: Future[Block]
    since: float


def rows_of(setup: Setup, traced: Traced, block: Block) -> Rows:
    """Returns a block as rows with ordinals, parameters and identities."""
    return Rows(
        np.array(traced.ordinals, dtype=np.int64),
        [program.parameters for program in traced.programs],
        [identity_of(setup, program) for program in traced.programs],
        block.stats,
        block.times,
        block.daily,
    )


def identity_of(setup: Setup, program: Program) -> str:
    """Returns the identity of a program on this setup's assets, as `Result.identity`."""
    from bot4 import __version__, _engine

    if program.sleeves:
        from ..sleeves import joined_identity

        return joined_identity((one.name, one.share_e9, identity_of(setup, one.program)) for one in program.sleeves)
    found = str(_engine.describe(program.json, list(setup.market.symbols))["identity"])
    return found if program.events is None else program.events.identity(found, __version__)
