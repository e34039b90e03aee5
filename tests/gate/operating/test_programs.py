"""300 random strategies, each optimised in every training of a walk-forward, on permuted markets, through the gate's own runs."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from bot4.gate import boundary
from bot4.gate.collect import Opened, gather, inside_days, windows
from bot4.gate.collect.days import days_of
from bot4.gate.errors import GateError
from bot4.gate.registry import make
from bot4.gate.registry.plan import plan_of
from bot4.gate.verdict import judge
from bot4.records.store import RecordStore

from . import permuted, programs

PROGRAMS, WORLDS = 300, 30
NOW = permuted.START + 4_000 * permuted.DAY
EMPTY = (0, "0" * 64)
"""The head of a registry without entries."""
SETTINGS = {"fee_bps": 5.0, "spread_bps": 1.0, "funding_default": 0.0}


def made_of(strategy: Path, data: list[str], **changed) -> make.Made:
    """Registers a strategy with a neighbourhood of nine and a year of training."""
    held = {"train": "350d", "test": "250d", "settings": SETTINGS}
    return make.register(make.Asked(strategy=str(strategy), data=data, **{**held, **changed}), NOW, EMPTY)


def outside(made: make.Made) -> np.ndarray:
    """Returns the daily returns out of sample, as `collect` runs them."""
    held = made.registration
    plan = plan_of(held.design, held.split)
    chosen = windows.choices(made, plan, plan.out_end_ms, lambda runs: None)
    tests = windows.run_tests(made.setup, chosen, lambda runs: None)
    return np.concatenate([days_of(result, span, held.universe).returns for span, result in tests])


def verdict(made: make.Made, home: Path):
    """Returns the verdict of the whole gate, with records of its own."""
    plan = plan_of(made.registration.design, made.registration.split)
    return judge(gather(made, Opened(0, plan.first_days, 1, NOW), inside_days(made), RecordStore(home)))


@pytest.fixture(scope="module")
def markets(tmp_path_factory):
    """The files of 30 permuted markets."""
    folder = tmp_path_factory.mktemp("markets")
    return [permuted.market(folder / str(seed), seed) for seed in range(WORLDS)]


@pytest.fixture(scope="module")
def tried(markets, tmp_path_factory):
    """(registration, z out of sample) of the first 300 random programs that trade, ten on each market."""
    folder = tmp_path_factory.mktemp("programs")
    found: list[tuple[make.Made, float]] = []
    for seed in range(2 * PROGRAMS):
        if len(found) == PROGRAMS:
            break
        path = folder / f"p{seed}.py"
        path.write_text(programs.source(seed))
        made = made_of(path, markets[seed % WORLDS])
        try:
            found.append((made, boundary.single(outside(made)).score.z))
        except GateError:  # it never trades, or looks so far back that too few days are left
            continue
    return found


def most(count: int, chance: float, beyond: float = 0.01) -> int:
    """Returns the smallest number that a binomial count exceeds with at most a chance of `beyond`."""
    below = 0.0
    for number in range(count + 1):
        below += math.comb(count, number) * chance**number * (1.0 - chance) ** (count - number)
        if below >= 1.0 - beyond:
            return number
    return count


def test_of_random_programs_no_more_pass_than_one_in_a_hundred_would_give(tried, tmp_path):
    """PASS asks for z above the boundary, so those alone go through the other checks."""
    above = [made for made, z in tried if z > boundary.critical()]
    passed = [made for number, made in enumerate(above) if verdict(made, tmp_path / str(number)).outcome == "PASS"]
    assert most(PROGRAMS, 0.01) == 8
    assert len(passed) <= len(above) <= 8


def test_the_programs_do_trade_and_their_luck_is_spread_as_luck_is(tried):
    z = np.array([one for _, one in tried])
    assert len(z) == PROGRAMS
    assert len({made.registration.identity for made, _ in tried}) >= 0.8 * PROGRAMS
    assert -1.5 < z.mean() < 0.2, "costs are paid and nothing is earned"
    assert 0.7 < z.std() < 1.6
    assert z.max() > 1.5


def test_the_best_of_them_passes_the_bar_of_one_trial_alone(tried):
    """Chosen on the days that are judged: hidden trials come near or above the bar, and the counted ones stay far below theirs."""
    best = max(z for _, z in tried)
    assert best > boundary.critical() - 0.5
    assert best < boundary.critical(len(tried))


def test_a_verdict_of_a_program_without_an_edge_is_a_fail(tried, tmp_path):
    """The whole gate, with its runs, on one near the middle."""
    made, z = sorted(tried, key=lambda one: one[1])[len(tried) // 2]
    found = verdict(made, tmp_path)
    assert found.outcome == "FAIL"
    assert found.finding("G2").value == pytest.approx(z, rel=1e-9)


def test_a_planted_edge_passes(tmp_path):
    """A true Sharpe ratio near 2.5 after costs: seven markets of eight, at least."""
    outcomes, ratios = [], []
    for seed in range(8):
        folder = tmp_path / str(seed)
        data = permuted.market(folder / "market", 100 + seed, planted=0.14)
        path = folder / "planted.py"
        path.write_text(programs.PLANTED)
        found = verdict(made_of(path, data), folder / "home")
        outcomes.append(found.outcome)
        ratios.append(found.finding("G3").details["sharpe"])
    assert 2.1 < np.mean(ratios) < 2.9
    assert outcomes.count("PASS") >= 7


def test_a_cheat_that_looks_ahead_is_caught_by_the_delay(tmp_path):
    data = permuted.market(tmp_path / "market", 200)
    path = tmp_path / "cheat.py"
    path.write_text(programs.CHEAT)
    found = verdict(made_of(path, data, design="holdout", out_from="2021-06-01"), tmp_path / "home")
    assert found.finding("G2").passed
    assert found.finding("G2").value > 10
    assert found.finding("G6b").passed is False
    assert "one bar" in found.finding("G6b").words
    assert found.outcome == "FAIL"
