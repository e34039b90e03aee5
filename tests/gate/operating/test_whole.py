"""The whole gate on drawn strategies: every check runs, and what it passes stays in the bounds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate import verdict
from bot4.gate.errors import GateError
from bot4.gate.selftest import report, whole
from bot4.gate.selftest.generators import KINDS
from bot4.gate.selftest.operating import YEARLY, bars
from bot4.gate.selftest.rate import rate
from bot4.gate.verdict import judge

FAT, GARCH, CRASHES, AR1 = KINDS


@pytest.mark.parametrize("kind", [FAT, CRASHES], ids=lambda kind: kind.name)
def test_without_an_edge_hardly_any_passes_every_check(kind):
    found = whole.whole(kind, 0.0, 1_500)
    assert found.passed.low <= 0.01
    assert found.passed.share <= 0.013
    assert 0 < found.above.share <= 0.02
    assert found.passed.passed <= found.above.passed


def test_an_edge_of_two_and_a_half_passes_mostly():
    """The study: 95.6 % at c = 2.40 with fewer checks."""
    found = whole.whole(FAT, 2.5, 25)
    assert found.passed.share >= 0.80


def strategy(sharpe, seed=1):
    edge = sharpe / YEARLY * whole.DEVIATION
    drawn = FAT.draw(np.random.default_rng(seed), whole.INSIDE_DAYS + 1_090, 1)[:, 0] * whole.DEVIATION
    drawn = drawn - drawn.mean() + edge
    return whole.Strategy(drawn, edge, FAT, (seed,))


def test_only_what_is_above_the_boundary_is_ever_passed():
    """Why it is enough to judge those."""
    for sharpe in (-1.0, 1.0, 3.0):
        for look in (1, 6, 12):
            found = judge(whole.evidence_at(strategy(sharpe), look))
            if found.outcome == "PASS":
                proof = found.finding("G2")
                assert proof.passed
                assert proof.value > bars(730)[look - 1]


def test_a_cheat_whose_edge_is_gone_a_bar_later_is_stopped():
    good = whole.evidence_at(strategy(3.0), 12)
    assert judge(good).outcome == "PASS"
    cheat = dataclasses.replace(good, stress=good.stress | {"delay_1": good.out.returns - strategy(3.0).edge * 1.1})
    found = judge(cheat)
    assert found.outcome == "FAIL"
    assert [one.name for one in found.findings if not one.is_met] == ["one bar later"]


def test_the_path_ends_where_it_passes_or_loses():
    bar = bars(730)
    assert whole.followed(strategy(3.0), bar + 1, bar, 730) == (True, set())
    losing = np.where(np.arange(12) < 5, bar - 0.1, -0.1)
    losing[6:] = 9.0  # too late: it failed at the sixth look
    assert whole.followed(strategy(3.0), losing, bar, 730) == (False, set())


def test_a_look_that_failed_for_good_ends_what_would_have_passed_later(monkeypatch):
    bar = bars(730)
    late = np.where(np.arange(12) < 3, bar - 0.1, bar + 1)
    whole_gate, seen = verdict.judge, list[int]()

    def failing_first(evidence):
        seen.append(evidence.look)
        made = whole_gate(evidence)
        if evidence.look > 1:
            return made
        lost = [
            dataclasses.replace(one, passed=False, waits=False) if one.id == "G8b" else one for one in made.findings
        ]
        return dataclasses.replace(made, outcome="FAIL", findings=tuple(lost))

    monkeypatch.setattr(whole, "judge", failing_first)
    assert whole.followed(strategy(3.0), late, bar, 730) == (True, set())
    assert seen == [4]
    assert whole.followed(strategy(3.0), late, bar, 730, every_look=True) == (True, {"drawdown"})
    assert seen == [4, 4, 1]


def test_the_self_test_holds_and_is_the_same_again():
    first, again = report.run(100), report.run(100)
    assert dataclasses.replace(first, seconds=0.0) == dataclasses.replace(again, seconds=0.0)
    assert first.holds
    assert {row.kind for row in first.boundary} == {one.kind for one in first.whole} == {kind.name for kind in KINDS}
    assert first.c == pytest.approx(2.45, abs=0.005)


@pytest.mark.parametrize(
    ("passed", "sense", "outcome"),
    [
        (10, "at most", "holds"),
        (16, "at most", "within error"),
        (40, "at most", "broken"),
        (40, "at least", "holds"),
        (9, "at least", "within error"),
        (2, "at least", "broken"),
    ],
)
def test_a_claim_is_broken_only_beyond_the_error(passed, sense, outcome):
    assert report.judged("a share", rate(passed, 1_000), sense, 0.013).outcome == outcome


def test_a_gate_that_forgets_the_boundary_is_found_out(monkeypatch):
    """The self-test of a gate whose bar is half as high is broken."""
    monkeypatch.setattr("bot4.gate.selftest.operating.critical", lambda *_: 1.2)
    none = rate(0, 100)
    monkeypatch.setattr(report, "whole", lambda kind, sharpe, *_, **__: whole.Whole(kind.name, sharpe, none, none, {}))
    found = report.run(400)
    assert not found.holds
    assert any(one.outcome == "broken" and "passes the boundary" in one.words for one in found.claims)


def test_too_few_paths_are_refused():
    with pytest.raises(GateError, match="99 paths say nothing of a chance of 1 %"):
        report.run(99)


def test_the_interval_is_that_of_wilson():
    """10 of 1,000: 0.54 % to 1.83 % (Newcombe 1998, method 3)."""
    found = rate(10, 1_000)
    assert (found.low, found.high) == pytest.approx((0.00544, 0.01831), abs=1e-5)
    assert rate(0, 50).low == 0.0
    assert rate(50, 50).high == 1.0
