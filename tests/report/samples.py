"""Hand-made runs for the tests of statistics and reports: small enough to check with a pencil, shaped as the engine's records."""

from __future__ import annotations

import numpy as np

from bot4.report.columns import AssetColumns, RunColumns

HOUR = 3_600_000
DAY = 86_400_000
UNIT = 100_000_000
FILL_FIELDS = "order ts row asset lots ticks base_ticks fee reason position flow".split()
TRADE_FIELDS = "asset side entry_ts exit_ts lots entry_notional exit_notional fees pnl bars reason".split()
ORDER_FIELDS = "id ts asset side lots filled wanted ref_ticks reason status cause done_ts".split()


def table(names: list[str], rows: list[tuple[int, ...]]) -> dict[str, np.ndarray]:
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), len(names))
    return {name: columns[:, i].copy() for i, name in enumerate(names)}


def asset(
    closes,
    *,
    symbol="BTC/USDT",
    opens=None,
    start=0,
    interval=HOUR,
    first_decision=None,
    fee=0.001,
    tick=0.01,
    lot=0.001,
):
    close = np.asarray(closes, dtype=np.float64)
    open_ = close.copy() if opens is None else np.asarray(opens, dtype=np.float64)
    ts = start + np.arange(len(close), dtype=np.int64) * interval
    first = int(ts[0]) + interval if first_decision is None and len(ts) else first_decision
    return AssetColumns(
        symbol,
        "binance",
        ts,
        open_,
        np.maximum(open_, close),
        np.minimum(open_, close),
        close,
        np.full(len(close), 10.0),
        tick,
        lot,
        fee,
        first,
    )


def run(
    equity, *, ts=None, assets=None, fills=(), trades=(), orders=(), interval=HOUR, cash=None, half_spread_e9=100_000
):
    values = np.asarray(np.rint(np.asarray(equity, dtype=np.float64) * UNIT), dtype=np.int64)
    times = np.arange(1, len(values) + 1, dtype=np.int64) * interval if ts is None else np.asarray(ts, dtype=np.int64)
    records = {
        "equity_ts": times,
        "equity": values,
        "orders": table(ORDER_FIELDS, list(orders)),
        "fills": table(FILL_FIELDS, list(fills)),
        "trades": table(TRADE_FIELDS, list(trades)),
    }
    columns = (asset(np.full(len(values), 100.0), interval=interval),) if assets is None else tuple(assets)
    start = int(values[0]) if cash is None and len(values) else int((cash or 1) * UNIT)
    return RunColumns(interval, start, "USDT", half_spread_e9, columns, records)
