"""The verdict: PASS, EXTEND and FAIL from evidence, the next look and the chance of passing then; the same to the bit elsewhere."""

from __future__ import annotations

import dataclasses
import hashlib
import math
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from bot4.gate import boundary, canonical
from bot4.gate import evidence as evidence_file
from bot4.gate.evidence import Daily, Trades
from bot4.gate.finding import Settings
from bot4.gate.verdict import judge
from scripts.shell import ROOT
from tests.gate.checks.samples import DAY, closed_trades, evidence, registration, returns_of

near = pytest.approx


QUICK = Settings(resamples=500)


def looked(sharpe, number=2, **more):
    return evidence(sharpe=sharpe, out=730 + 30 * number, first=730, look=number, made_settings=QUICK, **more)


def only(sharpe, **more):
    return evidence(sharpe=sharpe, made_settings=QUICK, **more)


def fewer_trades(given, count):
    trades = closed_trades(np.random.default_rng(0), given.out.days, count, 3)
    return dataclasses.replace(given, trades=trades, rebalances=count)


def test_a_good_strategy_passes():
    judged = judge(evidence(sharpe=3.0))
    assert (judged.outcome, judged.next_days, judged.next_ms, judged.chance, judged.reasons) == (
        "PASS",
        None,
        None,
        None,
        (),
    )
    assert judged.words.startswith("Passed: 1,200 days")
    assert "all 14 hard checks are met" in judged.words
    assert judged.evidence == evidence_file.digest(evidence(sharpe=3.0))


def test_what_is_not_proven_yet_is_looked_at_again_with_date_and_chance():
    given = looked(1.7)
    judged = judge(given)
    assert judged.outcome == "EXTEND"
    assert judged.next_days == 820
    assert judged.next_ms == int(given.out.days[0]) + 820 * DAY
    level = boundary.critical() * math.sqrt(730 + 365)
    z = boundary.score(given.out.returns).z
    step = 30 + 30**2 / 790
    chance = norm.cdf((30 * z / math.sqrt(790) - (level - z * math.sqrt(790))) / math.sqrt(step))
    assert judged.chance == near(chance)
    date = str(np.datetime64(judged.next_ms, "ms").astype("datetime64[D]"))
    assert f"The next look is on {date}, after 820 days" in judged.words


def test_a_strategy_without_edge_fails_for_good_at_the_one_look():
    judged = judge(only(0.1))
    assert judged.outcome == "FAIL"
    assert judged.chance is None
    assert any(line.startswith("Evidence: ") for line in judged.reasons)


@pytest.mark.parametrize(("part", "name"), [("costs_2x", "twice the costs"), ("delay_1", "one bar later")])
def test_what_fails_for_good_is_not_waited_for(part, name):
    given = looked(1.7)
    judged = judge(dataclasses.replace(given, stress={**given.stress, part: -given.out.returns}))
    assert judged.outcome == "FAIL"
    assert f"Failed: {name} is not met" in judged.words
    assert judged.reasons[0].lower().startswith(name)
    assert judged.reasons[1].startswith("Evidence")  # what would have waited comes last


def test_missing_trades_alone_are_waited_for_with_their_chance():
    judged = judge(fewer_trades(looked(3.0), 97))
    assert judged.outcome == "EXTEND"
    assert [line.split(":")[0] for line in judged.reasons] == ["Activity"]
    expected = 97 / 790 * 30
    assert judged.chance == near(1 - math.exp(-expected) * (1 + expected + expected**2 / 2))


def test_after_the_one_look_only_trades_are_waited_for():
    judged = judge(fewer_trades(only(3.0), 60))
    assert (judged.outcome, judged.next_days) == ("EXTEND", 2_000)  # 40 more at 60 in 1,200 days
    quiet = judge(fewer_trades(only(0.5), 60))
    assert quiet.outcome == "FAIL"


def test_after_the_twelfth_look_nothing_is_waited_for():
    assert judge(fewer_trades(looked(3.0, 12), 97)).outcome == "FAIL"
    assert judge(looked(0.8, 12)).outcome == "FAIL"


def test_the_deflated_ratio_can_hold_up_what_exceeds_the_boundary():
    """Of 200 trials the boundary at the twelfth look asks for z of 3.98, the deflated ratio for 4.4."""
    judged = judge(looked(2.5, 11, trials=200.0))
    assert judged.finding("G2").passed is True
    assert judged.finding("G3").passed is False
    assert judged.outcome == "EXTEND"
    assert judged.chance is not None
    assert 0 < judged.chance < 1


def test_warnings_decide_nothing():
    given = evidence(sharpe=3.0)
    share = np.array([1.0, 0.0, 0.0])
    judged = judge(dataclasses.replace(given, asset_pnl=given.out.returns[:, None] * share))
    assert judged.outcome == "PASS"
    assert [line.split(":")[0] for line in judged.warnings] == ["Concentration"]


def test_one_kind_of_market_restricts():
    given = only(3.0)
    rising = Daily(given.market.days, 0.004 + 0.01 * np.random.default_rng(1).standard_normal(len(given.market.days)))
    judged = judge(dataclasses.replace(given, market=rising))
    assert judged.outcome == "PASS"
    assert "paper trading in rising markets alone" in judged.words


def test_changed_settings_are_said():
    judged = judge(evidence(sharpe=3.0, made_settings=Settings(max_drawdown=0.4)))
    assert judged.warnings == ("Settings: registered with max_drawdown 0.4 instead of 0.25.",)


def test_a_strategy_with_one_coin_and_no_parameters_can_pass():
    judged = judge(only(3.0, made_universe=("binance:BTC/USDT",), made_parameters={}, made_grid=[{}]))
    assert judged.outcome == "PASS"


def test_idle_days_and_missing_trades_make_no_exception():
    given = only(3.0, out=1_200)
    idle = given.out.returns.copy()
    idle[:400] = 0.0
    nothing = Trades(
        *(np.empty(0, dtype=getattr(given.trades, name).dtype) for name in given.trades.__dataclass_fields__)
    )
    judged = judge(dataclasses.replace(given, out=Daily(given.out.days, idle), trades=nothing))
    assert judged.finding("G8c").passed is None
    assert judged.outcome == "EXTEND"


def test_every_finding_has_words_and_plain_numbers():
    for one in judge(looked(1.7)).findings:
        assert one.words.endswith((".", "!")), one.id
        assert len(one.words) < 400
        assert canonical.encode(one)


def test_another_process_finds_the_same_to_the_bit(tmp_path):
    given = looked(1.7)
    evidence_file.save(given, tmp_path / "evidence")
    here = hashlib.sha256(canonical.encode(judge(given))).hexdigest()
    code = (
        "import hashlib, sys; from bot4.gate import canonical, evidence; from bot4.gate.verdict import judge; "
        "print(hashlib.sha256(canonical.encode(judge(evidence.load(sys.argv[1])))).hexdigest())"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "evidence")],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert run.stdout.strip() == here


def test_five_years_and_fifty_configurations_take_seconds():
    grid = [{"fast": number} for number in range(50)]
    given = evidence(
        sharpe=2.0, out=1_825, trades=2_000, made_grid=grid, made_universe=tuple(f"C{n}/USDT" for n in range(12))
    )
    assert given.registration.settings.resamples == 5_000
    judge(given)  # imports
    start = time.process_time()
    judge(given)
    assert time.process_time() - start < 15


def test_settings_keep_the_floors_of_the_mission():
    bad: dict[str, Any] = {"false_pass": 0.02, "least_days": 90, "least_trades": 10, "resamples": 10, "blocks": 7}
    for name, value in bad.items():
        with pytest.raises(ValueError, match=f"the setting {name} is"):
            Settings(**{name: value})


def test_samples_are_what_they_say():
    returns = returns_of(2.0, 500)
    assert returns.mean() / returns.std(ddof=1) * math.sqrt(365) == near(2.0)
    assert registration().settings == Settings()
