"""Whether choosing the best of several configurations carries over: combinatorially symmetric cross-validation (CSCV)."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats

from ..errors import GateError
from .inputs import table

MAX_BLOCKS = 20
CHUNK = 16_384
"""Halves evaluated at once: more save nothing and cost memory."""


@dataclass(frozen=True)
class Cscv:
    """What became, in the other half of the time, of the configuration that was best in one half; over all choices of halves.

    `loss_probability` is the figure that judges a strategy; `pbo` only says whether picking among the configurations transfers, and is
    one half where all of them are equally good.
    """

    count: int
    """Rows used: the most recent that make blocks of equal length."""
    columns: int
    """Configurations N."""
    blocks: int
    """Blocks of time S."""
    halves: int
    """Choices of S/2 of S blocks."""
    pbo: float
    """Probability of backtest overfitting: share of halves with logit ≤ 0, where the chosen one is in the worse half of the others."""
    loss_probability: float
    """Share of halves in which the chosen configuration loses out of sample."""
    logit: float
    """Mean of ln(ω/(1 − ω)), ω = rank/(N + 1) out of sample of the chosen one."""
    in_sample: float
    """Mean Sharpe ratio, per period, of the chosen one where it was chosen."""
    out_of_sample: float
    """Mean Sharpe ratio of the chosen one in the other half."""
    slope: float
    """Of out-of-sample on in-sample Sharpe ratios of the chosen ones: negative where more promised is less kept."""
    logits: Floats = field(repr=False, compare=False)
    """Logit of each half, shape (halves,)."""


def cscv(returns: ArrayLike, *, blocks: int = 16) -> Cscv:
    """Returns the probabilities of overfitting and of loss (Bailey, Borwein, López de Prado and Zhu 2015) by Sharpe ratio.

    returns: shape (T, N), one column for each configuration, N ≥ 2, T ≥ 2·blocks; blocks: even, 2 to 20.
    Raises GateError for input that `table` refuses.
    """
    if blocks % 2 or not 2 <= blocks <= MAX_BLOCKS:
        raise GateError(f"blocks is {blocks}; give an even number from 2 to {MAX_BLOCKS}")
    found = table(returns, 2 * blocks, 2, "the table of configurations")
    length = len(found) // blocks
    used = found[len(found) - length * blocks :]
    centre = used.mean(axis=0)
    pieces = (used - centre).reshape(blocks, length, -1)
    sums, squares = pieces.sum(axis=1), np.square(pieces).sum(axis=1)
    parts = [_half(rows, sums, squares, centre, length) for rows in _choices(blocks)]
    logits, inside, outside = (np.concatenate(column) for column in zip(*parts, strict=True))
    if not (np.isfinite(inside).all() and np.isfinite(outside).all()):
        raise GateError(f"a configuration has a constant return over half of the {blocks} blocks; leave it out")
    spread = float(np.var(inside))
    return Cscv(
        count=len(used),
        columns=used.shape[1],
        blocks=blocks,
        halves=len(logits),
        pbo=float(np.mean(logits <= 0)),
        loss_probability=float(np.mean(outside < 0)),
        logit=float(np.mean(logits)),
        in_sample=float(np.mean(inside)),
        out_of_sample=float(np.mean(outside)),
        slope=float(np.mean((inside - inside.mean()) * (outside - outside.mean()))) / spread
        if spread > 0
        else math.nan,
        logits=logits,
    )


def _choices(blocks: int) -> list[Floats]:
    """Returns all choices of half of the blocks as rows of 0 and 1, in chunks of shape (≤ CHUNK, blocks)."""
    chosen = np.array(list(itertools.combinations(range(blocks), blocks // 2)))
    rows = np.zeros((len(chosen), blocks))
    np.put_along_axis(rows, chosen, 1.0, axis=1)
    return [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]


def _half(rows: Floats, sums: Floats, squares: Floats, centre: Floats, length: int) -> tuple[Floats, Floats, Floats]:
    """Returns for each choice the logit, and the chosen one's Sharpe ratio inside and outside; sums are of centred returns."""
    size = length * (rows.shape[1] // 2)
    inside = _sharpe(rows @ sums, rows @ squares, centre, size)
    outside = _sharpe((1.0 - rows) @ sums, (1.0 - rows) @ squares, centre, size)
    every = np.arange(len(rows))
    best = np.argmax(inside, axis=1)
    chosen = outside[every, best]
    below = np.sum(outside < chosen[:, None], axis=1)
    level = np.sum(outside == chosen[:, None], axis=1)  # itself, and others of the same rank, which share it
    share = (below + (level + 1.0) / 2.0) / (outside.shape[1] + 1.0)
    return np.log(share / (1.0 - share)), inside[every, best], chosen


def _sharpe(sums: Floats, squares: Floats, centre: Floats, size: int) -> Floats:
    """Returns mean over deviation (ddof 1) per period: 0 for a configuration that rests there, ±∞ for one with a constant return."""
    mean = sums / size
    variance = np.maximum(squares - sums * mean, 0.0) / (size - 1)
    # Below this a variance is the rounding of its sums.
    variance = np.where(variance > 1e-13 * np.max(squares, axis=0) / size, variance, 0.0)
    whole = mean + centre
    whole = np.where(np.abs(whole) > 1e-12 * np.abs(centre), whole, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = whole / np.sqrt(variance)
    return np.where(np.isnan(ratio), 0.0, ratio)
