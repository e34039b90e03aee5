"""The chart as Plotly data: equity against holding above, drawdown below, each line thinned to what a screen can show.

Plain dictionaries, not plotly's classes: importing those costs half a second. Thinning keeps the lowest and the highest point of
every stretch, so no spike and no trough is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .columns import AMOUNT, Floats, Ints, RunColumns
from .holding import holding_values
from .plots.spec import thin

MAX_POINTS = 5_000
LOG_SPAN = 5.0


def drawdowns(equity: Ints | Floats) -> Floats:
    """Returns equity/peak so far − 1 at every row."""
    if not len(equity):
        return np.empty(0)
    falls: Floats = equity / np.maximum.accumulate(equity) - 1.0
    return falls


def figure(run: RunColumns) -> dict[str, Any]:
    """Returns Plotly's `data` and `layout` of the run; colours are set by the page, for light and dark."""
    ts = run.equity_ts
    equity = np.multiply(run.equity, AMOUNT, dtype=np.float64)
    held = holding_values(run, ts)
    fall, held_fall = drawdowns(equity), drawdowns(held)
    data = [
        _line(ts, held, "Buy & hold", "y", "%{y:,.4s}"),
        _line(ts, equity, "Strategy", "y", "%{y:,.4s}"),
        _line(ts, held_fall, "Buy & hold", "y2", "%{y:.1%}"),
        _line(ts, fall, "Strategy", "y2", "%{y:.1%}", fill="tozeroy"),
    ]
    for trace in data[2:]:
        trace["showlegend"] = False
    return {"data": data, "layout": _layout(run.currency, scale(equity, held))}


def scale(*curves: Floats) -> str:
    """Returns `log` where the curves span more than a factor of `LOG_SPAN`, so that the lower one is not flattened, else `linear`."""
    low, high = min(float(c.min(initial=np.inf)) for c in curves), max(float(c.max(initial=0.0)) for c in curves)
    return "log" if low > 0 and high > LOG_SPAN * low else "linear"


def _line(ts: Ints, values: Floats, name: str, axis: str, hover: str, **more: Any) -> dict[str, Any]:
    at = thin(values, MAX_POINTS)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "yaxis": axis,
        "x": ts[at].tolist(),
        "y": [float(f"{value:.7g}") for value in values[at]],
        "hovertemplate": hover,
        **more,
    }


def _layout(currency: str, kind: str) -> dict[str, Any]:
    return {
        "hovermode": "x unified",
        "margin": {"l": 64, "r": 12, "t": 8, "b": 32},
        "legend": {"orientation": "h", "x": 0, "y": 1.08},
        "xaxis": {"type": "date", "anchor": "y2", "hoverformat": "%Y-%m-%d %H:%M"},
        "yaxis": {
            "title": {"text": f"Equity, {currency}"},
            "domain": [0.36, 1.0],
            "type": kind,
            "tickformat": "~s",
        },
        "yaxis2": {"title": {"text": "Drawdown"}, "domain": [0.0, 0.28], "tickformat": ".0%", "rangemode": "tozero"},
    }
