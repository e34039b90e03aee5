"""The sequential boundary: whether returns out of sample, looked at again and again as they grow, are evidence of an edge.

z is the smaller of two: that of the probabilistic Sharpe ratio, which knows skewness and tails, and that of the mean with Newey-West error,
which knows autocorrelation over as many lags as the returns ask for. A look at T of at most T_max days passes where z > c·√(T_max/T)
(O'Brien and Fleming 1979): z·√T against a level that stays, so that twelve looks together pass an edgeless strategy about as rarely as one
at c. c grows with the number of trials (Šidák). Pure functions of an array and numbers: an independent process computes the same. Not here:
what else a gate asks for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bot4.report import formulas
from bot4.report.tear import hac
from bot4.report.tear.numbers import NORMAL

from .errors import GateError
from .stats.inputs import at_least, between, series
from .stats.ratios import z_score

FALSE_PASS = 0.00714
"""Chance at which one look at c passes without an edge: c = 2.45 for one trial. The twelve looks together then stay near 1 %, and at 1.3 %
where returns are autocorrelated (AR(1) 0.15): `bot4 gate self-test` measures it."""
LOOKS = 12
LOOK_DAYS = 30
PATIENCE_LOOKS = 6
"""From this look on a z below 0 fails for good."""
LAST_DAYS = 365
"""T_max is this long after the first day of waiting."""
MOST_LAGS = 25
LAGS_PER_ROOT = 1.3
LEAST = 180
"""Days below which there is no look."""


@dataclass(frozen=True)
class Score:
    """The z of a series of daily returns."""

    days: int
    """Number of returns T."""
    psr_z: float
    """SR·√(T − 1)/√(1 − γ₃·SR + (γ₄ − 1)/4·SR²) (Bailey and López de Prado 2012)."""
    hac_z: float
    """Mean over its Newey-West error (1987)."""
    lags: int
    """Of the Newey-West weights: as the returns ask for (Newey and West 1994), at most 25 and ⌊1.3·√T⌋."""
    z: float
    """The smaller of both."""


@dataclass(frozen=True)
class Look:
    """One look at the evidence."""

    score: Score
    """Of all days so far."""
    number: int
    """Which look this is, from 1."""
    trials: float
    """Independent trials that c counts."""
    c: float
    """Φ⁻¹((1 − false_pass)^(1/trials))."""
    boundary: float
    """c·√(T_max/T), to be exceeded by z."""
    verdict: Literal["PASS", "EXTEND", "FAIL"]
    """FAIL: z below 0 from the sixth look on, or not passed at the twelfth."""
    next_days: int | None
    """Days at the next look; none after PASS and FAIL."""
    chance: float | None
    """Chance of passing at it, if returns go on as they were, with the error of their mean."""


def score(returns: ArrayLike) -> Score:
    """Returns the z of daily returns, shape (T,), T ≥ 180. Raises GateError for fewer, for NaN and for a constant."""
    found = series(returns, LEAST, "the series of returns")
    lags = lags_of(found)
    ratio = float(np.mean(found) / np.std(found, ddof=1))
    psr_z = z_score(ratio, 0.0, len(found), formulas.skewness(found), formulas.kurtosis(found))
    error = hac.mean_se(found, lags)
    if not error > 0:
        raise GateError("the returns cancel each other so regularly that their mean has no error; give others")
    hac_z = float(np.mean(found)) / error
    return Score(len(found), psr_z, hac_z, lags, z=min(psr_z, hac_z))


def lags_of(returns: NDArray[np.float64]) -> int:
    """Returns how many lags the error of the mean of daily returns takes."""
    most = min(MOST_LAGS, int(LAGS_PER_ROOT * math.sqrt(len(returns))))
    return hac.lags_chosen(hac.autocovariances(returns, most), len(returns), most)


def critical(trials: float = 1.0, false_pass: float = FALSE_PASS) -> float:
    """Returns c for a number of independent trials: 2.45 for 1, 2.98 for 5, 3.19 for 10, 3.63 for 50.

    false_pass: chance at which one look passes without an edge. Raises GateError for fewer than 1 trial and a chance outside 0 … ½.
    """
    at_least("trials", trials, 1)
    return NORMAL.inv_cdf((1.0 - between("false_pass", false_pass, 0, 0.5)) ** (1.0 / trials))


def look(
    returns: ArrayLike, *, number: int, first_days: int, trials: float = 1.0, false_pass: float = FALSE_PASS
) -> Look:
    """Returns the verdict of one look at daily returns.

    returns: all days so far, shape (T,). number: which look, 1 to 12, at `first_days` + 30·number days. first_days: T0, the days before
    the first day of waiting; T_max is T0 + 365. trials: independent trials on these same days; false_pass: as in `critical`.
    Raises GateError for returns that `score` refuses, for a look that is not due, and for numbers out of range.
    """
    if not 1 <= number <= LOOKS:
        raise GateError(f"look {number} does not exist; there are {LOOKS}, from 1")
    at_least("first_days", first_days, 0)
    found = score(returns)
    due = first_days + LOOK_DAYS * number
    if found.days != due:
        raise GateError(
            f"look {number} is taken at {due:,} days and there are {found.days:,}; give the returns of exactly those"
        )
    last, c = first_days + LAST_DAYS, critical(trials, false_pass)
    boundary = c * math.sqrt(last / found.days)
    verdict = _verdict(found.z, boundary, number)
    following = due + LOOK_DAYS if verdict == "EXTEND" else None
    chance = None if following is None else chance_at(found, c * math.sqrt(last), following)
    return Look(found, number, trials, c, boundary, verdict, following, chance)


def single(returns: ArrayLike, *, trials: float = 1.0, false_pass: float = FALSE_PASS) -> Look:
    """Returns the verdict of one only look, for three years and more out of sample: PASS where z > c, else FAIL.

    Raises GateError for returns that `score` refuses, and for less than 1,095 days.
    """
    found = score(returns)
    if found.days < 3 * 365:
        raise GateError(f"one only look takes 1,095 days and there are {found.days:,}; look again and again instead")
    c = critical(trials, false_pass)
    return Look(found, 1, trials, c, c, "PASS" if found.z > c else "FAIL", None, None)


def _verdict(z: float, boundary: float, number: int) -> Literal["PASS", "EXTEND", "FAIL"]:
    if z > boundary:
        return "PASS"
    if number == LOOKS or (number >= PATIENCE_LOOKS and z < 0):
        return "FAIL"
    return "EXTEND"


def chance_at(found: Score, level: float, following: int) -> float:
    """Returns the chance that z·√T exceeds a level, c·√T_max, at `following` days, more than the days of the score.

    z·√T is a random walk with unit variance a day and drift δ; δ is known as z/√T with variance 1/T: its step over h days is normal with
    mean h·z/√T and variance h + h²/T.
    """
    ahead = following - found.days
    drift = found.z / math.sqrt(found.days)
    missing = level - found.z * math.sqrt(found.days)
    return NORMAL.cdf((ahead * drift - missing) / math.sqrt(ahead + ahead**2 / found.days))
