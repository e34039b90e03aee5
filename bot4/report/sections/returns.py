"""What it brought, over time: equity, months, periods, the calendar."""

from __future__ import annotations

import math
from html import escape

from .. import text
from ..page import Html, Page
from ..periods import YearReturns, monthly_returns
from ..plots import curves, groups
from ..plots.spec import THINNED
from ..tear import TearSheet
from ..view import RunView
from .cells import couple, day, signed, titled

FULL_HEAT = 0.20
"""The monthly return, up or down, at which a cell has its full colour."""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def equity(page: Page, view: RunView, tear: TearSheet) -> None:
    """Adds equity and drawdown against holding, and against the benchmark where it is another."""
    top = page.figure(curves.equity(view.run, tear), 380, "Equity of the strategy and of holding over time")
    switch = (
        '<div class="switch scale" role="group" aria-label="Scale">'
        '<button type="button" data-log="false">linear</button><button type="button" data-log="true">log</button></div>'
    )
    below = page.figure(
        curves.drawdown(view.run), 200, "Drawdown: how far equity is below its peak so far", caption=THINNED
    )
    page.section("Equity and drawdown", f'<div class="right">{switch}</div>{top}{below}')


def months(page: Page, view: RunView, tear: TearSheet) -> None:
    """Adds the table of monthly returns, coloured by size, and how all periods went."""
    years = monthly_returns(view.run.equity_ts, view.run.equity)
    if years:
        by_year = ""
        if len(tear.calendar.years) > 1:
            caption = f"Returns by year beside {curves.benchmark_name(tear).lower()}; the first and the last may be incomplete."
            by_year = page.figure(groups.years(tear), 220, "Returns by year", caption=caption)
        periods = (
            by_year + titled("By period", _periods(page, tear)) + titled("To the end of the run", _trailing(page, tear))
        )
        page.section("Monthly returns", heat_map(years) + periods)


def heat_map(years: list[YearReturns]) -> Html:
    """Returns years by months with a colour for each cell."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ["", *MONTHS, "Year"])
    rows = "".join(_year_row(year) for year in years)
    table = (
        f'<table class="heat" aria-label="Monthly returns"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )
    return Html(f'<div class="scroll" tabindex="0">{table}</div>')


def _year_row(row: YearReturns) -> str:
    return (
        f'<tr><th scope="row">{row.year}</th>{"".join(heat(month) for month in row.months)}{heat(row.total, 3.0)}</tr>'
    )


def heat(value: float, scale: float = 1.0) -> str:
    """Returns a coloured cell; `scale` widens the range of colours."""
    if math.isnan(value):
        return "<td></td>"
    strength = min(abs(value) / (FULL_HEAT * scale), 1.0) * 0.7
    direction = "up" if value > 0 else "down" if value < 0 else ""
    return f'<td class="{direction}" style="--heat:{strength:.2f}">{escape(text.percent(value))}</td>'


def _periods(page: Page, tear: TearSheet) -> str:
    head = ["Period", "Best", "on", "Worst", "on", "Mean", "Won", "Longest run of gains", "of losses"]
    rows = [
        [
            f"{p.name.capitalize()}s ({text.count(len(p.returns))})",
            signed(p.best),
            day(p.best_ms),
            signed(p.worst),
            day(p.worst_ms),
            text.percent(p.mean, 2, signed=True),
            text.percent(p.win_rate),
            text.count(p.longest_wins),
            text.count(p.longest_losses),
        ]
        for p in tear.calendar.periods
        if len(p.returns)
    ]
    return page.table(head, rows, name="Returns by period") if rows else ""


def _trailing(page: Page, tear: TearSheet) -> str:
    known = [row for row in tear.calendar.trailing if math.isfinite(row.total)]
    if not known:
        return ""
    head = ["", *(row.label for row in known)]
    rows = [
        ["Strategy", *(signed(row.total) for row in known)],
        [curves.benchmark_name(tear), *(text.percent(row.benchmark, signed=True) for row in known)],
    ]
    return page.table(head, rows, name="Trailing returns") + '<p class="soft small">From 3Y on by year.</p>'


def calendar(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds returns by hour, weekday and month of the year, with the standard error of each mean."""
    made = [
        page.figure(groups.buckets(found), 220, f"Mean return by {what}", caption=f"Mean return by {what}, UTC.")
        for found, what in (
            (tear.calendar.hours, "hour"),
            (tear.calendar.weekdays, "weekday"),
            (tear.calendar.months, "month of the year"),
        )
        if any(bucket.count for bucket in found)
    ]
    if made:
        first, rest = (made[:1], made[1:]) if len(made) == 3 else ([], made)
        note = "Bars are means, whiskers two standard errors: where a whisker crosses zero, the bar says nothing."
        page.section("Hours, weekdays, months", "".join(first) + couple(*rest), note)
