"""What a check itself ran on the days out of sample becomes run records: whoever registers something else on them later has seen it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bot4.backtest.walkforward.evaluate import Row
from bot4.records.opened import GATE
from bot4.report.columns import DAY_MS, Floats, Ints

from ..registry.make import Made

if TYPE_CHECKING:
    from bot4.records.record import RunRecord
    from bot4.records.store import RecordStore


def record_runs(store: RecordStore, made: Made, now_ms: int, out: tuple[int, Floats], rows: Sequence[Row]) -> None:
    """Appends the registered design's days out of sample, (start of the first day, returns), and the neighbourhood's rows, as a group."""
    from bot4.records.store import GroupRecord

    held = made.registration
    group = store.open_group(
        GroupRecord(GATE, made.setup.strategy.name, {"registration": held.id, "at_ms": now_ms}, len(rows) + 1)
    )
    start, returns = out
    whole = Row({"start_ms": start, "end_ms": start + DAY_MS * len(returns)}, _ends(start, len(returns)), returns)
    parameters: list[dict[str, object]] = [{"registration": held.id}, *held.grid]
    records = [
        _record(made, now_ms, number, values, row)
        for number, (values, row) in enumerate(zip(parameters, [whole, *rows], strict=True))
    ]
    store.append_many(group, records)
    store.close_group(group, "done")


def _ends(start: int, count: int) -> Ints:
    return np.arange(start + DAY_MS, start + DAY_MS * (count + 1), DAY_MS, dtype=np.int64)


def _record(made: Made, now_ms: int, number: int, params: dict[str, object], row: Row) -> RunRecord:
    from bot4 import __version__
    from bot4.backtest.sweep.session import identity_of
    from bot4.records.record import RunRecord

    setup = made.setup
    program = made.programs[max(number - 1, 0)]
    return RunRecord(
        at_ms=now_ms,
        kind=GATE,
        identity=identity_of(setup, program),
        name=setup.strategy.name,
        params=params,
        instruments=setup.instrument_names,
        interval_ms=setup.market.interval_ms,
        start_ms=int(row.value("start_ms")),
        end_ms=int(row.value("end_ms")),
        config=setup.config.as_dict() | {"registration": made.registration.id},
        data_hash=made.registration.data_digest,
        stats=row.stats,
        daily_returns=row.returns,  # type: ignore[arg-type]  # a NumPy array is a sequence of floats
        daily_start_ms=int(row.times[0]) if len(row.times) else int(row.value("start_ms")),
        version=__version__,
        ordinal=number,
    )
