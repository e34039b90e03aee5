"""Settings: natural units in, the engine's integers out, one sentence for what is out of range."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.backtest.config import LIMITS, Config
from bot4.backtest.errors import BacktestError
from bot4.data import DataError, load

from .markets import frame, market, perpetuals


def test_the_defaults_are_those_of_the_design_page():
    made = json.loads(Config().engine_json(market(frame([1.0, 2.0])), None))
    assert made["cash"] == 10_000_000_000_000
    assert (made["half_spread_e9"], made["impact"], made["volume_share_e9"]) == (100_000, 1.0, 100_000_000)
    assert (made["collar_e9"], made["max_leverage_e9"], made["latency_ms"]) == (100_000_000, 3_000_000_000, 0)
    assert (made["trade_from_ms"], made["max_notional"]) == (None, None)
    assert made["instruments"][0]["taker_e9"] == 1_000_000
    assert (made["realism"], made["latency_sigma"], made["latency_seed"]) == ("strict", 0.0, 0)


def test_a_stated_fee_replaces_every_instrument_s_own():
    data = market(frame([1.0, 2.0]), frame([1.0, 2.0]))
    made = json.loads(Config(fee_bps=2.5).engine_json(data, 5))
    assert [terms["taker_e9"] for terms in made["instruments"]] == [250_000, 250_000]
    assert made["trade_from_ms"] == 5
    assert Config(fee_bps=2.5).fees_bps(data) == [2.5, 2.5]
    assert Config().fees_bps(data) == [10.0, 10.0]


@given(st.decimals(min_value="0.00000001", max_value=10**7, places=8))
def test_cash_is_taken_by_its_decimal_text(amount):
    if len(amount.as_tuple().digits) <= 15:  # what a float holds
        assert Config(cash=float(amount)).cash_units == int(amount * 10**8)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "much", True])
def test_every_setting_is_checked_by_name(name, wrong):
    with pytest.raises(BacktestError, match=rf"^{name} is ") as said:
        Config(**{name: wrong})
    assert str(said.value).count("\n") == 0


@pytest.mark.parametrize(
    ("name", "value"), [("cash", 0), ("cash", 1e12), ("volume_share", 1.1), ("volume_share", 0), ("fee_bps", 5_000)]
)
def test_limits_are_named_with_their_unit(name, value):
    with pytest.raises(BacktestError, match="must lie between"):
        Config(**{name: value})


def test_latency_is_whole_milliseconds():
    with pytest.raises(BacktestError, match="whole milliseconds"):
        Config(latency_ms=1.5)  # type: ignore[arg-type]


def test_costs_are_one_clause():
    data = market(frame([1.0, 2.0]))
    assert (
        Config().costs_text(data).replace("\u00a0", " ")
        == "fee 10 bp, spread 2 bp, square-root impact × 1, at most 10 % of a bar's volume"
    )
    free = Config(fee_bps=0, impact=0, volume_share=1, spread_bps=0).costs_text(data)
    assert free == "fee 0 bp, spread 0 bp, no impact, up to a bar's whole volume"


# --- realism and latency ------------------------------------------------------------------------------------------------------


def test_an_unknown_realism_is_named_with_those_there_are():
    with pytest.raises(BacktestError, match=r"^realism is 'lenient'; give strict, neutral or naive\.$"):
        Config(realism="lenient")  # type: ignore[arg-type]


def test_a_realism_leaves_in_force_what_the_table_of_the_semantics_says():
    given = Config(spread_bps=4, impact=2, volume_share=0.2, latency_ms=50, latency_sigma=0.5)
    assert given.effective is given
    neutral = Config(spread_bps=4, impact=2, volume_share=0.2, latency_ms=50, realism="neutral").effective
    assert (neutral.spread_bps, neutral.impact, neutral.volume_share, neutral.latency_ms) == (4, 0, 1, 50)
    naive = Config(spread_bps=4, impact=2, volume_share=0.2, latency_ms=50, latency_sigma=1, realism="naive").effective
    assert (naive.spread_bps, naive.impact, naive.volume_share, naive.latency_ms, naive.latency_sigma) == (
        0,
        0,
        1,
        0,
        0,
    )


def test_the_engine_gets_the_settings_as_given_and_the_realism():
    made = json.loads(
        Config(realism="naive", latency_ms=20, latency_sigma=0.5, latency_seed=2**63).engine_json(
            market(frame([1.0, 2.0])), None
        )
    )
    assert (made["realism"], made["half_spread_e9"], made["latency_ms"]) == ("naive", 100_000, 20)
    assert (made["latency_sigma"], made["latency_seed"]) == (0.5, 2**63)


def test_costs_and_latency_are_told_as_the_realism_leaves_them():
    data = market(frame([1.0, 2.0]))
    assert Config(realism="naive").costs_text(data) == "fee 10 bp, no spread, no impact, any volume"
    assert Config(realism="neutral").costs_text(data) == "fee 10 bp, spread 2 bp, no impact, up to a bar's whole volume"
    assert (
        Config(latency_ms=50, latency_sigma=0.5, latency_seed=7).latency_text()
        == "log-normal, median 50 ms, sigma 0.5, seed 7"
    )
    assert Config(latency_ms=50, realism="naive").latency_text() == "0 ms"


def test_a_latency_that_cannot_vary_is_refused():
    with pytest.raises(BacktestError, match=r"latency_sigma is 0\.5, but latency_ms is 0"):
        Config(latency_sigma=0.5)
    with pytest.raises(BacktestError, match=r"latency_seed is 1\.5; give a whole number"):
        Config(latency_seed=1.5)  # type: ignore[arg-type]


# --- margin and accounts ------------------------------------------------------------------------------------------------------


def engine(config, data):
    return json.loads(config.engine_json(data, None))


def test_without_margin_or_accounts_the_engine_gets_neither():
    made = engine(Config(), perpetuals(frame([1.0, 2.0])))
    assert "wallets" not in made
    assert set(made["instruments"][0]) == {"taker_e9", "maker_e9", "min_lots", "min_notional"}


def test_leverage_and_margin_are_for_perpetuals_and_replace_what_a_file_states():
    stated = {"leverage": 5, "tiers": [[0, 0.01]]}
    data = load(
        {"BTC/USDT": frame([1.0, 2.0]), "BTC/USDT:USDT": frame([1.0, 2.0])},
        instruments=[{"symbol": "BTC/USDT:USDT", "margin": stated}],
    )
    spot, perpetual = engine(Config(), data)["instruments"]
    assert "margin" not in spot
    assert (perpetual["margin"]["mode"], perpetual["margin"]["leverage_e9"]) == ("cross", 5_000_000_000)
    spot, perpetual = engine(Config(leverage=8, margin="isolated"), data)["instruments"]
    assert "margin" not in spot
    assert (perpetual["margin"]["mode"], perpetual["margin"]["leverage_e9"]) == ("isolated", 8_000_000_000)
    with pytest.raises(DataError, match="at leverage 200 a position would be liquidated where it starts"):
        engine(Config(leverage=200), data)


def test_margin_without_its_numbers_is_refused():
    data = perpetuals(frame([1.0, 2.0]))
    with pytest.raises(BacktestError, match="margin is isolated, but no leverage is stated for frame BTC/USDT:USDT"):
        engine(Config(margin="isolated"), data)
    with pytest.raises(DataError, match="margin needs the venue's maintenance tiers"):
        engine(Config(leverage=3), data)
    with pytest.raises(BacktestError, match="margin is 'portfolio'; give cross or isolated"):
        Config(margin="portfolio")  # type: ignore[arg-type]


def test_accounts_become_wallets_and_each_instrument_names_its_own():
    data = load(
        {"binance|BTC/USDT": frame([1.0, 2.0]), "okx|BTC/USDT:USDT": frame([1.0, 2.0])},
        accounts={
            "futures": {"venues": ["okx"], "cash": {"USDT": 5}},
            "spot": {"venues": ["binance"], "cash": {"USDT": 7}},
        },
    )
    made = engine(Config(), data)
    assert [wallet["cash"] for wallet in made["wallets"]] == [500_000_000, 700_000_000]
    assert [terms["wallet"] for terms in made["instruments"]] == [1, 0]
