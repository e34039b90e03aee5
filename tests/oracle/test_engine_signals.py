"""The engine's signals against the oracle's definitions, node by node, over random programs and random bars."""

from __future__ import annotations

import json

import pytest

from . import compare, programs, signals, strategies
from .cases import BATCHES, REGRESSIONS, seeds


def check(seed: int) -> None:
    case = programs.signal_case(seed)
    found = compare.signal_differences(case, compare.engine_market(case.market))
    assert not found, f"programs.signal_case({seed}): {len(found)} differences, first:\n" + "\n".join(found[:5])


@pytest.mark.parametrize("batch", range(BATCHES))
def test_every_node_agrees_with_its_definition(batch: int) -> None:
    for seed in seeds("signals", batch):
        check(seed)


@pytest.mark.parametrize("seed", REGRESSIONS["signals"])
def test_found_before(seed: int) -> None:
    check(seed)


def test_warm_up_follows_the_table() -> None:
    for seed in range(40):
        case = strategies.desk_case(seed)
        settled = signals.settled_rows(case.program)
        expected = []
        for symbol in case.market.symbols:
            named = [t for t in case.program["targets"] if t["asset"] in (symbol, None)]
            nodes = [n for t in named[:1] for n in [t["node"], *(s["node"] for s in t["stops"] if "node" in s)]]
            expected.append(max((settled[n] for n in nodes), default=0))
        described = compare.engine().describe(json.dumps(case.program), case.market.symbols)
        assert described["settled"] == expected, f"strategies.desk_case({seed})"
