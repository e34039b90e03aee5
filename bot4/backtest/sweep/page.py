"""The page of a sweep: the best rows, heat map, parallel coordinates, neighbourhood, and what the best of so many is worth.

Data of all rows is written into the page, so that parameters and metric are chosen there. Not here: the skeleton (`bot4.report.page`), the
drawing (`page.js`).
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.report.page import Page, markup
from bot4.report.plots.spec import Format, plot, points

from .metrics import DIRECTIONS, Metric
from .rows import Ints
from .terminal import caveats, headline, settings_lines, shown, speed_line

if TYPE_CHECKING:
    from .axis import Value
    from .result import SweepResult

MOST_ROWS = 50_000
"""Rows that a page holds: the best of the sweep's own metric."""
TABLE_ROWS = 100
BINS = 24
"""A number that a search drew is shown in this many even bins."""
MOST_POINTS = 3_000
METRICS: dict[str, tuple[str, Format]] = {
    "sharpe": ("Sharpe ratio", "ratio"),
    "total_return": ("Return", "percent"),
    "cagr": ("CAGR", "percent"),
    "volatility": ("Volatility", "percent"),
    "sortino": ("Sortino ratio", "ratio"),
    "calmar": ("Calmar ratio", "ratio"),
    "max_drawdown": ("Max drawdown", "percent"),
    "max_drawdown_days": ("Drawdown days", "count"),
    "turnover": ("Turnover a year", "ratio"),
    "trades": ("Trades", "count"),
    "win_rate": ("Won", "percent"),
    "profit_factor": ("Profit factor", "ratio"),
    "time_in_market": ("In the market", "percent"),
    "fees": ("Fees", "amount"),
}
"""Metrics to choose from: title and format."""
TABLE = ("sharpe", "cagr", "max_drawdown", "volatility", "turnover", "trades", "win_rate")


def write_page(result: SweepResult, path: str | Path) -> Path:
    """Writes the page and returns its path. Raises OSError."""
    metric = result.metrics[0]
    places = result.order(metric)[:MOST_ROWS]
    page = Page(f"{result.name}: sweep", headline(result), [*settings_lines(result), speed_line(result)])
    page.lead(_cards(result, metric))
    page.section("What the best of these is worth", _sentences(result))
    page.section("The best", _table(page, result, metric), note=_table_note(result))
    if len(result.parameters) > 1:
        page.section("Heat map", _heat())
    page.section("Parallel coordinates", _lines())
    page.section("Neighbourhood", _neighbours(page, result, metric, places), note=_NEIGHBOURS)
    _data(page, result, metric, places)
    page.script(resources.files(__package__).joinpath("page.js").read_text(encoding="utf-8"))
    return page.write(path)


_NEIGHBOURS = (
    "Each point is a row, its own value across and the mean of its neighbours upwards. Near the line lies a plateau; far below it, at the "
    "right, a needle that the next data will hardly find again."
)


def _cards(result: SweepResult, metric: Metric) -> str:
    place = int(result.order(metric)[0])
    row, near = result.frame.row(place, named=True), result.stability().row(place, named=True)
    params = ", ".join(
        f"{name} {_value(row[column])}" for name, column in zip(result.parameters, result.columns, strict=True)
    )
    cards = [
        (f"Best {_title(metric)}", shown(metric.name, row[metric.name]), params),
        (
            "Its neighbours",
            shown(metric.name, near["mean"]),
            f"mean of {near['neighbours']}, worst {shown(metric.name, near['worst'])}",
        ),
        ("Runs", text.count(result.count.runs), _refused(result)),
        ("Within 1 s.e.", _share(near["within_se"]), "of its neighbours' Sharpe ratios"),
        ("Chance alone", text.ratio(result.chance), "Sharpe ratio of the best without any edge"),
    ]
    return (
        '<div class="cards">'
        + "".join(
            f'<div class="card"><div class="soft small">{markup(title)}</div><div class="value">{markup(value)}</div>'
            f'<div class="soft small">{markup(below)}</div></div>'
            for title, value, below in cards
        )
        + "</div>"
    )


def _share(value: float | None) -> str:
    return text.MISSING if value is None else text.percent(value, 0)


def _refused(result: SweepResult) -> str:
    if result.count.refused:
        return f"{text.count(result.count.refused)} refused by b4.require"
    return "of " + text.plural(result.count.total, "combination")


def _sentences(result: SweepResult) -> str:
    return "<ul>" + "".join(f"<li>{markup(sentence)}</li>" for sentence in caveats(result)) + "</ul>"


def _table(page: Page, result: SweepResult, metric: Metric) -> str:
    names = [name for name in dict.fromkeys([metric.name, *TABLE]) if name in result.rows.stats]
    stable = result.stability()
    head = [
        "",
        *result.parameters,
        *(_name(name) for name in names),
        "Neighbours",
        "Mean",
        "Worst",
        "Best",
        "Within 1 s.e.",
    ]
    rows = []
    for number, place in enumerate(result.order(metric)[:TABLE_ROWS].tolist(), 1):
        row, near = result.frame.row(place, named=True), stable.row(place, named=True)
        cells: list[Any] = [
            number,
            *(_value(row[name]) for name in result.columns),
            *(shown(name, row[name]) for name in names),
        ]
        cells += [near["neighbours"], *(shown(metric.name, near[name]) for name in ("mean", "worst", "best"))]
        cells.append(_share(near["within_se"]))
        rows.append(cells)
    return page.table(head, rows, sortable=True, tall=True, filterable=len(rows) > 12, name="The best rows")


def _table_note(result: SweepResult) -> str:
    some = f"The best {TABLE_ROWS} of {len(result):,} rows. " if len(result) > TABLE_ROWS else ""
    return (
        f"{some}A click on a head sorts. Mean, worst and best are of the neighbours, rows one step away on the grid; the last column is "
        "the share of them whose Sharpe ratio lies within one standard error of the row's own."
    )


def _heat() -> str:
    return (
        '<div class="bartools"><label>across <select id="heat-x"></select></label><label>upwards <select id="heat-y"></select></label>'
        '<label>shown <select id="heat-metric"></select></label><div class="switch" id="heat-how">'
        '<button type="button" value="best" aria-pressed="true">best</button><button type="button" value="mean" aria-pressed="false">mean'
        '</button></div></div><figure class="figure"><div id="heat" class="plot svg" role="img" aria-label="Heat map"></div>'
        '<figcaption id="heat-axes"></figcaption></figure><p id="heat-read" class="readout soft small" aria-live="polite"></p>'
    )


def _lines() -> str:
    return (
        '<div class="bartools"><label>coloured by <select id="lines-metric"></select></label></div>'
        '<figure class="figure"><div id="lines" class="plot barplot" role="img" aria-label="Parallel coordinates">'
        '<canvas id="lines-canvas" style="width:100%"></canvas></div></figure>'
        '<p id="lines-read" class="readout soft small" aria-live="polite"></p>'
    )


def _neighbours(page: Page, result: SweepResult, metric: Metric, places: Ints) -> str:
    from .stability import stability

    found = stability(result.rows, result.space, metric)
    own, mean = result.rows.stats[metric.name].astype(np.float64)[places], found.mean[places]
    known = np.flatnonzero(np.isfinite(own) & np.isfinite(mean))[:MOST_POINTS]
    if not len(known):
        return '<p class="empty">No row has neighbours here.</p>'
    texts = [
        ", ".join(f"{name}={_value(result.rows.params[int(place)][name])}" for name in result.parameters)
        for place in places[known]
    ]
    low, high = float(min(own[known].min(), mean[known].min())), float(max(own[known].max(), mean[known].max()))
    line = {"type": "line", "name": "equal", "colour": "holding", "x": [low, high], "y": [low, high]}
    cloud = points(own[known], mean[known], "rows", texts=texts, size=3 if len(known) < 400 else 2, opacity=0.6)
    form: Format = METRICS[metric.name][1] if metric.name in METRICS else "ratio"
    drawn = plot(
        [line, cloud],
        x="number",
        y=form,
        xFormat=form,
        xTitle=_title(metric),
        yTitle="mean of its neighbours",
        legend=False,
    )
    return page.figure(drawn, height=340, label="Each row and the mean of its neighbours")


def _data(page: Page, result: SweepResult, metric: Metric, places: Ints) -> None:
    names = [name for name in dict.fromkeys([metric.name, *METRICS]) if name in result.rows.stats]
    arrays: dict[str, Any] = {name: result.rows.stats[name][places].astype(np.float64) for name in names}
    values: dict[str, list[Value]] = {}
    for name in result.parameters:
        values[name], arrays[f"p:{name}"] = _coded([result.rows.params[int(place)][name] for place in places])
    x, y = (*result.parameters[:2], result.parameters[0])[:2]
    told = {
        "rows": len(places),
        "parameters": list(result.parameters),
        "values": values,
        "metrics": {
            name: {"title": _name(name), "format": METRICS.get(name, ("", "ratio"))[1], "sign": _sign(name, metric)}
            for name in names
        },
        "metric": metric.name,
        "x": x,
        "y": y,
    }
    page.data("sweep", told)
    page.columns("sweep-rows", arrays)


def _coded(values: list[Value]) -> tuple[list[Value], Any]:
    """Returns (values shown, each row's number of one): numbers ascending, of many different ones the middles of even bins."""
    from .heatmap import coded

    distinct, codes = coded(values)
    if len(distinct) <= 4 * BINS or not all(isinstance(value, (int, float)) for value in distinct):
        return distinct, codes.astype(np.int32)
    numbers = np.array(values, dtype=np.float64)
    low, high = float(numbers.min()), float(numbers.max())
    bins = np.minimum(((numbers - low) / (high - low) * BINS).astype(np.int32), BINS - 1)
    return [float(f"{low + (k + 0.5) * (high - low) / BINS:.4g}") for k in range(BINS)], bins


def _sign(name: str, metric: Metric) -> int:
    return metric.sign if name == metric.name else DIRECTIONS.get(name, 1)


def _name(name: str) -> str:
    return METRICS[name][0] if name in METRICS else name.replace("_", " ").capitalize()


def _title(metric: Metric) -> str:
    return _name(metric.name) if metric.name in DIRECTIONS else str(metric)


def _value(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
