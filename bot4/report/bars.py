"""The chart of bars: candles, fills, position and equity as columns of a page; a click on a bar shows what was decided there.

Bars are sent whole where there is room, else joined to longer ones, which the chart says. Drawn on a canvas by `assets/bars.js`, each
column of the screen with the lowest and the highest price of its bars, so that no spike is lost.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import text
from .columns import AMOUNT, AssetColumns, Ints, RunColumns, held_after
from .decisions import AssetDecisions, BarDecisions, fitted
from .page import Html, Page, asset
from .plots.spec import thin
from .view import RunView

MOST_BARS = 260_000
"""Bars of all assets in one page, about 3.5 MB."""
LEAD_BARS = 50
"""Bars shown before the first decision, at least; of long runs a twentieth of its bars."""
MOST_FILLS, MOST_ORDERS = 50_000, 5_000
"""Fills and orders of one asset in a page: the latest."""
MOST_EQUITY = 100_000
PAGE_LIMIT = 8_000_000
"""Bytes of decisions in one page."""
STATUS_WORDS = {1: "filled", 2: "cancelled", 3: "rejected", 4: "working"}
"""Codes of `orders.status` (docs/design.md)."""


def add_bars(page: Page, view: RunView) -> Html:
    """Adds the data of the chart to a page and returns its place, for `Page.section`."""
    run = view.run
    shown = by_traded(run)
    most = max(MOST_BARS // max(len(shown), 1), 1)
    assets = [_add_asset(page, view, number, most) for number in shown]
    at = thin(run.equity, MOST_EQUITY)
    page.columns("equity", {"ts": run.equity_ts[at], "value": (run.equity[at] * AMOUNT).astype(np.float32)})
    said = _add_decisions(page, view)
    page.data("bars", {"interval": run.interval_ms, "currency": run.currency, "assets": assets, "limits": said})
    page.script(asset("bars.js"))
    return Html(_place([asset["symbol"] for asset in assets]))


def by_traded(run: RunColumns) -> list[int]:
    """Returns the numbers of the assets that have bars, those that traded most first."""
    fills = run.table("fills")
    count = np.bincount(fills["asset"].astype(np.int64), minlength=len(run.assets))
    return [int(n) for n in np.argsort(-count, kind="stable") if len(run.assets[int(n)].ts)]


def _add_asset(page: Page, view: RunView, number: int, most: int) -> dict[str, Any]:
    run, name = view.run, f"bars{number}"
    first = first_shown(run, number)
    one = cut(run.assets[number], first)
    step = joined_interval(one, run.interval_ms, most)
    columns = joined(one, run.interval_ms, step)
    rows, held = run.fills_of(number)
    row = np.arange(first, first + len(one.ts), dtype=np.int64)
    position = held_after(rows, held, row) * one.lot
    last = np.append(columns["first"][1:], len(one.ts)) - 1
    page.columns(
        name,
        {
            "ts": columns["ts"],
            **{price: columns[price].astype(np.float32) for price in ("open", "high", "low", "close", "volume")},
            "position": position[last].astype(np.float32) if len(last) else position.astype(np.float32),
        },
    )
    page.columns(f"{name}fills", _fills(run, number))
    orders = _orders(view, number)
    if orders:
        page.data(f"{name}orders", orders)
    decimals = 0 if one.tick >= 1 else min(int(np.ceil(-np.log10(one.tick) - 1e-9)), 10)
    told = {
        "id": name,
        "number": number,
        "symbol": one.symbol,
        "step": step,
        "decimals": decimals,
        "hasOrders": bool(orders),
    }
    return told | {"reasons": {str(code): name.replace("_", " ") for code, name in view.reasons.items()}}


def first_shown(run: RunColumns, number: int) -> int:
    """Returns the row of an asset from which bars are shown: a little before the first decision; 0 where it never decides."""
    one = run.assets[number]
    if one.first_decision_ms is None:
        return 0
    row = int(np.searchsorted(one.ts, one.first_decision_ms - run.interval_ms))
    return max(row - max(LEAD_BARS, (len(one.ts) - row) // 20), 0)


def cut(one: AssetColumns, first: int) -> AssetColumns:
    """Returns the asset's bars from a row on."""
    columns = {name: getattr(one, name)[first:] for name in ("ts", "open", "high", "low", "close", "volume")}
    return replace(one, **columns)


def joined_interval(one: AssetColumns, interval_ms: int, most: int) -> int:
    """Returns the shortest multiple of the bars' length, in ms, at which the asset has at most `most` bars."""
    step = interval_ms
    if len(one.ts) > most:
        step = interval_ms * -(-len(one.ts) // most)
        natural = [n * 60_000 for n in (1, 5, 15, 30, 60, 120, 240, 360, 480, 720, 1440, 2880, 10080, 43200)]
        step = next((n for n in natural if n >= step and n % interval_ms == 0), step)
    return step


def joined(one: AssetColumns, interval_ms: int, step: int) -> dict[str, Any]:
    """Returns the bars joined to a longer interval: open of the first, close of the last, highest high, lowest low, sum of volumes.

    `first` is the row of the first bar in each.
    """
    if step == interval_ms or not len(one.ts):
        found = {name: getattr(one, name) for name in ("ts", "open", "high", "low", "close", "volume")}
        return found | {"first": np.arange(len(one.ts), dtype=np.int64)}
    slot = one.ts // step
    first = np.flatnonzero(np.append(True, slot[1:] != slot[:-1]))
    last = np.append(first[1:], len(slot)) - 1
    return {
        "ts": slot[first] * step,
        "open": one.open[first],
        "high": np.maximum.reduceat(one.high, first),
        "low": np.minimum.reduceat(one.low, first),
        "close": one.close[last],
        "volume": np.add.reduceat(one.volume, first),
        "first": first,
    }


def _fills(run: RunColumns, number: int) -> dict[str, NDArray[Any]]:
    fills, one = run.table("fills"), run.assets[number]
    mine = np.flatnonzero(fills["asset"] == number)[-MOST_FILLS:]
    return {
        "ts": one.ts[fills["row"][mine].astype(np.int64)],
        "price": fills["ticks"][mine] * one.tick,
        "qty": fills["lots"][mine] * one.lot,
        "position": fills["position"][mine] * one.lot,
        "fee": fills["fee"][mine] * AMOUNT,
        "reason": fills["reason"][mine].astype(np.uint8),
    }


def _orders(view: RunView, number: int) -> dict[str, list[str]]:
    """Returns the asset's latest orders as text by the decision's time: what was wanted, and what became of it."""
    orders, one = view.run.table("orders"), view.run.assets[number]
    mine = np.flatnonzero(orders["asset"] == number)[-MOST_ORDERS:]
    found: dict[str, list[str]] = {}
    for row in mine.tolist():
        order = {
            name: int(orders[name][row])
            for name in ("id", "ts", "side", "wanted", "filled", "status", "cause", "done_ts")
        }
        cause = view.causes.get(order["cause"], "").replace("_", " ")
        said = f"order {order['id']}: {'buy' if order['side'] > 0 else 'sell'} {text.price(order['wanted'] * one.lot)}"
        said += f", {STATUS_WORDS.get(order['status'], 'sent')}"
        said += f" ({cause})" if cause and cause != "none" else ""
        said += f" {text.minute(order['done_ts'])}" if order["done_ts"] >= 0 else ""
        if 0 < order["filled"] != order["wanted"]:
            said += f", {text.price(order['filled'] * one.lot)} filled"
        found.setdefault(str(order["ts"]), []).append(said)
    return found


def _add_decisions(page: Page, view: RunView) -> str:
    """Adds what is known of decisions; returns a sentence where not all of it has room."""
    known = view.decisions
    if known is None:
        return ""
    kept = fitted(known, [active_rows(view.run, number) for number in range(len(view.run.assets))], PAGE_LIMIT)
    for number, one in enumerate(kept.assets):
        if one is not None and len(one.rows):
            _add_one(page, number, one, view.run.assets[number])
    return limits(known, kept)


def limits(known: BarDecisions, kept: BarDecisions) -> str:
    """Returns the sentence that says how many bars' decisions are in the page, where it is not all."""
    whole, part = (sum(len(one.rows) for one in d.assets if one is not None) for d in (known, kept))
    if whole == part:
        return ""
    return (
        f"The page holds the expressions of {text.count(part)} of {text.count(whole)} bars, those nearest to orders and "
        "fills; `bot4 why` tells of any other."
    )


def _add_one(page: Page, number: int, one: AssetDecisions, bars: AssetColumns) -> None:
    name = f"decisions{number}"
    reasons = np.full(len(one.rows), -1, dtype=np.int16) if one.reasons is None else one.reasons
    facts = np.array(list(one.facts.values()), dtype=np.float32).reshape(len(one.facts), len(one.rows))
    columns: dict[str, NDArray[Any]] = {
        "ts": bars.ts[one.rows],
        "values": one.values.astype(np.float32),
        "facts": facts,
        "reasons": reasons,
    }
    page.columns(name, columns)
    page.data(
        f"{name}tree",
        {
            "nodes": [[node.label, list(node.inputs), int(node.is_condition)] for node in one.nodes],
            "roots": [[root.label, root.node] for root in one.roots],
            "facts": list(one.facts),
            "sentences": list(one.sentences),
            "events": {str(int(bars.ts[row])): list(texts) for row, texts in one.events.items()},
        },
    )


def active_rows(run: RunColumns, number: int) -> Ints:
    """Returns the asset's bars with a fill, or at whose close an order was sent."""
    fills, orders, bars = run.table("fills"), run.table("orders"), run.assets[number].ts
    filled = fills["row"][fills["asset"] == number].astype(np.int64)
    sent = np.searchsorted(bars, orders["ts"][orders["asset"] == number] - run.interval_ms, side="right") - 1
    return np.unique(np.concatenate([filled, sent[sent >= 0]]))


def _place(symbols: list[str]) -> str:
    options = "".join(f'<option value="{i}">{escape(symbol)}</option>' for i, symbol in enumerate(symbols))
    choice = f'<select aria-label="Asset"{" hidden" if len(symbols) < 2 else ""}>{options}</select>'
    spans = "".join(
        f'<button type="button" data-span="{name}">{name}</button>' for name in ("1w", "1m", "6m", "1y", "all")
    )
    told = "Bars, fills, equity and position. Arrow keys choose a bar, plus and minus zoom."
    return (
        f'<div class="bars" id="barchart"><div class="bartools">{choice}'
        f'<div class="switch" role="group" aria-label="Time shown">{spans}</div>'
        '<span class="soft small readout" aria-hidden="true"></span></div><div class="figure">'
        f'<div class="plot barplot" tabindex="0" role="application" aria-roledescription="chart" aria-label="{told}">'
        '<canvas></canvas></div><figcaption></figcaption></div><div class="decision" aria-live="polite"></div></div>'
    )
