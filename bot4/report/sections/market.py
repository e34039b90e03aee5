"""Against the benchmark: the regression of daily returns."""

from __future__ import annotations

import math

from .. import text
from ..page import Page
from ..plots import curves, distributions
from ..tear import TearSheet
from ..view import RunView
from .cells import aside, pairs


def benchmark(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds the scatter of daily returns with the line through them, and its numbers."""
    r = tear.regression
    if not math.isfinite(r.beta):
        return
    left: list[tuple[object, object]] = [
        ("Alpha a year", f"{text.percent(r.alpha, signed=True)} ± {text.percent(r.alpha_se)}"),
        ("t of alpha, p", f"{text.ratio(r.alpha_t)}, {text.ratio(r.alpha_p, 3)}"),
        ("Beta", f"{text.ratio(r.beta)} ± {text.ratio(r.beta_se)}"),
        ("Beta on days up, down", f"{text.ratio(r.up_beta)}, {text.ratio(r.down_beta)}"),
        ("R², correlation", f"{text.ratio(r.r2)}, {text.ratio(r.correlation)}"),
    ]
    right: list[tuple[object, object]] = [
        ("Excess CAGR", text.percent(r.excess_cagr, signed=True)),
        ("Information ratio", text.ratio(r.information_ratio)),
        ("Tracking error a year", text.percent(r.tracking_error)),
        ("Treynor ratio", text.ratio(r.treynor)),
        ("Capture of gains, of losses", f"{text.ratio(r.up_capture)}, {text.ratio(r.down_capture)}"),
    ]
    figure = page.figure(
        distributions.regression(tear),
        340,
        "Daily returns of the strategy against those of the benchmark",
        caption=f"{text.count(r.days)} days; errors are Newey and West's with {text.plural(r.hac_lags, 'lag')}.",
    )
    matched = page.figure(
        curves.matched(tear),
        260,
        "Growth at the benchmark's volatility",
        caption="Growth of 1, the strategy's daily returns scaled to the benchmark's volatility: what the risk was worth.",
    )
    page.section(
        f"Against {curves.benchmark_name(tear).lower()}",
        figure + aside(pairs(page, left), pairs(page, right)) + matched,
    )
