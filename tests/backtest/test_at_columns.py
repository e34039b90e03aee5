"""What a page shows of a clicked bar is what `result.at` says of it: the same reason, numbers and values, at every bar looked at."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.at import columns
from tests.backtest import sleeve_cases
from tests.backtest.markets import market, walk
from tests.backtest.test_at import Alternates, run

ROWS = 400
# What `result.at` says, by the sentence of the page for it.
SAME = {
    columns.NOT_OPEN: r"Still warming up|Decisions begin",
    columns.NO_TARGET: r"The target is missing",
    columns.IN_HOLD: r"Held at 0 since the \w+ position was stopped",
    columns.BROKEN_LEGS: r"Its legs were filled apart",
    columns.OFF_SCHEDULE: r"the rebalance schedule lets nothing act now",
    columns.FLAT: r"The target is 0 and there is no position",
    columns.LEAVING: r"The target is 0, and (order \d+ is on its way out|what works already leads there)",
    columns.AS_BEFORE: r"The target is .*, as last acted on",
    columns.DONE: r"was acted on, and the position is already",
    columns.FULL_HOUSE: r"max_positions=\d+ is taken",
    columns.NO_LOT: r"its unit is no lot",
    columns.NO_SIGNAL: r"No signal of the entries",
    columns.SIGNAL_WAITS: r"signal (is true|is held back|came, and order|came, and max_units)|both true",
    columns.NO_ORDER: r"No order was sent",
}


def matches(sentence: str, why: str) -> bool:
    if sentence in SAME:
        return re.search(SAME[sentence], why) is not None
    if sentence.startswith("The target differs"):
        return "less than the band" in why
    if sentence.startswith("An order was refused by the check "):
        return f"was refused by the check {sentence.split()[7].rstrip(':')}" in why
    return sentence.startswith("An order was sent: ") and sentence[19:-1] in why and "was sent" in why


def told_of(result):
    return columns.bar_decisions(result)


STRATEGIES = {name: getattr(sleeve_cases, name) for name in ("trend", "dip", "quote", "feedback", "momentum")}


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_clicked_bar_says_what_at_says(name):
    data = market(walk(ROWS, 1), walk(ROWS, 2), walk(ROWS, 3))
    result = run(STRATEGIES[name], data, cash=1_000, start="2020-01-04")
    told = told_of(result)
    draw, seen = random.Random(5), set()
    for _ in range(80):
        number, row = draw.randrange(3), draw.randrange(ROWS)
        one, symbol = told.assets[number], result.market.symbols[number]
        found = result.at(int(result.market.columns[number].ts[row]) + 3_600_000, symbol)
        sentence = one.sentences[one.reasons[row]]
        seen.add(sentence)
        assert matches(sentence, " ".join(found.why)), f"{symbol} {row}: {sentence} | {found.why}"
        assert [root.label for root in one.roots] == list(found.roots)
        values = {root.label: one.values[root.node, row] for root in one.roots}
        for label, node in found.roots.items():
            assert np.float32(found.nodes[node].value) == pytest.approx(values[label], nan_ok=True)
        facts = {label: column[row] for label, column in one.facts.items()}
        assert facts["position before the decision"] == pytest.approx(found.position["qty"])
        if found.target is not None:
            assert facts["target after the budget"] == pytest.approx(found.target.budgeted, nan_ok=True)
            assert facts["last acted on"] == pytest.approx(found.target.acted_before)
    assert len(seen) > 2


def test_sleeves_are_told_under_their_names():
    two = b4.sleeves(a=(sleeve_cases.trend, 0.5), b=(sleeve_cases.dip, 0.3))
    result = run(two, market(walk(ROWS, 1)), cash=10_000)
    one = told_of(result).assets[0]
    assert {root.label.partition(":")[0] for root in one.roots} == {"a", "b"}
    for row in range(20, ROWS, 31):
        whole = result.at(int(result.market.columns[0].ts[row]) + 3_600_000)
        parts = one.sentences[one.reasons[row]].removeprefix("a: ").split(" b: ")
        for sentence, found in zip(parts, whole.sleeves, strict=True):
            assert matches(sentence, " ".join(found.why))
            assert one.facts[f"{found.sleeve}: position before the decision"][row] == pytest.approx(
                found.position["qty"]
            )


def test_inputs_stand_before_their_users_and_other_assets_have_none():
    @b4.portfolio
    def one(u):
        memory = b4.state(0.0).next(lambda s: s + 1)
        return b4.target(b4.asset("BTC/USDT").close / 1000 + memory * 0, asset="BTC/USDT")

    told = told_of(run(one, market(walk(50, 1), walk(50, 2))))
    assert told.assets[1] is None
    for place, node in enumerate(told.assets[0].nodes):
        assert all(i < place for i in node.inputs)


def test_a_run_too_large_is_shown_around_its_orders(monkeypatch):
    monkeypatch.setattr(columns, "MOST_VALUES", 100)
    monkeypatch.setattr(columns, "AROUND", 3)
    result = run(sleeve_cases.trend, market(walk(ROWS, 1)), cash=1_000)
    one = told_of(result).assets[0]
    sent = {int(ts) // 3_600_000 - 1_577_836_800_000 // 3_600_000 - 1 for ts in result.records["orders"]["ts"]}
    assert 0 < len(one.rows) < ROWS
    assert {row for row in sent if row >= 0} <= set(one.rows.tolist())
    assert one.values.shape == (len(one.nodes), len(one.rows))


def test_an_event_class_cannot_be_looked_into():
    assert told_of(run(Alternates, market(walk(100, 1)))) is None
