"""Evidence that nothing can be judged from is refused with one sentence that says what, where and the fix; there is no verdict."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate.checks.inputs import require_sound
from bot4.gate.errors import GateError
from bot4.gate.evidence import Daily
from bot4.gate.verdict import judge
from tests.gate.checks.samples import DAY, closed_trades, evidence

GOOD = evidence(out=400)


def changed(**parts):
    return dataclasses.replace(GOOD, **parts)


def out_of(days=None, returns=None):
    return Daily(GOOD.out.days if days is None else days, GOOD.out.returns if returns is None else returns)


def one_trade():
    few = closed_trades(np.random.default_rng(0), GOOD.out.days, 1, 3)
    return changed(trades=few, rebalances=1)


BROKEN = {
    "costs": (lambda: evidence(out=400, made_costs={}), "names no costs"),
    "clock before registration": (lambda: changed(clock_ms=GOOD.registration.created_ms - 1), "ran backwards"),
    "clock before the last day": (lambda: evidence(out=400, first=300, clock_ms=int(GOOD.out.days[-1]) + 1), "has not been"),
    "too few days": (lambda: evidence(out=180), "180 days out of sample and more than 180 are needed"),
    "both parts": (lambda: changed(inside=Daily(GOOD.inside.days + DAY, GOOD.inside.returns)), "1 day are both|do not overlap"),
    "zeros": (lambda: changed(out=out_of(returns=np.zeros(400))), "a series of zeros proves nothing"),
    "one trade": (one_trade, "closed 1 trade out of sample"),
    "NaN": (lambda: changed(out=out_of(returns=np.append(GOOD.out.returns[:-1], np.nan))), "1 values that are no finite"),
    "a day missing": (
        lambda: changed(out=out_of(days=np.append(GOOD.out.days[:-1], GOOD.out.days[-1] + DAY)), clock_ms=GOOD.clock_ms + DAY),
        "do not cover|missing",
    ),
    "days out of order": (lambda: changed(out=out_of(days=GOOD.out.days[::-1].copy())), "not whole UTC days in order"),
    "not whole days": (lambda: changed(out=out_of(days=GOOD.out.days + 1)), "not whole UTC days"),
    "returns of other days": (lambda: changed(out=out_of(returns=GOOD.out.returns[1:])), "differ in number"),
    "no stress": (lambda: changed(stress={"costs_2x": GOOD.out.returns}), "no returns under delay_1"),
    "another universe": (lambda: changed(asset_pnl=GOOD.asset_pnl[:, :2]), r"asset_pnl has shape \(400, 2\)"),
    "another grid": (lambda: changed(neighbours=GOOD.neighbours[:, :3]), "neighbours has shape"),
    "trades cut": (lambda: changed(trades=dataclasses.replace(GOOD.trades, pnl=GOOD.trades.pnl[1:])), "columns of the trades"),
    "market elsewhere": (lambda: changed(market=GOOD.inside), "do not cover the days out of sample"),
    "no equity": (lambda: changed(equity=0.0), "starting equity is 0"),
}  # fmt: skip


def test_good_evidence_is_taken():
    require_sound(GOOD)
    assert judge(GOOD).outcome in ("PASS", "EXTEND", "FAIL")


@pytest.mark.parametrize("name", BROKEN)
def test_broken_evidence_is_refused_in_a_sentence_and_without_a_verdict(name):
    make, said = BROKEN[name]
    with pytest.raises(GateError, match=said) as raised:
        judge(make())
    assert "\n" not in str(raised.value)


def test_too_little_data_says_from_when_there_is_enough():
    short = evidence(out=100, inside=300)
    with pytest.raises(GateError, match="100 days") as raised:
        judge(short)
    enough = int(short.out.days[0]) + 181 * DAY
    assert str(np.datetime64(enough, "ms").astype("datetime64[D]")) in str(raised.value)
