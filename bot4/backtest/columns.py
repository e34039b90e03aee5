"""A result turned into what the report room reads: columns, view, plain data."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot4.report import text
from bot4.report.columns import AssetColumns, RunColumns
from bot4.report.periods import by_asset, monthly_returns
from bot4.report.view import RealismRow, RunView, SleeveRow, caveats

from .config import E9
from .operated import control_rows
from .realism import SENTENCES
from .reasons import CAUSES, REASONS

if TYPE_CHECKING:
    from .result import Result


def run_columns(result: Result) -> RunColumns:
    """Returns the run's bars, records and settings; arrays are shared, not copied."""
    market, fees = result.market, result.config.fees_bps(result.market)
    assets = tuple(
        AssetColumns(
            instrument.symbol,
            instrument.venue,
            *columns,
            tick=instrument.tick_size,
            lot=instrument.lot_size,
            fee=fees[number] / 1e4,
            first_decision_ms=_first_decision(result, number),
            contract=instrument.contract_size if instrument.kind == "inverse" else None,
            convert=None if market.wallets is None else market.wallets.convert_of(number),
            is_perpetual=instrument.kind != "spot",
            liquidation_fee=_liquidation_fee(result, number),
        )
        for number, (instrument, columns) in enumerate(market)
    )
    half_spread = result.config.effective.half_spread_e9
    wallets = (None,) if market.wallets is None else tuple(wallet.convert for wallet in market.wallets.wallets)
    cash = _cash_units(result)
    return RunColumns(market.interval_ms, cash, market.quote, half_spread, assets, result.records, wallets)


def _liquidation_fee(result: Result, number: int) -> float:
    margin = result.config.with_margin(result.market.instruments[number]).margin
    return 0.0 if margin is None else margin.liquidation_fee_bps / 1e4


def _cash_units(result: Result) -> int:
    """Returns the starting cash in 1e-8 of the account currency; of stated accounts, their first valued equity."""
    equity = result.records["equity"]
    return result.config.cash_units if result.market.wallets is None or not len(equity) else int(equity[0])


def _first_decision(result: Result, number: int) -> int | None:
    """Returns the first decision time of an asset: its row number `settled`, at or after `start`; None if there is none."""
    import numpy as np

    settled, ts = result.settled_rows[number], result.market.columns[number].ts
    if settled is None or settled >= len(ts):
        return None
    row = settled
    if result.trade_from_ms is not None:
        row = max(row, int(np.searchsorted(ts, result.trade_from_ms - result.market.interval_ms)))
    return int(ts[row]) + result.market.interval_ms if row < len(ts) else None


def run_view(result: Result) -> RunView:
    """Returns what the summary and the report show of a result."""
    trials, needed = result.trials, [rows for rows in result.settled_rows if rows is not None]
    return RunView(
        name=result.name,
        doc=result.strategy.doc,
        run=result.columns,
        stats=result.stats,
        params=result.params,
        settings=_settings(result),
        identity=_identity(result),
        notes=result.notes,
        trials=None if trials is None else (trials.runs, trials.distinct),
        costs=result.config.costs_text(result.market),
        warm_up_rows=max(needed, default=0),
        reasons=REASONS,
        causes=CAUSES,
        realism=result.config.realism,
        realism_sentence=SENTENCES[result.config.realism],
        realisms=realism_rows(result),
        assumptions=result.beside.lines(result.market) + _of_events(result),
        limits=_limits(result),
        controls=control_rows(result),
        sleeves=sleeve_rows(result),
    )


def _limits(result: Result) -> list[str]:
    """Returns what the run does not know, in sentences."""
    bare = [x for x in result.market.instruments if x.kind != "spot" and result.config.with_margin(x).margin is None]
    found = []
    if bare:
        found.append(
            f"{text.plural(len(bare), 'perpetual')} without margin rules (leverage=) cannot be liquidated here, on a venue they can."
        )
    if result.program.events is not None:
        found.append(
            "An event class is known by its source alone (a weak identity): what it reads beside is not recorded."
        )
    return found


def _of_events(result: Result) -> list[str]:
    """Returns what the methods of an event class took, where there are any."""
    took = result.callback_time
    return [] if took is None else [took.text()]


def sleeve_rows(result: Result) -> list[SleeveRow]:
    """Returns the strategies on the account for the table; nothing where there is one."""
    crosses = [int(own["own_crosses"]) for own in result.records.get("sleeves", ())]
    named = zip(result.program.sleeves, crosses, strict=False)
    return [SleeveRow(one.name, one.share_e9 / E9, result.parts[one.name].stats, held) for one, held in named]


def realism_rows(result: Result) -> list[RealismRow]:
    """Returns the three runs for the table, once all have been run; else nothing."""
    if not result.has_realisms:
        return []
    shown = result.config.realism
    return [RealismRow(name, run.stats, is_shown=name == shown) for name, run in result.realisms().items()]


def _settings(result: Result) -> dict[str, str]:
    config, market = result.config, result.market
    lines = {
        "realism": config.realism,
        "cash": f"{config.cash:,.8g} {market.quote}" if market.wallets is None else "; ".join(market.wallets.text()),
        "costs": config.costs_text(market),
        "collar": f"{text.percent(config.collar)} of the price between decision and open",
        "leverage": f"at most {config.max_leverage:g} × equity",
        "latency": config.latency_text(),
        "decisions from": text.minute(result.trade_from_ms)
        if result.trade_from_ms is not None
        else "end of the warm-up",
    }
    margins = {
        f"margin {instrument.symbol}": found.text()
        for instrument in market.instruments[:12]
        if (found := config.with_margin(instrument).margin) is not None
    }
    return lines | margins | {f"grid {n + 1}": line for n, line in enumerate(market.grids()[:12])}


def _identity(result: Result) -> dict[str, str]:
    from bot4 import __version__

    return {
        "strategy": result.identity,
        "data": result.data_hash,
        "final state": str(result.records["state_hash"]),
        "Bot4": __version__,
    }


def as_dict(result: Result, version: int) -> dict[str, Any]:
    """Returns the result as plain data with stable keys; numbers that cannot be computed are None."""
    market, view = result.market, result.view
    months = monthly_returns(result.columns.equity_ts, result.columns.equity)
    found = {
        "version": version,
        "strategy": {
            "name": result.name,
            "kind": result.program.kind,
            "identity": result.identity,
            "params": dict(result.params),
        },
        "data": {
            "instruments": list(result.instrument_names),
            "interval_ms": market.interval_ms,
            "start_ms": market.start_ms,
            "end_ms": market.end_ms,
            "bars": market.rows,
            "currency": market.quote,
            "hash": result.data_hash,
            "funding": result.beside.funding.sources(market),
        },
        "settings": result.config.as_dict()
        | {"trade_from_ms": result.trade_from_ms, "fees_bps": result.config.fees_bps(market)},
        "stats": dict(result.stats),
        "sleeves": _sleeves(result),
        "realisms": {row.name: dict(row.stats) for row in realism_rows(result)} or None,
        "assets": [asdict(row) for row in by_asset(result.columns)],
        "months": [{"year": row.year, "months": list(row.months), "total": row.total} for row in months],
        "warm_up_bars": view.warm_up_rows,
        "trials": None if view.trials is None else {"runs": view.trials[0], "distinct": view.trials[1]},
        "notes": [_plain(note) for note in result.notes],
        "caveats": [_plain(sentence) for sentence in caveats(view)],
        "making": None,
        "state_hash": str(result.records["state_hash"]),
        "bot4_version": _identity(result)["Bot4"],
    }
    return finite(found)  # type: ignore[no-any-return]  # a dictionary stays one


def _sleeves(result: Result) -> list[dict[str, Any]] | None:
    """Returns each strategy on the account, None where there is one."""
    rows = [
        {
            "name": row.name,
            "share": row.share,
            "strategy": result.parts[row.name].name,
            "identity": result.parts[row.name].identity,
            "params": dict(result.parts[row.name].params),
            "stats": dict(row.stats),
            "own_crosses": row.own_crosses,
        }
        for row in sleeve_rows(result)
    ]
    return rows or None


def _plain(sentence: str) -> str:
    """Returns a sentence with ordinary spaces: no-break spaces are for eyes, not for programs."""
    return sentence.replace(text.NBSP, " ")


def finite(value: Any) -> Any:
    """Returns plain data in which what is not finite is None."""
    if isinstance(value, Mapping):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
