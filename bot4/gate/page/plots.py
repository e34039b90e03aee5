"""The plots of the gate's page, from the evidence and the details of its findings."""

from __future__ import annotations

from typing import Any

import numpy as np

from bot4.report.columns import Floats
from bot4.report.plots.spec import Plot, band, bars, line, plot, points

from ..checks import regimes
from ..checks.benchmarks import scaled
from ..checks.readings import growth, on_days
from ..evidence import Evidence
from ..finding import Finding

COLOURS = {"falling": "bad", "sideways": "holding", "rising": "good"}


def numbers(one: Finding, name: str) -> Floats:
    """Returns a list of a finding's details as an array, NaN where there is no number."""
    found: Any = one.details[name]
    return np.array([np.nan if value is None else value for value in found], dtype=np.float64)


def evidence_path(given: Evidence, one: Finding) -> Plot:
    """Returns z and the boundary over the days out of sample, as far as they go."""
    at = given.out.days[0] + (numbers(one, "path_days") * 86_400_000).astype(np.int64)
    lines = [
        line(at, numbers(one, "path_bar"), "Needed", "mark", dash="6 4"),
        line(at, numbers(one, "path_z"), "Evidence z", "strategy", width=2),
    ]
    return plot(lines, y="ratio")


def equity(given: Evidence) -> Plot:
    """Returns the growth of 1 from the first day out of sample on, before it what was earned in sample, and holding at that volatility."""
    own, inside = growth(given.out.returns), growth(given.inside.returns)
    held = on_days(given.market.days, given.market.returns, given.out.days)
    lines = []
    if len(inside):
        before = inside / inside[-1] if inside[-1] > 0 else inside
        lines.append(line(given.inside.days, before, "In sample", "holding"))
    if np.std(held) > 0:
        lines.append(
            line(given.out.days, growth(scaled(held, given.out.returns)), "Holding, same volatility", "c5", width=1.2)
        )
    lines.append(line(given.out.days, own, "Out of sample", "strategy", width=2))
    low, high = own.min(), own.max()
    start = [{"x": int(given.out.days[0]), "name": "opened"}]
    return plot(lines, y="times", log=bool(low > 0 and high > 5 * low), levels=start)


def stress(given: Evidence) -> Plot:
    """Returns the growth of 1 out of sample as it is, before costs, at twice the costs and one bar later."""
    days = given.out.days
    curves = (
        ("Before costs", given.gross, "holding", 1.2),
        ("As registered", given.out.returns, "strategy", 2.0),
        ("Twice the costs", given.stress["costs_2x"], "c2", 1.5),
        ("One bar later", given.stress["delay_1"], "c4", 1.5),
    )
    lines = [line(days, growth(returns), name, colour, width=width) for name, returns, colour, width in curves]
    return plot(lines, y="times")


def cloud(given: Evidence, one: Finding) -> Plot:
    """Returns each configuration's Sharpe ratio out of sample over that in sample, the registered one marked."""
    x, y = numbers(one, "cloud_in"), numbers(one, "cloud_out")
    texts = [", ".join(f"{name} = {value}" for name, value in row.items()) for row in given.registration.grid]
    drawn = [
        points(x[1:], y[1:], "Neighbours", "holding", texts=texts[1:], size=3.5, opacity=0.8),
        points(x[:1], y[:1], "Registered", "strategy", texts=texts[:1], size=6, opacity=1.0),
    ]
    known = np.isfinite(x) & np.isfinite(y)
    if known.any():
        ends = np.array([max(x[known].min(), y[known].min()), min(x[known].max(), y[known].max())])
        if ends[0] < ends[1]:
            drawn.append(line(ends, ends, "", "soft", dash="4 3", width=1))
    return plot(drawn, x="number", y="ratio", xTitle="Sharpe in sample", yTitle="out of sample")


def ranks(one: Finding) -> Plot:
    """Returns the histogram of CSCV: how the configuration chosen in one half ranks in the other, worst left."""
    counts = numbers(one, "rank_counts")
    names = ["worst", *(str(1 + place * one.details["rank_step"]) for place in range(1, len(counts) - 1)), "best"]
    marks = [{"x": (len(counts) - 1) / 2, "name": "middle"}]
    drawn = bars(counts, "Halves", "c1")
    return plot([drawn], x="names", y="count", names=names, legend=False, levels=marks, xTitle="rank in the other half")


def market(given: Evidence) -> Plot:
    """Returns the market over the days out of sample, coloured by its kind."""
    kinds = regimes.of_days(given)
    curve = growth(on_days(given.market.days, given.market.returns, given.out.days))
    lines = []
    for place, name in enumerate(regimes.KINDS):
        is_kind = kinds == place
        shown = is_kind | np.append(False, is_kind[:-1])  # a line needs the day after, too
        if is_kind.any():
            values = np.where(shown, curve, np.nan)
            lines.append(line(given.out.days, values, name.capitalize(), COLOURS[name], width=2))
    return plot(lines, y="times")


def fan(one: Finding) -> Plot:
    """Returns where equity may be in a year: median, the middle half, nine of ten."""
    days, levels = numbers(one, "fan_days"), one.details["fan"]
    assert isinstance(levels, list), "ruin.check writes five rows"
    low, first, middle, third, high = (np.array(row, dtype=np.float64) for row in levels)
    drawn = [
        band(days, low, high, "Nine of ten years", "strategy"),
        band(days, first, third, "The middle half", "strategy"),
        line(days, middle, "Median", "strategy", width=2),
    ]
    return plot(drawn, x="number", y="times", xTitle="days", xFormat="count", levels=[{"y": 1}])


def falls(one: Finding, limit: float) -> Plot:
    """Returns the histogram of the deepest falls of the years drawn."""
    counts, edges = numbers(one, "fall_counts"), numbers(one, "fall_edges")
    drawn = bars(counts, "Years", "c1", (edges[1:] + edges[:-1]) / 2)
    marks = [{"x": limit, "name": "limit"}] if edges[0] < limit < edges[-1] else []
    return plot(
        [drawn],
        x="number",
        y="count",
        xFormat="percent",
        touching=True,
        legend=False,
        levels=marks,
        xTitle="deepest fall of the year",
    )


def quarters(one: Finding) -> Plot:
    """Returns the return of each calendar quarter."""
    names: Any = one.details["quarters"]
    drawn = bars(numbers(one, "quarter_returns"), "Return", is_signed=True)
    return plot([drawn], x="names", y="percent", names=list(names), legend=False)


def assets(one: Finding) -> Plot:
    """Returns the profit of each coin, the best first."""
    coins: Any = one.details["coins"]
    profits = numbers(one, "profits")
    ranked = np.argsort(-profits, kind="stable")
    drawn = bars(profits[ranked], "Profit", is_signed=True)
    names = [coins[place].split("/")[0] for place in ranked]
    return plot([drawn], x="names", y="percent", names=names, legend=False)
