"""`Setup`: what every run of a strategy on some data shares, prepared once: market, settings, funding, finer bars.

Order of operations: strategy found → data loaded at its timeframe → start of trading, finer bars and funding put beside. One run
(`run`) and many (`sweep`) begin here, so that they cannot differ. Not here: what is recorded of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from .config import Config
from .engine import Beside, run_engine
from .errors import BacktestError

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.data.margin import MarginMode
    from bot4.data.timeframe import TimeLike
    from bot4.strategy import Events, Program, Strategy

    from .engine import Progress
    from .realism import Realism
    from .result import Result


class Settings(TypedDict, total=False):
    """The settings of `b4.backtest` that are neither strategy, data nor parameters; see there."""

    cash: float
    fee_bps: float | None
    timeframe: str | None
    start: TimeLike | None
    end: TimeLike | None
    spread_bps: float
    impact: float
    volume_share: float
    collar: float
    max_leverage: float
    latency_ms: int
    latency_sigma: float
    latency_seed: int
    realism: Realism
    funding: Any
    funding_default: float | None
    leverage: float | None
    margin: MarginMode | None
    accounts: object
    detail: Any
    instruments: object
    policy: object


@dataclass(frozen=True, eq=False)
class Setup:
    """Strategy, market and settings of one or many runs. `trade_from_ms` is the first decision asked for (None: the first possible)."""

    strategy: Strategy
    market: Market
    config: Config
    trade_from_ms: int | None
    beside: Beside

    def trace(self, params: Mapping[str, Any]) -> Program:
        """Returns the program of one combination of parameters. Raises StrategyError; RequirementError where `b4.require` refuses it."""
        return self.strategy.trace(params, self.market.symbols, self.market.interval_ms)

    def run(self, program: Program, progress: Progress | None = None) -> Result:
        """Returns the result of a program; nothing is recorded. Raises EngineError."""
        config = self.config
        if program.events is not None:
            config = replace(config, compute_latency_ms=program.events.compute_latency_ms)
        records = run_engine(self.market, program, config, self.trade_from_ms, self.beside, progress)
        return replace(self, config=config).result(program, records)

    def result(self, program: Program, records: dict[str, Any]) -> Result:
        """Returns the result of records that the engine made of a program under these settings."""
        made = _result_type(program)
        return made(self.strategy, program, self.market, self.config, records, self.trade_from_ms, self.beside)

    @property
    def data_hash(self) -> str:
        """Returns the identity of bars, rates and finer bars together."""
        return self.beside.data_hash(self.market)

    @property
    def instrument_names(self) -> tuple[str, ...]:
        """Returns `venue:symbol` of every instrument, in id order."""
        return tuple(f"{i.venue}:{i.symbol}" for i in self.market.instruments)


def prepare(
    strategy: Strategy | type[Events] | str | Path, data: Any, settings: Settings, *, ticks: bool = False
) -> Setup:
    """Returns the setup of runs with these settings, over bars or, where `ticks` says that the caller knows them, over ticks. Raises
    BacktestError for a setting out of range or a strategy on ticks that the caller does not know, DataError for bad data."""
    strategy = as_strategy(strategy) if ticks else on_bars(as_strategy(strategy))
    beside: dict[str, Any] = dict(settings)
    numbers = {field.name: beside.pop(field.name) for field in fields(Config) if field.name in beside}
    if numbers.get("policy") is not None:
        from bot4.risk.policy import read_policy

        numbers["policy"] = read_policy(numbers["policy"])
    return prepare_with(strategy, data, Config(**numbers), **beside)


def prepare_with(
    strategy: Strategy | type[Events] | str | Path,
    data: Any,
    config: Config,
    *,
    timeframe: str | None = None,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    funding: Any = None,
    accounts: object = None,
    detail: Any = None,
    instruments: object = None,
) -> Setup:
    """Returns the same for settings that are checked already."""
    from bot4.data.detail import load_detail
    from bot4.data.funding import load_funding

    from .funding import Funding
    from .ticks.setup import needs_ticks, prepare_ticks

    chosen = as_strategy(strategy)
    if needs_ticks(chosen, data):
        return prepare_ticks(
            chosen,
            data,
            config,
            start,
            end,
            instruments,
            timeframe=timeframe,
            funding=funding,
            accounts=accounts,
            detail=detail,
        )
    coarse, fine, finer = detail_sources(data, detail)
    market = load_for(chosen, coarse, timeframe, end, instruments, accounts)
    trade_from_ms = trade_from(start, market)
    within = None if fine is None else load_detail(fine, market, finer, end, instruments, accounts)
    beside = Beside(Funding(load_funding(funding, market), config.funding_default), within)
    return Setup(chosen, market, config, trade_from_ms, beside)


def on_bars(strategy: Strategy) -> Strategy:
    """Returns a strategy that runs on bars. Raises BacktestError for one on ticks."""
    from bot4.strategy.ticks import Ticks

    if isinstance(strategy.on, Ticks):
        raise BacktestError(
            f"{strategy.name} runs on {strategy.on}, and this takes bars alone; on ticks there are `bot4 backtest` and `bot4 sweep` "
            "(b4.backtest, b4.sweep)."
        )
    return strategy


def _result_type(program: Program) -> type[Result]:
    if not program.sleeves:
        from .result import Result

        return Result
    from .sleeves import SleevesResult

    return SleevesResult


def detail_sources(data: Any, detail: Any) -> tuple[Any, Any, str | None]:
    """Returns (sources of the bars, sources of finer bars, their interval where one is named)."""
    from bot4.data.detail import is_interval, split_sources

    if not is_interval(detail):
        return data, detail, None
    return *split_sources(data, detail), detail


def as_strategy(strategy: object) -> Strategy:
    """Returns a strategy given as itself or by its place. Raises BacktestError for anything else."""
    from bot4.strategy import Events, EventStrategy, Strategy

    if isinstance(strategy, Strategy):
        return strategy
    if isinstance(strategy, type) and issubclass(strategy, Events):
        return EventStrategy(strategy)
    if isinstance(strategy, Events):
        name = type(strategy).__name__
        raise BacktestError(
            f"one {name} was given, an instance; give the class {name}, for each run makes its own instance."
        )
    if isinstance(strategy, (str, Path)):
        from .source import load_strategy

        return load_strategy(strategy)
    shown = getattr(strategy, "__name__", type(strategy).__name__)
    raise BacktestError(
        f"{shown} is not a strategy; put @b4.strategy or @b4.portfolio above the function, or derive the class from b4.Events."
    )


def load_for(
    strategy: Strategy,
    data: Any,
    timeframe: str | None,
    end: TimeLike | None,
    instruments: object = None,
    accounts: object = None,
) -> Market:
    """Returns the market at the strategy's clock. Raises BacktestError if `timeframe` contradicts it, DataError for bad data."""
    from bot4.data import load
    from bot4.data.timeframe import format_interval, parse_interval

    strategy = on_bars(strategy)
    if strategy.on is not None:
        wanted = format_interval(strategy.on.interval_ms)
        if timeframe is not None and parse_interval(timeframe) != strategy.on.interval_ms:
            raise BacktestError(
                f'{strategy.name} runs on its own clock, on=b4.bars("{wanted}"), and timeframe is {timeframe}; change on=, or leave '
                "timeframe out."
            )
        timeframe = wanted
    return load(data, timeframe=timeframe, end=end, instruments=instruments, accounts=accounts)


def trade_from(start: TimeLike | None, market: Market) -> int | None:
    from bot4.data.timeframe import format_time, parse_time

    if start is None:
        return None
    start_ms = parse_time(start)
    if start_ms >= market.end_ms:
        raise BacktestError(
            f"start is {format_time(start_ms)}, and the data ends at {format_time(market.end_ms)}; give an earlier start."
        )
    return start_ms
