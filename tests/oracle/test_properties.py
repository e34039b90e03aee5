"""What must hold for any program of orders, whatever the rules in detail: order of lists and ids, realisms, evidence, value."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from . import compare, orders
from .cases import CASES
from .generate import Case, Market, config, market
from .records import CANCELLED, IN_FLIGHT, KINDS, NOT_THROUGH, ORDER, TAKE, VOLUME_CAP, WORKING

COUNT = max(20, CASES // 40)


def run(case: Case) -> dict[str, Any]:
    return compare.engine_run(case, compare.engine_market(case.market))


def records(found: dict[str, Any]) -> dict[str, Any]:
    """Everything a run says but the hash of its program's state."""
    names = {"orders": [*compare.ORDERS, *compare.KEYED], "fills": compare.FILLS, "trades": compare.TRADES}
    tables: dict[str, Any] = {name: compare.table(found[name], columns) for name, columns in names.items()}
    return tables | {"equity": list(map(int, found["equity"])), "keys": list(found["keys"])}


# --- order of what comes at once ---------------------------------------------------------------------------------------------


def test_the_order_of_the_list_of_orders_changes_nothing() -> None:
    for seed in range(COUNT):
        case = orders.orders_case(seed)
        shuffled = list(case.program["orders"])
        Random(seed).shuffle(shuffled)
        other = dataclasses.replace(case, program=case.program | {"orders": shuffled})
        assert records(run(case)) == records(run(other)), f"orders.orders_case({seed})"


def test_the_order_of_the_lists_of_targets_and_entries_changes_nothing() -> None:
    for seed in range(COUNT):
        case = orders.entries_case(seed)
        lists = {name: list(case.program.get(name, [])) for name in ("targets", "entries")}
        for wanted in lists.values():
            Random(seed).shuffle(wanted)
        other = dataclasses.replace(case, program=case.program | lists)
        assert records(run(case)) == records(run(other)), f"orders.entries_case({seed})"


def renamed(case: Case) -> tuple[Case, list[int]]:
    """The same case with venues named so that the ids run backwards; the second part says which asset is which."""
    m = case.market
    count = len(m.instruments)
    instruments, bars = [], {}
    for k in reversed(range(count)):
        info = m.instruments[k] | {"venue": f"v{count - k:02d}", "symbol": f"{chr(90 - k)}/{m.instruments[k]['quote']}"}
        instruments.append(info)
        bars[info["symbol"]] = m.bars[m.symbols[k]]
    other = Market(m.interval_ms, instruments, bars, list(reversed(m.int_bars)))
    costs = list(reversed(case.config["instruments"]))
    return dataclasses.replace(case, market=other, config=case.config | {"instruments": costs}), list(
        reversed(range(count))
    )


def independent(seed: int) -> Case:
    """Keys in quantities, on an account so rich that no asset takes anything from another."""
    r = Random(seed)
    m = market(r, (40, 90), 4, (300, 5_000))
    m = dataclasses.replace(m, instruments=[i | {"kind": "linear"} for i in m.instruments])
    settings = orders.realism(r, config(r, m), m) | {"latency_sigma": 0.0, "max_notional": None}
    settings |= {"cash": 10**17, "max_leverage_e9": 30 * 10**9}
    for costs in settings["instruments"]:
        costs["min_notional"] = 0
    t = orders.OrderTrader(r, m, 1.0)
    t.b.kind = "portfolio"
    wanted = t.keys(None)
    for spec in wanted:
        spec["size"] = {"unit": "qty", "node": t.b.const(r.choice([1.0, 7.0])), "per_unit": None}
    return Case(seed, m, t.b.program([]) | {"orders": wanted}, settings)


def by_asset(found: dict[str, Any], asset: int) -> list[tuple[int, ...]]:
    return [
        row[:1] + row[2:] for row in compare.table(found["fills"], ["ts", "asset", "row", "lots", "ticks", "rule", "fee"])
        if row[1] == asset
    ]  # fmt: skip


def test_the_ids_of_assets_change_nothing_where_assets_do_not_meet() -> None:
    for seed in range(COUNT):
        case = independent(seed)
        other, asset_of = renamed(case)
        one, two = run(case), run(other)
        for a in range(len(asset_of)):
            assert by_asset(one, a) == by_asset(two, asset_of[a]), f"test_properties.independent({seed}), asset {a}"
        assert list(one["equity"]) == list(two["equity"])


# --- realisms ----------------------------------------------------------------------------------------------------------------


def long_only(seed: int) -> Case:
    """Limits below and stops above the market, each with its exits, and entries: long only, on random walks."""
    r = Random(seed)
    m = market(r, (120, 160), 1, (5_000, 60_000))
    m = dataclasses.replace(m, instruments=[i | {"kind": "spot"} for i in m.instruments])
    settings = config(r, m) | {"latency_ms": 0, "trade_from_ms": None, "collar_e9": 10**10, "max_notional": None}
    settings |= {"half_spread_e9": 500_000, "impact": 1.0, "volume_share_e9": 100_000_000, "cash": 10**12}
    for costs in settings["instruments"]:
        costs |= {"min_notional": 0, "min_lots": 1, "taker_e9": 500_000, "maker_e9": 200_000}
    t = orders.OrderTrader(r, m, 1e4)
    t.b.kind = "portfolio"
    size = {"unit": "weight", "node": t.b.const(0.25), "per_unit": None}
    step = r.choice([0.004, 0.01, 0.02])
    exits = {"stop": t.factor(step), "take": t.factor(step)}
    dip = {"key": "dip", "side": 1, "kind": "limit", "price": t.factor(1.0 - step / 2)}
    up = {"key": "up", "side": 1, "kind": "stop", "trigger": t.factor(1.0 + step / 2)}
    wanted = [spec | {"asset": None, "size": size, "exits": exits} for spec in (dip, up)]
    return Case(seed, m, t.b.program([]) | {"orders": wanted}, settings)


def final(case: Case, realism: str) -> float:
    found = run(dataclasses.replace(case, config=case.config | {"realism": realism}))
    return float(found["equity"][-1] / case.config["cash"])


def test_strict_is_below_neutral_and_neutral_below_naive() -> None:
    """On average by more than three standard errors. Single paths may turn it round: an entry that strict does not get may have been a
    bad one (seen: strict above neutral in 34 % of 500 cases, neutral above naive in 10 %)."""
    results = [
        [final(long_only(seed), name) for name in ("strict", "neutral", "naive")] for seed in range(max(320, 4 * COUNT))
    ]
    for worse, better, most in ((0, 1, 0.45), (1, 2, 0.2), (0, 2, 0.2)):
        gains = [row[better] - row[worse] for row in results]
        mean, error = statistics.fmean(gains), statistics.stdev(gains) / math.sqrt(len(gains))
        inverted = sum(g < 0 for g in gains) / len(gains)
        assert mean > 3 * error, (worse, better, mean, error)
        assert inverted < most, (worse, better, inverted)


# --- evidence ----------------------------------------------------------------------------------------------------------------


def crossed(order: dict[str, int], bar: Any) -> bool:
    """Whether a bar's range came to the order's price or trigger, from the record alone."""
    buys = order["side"] > 0
    if KINDS[order["kind"]] == "limit":
        return bool(bar.low <= order["price_ticks"] if buys else bar.high >= order["price_ticks"])
    if KINDS[order["kind"]] == "stop":
        return bool(bar.high >= order["trigger_ticks"] if buys else bar.low <= order["trigger_ticks"])
    return bool(bar.low <= order["trigger_ticks"] if buys else bar.high >= order["trigger_ticks"])


def survivals(case: Case, found: dict[str, Any]) -> Iterator[tuple[dict[str, int], int]]:
    """Orders with a price, each with the last row that crossed it and after which it still worked."""
    names = [*compare.ORDERS, *compare.KEYED]
    for row in compare.table(found["orders"], names):
        order = dict(zip(names, row, strict=True))
        if KINDS[order["kind"]] not in ("limit", "stop", "take_profit") or order["reason"] not in (ORDER, TAKE):
            continue
        last = None
        for number, (ts, bar) in enumerate(sorted(case.market.int_bars[order["asset"]].items())):
            begun = ts >= order["ts"] if order["reason"] == ORDER else ts > order["ts"]
            # An order cancelled at the decision after a bar has lived through that bar.
            over = order["done_ts"] >= 0 and ts >= order["done_ts"]
            if begun and not over and crossed(order, bar):
                last = number
        if last is not None and order["status"] in (WORKING, CANCELLED, 1):
            yield order, last


@pytest.mark.parametrize("batch", range(4))
def test_no_crossed_order_survives_without_its_evidence(batch: int) -> None:
    seen = 0
    for seed in range(batch, 2 * COUNT, 4):
        case = orders.orders_case(seed)
        for order, row in survivals(case, run(case)):
            seen += 1
            assert order["evidence"] in (NOT_THROUGH, VOLUME_CAP, IN_FLIGHT), f"orders_case({seed}): {order}, row {row}"
            assert order["evidence_row"] >= row, f"orders_case({seed}): {order}, row {row}"
    assert seen > COUNT / 4


# --- value -------------------------------------------------------------------------------------------------------------------


def test_value_is_conserved_over_wallets_and_trades() -> None:
    """Equity = start + what trades earned, in an account of one currency; each figure comes from another table."""
    from . import account_cases

    checked = 0
    for seed in range(2 * COUNT):
        case = account_cases.account_case(seed)
        wallets = case.config.get("wallets", [{"convert": None}])
        if any(w["convert"] is not None for w in wallets):
            continue
        found = run(case)
        earned = sum(map(int, found["trades"]["pnl"]))
        interest = sum(map(int, found["counters"]["wallets"]["interest"])) if "wallets" in case.config else 0
        if len(found["equity"]) and case.config["trade_from_ms"] is None:
            assert int(found["equity"][-1]) == case.config["cash"] + earned + interest, f"account_case({seed})"
            checked += 1
    assert checked > COUNT / 4
