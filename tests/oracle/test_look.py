"""What a look at a row shows is what the run did there: random programs, each row looked at, held against the records of the whole run."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

import pytest

from bot4.backtest.at.rows import DECISION_CODES

from . import compare
from .cases import CASES, KINDS
from .generate import Case

COUNT = max(6, CASES // 400)
E9 = 10**9
CANCELLED, REJECTED = 2, 3
Look = dict[str, Any]


def more(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if case.funding is not None:
        found["funding"] = [None if one is None else compare.series(one) for one in case.funding]
    if case.funding_default is not None:
        found["funding_default"] = case.funding_default
    return found


def lens(case: Case, market: Any) -> Any:
    members = [(json.dumps(case.program), None)]
    return compare.engine().Lens(market, members, json.dumps(case.config), **more(case))


def looks(case: Case, market: Any) -> list[Look]:
    host, found = lens(case, market), []
    while (look := host.look()) is not None:
        found.append(look[0])
    return found


def cases(kind: str) -> list[Case]:
    first, _, make = KINDS[kind]
    return [make(first + 500_000 + seed) for seed in range(COUNT)]


TRADING = [kind for kind in KINDS if kind != "signals"]


@pytest.mark.parametrize("kind", TRADING)
def test_positions_and_equity_are_those_of_the_records(kind: str) -> None:
    for case in cases(kind):
        market = compare.engine_market(case.market)
        whole = compare.engine_run(case, market)
        fills, equity = whole["fills"], dict(zip(whole["equity_ts"].tolist(), whole["equity"].tolist(), strict=True))
        held = Counter[int]()
        by_row: dict[tuple[int, int], int] = {}
        for asset, row, position in zip(fills["asset"], fills["row"], fills["position"], strict=True):
            by_row[int(asset), int(row)] = int(position)
        for look in looks(case, market):
            for asset, row in enumerate(look["rows"]):
                if row is not None and (asset, row) in by_row:
                    held[asset] = by_row[asset, row]
                assert look["assets"][asset]["before"]["lots"] == held[asset], f"{kind} {case.seed}"
            if look["is_open"]:
                assert math.isclose(look["equity"], equity[look["ts"]] / 1e8, rel_tol=1e-12, abs_tol=1e-9)
            else:
                assert look["ts"] not in equity


@pytest.mark.parametrize("kind", TRADING)
def test_orders_that_begin_to_work_at_a_decision_are_those_the_records_say_it_sent(kind: str) -> None:
    seen = 0
    for case in cases(kind):
        market = compare.engine_market(case.market)
        table = compare.engine_run(case, market)["orders"]
        sent: dict[tuple[int, int], set[int]] = {}
        for row in range(len(table["id"])):
            if table["reason"][row] in DECISION_CODES and table["status"][row] != REJECTED:
                key = int(table["ts"][row]), int(table["asset"][row])
                sent.setdefault(key, set()).add(int(table["id"][row]))
        for look in looks(case, market):
            for asset, both in enumerate(look["assets"]):
                before, after = ({one["id"] for one in both[when]["working"]} for when in ("before", "after"))
                assert after - before == sent.get((look["ts"], asset), set()), f"{kind} {case.seed} at {look['ts']}"
                seen += len(after - before)
    assert seen > 5 * COUNT


@pytest.mark.parametrize("kind", ["desk", "feedback", "realism", "entries", "legs", "accounts"])
def test_the_target_after_the_budget_is_what_is_acted_on(kind: str) -> None:
    acted = held = scaled = 0
    for case in cases(kind):
        market = compare.engine_market(case.market)
        rules = targets_by_asset(case)
        for look in looks(case, market):
            for asset, both in enumerate(look["assets"]):
                before, after, target = both["before"], both["after"], both["target"]
                if after["counters"]["acts"] > before["counters"]["acts"]:
                    assert target is not None, f"{kind} {case.seed}"
                    assert after["acted"] == target[1], f"{kind} {case.seed} at {look['ts']}"
                    acted += 1
                    scaled += target[0] != target[1]
                elif (
                    target is not None
                    and target[1] != 0
                    and look["is_open"]
                    and look["is_due"]
                    and not after["is_broken"]
                ):
                    assert after["acted"] == before["acted"], f"{kind} {case.seed} at {look['ts']}"
                    if rules[asset]["kind"] == "weight":
                        distance, band = abs(target[1] - before["acted"]), round(rules[asset]["band"] * E9)
                        assert distance == 0 or distance < band, f"{kind} {case.seed} at {look['ts']}"
                        assert before["acted"] * target[1] > 0 or distance == 0
                        held += 1
                if target is not None and after["hold"] is not None:
                    assert target == (0, 0)
    assert acted >= COUNT // 2
    if kind in ("desk", "feedback"):
        assert held > COUNT
        assert scaled > 0


def targets_by_asset(case: Case) -> list[dict[str, Any]]:
    found = []
    for symbol in case.market.symbols:
        rows = [row for row in case.program.get("targets", []) if row.get("asset") in (None, symbol)]
        found.append(rows[0] if rows else {})
    return found


@pytest.mark.parametrize("kind", ["desk", "feedback", "orders", "entries"])
def test_values_are_those_of_the_columns(kind: str) -> None:
    for case in cases(kind)[: max(3, COUNT // 4)]:
        market = compare.engine_market(case.market)
        nodes = list(range(len(case.program["nodes"])))
        words = json.dumps(case.program), nodes, 0, json.dumps(case.config)
        columns = compare.engine().evaluate(market, *words, **more(case))
        for look in looks(case, market):
            for asset, row in enumerate(look["rows"]):
                for node in nodes:
                    column = columns[node, asset]
                    before, now = look["values"][node][asset]
                    if row is None or not len(column):
                        assert now is None
                        continue
                    assert same(now, column[row]), f"{kind} {case.seed}: node {node} row {row}"
                    assert before is None if row == 0 else same(before, column[row - 1])


def same(a: float | None, b: float) -> bool:
    return a is not None and (a == b or (math.isnan(a) and math.isnan(float(b))))


@pytest.mark.parametrize("kind", TRADING)
def test_looking_changes_nothing_and_a_later_state_shows_the_same(kind: str) -> None:
    for case in cases(kind)[:3]:
        market = compare.engine_market(case.market)
        straight = lens(case, market)
        rows = straight.skip_to(10**9)
        looked = lens(case, market)
        assert looked.skip_to(rows // 2) == rows // 2
        state = looked.save()
        shown = looked.look()
        looked.skip_to(rows)
        assert looked.save() == straight.save()
        assert looked.look() is None
        again = lens(case, market)
        again.load(state, rows // 2)
        assert [str(one["assets"]) for one in again.look()] == [str(one["assets"]) for one in shown]
