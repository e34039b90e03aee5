"""Correlations that change: DCC-GARCH (Engle 2002) and its corrected form cDCC (Aielli 2013), in two steps on margins of `arch`.

Step one fits GARCH(1,1) to each series; step two maximises the likelihood of the correlations over (a, b), with the long-run matrix S
from the residuals themselves. Within a step nothing loops over time but a linear recursion; matrices are factored all at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bot4.report.columns import Floats

from ..errors import GateError
from .inputs import extra, one_of, table
from .volatility import DISTRIBUTIONS, standardised

LEAST = 100
PERSISTENCES = (0.6, 0.9, 0.97, 0.99)
SHARES = (0.02, 0.08)
"""Grid of a + b and of a/(a + b) from whose best point the search starts."""
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Dcc:
    """Changing correlations of N series: R from Q = (1 − a − b)·S + a·z₋₁z₋₁ᵀ + b·Q₋₁ by R_ij = Q_ij/√(Q_ii·Q_jj)."""

    model: str
    """dcc, or cdcc: there z₋₁ is multiplied by √Q_ii, so that S is the mean of what it stands for."""
    count: int
    """Rows T."""
    series: int
    """Series N."""
    a: float
    """Weight of the last period's news."""
    b: float
    """Weight of the last correlation."""
    margins_log_likelihood: float
    """Of the N GARCH models, in the units of the returns."""
    correlation_log_likelihood: float
    """−½·Σ(ln|R| + zᵀR⁻¹z − zᵀz)."""
    log_likelihood: float
    """Of both steps."""
    constant_log_likelihood: float
    """`correlation_log_likelihood` of one constant matrix (Bollerslev 1990); twice the difference says what change is worth."""
    last: tuple[tuple[float, ...], ...]
    """Correlations of the last period, N rows."""
    next: tuple[tuple[float, ...], ...]
    """Correlations of the period after it, N rows."""
    path: Floats = field(repr=False, compare=False)
    """Correlations of every period, known before it, shape (T, N, N)."""
    volatility: Floats = field(repr=False, compare=False)
    """σ of every period and series, shape (T, N)."""


def dcc(returns: ArrayLike, *, distribution: str = "normal") -> Dcc:
    """Returns dynamic conditional correlations (Engle 2002; Engle and Sheppard 2001) of N ≥ 2 series of returns.

    distribution: of the margins; the second step is quasi-likelihood. returns: shape (T, N), T ≥ 100.
    Raises GateError for input that `table` refuses, for series that are copies of each other, and for a margin that does not converge.
    """
    return _fit("dcc", returns, distribution)


def cdcc(returns: ArrayLike, *, distribution: str = "normal") -> Dcc:
    """Returns corrected dynamic conditional correlations (Aielli 2013): consistent also where N is large; see `dcc`."""
    return _fit("cdcc", returns, distribution)


def _fit(model: str, returns: ArrayLike, distribution: str) -> Dcc:
    found = table(returns, LEAST, 2, "the table of returns")
    one_of("distribution", distribution, DISTRIBUTIONS)
    _distinct(found)
    z, volatility, margins = standardised(found, distribution)
    step = Correlations(z, is_corrected=model == "cdcc")
    a, b = step.best()
    path = correlation(step.path(a, b))
    dynamic = step.likelihood(a, b)
    return Dcc(
        model=model,
        count=found.shape[0],
        series=found.shape[1],
        a=a,
        b=b,
        margins_log_likelihood=margins,
        correlation_log_likelihood=dynamic,
        log_likelihood=margins + dynamic,
        constant_log_likelihood=step.likelihood(0.0, 0.0),
        last=_rows(path[-2]),
        next=_rows(path[-1]),
        path=path[:-1],
        volatility=volatility,
    )


class Correlations:
    """The second step for given residuals z, shape (T, N): the path of Q, its likelihood, and the best (a, b)."""

    def __init__(self, z: Floats, is_corrected: bool) -> None:
        self.z = z
        self.is_corrected = is_corrected
        self.lower = np.tril_indices(z.shape[1])
        """Rows and columns of a matrix's lower half, which is all that is kept of one until the end."""
        across = np.ascontiguousarray(z.T)
        self.news = across[self.lower[0]] * across[self.lower[1]]
        """z_i·z_j of every period for i ≥ j, shape (N(N + 1)/2, T): time is last, where the filter runs fastest."""
        self.squares = float(np.sum(z * z))
        self.filter = extra("scipy.signal").lfilter

    def path(self, a: float, b: float) -> Floats:
        """Returns Q of every period and of the one after the last, shape (T + 1, N, N)."""
        half = self._halves(a, b, 1)
        whole = self._matrices(half)
        rows, columns = self.lower
        whole[:, columns, rows] = half.T
        return whole

    def _halves(self, a: float, b: float, ahead: int) -> Floats:
        """Returns the lower halves of Q, shape (N(N + 1)/2, T + ahead); the first is S."""
        news = self._news(a, b)
        long_run = news.mean(axis=1)[:, None]
        # Q − S obeys x = a·(news₋₁ − S) + b·x₋₁ from 0, a first-order filter.
        driven = np.zeros((len(news), news.shape[1] + ahead))
        np.subtract(news[:, : driven.shape[1] - 1], long_run, out=driven[:, 1:])
        found: Floats = self.filter([a], [1.0, -b], driven, axis=1)
        found += long_run
        return found

    def _matrices(self, halves: Floats) -> Floats:
        """Returns lower triangular matrices of these halves, shape (T, N, N)."""
        size = self.z.shape[1]
        made = np.zeros((halves.shape[1], size, size))
        made[:, self.lower[0], self.lower[1]] = halves.T
        return made

    def likelihood(self, a: float, b: float) -> float:
        """Returns −½·Σ(ln|R| + zᵀR⁻¹z − zᵀz); −∞ where Q is no covariance matrix.

        With D = diag(Q)^½, R = D⁻¹QD⁻¹: ln|R| = ln|Q| − Σ ln Q_ii and zᵀR⁻¹z = |L⁻¹Dz|² for Q = LLᵀ.
        """
        q = self._matrices(self._halves(a, b, 0))
        try:
            lower = np.asarray(np.linalg.cholesky(q), dtype=np.float64)
        except np.linalg.LinAlgError:
            return -np.inf
        diagonal = np.einsum("tii->ti", q)
        solved = forward(lower, np.sqrt(diagonal) * self.z)
        pivots = np.einsum("tii->ti", lower)
        logs = 2.0 * float(np.sum(np.log(pivots))) - float(np.sum(np.log(diagonal)))
        return -0.5 * (logs + float(np.sum(solved * solved)) - self.squares)

    def best(self) -> tuple[float, float]:
        """Returns the (a, b) of the greatest likelihood: the best point of a grid, then Nelder and Mead (1965) in logits."""
        grid = [(p * s, p * (1.0 - s)) for p in PERSISTENCES for s in SHARES]
        a, b = max(grid, key=lambda point: self.likelihood(*point))
        start = [_logit(a + b), _logit(a / (a + b))]
        simplex = [start, [start[0] + 0.5, start[1]], [start[0], start[1] + 0.5]]
        found = extra("scipy.optimize").minimize(
            lambda at: -self.likelihood(*_weights(at)),
            start,
            method="Nelder-Mead",
            options={"initial_simplex": simplex, "xatol": 1e-3, "fatol": TOLERANCE, "maxfev": 200},
        )
        return _weights(found.x)

    def _news(self, a: float, b: float) -> Floats:
        """Returns what drives Q, shape (N(N + 1)/2, T): z_i·z_j, for cDCC times √(Q_ii·Q_jj)."""
        if not self.is_corrected:
            return self.news
        # S has ones on its diagonal, so that Q_ii needs only its own past.
        variance = np.ones_like(self.z)
        growth = a * self.z**2 + b
        for row in range(1, len(variance)):
            variance[row] = (1.0 - a - b) + growth[row - 1] * variance[row - 1]
        root = np.ascontiguousarray(np.sqrt(variance).T)
        scaled: Floats = self.news * root[self.lower[0]]
        scaled *= root[self.lower[1]]
        return scaled


def forward(lower: Floats, right: Floats) -> Floats:
    """Returns x of L·x = right for every period at once, shapes (T, N, N) and (T, N): a loop over N, not over T."""
    found = np.empty_like(right)
    for row in range(right.shape[1]):
        known = np.einsum("tj,tj->t", lower[:, row, :row], found[:, :row])
        found[:, row] = (right[:, row] - known) / lower[:, row, row]
    return found


def correlation(q: Floats) -> Floats:
    """Returns R_ij = Q_ij/√(Q_ii·Q_jj), shape (T, N, N)."""
    root = np.sqrt(np.einsum("tii->ti", q))
    found: Floats = q / (root[:, :, None] * root[:, None, :])
    np.einsum("tii->ti", found)[:] = 1.0
    return found


def _distinct(returns: Floats) -> None:
    """Raises GateError where two series are the same up to scale: their correlation matrix cannot be inverted."""
    close = np.triu(np.abs(np.corrcoef(returns.T)) > 1.0 - 1e-9, 1)
    if close.any():
        one, other = (int(place) + 1 for place in np.argwhere(close)[0])
        raise GateError(f"series {one} and {other} are copies of each other; leave one of them out")


def _rows(matrix: Floats) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in matrix)


def _logit(share: float) -> float:
    return float(np.log(share / (1.0 - share)))


def _weights(at: Any) -> tuple[float, float]:
    """Returns (a, b) of the logits of a + b and a/(a + b)."""
    # Clipped so that a + b stays below 1 by more than rounding.
    total, share = (1.0 / (1.0 + float(np.exp(-np.clip(value, -16.0, 16.0)))) for value in at)
    return total * share, total * (1.0 - share)
