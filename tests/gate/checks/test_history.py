"""Length and activity: the floors of the mission and the shortest track record, at their bars."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import kurtosis, norm, poisson, skew

from bot4.gate.checks import history
from tests.gate.checks.samples import closed_trades, evidence

near = pytest.approx


def needed(returns, level=0.95):
    """Returns the shortest track record (Bailey and López de Prado 2012) from SciPy's moments."""
    ratio = returns.mean() / returns.std(ddof=1)
    spread = 1 - skew(returns) * ratio + (kurtosis(returns, fisher=False) - 1) / 4 * ratio**2
    return 1 + spread * (norm.ppf(level) / ratio) ** 2


def test_a_long_good_history_is_met():
    given = evidence(sharpe=2.0, out=730)
    made = history.check_length(given)
    assert (made.passed, made.value, made.asks) == (True, 730, "≥")
    assert made.details["needed"] == near(needed(given.out.returns))
    assert made.bar == np.ceil(needed(given.out.returns))


@pytest.mark.parametrize(("missing", "passed"), [(0, True), (1, False)])
def test_the_shortest_track_record_is_the_bar_to_a_day(missing, passed):
    days = 300
    low, high = 0.5, 3.0
    for _ in range(60):  # the Sharpe ratio whose record is just as long as it is
        middle = (low + high) / 2
        low, high = (
            (low, middle) if needed(evidence(sharpe=middle, out=days).out.returns) <= days - 1e-6 else (middle, high)
        )
    made = history.check_length(evidence(sharpe=high - 0.003 * missing, out=days))
    assert made.passed is passed
    assert made.waits is not passed
    assert made.bar in (days, days + 1, days + 2)


def test_the_floor_of_180_days_holds_however_good_the_days_are():
    assert history.check_length(evidence(sharpe=9.0, out=181)).bar == 181


def test_without_a_profit_no_length_is_enough():
    made = history.check_length(evidence(sharpe=-1.0, out=900))
    assert (made.passed, made.bar, made.waits) == (False, None, True)
    assert "no length proves an edge" in made.words


@pytest.mark.parametrize(
    ("trades", "rebalances", "passed"),
    [(240, 480, True), (100, 0, True), (3, 100, True), (99, 99, False), (20, 30, False)],
)
def test_a_hundred_trades_or_rebalances_are_needed(trades, rebalances, passed):
    made = history.check_activity(evidence(out=400, trades=trades, rebalances=rebalances))
    assert made.passed is passed
    assert made.waits is not passed
    assert made.value == max(trades, rebalances)


def test_what_is_missing_is_said_with_the_time_it_takes():
    given = evidence(out=400, trades=40, rebalances=50)
    made = history.check_activity(given)
    assert made.details["wait_days"] == 400  # 50 in 400 days, 50 missing
    assert "40 closed trades and 50 rebalances" in made.words
    assert "400 days more" in made.words


@pytest.mark.parametrize(("missing", "expected"), [(0, 3.0), (1, 0.2), (5, 7.5), (40, 30.0)])
def test_the_chance_of_enough_trades_is_poissons(missing, expected):
    assert history.chance_of_trades(missing, expected) == near(poisson.sf(missing - 1, expected), abs=1e-12)


def test_trades_are_counted_from_the_closed_ones():
    given = evidence(out=400)
    fewer = dataclasses.replace(
        given, trades=closed_trades(np.random.default_rng(0), given.out.days, 120, 3), rebalances=0
    )
    assert history.check_activity(fewer).details["closed"] == 120
