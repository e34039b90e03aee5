"""The engine's desk, venue and ledger against the oracle's: orders, fills, trades, equity and counters are equal to the last unit."""

from __future__ import annotations

import pytest

from . import compare, strategies
from .cases import REGRESSIONS, seeds


def check(seed: int, feedback: bool) -> None:
    case = strategies.desk_case(seed, feedback)
    found = compare.desk_differences(case, compare.engine_market(case.market))
    assert not found, f"strategies.desk_case({seed}, {feedback}):\n" + "\n".join(found)


@pytest.mark.parametrize("batch", range(10))
def test_static_strategies_trade_exactly_alike(batch: int) -> None:
    for seed in seeds("desk", batch):
        check(seed, False)


@pytest.mark.parametrize("batch", range(10))
def test_feedback_strategies_trade_exactly_alike(batch: int) -> None:
    for seed in seeds("feedback", batch):
        check(seed, True)


@pytest.mark.parametrize("seed", REGRESSIONS["desk"])
def test_found_before(seed: int) -> None:
    check(seed, False)


@pytest.mark.parametrize("seed", REGRESSIONS["feedback"])
def test_found_before_with_feedback(seed: int) -> None:
    check(seed, True)
