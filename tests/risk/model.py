"""A slow guard in Python, made from docs/semantics.md (section 11) alone: from the equity of decisions and the trades closed it says which
layer acts when, and from the fills and orders of a run which of them the policy forbids. Knows nothing of the engine."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

HOUR, DAY, MINUTE = 3_600_000, 86_400_000, 60_000
NORMAL, REDUCED, PAUSED, EMERGENCY, KILLED = range(5)
STREAK, HOURLY, DAILY, TOTAL, DRAWDOWN, HOUR_OVER, DAY_OVER, FLAT, REPEATED = range(1, 10)
OWN_DAILY, OWN_DRAWDOWN, VAR_BREACH, CORRELATION_BREAK, EASED = range(20, 25)
PORTFOLIO = (VAR_BREACH, CORRELATION_BREAK)
OF_STRATEGY = {1, 12, 13, 14, 4}
REJECTED = 3


def loss(reference: int, equity: int) -> int:
    return 10**9 if reference <= 0 else int(Fraction(reference - equity, reference) * 10**9 // 1)


def events(
    decisions: list[tuple[int, int, list[int]]],
    limits: dict[str, int],
    is_flat: Any,
    repeats: Any,
    portfolio: Any = None,
) -> tuple[list[tuple[int, ...]], list[int]]:
    """Returns the guard's records and the state after each decision. `decisions` are (time, equity, profits of trades closed since the one
    before), `is_flat(t)` says whether nothing is held and nothing works at t, `repeats(t)` the orders in a row before t, `portfolio(t)`
    value at risk and the largest correlation, billionths."""
    found: list[tuple[int, ...]] = []
    states: list[int] = []
    until: dict[int, Any] = {}  # layer: last period in which it stands, None for ever
    state, streak, start, peak = NORMAL, 0, decisions[0][1], 0
    references = {HOUR: start, DAY: start}
    before: tuple[int, int] | None = None
    for t, equity, profits in decisions:
        for profit in profits:
            streak = streak + 1 if profit < 0 else 0
        if state in (EMERGENCY, KILLED):
            if state == EMERGENCY and is_flat(t):
                found.append((t, EMERGENCY, KILLED, FLAT, 0, 0, equity))
                state = KILLED
            states.append(state)
            continue
        over = HOUR_OVER
        for period in (HOUR, DAY):
            if before is not None and before[0] // period != t // period:
                references[period] = before[1]
                over = DAY_OVER if period == DAY else over
        until = {layer: end for layer, end in until.items() if end is None or t < end}
        peak = max(peak, equity)
        risk, together = portfolio(t) if portfolio else (0, 0)
        measured = {
            STREAK: (streak, "losing_streak", (t // DAY + 1) * DAY),
            OWN_DAILY: (loss(references[DAY], equity), "strategy_daily_loss_e9", (t // DAY + 1) * DAY),
            OWN_DRAWDOWN: (loss(peak, equity), "strategy_drawdown_e9", None),
            HOURLY: (loss(references[HOUR], equity), "hourly_loss_e9", (t // HOUR + 1) * HOUR),
            DAILY: (loss(references[DAY], equity), "daily_loss_e9", (t // DAY + 1) * DAY),
            TOTAL: (loss(start, equity), "total_loss_e9", None),
            DRAWDOWN: (loss(peak, equity), "drawdown_e9", None),
            REPEATED: (repeats(t) if "repeated_orders" in limits else 0, "repeated_orders", None),
            VAR_BREACH: (risk, "var_breach_e9", None),
            CORRELATION_BREAK: (together, "correlation_break_e9", None),
        }
        for layer in PORTFOLIO:
            if layer in until and measured[layer][0] < limits[measured[layer][1]]:
                del until[layer]
                over = EASED
        acted = []
        for layer, (value, key, end) in measured.items():
            if key in limits and layer not in until and value >= limits[key]:
                until[layer] = end
                acted.append((layer, value, limits[key]))
                streak = 0 if layer == STREAK else streak
        after = max(({HOURLY: REDUCED, DRAWDOWN: EMERGENCY}.get(layer, PAUSED) for layer in until), default=NORMAL)
        found += [(t, state, after, layer, value, limit, equity) for layer, value, limit in acted]
        if not acted and after != state:
            found.append((t, state, after, over, 0, 0, equity))
        state = after
        if state == EMERGENCY and is_flat(t):
            found.append((t, EMERGENCY, KILLED, FLAT, 0, 0, equity))
            state = KILLED
        states.append(state)
        before = (t, equity)
    return found, states


def judge(
    records: Any, interval: int, limits: dict[str, Any], profits_of: Any, from_ms: int, portfolio: Any = None
) -> int:
    """Asserts that a run's guard records are the model's and that no order left that its state forbids; returns how many were cut."""
    orders, fills = records["orders"], records["fills"]

    def position(asset: int, t: int) -> int:
        return int(fills["lots"][(fills["asset"] == asset) & (fills["ts"] < t)].sum())

    def is_flat(t: int) -> bool:
        held = any(position(asset, t) for asset in set(fills["asset"].tolist()))
        sent = orders["status"] != REJECTED
        works = sent & (orders["ts"] <= t) & ((orders["done_ts"] == -1) | (orders["done_ts"] > t))
        return not held and not works.any()

    def repeats(t: int) -> int:
        """The longest row of orders, among those that end each instrument's list, of one side and UTC day."""
        longest = 0
        for asset in set(orders["asset"].tolist()):
            mine = [row for row in range(len(orders["id"])) if counts(row, asset) and orders["ts"][row] < t]
            key = [(int(orders["side"][row]), int(orders["ts"][row]) // DAY) for row in mine]
            row = 0
            while row < len(key) and key[-1 - row] == key[-1]:
                row += 1
            longest = max(longest, row)
        return longest

    def counts(row: int, asset: int) -> bool:
        is_sent = orders["status"][row] != REJECTED and int(orders["reason"][row]) in OF_STRATEGY
        return bool(is_sent and orders["asset"][row] == asset)

    times = [t for t in records["equity_ts"].tolist() if t >= from_ms]
    equities = records["equity"].tolist()[-len(times) :]
    decisions = [(t, e, profits_of(t)) for t, e in zip(times, equities, strict=True)]
    found, states = events(decisions, limits, is_flat, repeats, portfolio)
    table = records["guard"]
    names = ("ts", "from", "to", "layer", "value", "limit", "equity")
    assert [tuple(int(table[name][row]) for name in names) for row in range(len(table["ts"]))] == found
    state_at = dict(zip(times, states, strict=True))
    cut = 0
    sent_in_day: dict[int, int] = {}
    for row in range(len(orders["id"])):
        if int(orders["reason"][row]) not in OF_STRATEGY:
            continue
        t, asset, side = (int(orders[name][row]) for name in ("ts", "asset", "side"))
        lots, wanted, cause, status = (int(orders[name][row]) for name in ("lots", "wanted", "cause", "status"))
        if t not in state_at:  # a time stop of a bar, not of a decision
            continue
        state = state_at[t]
        closing = min(wanted, max(0, -side * position(asset, t)))
        growing, grown = wanted - closing, max(0, lots - closing)
        day = t // DAY
        assert state < EMERGENCY, "the strategy is not read any more"
        if growing and state == PAUSED:
            assert grown == 0, (t, row)
            assert cause == 44 or lots <= closing, (t, row, cause)
        if growing and state == REDUCED:
            assert grown <= growing // 2, (t, row)
            if cause == 43:
                assert grown == growing // 2 or (grown == 0 and status == REJECTED), (t, row)
        if growing and state == NORMAL:
            done = int(orders["done_ts"][row])
            later = {state_at[at] for at in times if at > t and (done == -1 or at <= done)}
            assert cause not in (43, 44, 45) or {44: {PAUSED}, 45: {EMERGENCY, KILLED}}.get(cause, set()) & later, (
                t,
                row,
            )
        if growing and sent_in_day.get(day, 0) >= limits.get("orders_per_day", 10**18):
            assert grown == 0, (t, row)
        allowed = limits.get("allowed")
        assert grown == 0 or allowed is None or allowed[asset], (t, row)
        sent_in_day[day] = sent_in_day.get(day, 0) + (status != REJECTED)
        cut += cause in (43, 44, 46, 47, 48, 49)
    for row in range(len(orders["id"])):
        if int(orders["reason"][row]) == 16:
            t, asset = int(orders["ts"][row]), int(orders["asset"][row])
            held = position(asset, t)
            assert (int(orders["side"][row]), int(orders["lots"][row])) == (-1 if held > 0 else 1, abs(held))
            assert state_at[t] == EMERGENCY
    return cut
