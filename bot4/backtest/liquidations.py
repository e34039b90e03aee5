"""Liquidations in sentences: how many, where first, what they cost; and one apart for those that began at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from bot4.report import text
from bot4.report.carry import LIQUIDATION
from bot4.report.columns import AMOUNT

if TYPE_CHECKING:
    from .result import Result

NAMED = 3


def liquidation_notes(result: Result) -> Iterator[str]:
    """Yields what the venue closed by force."""
    run = result.columns
    trades = run.table("trades")
    rows = np.flatnonzero((trades["reason"] == LIQUIDATION) & (trades["exit_ts"] >= 0))
    if not len(rows):
        return
    symbols = [run.assets[int(number)].symbol for number in trades["asset"][rows]]
    counts = {symbol: symbols.count(symbol) for symbol in dict.fromkeys(symbols)}
    named = ", ".join(f"{symbol} {count} ×" for symbol, count in list(counts.items())[:NAMED])
    first = int(rows[np.argmin(trades["exit_ts"][rows])])
    stats = result.stats
    fees = (
        f", {text.amount(stats.liquidation_fees)} {run.currency} of liquidation fees" if stats.liquidation_fees else ""
    )
    yield (
        f"{text.plural(len(rows), 'position')} {'was' if len(rows) == 1 else 'were'} liquidated ({named}), the first "
        f"{text.minute(int(trades['exit_ts'][first]))}{fees}: a lower leverage or smaller sizes keep the margin above maintenance."
    )
    yield from _at_once(result, rows)


def _at_once(result: Result, rows: np.ndarray) -> Iterator[str]:
    """Names the first position that was liquidated in the bar it was opened in: it was too large for its margin from the start."""
    run, trades = result.columns, result.columns.table("trades")
    early = rows[trades["exit_ts"][rows] - trades["entry_ts"][rows] < run.interval_ms]
    if not len(early):
        return
    row = int(early[0])
    number = int(trades["asset"][row])
    asset = run.assets[number]
    margin = result.config.with_margin(result.market.instruments[number]).margin
    rules = f" under {margin.text()}" if margin is not None else ""
    notional = text.amount(float(trades["entry_notional"][row]) * AMOUNT)
    yield (
        f"{asset.symbol}: a position of {notional} {result.market.instruments[number].settle} was liquidated in the bar it was opened in "
        f"({text.minute(int(trades['entry_ts'][row]))}){rules}: the margin it started with was too near its maintenance, or below; give a "
        "lower leverage= or a smaller size."
    )
