"""The registered design, run: in each window of a walk-forward the choice of the training, in the test after it; or the part held out.

Each test begins flat with the equity that the one before ended with. The same choices are run again at twice the costs, and read with every
fill one bar later (`late`). Not here: which days (`registry.plan`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from bot4.backtest.walkforward.choose import choose
from bot4.backtest.walkforward.cut import cut
from bot4.backtest.walkforward.evaluate import evaluate
from bot4.backtest.walkforward.metrics import read_metric, scores
from bot4.backtest.walkforward.splits import Span
from bot4.report.columns import DAY_MS, Floats

from ..errors import GateError
from ..registry.make import Made
from ..registry.plan import Plan
from .days import days_of
from .late import late_returns

if TYPE_CHECKING:
    from bot4.backtest.result import Result
    from bot4.backtest.setup import Setup
    from bot4.strategy import Program

Tell = Callable[[int], object]
STRESSES = ("costs_2x", "delay_1")
LEAST_CASH = 1e-8


@dataclass(frozen=True, eq=False)
class Chosen:
    """What one window runs."""

    test: Span
    program: Program


def count(made: Made, plan: Plan, end_ms: int) -> int:
    """Returns how many runs `choices` and the tests take."""
    windows = list(plan.windows(end_ms))
    fitted = len(made.programs) if len(made.programs) > 1 and plan.design == "walk-forward" else 0
    return len(windows) * (fitted + 1 + len(STRESSES))


def choices(made: Made, plan: Plan, end_ms: int, tell: Tell) -> list[Chosen]:
    """Returns what each window runs: the configuration that was best in its training, the registered one where there is none."""
    metric, found = read_metric(plan.metric), []
    for train, test in plan.windows(end_ms):
        at: int | None = 0
        if train is not None and len(made.programs) > 1:
            rows = evaluate(cut(made.setup, train), made.programs, 0, tell, metric.name)
            at = choose(scores(rows, metric), made.places)
        found.append(Chosen(test, made.programs[at or 0]))
    return found


def run_tests(setup: Setup, chosen: Sequence[Chosen], tell: Tell) -> Iterator[tuple[Span, Result]]:
    """Yields (test, result) of each window, the account carried on from one to the next. Raises GateError where it is ruined."""
    cash: float | None = None
    for one in chosen:
        result = cut(setup, one.test, cash).run(one.program)
        tell(1)
        yield one.test, result
        cash = result.stats.final_equity
        if not cash > LEAST_CASH:
            if one is not chosen[-1]:
                raise GateError(
                    "the account was ruined before the last day out of sample; there is nothing left to judge"
                )
            return


def doubled(setup: Setup) -> Setup:
    """Returns a setup at twice the fees, spread and impact."""
    config, market = setup.config, setup.market
    fee = None if config.fee_bps is None else 2 * config.fee_bps
    paying = replace(config, fee_bps=fee, spread_bps=2 * config.spread_bps, impact=2 * config.impact)
    instruments = tuple(
        replace(one, taker_bps=2 * one.taker_bps, maker_bps=max(2 * one.maker_bps, one.maker_bps))
        for one in market.instruments
    )
    return replace(setup, config=paying, market=replace(market, instruments=instruments))


def stress_returns(made: Made, chosen: Sequence[Chosen], name: str, tell: Tell) -> Floats:
    """Returns the daily returns out of sample at twice the costs (`costs_2x`), or with every fill one bar later (`delay_1`).

    After ruin the rest of the days are zero.
    """
    setup, parts = doubled(made.setup) if name == "costs_2x" else made.setup, []
    try:
        for span, result in run_tests(setup, chosen, tell):
            is_late = name == "delay_1"
            parts.append(
                late_returns(result, span) if is_late else days_of(result, span, made.registration.universe).returns
            )
    except GateError:
        left = sum(one.test.length_ms for one in chosen) // DAY_MS - sum(len(part) for part in parts)
        parts.append(np.zeros(left))
    return np.concatenate(parts)
