"""What a cross-validation says and does not say, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot4.report import text

from .lengths import length_text
from .words import numbered, tried_before, value_text

if TYPE_CHECKING:
    from .cpcv_result import CpcvResult


def plan_line(result: CpcvResult) -> str:
    """Returns groups, splits and paths in one line."""
    groups, s = result.groups, result.stats
    gaps = [
        f"{name} {length_text(ms)}" for name, ms in (("purge", groups.purge_ms), ("embargo", groups.embargo_ms)) if ms
    ]
    return ", ".join(
        [
            f"{len(groups.blocks)} groups, {groups.tested} tested: {text.plural(s.splits, 'split')}, {text.plural(s.paths, 'path')}",
            *gaps,
        ]
    )


def notes(result: CpcvResult) -> Iterator[str]:
    """Yields what the paths say."""
    s = result.stats
    if not result.tried.is_fitted:
        yield "Nothing was fitted, so that all paths are the same: the strategy's own days."
    kept = [fold.number for fold in result.folds if not fold.has_choice]
    if kept:
        yield f"No combination has a {result.plan.metric} in the training of split {numbered(kept)}: the default parameters were kept."
    if math.isfinite(s.path_sharpe_mean):
        yield (
            f"The Sharpe ratio of the paths lies between {text.ratio(s.path_sharpe_min)} and {text.ratio(s.path_sharpe_max)}, on average "
            f"{text.ratio(s.path_sharpe_mean)}; with the defaults it is {text.ratio(s.default_sharpe)}. "
            f"{s.paths_losing} of {s.paths} paths lost money."
        )
    if not result.tried.is_fitted:
        return
    yield (
        f"In training the choices had a mean Sharpe ratio of {text.ratio(s.split_sharpe_in)}, in their tests "
        f"{text.ratio(s.split_sharpe_out)}; {s.splits_losing} of {s.splits} tests lost money."
    )
    if math.isfinite(s.overfit):
        yield (
            f"In {text.percent(s.overfit, 0)} of the splits the choice was no better in the test than half of all combinations: at "
            f"50{text.NBSP}% choosing is worth nothing."
        )
    yield from _choices(result)


def _choices(result: CpcvResult) -> Iterator[str]:
    """Yields what was chosen most often."""
    chosen = Counter(tuple(fold.params.items()) for fold in result.folds)
    (most, count), different = chosen.most_common(1)[0], len(chosen)
    values = ", ".join(f"{name}={value_text(value)}" for name, value in most)
    many = "One combination was" if different == 1 else f"{different} combinations were"
    yield f"{many} chosen; most often {values} ({count} of {len(result.folds)} splits)."


def caveats(result: CpcvResult) -> Iterator[str]:
    """Yields what the numbers are not."""
    s = result.stats
    yield (
        f"All paths live through the same {text.count(s.days)} days, and training may lie after the test: they show how much a choice "
        "depends on the days it was made on, not how one would have traded (that is a walk-forward)."
    )
    errors = [one.sharpe_se for one in result.path_stats if math.isfinite(one.sharpe_se)]
    if errors:
        yield (
            f"Paths share most of their days' returns, so their spread is not the error of the Sharpe ratio; that of a single path is "
            f"± {text.ratio(max(errors))}."
        )
    yield (
        "Each combination ran once over the whole span: at the border of two groups a path changes positions without paying for it, and "
        "indicators look back into the group before."
    )
    config = result.setup.config
    yield f"Costs are assumed: {config.costs_text(result.setup.market)}; fills are {config.realism}."
    yield f"This call made {text.plural(result.evaluations, 'run')}; {tried_before(result.trials)}."
