"""The work of a sweep: propose, trace, run, append, until nothing is left; the next block is traced while one runs.

Order of operations for each block: asked of the proposer → known rows left out → traced → run in the background while the next is
traced → appended to the ledger → progress told. A stop loses the running block alone. Not here: what any of these do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..setup import Setup
from .ledger import Ledger
from .metrics import Metric
from .proposing import Proposer
from .rows import Block, Rows, joined
from .runner import Runner
from .tracing import Traced, trace_batch

FIRST_BLOCK = 64
MOST_BLOCK = 256
LEAST_BLOCK = 8
BLOCK_S = 20.0
"""How long a block should take: what a stop may lose."""
WAKE_S = 0.05


@dataclass
class Progress:
    """How far a sweep is: `done` runs and `refused` combinations of `total`, of them `known` from before; `share` of the running block
    of `running` is done. `seconds` counts from the first block on."""

    total: int
    done: int = 0
    refused: int = 0
    known: int = 0
    running: int = 0
    share: float = 0.0
    seconds: float = 0.0

    @property
    def finished(self) -> float:
        """Returns how many combinations are through, the running block in proportion."""
        return self.done + self.refused + self.running * self.share

    @property
    def rate(self) -> float:
        """Returns runs a second of this session; 0 while there are none."""
        fresh = self.done - self.known + self.running * self.share
        return fresh / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining_s(self) -> float | None:
        """Returns about how many seconds are left, refused combinations expected as before; None while that is unknown."""
        passed = self.finished - self.known
        return (self.total - self.finished) * self.seconds / passed if passed > 0 else None


ProgressTold = Callable[[Progress], object]


class Stopped(Exception):
    """Ends the background run of a block after a stop."""


@dataclass
class Session:
    """One sweep at work."""

    setup: Setup
    fixed: Mapping[str, Any]
    proposer: Proposer
    runner: Runner
    ledger: Ledger
    metrics: tuple[Metric, ...]
    told: ProgressTold | None = None
    parts: list[Rows] = field(default_factory=list)
    refusal: str = ""
    nodes: int = 0
    nodes_alone: int = 0

    def __post_init__(self) -> None:
        """Begins the count with what is known already."""
        known = sum(map(len, self.parts))
        self.progress = Progress(self.proposer.total, done=known, known=known)
        self._stop = threading.Event()
        self._started = time.monotonic()
        self._size = FIRST_BLOCK
        self._known = {int(n) for part in self.parts for n in part.ordinals}

    def work(self) -> Rows:
        """Runs everything and returns all rows. Raises what a trace or the engine raises; KeyboardInterrupt after a stop."""
        with ThreadPoolExecutor(1, thread_name_prefix="bot4-sweep") as pool:
            running: tuple[Traced, Future[Block], float] | None = None
            try:
                while batch := self.proposer.ask(self._size):
                    traced = trace_batch(self.setup, self.fixed, [p for p in batch if p[0] not in self._known])
                    self._note_refused(traced)
                    if running is not None:
                        self._finish(*running)
                        running = None
                    if traced:
                        self.progress.running, self.progress.share = len(traced), 0.0
                        running = traced, pool.submit(self.runner.run, traced.programs, self._hear), time.monotonic()
                    if self.proposer.is_adaptive:
                        if running is not None:
                            self._finish(*running)
                            running = None
                        self._teach([number for number, _ in batch], traced)
                if running is not None:
                    self._finish(*running)
            finally:
                self._stop.set()
        return joined(self.parts)

    def _hear(self, share: float) -> None:
        """Takes a block's progress, in the background thread; ends it after a stop."""
        if self._stop.is_set():
            raise Stopped
        self.progress.share = share

    def _note_refused(self, traced: Traced) -> None:
        self.progress.refused += len(traced.refused)
        self.refusal = self.refusal or traced.reason
        self._tell()

    def _finish(self, traced: Traced, future: Future[Block], since: float) -> None:
        """Waits for a block, keeps and appends its rows."""
        while not future.done():
            _wait(future)
            self._tell()
        block = future.result()
        took = time.monotonic() - since
        rows = rows_of(self.setup, traced, block)
        self.ledger.append(rows)
        self.parts.append(rows)
        self._known.update(traced.ordinals)
        self.nodes += block.nodes
        self.nodes_alone += block.nodes_alone
        self.progress.done += len(traced)
        self.progress.running, self.progress.share = 0, 0.0
        self._size = int(min(max(len(traced) / max(took, 1e-9) * BLOCK_S, LEAST_BLOCK), MOST_BLOCK))
        self._tell()

    def _teach(self, ordinals: list[int], traced: Traced) -> None:
        outcomes: dict[int, list[float] | None] = dict.fromkeys(traced.refused)
        for part in self.parts:
            for place, number in enumerate(part.ordinals):
                if int(number) in ordinals:
                    outcomes[int(number)] = [float(part.stats[m.name][place]) for m in self.metrics]
        self.proposer.tell(outcomes)

    def _tell(self) -> None:
        self.progress.seconds = time.monotonic() - self._started
        if self.told is not None:
            self.told(self.progress)


def _wait(future: Future[Block]) -> None:
    """Waits a little for a block; the main thread wakes up often, so that a stop is heard at once."""
    import concurrent.futures

    concurrent.futures.wait([future], timeout=WAKE_S)


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


def identity_of(setup: Setup, program: Any) -> str:
    """Returns the identity of a program on this setup's assets, as `Result.identity`."""
    from bot4 import __version__, _engine

    found = str(_engine.describe(program.json, list(setup.market.symbols))["identity"])
    return found if program.events is None else str(program.events.identity(found, __version__))
