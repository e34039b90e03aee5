"""The grid of a recording: tick and lot, stated or from the decimals seen, and the columns on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot4.data.errors import DataError
from bot4.data.instrument import Exact, Instrument, decimal_text, make_instrument
from bot4.data.ticks.columns import Ints
from bot4.data.ticks.recording import Recording


def put_on_grid(recording: Recording, label: str, tick: Exact | None = None, lot: Exact | None = None) -> Instrument:
    """Puts a recording's columns on the grid of its instrument, in place, and returns the instrument.

    Where a tick or lot is not stated it is one unit of the last decimal seen. Raises `DataError` for a price off a stated grid.
    """
    depth, trades, best, orders = recording.depth, recording.trades, recording.best, recording.orders
    prices = [depth.ticks, trades.ticks, best.bid_ticks, best.ask_ticks, orders.ticks]
    quantities = [depth.lots, trades.lots, best.bid_lots, best.ask_lots, orders.lots]
    places = recording.decimals
    tick_step = _step(prices, places, tick, label, "tick")
    lot_step = _step(quantities, places, lot, label, "lot")
    recording.depth = replace(depth, ticks=depth.ticks // tick_step, lots=depth.lots // lot_step)
    recording.trades = replace(trades, ticks=trades.ticks // tick_step, lots=trades.lots // lot_step)
    recording.best = replace(
        best,
        bid_ticks=best.bid_ticks // tick_step,
        bid_lots=best.bid_lots // lot_step,
        ask_ticks=best.ask_ticks // tick_step,
        ask_lots=best.ask_lots // lot_step,
    )
    recording.orders = replace(orders, ticks=orders.ticks // tick_step, lots=orders.lots // lot_step)
    made = make_instrument(recording.venue, recording.base, recording.quote, recording.kind)
    contract = None
    if recording.contract is not None:
        whole, _, rest = recording.contract.partition(".")
        contract = (int(whole + rest), len(rest))
    return replace(
        made,
        tick=_exact(tick_step, places),
        lot=_exact(lot_step, places),
        grid="file" if tick and lot else "seen",
        contract=contract,
    )


def _step(columns: list[Ints], places: int, stated: Exact | None, label: str, name: str) -> int:
    """Returns the step of a grid in units of 10^-places, checked against every value."""
    if stated is None:
        step = int(10**places)
        for column in columns:
            while step > 1 and len(column) and (column % step).any():
                step //= 10
        return step
    n, d = stated
    if d > places or n < 1:
        raise DataError(f"{label}: {name} {decimal_text(stated)} is finer than the {places} decimals that are read.")
    step = int(n * 10 ** (places - d))
    for column in columns:
        off = np.flatnonzero(column % step)
        if len(off):
            value = decimal_text(_exact(int(column[off[0]]), places))
            raise DataError(f"{label}: {value} is no multiple of the {name} {decimal_text(stated)}; state a finer one.")
    return step


def _exact(step: int, places: int) -> Exact:
    while places and step % 10 == 0:
        step, places = step // 10, places - 1
    return step, places
