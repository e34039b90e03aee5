"""DCC: its likelihood and path are the naive ones, planted parameters come back, and constant correlations are told from changing ones."""

from __future__ import annotations

import numpy as np
import pytest

from bot4.gate import stats
from bot4.gate.stats.correlations import Correlations, forward
from bot4.gate.stats.volatility import standardised

near = pytest.approx
LONG_RUN = np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.4], [0.3, 0.4, 1.0]])


def planted(a, b, count, seed, is_corrected=False):
    """Standard residuals of a (c)DCC with these weights, shape (count, 3), and the correlations they were drawn with."""
    rng = np.random.default_rng(seed)
    q, z, path = LONG_RUN.copy(), np.zeros((count, 3)), np.zeros((count, 3, 3))
    for row in range(count):
        root = np.sqrt(np.diag(q))
        path[row] = q / np.outer(root, root)
        z[row] = np.linalg.cholesky(path[row]) @ rng.normal(size=3)
        news = z[row] * root if is_corrected else z[row]
        q = (1 - a - b) * LONG_RUN + a * np.outer(news, news) + b * q
    return z, path


def naive(z, a, b, is_corrected):
    """The likelihood and path as the paper writes them, period by period."""
    count, size = z.shape
    scale, diagonal = np.ones((count, size)), np.ones(size)
    if is_corrected:
        for row in range(count):
            scale[row] = np.sqrt(diagonal)
            diagonal = (1 - a - b) + a * z[row] ** 2 * diagonal + b * diagonal
    news = z * scale
    long_run = news.T @ news / count
    q, total, path = long_run, 0.0, []
    for row in range(count):
        r = q / np.sqrt(np.outer(np.diag(q), np.diag(q)))
        path.append(r)
        total += np.linalg.slogdet(r)[1] + z[row] @ np.linalg.inv(r) @ z[row] - z[row] @ z[row]
        q = (1 - a - b) * long_run + a * np.outer(news[row], news[row]) + b * q
    return -total / 2, np.array(path), q


@pytest.mark.parametrize("is_corrected", [False, True])
@pytest.mark.parametrize(("a", "b"), [(0.0, 0.0), (0.03, 0.95), (0.2, 0.5)])
def test_likelihood_and_path_are_the_naive_ones(is_corrected, a, b):
    z, _ = planted(0.05, 0.9, 300, seed=1)
    step = Correlations(z, is_corrected)
    likelihood, path, after = naive(z, a, b, is_corrected)
    assert step.likelihood(a, b) == near(likelihood, rel=1e-10)
    q = step.path(a, b)
    root = np.sqrt(np.einsum("tii->ti", q))
    assert q[:-1] / (root[:-1, :, None] * root[:-1, None, :]) == near(path, rel=1e-9)
    assert q[-1] == near(after, rel=1e-9)


@pytest.mark.parametrize("is_corrected", [False, True])
def test_planted_weights_come_back(is_corrected):
    z, path = planted(0.05, 0.92, 6_000, seed=2, is_corrected=is_corrected)
    step = Correlations(z, is_corrected)
    a, b = step.best()
    assert (a, b) == near((0.05, 0.92), abs=0.015)
    q = step.path(a, b)[:-1]
    root = np.sqrt(np.einsum("tii->ti", q))
    assert np.abs(q / (root[:, :, None] * root[:, None, :]) - path).mean() < 0.02
    assert step.likelihood(a, b) >= step.likelihood(0.05, 0.92)


def garch_of(z):
    """Returns with these residuals and GARCH(1,1) variances of about 1e-4."""
    returns, variance = np.zeros_like(z), np.full(z.shape[1], 1e-4)
    for row in range(len(z)):
        returns[row] = np.sqrt(variance) * z[row]
        variance = 5e-6 + 0.08 * returns[row] ** 2 + 0.87 * variance
    return returns


def test_it_is_the_result_of_another_library():
    """pymgarch 0.6.0 (MIT; DCC, normal) on the same 3,000 rows in per cent."""
    z, _ = planted(0.05, 0.92, 3_000, seed=3)
    found = stats.dcc(garch_of(z) * 100)
    assert (found.a, found.b) == near((0.055052, 0.908691), abs=1e-4)
    assert found.log_likelihood == near(-11570.4260, abs=0.05)
    last = [[1, 0.41498794, 0.11713673], [0.41498794, 1, 0.19877248], [0.11713673, 0.19877248, 1]]
    assert np.array(found.last) == near(np.array(last), abs=5e-4)


@pytest.mark.parametrize("model", [stats.dcc, stats.cdcc])
def test_garch_with_changing_correlations_is_recovered_from_returns(model):
    z, path = planted(0.05, 0.92, 3_000, seed=3, is_corrected=model is stats.cdcc)
    returns = garch_of(z)
    found = model(returns)
    assert (found.a, found.b) == near((0.05, 0.92), abs=0.03)
    assert found.path.shape == (3_000, 3, 3)
    assert np.abs(found.path - path).mean() < 0.04
    assert found.log_likelihood == near(found.margins_log_likelihood + found.correlation_log_likelihood)
    assert 2 * (found.correlation_log_likelihood - found.constant_log_likelihood) > 50
    assert np.array(found.last) == near(found.path[-1])
    assert np.linalg.eigvalsh(found.path).min() > 0


def test_constant_correlations_show_little_to_gain():
    drawn = np.random.default_rng(4).normal(size=(1_500, 3)) @ np.linalg.cholesky(LONG_RUN).T * 0.01
    found = stats.dcc(drawn)
    assert 2 * (found.correlation_log_likelihood - found.constant_log_likelihood) < 8
    assert found.path.std(axis=0).max() < 0.03
    assert np.array(found.last) == near(LONG_RUN, abs=0.1)


def test_margins_are_the_models_of_each_series():
    drawn = np.random.default_rng(5).normal(size=(600, 2)) * [0.01, 0.03]
    residuals, volatility, likelihood = standardised(drawn, "normal")
    alone = [stats.garch(drawn[:, place]) for place in range(2)]
    assert likelihood == near(sum(one.log_likelihood for one in alone))
    assert residuals[:, 1] == near(alone[1].residuals)
    assert volatility[:, 0] == near(alone[0].volatility)


def test_forward_substitution_solves():
    rng = np.random.default_rng(6)
    lower, right = np.tril(rng.normal(size=(7, 4, 4))) + 3 * np.eye(4), rng.normal(size=(7, 4))
    assert np.einsum("tij,tj->ti", lower, forward(lower, right)) == near(right)
