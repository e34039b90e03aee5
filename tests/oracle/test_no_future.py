"""The future cannot leak: cut or scramble all bars after t, and every result of the engine up to t is identical."""

from __future__ import annotations

import dataclasses
import math
from random import Random

import pytest

from . import compare
from .cases import CASES, KINDS
from .cases import case as make
from .generate import Case, Market, to_float, unit
from .records import ENTRY, EXIT_SIGNAL, ORDER, REJECTED, STOP_TIME, TARGET, IntBar
from .signals import feedback_nodes

COUNT = max(len(KINDS), CASES // 50)
DECIDED = (TARGET, STOP_TIME, ORDER, ENTRY, EXIT_SIGNAL)
KNOWN_WHEN_SENT = ["id", "ts", "asset", "side", "lots", "wanted", "ref_ticks", "reason"]


def scrambled(m: Market, ts: int, r: Random) -> Market:
    """Returns the market with other bars after `ts`: other prices, other volumes, some missing."""
    int_bars, bars = [], {}
    for info, rows in zip(m.instruments, m.int_bars, strict=True):
        other = {}
        for t, b in rows.items():
            if t <= ts:
                other[t] = b
            elif r.random() < 0.9:
                low = max(1, round(b.low * r.uniform(0.3, 1.2)))
                high = low + r.randint(0, low)
                other[t] = IntBar(r.randint(low, high), high, low, r.randint(low, high), r.randint(0, 2 * b.volume))
        int_bars.append(other)
        bars[info["symbol"]] = [to_float(t, b, unit(info["tick"]), unit(info["lot"])) for t, b in other.items()]
    return Market(m.interval_ms, m.instruments, bars, int_bars)


def cut_time(m: Market, r: Random) -> int:
    """Returns a bar's time at which every asset has begun."""
    begun = max(min(rows) for rows in m.int_bars)
    return r.choice(sorted({t for rows in m.int_bars for t in rows if t >= begun}))


def history(case: Case, ts: int) -> dict[str, object]:
    """Returns everything the engine says about the time up to the close of the bars opening at `ts`."""
    market = compare.engine_market(case.market)
    feedback = feedback_nodes(case.program)
    static = [n for n in range(len(case.program["nodes"])) if n not in feedback]
    columns = compare.engine_columns(case, market, static)
    known = {s: sum(b[0] <= ts for b in rows) for s, rows in case.market.bars.items()}
    run, now = compare.engine_run(case, market), ts + case.market.interval_ms
    sent = [dict(zip(compare.ORDERS, o, strict=True)) for o in compare.table(run["orders"], compare.ORDERS)]
    # `now` is also the open of the next bar: what its stops sent and its fills ended is the future already.
    orders = [o for o in sent if o["ts"] < now or (o["ts"] == now and o["reason"] in DECIDED)]
    done = [o for o in orders if 0 <= o["done_ts"] < now or o["status"] == REJECTED]
    return {
        "signals": {
            key: [None if math.isnan(v) else v for v in column[: known[key[1]]]] for key, column in columns.items()
        },
        "orders": [[o[name] for name in KNOWN_WHEN_SENT] for o in orders],
        "done": done,
        "fills": [f for f in compare.table(run["fills"], compare.FILLS) if f[1] <= ts],
        "equity": [e for e in zip(map(int, run["equity_ts"]), map(int, run["equity"]), strict=True) if e[0] <= now],
    }


def difference(a: dict[str, object], b: dict[str, object]) -> list[str]:
    return [name for name in a if a[name] != b[name]]


@pytest.mark.parametrize("batch", range(4))
def test_nothing_up_to_t_depends_on_what_comes_after(batch: int) -> None:
    for seed in range(batch, COUNT, 4):
        case = make(list(KINDS)[seed % len(KINDS)], seed)
        r = Random(seed)
        ts = cut_time(case.market, r)
        whole = history(case, ts)
        for name, other in (("cut", case.market.until(ts)), ("scrambled", scrambled(case.market, ts, r))):
            found = difference(whole, history(dataclasses.replace(case, market=other), ts))
            assert not found, f"seed {seed}, {name} after {ts}: {found} differ"
