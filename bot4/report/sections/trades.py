"""Trades and orders: what kinds brought how much, how far they went, each one, and what never was filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .. import text
from ..columns import AMOUNT, RunColumns
from ..page import Page
from ..plots import distributions, groups
from ..tear import TearSheet
from ..tear.breakdown import Group
from ..view import RunView
from .cells import aside, couple, money, pairs, signed, titled

MOST_TRADES = 1_000
EXTREME_TRADES = 5


def breakdown(page: Page, view: RunView, tear: TearSheet) -> None:
    """Adds closed trades by asset, side, reason, hour and weekday."""
    b = tear.breakdown
    if not b.assets:
        return
    made = ""
    for title, found in (("Side", b.sides), ("Why it began", b.entry_reasons), ("Why it ended", b.exit_reasons)):
        made += _groups(page, title, found) if found else ""
    made += _groups(page, "Asset", b.assets) if len(b.assets) > 1 else ""
    figures = [
        page.figure(groups.profits(found), 220, f"Profit by {what}", caption=f"Profit by {what}, {view.run.currency}.")
        for found, what in (
            (b.hours, "hour of entry, UTC"),
            (b.weekdays, "weekday of entry"),
            (b.months, "month of exit"),
        )
        if sum(group.trades > 0 for group in found) > 1
    ]
    made = f'<div class="even">{made}</div>'
    page.section("Trades by kind", made + (couple(*figures[:-1]) if len(figures) > 1 else "") + "".join(figures[-1:]))


def _groups(page: Page, title: str, found: Sequence[Group]) -> str:
    head = [title, "Trades", "Won", "Profit", "of cash", "Mean return", "Factor", "Best", "Worst", "Mean hours"]
    rows = [
        [
            group.label.replace("_", " "),
            text.count(group.trades),
            text.percent(group.win_rate),
            money(group.profit),
            text.percent(group.share, 2),
            text.percent(group.mean_return, 2, signed=True),
            text.ratio(group.profit_factor),
            text.amount(group.best, signed=True),
            text.amount(group.worst, signed=True),
            text.ratio(group.mean_hours, 1),
        ]
        for group in found
    ]
    return page.table(head, rows, sortable=len(rows) > 2, tall=len(rows) > 14, name=f"Trades by {title.lower()}")


def excursions(page: Page, view: RunView, tear: TearSheet) -> None:
    """Adds how far trades went against and for us, and the quality of trades as a whole."""
    e, t = tear.excursions, tear.trades
    if not t.count:
        return
    figures = [
        page.figure(distributions.excursions(e, view.run, "mae"), 300, "Worst moment of each trade against its result"),
        page.figure(distributions.excursions(e, view.run, "mfe"), 300, "Best moment of each trade against its result"),
    ]
    left: list[tuple[object, object]] = [
        ("Mean profit of a trade", text.amount(t.mean_profit, signed=True)),
        ("Mean win, mean loss", f"{text.amount(t.mean_win, signed=True)}, {text.amount(t.mean_loss, signed=True)}"),
        ("Payoff, expectancy ratio", f"{text.ratio(t.payoff)}, {text.ratio(t.expectancy_ratio)}"),
        ("System quality number", text.ratio(t.sqn)),
        ("p of a mean return of 0", text.ratio(t.mean_p, 3)),
        ("Most wins, losses in a row", f"{text.count(t.longest_wins)}, {text.count(t.longest_losses)}"),
    ]
    right: list[tuple[object, object]] = [
        ("Hours: shortest, median, longest", _hours(t.durations.shortest, t.durations.median, t.durations.longest)),
        ("Mean hours of wins, losses", _hours(t.win_durations.mean, t.loss_durations.mean)),
        ("Edge ratio (mean MFE/MAE)", text.ratio(e.edge_ratio)),
        ("Kept of the best moment", text.percent(e.mfe_captured)),
        ("Losses that were ahead by as much", text.percent(e.losses_once_ahead)),
        ("95 % of wins never fell below", text.percent(e.mae_wins_95, 2)),
    ]
    page.section(
        "How trades went",
        couple(*figures) + aside(pairs(page, left), pairs(page, right)),
        "Maximum adverse and favourable excursion, as fractions of the entry price, beside what the trade brought.",
    )


def _hours(*hours: float) -> str:
    return ", ".join(text.ratio(value, 1) for value in hours)


def trades(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds the best and worst trades and the latest ones."""
    table = view.run.table("trades")
    count = len(table["asset"])
    if not count:
        page.section("Trades", "<p>There was no trade.</p>")
        return
    made = ""
    if count > 4 * EXTREME_TRADES:
        order = np.argsort(table["pnl"], kind="stable")
        extremes = [*order[::-1][:EXTREME_TRADES], *order[:EXTREME_TRADES][::-1]]
        made += titled("Best and worst", _trade_table(page, view, extremes, "Best and worst trades"))
    latest = range(count - 1, max(count - MOST_TRADES, 0) - 1, -1)
    note = ""
    if count > MOST_TRADES:
        note = f"Shown are the last {text.count(MOST_TRADES)} of {text.count(count)}; result.trades has all of them."
    every = _trade_table(page, view, latest, "Trades, latest first", is_long=True)
    still = int((table["exit_ts"] < 0).sum())
    title = text.plural(count - still, "trade") + (f" and {still} still open" if still else "")
    page.section(title, made + (titled("Latest first", every) if made else every), note)


def _trade_table(page: Page, view: RunView, rows: Iterable[int], name: str, is_long: bool = False) -> str:
    head = ["Asset", "Side", "Entry", "Exit", "Quantity", "In at", "Out at", "P&L", "Return", "Bars", "Ended by"]
    cells = [_trade_row(view.run, view.reasons, int(row)) for row in rows]
    is_big = is_long and len(cells) > 2
    return page.table(head, cells, 4, sortable=is_big, tall=is_long, filterable=is_big and len(cells) > 12, name=name)


def _trade_row(run: RunColumns, reasons: Mapping[int, str], row: int) -> list[object]:
    trade = {name: int(column[row]) for name, column in run.table("trades").items()}
    asset = run.assets[trade["asset"]]
    quantity, is_open = trade["lots"] * asset.lot, trade["exit_ts"] < 0
    entry, exit_ = trade["entry_notional"] * AMOUNT, trade["exit_notional"] * AMOUNT
    lots = np.array([trade["lots"]])
    into, out = (float(asset.mean_price(lots, np.array([notional]))[0]) for notional in (entry, exit_))
    return [
        asset.symbol,
        "long" if trade["side"] > 0 else "short",
        text.minute(trade["entry_ts"]),
        "open" if is_open else text.minute(trade["exit_ts"]),
        text.price(quantity),
        text.price(float(f"{into:.6g}")),
        text.MISSING if is_open else text.price(float(f"{out:.6g}")),
        text.MISSING if is_open else money(trade["pnl"] * AMOUNT),
        text.MISSING if is_open or not entry else signed(trade["pnl"] * AMOUNT / entry, 2),
        text.count(trade["bars"]),
        text.MISSING if is_open else str(reasons.get(trade["reason"], trade["reason"])).replace("_", " "),
    ]


def left_open(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds the positions that were open at the end."""
    found = tear.breakdown.open_positions
    if found:
        rows = [
            [one.symbol, one.side, text.minute(one.entry_ms), money(one.profit), signed(one.share, 2)] for one in found
        ]
        table = page.table(
            ["Asset", "Side", "Entry", "P&L so far", "Return"], rows, 3, tall=len(rows) > 14, name="Open"
        )
        page.section("Left open", table, "Marked at the last close, after fees; not sold.")


def refused(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds orders that were cut, cancelled or rejected, by cause."""
    t = tear.trades
    if not t.causes:
        return
    rows = [[c.cause.replace("_", " "), text.count(c.orders), text.count(c.rejected)] for c in t.causes]
    note = (
        f"Of {text.plural(t.orders, 'order')} {text.count(t.filled)} were filled, {text.count(t.cancelled)} cancelled, "
        f"{text.count(t.rejected)} rejected, {text.count(t.cut)} sent for less than was wanted; "
        "`bot4 why` tells each one's story."
    )
    table = page.table(["Cause", "Orders", "of these rejected"], rows, name="Orders by cause")
    page.section("Orders cut, cancelled or rejected", table, note)
