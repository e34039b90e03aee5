"""What was at stake over time: gross, net, number of positions, by asset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import formulas
from ..columns import AMOUNT, Floats, Ints, RunColumns, blocks, held_after, rows_at


@dataclass(frozen=True)
class AssetExposure:
    """One asset's share of equity."""

    symbol: str
    """The asset."""
    time_in_market: float
    """Share of all marks of the run with a position in it."""
    mean_gross: float
    """Mean over all marks of |value|/equity."""
    max_gross: float
    """Largest of the same."""
    mean_net: float
    """Mean of the same signed: short is negative."""
    weights: Floats
    """Signed value/equity at each day's close, shape (days + 1,)."""


@dataclass(frozen=True)
class Exposure:
    """Fractions of equity; shares of marks."""

    times: Ints
    """Close times of the days, UTC ms, shape (days + 1,)."""
    gross: Floats
    """Σ|value|/equity at each day's close, shape (days + 1,)."""
    net: Floats
    """Σ value/equity, short is negative, shape (days + 1,)."""
    positions: Ints
    """Assets with a position at each day's close, shape (days + 1,)."""
    time_in_market: float
    """Share of marks with any position."""
    time_long: float
    """Share of marks with net value above 0."""
    time_short: float
    """Share of marks with net value below 0."""
    mean_gross: float
    """Mean over all marks of Σ|value|/equity."""
    max_gross: float
    """Largest of the same."""
    mean_net: float
    """Mean over all marks of Σ value/equity."""
    mean_positions: float
    """Mean over all marks of the number of assets with a position."""
    max_positions: int
    """Most assets with a position at one mark."""
    assets: tuple[AssetExposure, ...]
    """By id."""


@dataclass
class _Sums:
    """What is added up while blocks of marks pass: per asset and for all together."""

    held: Floats
    gross: Floats
    most: Floats
    net: Floats
    in_market: int = 0
    long: int = 0
    short: int = 0
    positions: int = 0
    most_positions: int = 0
    most_gross: float = 0.0


def exposure(run: RunColumns) -> Exposure:
    """Returns the exposure of a run: sums over all marks in blocks, series at the days' closes."""
    times, rows = formulas.daily_rows(run.equity_ts)
    count, assets = len(run.equity_ts), len(run.assets)
    sums = _Sums(np.zeros(assets), np.zeros(assets), np.zeros(assets), np.zeros(assets))
    gross, net, weights = np.zeros(len(times)), np.zeros(len(times)), np.zeros((assets, len(times)))
    positions = np.zeros(len(times), dtype=np.int64)
    for block in blocks(count):
        mine = slice(*np.searchsorted(rows, (block.start, block.stop)))
        at = rows[mine] - block.start
        net[mine], gross[mine], positions[mine], weights[:, mine] = _add(run, block, sums, at)
    marks = count or np.nan
    return Exposure(
        times=times,
        gross=gross,
        net=net,
        positions=positions,
        time_in_market=sums.in_market / marks,
        time_long=sums.long / marks,
        time_short=sums.short / marks,
        mean_gross=float(sums.gross.sum()) / marks,
        max_gross=sums.most_gross if count else np.nan,
        mean_net=float(sums.net.sum()) / marks,
        mean_positions=sums.positions / marks,
        max_positions=sums.most_positions,
        assets=tuple(_asset(run, number, sums, weights[number], marks) for number in range(assets)),
    )


def _asset(run: RunColumns, number: int, sums: _Sums, weights: Floats, marks: float) -> AssetExposure:
    return AssetExposure(
        symbol=run.assets[number].symbol,
        time_in_market=float(sums.held[number]) / marks,
        mean_gross=float(sums.gross[number]) / marks,
        max_gross=float(sums.most[number]),
        mean_net=float(sums.net[number]) / marks,
        weights=weights,
    )


def _add(run: RunColumns, block: slice, sums: _Sums, at: Ints) -> tuple[Floats, Floats, Ints, Floats]:
    """Adds a block of marks to the sums; returns net, gross, positions and the assets' weights at the rows `at` of the block."""
    times, equity = run.equity_ts[block], run.equity[block] * AMOUNT
    share = np.divide(1.0, equity, out=np.zeros(len(times)), where=equity > 0)
    gross, net, positions = np.zeros(len(times)), np.zeros(len(times)), np.zeros(len(times), dtype=np.int64)
    weights = np.zeros((len(run.assets), len(at)))
    for number in range(len(run.assets)):
        own = _values(run, number, times)
        if own is None:
            continue
        own_gross, own_net, is_held = own[0] * share, own[1] * share, own[2]
        sums.held[number] += np.count_nonzero(is_held)
        sums.gross[number] += own_gross.sum()
        sums.net[number] += own_net.sum()
        sums.most[number] = max(sums.most[number], own_gross.max())
        gross += own_gross
        net += own_net
        positions += is_held
        weights[number] = own_net[at]
    sums.in_market += int(np.count_nonzero(positions))
    sums.long += int(np.count_nonzero(net > 0))
    sums.short += int(np.count_nonzero(net < 0))
    sums.positions += int(positions.sum())
    sums.most_positions = max(sums.most_positions, int(positions.max()))
    sums.most_gross = max(sums.most_gross, float(gross.max()))
    return net[at], gross[at], positions[at], weights


def _values(run: RunColumns, number: int, times: Ints) -> tuple[Floats, Floats, Ints] | None:
    """Returns (|value| over all books, net value, whether any book holds it as 0 and 1) of an asset at each time; None if never traded.

    The net value of an inverse position has the position's sign.
    """
    asset = run.assets[number]
    books = [book for book in run.books_of(number) if len(book[0])]
    if not books:
        return None
    rows = rows_at(asset, run.interval_ms, times)
    held = [held_after(fills, positions, rows) for fills, positions in books]
    price = np.abs(asset.amount(1, asset.close[np.maximum(rows, 0)]))
    if asset.convert is not None:
        price = price * run.rate(number, times)
    gross, net = np.sum(np.abs(held), axis=0), np.sum(held, axis=0)
    return gross * price, net * price, (gross != 0).astype(np.int64)
