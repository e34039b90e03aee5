"""What a walk-forward says and does not say, in sentences. Not here: numbers (`numbers`), layout (`table`, `page`)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot4.report import formulas, text
from bot4.report.columns import DAY_MS

from .lengths import length_text

if TYPE_CHECKING:
    from bot4.records.store import Trials

    from .cpcv_result import CpcvResult
    from .result import WalkForwardResult

FEW_TRADES = 10
SHORT_DAYS = 180
"""A Sharpe ratio of fewer days has an error above 1.4 (Lo 2002)."""


def plan_line(result: WalkForwardResult) -> str:
    """Returns the windows in one line."""
    lengths, s = result.lengths, result.stats
    kind = "anchored" if lengths.anchored else "rolling"
    gaps = [
        f"{name} {length_text(value)}"
        for name, value in (("purge", lengths.purge), ("embargo", lengths.embargo))
        if value
    ]
    first = "at least " if lengths.anchored else ""
    parts = [
        f"{text.plural(s.windows, 'window')}, {kind}: {first}{length_text(lengths.train)} of training, {length_text(lengths.test)} of test"
    ]
    if lengths.step != lengths.test:
        parts.append(f"a test every {length_text(lengths.step)}")
    return ", ".join(parts + gaps)


def choice_line(result: WalkForwardResult | CpcvResult) -> str:
    """Returns what is compared and how one is chosen."""
    if not result.tried.is_fitted:
        return "nothing is fitted"
    metric = result.plan.metric
    best = "highest" if metric.sign > 0 else "lowest"
    way = f"{best} {metric.name}" if result.plan.select == "best" else f"{best} mean {metric.name} with all neighbours"
    return f"{result.tried.text()}; chosen by the {way} in training"


def notes(result: WalkForwardResult) -> Iterator[str]:
    """Yields what the windows say."""
    s = result.stats
    if not result.tried.is_fitted:
        yield (
            f"Nothing was fitted, for {_why_unfitted(result)}: each window only compares one past with the one after it, and the "
            "stitched curve is the strategy cut into tests."
        )
    if len(result.steps) < result.planned:
        yield f"The account was ruined in window {result.steps[-1].number} of {result.planned}; the later ones were not run."
    kept = [window.number for window in result.steps if not window.has_choice]
    if kept:
        yield (
            f"No combination has a {result.plan.metric} in the training of window {numbered(kept)} (no trades, or too few days): the "
            "default parameters were kept."
        )
    if result.tried.is_fitted:
        yield from _few_trades(result)
        yield from _kept(result)
        if s.windows_compared:
            yield (
                f"The chosen parameters earned more than the defaults in {s.windows_beating_default} of {s.windows_compared} tests where "
                f"they differ; all tests together {text.percent(s.total_return, signed=True)}, with the defaults "
                f"{text.percent(s.default_return, signed=True)}."
            )
        yield from _drift(result)
    if result.lengths.step > result.lengths.test:
        yield f"Tests do not touch (step {length_text(result.lengths.step)}): between them the stitched curve holds cash."


def _why_unfitted(result: WalkForwardResult | CpcvResult) -> str:
    """Returns why there was nothing to choose from."""
    if not result.setup.strategy.parameters:
        return f"{result.name} declares no parameters"
    if result.tried.is_from_bounds and not result.tried.names:
        return "no parameter that is left open declares bounds or options"
    return "the grid has a single combination"


def _few_trades(result: WalkForwardResult) -> Iterator[str]:
    """Yields which choices rest on almost nothing."""
    few = [window.number for window in result.steps if window.has_choice and window.inside.value("trades") < FEW_TRADES]
    if few:
        word = "windows" if len(few) > 1 else "window"
        yield f"The choice of {word} {numbered(few)} rests on fewer than {FEW_TRADES} closed trades in training."


def _kept(result: WalkForwardResult) -> Iterator[str]:
    """Yields what was kept of the training's growth and Sharpe ratio."""
    s = result.stats
    if math.isfinite(s.efficiency):
        yield (
            f"Out of sample it grew {text.percent(s.growth, signed=True)} a year, in sample {text.percent(s.growth_inside, signed=True)}: "
            f"an efficiency of {text.percent(s.efficiency, 0)}. The mean Sharpe ratio in training was {text.ratio(s.sharpe_inside)}, "
            f"outside it is {text.ratio(s.sharpe)}."
        )
    elif math.isfinite(s.growth_inside):
        yield (
            f"Even the best parameters lost in training ({text.percent(s.growth_inside, signed=True)} a year on average), so that there is "
            "no efficiency to speak of."
        )
    if math.isfinite(s.slope):
        low, high = s.slope - 1.96 * s.slope_se, s.slope + 1.96 * s.slope_se
        tells = "says nothing about" if low <= 0 <= high else "goes with" if s.slope > 0 else "goes against"
        yield (
            f"A better Sharpe ratio in training {tells} a better one in the test (slope {text.ratio(s.slope)} ± {text.ratio(s.slope_se)} "
            f"over {text.plural(len(result.steps), 'window')})."
        )


def _drift(result: WalkForwardResult) -> Iterator[str]:
    """Yields how much the chosen values move about."""
    for name in result.tried.names:
        values = [window.params[name] for window in result.steps]
        options = sorted({repr(one[name]) for one in result.tried.values})
        changes = sum(a != b for a, b in itertools.pairwise(values))
        if len(options) < 2 or len(values) < 2:
            continue
        common = max(set(values), key=values.count)
        yield (
            f"{name} changed at {changes} of {len(values) - 1} borders; most often it was {common} ({values.count(common)} of "
            f"{len(values)} windows)."
        )


def caveats(result: WalkForwardResult) -> Iterator[str]:
    """Yields what the number is not."""
    s, config = result.stats, result.setup.config
    yield (
        f"One past of {text.span(s.days)} in {text.plural(s.windows, 'test')}: other times will differ. The strategy itself, its grid and "
        "its instruments were chosen with today's knowledge; a walk-forward cannot take that back."
    )
    if math.isfinite(s.sharpe_se):
        low, high = s.sharpe - 1.96 * s.sharpe_se, s.sharpe + 1.96 * s.sharpe_se
        luck = "luck alone could have made it" if low <= 0 <= high else "if nothing but these days is considered"
        yield f"The Sharpe ratio out of sample lies between {text.ratio(low, 1)} and {text.ratio(high, 1)} (95 %): {luck}."
    yield (
        "Each test begins flat with the equity of the one before: an open position is worth its mark at the border, closing it costs "
        "nothing, opening it again costs in full."
    )
    yield f"Costs are assumed: {config.costs_text(result.setup.market)}; fills are {config.realism}."
    yield f"This walk-forward made {text.plural(result.evaluations, 'run')}; {tried_before(result.trials)}."
    days = result.lengths.train / DAY_MS
    if days < SHORT_DAYS:
        error = math.sqrt(formulas.DAYS_PER_YEAR / days)
        yield (
            f"A training of {length_text(result.lengths.train)} says little: the error of a Sharpe ratio over so few days is about "
            f"{text.ratio(error, 1)}."
        )


def tried_before(trials: Trials | None) -> str:
    """Returns how often the same markets and times were tried before, in a clause."""
    if trials is None:
        return "how often these markets and times were tried before is not known"
    if not trials.runs:
        return "before it the run records know of none on these markets and times"
    return f"before it these markets and times had been tried {text.plural(trials.runs, 'time')}"


def value_text(value: object) -> str:
    """Returns a parameter's value, floats in short."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def numbered(numbers: list[int]) -> str:
    """Returns numbers with commas, the first few of many."""
    shown = ", ".join(str(number) for number in numbers[:6])
    return f"{shown} and {len(numbers) - 6} more" if len(numbers) > 6 else shown
