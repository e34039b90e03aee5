"""The one place where a run's parts are handed to the engine: market, program, configuration; its records come back.

Not here: what is recorded about a run (`run`), what the records say (`result`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.strategy import Program

    from .config import Config
    from .funding import Funding

Progress = Callable[[int, int], object]
"""Told (grid rows done, about how many there are) now and then."""


def run_engine(
    market: Market,
    program: Program,
    config: Config,
    trade_from_ms: int | None,
    funding: Funding,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Returns the engine's records of a run (docs/design.md). Raises EngineError for what the engine refuses."""
    from bot4 import _engine

    config_json = config.engine_json(market, trade_from_ms)
    return _engine.run(market.native, program.json, config_json, 0, told(market, progress), **funding.arguments())


def told(market: Market, progress: Progress | None) -> Callable[[int], object] | None:
    """Returns what the engine tells its rows to."""
    if progress is None:
        return None
    total = (market.end_ms - market.start_ms) // market.interval_ms
    return lambda done: progress(min(done, total), total)
