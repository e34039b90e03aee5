"""G4, parameter neighbourhood: whether the best of the neighbours in one half of the time loses in the other (CSCV).

The bar is on the probability of loss. The probability of overfitting is one half by construction where all neighbours are equally good, so
that it fails nothing by itself. A strategy without parameters has no neighbours: its own halves are counted instead.
"""

from __future__ import annotations

import itertools

import numpy as np

from bot4.report import text
from bot4.report.columns import Floats, Ints

from .. import stats
from ..errors import GateError
from ..evidence import Evidence
from ..finding import Finding, Settings, found
from .readings import annual_sharpe, on_days

NAME = ("G4", "neighbourhood")
MOST_BINS = 60


def check(evidence: Evidence) -> Finding:
    """Returns whether the neighbourhood holds; value: CSCV's probability of loss. Not judged with too few neighbours."""
    settings, table = evidence.registration.settings, evidence.neighbours
    if not evidence.registration.parameters:
        return _alone(evidence, settings)
    varies = np.ptp(table, axis=0) > 0
    idle = int(np.sum(~varies))
    kept = table[:, varies]
    if kept.shape[1] < settings.least_neighbours:
        words = (
            f"The neighbourhood has {text.plural(kept.shape[1], 'configuration')} that traded and needs {settings.least_neighbours}: "
            "register again with a wider grid around the parameters."
        )
        return found(
            NAME,
            "hard",
            None,
            None,
            ("≤", settings.loss_probability),
            "probability",
            words,
            configurations=kept.shape[1],
            idle=idle,
        )
    try:
        made = stats.cscv(kept, blocks=settings.blocks)
    except GateError as error:
        return found(NAME, "hard", None, None, ("≤", settings.loss_probability), "probability", f"Not judged: {error}.")
    is_overfit = made.pbo > settings.overfit_probability and made.loss_probability > settings.overfit_loss
    words = (
        f"Of {kept.shape[1]} configurations, the best in one half of the time loses in the other in "
        f"{text.percent(made.loss_probability)} of {made.halves:,} halves; its rank there is in the worse half in {text.percent(made.pbo)}."
    )
    if is_overfit:
        words += " Both together are too high."
    counts, step = rank_histogram(made.logits, kept.shape[1])
    return found(
        NAME, "hard", made.loss_probability <= settings.loss_probability and not is_overfit, made.loss_probability,
        ("≤", settings.loss_probability), "probability", words,
        pbo=made.pbo, halves=made.halves, blocks=made.blocks, configurations=kept.shape[1], idle=idle, slope=made.slope,
        in_sample=made.in_sample, out_of_sample=made.out_of_sample, rank_counts=counts, rank_step=step, **_cloud(evidence),
    )  # fmt: skip


def _alone(evidence: Evidence, settings: Settings) -> Finding:
    """Returns the share of halves of the time in which the only configuration lost."""
    share = losing_halves(evidence.neighbours[:, 0], settings.blocks)
    words = (
        f"Without parameters there are no neighbours; it lost in {text.percent(share)} of all halves made of {settings.blocks} "
        "blocks of time."
    )
    passed = share <= settings.loss_probability
    return found(
        NAME,
        "hard",
        passed,
        share,
        ("≤", settings.loss_probability),
        "probability",
        words,
        configurations=1,
        **_cloud(evidence),
    )


def losing_halves(returns: Floats, blocks: int) -> float:
    """Returns the share of all choices of half of the blocks whose returns sum to less than 0."""
    length = len(returns) // blocks
    sums = returns[len(returns) - length * blocks :].reshape(blocks, length).sum(axis=1)
    chosen = np.array(list(itertools.combinations(range(blocks), blocks // 2)))
    return float(np.mean(sums[chosen].sum(axis=1) < 0))


def rank_histogram(logits: Floats, configurations: int) -> tuple[Ints, int]:
    """Returns (counts, ranks to a bin) of the ranks ω·(N + 1), ω = 1/(1 + e^−λ), that logits stand for: worst first, at most sixty bins.

    Configurations that tie share the rank in their middle, the lower of two.
    """
    step = -(-configurations // MOST_BINS)
    rank = np.floor((configurations + 1) / (1.0 + np.exp(-logits)) + 1e-9).astype(np.int64)
    counts = np.bincount((rank - 1) // step, minlength=-(-configurations // step))
    return counts, step


def _cloud(evidence: Evidence) -> dict[str, object]:
    """Returns each configuration's Sharpe ratio in and out of sample, the registered one first."""
    parts = {}
    for name, daily in (("in", evidence.inside), ("out", evidence.out)):
        days = np.intersect1d(daily.days, evidence.neighbour_days)
        rows = on_days(evidence.neighbour_days, evidence.neighbours, days)
        parts[f"cloud_{name}"] = [annual_sharpe(column) if len(column) > 1 else np.nan for column in rows.T]
    return dict(parts)
