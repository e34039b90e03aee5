"""The engine's desk, venue and ledger against the oracle's: records, equity and counters are equal to the last unit."""

from __future__ import annotations

import pytest

from . import compare
from .cases import BATCHES, KINDS, REGRESSIONS, case, seeds

TRADING = [kind for kind in KINDS if kind != "signals"]


def check(kind: str, seed: int) -> None:
    made = case(kind, seed)
    found = compare.desk_differences(made, compare.engine_market(made.market))
    assert not found, f"cases.case({kind!r}, {seed}):\n" + "\n".join(found)


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("kind", TRADING)
def test_strategies_trade_exactly_alike(kind: str, batch: int) -> None:
    for seed in seeds(kind, batch):
        check(kind, seed)


@pytest.mark.parametrize(("kind", "seed"), [(kind, seed) for kind in TRADING for seed in REGRESSIONS.get(kind, [])])
def test_found_before(kind: str, seed: int) -> None:
    check(kind, seed)
