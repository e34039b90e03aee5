"""The engine's samples against a second implementation: a dictionary for each side, one event at a time."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bot4 import _engine
from bot4.data import DataError
from bot4.data.ticks import features, import_files
from bot4.data.ticks.replaying import engine_columns
from tests.ticks.recordings import FUTURES, write

DATA = Path(os.environ.get("BOT4_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "ticks" / "binance-l2"


class Plain:
    """Book, flow and rows, written from the definitions alone."""

    def __init__(self, levels):
        self.sides: dict[int, dict[int, int]] = {1: {}, -1: {}}
        self.levels, self.rows = levels, []
        self.top = (None, None)
        self.last = 0
        self.fresh()

    def fresh(self):
        self.ofi = self.bought = self.sold = self.trades = self.quotes = 0

    def level(self, side, ticks, lots, flags):
        if flags & 5 == 5:
            self.sides = {1: {}, -1: {}}
        other = self.sides[-side]
        if lots:
            self.sides[side][ticks] = lots
            for price in [p for p in other if (p - ticks) * side <= 0]:
                del other[price]
        else:
            self.sides[side].pop(ticks, None)

    def best(self):
        bids, asks = self.sides[1], self.sides[-1]
        return (
            (max(bids), bids[max(bids)]) if bids else None,
            (min(asks), asks[min(asks)]) if asks else None,
        )

    def quote(self, top):
        self.quotes += 1
        (bid0, ask0), (bid, ask) = self.top, top
        if bid0 and bid:
            self.ofi += (bid[1] if bid[0] >= bid0[0] else 0) - (bid0[1] if bid[0] <= bid0[0] else 0)
        if ask0 and ask:
            self.ofi += (ask0[1] if ask[0] >= ask0[0] else 0) - (ask[1] if ask[0] <= ask0[0] else 0)
        self.top = top

    def trade(self, ticks, lots, buyer_is_maker):
        self.trades, self.last = self.trades + 1, ticks
        if buyer_is_maker:
            self.sold += lots
        else:
            self.bought += lots

    def row(self, at):
        bid, ask = self.top
        whole = bid and ask
        bids = sum(q for _, q in sorted(self.sides[1].items(), reverse=True)[: self.levels])
        asks = sum(q for _, q in sorted(self.sides[-1].items())[: self.levels])
        self.rows.append(
            {
                "local_ns": at,
                "bid_ticks": bid[0] if bid else 0,
                "ask_lots": ask[1] if ask else 0,
                "mid": (bid[0] + ask[0]) / 2 if whole else np.nan,
                "microprice": (bid[0] * ask[1] + ask[0] * bid[1]) / (bid[1] + ask[1]) if whole else np.nan,
                "imbalance": (bid[1] - ask[1]) / (bid[1] + ask[1]) if whole else np.nan,
                "depth_imbalance": (bids - asks) / (bids + asks) if bids + asks else np.nan,
                "ofi": self.ofi,
                "bought": self.bought,
                "sold": self.sold,
                "last": self.last,
                "trades": self.trades,
                "quotes": self.quotes,
            }
        )
        self.fresh()


def plainly(ticks, every, source, levels, until):
    """Returns the rows up to a time."""
    depth, trades, best = ticks.depth.columns(), ticks.trades.columns(), ticks.best.columns()
    events = [(int(t), 0, i) for i, t in enumerate(depth["local_ns"]) if t <= until]
    events += [(int(t), 2, i) for i, t in enumerate(trades["local_ns"]) if t <= until]
    if source == "best":
        events += [(int(t), 1, i) for i, t in enumerate(best["local_ns"]) if t <= until]
    events.sort()
    plain = Plain(levels)
    row = -(-events[0][0] // every) * every
    for now, kind, at in events:
        while row < now:
            plain.row(row)
            row += every
        if kind == 0:
            plain.level(*(int(depth[name][at]) for name in ("side", "ticks", "lots", "flags")))
            if source == "book" and depth["flags"][at] & 2:
                plain.quote(plain.best())
        elif kind == 1:
            bid, bid_lots, ask, ask_lots = (
                int(best[n][at]) for n in ("bid_ticks", "bid_lots", "ask_ticks", "ask_lots")
            )
            plain.quote(((bid, bid_lots) if bid_lots else None, (ask, ask_lots) if ask_lots else None))
        else:
            plain.trade(*(int(trades[name][at]) for name in ("ticks", "lots", "buyer_is_maker")))
    return plain.rows


@pytest.mark.parametrize("source", ["book", "best"])
@pytest.mark.parametrize("name", ["usdm-btcusdt_20240808.gz", "spot-ethusdt_20240808.gz", "made"])
def test_the_samples_are_those_of_the_definitions(tmp_path, name, source):
    if name != "made" and not (DATA / name).exists():
        pytest.skip("the tick data is not here; set BOT4_TEST_DATA to its folder")
    ticks = import_files([write(tmp_path, FUTURES) if name == "made" else DATA / name])[0]
    every = 10_000_000 if name == "made" else 100_000_000
    until = ticks.span_ns[0] + 40_000_000_000
    best = ticks.best.columns() if source == "best" else None
    ours = _engine.ticks_features(*engine_columns(ticks.depth, ticks.trades), best, every, 5)
    rows = plainly(ticks, every, source, 5, until)
    assert len(rows) >= (2 if name == "made" else 390)
    for column in rows[0]:
        theirs = np.array([row[column] for row in rows])
        assert np.array_equal(ours[column][: len(rows)], theirs, equal_nan=True), column


def test_units_are_put_on_and_what_is_empty_is_missing(tmp_path):
    ticks = import_files([write(tmp_path, FUTURES)])[0]
    sampled = features(ticks, every_ns=10_000_000)
    assert sampled.local_ns.tolist() == [1_010_000_000, 1_020_000_000, 1_030_000_000]
    assert sampled.bid.tolist() == [10.4, 10.4, 10.4]
    assert np.allclose(sampled.bid_qty, [1.5, 1.5, 1.0])
    assert np.isclose(sampled.microprice[0], (10.4 * 3 + 10.5 * 1.5) / 4.5)
    assert np.allclose(sampled.last, [10.5, 10.5, 10.4])
    assert (sampled.trades.tolist(), sampled.sold.tolist()) == ([1, 0, 1], [0.0, 0.0, 0.5])
    assert np.isnan(features(ticks, 0, "best").mid[0])
    with pytest.raises(DataError, match="'last' is no source of best prices"):
        features(ticks, source="last")
