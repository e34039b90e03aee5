"""Searches that learn from what they tried, with Optuna's samplers: TPE, CMA-ES and NSGA-II.

Bergstra et al. (2011) for TPE, Hansen and Ostermeier (2001) for CMA-ES, Deb et al. (2002) for NSGA-II. Optuna is asked for batches and
told their outcomes; it stores nothing: the same seed and the same outcomes give the same proposals, so an interrupted search is replayed
from the run records. Needs the extra `search`.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import BacktestError
from .axis import Axis, Value, ascending
from .space import Space
from .tracing import Proposal

BATCH = 32
"""Combinations asked for at once: the population of NSGA-II and CMA-ES; for TPE, what it learns from between them."""


class Adaptive:
    """An Optuna sampler as a proposer."""

    def __init__(self, space: Space, search: str, n: int, seed: int, signs: Sequence[int]) -> None:
        self.space = space
        self.total = n
        self.optuna = _extra("optuna", search)
        if search == "cmaes":
            _extra("cmaes", search)
        self.optuna.logging.set_verbosity(self.optuna.logging.ERROR)
        self._distributions = {axis.name: _distribution(self.optuna.distributions, axis) for axis in space.axes}
        directions = ["maximize" if sign > 0 else "minimize" for sign in signs]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Optuna warns of parts it calls experimental
            self.study = self.optuna.create_study(directions=directions, sampler=_sampler(self.optuna, search, seed))
        self._trials: dict[int, Any] = {}
        self._next = 0

    def ask(self, most: int) -> list[Proposal]:
        """Returns the next batch; its size does not depend on `most`, for it decides what is learnt from."""
        found: list[Proposal] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for number in range(self._next, min(self._next + BATCH, self.total)):
                trial = self.study.ask(self._distributions)
                self._trials[number] = trial
                found.append((number, {axis.name: _value(axis, trial.params[axis.name]) for axis in self.space.axes}))
        self._next += len(found)
        return found

    def tell(self, outcomes: Mapping[int, Sequence[float] | None]) -> None:
        """Tells the sampler what came of a batch; a combination without all its objectives has failed."""
        for number in sorted(outcomes):
            values, trial = outcomes[number], self._trials.pop(number)
            if values is None or not all(map(math.isfinite, values)):
                self.study.tell(trial, state=self.optuna.trial.TrialState.FAIL)
            else:
                self.study.tell(trial, list(values))


def _extra(name: str, search: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise BacktestError(
            f'the search {search} needs {name}, which is not installed; run: pip install "bot4[search]"'
        ) from None


def _sampler(optuna: Any, search: str, seed: int) -> Any:
    if search == "tpe":
        return optuna.samplers.TPESampler(seed=seed, constant_liar=True, multivariate=True)
    if search == "cmaes":
        return optuna.samplers.CmaEsSampler(seed=seed, popsize=BATCH)
    return optuna.samplers.NSGAIISampler(seed=seed, population_size=BATCH)


def _distribution(kinds: Any, axis: Axis) -> Any:
    """Returns what Optuna draws: of listed numbers their place in ascending order, so that it knows which are near."""
    if axis.values and not axis.is_number:
        return kinds.CategoricalDistribution(axis.values)
    if axis.values:
        return kinds.IntDistribution(0, len(axis.values) - 1)
    step = None if axis.log else axis.step
    high = axis.high if step is None else axis.low + math.floor((axis.high - axis.low) / step + 1e-9) * step
    if axis.is_int:
        return kinds.IntDistribution(int(axis.low), int(high), log=axis.log, step=1 if step is None else int(step))
    return kinds.FloatDistribution(axis.low, high, log=axis.log, step=step)


def _value(axis: Axis, drawn: Value) -> Value:
    if axis.is_range:
        return axis.number(float(drawn))
    return ascending(axis)[int(drawn)] if axis.is_number else drawn
