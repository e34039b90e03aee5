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
    if program.events is not None:
        from .events import run_events

        return run_events(market, program, config_json, progress, **funding.arguments())
    total = (market.end_ms - market.start_ms) // market.interval_ms
    told = None if progress is None else lambda done: progress(min(done, total), total)
    return _engine.run(market.native, program.json, config_json, 0, told, **funding.arguments())
