"""Closed trades of runs as evidence holds them, and how often each was increased under water."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot4.backtest.result import Result
from bot4.backtest.walkforward.splits import Span
from bot4.report.columns import Ints, RunColumns
from bot4.report.tear.rounds import Rounds, rounds

from ..evidence import Trades
from .days import equity_at, profits

COLUMNS = ("entry_ms", "exit_ms", "asset", "side", "notional", "pnl", "adds_under_water")


def trades_of(result: Result, universe: Sequence[str], span: Span) -> Trades:
    """Returns the trades of a run over a span in order of their exit.

    What is held at the end counts as closed there at its mark: the next test begins flat, and left out, the trades would lack those that
    last longest, mostly winners.
    """
    run = result.columns
    every, adds = _marked(rounds(run), run, span), adds_under_water(run)
    chosen = np.argsort(every.exit_ms, kind="stable")
    place = {name: number for number, name in enumerate(universe)}
    names = np.array([place[f"{asset.venue}:{asset.symbol}"] for asset in run.assets], dtype=np.int64)
    equity = equity_at(run, every.entry_ms[chosen])
    sound = np.maximum(equity, 1e-8)
    return Trades(
        every.entry_ms[chosen].astype(np.int64),
        every.exit_ms[chosen].astype(np.int64),
        names[every.asset[chosen]],
        every.side[chosen].astype(np.int64),
        every.stake[chosen] / sound,
        every.profit[chosen] / sound,
        adds[chosen],
    )


def _marked(every: Rounds, run: RunColumns, span: Span) -> Rounds:
    """Returns the trades with open ones closed at the end of the span: of an asset's profit, what its closed trades did not make.

    Open trades of one asset, on several sleeves, have equal parts of it.
    """
    is_open = every.exit_ms < 0
    if not is_open.any():
        return every
    size = len(run.assets)
    closed = np.bincount(every.asset[~is_open], weights=every.profit[~is_open], minlength=size)
    number = np.bincount(every.asset[is_open], minlength=size)
    each = (profits(run, span) - closed) / np.maximum(number, 1)
    return replace(
        every,
        exit_ms=np.where(is_open, span.end_ms, every.exit_ms),
        profit=np.where(is_open, each[every.asset], every.profit),
    )


def joined(parts: Sequence[Trades]) -> Trades:
    """Returns the trades of runs that follow one another."""
    return Trades(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS})


def rebalances_of(result: Result) -> int:
    """Returns at how many instants a run's fills changed a position."""
    fills = result.columns.table("fills")
    return len(np.unique(fills["ts"][fills["lots"] != 0]))


def adds_under_water(run: RunColumns) -> Ints:
    """Returns for each trade, in the engine's order, how many fills increased it below its mean entry price (above it, if short)."""
    trades, fills = run.table("trades"), run.table("fills")
    found = np.zeros(len(trades["asset"]), dtype=np.int64)
    opened = _books(trades)
    order = {book: rows[np.argsort(trades["entry_ts"][rows], kind="stable")] for book, rows in opened.items()}
    for book, rows in _books(fills).items():
        mine = order.get(book, np.empty(0, dtype=np.int64))
        for number, count in enumerate(_adds(fills["lots"][rows].tolist(), fills["ticks"][rows].tolist())[: len(mine)]):
            found[mine[number]] = count
    return found


def _books(columns: Mapping[str, NDArray[Any]]) -> dict[tuple[int, int], Ints]:
    """Returns the rows of each book: one for each asset, of sleeves for each asset and sleeve."""
    sleeve = columns.get("sleeve", np.zeros(len(columns["asset"]), dtype=np.int64))
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row, key in enumerate(zip(columns["asset"].tolist(), sleeve.tolist(), strict=True)):
        found[key].append(row)
    return {key: np.array(rows, dtype=np.int64) for key, rows in found.items()}


def _adds(lots: Sequence[int], ticks: Sequence[int]) -> list[int]:
    """Returns the increases under water of each trade that one book's fills make."""
    counts: list[int] = []
    held, cost = 0, 0
    for change, price in zip(lots, ticks, strict=True):
        if held == 0 or (held > 0) != (held + change > 0):
            if held + change != 0:  # opened, or turned over
                counts.append(0)
            held, cost = held + change, (held + change) * price
        elif (held > 0) == (change > 0):
            if (held * price - cost) < 0:
                counts[-1] += 1
            held, cost = held + change, cost + change * price
        else:
            cost = cost * (held + change) // held
            held += change
    return counts
