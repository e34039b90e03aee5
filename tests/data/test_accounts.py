"""Accounts become wallets: one for each currency, each instrument in one, each valued by something in the data."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from bot4.data import DataError, load
from bot4.data.accounts import plan_wallets, read_accounts
from bot4.data.names import parse_symbol

from .bars import good

SPOT, LINEAR = parse_symbol("BTCUSDT", "binance"), parse_symbol("BTCUSDT", "binancefut")
INVERSE, CROSS_RATE = parse_symbol("BTC/USD:BTC", "bybit"), parse_symbol("ETHBTC", "binance")
TWO = {
    "spot": {"venues": ["binance"], "cash": {"USDT": 1000}},
    "futures": {"venues": ["binancefut", "bybit"], "cash": {"USDT": 500, "BTC": 0.5}, "mode": "cross", "interest": 0.1},
}


def test_every_account_has_a_wallet_for_each_currency_and_the_first_is_the_account_s():
    plan = plan_wallets(read_accounts(TWO, "x"), [SPOT, LINEAR, INVERSE])
    assert [(w.account, w.currency, w.cash, w.convert) for w in plan.wallets] == [
        ("spot", "USDT", 1000, None),
        ("futures", "USDT", 500, None),
        ("futures", "BTC", Decimal("0.5"), 0),
    ]
    assert plan.of == (0, 1, 2)
    assert plan.currency == "USDT"
    assert plan.wallets[2].terms() == {
        "currency": "BTC",
        "cash": 50_000_000,
        "convert": 0,
        "mode": "cross",
        "interest_e9": 100_000_000,
    }
    assert plan.text()[2] == "futures: 0.5 BTC on margin"


def test_a_currency_of_settlement_gets_an_empty_wallet():
    plan = plan_wallets(read_accounts({"main": {"cash": {"USDT": 5}}}, "x"), [SPOT, CROSS_RATE])
    assert [(w.currency, int(w.cash), w.convert) for w in plan.wallets] == [("USDT", 5, None), ("BTC", 0, 0)]
    assert plan.of == (0, 1)


def test_spot_values_a_wallet_before_a_perpetual_does():
    plan = plan_wallets(read_accounts({"main": {"cash": {"USDT": 5, "BTC": 1}}}, "x"), [LINEAR, SPOT])
    assert plan.wallets[1].convert == 1


def test_an_instrument_may_name_its_account():
    named = dataclasses.replace(SPOT, account="second")
    stated = {"first": {"cash": {"USDT": 1}}, "second": {"cash": {"USDT": 2}}}
    assert plan_wallets(read_accounts(stated, "x"), [named]).of == (1,)
    with pytest.raises(DataError, match="there is no account 'second'; the accounts are first"):
        plan_wallets(read_accounts({"first": stated["first"]}, "x"), [named])


@pytest.mark.parametrize(
    ("stated", "instruments", "words"),
    [
        ({"spot": TWO["spot"]}, [LINEAR], 'no account has its venue; add "binancefut" to the venues'),
        ({"a": {"cash": {"USDT": 1}}, "b": {"cash": {"USDT": 1}}}, [SPOT], "several accounts fit"),
        (
            {"a": {"cash": {"USDT": 1, "BTC": 1}}},
            [parse_symbol("ETHUSDT")],
            "account a holds BTC, and nothing .* values it in USDT; load BTC/USDT",
        ),
        ({"a": {"cash": {"USDT": 0}}}, [SPOT], "no account holds any cash"),
    ],
)
def test_accounts_that_do_not_fit_the_instruments_are_refused(stated, instruments, words):
    with pytest.raises(DataError, match=words):
        plan_wallets(read_accounts(stated, "x"), instruments)


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ([], "accounts must be an object"),
        ({"a": 5}, "account a is 5; write an object"),
        ({"a": {"csh": {"USDT": 1}}}, "'csh' is not known; did you mean cash"),
        ({"a": {}}, "account a has no cash"),
        ({"a": {"cash": {"USDT": -1}}}, "cash in USDT is -1; give an amount of USDT"),
        ({"a": {"cash": {"USDT": 1}, "venues": "binance"}}, "venues must be a list"),
        ({"a": {"cash": {"USDT": 1}, "mode": "isolated"}}, "mode is 'isolated'; give cash, or cross"),
        ({"a": {"cash": {"USDT": 1}, "interest": "5 %"}}, "interest is '5 %'; give a fraction a year"),
    ],
)
def test_what_is_no_account_is_refused_by_name(stated, words):
    with pytest.raises(DataError, match=words) as refused:
        read_accounts(stated, "mine.json")
    assert str(refused.value).startswith("mine.json")


# --- in a market ------------------------------------------------------------------------------------------------------------------


def test_accounts_let_currencies_meet_and_stay_with_the_market():
    data = {
        "binance|BTC/USDT": good(),
        "bybit|BTC/USD:BTC": good(seed=2).with_columns(volume=good()["volume"].round() + 1),
    }
    contract = [{"symbol": "BTC/USD:BTC", "contract": 100}]
    with pytest.raises(DataError, match=r"BTC/USDT settles in USDT and BTC/USD:BTC in BTC.*or give accounts="):
        load(data, instruments=contract)
    market = load(data, instruments=contract, accounts={"main": {"cash": {"USDT": 1000, "BTC": 1}}})
    assert market.quote == "USDT"
    for derived in (
        market.slice("2022-01-01T05:00"),
        market.resample("2h"),
        market.select(["BTC/USDT", "BTC/USD:BTC"]),
    ):
        assert derived.wallets == market.wallets
    assert load(market, accounts={"main": {"cash": {"USDT": 7}}}).wallets.wallets[0].cash == 7  # type: ignore[union-attr]


def test_an_inverse_perpetual_needs_its_contract_and_counts_contracts():
    with pytest.raises(DataError, match=r"BTC/USD:BTC is an inverse perpetual.*state it .*\"contract\": 100"):
        load({"BTC/USD:BTC": good()})
    market = load({"BTC/USD:BTC": good()}, instruments=[{"symbol": "BTC/USD:BTC", "contract": 100}])
    assert (market.instruments[0].lot, market.quote) == ((1, 0), "BTC")
    assert "counted in whole contracts, but these have decimals" in market.notes[0]
