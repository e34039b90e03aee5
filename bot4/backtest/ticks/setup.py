"""`TickSetup`: a strategy, ticks and settings, prepared for one or many runs.

Order of operations: is it ticks at all → settings of bars refused → ticks loaded → rows of the clock made → start of trading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..config import Config
from ..engine import Beside
from ..errors import BacktestError
from ..funding import Funding
from ..setup import Setup, trade_from
from .data import TickData, is_tick_source, load_ticks, sources_of, tick_data
from .settings import tick_config

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.data.timeframe import TimeLike
    from bot4.strategy import Program, Strategy

    from ..engine import Progress
    from ..result import Result

ONLY_BARS = {
    "timeframe": "the strategy's clock says how often it decides",
    "funding": "ticks span no settlement",
    "accounts": "a run on ticks keeps one plain account",
    "detail": "ticks are finer than any bar",
}
"""What `b4.backtest` takes beside the settings and only bars have."""


@dataclass(frozen=True, eq=False)
class TickBeside(Beside):
    """What a run on ticks is given beside market, program and settings: the ticks."""

    data: TickData | None = None

    @property
    def settles(self) -> bool:
        """Returns False: a recording of ticks spans minutes or hours."""
        return False

    @property
    def ticks(self) -> TickData:
        """Returns the ticks."""
        assert self.data is not None, "made by prepare_ticks alone"
        return self.data

    def lines(self, market: Market) -> list[str]:
        """Returns what is assumed, one line each: nothing here, for the settings say it (`TickResult`)."""
        return []

    def data_hash(self, market: Market) -> str:
        """Returns the identity of ticks and rows together."""
        return self.ticks.hash


@dataclass(frozen=True, eq=False)
class TickSetup(Setup):
    """A `Setup` over ticks."""

    def run(self, program: Program, progress: Progress | None = None) -> Result:
        """Returns the result of a program; nothing is recorded. Raises EngineError."""
        from .engine import run_ticks

        return self.result(program, run_ticks(self, program, progress))

    def result(self, program: Program, records: dict[str, Any]) -> Result:
        """Returns the result of records that the engine made of a program under these settings."""
        from .result import TickResult

        return TickResult(self.strategy, program, self.market, self.config, records, self.trade_from_ms, self.beside)


def needs_ticks(strategy: Strategy, data: object) -> bool:
    """Tells whether strategy and data are of ticks. Raises BacktestError where one is and the other is not."""
    from bot4.strategy.ticks import Ticks as TickClock

    on_ticks, of_ticks = isinstance(strategy.on, TickClock), is_tick_source(data)
    if on_ticks and not of_ticks:
        for path in sources_of(data) or []:
            if not path.exists():
                raise BacktestError(f"{path} does not exist; check the path of the recording.")
        raise BacktestError(
            f"{strategy.name} runs on {strategy.on}, and the data is no recording of ticks; give one (see `bot4 data import`), or write "
            'on=b4.bars("1h").'
        )
    if of_ticks and not on_ticks:
        clock = f" on {strategy.on}" if strategy.on is not None else " on bars"
        raise BacktestError(
            f'{strategy.name} runs{clock}, and the data is a recording of ticks; give bars, or write on=b4.book(every="100ms").'
        )
    return on_ticks


def prepare_ticks(
    strategy: Strategy,
    data: Any,
    config: Config,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    instruments: object = None,
    **beside: Any,
) -> TickSetup:
    """Returns the setup of runs on ticks; `beside` are what bars have and ticks do not. Raises BacktestError, DataError."""
    from bot4.strategy.ticks import Ticks as TickClock

    for name, value in beside.items():
        if value is not None:
            raise BacktestError(f"{name} is of bars: {ONLY_BARS[name]}; leave it out.")
    assert isinstance(strategy.on, TickClock), "needs_ticks has looked"
    rows = tick_data(load_ticks(data, instruments), strategy.on, start, end)
    market = rows.market
    none = Funding((None,) * len(market))
    trade_from_ms = trade_from(start, market)
    return TickSetup(
        strategy,
        market,
        tick_config(config, rows.feed_ns, rows.ticks.orders.rows > 0),
        trade_from_ms,
        TickBeside(none, data=rows),
    )
