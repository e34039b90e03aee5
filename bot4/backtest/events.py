"""The loop of an event class: a row's market half, then its methods in order, then the decision half, until the data end.

What a method raises is told with method, asset, time and line. Not here: what the methods are given (`bot4.strategy.events`).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import BacktestError

if TYPE_CHECKING:
    from bot4.data import Market
    from bot4.strategy import Events, Program

    from .context import Context

E9 = 1_000_000_000
END, BAR, FILL, TIMER = range(4)
METHODS = ("on_start", "on_bar", "on_fill", "on_timer")
PACKAGE = str(Path(__file__).resolve().parent.parent)
LIBRARY = str(Path(PACKAGE) / "strategy" / "library")


@dataclass(frozen=True)
class CallbackTime:
    """What the methods took, on this machine's clock: it never changes a result."""

    count: int
    mean_ns: float
    p50_ns: float
    p99_ns: float
    max_ns: float

    def text(self) -> str:
        """Returns one line for the summary."""
        if not self.count:
            return "no method was called"
        half, mean, most, longest = map(_shown, (self.p50_ns, self.mean_ns, self.p99_ns, self.max_ns))
        return f"{self.count:,} callbacks: median {half}, mean {mean}, p99 {most}, longest {longest}"


def _shown(ns: float) -> str:
    return f"{ns / 1e3:.2g} µs" if ns < 99_500 else f"{ns / 1e6:.3g} ms"


def run_events(
    market: Market, program: Program, config_json: str, progress: Callable[[int], object] | None = None, **beside: Any
) -> dict[str, Any]:
    """Returns the records of a run as `bot4._engine.run`, with `callbacks`: how many, and what they took in nanoseconds.

    `beside` is funding and finer bars, as the engine takes them. Raises BacktestError for what a method raises, with its place.
    """
    from .context import Context

    plan = program.events
    assert plan is not None  # only these programs come here
    ctx = Context(
        market.native,
        program.json,
        config_json,
        list(plan.signals.items()),
        (plan.room, round(plan.budget * E9), plan.compute_latency_ms),
        ("on_bar" in plan.methods, "on_fill" in plan.methods),
        progress,
        **beside,
    )
    call = _Call(program.name)
    try:
        _drive(plan.instance(), ctx, call)
    except Exception as error:
        raise call.explained(error, ctx) from error
    names = ("count", "mean_ns", "p50_ns", "p99_ns", "max_ns")
    return ctx._results() | {"callbacks": dict(zip(names, ctx._callback_time(), strict=True))}


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
            said = f"{own}{error}".rstrip(".") + "." + _hint(error)
        about = "" if ctx.symbol is None else f" for {ctx.symbol}"
        at = "" if self.method in ("__init__", "on_start") else f"{about} at {format_time(ctx.now)}"
        return BacktestError(f"{line}: {self.name}.{self.method}{at}: {said}")


def _hint(error: Exception) -> str:
    """Returns the fix of an easy slip: `ctx.position.flat` without the call."""
    is_uncalled = isinstance(error, AttributeError) and "builtin_function_or_method" in str(error)
    return " Write ctx.position().flat: position, working and held are called." if is_uncalled else ""


def _is_users(file: str) -> bool:
    return not file.startswith(PACKAGE) or file.startswith(LIBRARY)


def _drive(strategy: Events, ctx: Context, call: _Call) -> None:
    """Calls the methods until the data end."""
    on_start, on_bar, on_fill, on_timer = (getattr(strategy, name, None) for name in METHODS)
    call.method = "on_start"
    if on_start is not None:
        _check_nothing(on_start(ctx), strategy, call)
    ctx._begin()
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
        code = getattr(strategy, call.method).__code__
        raise BacktestError(
            f"{code.co_filename}:{code.co_firstlineno}: {call.name}.{call.method} returned a {type(returned).__name__}, and what it "
            "returns is not looked at; ask with ctx.target(…), ctx.limit(…) and the like, and return nothing."
        )
