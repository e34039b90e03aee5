"""Inverse contracts and assets that settle in another currency, against amounts worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot4.report.costs import fill_costs
from bot4.report.exposure import gross_values
from bot4.report.holding import holding_values
from bot4.report.periods import by_asset

from .samples import HOUR, UNIT, asset, run

COIN = asset([10_000.0, 10_000.0, 12_500.0, 20_000.0], symbol="BTC/USDT")
INVERSE = replace(
    asset([10_000.0, 10_000.0, 12_500.0, 20_000.0], symbol="BTC/USD:BTC", tick=0.5, lot=1.0),
    contract=100.0,
    convert=0,
    is_perpetual=True,
)
# Bought 50 contracts of 100 USD at 10,000 (0.5 BTC), sold at 12,500 (0.4 BTC): 0.1 BTC earned, fees 0.001 BTC.
FILLS = [
    (1, HOUR, 1, 1, 50, 20_000, 20_000, 50_000, 12, 50, 0),
    (2, 2 * HOUR, 2, 1, -50, 25_000, 25_000, 50_000, 12, 0, 0),
]


def sample(fills=FILLS, inverse=INVERSE):
    return run([1000.0] * 4, assets=(COIN, inverse), fills=fills)


def test_an_inverse_trade_earns_q_v_times_the_difference_of_inverse_prices():
    _, row = by_asset(sample())
    assert row.pnl == pytest.approx((0.1 - 0.001) * 20_000), "valued at the last rate"
    assert row.traded == pytest.approx(0.9 * 20_000)
    assert row.fees == pytest.approx(0.001 * 20_000)
    _, still_open = by_asset(sample(FILLS[:1]))
    assert still_open.pnl == pytest.approx((5000 / 10_000 - 5000 / 20_000 - 0.0005) * 20_000)
    assert still_open.open_value == pytest.approx(0.25 * 20_000)


def test_funding_and_borrow_belong_to_the_asset():
    plain = sample()
    counters = {"funding": np.array([0, -UNIT // 100]), "borrow": np.array([0, 0]), "fund": np.array([0, UNIT // 200])}
    with_funding = replace(plain, records={**plain.records, "counters": counters})
    assert by_asset(with_funding)[1].pnl == pytest.approx(by_asset(plain)[1].pnl - 0.005 * 20_000)
    assert by_asset(with_funding)[1].funding == pytest.approx(-100)


def test_costs_are_told_in_the_account_currency():
    worse = [(1, HOUR, 1, 1, 50, 20_200, 20_000, 0, 12, 50, 0)]
    costs = fill_costs(run([1.0] * 4, assets=(COIN, INVERSE), fills=worse, half_spread_e9=5_000_000))
    rate = 10_000.0
    assert costs.notional[0] == pytest.approx(5000 / 10_100 * rate)
    assert costs.spread[0] == pytest.approx((5000 / 10_000 - 5000 / 10_050) * rate)
    assert costs.impact[0] == pytest.approx((5000 / 10_050 - 5000 / 10_100) * rate)


def test_exposure_is_valued_at_the_rate_of_the_time():
    gross, is_in = gross_values(sample(), np.array([HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR]))
    assert gross.tolist() == [0.0, pytest.approx(0.5 * 10_000), 0.0, 0.0]
    assert is_in.tolist() == [False, True, False, False]


def test_mean_prices_of_inverse_trades_are_harmonic():
    assert INVERSE.mean_price(np.array([50]), np.array([0.5]))[0] == 10_000
    assert COIN.mean_price(np.array([50]), np.array([500.0]))[0] == pytest.approx(10_000)


def test_the_first_rate_serves_before_there_is_one():
    late = replace(COIN, ts=COIN.ts + 2 * HOUR)
    made = run([1.0] * 4, assets=(late, INVERSE))
    assert made.rate(1, np.array([HOUR, 4 * HOUR])).tolist() == [10_000.0, 10_000.0]
    assert made.rate(0, np.array([HOUR])).tolist() == [1.0]


def test_holding_an_inverse_contract_in_its_own_coin_stands_still():
    alone = replace(INVERSE, convert=None)
    assert holding_values(run([7.0] * 4, assets=(alone,)), np.arange(1, 5) * HOUR).tolist() == [7.0] * 4


def test_holding_what_is_quoted_in_a_coin_counts_the_coin_s_price():
    ether = replace(asset([0.05] * 4, symbol="ETH/BTC", fee=0.0), convert=0)
    values = holding_values(run([100.0] * 4, assets=(COIN, ether)), np.arange(1, 5) * HOUR)
    coin = 50 * 0.999 * np.array([1.0, 1.0, 1.25, 2.0])
    assert values[1:] == pytest.approx(coin[1:] + 50 * np.array([1.0, 1.25, 2.0]))
