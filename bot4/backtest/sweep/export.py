"""A sweep written down: Parquet with daily returns, and plain data for JSON."""

from __future__ import annotations

import json
import math
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .result import SweepResult

JSON_VERSION = 1


def write_parquet(result: SweepResult, path: str | Path) -> Path:
    """Writes the rows with a column `daily` (list of Float64, null before a run's first day) and metadata; returns the path.

    Metadata `bot4.sweep` is JSON: strategy, space, settings, metric, data hash, and `times`, the ends of the days in UTC ms.
    The file is written whole or not at all.
    """
    import polars as pl

    target = Path(path)
    daily = pl.Series("daily", result.daily, dtype=pl.Array(pl.Float64, result.daily.shape[1]))
    lists = daily.cast(pl.List(pl.Float64)).list.eval(pl.element().fill_nan(None))
    frame = result.frame.with_columns(lists.alias("daily"))
    told = about(result) | {"times": result.times.tolist()}
    handle, part = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        frame.write_parquet(part, metadata={"bot4.sweep": json.dumps(told, allow_nan=False)})
        os.chmod(part, 0o666 & ~_umask())
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return target


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def about(result: SweepResult) -> dict[str, Any]:
    """Returns what a sweep was, without its rows."""
    from bot4 import __version__

    setup = result.setup
    return {
        "strategy": setup.strategy.name,
        "search": result.search,
        "space": result.space.as_spec(),
        "metric": [str(metric) for metric in result.metrics],
        "instruments": list(setup.instrument_names),
        "interval_ms": setup.market.interval_ms,
        "settings": setup.config.as_dict(),
        "data_hash": setup.data_hash,
        "bot4_version": __version__,
    }


def as_dict(result: SweepResult, n: int) -> dict[str, Any]:
    """Returns the sweep as plain data; what cannot be computed is None. The keys are listed in docs/sweep.md."""
    count = result.count
    stable = result.stability()
    order = result.order(result.metrics[0])[:n]
    trials = result.trials
    told = {
        "version": JSON_VERSION,
        **about(result),
        "combinations": count.total,
        "runs": count.runs,
        "refused": count.refused,
        "repeated": count.repeated,
        "known": count.known,
        "seconds": count.seconds,
        "nodes": count.nodes,
        "nodes_alone": count.nodes_alone,
        "trials": None if trials is None else {"runs": trials.runs, "distinct": trials.distinct},
        "worth": result.worth,
        "best": [result.frame.row(int(i), named=True) | _neighbourhood(stable.row(int(i), named=True)) for i in order],
        "rows": result.frame.to_dicts(),
    }
    return _finite(told)  # type: ignore[no-any-return]  # a dictionary stays one


def _neighbourhood(row: dict[str, Any]) -> dict[str, Any]:
    names = ("neighbours", "mean", "worst", "best", "std", "within_se")
    return {"neighbourhood": {name: row[name] for name in names}}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
