"""hftbacktest 2.4.4 and we fill the same random orders on the same real data with the same models alike; what differs is explained.

Twelve runs: each of the six instruments once with every fill whole (hftbacktest's `NoPartialFillExchange`, ours `naive`), each with
another queue model and every other one with a recorded latency (`IntpOrderLatency`), and once with partial fills
(`PartialFillExchange`, ours `neutral`), where one difference is predicted to the nanosecond (`compare.py`) and one defect ends
hftbacktest's process: an order filled to exactly nothing stays in its books, and the next fill of it panics
(`partialfillexchange.rs:251`). There every quantity of the market is doubled and ours are odd, so that none is; with a probabilistic
queue model nothing keeps an order from it, so partial fills are compared with the pessimistic one alone.

A thirteenth run has every order of the market by number (L3): the market of our own exchange's agents, their `L3FIFOQueueModel`, our
`exact`.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import environment
from bot4.data.ticks import Ticks, agents, import_files
from tests.ticks.compare import Verdict, compare
from tests.ticks.probes import Actions, Model, draw, ours, recorded, theirs

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("BOT4_TEST_DATA", ROOT.parent / "shared" / "data")) / "ticks" / "binance-l2"
SCRIPT = ROOT / "benchmarks" / "peers" / "hftbacktest_orders.py"
FILES = [
    f"{kind}_20240808.gz"
    for kind in ("usdm-btcusdt", "usdm-ethusdt", "cm-btcusd_perp", "cm-ethusd_perp", "spot-btcusdt", "spot-ethusdt")
]
QUEUES = [("pessimistic", 1.0), ("log", 1.0), ("log2", 1.0), ("power", 2.0), ("power2", 2.0), ("power3", 3.0)]
ORDERS = 1_000


def doubled(ticks: Ticks, actions: Actions) -> tuple[Ticks, Actions]:
    """Returns the market with every quantity doubled, and the orders with odd ones."""
    depth, trades = ticks.depth, ticks.trades
    market = replace(ticks, depth=replace(depth, lots=depth.lots * 2), trades=replace(trades, lots=trades.lots * 2))
    return market, replace(actions, lots=actions.lots * 2 + 1)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """The verdict over whole fills and the one over partial fills."""
    if not all((DATA / name).exists() for name in FILES):
        pytest.skip("the tick data is not here; set BOT4_TEST_DATA to its folder")
    try:
        python = environment.ensure("hftbacktest")
    except RuntimeError as error:
        pytest.skip(str(error))
    asked: list[tuple[Ticks, Actions, Model]] = []
    for number, name in enumerate(FILES):
        ticks = import_files([DATA / name])[0]
        asked.append(
            (
                ticks,
                draw(ticks, ORDERS, number),
                Model(*QUEUES[number], "naive", recorded(ticks, number) if number % 2 else ()),
            )
        )
        asked.append((*doubled(ticks, draw(ticks, ORDERS, 100 + number)), Model("pessimistic", 1.0, "neutral")))
    by_number = agents(150, tick=5.0, feed_ms=2.0)
    asked.append((by_number, draw(by_number, 2 * ORDERS, 7, (0.75, 0.25, 0.0, 0.0, 0.0)), Model("exact", 1.0, "naive")))
    answers = theirs(python, SCRIPT, tmp_path_factory.mktemp("hftbacktest"), asked)
    found = {"naive": Verdict(), "neutral": Verdict(), "exact": Verdict()}
    for (ticks, actions, model), answer in zip(asked, answers, strict=True):
        verdict = found["exact" if model.queue == "exact" else model.realism]
        compare(ticks, actions, model, ours(ticks, actions, model), answer, verdict)
    return found


def test_with_whole_fills_every_order_ends_alike(verdicts):
    verdict = verdicts["naive"]
    print(f"\nwhole fills: {sum(verdict.same.values())} orders the same {dict(verdict.same)}")
    assert (verdict.unexplained, dict(verdict.explained)) == ([], {})
    assert sum(verdict.same.values()) == ORDERS * len(FILES)
    assert all(verdict.same[why] > 100 for why in ("queue", "through", "crossed", "took", "cancelled", "expired"))


def test_with_partial_fills_every_difference_is_predicted(verdicts):
    verdict = verdicts["neutral"]
    print(
        f"\npartial fills: {sum(verdict.same.values())} orders the same {dict(verdict.same)}; explained {dict(verdict.explained)}"
    )
    assert verdict.unexplained == []
    assert sum(verdict.same.values()) + sum(verdict.explained.values()) == ORDERS * len(FILES)
    assert sum(verdict.same.values()) > 0.9 * ORDERS * len(FILES)


def test_with_orders_by_number_every_place_in_the_queue_is_the_same(verdicts):
    verdict = verdicts["exact"]
    print(
        f"\norders by number: {sum(verdict.same.values())} the same {dict(verdict.same)}; explained {dict(verdict.explained)}"
    )
    assert verdict.unexplained == []
    assert sum(verdict.same.values()) + sum(verdict.explained.values()) == 2 * ORDERS
    assert set(verdict.explained) <= {"through"}
    assert sum(verdict.same.values()) > ORDERS
    assert verdict.same["queue"] > 200
