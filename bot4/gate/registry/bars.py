"""The identity of data up to a moment: what a registration fixes, and what longer data must begin with."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bot4.backtest.setup import Setup
    from bot4.data import Market


def data_digest(setup: Setup, end_ms: int) -> str:
    """Returns SHA-256 over interval, names and the bars that open before `end_ms`, finer bars and funding rates up to then.

    Ticks and lots are left out: where they are guessed from decimals, a later bar may refine them.
    """
    state = hashlib.sha256()
    _take(state, setup.market, end_ms)
    if setup.beside.detail is not None:
        _take(state, setup.beside.detail.market, end_ms)
    for number, series in enumerate(setup.beside.funding.series):
        if series is not None:
            count = int(np.searchsorted(series.ts, end_ms, side="right"))
            state.update(f"funding {number} {count} ".encode())
            state.update(np.ascontiguousarray(series.ts[:count], "<i8").tobytes())
            state.update(np.ascontiguousarray(series.rate[:count], "<f8").tobytes())
    return state.hexdigest()


def _take(state: hashlib._Hash, market: Market, end_ms: int) -> None:
    state.update(f"{market.interval_ms} ".encode())
    for instrument, columns in market:
        count = int(np.searchsorted(columns.ts, end_ms))
        state.update(f"{instrument.venue} {instrument.symbol} {count} ".encode())
        for column in columns:
            part = column[:count]
            state.update(np.ascontiguousarray(part, part.dtype.newbyteorder("<")).tobytes())
