"""The page of a cross-validation: key numbers, paths, the spread of Sharpe ratios, training against test, splits, what they are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bot4.report import text
from bot4.report.columns import Floats
from bot4.report.page import Page
from bot4.report.plots.spec import Plot, bars, line, plot, points

from .cpcv_words import plan_line
from .page import card, coloured, sentences, tone
from .words import choice_line, value_text

if TYPE_CHECKING:
    from .cpcv_result import CpcvResult, Fold

CURVE_HEIGHT, SMALL_HEIGHT = 340, 280
SHOWN_PATHS = 30
PATH_COLOURS = ("c1", "c2", "c3", "c4", "c5", "c6")
BINS = 12


def page(result: CpcvResult) -> Page:
    """Returns the page of a cross-validation."""
    market = result.setup.market
    assets = market.symbols[0] if len(market) == 1 else f"{len(market)} assets"
    first, last = result.groups.blocks[0].start_ms, result.groups.blocks[-1].end_ms
    lines = [plan_line(result), choice_line(result), *result.setup.beside.lines(market)]
    span = f"{text.date(first)} to {text.date(last)} · {result.setup.config.realism}"
    made = Page(f"{result.name} · {assets} · {market.interval} · combinatorial cross-validation", span, lines)
    made.lead(_cards(result))
    made.lead(sentences("What it says", result.notes))
    made.section(
        "Paths",
        made.figure(_curves(result), CURVE_HEIGHT, "Equity of the paths"),
        note="Each path has every day once, out of sample; dashed lines are the borders of the groups.",
    )
    spread = made.figure(
        _spread(result), SMALL_HEIGHT, "Sharpe ratios of splits", "Sharpe ratios of the splits' tests."
    )
    cloud = made.figure(
        _scatter(result), SMALL_HEIGHT, "Training against test", "Sharpe ratio of each split, training against test."
    )
    made.section("Training against test", f'<div class="pair">{spread}{cloud}</div>')
    made.section("Paths in numbers", made.table(["Path", "Return", "Sharpe", "Max drawdown"], _path_rows(result), 1))
    heads = ["Split", "Test groups", "Chosen", "Sharpe in", "Sharpe out", "Return out", "Rank", "Training days"]
    made.section("Splits", made.table(heads, [_row(f, result) for f in result.folds], 3, sortable=True, tall=True))
    made.section("What these numbers are not", sentences("", result.caveats))
    return made


def _cards(result: CpcvResult) -> str:
    s = result.stats
    cells = [
        card("Sharpe of the paths, mean", text.ratio(s.path_sharpe_mean), "", tone(s.path_sharpe_mean)),
        card("Lowest to highest", f"{text.ratio(s.path_sharpe_min)} to {text.ratio(s.path_sharpe_max)}"),
        card("Paths that lost", f"{s.paths_losing} of {s.paths}"),
        card("Sharpe in training", text.ratio(s.split_sharpe_in)),
        card("Choice below the median", text.percent(s.overfit, 0)),
    ]
    return f'<div class="cards">{"".join(cells)}</div>'


def _curves(result: CpcvResult) -> Plot:
    series = []
    if result.default is not None:
        default = grown(result.default)
        series.append(line(result.times, default, "Defaults", "holding", width=1.2))
    for number, daily in enumerate(result.daily[:SHOWN_PATHS]):
        series.append(
            line(result.times, grown(daily), f"Path {number + 1}", PATH_COLOURS[number % len(PATH_COLOURS)], width=1.2)
        )
    borders = [{"x": block.start_ms, "name": ""} for block in result.groups.blocks[1:]]
    curves = np.cumprod(1.0 + result.daily, axis=1)
    low, high = float(curves.min()), float(curves.max())
    return plot(series, y="times", log=bool(low > 0 and high > 5 * low), levels=borders, legend=len(series) <= 12)


def grown(returns: Floats) -> Floats:
    """Returns the curve of daily returns, as multiples of the start."""
    return np.asarray(np.cumprod(1.0 + returns), dtype=np.float64)


def _spread(result: CpcvResult) -> Plot:
    values = np.array([fold.sharpe_out for fold in result.folds])
    values = values[np.isfinite(values)]
    counts, edges = np.histogram(values, bins=BINS) if len(values) else (np.zeros(1), np.array([0.0, 1.0]))
    middles = (edges[:-1] + edges[1:]) / 2
    levels = [{"x": result.stats.split_sharpe_out, "name": "mean"}] if len(values) else []
    return plot(
        [bars(counts.astype(np.float64), "splits", "strategy", middles)],
        x="number", y="count", xTitle="Sharpe ratio in the test", touching=True, legend=False, levels=levels,
    )  # fmt: skip


def _scatter(result: CpcvResult) -> Plot:
    x, y = (np.array([getattr(fold, name) for fold in result.folds]) for name in ("sharpe_in", "sharpe_out"))
    both = np.isfinite(x) & np.isfinite(y)
    texts = [f"split {fold.number}" for fold, known in zip(result.folds, both, strict=True) if known]
    series = [points(x[both], y[both], "Splits", "strategy", texts=texts, size=4)]
    if both.any():
        ends = np.array([float(x[both].min()), float(x[both].max())])
        series.append(line(ends, ends, "Nothing lost", "holding", dash="5 4"))
    return plot(series, x="number", y="ratio", xTitle="Sharpe ratio in training")


def _path_rows(result: CpcvResult) -> list[list[object]]:
    return [
        [
            number,
            coloured(one.total_return),
            f"{text.ratio(one.sharpe)} ± {text.ratio(one.sharpe_se)}",
            text.percent(one.max_drawdown),
        ]
        for number, one in enumerate(result.path_stats, start=1)
    ]


def _row(fold: Fold, result: CpcvResult) -> list[object]:
    blocks = result.groups.blocks
    return [
        fold.number,
        ", ".join(str(blocks.index(span) + 1) for span in fold.split.test),
        ", ".join(f"{name} {value_text(value)}" for name, value in fold.params.items()) or text.MISSING,
        text.ratio(fold.sharpe_in),
        text.ratio(fold.sharpe_out),
        coloured(fold.return_out),
        text.percent(fold.rank, 0),
        text.count(fold.train_days),
    ]
