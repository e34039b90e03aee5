"""Profit on a few days, on one coin, and bad quarters warn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from bot4.gate.checks import concentration
from tests.gate.checks.samples import evidence

near = pytest.approx
GOOD = evidence(sharpe=2.0, out=700)


def with_returns(returns):
    shares = np.ones(3) / 3
    return dataclasses.replace(
        GOOD, out=dataclasses.replace(GOOD.out, returns=returns), asset_pnl=returns[:, None] * shares
    )


def test_a_spread_profit_does_not_warn():
    made = concentration.check(GOOD)
    returns = np.sort(GOOD.out.returns)
    assert (made.passed, made.role) == (True, "warn")
    assert made.value == near(returns[:-5].sum() / returns.sum())


@pytest.mark.parametrize(("rest", "passed"), [(1e-4, True), (-1e-4, False)])
def test_something_must_be_left_without_the_best_five_days(rest, passed):
    returns = np.full(700, rest / 695) + np.tile([1e-3, -1e-3], 350)
    best = [10, 200, 310, 480, 690]
    returns[best] = 0.02
    returns[0] += rest - np.delete(returns, best).sum()
    made = concentration.check(with_returns(returns))
    assert made.passed is passed
    assert ("without the best 5 days nothing is left" in made.words) is not passed


@pytest.mark.parametrize(("rest", "passed"), [(1e-3, True), (-1e-3, False)])
def test_something_must_be_left_without_the_best_coin(rest, passed):
    share = np.array([1.0, rest, 0.0])
    given = dataclasses.replace(GOOD, asset_pnl=GOOD.out.returns[:, None] * share)
    made = concentration.check(given)
    assert made.passed is passed
    assert made.details["best_coin"] == "BTC/USDT"
    assert ("without BTC/USDT nothing is left" in made.words) is not passed


def test_one_coin_alone_is_not_held_against_a_strategy():
    alone = evidence(sharpe=2.0, out=700, made_universe=("binance:BTC/USDT",))
    made = concentration.check(alone)
    assert made.passed is True
    assert made.details["without_coin"] is None


def test_quarters_are_those_of_the_calendar():
    names, totals = concentration.quarters(GOOD.out.days, GOOD.out.returns)
    series = pd.Series(GOOD.out.returns, index=pd.to_datetime(GOOD.out.days, unit="ms"))
    wanted = (1 + series).groupby(series.index.to_period("Q")).prod() - 1
    assert names == [str(period) for period in wanted.index]
    assert totals == near(wanted.to_list())


@pytest.mark.parametrize(("worst", "passed"), [(-0.199, True), (-0.201, False)])
def test_a_quarter_of_more_than_twice_the_planned_loss_warns(worst, passed):
    returns = GOOD.out.returns + 0.003
    quarter = (GOOD.out.days.astype("datetime64[ms]").astype("datetime64[M]").astype(int) // 3) == (2023 - 1970) * 4
    returns[quarter] = (1 + worst) ** (1 / quarter.sum()) - 1
    made = concentration.check(with_returns(returns))
    assert made.passed is passed
    assert ("2023Q1 lost" in made.words) is not passed


def test_without_a_profit_there_is_nothing_to_be_spread():
    made = concentration.check(with_returns(-GOOD.out.returns))
    assert (made.passed, made.value) == (False, None)
