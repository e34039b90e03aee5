"""The frames of a result, built from the engine's columns when first asked for.

Times are `Datetime("ms", "UTC")`, amounts and quantities Float64 in account and base currency (the exact integers are in
`Result.records`), names are strings. Each function documents its columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bot4.report.chart import drawdowns
from bot4.report.columns import AMOUNT, Ints, RunColumns, held_after
from bot4.report.excursions import excursions
from bot4.report.holding import holding_values

from .reasons import CAUSES, EVIDENCE, KINDS, REASONS, RULES, STATUSES, TIFS

if TYPE_CHECKING:
    from bot4.data import Market

TIME = pl.Datetime("ms", "UTC")
SIDES = {1: "buy", -1: "sell"}
DIRECTIONS = {1: "long", -1: "short"}


def equity_frame(run: RunColumns) -> pl.DataFrame:
    """Returns `ts` (decision time), `equity`, `drawdown` (fraction ≤ 0), `holding` (buy and hold), one row for each mark."""
    return pl.DataFrame(
        {
            "ts": _times(run.equity_ts),
            "equity": run.equity * AMOUNT,
            "drawdown": drawdowns(run.equity),
            "holding": holding_values(run, run.equity_ts),
        }
    )


def orders_frame(run: RunColumns) -> pl.DataFrame:
    """Returns `id`, `ts` (decision), `symbol`, `key` (null for targets and entries), `kind`, `side`, `qty` sent, `filled`, `wanted` before
    cuts, `ref_price` the decision saw, `price` (limit) and `trigger` (null where it has none), `tif`, `reason`, `status`, `cause` (why
    cut or ended; null if nothing happened), `done_ts` (null while working), `parent` (the order whose exit it is), `evidence` (why it
    was reached and not filled last; null if never) and `evidence_ts` (that bar's open)."""
    table = run.table("orders")
    lot, tick = _grids(run, table["asset"])
    keys = {-1: None} | dict(enumerate(run.keys))
    return pl.DataFrame(
        {
            "id": table["id"],
            "ts": _times(table["ts"]),
            "symbol": _symbols(run, table["asset"]),
            "key": _names(table["key"], keys),
            "kind": _names(table["kind"], KINDS),
            "side": _names(table["side"], SIDES),
            "qty": table["lots"] * lot,
            "filled": table["filled"] * lot,
            "wanted": table["wanted"] * lot,
            "ref_price": table["ref_ticks"] * tick,
            "price": _optional(table["price_ticks"], tick),
            "trigger": _optional(table["trigger_ticks"], tick),
            "tif": _names(table["tif"], TIFS),
            "reason": _names(table["reason"], REASONS),
            "status": _names(table["status"], STATUSES),
            "cause": _names(table["cause"], _without_none(CAUSES)),
            "done_ts": _optional_times(table["done_ts"]),
            "parent": pl.Series(table["parent"].astype(np.int64)).replace(-1, None),
            "evidence": _names(table["evidence"], _without_none(EVIDENCE)),
            "evidence_ts": _optional_times(_row_times(run, table["asset"], table["evidence_row"])),
        }
    )


def fills_frame(run: RunColumns) -> pl.DataFrame:
    """Returns `order`, `ts` (open of the bar), `symbol`, `qty` (signed), `price`, `base_price` (before spread and impact), `value`
    (signed, in what the asset settles in), `fee`, `maker`, `rule` (of the venue, that filled), `volume_left` (what the bar still had before
    it; null if unlimited), `reason`, `position` after it, `cash_flow` after it (starting cash less all notionals and fees)."""
    table = run.table("fills")
    lot, tick = _grids(run, table["asset"])
    qty, price = table["lots"] * lot, table["ticks"] * tick
    return pl.DataFrame(
        {
            "order": table["order"],
            "ts": _times(table["ts"]),
            "symbol": _symbols(run, table["asset"]),
            "qty": qty,
            "price": price,
            "base_price": table["base_ticks"] * tick,
            "value": _values(run, table),
            "fee": table["fee"] * AMOUNT,
            "maker": table["maker"].astype(np.bool_),
            "rule": _names(table["rule"], RULES),
            "volume_left": _optional(table["volume_left"], lot),
            "reason": _names(table["reason"], REASONS),
            "position": table["position"] * lot,
            "cash_flow": table["flow"] * AMOUNT,
        }
    )


def funding_frame(run: RunColumns) -> pl.DataFrame:
    """Returns `ts` (of the settlement), `symbol`, `rate` (fraction), `amount` (in what the asset settles in; paid is negative), `qty`
    held."""
    table = run.table("funding")
    lot, _ = _grids(run, table["asset"])
    return pl.DataFrame(
        {
            "ts": _times(table["ts"]),
            "symbol": _symbols(run, table["asset"]),
            "rate": table["rate_e9"] / 1e9,
            "amount": table["amount"] * AMOUNT,
            "qty": table["position"] * lot,
        }
    )


def _values(run: RunColumns, fills: Mapping[str, Any]) -> Any:
    """Returns the signed amounts of fills: quantity times price, of inverse contracts −q·V/p."""
    lot, tick = _grids(run, fills["asset"])
    values = fills["lots"] * lot * (fills["ticks"] * tick)
    for number, asset in enumerate(run.assets):
        if asset.contract is not None:
            mine = np.flatnonzero(fills["asset"] == number)
            values[mine] = asset.amount(fills["lots"][mine], fills["ticks"][mine] * asset.tick)
    return values


def trades_frame(run: RunColumns) -> pl.DataFrame:
    """Returns `symbol`, `side`, `entry_ts`, `exit_ts` (null while open), `qty`, `entry_price`, `exit_price` (null while open), `fees`,
    `funding` (with interest; paid is negative), `pnl` after both, `return` on the entry notional, `bars` held, `reason` of the last
    fill's order, `mae` ≤ 0 and `mfe` ≥ 0."""
    table = run.table("trades")
    lot, _ = _grids(run, table["asset"])
    is_open = table["exit_ts"] < 0
    qty, entry, exit_ = table["lots"] * lot, table["entry_notional"] * AMOUNT, table["exit_notional"] * AMOUNT
    pnl = table["pnl"] * AMOUNT
    mae, mfe = excursions(run)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "symbol": _symbols(run, table["asset"]),
            "side": _names(table["side"], DIRECTIONS),
            "entry_ts": _times(table["entry_ts"]),
            "exit_ts": _optional_times(table["exit_ts"]),
            "qty": qty,
            "entry_price": _mean_prices(run, table, entry),
            "exit_price": pl.Series(np.where(is_open, np.nan, _mean_prices(run, table, exit_))).fill_nan(None),
            "fees": table["fees"] * AMOUNT,
            "funding": table["funding"] * AMOUNT,
            "pnl": pnl,
            "return": pl.Series(pnl / entry).fill_nan(None),
            "bars": table["bars"],
            "reason": _names(table["reason"], REASONS),
            "mae": mae,
            "mfe": mfe,
        }
    return pl.DataFrame(columns)


def _mean_prices(run: RunColumns, trades: Mapping[str, Any], notional: Any) -> Any:
    """Returns each trade's mean price from its notional."""
    prices = np.zeros(len(notional))
    for number, asset in enumerate(run.assets):
        mine = trades["asset"] == number
        prices[mine] = asset.mean_price(trades["lots"][mine], notional[mine])
    return prices


def positions_frame(run: RunColumns) -> pl.DataFrame:
    """Returns `ts` (decision time), `symbol`, `qty` (signed), `value` (at the bar's close, in what the asset settles in): each asset's
    bars from the start of the statistics on, by time."""
    parts = []
    for number, asset in enumerate(run.assets):
        first = (
            int(np.searchsorted(asset.ts + run.interval_ms, run.equity_ts[0])) if len(run.equity_ts) else len(asset.ts)
        )
        fill_rows, positions = run.fills_of(number)
        lots = held_after(fill_rows, positions, np.arange(first, len(asset.ts), dtype=np.int64))
        qty = lots * asset.lot
        ts = _times(asset.ts[first:] + run.interval_ms)
        parts.append(
            pl.DataFrame(
                {
                    "ts": ts,
                    "symbol": _one_symbol(asset.symbol, len(qty)),
                    "qty": qty,
                    "value": np.sign(qty) * np.abs(asset.amount(lots, asset.close[first:])),
                }
            )
        )
    empty = pl.DataFrame(schema={"ts": TIME, "symbol": pl.String, "qty": pl.Float64, "value": pl.Float64})
    return pl.concat(parts).sort("ts", maintain_order=True) if parts else empty


def value_frame(
    market: Market, found: Mapping[tuple[int, int], Any], names: Mapping[str, int], from_ms: int | None = None
) -> pl.DataFrame:
    """Returns `ts` (decision time), `symbol` and one Float64 column for each name (null if missing), every asset's bars, by time.

    `found` has columns by (node, asset id); an asset without the column of a node gets nulls.
    """
    parts = []
    for number, (instrument, bars) in enumerate(market):
        times = bars.ts + market.interval_ms
        first = 0 if from_ms is None else int(np.searchsorted(times, from_ms))
        absent = np.full(len(times), np.nan)
        columns = {name: found.get((node, number), absent) for name, node in names.items()}
        values = {name: pl.Series(column[first:]).fill_nan(None) for name, column in columns.items()}
        parts.append(
            pl.DataFrame(
                {"ts": _times(times[first:]), "symbol": _one_symbol(instrument.symbol, len(times) - first), **values}
            )
        )
    return pl.concat(parts).sort("ts", maintain_order=True)


def _times(ms: Ints) -> pl.Series:
    return pl.Series(np.ascontiguousarray(ms, dtype=np.int64)).cast(TIME)


def _optional_times(ms: Ints) -> pl.Series:
    return pl.Series(np.ascontiguousarray(ms, dtype=np.int64)).replace(-1, None).cast(TIME)


def _optional(values: Any, unit: Any) -> pl.Series:
    """Returns values in their unit, −1 as null."""
    return pl.Series(np.where(values < 0, np.nan, values * unit)).fill_nan(None)


def _without_none(names: Mapping[int, str]) -> dict[int, str | None]:
    return {code: None if name == "none" else name for code, name in names.items()}


def _row_times(run: RunColumns, ids: Any, rows: Any) -> Ints:
    """Returns the opens of bars by (asset, row); −1 where the row is −1."""
    times = np.full(len(rows), -1, dtype=np.int64)
    for number, asset in enumerate(run.assets):
        mine = np.flatnonzero((ids == number) & (rows >= 0))
        times[mine] = asset.ts[rows[mine]]
    return times


def _names(codes: Any, names: Mapping[int, str | None]) -> pl.Series:
    keys = pl.Series(codes.astype(np.int64))
    return keys.replace_strict(list(names), list(names.values()), return_dtype=pl.String)


def _symbols(run: RunColumns, ids: Any) -> pl.Series:
    return _names(ids, {number: asset.symbol for number, asset in enumerate(run.assets)})


def _one_symbol(symbol: str, count: int) -> pl.Series:
    return pl.repeat(symbol, count, dtype=pl.String, eager=True)


def _grids(run: RunColumns, ids: Any) -> tuple[Any, Any]:
    """Returns (lot, tick) sizes of each record's asset."""
    lots, ticks = np.array([a.lot for a in run.assets]), np.array([a.tick for a in run.assets])
    return lots[ids], ticks[ids]
