"""The report of one run as a page: what it shows and in which order. `page` frames it, `sections` and `plots` make the parts."""

from __future__ import annotations

from pathlib import Path

from .page import Page
from .sections import about, activity, certainty, controls, head, market, price, returns, risk, ticks, trades
from .tear import TearSheet, tear_sheet
from .view import RunView

SECTIONS = (
    head.cards,
    head.notes,
    head.realisms,
    head.sleeves,
    returns.equity,
    ticks.making,
    price.bars,
    certainty.certainty,
    returns.months,
    risk.drawdowns,
    risk.rolling,
    market.benchmark,
    risk.tails,
    risk.crises,
    certainty.ratios,
    returns.calendar,
    activity.exposure,
    activity.costs,
    activity.assets,
    trades.breakdown,
    trades.excursions,
    trades.trades,
    trades.left_open,
    trades.refused,
    controls.controls,
    about.not_this,
    about.settings,
)


def write_report(view: RunView, path: str | Path, tear: TearSheet | None = None) -> Path:
    """Writes the report and returns its path; an interrupted write leaves no half file. Raises OSError."""
    return report_page(view, tear).write(path)


def report_page(view: RunView, tear: TearSheet | None = None) -> Page:
    """Returns the report as a page, to be written or added to."""
    params = " · ".join(f"{name} = {value}" for name, value in view.params.items())
    page = Page(view.title, view.period, [*view.assumptions, params, view.doc.split("\n\n")[0]])
    sheet = tear_sheet(view.run, view.stats, reasons=view.reasons, causes=view.causes) if tear is None else tear
    for add in SECTIONS:
        add(page, view, sheet)
    return page
