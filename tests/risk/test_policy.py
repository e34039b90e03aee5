"""The policy file: what is read, and each sentence that refuses one."""

from __future__ import annotations

import json

import pytest

import bot4 as b4
from bot4.risk.errors import RiskError
from bot4.risk.policy import Policy, read_policy
from tests.backtest.markets import market, walk


def written(tmp_path, text):
    path = tmp_path / "policy.toml"
    path.write_text(text)
    return path


def test_keys_left_out_keep_their_default_and_false_switches_off(tmp_path):
    path = written(tmp_path, "[account]\ndrawdown = 0.2\ndaily_loss = false\n[order]\ninstruments = ['BTC/USDT']\n")
    assert read_policy(path) == Policy(drawdown=0.2, daily_loss=None, instruments=("BTC/USDT",))


def test_the_content_of_a_policy_makes_it_again():
    for policy in (Policy(), Policy(drawdown=None, losing_streak=3, instruments=("A", "B"), max_value=5)):
        assert read_policy(json.loads(json.dumps(policy.content()))) == policy


def test_the_engine_reads_billionths_and_integers():
    terms = Policy(max_value=250.5, losing_streak=4, total_loss=None, instruments=("B",)).engine_terms(["A", "B"])
    assert terms == {
        "hourly_loss_e9": 20_000_000, "daily_loss_e9": 50_000_000, "drawdown_e9": 150_000_000, "max_leverage_e9": 3_000_000_000,
        "risk_per_trade_e9": 20_000_000, "max_notional": 25_050_000_000, "losing_streak": 4, "allowed": [False, True],
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
        ("[strategy]\nstreak = 3", "there is no key strategy.streak; keys of [strategy] are losing_streak, repeated_orders."),
        ("[limits]\na = 1", "there is no section [limits]; sections are [account], [strategy], [order]."),
        ("drawdown = 0.1", "there is no section [drawdown]; sections are [account], [strategy], [order]."),
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


def test_sleeves_take_no_policy():
    from bot4._engine import EngineError

    both = b4.sleeves(one=(half, 0.5), two=(half, 0.5))
    with pytest.raises(EngineError, match="sleeves take no policy"):
        b4.backtest(both, market(walk(50)), policy={}, record=False)


def test_a_run_without_policy_has_an_empty_guard_and_the_settings_of_before():
    result = b4.backtest(half, market(walk(50)), record=False)
    assert result.guard.height == 0
    assert "policy" not in result.config.as_dict()
    assert (
        b4.backtest(half, market(walk(50)), policy={}, record=False).config.as_dict()["policy"]["account"]["drawdown"]
        == 0.15
    )
