"""The report of one run as a page: what it shows and in which order. `page` frames it, `sections` and `plots` make the parts."""

from __future__ import annotations

from pathlib import Path

from . import sections
from .page import Page
from .plots import curves
from .view import RunView


def write_report(view: RunView, path: str | Path) -> Path:
    """Writes the report and returns its path; an interrupted write leaves no half file. Raises OSError."""
    return report_page(view).write(path)


def report_page(view: RunView) -> Page:
    """Returns the report as a page, to be written or added to."""
    params = "  ".join(f"{name} = {value}" for name, value in view.params.items())
    page = Page(view.title, view.period, [*view.assumptions, params, view.doc.split("\n\n")[0]])
    for add in (sections.cards, sections.notes, sections.sleeves, sections.realisms):
        page.lead(add(view))
    page.section("Equity", page.figure(curves.equity(view.run), 380, "Equity of the strategy and of holding"))
    page.section("Drawdown", page.figure(curves.drawdown(view.run), 240, "How far below the peak"))
    for add in (
        sections.months,
        sections.assets,
        sections.costs,
        sections.trades,
        sections.not_this,
        sections.settings,
    ):
        page.lead(add(view))
    return page
