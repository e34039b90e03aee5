"""The summary of a sweep in the terminal: one screen, 80 columns, readable without colour.

What was done and how fast, the best rows with their neighbourhood, a small heat map where two parameters vary, and what the best of so
many is worth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.report import text
from bot4.report.sparkline import LEVELS

from .runner import alone_sentence, is_on_ticks

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    from .result import SweepResult

WIDTH = 80
BEST = 10
CELL = 6
NAME_WIDTH = 10
SHADES = (
    ("#7a2812", "white"), ("#c9541c", "white"), ("#f0a354", "black"), ("#e2ded2", "black"), ("#78b8d6", "black"), ("#2d78be", "white"),
    ("#103c82", "white"),
)  # fmt: skip
"""Ground and letters of a cell from worst to best, told apart by lightness too."""

_SHOWN: dict[str, tuple[str, Callable[[float], str]]] = {
    "total_return": ("return", lambda v: text.part(v, signed=True)),
    "cagr": ("CAGR", lambda v: text.percent(v, signed=True)),
    "max_drawdown": ("max dd", text.part),
    "trades": ("trades", lambda v: text.count(int(v))),
    "volatility": ("vol", text.percent),
    "win_rate": ("won", text.percent),
    "time_in_market": ("in mkt", text.percent),
    "sharpe": ("Sharpe", text.ratio),
}
_COLUMNS = ("sharpe", "cagr", "max_drawdown", "trades")


def summary_text(result: SweepResult, width: int = WIDTH) -> str:
    """Returns the summary as plain text, without colour."""
    import io

    from rich.console import Console

    stream = io.StringIO()
    console = Console(file=stream, width=width, no_color=True, highlight=False, legacy_windows=False)
    console.print(summary(result, width))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def summary(result: SweepResult, width: int = WIDTH) -> Group:
    """Returns the summary as something rich can print."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [_head(result), Text(), _best(result, width), Text()]
    if sum(len(axis.values) != 1 for axis in result.space.axes) == 2 or len(result.parameters) == 2:
        parts += [_heatmap(result, width), Text()]
    parts.append(_caveats(result))
    return Group(*parts)


def _head(result: SweepResult) -> Text:
    from rich.text import Text

    count = result.count
    head = Text()
    first, *rest = [headline(result), *settings_lines(result)]
    head.append(f"{result.name} · {first}", style="bold")
    for line in rest:
        head.append(f"\n{line}", style="dim")
    head.append("\n\n" + text.plural(count.total, "combination"), style="bold")
    head.append(f": {count.runs:,} run")
    for number, what in ((count.refused, "refused by b4.require"), (count.repeated, "proposed again")):
        if number:
            head.append(f", {number:,} {what}")
    if count.known:
        head.append(f" ({count.known:,} of them before a stop)")
    head.append(f"\n{speed_line(result)}", style="dim")
    return head


def headline(result: SweepResult) -> str:
    """Returns the markets and their bars."""
    market = result.setup.market
    symbols = ", ".join(market.symbols[:4]) + (f" and {len(market) - 4} more" if len(market) > 4 else "")
    return f"{symbols} · {market.interval}"


def settings_lines(result: SweepResult) -> list[str]:
    """Returns the span, the costs, what is assumed and the parameters that were not varied, a line each."""
    setup, market = result.setup, result.setup.market
    lines = [
        f"{text.date(market.start_ms)} to {text.date(market.end_ms)} · {market.rows:,} bars",
        setup.config.costs_text(market),
    ]
    lines += setup.beside.lines(market)
    if result.space.fixed:
        lines.append("  ".join(f"{name}={value}" for name, value in result.space.fixed.items()))
    return lines


def speed_line(result: SweepResult) -> str:
    """Returns how long the sweep took, runs and bars a second, and what was shared."""
    count = result.count
    fresh = count.runs - count.known
    parts = [f"{text.seconds_text(count.seconds)}"]
    if fresh and count.seconds > 0:
        rate = fresh / count.seconds
        parts += [f"{rate_text(rate)} runs/s", f"{_large(rate * result.setup.market.rows)} bars/s"]
    if count.nodes_alone:
        parts.append(f"{count.nodes:,} nodes instead of {count.nodes_alone:,}")
    return " · ".join(parts)


def rate_text(rate: float) -> str:
    """Returns a rate with three significant digits at most."""
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.3g}"


def _large(value: float) -> str:
    for unit, name in ((1e9, "billion"), (1e6, "million")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value:,.0f}"


def _best(result: SweepResult, width: int) -> Group:
    """The best rows; of a strategy with many parameters without the columns that matter least, so that it fits."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    metric = result.metrics[0]
    columns = _best_columns(result)
    for key in _LEAST_FIRST:
        if sum(max(map(len, (head, *cells))) + 2 for head, cells in columns.values()) <= width:
            break
        if key != metric.name:
            columns.pop(key, None)
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for key, (head, _) in columns.items():
        table.add_column(head, justify="right", no_wrap=True, style="dim" if key in _ASIDE else "")
    for number, cells in enumerate(zip(*(cells for _, cells in columns.values()), strict=True)):
        table.add_row(*cells, style="" if number else "bold")
    title = f"The best by {metric} · near: neighbours and their mean, worst, share within 1 s.e."
    return Group(Text(title, style="dim"), table)


def _best_columns(result: SweepResult) -> dict[str, tuple[str, list[str]]]:
    """Returns head and cells of each column by key, in order."""
    metric = result.metrics[0]
    places = result.order(metric)[:BEST].tolist()
    rows, near = result.frame[places], result.stability()[places]
    columns = {"number": ("", [str(number) for number in range(1, len(places) + 1)])}
    for name in result.columns:
        columns[f"of {name}"] = (_short(name), [_value(value) for value in rows[name]])
    for name in dict.fromkeys([metric.name, *_COLUMNS]):
        columns[name] = (_SHOWN[name][0] if name in _SHOWN else name, [shown(name, value) for value in rows[name]])
    columns["near"] = ("near", [str(count) for count in near["neighbours"]])
    for name in ("mean", "worst"):
        columns[f"near {name}"] = (name, [shown(metric.name, value) for value in near[name]])
    columns["within"] = ("≤1se", [_percent(value) for value in near["within_se"]])
    return columns


_ASIDE = ("number", "near", "near mean", "near worst", "within")
_LEAST_FIRST = ("trades", "within", "near worst", "max_drawdown", "cagr", "near", "near mean", "sharpe")


def _short(name: str) -> str:
    return name if len(name) <= NAME_WIDTH else name[: NAME_WIDTH - 1] + "…"


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def shown(name: str, value: float | None) -> str:
    """Returns a statistic as a reader wants it."""
    if value is None or not math.isfinite(value):
        return text.MISSING
    return _SHOWN[name][1](value) if name in _SHOWN else f"{value:,.4g}"


def _percent(value: float | None) -> str:
    return text.MISSING if value is None else text.percent(value, 0)


def _heatmap(result: SweepResult, width: int) -> Text:
    """A cell for each pair of values: the number where they fit into the width, a block of its height otherwise."""
    from rich.text import Text

    from .heatmap import cells

    x, y = [axis.name for axis in result.space.axes if len(axis.values) != 1][:2]
    metric = result.metrics[0]
    xs, ys, table = cells(result, x, y, metric, "best")
    found = Text()
    found.append(f"{metric} over {x} (across) and {y} (down)\n", style="dim")
    labels = [_value(value) for value in ys]
    left = max(map(len, [*labels, y]))
    if len(xs) * CELL + left > width or len(ys) > 40:
        every, whole = "", len(xs) * len(ys)
        xs, ys, table = _binned(xs, ys, table, max((width - left) // 2, 1), 24)
        if table.size < whole:
            every = f", {table.size:,} of {whole:,} cells"
        labels = [_value(value) for value in ys]
        left, cell = max(map(len, [*labels, y])), 2
        found.append(" " * (left + 1) + f"{_value(xs[0])} … {_value(xs[-1])}{every}\n", style="dim")
    else:
        cell = CELL
        found.append(" " * left + "".join(f"{_value(value):>{CELL}}" for value in xs) + "\n", style="dim")
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    for label, line in zip(labels, table, strict=True):
        found.append(f"{label:>{left}}", style="dim")
        for value in line:
            found.append(*_cell(value, low, high, cell, metric))
        found.append("\n")
    found.rstrip()
    return found


def _cell(value: float, low: float, high: float, width: int, metric: Any) -> tuple[str, str]:
    """Returns (text, style) of one cell."""
    if not math.isfinite(value):
        return f"{'·':>{width}}", "dim"
    share = (value - low) / (high - low) if high > low else 0.5
    good = share if metric.sign > 0 else 1 - share
    ground, letters = SHADES[round(good * (len(SHADES) - 1))]
    if width < CELL:
        return " " + LEVELS[round(share * (len(LEVELS) - 1))], ground
    number = shown(metric.name, value).replace(text.NBSP, "").replace("+", "")
    return f"{number[: width - 1]:>{width}}", f"{letters} on {ground}"


def _binned(xs: list[Any], ys: list[Any], table: Any, most_x: int, most_y: int) -> tuple[list[Any], list[Any], Any]:
    """Returns every k-th value of each axis, so that the table fits."""
    kx, ky = -(-len(xs) // most_x), -(-len(ys) // most_y)
    return xs[::kx], ys[::ky], table[::ky, ::kx]


def _caveats(result: SweepResult) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for sentence in caveats(result):
        grid.add_row(Text("·", style="dim"), Text(sentence, style="dim"))
    return grid


def caveats(result: SweepResult) -> Iterator[str]:
    """Yields what these numbers are not, in sentences."""
    alone = alone_sentence(result.setup.strategy)
    if alone:
        yield alone
    if len(result.metrics) > 1:
        names = " and ".join(map(str, result.metrics))
        yield f"On the front: {text.plural(len(result.front()), 'row')} that none beats in {names} at once (.front())."
    if result.trials is not None:
        yield (
            f"Trials so far on these markets and times: {text.plural(result.trials.runs, 'run')}, {result.trials.distinct:,} different."
        )
    if result.worth:
        yield result.worth
    if result.setup.market.rows and len(result) > 1:
        how = "another recording" if is_on_ticks(result.setup.strategy) else "bot4 walkforward"
        yield f"The best of a sweep was chosen with the data it is shown on: judge it on data it has not seen ({how})."
