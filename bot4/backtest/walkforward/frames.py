"""Windows, parameters and stitched curve as Polars frames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report.chart import drawdowns
from bot4.report.columns import AMOUNT

from .stitch import Curve
from .window import Window

if TYPE_CHECKING:
    import polars as pl


def windows_frame(windows: Sequence[Window], names: Sequence[str]) -> pl.DataFrame:
    """Returns a row for each window; the columns are those of `WalkForwardResult.windows`."""
    import polars as pl

    columns: dict[str, Any] = {
        "window": [w.number for w in windows],
        "train_start": _times([w.train.start_ms for w in windows]),
        "train_end": _times([w.train.end_ms for w in windows]),
        "test_start": _times([w.test.start_ms for w in windows]),
        "test_end": _times([w.test.end_ms for w in windows]),
    }
    columns |= {name: [w.params[name] for w in windows] for name in names}
    outside = [w.outside.stats for w in windows]
    columns |= {
        "return_in": [w.inside.value("total_return") for w in windows],
        "growth_in": [w.growth_inside for w in windows],
        "sharpe_in": [w.inside.value("sharpe") for w in windows],
        "return_out": [s.total_return for s in outside],
        "growth_out": [w.growth_outside for w in windows],
        "sharpe_out": [s.sharpe for s in outside],
        "sharpe_out_se": [s.sharpe_se for s in outside],
        "max_drawdown_out": [s.max_drawdown for s in outside],
        "trades_out": [s.trades + s.open_positions for s in outside],
        "efficiency": [w.efficiency for w in windows],
        "default_return_out": [None if w.default is None else w.default.value("total_return") for w in windows],
        "beats_default": [w.beats_default for w in windows],
    }
    return pl.DataFrame(columns)


def params_frame(windows: Sequence[Window], names: Sequence[str]) -> pl.DataFrame:
    """Returns `window, from` and the chosen value of each fitted parameter."""
    import polars as pl

    columns: dict[str, Any] = {
        "window": [w.number for w in windows],
        "from": _times([w.test.start_ms for w in windows]),
    }
    return pl.DataFrame(columns | {name: [w.params[name] for w in windows] for name in names})


def equity_frame(curve: Curve) -> pl.DataFrame:
    """Returns `ts, equity, drawdown, holding, window`."""
    import polars as pl

    return pl.DataFrame(
        {
            "ts": _times(curve.ts),
            "equity": np.multiply(curve.equity, AMOUNT, dtype=np.float64),
            "drawdown": drawdowns(curve.equity),
            "holding": curve.holding,
            "window": curve.window,
        }
    )


def _times(values: Any) -> pl.Series:
    import polars as pl

    return pl.Series(np.asarray(values, dtype=np.int64)).cast(pl.Datetime("ms", "UTC"))
