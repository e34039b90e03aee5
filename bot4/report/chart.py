"""The chart of a run as a Plotly figure, for notebooks: price with fills, equity against holding, drawdown.

Plain dictionaries, not plotly's classes: importing those costs half a second. Each line is thinned to what a screen can show, the lowest
and the highest point of every stretch kept, so that no spike and no trough is lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .bars import by_traded, joined, joined_interval
from .columns import AMOUNT, Floats, Ints, RunColumns
from .holding import holding_values
from .plots.spec import thin

MAX_POINTS = 5_000
MAX_CANDLES = 2_000
LOG_SPAN = 5.0
STRATEGY, HOLDING, BUY, SELL, UP, DOWN = "#1f6feb", "#8792a0", "#1f6feb", "#a8508a", "#007a5e", "#b8400e"
"""The light colours of the report."""


def drawdowns(equity: Ints | Floats) -> Floats:
    """Returns equity/peak so far − 1 at every row."""
    if not len(equity):
        return np.empty(0)
    falls: Floats = equity / np.maximum.accumulate(equity) - 1.0
    return falls


def figure(run: RunColumns, number: int | None = None) -> dict[str, Any]:
    """Returns Plotly's `data` and `layout` of the run: candles and fills of one asset (the most traded one if None), equity, drawdown."""
    ts = run.equity_ts
    equity = np.multiply(run.equity, AMOUNT, dtype=np.float64)
    held = holding_values(run, ts)
    fall, held_fall = drawdowns(equity), drawdowns(held)
    data = [
        _line(ts, held, "Buy & hold", "y", "%{y:,.4s}", HOLDING),
        _line(ts, equity, "Strategy", "y", "%{y:,.4s}", STRATEGY),
        _line(ts, held_fall, "Buy & hold", "y2", "%{y:.1%}", HOLDING, showlegend=False),
        _line(ts, fall, "Strategy", "y2", "%{y:.1%}", STRATEGY, fill="tozeroy", showlegend=False),
    ]
    ranked = by_traded(run)
    shown = number if number is not None else ranked[0] if ranked else None
    if shown is None:
        return {"data": data, "layout": _layout(run.currency, scale(equity, held), "")}
    data += [_candles(run, shown), *_fills(run, shown)]
    layout = _layout(run.currency, scale(equity, held), run.assets[shown].symbol)
    if scale(run.assets[shown].close) == "log":
        layout["yaxis3"] |= {"type": "log", "dtick": "D2"}
    return {"data": data, "layout": layout}


def scale(*curves: Floats) -> str:
    """Returns `log` where the curves span more than a factor of `LOG_SPAN`, so that the lower one is not flattened, else `linear`."""
    low, high = min(float(c.min(initial=np.inf)) for c in curves), max(float(c.max(initial=0.0)) for c in curves)
    return "log" if low > 0 and high > LOG_SPAN * low else "linear"


def _line(ts: Ints, values: Floats, name: str, axis: str, hover: str, colour: str, **more: Any) -> dict[str, Any]:
    at = thin(values, MAX_POINTS)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "yaxis": axis,
        "x": ts[at].tolist(),
        "y": [float(f"{value:.7g}") for value in values[at]],
        "hovertemplate": hover,
        "line": {"color": colour, "width": 1.4},
        **more,
    }


def _candles(run: RunColumns, number: int) -> dict[str, Any]:
    """Returns candles; of many bars, of bars joined to longer ones."""
    one = run.assets[number]
    bars = joined(one, run.interval_ms, joined_interval(one, run.interval_ms, MAX_CANDLES))
    prices = {name: bars[name].tolist() for name in ("open", "high", "low", "close")}
    colours = {"increasing": {"line": {"color": UP, "width": 1}}, "decreasing": {"line": {"color": DOWN, "width": 1}}}
    return {"type": "candlestick", "name": one.symbol, "yaxis": "y3", "x": bars["ts"].tolist(), **prices, **colours}


def _fills(run: RunColumns, number: int) -> list[dict[str, Any]]:
    """Returns purchases and sales as markers."""
    fills, one = run.table("fills"), run.assets[number]
    mine = fills["asset"] == number
    made = []
    for name, is_side, symbol, colour in (
        ("Bought", fills["lots"] > 0, "triangle-up", BUY),
        ("Sold", fills["lots"] < 0, "triangle-down", SELL),
    ):
        at = np.flatnonzero(mine & is_side)
        made.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "yaxis": "y3",
                "x": one.ts[fills["row"][at].astype(np.int64)].tolist(),
                "y": [float(f"{price:.8g}") for price in fills["ticks"][at] * one.tick],
                "marker": {"symbol": symbol, "size": 8, "color": colour},
            }
        )
    return made


def _layout(currency: str, kind: str, symbol: str) -> dict[str, Any]:
    spans = [[0.6, 1.0], [0.24, 0.54], [0.0, 0.18]] if symbol else [None, [0.36, 1.0], [0.0, 0.28]]
    price = {"yaxis3": {"title": {"text": symbol}, "domain": spans[0], "tickformat": "~s"}} if symbol else {}
    return {
        "height": 720 if symbol else 480,
        "template": "none",
        "hovermode": "x unified",
        "margin": {"l": 70, "r": 12, "t": 30, "b": 32},
        "legend": {"orientation": "h", "x": 0, "y": 1.06},
        "xaxis": {
            "type": "date",
            "anchor": "y2",
            "hoverformat": "%Y-%m-%d %H:%M",
            "rangeslider": {"visible": False},
        },
        "yaxis": {
            "title": {"text": f"Equity, {currency}"},
            "domain": spans[1],
            "type": kind,
            "tickformat": "~s",
            **({"dtick": "D2"} if kind == "log" else {}),
        },
        "yaxis2": {"title": {"text": "Drawdown"}, "domain": spans[2], "tickformat": ".0%", "rangemode": "tozero"},
        **price,
    }
