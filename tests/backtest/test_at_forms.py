"""`result.at` as a user meets it: errors in a sentence, JSON, a tree on a terminal, lines in a pipe, and how long it takes."""

from __future__ import annotations

import io
import json

import pytest

import bot4 as b4
from bot4.backtest.errors import BacktestError
from tests.backtest import sleeve_cases
from tests.backtest.markets import REAL, market, perpetuals, walk
from tests.backtest.test_at import at, run, why


@pytest.mark.parametrize(
    ("time", "symbol", "sentence"),
    [
        (
            "2020-01-01 00:30",
            "BTC/USDT",
            "no bar of BTC/USDT had closed by 2020-01-01 00:30; the first closes at 2020-01-01 01:00",
        ),
        ("2031-01-01", "BTC/USDT", "2031-01-01 00:00 lies behind the data"),
        ("2020-01-02", "BTC/USDC", "the run has no asset 'BTC/USDC'; did you mean BTC/USDT?"),
        ("2020-01-02", "nothing", "the run has no asset 'nothing'; it has BTC/USDT, ETH/USDT."),
        ("2020-01-02", None, "the run has 2 assets; say which: BTC/USDT, ETH/USDT."),
    ],
)
def test_what_cannot_be_told_is_one_sentence(time, symbol, sentence):
    result = run(sleeve_cases.trend, market(walk(100, 1), walk(100, 2)))
    with pytest.raises(BacktestError) as refused:
        result.at(time, symbol)
    assert sentence in str(refused.value)


def test_an_asset_that_is_not_addressed_says_so():
    @b4.portfolio
    def one(u):
        return b4.target(b4.asset("BTC/USDT").close / 1000, asset="BTC/USDT")

    result = run(one, market(walk(50, 1), walk(50, 2)))
    assert why(at(result, 20, "ETH/USDT")) == "The strategy addresses other assets, not ETH/USDT."


def test_plain_data_are_json_without_numbers_that_are_none():
    result = run(sleeve_cases.quote, perpetuals(walk(100, 1)))
    found = at(result, 60).to_dict()
    assert json.loads(at(result, 60).to_json()) == found
    assert found["version"] == 1
    assert {one["node"] for one in found["nodes"]} >= set(found["roots"].values())


def test_terminal_and_pipe_say_the_same():
    from rich.console import Console

    found = at(run(sleeve_cases.trend, market(walk(100, 1))), 60)
    console = Console(width=400, record=True, file=io.StringIO())
    console.print(found)
    drawn = [line.lstrip("│├└─ ").strip() for line in console.export_text().splitlines()]
    plain = [line.strip() for line in str(found).splitlines()]
    assert [line.split() for line in drawn] == [line.split() for line in plain]
    assert found._repr_html_().startswith("<pre>trend")
    assert repr(found).startswith("<Decision BTC/USDT 2020-01-03 13:00: ")


@pytest.mark.skipif(not REAL.exists(), reason="needs real bars")
def test_a_real_bar_is_told_within_a_tenth_of_a_second():
    import time

    result = run("examples/trend.py", str(REAL / "binance-BTCUSDT-1h.parquet"))
    result.at("2019-01-01")  # the first look steps the run
    began = time.perf_counter()
    result.at("2022-11-09 14:00")
    assert time.perf_counter() - began < 0.1
