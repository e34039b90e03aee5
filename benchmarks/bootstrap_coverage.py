"""How often the bootstrap intervals of the tear sheet hold the true value, on simulated daily returns.

`python -m benchmarks.bootstrap_coverage [samples]` prints the share for each process and statistic; the tests run a small one.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from bot4.report.columns import DAY_MS
from bot4.report.tear.bootstrap import bootstrap
from bot4.report.tear.series import Series

MEAN, SPREAD = 0.0015, 0.03
"""Of daily returns: an annual Sharpe ratio of 0.96."""
ROOT = math.sqrt(365)
Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]


def normal(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """Returns independent normal returns."""
    return rng.normal(MEAN, SPREAD, days)


def fat(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """Returns independent Student t returns with 5 degrees of freedom."""
    return MEAN + SPREAD * math.sqrt(3 / 5) * rng.standard_t(5, days)


def smooth(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """Returns an AR(1) with coefficient 0.15."""
    noise = rng.normal(0.0, SPREAD * math.sqrt(1 - 0.15**2), days + 50)
    found = np.empty(days + 50)
    found[0] = noise[0]
    for day in range(1, days + 50):
        found[day] = 0.15 * found[day - 1] + noise[day]
    return MEAN + found[50:]


def clustered(rng: np.random.Generator, days: int) -> NDArray[np.float64]:
    """Returns a GARCH(1,1) with α 0.08, β 0.90 and normal shocks: volatility with a half-life of 34 days."""
    shocks, found, variance = rng.normal(size=days + 200), np.empty(days + 200), SPREAD**2
    for day in range(days + 200):
        found[day] = math.sqrt(variance) * shocks[day]
        variance = 0.02 * SPREAD**2 + 0.08 * found[day] ** 2 + 0.90 * variance
    return MEAN + found[200:]


PROCESSES: dict[str, Draw] = {"normal": normal, "fat": fat, "smooth": smooth, "clustered": clustered}


def series_of(returns: NDArray[np.float64]) -> Series:
    """Returns daily returns as the bootstrap reads them."""
    times = np.arange(len(returns) + 1, dtype=np.int64) * DAY_MS
    equity = 1_000 * np.cumprod(np.concatenate([[1.0], 1.0 + returns]))
    return Series(times, equity, returns, "none", equity, returns, returns)


def growth_of(draw: Draw) -> float:
    """Returns the mean daily log growth of a process, by a long simulation."""
    return float(np.mean(np.log1p(draw(np.random.default_rng(99), 200_000))))


def covered(name: str, samples: int, days: int, resamples: int, seed: int, level: float = 0.95) -> dict[str, int]:
    """Returns for each statistic how many of the samples' intervals hold the true value.

    A maximum drawdown has no true value: its interval is to hold that of another sample of the same process.
    """
    draw, rng = PROCESSES[name], np.random.default_rng(seed)
    truth = {"sharpe": MEAN / SPREAD * ROOT, "volatility": SPREAD * ROOT, "cagr": math.expm1(growth_of(draw) * 365)}
    hits = dict.fromkeys([*truth, "max_drawdown"], 0)
    for sample in range(samples):
        found = bootstrap(series_of(draw(rng, days)), seed=sample, resamples=resamples, level=level)
        other = np.cumprod(np.concatenate([[1.0], 1.0 + draw(rng, days)]))
        values = truth | {"max_drawdown": float((other / np.maximum.accumulate(other)).min()) - 1.0}
        for statistic, value in values.items():
            interval = getattr(found, statistic)
            hits[statistic] += interval.low <= value <= interval.high
    return hits


def fewest(samples: int, level: float) -> float:
    """Returns the count below which fewer than one in a thousand binomial draws at that level fall (normal approximation)."""
    return samples * level + NormalDist().inv_cdf(0.001) * math.sqrt(samples * level * (1 - level))


def main(samples: int = 1_000, days: int = 730, resamples: int = 500) -> None:
    """Prints the shares, nominal 95 %, with the width that chance gives them."""
    width = 1.96 * math.sqrt(0.95 * 0.05 / samples)
    print(f"{samples} samples of {days} days, {resamples} resamples, nominal 95 % ± {width:.1%}")
    for name in PROCESSES:
        hits = covered(name, samples, days, resamples, seed=2024)
        print(
            f"{name:10}" + "".join(f"  {statistic} {count / samples:.1%}" for statistic, count in hits.items()),
            flush=True,
        )


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
