"""Loading: any source of bars becomes a validated `Market`, or one sentence says why not.

Order: read the tables → judge each (bad rows, time, interval) → resample → grid and overrides → join → cut the span. What is refused
here never reaches the engine, which trusts its columns; `quality.py` reports the same faults, and milder ones, without refusing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot4.data.accounts import read_accounts
from bot4.data.columns import Columns
from bot4.data.errors import DataError
from bot4.data.grid import restated_notes, set_grid
from bot4.data.instrument import Instrument
from bot4.data.market import Market
from bot4.data.overrides import Overrides, read_overrides
from bot4.data.read import Table, read_source
from bot4.data.resample import resample_columns
from bot4.data.scan import bad_rows, describe_row, describe_step, spacing
from bot4.data.timeframe import TimeLike, anchor_ms, format_interval, format_time, parse_interval


def load(
    source: Any,
    *,
    timeframe: str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    instruments: object = None,
    accounts: object = None,
) -> Market:
    """Returns the market of a source.

    source: a path, a pattern such as `"bars/*-1h.parquet"`, a folder, a list of them; a Polars or pandas frame (with a `symbol` column:
        several assets); a dict from symbol (`"BTC/USDT"`, `"binance|BTC/USDT"` or an `Instrument`) to a frame or path; or a `Market`.
        Columns: time, open, high, low, close, volume under their usual names; files are named `venue-SYMBOL-interval`.
    timeframe: resample to it, such as `"4h"`; the default is the interval of the bars.
    start, end: bars whose open lies in [start, end): ISO texts, dates, datetimes or milliseconds, UTC.
    instruments: path or content of an instruments file with ticks, lots, minimums, fees, margin and pegs (see `overrides.py`).
    accounts: an object from name to account, in place of those the instruments file states (see `accounts.py`).

    Raises `DataError`, one sentence with file, row and fix, for anything the engine could not run on honestly.
    """
    target_ms = None if timeframe is None else parse_interval(timeframe)
    overrides = read_overrides(instruments)
    if accounts is not None:
        overrides = replace(overrides, accounts=read_accounts(accounts, "accounts"))
    if isinstance(source, Market):
        market = _restate(source, overrides)
        return (market if timeframe is None else market.resample(timeframe)).slice(start, end)
    tables = read_source(source)
    _refuse_twice(tables)
    assets: list[tuple[Instrument, Columns]] = []
    spans: list[tuple[str, int, int]] = []  # label, interval, offset from its grid
    notes: list[str] = []
    for table in tables:
        instrument, columns, interval_ms, said = _judge(table, target_ms, overrides)
        assets.append((instrument, columns))
        offset_ms = int(columns.ts[0] - anchor_ms(interval_ms)) % interval_ms if columns.rows else 0
        spans.append((table.label, interval_ms, offset_ms))
        notes += said
    interval_ms = _one_interval(spans)
    _check_contracts(assets)
    _one_currency(assets, overrides)
    whole = [asset for asset in assets if asset[1].rows]
    if not whole:
        raise DataError(f"no {timeframe} bar is complete in the data; give more bars or a finer timeframe.")
    notes += [f"{x.symbol} has no complete {timeframe} bar and is left out." for x, c in assets if not c.rows]
    return Market.build(whole, interval_ms, notes, overrides.accounts).slice(start, end)


def _judge(table: Table, target_ms: int | None, overrides: Overrides) -> tuple[Instrument, Columns, int, list[str]]:
    """Validates one table; returns its instrument on its grid, its bars at the timeframe asked for, their interval, and notes."""
    _refuse_bad_rows(table)
    interval_ms = _interval(table, target_ms)
    columns, rows = table.columns, table.rows
    if target_ms is not None and target_ms != interval_ms:
        columns, rows, interval_ms = resample_columns(columns, interval_ms, target_ms, table.label), None, target_ms
        if not columns.rows:
            return table.instrument, columns, interval_ms, []
    instrument, notes = set_grid(table.instrument, table.columns, columns, overrides, table.label, rows)
    if not table.named:
        notes.append(
            f"{table.label}: nothing names the instrument, so it is taken as {instrument.symbol} at venue {instrument.venue}; name the "
            "file venue-SYMBOL-interval or pass a dict from symbol to data."
        )
    if instrument.quote != table.instrument.quote:
        notes.append(
            f"{instrument.symbol}: {table.instrument.quote} counts as {instrument.quote}, one to one (stated peg)."
        )
    return instrument, columns, interval_ms, notes


def _refuse_bad_rows(table: Table) -> None:
    found = bad_rows(table.columns)
    if not found:
        return
    first = min(found, key=lambda bad: int(bad.rows[0]))
    bar = int(first.rows[0])
    more = sum(len(bad.rows) for bad in found) - 1
    raise DataError(
        f"{table.label}: row {table.row(bar)} ({format_time(int(table.columns.ts[bar]))}): {describe_row(table.columns, first.kind, bar)}"
        f"{f' (and {more} more bad rows)' if more else ''}; correct or remove the row (`bot4 data check` lists all)."
    )


def _interval(table: Table, target_ms: int | None) -> int:
    """Returns the interval of a table's bars; raises `DataError` where time does not increase on one interval."""
    ts = table.columns.ts
    found = spacing(ts, table.interval_ms)
    rows = [int(rows[0]) for rows in (found.duplicates, found.backwards) if len(rows)]
    if rows:
        bar = min(rows)
        what = "repeats the time" if ts[bar] == ts[bar - 1] else "is earlier than the time"
        raise DataError(
            f"{table.label}: row {table.row(bar)} ({format_time(int(ts[bar]))}) {what} of the row before; sort the rows by time and "
            "keep one of each."
        )
    if found.interval_ms is None:
        if target_ms is None:
            raise DataError(
                f"{table.label}: a single row tells no interval; give the timeframe, or name the file venue-SYMBOL-1h."
            )
        return target_ms
    for rows_off in (found.off_interval, found.mixed):
        if len(rows_off):
            bar = int(rows_off[0])
            raise DataError(
                f"{table.label}: mixed intervals: row {table.row(bar)} at {describe_step(ts, bar, found.interval_ms)}; give each interval "
                "its own file, or repair the times."
            )
    if table.interval_ms is not None and table.interval_ms != found.interval_ms:
        raise DataError(
            f"{table.label}: the name says {format_interval(table.interval_ms)}, but row 1 and most others come "
            f"{format_interval(found.interval_ms)} after the one before; rename the file."
        )
    return found.interval_ms


def _refuse_twice(tables: list[Table]) -> None:
    seen: dict[tuple[str, str], Table] = {}
    for table in tables:
        other = seen.setdefault(table.instrument.key, table)
        if other is not table:
            raise DataError(
                f"{table.label} and {other.label} both hold {table.instrument.venue} {table.instrument.symbol}; leave one of the two out."
            )


def _one_interval(spans: list[tuple[str, int, int]]) -> int:
    label, interval_ms, phase_ms = spans[0]
    for other, other_ms, other_phase in spans[1:]:
        if other_ms != interval_ms:
            raise DataError(
                f"mixed intervals: {label} has bars of {format_interval(interval_ms)}, {other} of {format_interval(other_ms)}; load one "
                "interval, or give a timeframe to bring them to."
            )
        if other_phase != phase_ms:
            raise DataError(
                f"{label} and {other} open their {format_interval(interval_ms)} bars at different minutes ({phase_ms // 60_000} and "
                f"{other_phase // 60_000} minutes after the UTC grid); bring them to one grid."
            )
    return interval_ms


def _check_contracts(assets: list[tuple[Instrument, Columns]]) -> None:
    for instrument, _ in assets:
        if instrument.kind == "inverse" and instrument.contract is None:
            raise DataError(
                f"{instrument.venue} {instrument.symbol} is an inverse perpetual, and the value of its contract is not known; state it "
                f'in an instruments file: [{{"symbol": "{instrument.symbol}", "contract": 100}}] ({instrument.quote} for one contract).'
            )


def _one_currency(assets: list[tuple[Instrument, Columns]], overrides: Overrides) -> None:
    """Refuses several currencies of settlement where no accounts are stated: one account has one."""
    first = assets[0][0]
    for instrument, _ in assets[1:]:
        if instrument.settle != first.settle and not overrides.accounts:
            raise DataError(
                f"{first.symbol} settles in {first.settle} and {instrument.symbol} in {instrument.settle}, but an account has one "
                f'currency; load one of them, state a peg in an instruments file ({{"peg": {{"{instrument.settle}": '
                f'"{first.settle}"}}}}), or give accounts= with a wallet for each currency.'
            )


def _restate(market: Market, overrides: Overrides) -> Market:
    """Returns a market with what an instruments file states."""
    if not overrides.changes and not overrides.peg and not overrides.accounts:
        return market
    assets, notes = [], list(market.notes)
    for instrument, columns in market:
        stated = overrides.apply(instrument)
        notes += restated_notes(stated, columns, overrides)
        assets.append((stated, columns))
    _check_contracts(assets)
    kept = overrides if overrides.accounts else replace(overrides, accounts=market.accounts)
    _one_currency(assets, kept)
    return Market.build(assets, market.interval_ms, notes, kept.accounts)
