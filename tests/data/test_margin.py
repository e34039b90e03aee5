"""Margin rules: tiers as venues publish them, shipped ones against their source, one sentence for what cannot be."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal

import pytest

from bot4.data import DataError
from bot4.data.margin import TIERS, Margin, read_margin, tiers_of
from bot4.data.names import parse_symbol
from bot4.data.overrides import read_overrides

# Maintenance amounts ("cum") as Binance published them beside the brackets; the shipped tables hold floors and rates only.
BTC_AMOUNTS = "0 50 950 11450 131450 481450 2981450 14481450 26481450 41481450 121481450 421481450".split()
ETH_AMOUNTS = "0 50 950 11450 131450 381450 2006450 9506450 17506450 27506450 80506450 280506450".split()
FILE = {"leverage": 10, "tiers": [[0, 0.01], [1000, 0.02]]}


@pytest.mark.parametrize(("symbol", "amounts"), [("BTC/USDT:USDT", BTC_AMOUNTS), ("ETH/USDT:USDT", ETH_AMOUNTS)])
def test_the_amounts_of_shipped_tiers_are_those_the_venue_published(symbol, amounts):
    assert [amount for _, _, amount in TIERS["binancefut"][symbol]] == [Decimal(text) for text in amounts]


def test_maintenance_is_continuous_where_tiers_meet():
    tiers = tiers_of([(0, "0.004"), (50_000, "0.005"), (600_000, "0.0065")])
    for (_, before, amount), (floor, rate, next_amount) in itertools.pairwise(tiers):
        assert floor * before - amount == floor * rate - next_amount


def test_terms_are_the_engine_s_integers():
    margin = read_margin(FILE | {"mode": "isolated", "liquidation_fee_bps": 125}, "v", "X/USDT:USDT", "here")
    assert margin.terms() == {
        "mode": "isolated",
        "leverage_e9": 10_000_000_000,
        "tiers": [[0, 10_000_000, 0], [100_000_000_000, 20_000_000, 1_000_000_000]],
        "liquidation_fee_e9": 12_500_000,
    }
    assert margin.text().replace("\u00a0", " ") == "isolated, 10 ×, maintenance 1 to 2 %, liquidation fee 125 bp"


def test_stated_amounts_are_kept():
    assert read_margin({"leverage": 5, "tiers": [[0, 0.01, 0], [1000, 0.02, 0]]}, "v", "s", "here").tiers[1][2] == 0


def test_shipped_tiers_stand_in_only_for_their_venue_and_symbol():
    made = read_margin({"leverage": 20}, "binancefut", "BTC/USDT:USDT", "here")
    assert (made.mode, made.liquidation_fee_bps, len(made.tiers)) == ("cross", 125.0, 12)
    for venue, symbol in (("okx", "BTC/USDT:USDT"), ("binancefut", "XRP/USDT:USDT")):
        with pytest.raises(
            DataError, match=r"here: margin needs the venue's maintenance tiers, .*state them .*\[\[0, 0.004\]"
        ):
            read_margin({"leverage": 20}, venue, symbol, "here")


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"mode": "portfolio", "leverage": 5}, "margin mode is 'portfolio'; give cross or isolated"),
        ({"mode": "cross"}, 'margin has no "leverage"'),
        ({"leverage": 0.5}, "leverage is 0.5; give a number from 1 to 1,000"),
        ({"leverage": True}, "leverage is True"),
        (FILE | {"liquidation_fee_bps": -1}, "liquidation_fee_bps is -1"),
        (FILE | {"tiers": []}, "tiers must be a list"),
        (FILE | {"tiers": [[0, 0.01], [5]]}, r"tier 1 is \[5\]; write"),
        (FILE | {"tiers": [[5, 0.01]]}, "tier 0 starts at 5; the first must start at 0"),
        (FILE | {"tiers": [[0, 0.02], [10, 0.01]]}, "tier 1 .* does not rise"),
        (FILE | {"tiers": [[0, 1.0]]}, "rates are fractions from 0 to below 1"),
        (FILE | {"tiers": [[0, "x"]]}, "tier 0 holds 'x', not a number"),
        (FILE | {"leverage": 100}, "at leverage 100 a position would be liquidated where it starts.* below 100"),
    ],
)
def test_rules_that_cannot_be_are_refused(stated, words):
    with pytest.raises(DataError, match=words) as refused:
        read_margin(stated, "v", "X/USDT:USDT", "here")
    assert str(refused.value).startswith("here")


# --- in the instruments file ------------------------------------------------------------------------------------------------------


def test_an_instruments_file_states_margin_borrow_contract_and_account(tmp_path):
    entries = [
        {"symbol": "BTC/USDT:USDT", "venue": "binancefut", "margin": {"leverage": 10}, "account": "fast"},
        {"symbol": "BTC/USD:BTC", "contract": 100, "margin": FILE},
        {"symbol": "BTC/USDT", "margin": FILE, "borrow": 0.05},
    ]
    (tmp_path / "i.json").write_text(json.dumps({"instruments": entries}))
    stated = read_overrides(tmp_path / "i.json")
    linear = stated.apply(parse_symbol("BTCUSDT", "binancefut"))
    assert isinstance(linear.margin, Margin)
    assert (linear.account, linear.settle, len(linear.margin.tiers)) == ("fast", "USDT", 12)
    inverse = stated.apply(parse_symbol("BTC/USD:BTC", "any"))
    assert (inverse.kind, inverse.settle, inverse.contract, inverse.contract_size) == (
        "inverse",
        "BTC",
        (100, 0),
        100.0,
    )
    assert inverse.listing()["contract"] == [100, 0]
    spot = stated.apply(parse_symbol("BTC/USDT", "any"))
    assert spot.terms()["borrow_e9"] == 50_000_000
    assert "margin" in spot.terms()
    assert "contract" not in spot.listing()


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"margin": 5}, "margin must be an object"),
        ({"margin": {"levrage": 5}}, "'levrage' is not known; did you mean leverage"),
        ({"borrow": "5 %"}, "no fraction a year; write 5 % as 0.05"),
        ({"account": 3}, "account 3 is no name"),
        ({"contract": "x"}, "contract 'x' is not a decimal"),
    ],
)
def test_a_wrong_entry_is_refused_by_name(entry, words):
    with pytest.raises(DataError, match=words):
        read_overrides([{"symbol": "BTC/USDT"} | entry])


def test_contract_and_borrow_belong_to_their_kinds():
    with pytest.raises(DataError, match="only an inverse perpetual has a contract value"):
        read_overrides([{"symbol": "BTC/USDT", "contract": 100}]).apply(parse_symbol("BTC/USDT"))
    with pytest.raises(DataError, match="for spot with margin; state both or neither"):
        read_overrides([{"symbol": "BTC/USDT", "borrow": 0.05}]).apply(parse_symbol("BTC/USDT"))
