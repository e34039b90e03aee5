"""`chart_page`: a stretch of a run as candles with everything around them, and below it all bars, which can be clicked.

Around the candles: prices over the bars, other indicators in panes, conditions that come true, stops and takes, fills.

Not here: how a page is made (`bot4.report.page`), what a clicked bar says (`at`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.strategy.graph import CARRIED, is_condition, label_of, price_nodes, roots_of

from .at.gather import find_bar
from .reasons import REASONS

if TYPE_CHECKING:
    from bot4.data.timeframe import TimeLike
    from bot4.report.columns import AssetColumns, Floats, Ints
    from bot4.report.page import Page

    from .result import Result

DEFAULT_BARS = 1_500
MOST_BARS = 20_000
MOST_PANES = 4
MOST_LINES = 8
"""Lines over the bars; a strategy with more prices than that shows the first."""
COLOURS = ("--c1", "--c2", "--c3", "--c4", "--c5", "--c6")
SHOWN_OPS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "crosses_above", "crosses_below"})


@dataclass(frozen=True)
class Stretch:
    """The bars of one asset that are drawn: rows `first` to `stop` of a run's part."""

    result: Result
    number: int
    first: int
    stop: int
    trace: Mapping[str, Any]

    @property
    def asset(self) -> AssetColumns:
        return self.result.columns.assets[self.number]

    @property
    def rows(self) -> slice:
        return slice(self.first, self.stop)

    @cached_property
    def times(self) -> list[int]:
        """Returns the opens of the bars, UTC ms."""
        found: list[int] = self.asset.ts[self.rows].tolist()
        return found

    @cached_property
    def shown(self) -> tuple[list[int], list[int], list[int]]:
        """Returns (prices over the bars, nodes in panes, conditions whose coming true is marked), most deciding first."""
        program = self.result.program
        prices = price_nodes(program)
        over: list[int] = []
        below: list[int] = []
        marked: list[int] = []
        roots = roots_of(program, self.asset.symbol)
        for name, root in roots.items():
            if name in ("long", "short", "exit") or name.endswith(" when"):
                marked.append(root)
            elif name == "target" or name.startswith("signal "):
                below.append(root)
            elif root in prices:
                over.append(root)
        for node in _under(program.nodes, roots.values()):
            row = program.nodes[node]
            if row.op in SHOWN_OPS:
                for i in row.inputs:
                    (over if i in prices else below).append(_origin(program.nodes, i))
        skip = ("const", "col")
        over = [i for i in dict.fromkeys(over) if program.nodes[i].op not in skip and i in prices]
        below = [i for i in dict.fromkeys(below) if program.nodes[i].op not in skip and not is_condition(program, i)]
        return over[:MOST_LINES], below[:MOST_PANES], list(dict.fromkeys(marked))

    @cached_property
    def values(self) -> dict[int, Floats]:
        """Returns the values of the shown nodes at the drawn bars."""
        nodes = [i for part in self.shown for i in part]
        columns = self.result.evaluate(nodes) if nodes else {}
        found = {}
        for node in nodes:
            column = columns.get((node, self.number))
            if column is not None:
                found[node] = column[self.rows]
        return found


def chart_page(result: Result, symbol: str | None = None, to: TimeLike | None = None, bars: int = DEFAULT_BARS) -> Page:
    """Returns the page of one asset's last `bars` bars up to a time (the end of the data if left out), and of all bars below.

    Raises BacktestError for an unknown asset or time.
    """
    from bot4.report.bars import add_bars
    from bot4.report.page import Page

    from .at.columns import bar_decisions

    number, last = find_bar(result, result.market.end_ms if to is None else to, symbol)
    stop, first = last + 1, max(last + 1 - min(bars, MOST_BARS), 0)
    span = f"{text.minute(int(result.market.columns[number].ts[first]))} to {text.minute(int(result.market.columns[number].ts[last]))}"
    title = f"{result.name} on {result.market.symbols[number]}"
    page = Page(title, f"{text.plural(stop - first, 'bar')} of {text.interval(result.market.interval_ms)}, {span} UTC")
    traces = None if result.program.events is not None else result.lens.trace()
    for at, (name, part) in enumerate(result.parts.items()):
        stretch = Stretch(part, number, first, stop, {} if traces is None else traces[at][number])
        figure, height = drawn(stretch)
        place = page.figure(
            figure, height=height, label=f"Candles of {result.market.symbols[number]} with indicators and fills"
        )
        note = (
            "Triangles: fills. Dots: a condition came true. Dashes: stop and take. Drag to zoom, double-click for all."
        )
        page.section(name or "Bars, indicators, fills", place, note)
    place = add_bars(page, replace(result.view, decisions=bar_decisions(result)))
    page.section("All bars", place, "Click a bar to see what was decided at its close, and why.")
    return page


def drawn(stretch: Stretch) -> tuple[dict[str, Any], int]:
    """Returns Plotly's `data` and `layout`, and the height in px."""
    over, below, _ = stretch.shown
    data = [_candles(stretch)]
    data += [_line(stretch, node, "y", COLOURS[at % 6]) for at, node in enumerate(over) if node in stretch.values]
    data += list(_levels(stretch))
    data += list(_marks(stretch))
    data += list(_fills(stretch))
    panes = [node for node in below if node in stretch.values]
    data += [_line(stretch, node, f"y{at + 2}", COLOURS[at % 6]) for at, node in enumerate(panes)]
    share = 0.16 if panes else 0.0
    layout: dict[str, Any] = {
        "hovermode": "x unified",
        "margin": {"l": 64, "r": 12, "t": 8, "b": 32},
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "xaxis": {"type": "date", "rangeslider": {"visible": False}, "anchor": f"y{len(panes) + 1}" if panes else "y"},
        "yaxis": {"domain": [share * len(panes) + (0.02 if panes else 0), 1.0], "title": {"text": "Price"}},
    }
    for at in range(len(panes)):
        top = share * (len(panes) - at)
        layout[f"yaxis{at + 2}"] = {"domain": [top - share + 0.02, top - 0.01]}
    return {"data": data, "layout": layout}, 460 + 110 * len(panes)


def _candles(stretch: Stretch) -> dict[str, Any]:
    prices = {name: _plain(getattr(stretch.asset, name)[stretch.rows]) for name in ("open", "high", "low", "close")}
    return {
        "type": "candlestick",
        "name": stretch.asset.symbol,
        "x": stretch.times,
        **prices,
        "increasing": {"line": {"color": "--good", "width": 1}},
        "decreasing": {"line": {"color": "--bad", "width": 1}},
    }


def _line(stretch: Stretch, node: int, axis: str, colour: str) -> dict[str, Any]:
    program = stretch.result.program
    clock = json.loads(program.json)["clocks"][program.nodes[node].clock]
    name = label_of(program, node) + ("" if clock == program.interval_ms else f" @{text.interval(clock)}")
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name if len(name) <= 40 else name[:39] + "…",
        "x": stretch.times,
        "y": _plain(stretch.values[node]),
        "yaxis": axis,
        "line": {"color": colour, "width": 1.2},
    }


def _levels(stretch: Stretch) -> Iterator[dict[str, Any]]:
    """Yields the lines of stop and take, where the position has them: in force from the next bar on."""
    for name, colour in (("stop", "--bad"), ("take", "--good")):
        if name not in stretch.trace:
            continue
        ticks: Ints = stretch.trace[name][stretch.rows]
        if (ticks > 0).any():
            level = np.where(ticks > 0, ticks * stretch.asset.tick, np.nan)
            line = {"color": colour, "width": 1, "dash": "dash", "shape": "hv"}
            yield {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "x": stretch.times,
                "y": _plain(level),
                "line": line,
            }


def _marks(stretch: Stretch) -> Iterator[dict[str, Any]]:
    """Yields the bars at which a condition came true: above the bar for what leaves, below for what enters."""
    program = stretch.result.program
    named = {node: name for name, node in roots_of(program, stretch.asset.symbol).items()}
    for at, node in enumerate(stretch.shown[2]):
        values = stretch.values.get(node)
        if values is None:
            continue
        rises = np.flatnonzero((values == 1.0) & (np.append(0.0, values[:-1]) != 1.0))
        if not len(rises):
            continue
        leaves = named[node] in ("exit", "short")
        edge = stretch.asset.high if leaves else stretch.asset.low
        price = edge[stretch.rows][rises] * (1.004 if leaves else 0.996)
        yield {
            "type": "scatter",
            "mode": "markers",
            "name": f"{named[node]} comes true",
            "x": [stretch.times[i] for i in rises.tolist()],
            "y": _plain(price),
            "marker": {"symbol": "circle", "size": 5, "color": COLOURS[(at + 3) % 6]},
        }


def _fills(stretch: Stretch) -> Iterator[dict[str, Any]]:
    fills, asset = stretch.result.columns.table("fills"), stretch.asset
    in_stretch = (fills["asset"] == stretch.number) & (fills["row"] >= stretch.first) & (fills["row"] < stretch.stop)
    for name, side, symbol, colour in (("bought", 1, "triangle-up", "--good"), ("sold", -1, "triangle-down", "--bad")):
        mine = np.flatnonzero(in_stretch & (np.sign(fills["lots"]) == side))
        if not len(mine):
            continue
        yield {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": fills["ts"][mine].tolist(),
            "y": _plain(fills["ticks"][mine] * asset.tick),
            "text": [
                f"{text.price(abs(int(fills['lots'][i])) * asset.lot)} ({REASONS[int(fills['reason'][i])]})"
                for i in mine.tolist()
            ],
            "marker": {"symbol": symbol, "size": 10, "color": colour, "line": {"width": 1, "color": "--ink"}},
        }


def _under(nodes: Sequence[Any], roots: Any) -> list[int]:
    """Returns the nodes under roots, users before inputs."""
    found: dict[int, None] = {}
    stack = list(reversed(list(roots)))
    while stack:
        node = stack.pop()
        if node not in found:
            found[node] = None
            stack.extend(reversed(nodes[node].inputs))
    return list(found)


def _origin(nodes: Sequence[Any], node: int) -> int:
    """Returns the node itself, also where it was carried from another clock: its column on the bars is the same."""
    while nodes[node].op in CARRIED and nodes[node].op.startswith("carry"):
        node = nodes[node].inputs[0]
    return node


def _plain(values: Floats) -> list[float | None]:
    return [None if value != value else float(f"{value:.7g}") for value in values.tolist()]
