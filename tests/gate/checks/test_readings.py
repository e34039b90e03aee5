"""What checks read from evidence: names, curves, seeds."""

from __future__ import annotations

import numpy as np
import pytest

from bot4.gate.checks import readings
from tests.gate.checks.samples import evidence


@pytest.mark.parametrize(
    ("name", "coin"),
    [
        ("binance:BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("kraken:ETH/USD", "ETH/USD"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("BTC/USDT", "BTC/USDT"),
    ],
)
def test_a_coin_is_an_instrument_without_its_venue(name, coin):
    assert readings.coin(name) == coin


def test_a_curve_ends_where_all_is_lost():
    assert readings.growth(np.array([0.1, -1.2, 0.5])).tolist() == pytest.approx([1.1, 0.0, 0.0])
    assert readings.drawdowns(np.array([-0.1, 0.2, -1.0])).tolist() == pytest.approx([-0.1, 0.0, -1.0])


def test_seeds_differ_by_purpose_and_come_from_the_registration():
    given = evidence(out=200)
    assert readings.whole_seed(given, "cash") == readings.whole_seed(given, "cash")
    assert readings.whole_seed(given, "cash") != readings.whole_seed(given, "holding")
    assert 0 <= readings.whole_seed(given, "cash") < 2**32


def test_a_series_of_zeros_has_a_ratio_of_zero_and_a_constant_has_none():
    assert readings.annual_sharpe(np.zeros(10)) == 0.0
    assert np.isnan(readings.annual_sharpe(np.full(10, 0.01)))


def test_trials_and_lists_are_said_in_words():
    assert [readings.trials_text(count) for count in (1.0, 2.44, 51.2)] == ["1 trial", "2.44 trials", "51.2 trials"]
    assert [readings.listed(list("abc")[:count]) for count in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
