"""A Plotly figure of an expression with the price: on the price where it is one, else below. Long series are thinned to a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report.plots.spec import thin

from ..errors import BacktestError
from .panel import Panel, panel_of

if TYPE_CHECKING:
    from bot4.report.columns import Floats

NEAR = 0.25
"""An expression lies on the price where its median is within this fraction of the price's."""


def plot(expression: Any, data: Any, *, symbol: str | None = None, **source: Any) -> Any:
    """Returns the Plotly figure of an expression over data. See `Expr.plot`."""
    import plotly.graph_objects as go

    panel = panel_of(expression, data, **source)
    place = _place(panel, symbol)
    values, closes = panel.values[:, place], panel.closes[:, place]
    lies_on_price = _is_price(values, closes)
    traces = [
        _line(go, panel, closes, "close", "y", "#7f8c9b"),
        _line(go, panel, values, panel.name, "y" if lies_on_price else "y2", "#1f6feb"),
    ]
    layout: dict[str, Any] = {
        "title": {"text": f"{panel.name} · {panel.symbols[place]}"},
        "hovermode": "x unified",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        "margin": {"l": 56, "r": 12, "t": 64, "b": 32},
        "xaxis": {"type": "date"},
        "yaxis": {"title": {"text": "price"}, "domain": [0.0, 1.0] if lies_on_price else [0.36, 1.0]},
    }
    if not lies_on_price:
        layout["yaxis2"] = {"domain": [0.0, 0.3], "title": {"text": "value"}}
        layout["xaxis"]["anchor"] = "y2"
    return go.Figure(traces, layout)


def _place(panel: Panel, symbol: str | None) -> int:
    if symbol is None:
        return 0
    if symbol not in panel.symbols:
        raise BacktestError(f"the data hold no {symbol!r}; they hold {', '.join(panel.symbols[:12])}.")
    return panel.symbols.index(symbol)


def _is_price(values: Floats, closes: Floats) -> bool:
    present = np.isfinite(values) & np.isfinite(closes)
    if not present.any():
        return False
    return bool(abs(float(np.median(values[present] / closes[present])) - 1.0) < NEAR)


def _line(go: Any, panel: Panel, values: Floats, name: str, axis: str, colour: str) -> Any:
    at = np.flatnonzero(np.isfinite(values))
    at = at[thin(values[at])] if len(at) else at
    times = panel.known_at[at].astype("datetime64[ms]")
    line = {"color": colour, "width": 1.3}
    return go.Scatter(x=times, y=values[at], name=name, yaxis=axis, mode="lines", line=line)
