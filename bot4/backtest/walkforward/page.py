"""The page of a walk-forward: key numbers, stitched curve, drift of the parameters, training against test, windows, what it is not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot4.report import text
from bot4.report.page import Html, Page
from bot4.report.plots.spec import Plot, bars, line, plot, points

from . import drift, measures
from .words import choice_line, plan_line, value_text

if TYPE_CHECKING:
    from .result import WalkForwardResult
    from .window import Window

HEADS = (
    "", "Test from", "Chosen", "In: /yr", "Sharpe", "Out: all", "/yr", "Sharpe", "Drawdown", "Trades", "Eff.", "Defaults",
)  # fmt: skip
CURVE_HEIGHT, FALL_HEIGHT, SMALL_HEIGHT = 340, 180, 260


def write_page(result: WalkForwardResult, path: Path) -> Path:
    """Writes the page and returns its path. Raises OSError."""
    return page(result).write(path)


def page(result: WalkForwardResult) -> Page:
    """Returns the page of a walk-forward."""
    s, market = result.stats, result.setup.market
    assets = market.symbols[0] if len(market) == 1 else f"{len(market)} assets"
    span = f"{text.date(s.start_ms)} to {text.date(s.end_ms)} out of sample ({text.span(s.days)}) · {result.setup.config.realism}"
    lines = [plan_line(result), choice_line(result), *result.setup.beside.lines(market)]
    made = Page(f"{result.name} · {assets} · {market.interval} · walk-forward", span, lines)
    made.lead(_cards(result))
    made.lead(sentences("What it says", result.notes))
    made.section(
        "Stitched equity", _curves(made, result), note="The tests one after the other; dashed lines are their borders."
    )
    if result.tried.is_fitted:
        made.section(
            "Parameter drift",
            _drift(made, result),
            note="What each training chose. A value that wanders from end to end of its range was never really found.",
        )
    made.section("Training against test", _kept(made, result), note=_kept_note(result))
    table = made.table(HEADS, [_row(window) for window in result.steps], 3, name="Windows", sortable=True)
    made.section(
        "Windows",
        table,
        note="In: the choice in its training. Out: the same in the test. /yr: growth rate a year. Eff.: one over the other.",
    )
    made.section("What this number is not", sentences("", result.caveats))
    made.section("Settings and identity", _settings(made, result))
    return made


def sentences(title: str, lines: Sequence[str]) -> str:
    """Returns a list of sentences, nothing where there is none."""
    if not lines:
        return ""
    head = f"<h2>{escape(title)}</h2>" if title else ""
    return head + "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in lines) + "</ul>"


def card(name: str, value: str, more: str = "", tone: str = "") -> str:
    """Returns one key number; `more` stands small beside it, `tone` is a class of the style sheet (good, bad)."""
    beside = f' <span class="error">{escape(more)}</span>' if more else ""
    return f'<div class="card"><div class="soft small">{escape(name)}</div><div class="value {tone}">{escape(value)}{beside}</div></div>'


def tone(value: float) -> str:
    """Returns the class of a number that may be good or bad."""
    return "" if not math.isfinite(value) or value == 0 else "good" if value > 0 else "bad"


def _cards(result: WalkForwardResult) -> str:
    s = result.stats
    error = f"± {text.ratio(s.sharpe_se)}" if math.isfinite(s.sharpe_se) else ""
    cells = [
        card("Return out of sample", text.percent(s.total_return, signed=True), "", tone(s.total_return)),
        card("CAGR", text.percent(s.cagr, signed=True), "", tone(s.cagr)),
        card("Sharpe", text.ratio(s.sharpe), error),
        card("Max drawdown", text.percent(s.max_drawdown)),
        card("Efficiency", text.percent(s.efficiency, 0)),
        card("Buy & hold", text.percent(s.holding_return, signed=True)),
        card("With the defaults", text.percent(s.default_return, signed=True)),
        card("Growth a year, in sample", text.percent(s.growth_inside, signed=True)),
        card("Growth a year, outside", text.percent(s.growth, signed=True)),
        card("Tests that earned", f"{s.windows_up} of {s.windows}"),
    ]
    return f'<div class="cards">{"".join(cells)}</div>'


def _curves(made: Page, result: WalkForwardResult) -> str:
    frame = result.equity
    ts, equity = result.curve.ts, frame["equity"].to_numpy()
    lines = [
        line(ts, result.curve.holding, "Buy & hold", "holding", width=1.2),
        line(ts, equity, "Out of sample", "strategy"),
    ]
    borders = [{"x": window.test.start_ms, "name": ""} for window in result.steps[1:]]
    low, high = (float(f(np.concatenate([equity, result.curve.holding]))) for f in (np.min, np.max))
    above = plot(lines, y="amount", log=bool(low > 0 and high > 5 * low), levels=borders)
    fall = plot(
        [line(ts, frame["drawdown"].to_numpy(), "Drawdown", "strategy", "area")],
        y="percent",
        levels=borders,
        legend=False,
    )
    return made.figure(above, CURVE_HEIGHT, "Stitched equity out of sample") + made.figure(
        fall, FALL_HEIGHT, "Drawdown of the stitched equity", "Drawdown from the peak so far."
    )


def _drift(made: Page, result: WalkForwardResult) -> str:
    found = []
    for one in drift.drifts(result.steps, result.tried):
        legend = f" ({', '.join(f'{n} = {name}' for n, name in enumerate(one.options))})" if one.options else ""
        found.append(
            made.figure(drift.figure(one), SMALL_HEIGHT, f"Chosen {one.name} by window", f"{one.name}{legend}")
        )
    return f'<div class="pair">{"".join(found)}</div>' if len(found) > 1 else "".join(found)


def _kept(made: Page, result: WalkForwardResult) -> str:
    cloud = made.figure(scatter(result.steps), SMALL_HEIGHT + 40, "Sharpe ratio in training against test")
    rates = np.array([[w.growth_inside, w.growth_outside] for w in result.steps])
    rates = np.where(np.isfinite(rates), rates, np.nan)
    names = [str(window.number) for window in result.steps]
    both = plot(
        [bars(rates[:, 0], "In training", "holding"), bars(rates[:, 1], "In the test", "strategy")],
        x="names", y="percent", names=names, xTitle="window",
    )  # fmt: skip
    rest = made.figure(both, SMALL_HEIGHT + 40, "Growth a year in training and test by window")
    return f'<div class="pair">{cloud}{rest}</div>'


def _kept_note(result: WalkForwardResult) -> str:
    s = result.stats
    if not math.isfinite(s.slope):
        return "Left: the Sharpe ratio of each choice in training and in the test. Right: growth a year."
    return (
        f"Left: the Sharpe ratio of each choice in training and in the test; the line has a slope of {text.ratio(s.slope)} ± "
        f"{text.ratio(s.slope_se)}, on the dashed one nothing would be lost. Right: growth a year."
    )


def scatter(windows: Sequence[Window]) -> Plot:
    """Returns the Sharpe ratios of the choices, in training (x) against in the test (y), with the fitted line and that of equals."""
    x = np.array([window.inside.value("sharpe") for window in windows])
    y = np.array([window.outside.stats.sharpe for window in windows])
    both = np.isfinite(x) & np.isfinite(y)
    names = [f"window {window.number}" for window in windows]
    series = [
        points(
            x[both], y[both], "Windows", "strategy", texts=[n for n, b in zip(names, both, strict=True) if b], size=5
        )
    ]
    found = measures.degradation(x, y)
    if both.any():
        ends = np.array([float(x[both].min()), float(x[both].max())])
        series.append(line(ends, ends, "Nothing lost", "holding", dash="5 4"))
        if math.isfinite(found.slope):
            series.append(line(ends, found.level + found.slope * ends, "Fitted", "c2"))
    return plot(series, x="number", y="ratio", xTitle="Sharpe ratio in training")


def _row(window: Window) -> list[object]:
    stats = window.outside.stats
    chosen = ", ".join(f"{name} {value_text(value)}" for name, value in window.params.items())
    default = (
        text.MISSING if window.default is None else text.percent(window.default.value("total_return"), signed=True)
    )
    return [
        window.number,
        text.date(window.test.start_ms),
        (chosen or text.MISSING) + ("" if window.has_choice else " (kept)"),
        text.percent(window.growth_inside, signed=True),
        text.ratio(window.inside.value("sharpe")),
        coloured(stats.total_return),
        text.percent(window.growth_outside, signed=True),
        f"{text.ratio(stats.sharpe)} ± {text.ratio(stats.sharpe_se)}",
        text.percent(stats.max_drawdown),
        text.count(stats.trades + stats.open_positions),
        text.percent(window.efficiency, 0),
        default,
    ]


def coloured(value: float) -> Html:
    """Returns a signed percentage in the colour of its sign."""
    return Html(f'<span class="{tone(value)}">{text.percent(value, signed=True)}</span>')


def _settings(made: Page, result: WalkForwardResult) -> str:
    config, market = result.setup.config, result.setup.market
    rows = [
        ["windows", plan_line(result)],
        ["choice", choice_line(result)],
        ["runs", text.count(result.evaluations)],
        ["cash", f"{config.cash:,.8g} {market.quote}"],
        ["costs", config.costs_text(market)],
        ["latency", config.latency_text()],
        ["leverage", f"at most {config.max_leverage:g} × equity"],
        ["data", result.setup.data_hash],
    ]
    return made.table(["Setting", "Value"], rows, 2, name="Settings")
