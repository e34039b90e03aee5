"""The price of many trials: how many they count as, and p-values corrected for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats

from ..errors import GateError
from .inputs import between, series, table


@dataclass(frozen=True)
class EffectiveTrials:
    """How many independent trials correlated ones count as."""

    count: int
    """Rows: returns of each trial."""
    trials: int
    """Columns N."""
    correlation: float
    """Mean correlation ρ̄ between two trials."""
    effective: float
    """ρ̄ + (1 − ρ̄)·N with ρ̄ at least 0: 1 for copies of one, N for independent ones (López de Prado 2019)."""


@dataclass(frozen=True)
class Adjusted:
    """p-values corrected so that the chance of one false rejection among all is at most the level."""

    method: str
    """sidak or holm."""
    count: int
    """Number of tests N."""
    level: float
    """Of the whole family."""
    p_values: tuple[float, ...]
    """Corrected, in the order given."""
    rejected: int
    """How many are at or below the level."""


def effective_trials(returns: ArrayLike) -> EffectiveTrials:
    """Returns how many independent trials the columns count as, from their mean correlation.

    returns: shape (T, N), T ≥ 10. Raises GateError for input that `table` refuses.
    """
    found = table(returns, 10, 1, "the table of trials")
    count, trials = found.shape
    if trials == 1:
        return EffectiveTrials(count, 1, correlation=1.0, effective=1.0)
    scaled = (found - found.mean(axis=0)) / found.std(axis=0)
    # The sum over all pairs is the variance of the row sums: N² correlations need not be made.
    total = float(np.mean(scaled.sum(axis=1) ** 2))
    mean = (total - trials) / (trials * (trials - 1))
    held = min(max(mean, 0.0), 1.0)
    return EffectiveTrials(count, trials, mean, effective=held + (1.0 - held) * trials)


def sidak(p_values: ArrayLike, *, level: float = 0.05) -> Adjusted:
    """Returns 1 − (1 − p)^N for each of N p-values (Šidák 1967): exact for independent tests.

    Raises GateError for values outside 0 … 1.
    """
    found = _probabilities(p_values)
    return _adjusted("sidak", -np.expm1(len(found) * np.log1p(-np.minimum(found, 1.0 - 1e-16))), level)


def holm(p_values: ArrayLike, *, level: float = 0.05) -> Adjusted:
    """Returns p-values by Holm's step-down (1979): the k-th smallest times N − k + 1, never below the one before, valid for any dependence.

    Raises GateError for values outside 0 … 1.
    """
    found = _probabilities(p_values)
    order = np.argsort(found, kind="stable")
    stepped = np.maximum.accumulate(found[order] * np.arange(len(found), 0, -1))
    back = np.empty_like(found)
    back[order] = np.minimum(stepped, 1.0)
    return _adjusted("holm", back, level)


def _probabilities(values: ArrayLike) -> Floats:
    found = series(values, 1, "the list of p-values", varies=False)
    wrong = np.flatnonzero((found < 0) | (found > 1))
    if len(wrong):
        raise GateError(f"p-value {wrong[0] + 1} is {found[wrong[0]]:g}; a p-value lies between 0 and 1")
    return found


def _adjusted(method: str, values: Floats, level: float) -> Adjusted:
    between("level", level, 0, 1)
    return Adjusted(method, len(values), level, tuple(float(v) for v in values), int(np.sum(values <= level)))
