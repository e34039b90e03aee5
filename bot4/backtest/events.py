"""The loop of an event class: a row's market half, then its methods in order, then the decision half, until the data end.

What a method raises is told with method, asset, time and line. Not here: what the methods are given (`bot4.strategy.events`).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .engine import Progress, told
from .errors import BacktestError

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.strategy import EventStrategy, Program
    from bot4.strategy.events.context import Context

    from .config import Config
    from .funding import Funding

E9 = 1_000_000_000
END, BAR, FILL, TIMER = range(4)
PACKAGE = str(Path(__file__).resolve().parent.parent)
LIBRARY = str(Path(PACKAGE) / "strategy" / "library")


@dataclass(frozen=True)
class CallbackTime:
    """What the methods took, on this machine's clock: it never changes a result. Microseconds."""

    count: int
    mean_us: float
    p50_us: float
    p99_us: float
    max_us: float

    def text(self) -> str:
        """Returns one line for the summary."""
        if not self.count:
            return "No method was called."
        return (
            f"{self.count:,} callbacks: mean {self.mean_us:.3g} µs, median {self.p50_us:.3g} µs, 99 % within {self.p99_us:.3g} µs, "
            f"longest {self.max_us:,.4g} µs"
        )


def run_events(
    strategy: EventStrategy,
    market: Market,
    program: Program,
    config: Config,
    trade_from_ms: int | None,
    funding: Funding,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], CallbackTime]:
    """Returns the engine's records of a run and what its callbacks took. Raises BacktestError for what a method raises."""
    from bot4.strategy.events.context import Context

    ctx = Context(
        market.native,
        config.engine_json(market, trade_from_ms),
        strategy.room,
        round(strategy.budget * E9),
        strategy.compute_latency_ms,
        ("on_bar" in strategy.methods, "on_fill" in strategy.methods),
        told(market, progress),
        **funding.arguments(),
    )
    call = _Call(strategy.name)
    try:
        _drive(strategy.instance(program.parameters), ctx, call)
    except Exception as error:
        raise call.explained(error, ctx) from error
    count, *times = ctx._callback_time()
    return ctx._results(), CallbackTime(count, *(ns / 1e3 for ns in times))


@dataclass
class _Call:
    """The call that is being made, for what it may raise."""

    name: str
    method: str = "__init__"

    def explained(self, error: Exception, ctx: Context) -> Exception:
        """Returns the error to raise: with method, asset, time and the user's line, unless it does not come from a method."""
        from bot4.data.timeframe import format_time
        from bot4.strategy import StrategyError

        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(frame.filename)]
        if not frames:
            return error
        line = f"{frames[-1].filename}:{frames[-1].lineno}"
        if isinstance(error, StrategyError):
            said = f"{error.cause}. {error.fix}" + ("" if error.fix.endswith("?") else ".")
        else:
            own = "" if type(error).__name__ == "EngineError" else f"{type(error).__name__}: "
            said = f"{own}{error}".rstrip(".") + "."
        about = "" if ctx.symbol is None else f" for {ctx.symbol}"
        at = "" if self.method in ("__init__", "on_start") else f"{about} at {format_time(ctx.now)}"
        return BacktestError(f"{line}: {self.name}.{self.method}{at}: {said}")


def _is_users(file: str) -> bool:
    return not file.startswith(PACKAGE) or file.startswith(LIBRARY)


def _drive(strategy: Any, ctx: Context, call: _Call) -> None:
    """Calls the methods until the data end."""
    call.method = "on_start"
    if hasattr(strategy, "on_start"):
        _check_nothing(strategy.on_start(ctx), strategy, call)
    ctx._begin()
    on_bar, on_fill, on_timer = (getattr(strategy, name, None) for name in ("on_bar", "on_fill", "on_timer"))
    step, bar, fill = ctx._next, ctx._bar, ctx._fill
    returned: object = None
    while code := step():
        if code == BAR:
            call.method = "on_bar"
            returned = on_bar(ctx, bar())  # type: ignore[misc]  # bars are handed out only where there is a method
        elif code == FILL:
            call.method = "on_fill"
            returned = on_fill(ctx, fill())  # type: ignore[misc]
        else:
            call.method = "on_timer"
            returned = _timed(on_timer, ctx)
        if returned is not None:
            _check_nothing(returned, strategy, call)


def _timed(on_timer: Callable[[Context, str], object] | None, ctx: Context) -> object:
    name = ctx._due_timer()
    if on_timer is None:
        raise BacktestError(
            f"the timer {name} is due, and there is no method for it; write def on_timer(self, ctx, name)."
        )
    return on_timer(ctx, name)


def _check_nothing(returned: object, strategy: object, call: _Call) -> None:
    if returned is not None:
        line = getattr(strategy, call.method).__code__
        raise BacktestError(
            f"{line.co_filename}:{line.co_firstlineno}: {call.name}.{call.method} returned a {type(returned).__name__}, and what it returns "
            "is not looked at; ask with ctx.target(…), ctx.limit(…) and the like, and return nothing."
        )
