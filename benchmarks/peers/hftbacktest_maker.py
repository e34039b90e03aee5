"""hftbacktest over tiled ticks with a maker that quotes every 100 ms: `python hftbacktest_maker.py IN.npz TILES`, in its own environment.

IN holds columns as `hftbacktest_orders.py` reads them. The maker cancels what it has and quotes the best bid and ask anew, as
`engine/ticks/examples/replay_bench.rs` does. Compilation is run off before the clock starts. Fills are whole: with
partial ones an order filled to exactly nothing ends the run (`hftbacktest_orders.py`). Prints one JSON line.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import hftbacktest as hb
import numpy as np
from hftbacktest.types import event_dtype
from numba import njit

sys.path.append(str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.hftbacktest_orders import asset, events  # found by the line above

QUOTE_NS, LOTS = 100_000_000, 10.0
ENTRY_NS, RESPONSE_NS = 3_000_000, 2_000_000
POST = 1


@njit  # type: ignore[untyped-decorator, unused-ignore]
def make(bt: Any) -> int:
    """Quotes until the data ends; returns the number of quotes."""
    number, last_bid, last_ask, quotes = 1, 0, 0, 0
    while bt.elapse(QUOTE_NS) == 0:
        if last_bid:
            bt.cancel(0, last_bid, False)
        if last_ask:
            bt.cancel(0, last_ask, False)
        bt.clear_inactive_orders(0)
        depth = bt.depth(0)
        if depth.best_bid_tick > 0:
            bt.submit_buy_order(0, number, depth.best_bid, LOTS, POST, 0, False)
            last_bid, number, quotes = number, number + 1, quotes + 1
        if depth.best_ask_tick < 2**62:
            bt.submit_sell_order(0, number, depth.best_ask, LOTS, POST, 0, False)
            last_ask, number, quotes = number, number + 1, quotes + 1
    return quotes


def tiled(data: Any, tiles: int) -> Any:
    """Returns the events repeated, each time later."""
    shift = int(data["local_ts"].max() - data["local_ts"].min()) + 1_000_000_000
    whole = np.empty(len(data) * tiles, event_dtype)
    for tile in range(tiles):
        part = whole[tile * len(data) : (tile + 1) * len(data)]
        part[:] = data
        part["exch_ts"] += tile * shift
        part["local_ts"] += tile * shift
    return whole


def played(data: Any) -> tuple[float, int]:
    """Returns the seconds of one run and its quotes."""
    models = {"queue": "power", "exponent": 3.0, "is_partial": False, "entry_ns": ENTRY_NS, "response_ns": RESPONSE_NS}
    made = asset(data, models | {"latency": ()}).roi_lb(1.0).roi_ub(2e6)
    bt = hb.ROIVectorMarketDepthBacktest([made])
    start = time.perf_counter()
    quotes = make(bt)
    return time.perf_counter() - start, int(quotes)


def main(source: str, tiles: int) -> None:
    """Compiles on one tile, then times three runs over all."""
    given = np.load(source)
    data = events(given)
    played(data)
    whole = tiled(data, tiles)
    runs = [played(whole) for _ in range(3)]
    rows = (len(given["depth_ticks"]) + len(given["trades_ticks"])) * tiles
    seconds = sorted(run[0] for run in runs)
    figures = {"events": rows, "best_per_s": rows / seconds[0], "median_per_s": rows / seconds[1], "quotes": runs[0][1]}
    print(json.dumps(figures | {"version": hb.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
