"""A setup cut to one window: bars that open before its end, decisions from its start on, every earlier bar to warm up.

The same bars and times as `b4.backtest(start=…, end=…)` on the same data. Columns are slices that share the memory of the whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine import Beside
from ..funding import Funding

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.data.detail import Detail

    from ..setup import Setup
    from .splits import Span


def cut(setup: Setup, span: Span, cash: float | None = None) -> Setup:
    """Returns the setup of a run over a span, with its own starting cash where one is given."""
    market = setup.market.slice(end=span.end_ms)
    place = {instrument.key: number for number, instrument in enumerate(setup.market.instruments)}
    kept = [place[instrument.key] for instrument in market.instruments]
    funding = Funding(tuple(setup.beside.funding.series[n] for n in kept), setup.beside.funding.default)
    detail = None if setup.beside.detail is None else _cut_detail(setup.beside.detail, market, kept, span.end_ms)
    config = setup.config if cash is None else replace(setup.config, cash=cash)
    return replace(setup, market=market, config=config, trade_from_ms=span.start_ms, beside=Beside(funding, detail))


def _cut_detail(detail: Detail, coarse: Market, kept: list[int], end_ms: int) -> Detail:
    """Returns the finer bars inside the bars that are left, for the instruments that are left, in their order."""
    assets = []
    for number in kept:
        columns = detail.market.columns[number]
        assets.append((detail.market.instruments[number], columns.cut(0, int(np.searchsorted(columns.ts, end_ms)))))
    market = detail.market.build(assets, detail.market.interval_ms, (), detail.market.accounts)
    ratio = coarse.interval_ms // market.interval_ms
    return replace(detail, market=market, covered=market.rows // ratio, coarse_bars=coarse.rows)
