"""The head of the report: the key numbers, what the diagnosis found, the sleeves, the three realisms."""

from __future__ import annotations

import math
from html import escape

from .. import text
from ..page import Html, Page
from ..tear import TearSheet
from ..view import REALISM_COLUMNS, SLEEVE_COLUMNS, RunView, realism_cells, sleeve_cells
from .cells import signed


def cards(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds the key numbers, each with buy and hold or its error beside it."""
    s = view.stats
    error = f' <span class="error">± {text.ratio(s.sharpe_se)}</span>' if math.isfinite(s.sharpe_se) else ""
    made = [
        _card("Return", signed(s.total_return), f"holding {text.part(s.holding_return, signed=True)}"),
        _card("CAGR", signed(s.cagr), f"holding {text.percent(s.holding_cagr, signed=True)}"),
        _card("Sharpe", text.ratio(s.sharpe) + error, f"holding {text.ratio(s.holding_sharpe)}"),
        _card("Max drawdown", text.part(s.max_drawdown), f"holding {text.part(s.holding_max_drawdown)}"),
        _card("Drawdown lasted", text.span(s.max_drawdown_days), f"longest {text.span(s.longest_drawdown_days)}"),
        _card("Volatility", text.percent(s.volatility), f"holding {text.percent(s.holding_volatility)}"),
        _card("Sortino", text.ratio(s.sortino), f"Calmar {text.ratio(s.calmar)}"),
        _card("In the market", text.percent(s.time_in_market), f"mean gross {text.percent(s.mean_gross)}"),
        _card("Trades", text.count(s.trades), _won(view)),
        _card("Costs", text.amount(s.total_cost), f"turnover {text.ratio(s.turnover, 1)} × a year"),
    ]
    page.lead(f'<div class="cards">{"".join(made)}</div>')


def _won(view: RunView) -> str:
    s = view.stats
    if not s.trades:
        return "none was closed"
    return f"{text.percent(s.win_rate)} won, factor {text.ratio(s.profit_factor)}"


def _card(label: str, value: str, below: str) -> str:
    lines = (("soft small", label), ("value", value), ("soft small", below))
    return '<div class="card">' + "".join(f'<div class="{name}">{line}</div>' for name, line in lines) + "</div>"


def notes(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds what the diagnosis found."""
    page.lead("".join(f'<p class="note">{escape(note)}</p>' for note in view.notes))


def sleeves(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds one row for each strategy on the account, where there are several."""
    if view.sleeves:
        rows = [[row.name, *sleeve_cells(row)] for row in view.sleeves]
        note = "Each has a book of its own; nothing is lent or netted between them."
        page.section("Sleeves", page.table(["Sleeve", *SLEEVE_COLUMNS], rows, name="Sleeves"), note)


def realisms(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds the result under each realism, the one of this page marked."""
    if not view.realisms:
        return
    rows = [
        [Html(f"<b>{escape(row.name)}</b> (this page)") if row.is_shown else row.name, *realism_cells(row.stats)]
        for row in view.realisms
    ]
    where = "docs/semantics.md, section 6" if view.making is None else "docs/language-ticks.md"
    page.section(
        "Strict, neutral and naive fills",
        page.table(["Realism", *REALISM_COLUMNS], rows, name="The result under each realism"),
        f"What differs between them is in {where}; fees are never waived.",
    )
