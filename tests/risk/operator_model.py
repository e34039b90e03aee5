"""A slow operator in Python, made from docs/semantics.md (section 12) alone: which state commands lead to, and which orders a run may then
not have sent. For runs without a policy. Knows nothing of the engine."""

from __future__ import annotations

from typing import Any

NORMAL, REDUCED, PAUSED, EMERGENCY, KILLED = range(5)
ASKS = {"reduce": REDUCED, "pause": PAUSED, "flatten": EMERGENCY, "kill": KILLED, "resume": NORMAL}
ACTIONS = {"reduce": 1, "pause": 2, "flatten": 3, "kill": 4, "resume": 5}
APPLIED, NO_EFFECT, REFUSED_EFFECT = 1, 2, 3
OPERATOR, FLAT = 10, 8
OF_STRATEGY = {1, 4, 12, 13, 14}
FLATTEN, FLATTEN_LIMIT = 16, 100
REJECTED, COLLAR, REFUSED = 3, 22, 51


def command(state: int, do: str) -> tuple[int, int]:
    """Returns the state after a command, and its effect."""
    if do == "resume":
        return (
            (EMERGENCY, REFUSED_EFFECT) if state == EMERGENCY else (NORMAL, NO_EFFECT if state == NORMAL else APPLIED)
        )
    if state == KILLED and do == "flatten":
        return EMERGENCY, APPLIED
    return (ASKS[do], APPLIED) if state < EMERGENCY and ASKS[do] > state else (state, NO_EFFECT)


def judge(records: Any, script: list[Any], conditions: list[Any], collar: float, from_ms: int) -> dict[int, int]:
    """Asserts that commands and states are the model's and that nothing was sent that a state forbids; returns decisions by state."""
    orders, fills = records["orders"], records["fills"]
    rows = range(len(orders["id"]))

    def position(asset: int, t: int) -> int:
        return int(fills["lots"][(fills["asset"] == asset) & (fills["ts"] < t)].sum())

    def is_flat(t: int) -> bool:
        works = (
            (orders["status"] != REJECTED) & (orders["ts"] <= t) & ((orders["done_ts"] == -1) | (orders["done_ts"] > t))
        )
        return not works.any() and not any(position(asset, t) for asset in set(fills["asset"].tolist()))

    waiting = sorted(enumerate(script), key=lambda one: one[1].at)
    obeyed: list[tuple[int, ...]] = []
    guard: list[tuple[int, ...]] = []
    counts, state = dict.fromkeys(range(5), 0), NORMAL
    for t in (t for t in records["equity_ts"].tolist() if t >= from_ms):
        while waiting and waiting[0][1].at <= t:
            before, (state, effect) = state, command(state, waiting[0][1].do)
            obeyed.append((t, len(obeyed), ACTIONS[waiting.pop(0)[1].do], effect, before, state))
            if state != before:
                guard.append((t, before, state, OPERATOR, len(obeyed) - 1))
        if state == EMERGENCY and is_flat(t):
            guard.append((t, EMERGENCY, KILLED, FLAT, 0))
            state = KILLED
        counts[state] += 1
        for row in rows:
            if orders["ts"][row] == t:
                sent(orders, row, t, state, position, conditions)
    found = records["commands"]
    names = ("ts", "number", "action", "effect", "from", "to")
    assert [tuple(int(found[name][row]) for name in names) for row in range(len(found["ts"]))] == obeyed
    table = records["guard"]
    columns = ("ts", "from", "to", "layer", "value")
    assert [tuple(int(table[name][row]) for name in columns) for row in range(len(table["ts"]))] == guard
    within_collar(orders, fills, collar)
    return counts


def sent(orders: Any, row: int, t: int, state: int, position: Any, conditions: list[Any]) -> None:
    """Asserts of an order sent at a decision that the state lets it pass, and that it was refused where the venue refuses its type."""
    asset, side, reason, cause = (int(orders[name][row]) for name in ("asset", "side", "reason", "cause"))
    lots, wanted, held = int(orders["lots"][row]), int(orders["wanted"][row]), position(asset, t)
    is_flatten = reason in (FLATTEN, FLATTEN_LIMIT)
    if reason not in OF_STRATEGY and not is_flatten:
        return  # a stop or take of a bar that opens then
    is_market = reason == FLATTEN or (reason in OF_STRATEGY and int(orders["kind"][row]) == 0)
    refuses = any(c.from_ms <= t < c.to_ms and ("market" if is_market else "limit") in c.refuses for c in conditions)
    if lots:
        assert (cause == REFUSED and orders["status"][row] == REJECTED) == refuses, (t, row)
    if is_flatten:
        assert state == EMERGENCY, (t, row)
        assert (side, wanted) == (-1 if held > 0 else 1, abs(held)), (t, row)
        return
    assert state < EMERGENCY, "the strategy is not read"
    closing = min(wanted, max(0, -side * held))
    grown = max(0, lots - closing)
    assert state != PAUSED or grown == 0, (t, row)
    assert state != REDUCED or grown <= (wanted - closing) // 2, (t, row)


def within_collar(orders: Any, fills: Any, collar: float) -> None:
    """Asserts that nothing was flattened beyond the collar around its reference price."""
    for row in range(len(fills["ts"])):
        order = int(fills["order"][row])
        reason = int(orders["reason"][order])
        if reason in (FLATTEN, FLATTEN_LIMIT):
            price = int((fills["base_ticks"] if reason == FLATTEN else fills["ticks"])[row])
            reference = int(orders["ref_ticks"][order])
            worse = int(orders["side"][order]) * (price - reference)
            assert worse <= reference * round(collar * 1e9) // 10**9, (order, row)
