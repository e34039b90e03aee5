"""The one place where a run on ticks is handed to the engine: rows, ticks, program, settings; its records come back.

`records["evidence"]` has a row for each fill, in the order of `records["fills"]`: `venue_ns`, `local_ns`, `ahead` (lots before the order
when it joined the queue, −1 where it took), `mid2` (bid + ask when it was filled, ticks). `records["reports"]` is all that the venue told.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from .data import engine_ticks
from .settings import TickConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot4.strategy import Program

    from ..engine import Progress
    from ..setup import Setup
    from .data import TickData
    from .setup import TickBeside


def run_ticks(setup: Setup, program: Program, progress: Progress | None = None) -> dict[str, Any]:
    """Returns the engine's records of a run on ticks. Raises EngineError for what the engine refuses."""
    from bot4 import _engine

    from ..engine import told
    from ..journal import setup_json, whole_program

    beside: TickBeside = setup.beside  # type: ignore[assignment]  # a TickSetup's
    config = setup.config
    assert isinstance(config, TickConfig), "made by prepare_ticks"
    config_json = config.engine_json(setup.market, setup.trade_from_ms)
    journal = None
    if beside.journal is not None:
        whole_program(program, "keeps no journal", "a journal is replayed by the engine alone; leave the journal out")
        durability, segment_bytes, _, _, resume = beside.journal.how()
        first = json.loads(setup_json(setup.market, program, config_json, beside)) | {"ticks": True}
        # No snapshots, and so no tape that rotates: the venue's own state is not the desk's.
        journal = (
            str(beside.journal.folder),
            json.dumps(first, default=str),
            (durability, segment_bytes, 0, 0, resume),
        )
    return _engine.run_ticks(
        setup.market.native,
        columns_of(beside.ticks),
        program.json,
        config_json,
        engine_ticks(beside.ticks.ticks),
        json.dumps(config.venue_terms()),
        journal,
        told(setup.market, progress),
    )


def columns_of(data: TickData) -> list[Any]:
    """Returns the columns of the rows, as the engine borrows them."""
    return list(data.features)


def evaluate_ticks(
    data: TickData, program: Program, nodes: list[int], config_json: str | None, reports: Mapping[str, Any] | None
) -> dict[tuple[int, int], Any]:
    """Returns the columns of nodes; those that look at position or account see what the reports of a run made of them."""
    from bot4 import _engine

    given = None if reports is None else {name: np.ascontiguousarray(column) for name, column in reports.items()}
    found = _engine.evaluate_ticks(
        data.market.native, columns_of(data), program.json, sorted(set(nodes)), config_json, given
    )
    return {key: column for key, column in found.items() if len(column)}
