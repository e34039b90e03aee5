"""The policy file: what is read, and each sentence that refuses one."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

import bot4 as b4
from bot4.risk.errors import RiskError
from bot4.risk.keys import LIMITS, PARAMETERS
from bot4.risk.policy import InstrumentLimits, Policy, read_policy
from tests.backtest.markets import market, walk

SECTIONS = (
    "sections are [account], [strategy], [portfolio], [sizing], [order], [data], [venue], [instrument], [breaker]."
)


def written(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_text(text)
    return path


def test_keys_left_out_keep_their_default_and_false_switches_off(tmp_path):
    path = written(tmp_path, "[account]\ndrawdown = 0.2\ndaily_loss = false\n[order]\ninstruments = ['BTC/USDT']\n")
    assert read_policy(path) == Policy(drawdown=0.2, daily_loss=None, instruments=("BTC/USDT",))


def test_the_content_of_a_policy_makes_it_again():
    every = Policy(
        drawdown=None, losing_streak=3, instruments=("A", "B"), max_value=5, duplicate_window="1h", self_match=True, span=20,
        strategy_drawdown=0.1, venue_stop=0.3, per_instrument=(InstrumentLimits("A", max_position=2.5), InstrumentLimits("B", 1, 2, 3)),
    )  # fmt: skip
    for policy in (Policy(), every):
        assert read_policy(json.loads(json.dumps(policy.content()))) == policy


def test_keys_and_fields_are_one_list():
    assert {field.name for field in fields(Policy)} == {
        *LIMITS,
        *PARAMETERS,
        "instruments",
        "per_instrument",
        "breakers",
    }


def test_spans_and_quantities_become_ms_and_lots():
    policy = read_policy(
        {
            "order": {"duplicate_window": "90m", "self_match": True},
            "data": {"max_age": "2h"},
            "sizing": {"kelly": 0.25},
            "instrument": {"B": {"max_position": 2.5, "daily_volume": False}},
        }
    )
    terms = policy.engine_terms(["A", "B"], [(1, 0), (25, 2)])
    assert (terms["duplicate_ms"], terms["max_age_ms"], terms["self_match"]) == (5_400_000, 7_200_000, True)
    assert (terms["max_position"], "daily_volume" in terms) == ([None, 10], False)
    assert (terms["kelly_e9"], terms["kelly_trades"], "collar_bars" in terms) == (250_000_000, 50, False)


def test_the_engine_reads_billionths_and_integers():
    terms = Policy(max_value=250.5, losing_streak=4, total_loss=None, instruments=("B",)).engine_terms(["A", "B"])
    assert terms == {
        "hourly_loss_e9": 20_000_000, "daily_loss_e9": 50_000_000, "drawdown_e9": 150_000_000, "max_leverage_e9": 3_000_000_000,
        "risk_per_trade_e9": 20_000_000, "max_notional": 25_050_000_000, "losing_streak": 4, "allowed": [False, True],
        "correlation_e9": 700_000_000, "span": 100,
    }  # fmt: skip
    assert json.loads(json.dumps(terms)) == terms


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[account]\ndrawdown = 1.5", "account.drawdown is 1.5; it must lie between 1e-09 and 1: give a fraction such as 0.15, or false."),
        ("[account]\ndrawdown = 'much'", "account.drawdown is 'much'; give a fraction such as 0.15, or false."),
        ("[account]\nhourly_loss = true", "account.hourly_loss is True; give a fraction such as 0.02, or false."),
        ("[strategy]\nlosing_streak = 2.5", "strategy.losing_streak is 2.5; give a whole number of losing trades in a row, or false."),
        ("[order]\ndrawdown = 0.1", "drawdown belongs into [account], not into [order]; move it there."),
        ("[strategy]\nstreak = 3",
         "there is no key strategy.streak; keys of [strategy] are losing_streak, repeated_orders, daily_loss, drawdown."),
        ("[limits]\na = 1", f"there is no section [limits]; {SECTIONS}"),
        ("drawdown = 0.1", f"there is no section [drawdown]; {SECTIONS}"),
        ("[portfolio]\nspan = false", "portfolio.span is False; give a whole number of bars."),
        ("[portfolio]\nspan = 1", "portfolio.span is 1; it must lie between 2 and 10,000: give a whole number of bars."),
        ("[order]\nself_match = 1", "order.self_match is 1; give true or false."),
        ("[data]\nmax_age = 3", 'data.max_age is 3; give a span such as "2h", or false.'),
        ("[data]\nmax_age = 'soon'", "data.max_age is 'soon'; give a span such as \"2h\", or false."),
        ("[order]\nduplicate_window = '60w'",
         'order.duplicate_window is 60w; it must lie between 1s and 366d: give a span such as "1h", or false.'),
        ("[venue]\nstop = 1.0",
         "venue.stop is 1; it must lie between 1e-09 and 1: give a fraction of the entry price such as 0.3, or false."),
        ("[instrument]\nA = 3", 'instrument.A is 3; give a section such as [instrument."BTC/USDT"] with max_quantity = 2.'),
        ("[instrument.A]\nlots = 3", 'there is no key lots in [instrument."A"]; keys are max_quantity, max_position, daily_volume.'),
        ("[instrument.A]\nmax_position = -1", 'max_position of [instrument."A"] is -1; give a quantity in base units, or false.'),
        ("[order]\ninstruments = []", 'order.instruments is []; give a list of symbols such as ["BTC/USDT"], or false.'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence_with_file_key_and_fix(tmp_path, text, sentence):
    path = written(tmp_path, text)
    with pytest.raises(RiskError) as raised:
        read_policy(path)
    assert str(raised.value) == f"{path}: {sentence}"


def test_a_file_that_is_absent_or_no_toml_is_named(tmp_path):
    with pytest.raises(RiskError, match=r"none\.toml: no such file or directory; give the path of a policy file"):
        read_policy(tmp_path / "none.toml")
    with pytest.raises(RiskError, match=r"policy\.toml is not TOML: .*; examples/policy\.toml shows the form"):
        read_policy(written(tmp_path, "drawdown : 0.1"))


@b4.strategy(on=b4.bars("1h"))
def half(m):
    return b4.target(b4.where(m.close > 0, 0.5, 0.0))


def test_a_listed_symbol_that_the_data_lacks_is_refused():
    policy = {"order": {"instruments": ["DOGE/USDT"]}}
    with pytest.raises(RiskError, match="names DOGE/USDT, which the data does not have; it has BTC/USDT"):
        b4.backtest(half, market(walk(50)), policy=policy, record=False)


def test_limits_of_an_instrument_that_is_not_there_or_below_a_lot_are_refused():
    with pytest.raises(
        RiskError, match=r"a section \[instrument\] of the policy names DOGE/USDT, which the data does not have"
    ):
        b4.backtest(half, market(walk(50)), policy={"instrument": {"DOGE/USDT": {"max_position": 1}}}, record=False)
    with pytest.raises(
        RiskError, match=r'max_position of \[instrument."BTC/USDT"\] is 0.0001, less than one lot of 0.001'
    ):
        b4.backtest(half, market(walk(50)), policy={"instrument": {"BTC/USDT": {"max_position": 0.0001}}}, record=False)


def test_a_run_without_policy_has_an_empty_guard_and_the_settings_of_before():
    result = b4.backtest(half, market(walk(50)), record=False)
    assert result.guard.height == 0
    assert "policy" not in result.config.as_dict()
    assert (
        b4.backtest(half, market(walk(50)), policy={}, record=False).config.as_dict()["policy"]["account"]["drawdown"]
        == 0.15
    )
