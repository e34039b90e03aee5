"""The sections of the HTML report as text: cards, tables, lists. Everything that comes from outside is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

from . import text
from .columns import AMOUNT, RunColumns
from .periods import AssetResult, YearReturns, by_asset, monthly_returns
from .view import REALISM_COLUMNS, SLEEVE_COLUMNS, RunView, caveats, extra_costs, realism_cells, sleeve_cells

LAST_TRADES = 200
EXTREME_TRADES = 5
FULL_HEAT = 0.20
"""The monthly return, up or down, at which a cell has its full colour."""
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def cards(view: RunView) -> str:
    """Returns the key numbers, each with buy and hold or its error beside it."""
    s = view.stats
    error = f' <span class="error">± {text.ratio(s.sharpe_se)}</span>' if math.isfinite(s.sharpe_se) else ""
    made = [
        _card("Return", _signed(s.total_return), f"holding {text.percent(s.holding_return, signed=True)}"),
        _card("CAGR", _signed(s.cagr), f"holding {text.percent(s.holding_cagr, signed=True)}"),
        _card("Sharpe", text.ratio(s.sharpe) + error, f"holding {text.ratio(s.holding_sharpe)}"),
        _card("Max drawdown", text.percent(s.max_drawdown), f"holding {text.percent(s.holding_max_drawdown)}"),
        _card("Drawdown lasted", text.span(s.max_drawdown_days), f"longest {text.span(s.longest_drawdown_days)}"),
        _card("Volatility", text.percent(s.volatility), f"holding {text.percent(s.holding_volatility)}"),
        _card("Sortino", text.ratio(s.sortino), f"Calmar {text.ratio(s.calmar)}"),
        _card("In the market", text.percent(s.time_in_market), f"mean gross {text.percent(s.mean_gross)}"),
        _card(
            "Trades",
            text.count(s.trades),
            f"{text.percent(s.win_rate)} won, profit factor {text.ratio(s.profit_factor)}",
        ),
        _card("Costs", text.amount(s.total_cost), f"turnover {text.ratio(s.turnover, 1)} × a year"),
    ]
    return f'<div class="cards">{"".join(made)}</div>'


def _card(label: str, value: str, below: str) -> str:
    lines = (("soft small", label), ("value", value), ("soft small", below))
    return '<div class="card">' + "".join(f'<div class="{name}">{line}</div>' for name, line in lines) + "</div>"


def notes(view: RunView) -> str:
    """Returns what the diagnosis found."""
    return "".join(f'<p class="note">{escape(note)}</p>' for note in view.notes)


def realisms(view: RunView) -> str:
    """Returns the result under each realism, the one of this page marked."""
    if not view.realisms:
        return ""
    head = [escape(name) for name in ("Realism", *REALISM_COLUMNS)]
    rows = []
    for row in view.realisms:
        name = f"<b>{escape(row.name)}</b> (this page)" if row.is_shown else escape(row.name)
        rows.append([name, *realism_cells(row.stats)])
    below = (
        '<p class="soft small">What differs between them is in docs/semantics.md, section 6; fees are never waived.</p>'
    )
    return "<h2>The result under strict, neutral and naive fills</h2>" + _table(head, rows, left=1) + below


def sleeves(view: RunView) -> str:
    """Returns one row for each strategy on the account; nothing where there is one."""
    if not view.sleeves:
        return ""
    head = [escape(name) for name in ("Sleeve", *SLEEVE_COLUMNS)]
    rows = [[escape(row.name), *sleeve_cells(row)] for row in view.sleeves]
    below = '<p class="soft small">Each has a book of its own; nothing is lent or netted between them.</p>'
    return "<h2>Sleeves</h2>" + _table(head, rows, left=1) + below


def months(view: RunView) -> str:
    """Returns the table of monthly returns, coloured by size."""
    years = monthly_returns(view.run.equity_ts, view.run.equity)
    if not years:
        return ""
    head = "".join(f"<th>{name}</th>" for name in ["", *MONTHS, "Year"])
    rows = "".join(_year_row(year) for year in years)
    table = f'<table class="heat"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<h2>Monthly returns</h2><div class="scroll">{table}</div>'


def _year_row(row: YearReturns) -> str:
    return f"<tr><th>{row.year}</th>{''.join(_heat(month) for month in row.months)}{_heat(row.total, 3.0)}</tr>"


def _heat(value: float, scale: float = 1.0) -> str:
    if math.isnan(value):
        return "<td></td>"
    strength = min(abs(value) / (FULL_HEAT * scale), 1.0) * 0.7
    way = "up" if value > 0 else "down" if value < 0 else ""
    return f'<td class="{way}" style="--heat:{strength:.2f}">{text.percent(value)}</td>'


def assets(view: RunView) -> str:
    """Returns what each asset brought, best first."""
    rows = sorted(by_asset(view.run), key=lambda row: -row.pnl)
    held = any(row.funding for row in rows)
    funding = ["Funding, interest"] if held else []
    head = ["Asset", "P&amp;L", "Trades", "Won", "Fees", *funding, "Traded", "Open position", "Its price"]
    return "<h2>Assets</h2>" + _table(head, [_asset_row(row, held) for row in rows], left=1)


def _asset_row(row: AssetResult, has_funding: bool) -> list[str]:
    return [
        escape(row.symbol),
        _money(row.pnl),
        text.count(row.trades),
        text.percent(row.win_rate),
        text.amount(row.fees),
        *([_money(row.funding)] if has_funding else []),
        text.amount(row.traded),
        text.amount(row.open_value) if row.open_value else text.MISSING,
        text.percent(row.price_return, signed=True),
    ]


def costs(view: RunView) -> str:
    """Returns the costs split by kind, in money and as a share of what was traded."""
    s = view.stats
    rows = [
        ("Fees", s.fees),
        ("Half the spread", s.spread_cost),
        ("Market impact", s.impact_cost),
        *extra_costs(s),
        ("In all", s.total_cost),
    ]
    if view.run.has("funding"):
        rows.append(("Funding, received less paid", s.funding))
    cells = [[name, text.amount(value), _bps(value, s.traded), _share(value, s.start_equity)] for name, value in rows]
    head = ["Costs", view.run.currency, "bp of traded", "of starting cash"]
    return "<h2>Costs</h2>" + _table([escape(name) for name in head], cells, left=1)


def _bps(value: float, traded: float) -> str:
    return text.ratio(value / traded * 1e4, 2) if traded else text.MISSING


def _share(value: float, whole: float) -> str:
    return text.percent(value / whole) if whole else text.MISSING


def trades(view: RunView) -> str:
    """Returns the best and worst trades and the latest ones."""
    table = view.run.table("trades")
    count = len(table["asset"])
    if not count:
        return "<h2>Trades</h2><p>There was no trade.</p>"
    made = ""
    if count > 4 * EXTREME_TRADES:
        order = np.argsort(table["pnl"], kind="stable")
        extremes = [*order[::-1][:EXTREME_TRADES], *order[:EXTREME_TRADES][::-1]]
        made += "<h2>Best and worst trades</h2>" + _trade_table(view, extremes)
    latest = range(count - 1, max(count - LAST_TRADES, 0) - 1, -1)
    title = f"Last {LAST_TRADES} of {text.count(count)} trades" if count > LAST_TRADES else text.plural(count, "trade")
    return made + f'<h2>{title}</h2><div class="long">{_trade_table(view, latest)}</div>'


def _trade_table(view: RunView, rows: Iterable[int]) -> str:
    head = ["Asset", "Side", "Entry", "Exit", "Quantity", "In at", "Out at", "P&L", "Return", "Bars", "Ended by"]
    return _table(
        [escape(name) for name in head], [_trade_row(view.run, view.reasons, int(row)) for row in rows], left=4
    )


def _trade_row(run: RunColumns, reasons: Mapping[int, str], row: int) -> list[str]:
    trade = {name: int(column[row]) for name, column in run.table("trades").items()}
    asset = run.assets[trade["asset"]]
    quantity, is_open = trade["lots"] * asset.lot, trade["exit_ts"] < 0
    entry, exit_ = trade["entry_notional"] * AMOUNT, trade["exit_notional"] * AMOUNT
    lots = np.array([trade["lots"]])
    into, out = (float(asset.mean_price(lots, np.array([notional]))[0]) for notional in (entry, exit_))
    return [
        escape(asset.symbol),
        "long" if trade["side"] > 0 else "short",
        text.minute(trade["entry_ts"]),
        "open" if is_open else text.minute(trade["exit_ts"]),
        text.price(quantity),
        text.price(float(f"{into:.6g}")),
        text.MISSING if is_open else text.price(float(f"{out:.6g}")),
        text.MISSING if is_open else _money(trade["pnl"] * AMOUNT),
        text.MISSING if is_open or not entry else _signed(trade["pnl"] * AMOUNT / entry, 2),
        text.count(trade["bars"]),
        text.MISSING if is_open else escape(str(reasons.get(trade["reason"], trade["reason"])).replace("_", " ")),
    ]


def not_this(view: RunView) -> str:
    """Returns the limits of the result."""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in caveats(view))
    return f"<h2>What this number is not</h2><ul>{items}</ul>"


def settings(view: RunView) -> str:
    """Returns settings and identity side by side."""
    made = ""
    for title, pairs in (("Settings", view.settings), ("Identity", view.identity)):
        rows = "".join(
            f'<tr><th class="left">{escape(name)}</th><td class="left wrap"><code>{escape(value)}</code></td></tr>'
            for name, value in pairs.items()
        )
        made += f"<div><h2>{title}</h2><table><tbody>{rows}</tbody></table></div>" if rows else ""
    return f'<div class="columns">{made}</div>' if made else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> str:
    """Returns a table of ready cells; the first `left` columns are set left."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(f"<{tag}{' class=left' if i < left else ''}>{cell}</{tag}>" for i, cell in enumerate(row))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{cells("th", head)}</tr></thead><tbody>{body}</tbody></table></div>'


def _signed(fraction: float, digits: int = 1) -> str:
    return f'<span class="{_way(fraction)}">{text.percent(fraction, digits, signed=True)}</span>'


def _money(value: float) -> str:
    return f'<span class="{_way(value)}">{text.amount(value, signed=True)}</span>'


def _way(value: float) -> str:
    return "good" if value > 0 else "bad" if value < 0 else ""
