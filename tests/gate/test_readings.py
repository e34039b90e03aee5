"""Words of the gate's checks."""

import pytest

from bot4.gate.checks.readings import coin


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("binance:BTC/USDT", "BTC/USDT"),
        ("binancefut:AAVE/USDT:USDT", "AAVE/USDT:USDT"),
        ("BTC/USDT:USDT", "BTC/USDT:USDT"),
        ("BTC/USDT", "BTC/USDT"),
        ("ftx:FTT", "FTT"),
    ],
)
def test_a_coin_is_an_instrument_without_its_venue(name, plain):
    assert coin(name) == plain
