"""Margin, liquidation, several accounts and currencies as a user sees them: figures by hand, sentences that name the fix."""

from __future__ import annotations

import json

import pytest

import bot4 as b4
from bot4.data import load

from .markets import FREE, frame, market, perpetuals

TIERS = [[0, 0.01]]
FALLING = [100.0, 100.0, 100.0, 95.0, 90.0, 85.0, 80.0, 75.0, 70.0]


@b4.strategy
def heavy(m, weight: float = b4.param(2.5, 0.1, 20.0)):
    return b4.target(weight + 0 * m.close, budget=20.0)


def with_margin(data, leverage=5, mode="cross", **more):
    margin = {"mode": mode, "leverage": leverage, "tiers": TIERS} | more
    return load(data, instruments=[{"symbol": x.symbol, "margin": margin} for x in data.instruments])


# --- liquidation --------------------------------------------------------------------------------------------------------------


def test_a_liquidation_is_counted_named_and_paid_for():
    """2.5 × equity of 1000 at 100: 25 coins. Equity is gone at 60, the margin balance meets 1 % of the notional before it: at 60.6."""
    data = with_margin(perpetuals(frame([*FALLING, 62.0, 60.0, 55.0, 55.0])), liquidation_fee_bps=125)
    result = b4.backtest(heavy, data, cash=1000, record=False, **FREE)
    assert result.stats.liquidations == 1
    (trade,) = result.trades.to_dicts()
    assert trade["reason"] == "liquidation"
    assert 60 <= trade["exit_price"] <= 61
    assert result.stats.liquidation_fees == pytest.approx(25 * trade["exit_price"] * 0.0125)
    assert result.stats.fees == 0
    (note,) = [note for note in result.notes if "liquidated (" in note]
    assert note.startswith("1 position was liquidated (BTC/USDT:USDT 1 ×), the first 2020-01-01")
    shown = result.summary()
    assert "Liquidated" in shown
    assert "Liquidation fees" in shown
    assert result.view.settings["margin BTC/USDT:USDT"].startswith("cross, 5 ×, maintenance 1")
    assert "cannot be liquidated" not in shown


def test_a_position_that_its_margin_cannot_carry_is_named():
    """At leverage 80 the initial margin of 1.25 % is hardly above the maintenance of 1 %: the bar of the entry ends it."""
    data = with_margin(perpetuals(frame([100.0, 100.0, 100.0, 90.0, 90.0])), leverage=80, mode="isolated")
    result = b4.backtest(heavy, data, cash=1000, record=False, **FREE)
    (note,) = [note for note in result.notes if "in the bar it was opened in" in note]
    assert note.startswith(
        "BTC/USDT:USDT: a position of 2,500 USDT was liquidated in the bar it was opened in (2020-01-01 "
    )
    assert "under isolated, 80 ×" in note
    assert "give a lower leverage= or a smaller size" in note


def test_without_margin_rules_the_report_says_that_nothing_is_liquidated():
    result = b4.backtest(heavy, perpetuals(frame(FALLING)), cash=1000, record=False, **FREE)
    said = "1 perpetual without margin rules (leverage=) cannot be liquidated here, on a venue they can."
    assert said in " ".join(result.summary().split())
    assert result.stats.liquidations == 0


def test_leverage_is_a_shortcut_where_tiers_are_shipped():
    data = load({"binancefut|BTC/USDT:USDT": frame(FALLING)})
    result = b4.backtest(heavy, data, leverage=5, margin="isolated", cash=1000, record=False, **FREE)
    assert json.loads(result.config.engine_json(data, None))["instruments"][0]["margin"]["mode"] == "isolated"
    assert result.to_dict()["settings"]["leverage"] == 5


# --- accounts ---------------------------------------------------------------------------------------------------------------------


def test_two_venues_have_two_accounts_and_one_equity():
    data = {"binance|BTC/USDT": frame(FALLING), "okx|BTC/USDT:USDT": frame(FALLING)}
    accounts = {
        "spot": {"venues": ["binance"], "cash": {"USDT": 600}},
        "futures": {"venues": ["okx"], "cash": {"USDT": 400}},
    }
    result = b4.backtest(heavy, data, accounts=accounts, weight=0.5, record=False, **FREE)
    assert result.stats.start_equity == 1000
    assert result.columns.cash == 1000 * 10**8
    assert result.view.settings["cash"] == "spot: 600 USDT; futures: 400 USDT"
    assert result.stats.final_equity == pytest.approx(1000 + sum(trade["pnl"] for trade in result.trades.to_dicts()))


def test_coins_in_a_wallet_are_valued_by_their_instrument():
    data = {"binance|BTC/USDT": frame(FALLING)}
    accounts = {"main": {"cash": {"USDT": 100, "BTC": 2}}}
    result = b4.backtest(heavy, data, accounts=accounts, weight=0.1, record=False, **FREE)
    assert result.stats.start_equity == pytest.approx(100 + 2 * 100)
    assert result.stats.final_equity < 100 + 2 * 75


def test_an_inverse_contract_earns_in_coins():
    contracts = frame([10_000.0, 10_000.0, 10_000.0, 10_000.0, 20_000.0, 20_000.0])
    data = load({"bybit|BTC/USD:BTC": contracts}, instruments=[{"symbol": "BTC/USD:BTC", "contract": 100}])
    result = b4.backtest(heavy, data, cash=1, weight=1.0, record=False, **FREE)
    (trade,) = result.trades.to_dicts()
    assert trade["entry_price"] == pytest.approx(10_000)
    held = trade["qty"]
    assert held == pytest.approx(100)
    assert result.market.quote == "BTC"
    assert result.stats.final_equity == pytest.approx(1 + held * 100 * (1 / 10_000 - 1 / 20_000))


def test_accounts_that_do_not_fit_are_a_sentence():
    with pytest.raises(ValueError, match="account a holds ETH, and nothing in the data values it in USDT"):
        b4.backtest(heavy, market(frame(FALLING)), accounts={"a": {"cash": {"USDT": 1, "ETH": 1}}})


def test_the_engine_agrees_on_what_an_account_is():
    data = load({"BTC/USDT": frame(FALLING)}, accounts={"main": {"cash": {"USDT": 1000}}})
    plain = b4.backtest(heavy, market(frame(FALLING)), cash=1000, weight=0.5, record=False)
    stated = b4.backtest(heavy, data, cash=5, weight=0.5, record=False)
    assert stated.records["equity"].tolist() == plain.records["equity"].tolist()
