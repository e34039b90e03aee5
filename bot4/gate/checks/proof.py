"""G2, evidence against the sequential boundary; G3, the deflated Sharpe ratio beside it.

The boundary carries the bound of 1 %: its c counts the trials (Šidák). The deflated ratio alone is no such bound, as it passes 5 % of those
without an edge where one was tried; it is asked for besides. The deviation of its trials is √(1/T), what luck alone makes: a wider spread
says that trials truly differ, and would refuse the best of them for the badness of the others.
"""

from __future__ import annotations

import math

import numpy as np

from bot4.report import text
from bot4.report.columns import Ints
from bot4.report.sections.cells import chance

from .. import boundary, stats
from ..boundary import Look, Score
from ..errors import GateError
from ..evidence import Evidence
from ..finding import Finding, found
from .readings import trials, trials_text

EVIDENCE = ("G2", "evidence")
DEFLATED = ("G3", "deflated Sharpe")
ONE_LOOK_DAYS = 3 * 365
STEP_DAYS = 10
"""Between two points of the path of z."""


def check_evidence(evidence: Evidence) -> Finding:
    """Returns whether z exceeds the boundary; waits where it does not yet. Details: the look, the next one, the path of z."""
    count, settings = trials(evidence), evidence.registration.settings
    score = boundary.score(evidence.out.returns)
    taken = _look(evidence, count)
    c = boundary.critical(count, settings.false_pass)
    level = c * math.sqrt(evidence.first_days + boundary.LAST_DAYS)
    if taken is None:  # before the first look
        verdict, bar = "EXTEND", level / math.sqrt(score.days)
        following: int | None = evidence.first_days + boundary.LOOK_DAYS
        odds = boundary.chance_at(score, level, evidence.first_days + boundary.LOOK_DAYS)
    else:
        verdict, bar, following, odds = taken.verdict, taken.boundary, taken.next_days, taken.chance or math.nan
    days, z, bars = _path(evidence, c)
    made = found(
        EVIDENCE, "hard", verdict == "PASS", score.z, (">", bar), "z", _words(evidence, score, bar, taken, count),
        verdict=verdict, look=evidence.look, is_only=_is_only(evidence), next_days=following, chance=odds, psr_z=score.psr_z,
        hac_z=score.hac_z, lags=score.lags, c=c, trials=count, path_days=days, path_z=z, path_bar=bars,
    )  # fmt: skip
    return made.waiting() if verdict == "EXTEND" else made


def check_deflated(evidence: Evidence) -> Finding:
    """Returns whether the deflated Sharpe ratio, with √(1/T) as the trials' deviation, reaches its level."""
    settings, count = evidence.registration.settings, trials(evidence)
    made = stats.deflated_sharpe(evidence.out.returns, trials=count)
    luck = f", which the best of {trials_text(count)} without an edge is expected to show" if count > 1 else ""
    words = (
        f"The Sharpe ratio is {text.ratio(made.sharpe)}. With a probability of {chance(made.probability)} the true one is above "
        f"{text.ratio(made.threshold)}{luck}."
    )
    return found(
        DEFLATED, "hard", made.probability >= settings.deflated_level, made.probability, ("≥", settings.deflated_level),
        "probability", words,
        sharpe=made.sharpe, threshold=made.threshold, trial_deviation=made.trial_deviation,
    ).waiting()  # fmt: skip


def _is_only(evidence: Evidence) -> bool:
    return evidence.look == 0 and len(evidence.out.days) >= ONE_LOOK_DAYS


def _look(evidence: Evidence, count: float) -> Look | None:
    """Returns the look that is due, None before the first."""
    returns, false_pass = evidence.out.returns, evidence.registration.settings.false_pass
    if _is_only(evidence):
        return boundary.single(returns, trials=count, false_pass=false_pass)
    if evidence.look == 0:
        if len(returns) >= evidence.first_days + boundary.LOOK_DAYS:
            raise GateError(
                f"there are {len(returns):,} days and the first look was due at {evidence.first_days + boundary.LOOK_DAYS:,}; "
                "collect the evidence of exactly those"
            )
        return None
    return boundary.look(
        returns, number=evidence.look, first_days=evidence.first_days, trials=count, false_pass=false_pass
    )


def _words(evidence: Evidence, score: Score, bar: float, taken: Look | None, count: float) -> str:
    ways = [(score.psr_z, "with skewness and tails"), (score.hac_z, "with autocorrelation")]
    (_, lower), (other, higher) = sorted(ways)
    z, needed = apart(score.z, bar)
    if _is_only(evidence):
        which = "the one look at three years or more"
    elif taken is None:
        which = "the first look is yet to come"
    else:
        which = f"look {taken.number} of {boundary.LOOKS}"
    return (
        f"z is {z} ({lower}; {higher} {text.ratio(other)}) and must exceed {needed} for {trials_text(count)} "
        f"after {score.days:,} days: {which}."
    )


def apart(z: float, bar: float) -> tuple[str, str]:
    """Returns z and its bar with as many decimals as tell them apart: two or four."""
    digits = 4 if abs(z - bar) < 0.01 else 2
    return text.ratio(z, digits), text.ratio(bar, digits)


def _path(evidence: Evidence, c: float) -> tuple[Ints, list[float], list[float]]:
    """Returns (days so far, z, boundary) at every tenth day and the last."""
    returns = evidence.out.returns
    at = np.arange(len(returns), boundary.LEAST - 1, -STEP_DAYS)[::-1]
    last = evidence.first_days + boundary.LAST_DAYS
    z = []
    for days in at.tolist():
        try:
            z.append(boundary.score(returns[:days]).z)
        except GateError:  # nothing was held until then
            z.append(math.nan)
    only = _is_only(evidence)
    bars = [c if only else c * math.sqrt(max(last / days, 1.0)) for days in at.tolist()]
    return at, z, bars
