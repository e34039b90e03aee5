"""The one place where a run's parts are handed to the engine: market, program, configuration; its records come back.

Not here: what is recorded about a run (`run`), what the records say (`result`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.data.detail import Detail
    from bot4.strategy import Program

    from .config import Config
    from .funding import Funding
    from .journal import Journal

Progress = Callable[[int, int], object]
"""Told (grid rows done, about how many there are) now and then."""


@dataclass(frozen=True, eq=False)
class Beside:
    """What a run is given beside market, program and settings: funding, finer bars, a journal to write."""

    funding: Funding
    detail: Detail | None = None
    journal: Journal | None = None

    @property
    def settles(self) -> bool:
        """Returns whether the data spans settlements of funding, which a result should say something about."""
        return True

    def arguments(self) -> dict[str, Any]:
        """Returns the engine's keyword arguments."""
        detail = {} if self.detail is None else {"detail": self.detail.market.native}
        return self.funding.arguments() | detail

    def lines(self, market: Market) -> list[str]:
        """Returns what is assumed, one line each, to stand on top."""
        funding = self.funding.line(market)
        return ([funding] if funding else []) + ([] if self.detail is None else [self.detail.line()])

    def data_hash(self, market: Market) -> str:
        """Returns the identity of bars, rates and finer bars together; the bars' own where there is nothing else."""
        parts = self.funding.data_hash(market)
        if self.detail is None:
            return parts
        return hashlib.blake2b(f"{parts} {self.detail.market.hash}".encode(), digest_size=32).hexdigest()


def run_engine(
    market: Market,
    program: Program,
    config: Config,
    trade_from_ms: int | None,
    beside: Beside,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Returns the engine's records of a run (docs/design.md). Raises EngineError for what the engine refuses."""
    from bot4 import _engine

    config_json = config.engine_json(market, trade_from_ms)
    if beside.journal is not None:
        from .journal import run_journaled

        return run_journaled(market, program, config_json, beside, told(market, progress))
    if program.events is not None:
        from .events import run_events

        return run_events(market, program, config_json, told(market, progress), **beside.arguments())
    if program.sleeves:
        from .sleeves import run_sleeves

        return run_sleeves(market, program, config_json, told(market, progress), **beside.arguments())
    return _engine.run(market.native, program.json, config_json, 0, told(market, progress), **beside.arguments())


def told(market: Market, progress: Progress | None) -> Callable[[int], object] | None:
    """Returns what the engine tells its rows to."""
    if progress is None:
        return None
    total = (market.end_ms - market.start_ms) // market.interval_ms
    return lambda done: progress(min(done, total), total)
