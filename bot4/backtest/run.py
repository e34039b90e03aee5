"""`backtest` and `peek`: from a strategy and data to a result, in one call.

Order of operations: settings checked → data loaded at the strategy's timeframe → program traced → earlier trials counted → engine run →
run recorded. Anything heavy is imported only when it is needed: the start of the program counts.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .config import Config
from .journal import with_journal
from .result import Result
from .setup import as_strategy, load_for, prepare_with, trade_from

if TYPE_CHECKING:
    import polars as pl

    from bot4.data import Market
    from bot4.data.margin import MarginMode
    from bot4.data.timeframe import TimeLike
    from bot4.records.record import Trials
    from bot4.records.store import RecordStore
    from bot4.risk.policy import Policy
    from bot4.strategy import Events, Strategy

    from .engine import Progress
    from .journal import Journal
    from .realism import Realism

__all__ = ["as_strategy", "backtest", "load_for", "peek"]


def backtest(
    strategy: Strategy | type[Events] | str | Path,
    data: Any,
    *,
    cash: float = 100_000,
    fee_bps: float | None = None,
    timeframe: str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    params: Mapping[str, Any] | None = None,
    spread_bps: float = 2.0,
    impact: float = 1.0,
    volume_share: float = 0.10,
    collar: float = 0.10,
    max_leverage: float = 3.0,
    latency_ms: int = 0,
    latency_sigma: float = 0.0,
    latency_seed: int = 0,
    realism: Realism = "strict",
    funding: Any = None,
    funding_default: float | None = None,
    leverage: float | None = None,
    margin: MarginMode | None = None,
    accounts: object = None,
    detail: Any = None,
    instruments: object = None,
    policy: object = None,
    commands: object = None,
    venue_conditions: object = None,
    journal: str | Path | Journal | None = None,
    record: bool = True,
    progress: Progress | None = None,
    **parameters: Any,
) -> Result:
    """Runs a strategy over history and returns its `Result`.

    strategy: what `@b4.strategy`, `@b4.portfolio` or `b4.sleeves` made, a class of `b4.Events`, or the place of one in a file
        (`"trend.py"`, `"trend.py:trend"`).
    data: paths, frames, a dict of them or a `Market`; see `b4.load`. Bars faster than the strategy's clock are resampled.
    timeframe: the clock, such as `"4h"`, where the strategy names none.
    start, end: decisions from `start` on (earlier bars warm up the indicators), bars that open before `end`; ISO texts, dates, ms; UTC.
    params, and any further keyword: the strategy's parameters.
    cash … latency_seed: account and costs, see `Config`.
    realism: how strictly the venue reads a bar: "strict", "neutral" or "naive" (docs/semantics.md, section 6).
    funding: rates of perpetuals: a path, pattern, folder, or a dict from symbol to file or frame; see `bot4.data.funding`.
    funding_default: rate each 8 hours for perpetuals without a series, such as 0.0001; without it they pay nothing, and the report says so.
    leverage, margin: notional over initial margin, and "cross" or "isolated", for all perpetuals; without margin rules nothing is
        liquidated, and the report says so.
    accounts: several accounts, venues or currencies, by name (see `bot4.data.accounts`); `cash` is then not read.
    detail: finer bars for what happens between decisions: data of their own, or an interval such as "1m", for which files of `data` named
        so, or else `data` itself, serve.
    instruments: file or content with ticks, lots, minimums, fees, margin and accounts; the default is what the data shows.
    policy: limits that stand above the strategy: a `Policy`, the path of a policy file, or its content as a dict (docs/risk.md).
    commands: what people ask of the desk while it runs: a list of dicts with `at`, `do`, `who`, or the path of a file (docs/operator.md).
    venue_conditions: when the venue refuses orders: a list of dicts with `from`, `to`, `refuses`, or the path of a file.
    journal: a new folder for the journal of the run, from which it can be replayed bit for bit (docs/journal.md).
    record: whether to append the run to the run records (`BOT4_HOME` or `.bot4`), which count trials.
    progress: called with (rows done, rows in all) now and then.

    Raises StrategyError, DataError or BacktestError (file, line or setting, cause and fix), and EngineError for what the engine refuses.
    """
    config = Config(
        cash=cash,
        fee_bps=fee_bps,
        spread_bps=spread_bps,
        impact=impact,
        volume_share=volume_share,
        collar=collar,
        max_leverage=max_leverage,
        latency_ms=latency_ms,
        realism=realism,
        latency_sigma=latency_sigma,
        latency_seed=latency_seed,
        funding_default=funding_default,
        leverage=leverage,
        margin=margin,
        policy=None if policy is None else _policy(policy),
        **_asked(commands, venue_conditions),
    )
    if record:
        from bot4.records import warm

        warm.begin()
    setup = prepare_with(
        strategy,
        data,
        config,
        timeframe=timeframe,
        start=start,
        end=end,
        funding=funding,
        accounts=accounts,
        detail=detail,
        instruments=instruments,
    )
    if journal is not None:
        setup = with_journal(setup, journal)
    result = setup.run(setup.trace({**(params or {}), **parameters}), progress)
    result.beside = replace(result.beside, journal=None)  # further runs of this result are other runs
    if record:
        _record(result)
    return result


def _policy(source: Any) -> Policy:
    from bot4.risk.policy import read_policy

    return read_policy(source)


def _asked(commands: object, conditions: object) -> dict[str, Any]:
    """Returns the settings of what people ask and of what the venue refuses, where there is any."""
    found: dict[str, Any] = {}
    if commands is not None:
        from bot4.risk.commands import read_commands

        found["commands"] = read_commands(commands)
    if conditions is not None:
        from .conditions import read_conditions

        found["venue_conditions"] = read_conditions(conditions)
    return found


def peek(
    expression: Any,
    data: Any,
    *,
    timeframe: str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    instruments: object = None,
) -> pl.DataFrame:
    """Returns an expression's values: `ts` (Datetime ms UTC, when the value is known), `symbol`, `value` (Float64, null if missing).

    expression: `b4.market().close.ema(24)`, a function of the market (`lambda m: m.close.ema(24)`), or a list or dict of these, for
        which the columns have the expressions' texts or the dict's keys instead of `value`.

    Raises StrategyError and DataError.
    """
    from bot4 import _engine
    from bot4.data import load
    from bot4.strategy import trace_expression

    from .frames import value_frame

    market = load(data, timeframe=timeframe, end=end, instruments=instruments)
    program = trace_expression(expression, interval_ms=market.interval_ms, symbols=market.symbols)
    columns = _engine.evaluate(market.native, program.json, sorted(set(program.outputs.values())))
    found = {key: column for key, column in columns.items() if len(column)}
    market, found = _with_values(market, found)
    is_one = not isinstance(expression, (Mapping, list, tuple))
    names = {"value": next(iter(program.outputs.values()))} if is_one else dict(program.outputs)
    return value_frame(market, found, names, trade_from(start, market))


def _with_values(market: Market, found: Mapping[tuple[int, int], Any]) -> tuple[Market, dict[tuple[int, int], Any]]:
    """Returns the assets that have any column: an expression of one asset (`b4.asset`) is that asset's alone."""
    kept = sorted({number for _, number in found})
    places = {number: place for place, number in enumerate(kept)}
    assets = [(market.instruments[number], market.columns[number]) for number in kept]
    return market.build(assets, market.interval_ms), {(node, places[n]): column for (node, n), column in found.items()}


def _record(result: Result) -> None:
    """Counts earlier trials, then appends this run; where the records cannot be used, warns and goes on."""
    from bot4.records.errors import RecordsError
    from bot4.records.store import RecordStore

    try:
        store = RecordStore()
        result.trials = _trials(store, result)
        store.append(_as_record(result))
    except RecordsError as error:
        warnings.warn(f"The run is not recorded. {error}", RuntimeWarning, stacklevel=3)


def _trials(store: RecordStore, result: Result) -> Trials:
    return store.trials(result.instrument_names, result.stats.start_ms, result.stats.end_ms)


def _as_record(result: Result) -> Any:
    from bot4 import __version__
    from bot4.records.record import RunRecord

    times, returns = result.daily_returns
    return RunRecord(
        at_ms=time.time_ns() // 1_000_000,
        identity=result.identity,
        name=result.name,
        params=result.params,
        instruments=result.instrument_names,
        interval_ms=result.market.interval_ms,
        start_ms=result.stats.start_ms,
        end_ms=result.stats.end_ms,
        config=result.config.as_dict(),
        data_hash=result.data_hash,
        stats=dict(result.stats),
        daily_returns=returns,  # type: ignore[arg-type]  # a NumPy array is a sequence of floats
        daily_start_ms=int(times[0]) if len(times) else result.stats.start_ms,
        version=__version__,
    )
