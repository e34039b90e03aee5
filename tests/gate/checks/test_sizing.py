"""A martingale is found by each of its signs, and honest sizes are not taken for one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from scipy.stats import fisher_exact

from bot4.gate.checks import sizing
from bot4.gate.evidence import Trades
from tests.gate.checks.samples import evidence, value_of

near = pytest.approx
GOOD = evidence(out=700, trades=300)


def with_trades(**changed):
    return dataclasses.replace(GOOD, trades=dataclasses.replace(GOOD.trades, **changed))


def streaks_one_by_one(trades, of_account=False):
    found = []
    for number in range(len(trades.pnl)):
        before = [
            other for other in range(len(trades.pnl))
            if trades.exit_ms[other] <= trades.entry_ms[number] and (of_account or trades.asset[other] == trades.asset[number])
        ]  # fmt: skip
        run = 0
        for other in sorted(before, key=lambda n: trades.exit_ms[n]):
            run = run + 1 if trades.pnl[other] < 0 else 0
        found.append(run)
    return np.array(found)


@pytest.mark.parametrize("of_account", [False, True])
def test_streaks_are_those_counted_one_by_one(of_account):
    assert (sizing.streaks(GOOD.trades, of_account) == streaks_one_by_one(GOOD.trades, of_account)).all()


def test_equal_stakes_are_no_martingale():
    made = sizing.check(GOOD)
    assert (made.passed, made.waits) == (True, False)
    assert abs(value_of(made)) < sizing.LEAST_GROWTH
    assert sizing.check(with_trades(notional=np.full(300, 0.25))).passed is True


def grown(by, seed=0, of_account=False):
    streak = sizing.streaks(GOOD.trades, of_account)
    noise = np.exp(0.1 * np.random.default_rng(seed).standard_normal(300))
    return with_trades(notional=0.05 * (1 + by) ** streak * noise)


@pytest.mark.parametrize("of_account", [False, True])
@pytest.mark.parametrize("by", [1.0, 0.5, 0.2])
def test_stakes_that_grow_with_each_loss_are(by, of_account):
    made = sizing.check(grown(by, of_account=of_account))
    assert made.passed is False
    assert made.value == near(by, rel=0.25)
    assert "A martingale: the stake grows by" in made.words


def test_the_bar_is_a_tenth_for_each_loss():
    exact = {
        by: sizing.check(with_trades(notional=0.05 * (1 + by) ** sizing.streaks(GOOD.trades, False)))
        for by in (0.095, 0.105)
    }
    assert exact[0.095].value == near(0.095)
    assert exact[0.095].passed is True
    assert exact[0.105].passed is False


def test_smaller_stakes_after_losses_are_prudence():
    assert sizing.check(grown(-0.3)).passed is True


def test_the_growth_is_least_squares_on_streak_asset_and_volatility():
    given = grown(0.3, seed=4)
    trades = given.trades
    volatility = np.exp(np.random.default_rng(5).normal(-3.5, 0.4, size=given.volatility.shape))
    given = dataclasses.replace(given, volatility=volatility)
    day = np.searchsorted(given.out.days, trades.entry_ms, side="right") - 1
    dummies = (trades.asset[:, None] == np.arange(3)).astype(float)
    columns = np.column_stack([sizing.streaks(trades, False), dummies, np.log(volatility[day, trades.asset])])
    fit = sm.OLS(np.log(trades.notional), columns).fit()
    growth, p = sizing.stake_growth(given)
    assert growth == near(np.expm1(fit.params[0]))
    assert p < 1e-6


def test_stakes_that_follow_volatility_are_not_taken_for_one():
    """Losses come in calm times, in which a target of volatility buys more: explained by it."""
    rng = np.random.default_rng(6)
    volatility = np.exp(np.cumsum(0.15 * rng.standard_normal(GOOD.volatility.shape), axis=0) - 3.5)
    day = np.searchsorted(GOOD.out.days, GOOD.trades.entry_ms, side="right") - 1
    own = volatility[day, GOOD.trades.asset]
    pnl = np.where(own < np.median(own), -0.01, 0.012)
    given = with_trades(notional=0.01 / own, pnl=pnl)
    assert sizing.check(given).passed is False  # without the control
    assert sizing.check(dataclasses.replace(given, volatility=volatility)).passed is True


def doubled_twice(count=300):
    """Returns trades of one coin that double twice after every second loss in a row, then begin anew; no steady growth."""
    pnl = np.tile([-0.01, -0.01, 0.05, 0.01, 0.01, 0.01], count // 6)
    stake = np.tile([0.1, 0.2, 0.4, 0.1, 0.1, 0.1], count // 6)
    return with_trades(pnl=pnl, notional=stake, asset=np.zeros(count, dtype=np.int64))


def test_two_doublings_after_two_losses_are_found():
    hits, p = sizing.doubling(doubled_twice().trades)
    assert (hits, p < 1e-6) == (50, True)
    assert "doubled twice after two losses 50 times" in sizing.check(doubled_twice()).words


def test_as_many_doublings_after_gains_are_no_sign():
    rng = np.random.default_rng(8)
    stake = np.exp(rng.normal(0, 0.9, size=300))
    hits, p = sizing.doubling(dataclasses.replace(GOOD.trades, notional=stake))
    assert hits > 0
    assert p > 0.01


@pytest.mark.parametrize("table", [(5, 3, 1, 20), (0, 10, 4, 6), (8, 0, 0, 8), (2, 2, 2, 2), (0, 0, 0, 0)])
def test_fishers_p_is_scipys(table):
    hits, misses, other, rest = table
    assert sizing.fisher(*table) == near(fisher_exact([[hits, misses], [other, rest]], alternative="greater").pvalue)


@pytest.mark.parametrize(
    ("won", "added", "passed"), [(0.95, 0.3, False), (0.95, 0.05, True), (0.6, 0.9, True), (0.91, 0.10, False), (0.90, 0.10, True)]
)  # fmt: skip
def test_adding_under_water_where_nearly_all_trades_win_is_one(won, added, passed):
    pnl = np.where(np.arange(300) < round(300 * won), 0.002, -0.05)
    adds = (np.arange(300) % 100 < round(100 * added)).astype(np.int64)
    made = sizing.check(with_trades(pnl=np.random.default_rng(1).permutation(pnl), adds_under_water=adds))
    assert made.passed is passed
    assert made.details["won"] == near(won, abs=0.002)


@pytest.mark.parametrize(("count", "passed"), [(20, True), (19, None)])
def test_below_twenty_trades_sizes_are_not_judged(count, passed):
    few = Trades(**{name: getattr(GOOD.trades, name)[:count] for name in GOOD.trades.__dataclass_fields__})
    made = sizing.check(dataclasses.replace(GOOD, trades=few))
    assert made.passed is passed
    assert made.waits is (passed is None)


def test_honest_sizes_hardly_ever_fail():
    failed = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        pnl = np.where(rng.random(300) < 0.5, 0.01, -0.009)
        given = with_trades(pnl=pnl, notional=np.exp(rng.normal(-2, 0.5, size=300)))
        failed.append(sizing.check(given).passed is False)
    assert np.mean(failed) <= 0.04
