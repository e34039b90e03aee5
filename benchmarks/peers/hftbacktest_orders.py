"""hftbacktest's fills of given orders on given rows: `python hftbacktest_orders.py IN.npz OUT.npz …`, in its own environment.

IN holds the columns of `bot4.data.ticks` (tick and lot are 1, so that no float is rounded), the actions in order of local time, and the
models by name. OUT holds for each order its last state. Nothing of Bot4 is imported.
"""

from __future__ import annotations

import sys
from typing import Any

import hftbacktest as hb
import numpy as np
from hftbacktest.data import correct_event_order
from hftbacktest.types import event_dtype
from numba import njit

KEPT: list[Any] = []
"""Arrays that hftbacktest reads in place without holding them."""
CLEAR_BITS = 5  # first row of a snapshot
TO_EVENT = 9  # their numbers of add, cancel, modify and fill less ours
FILLED, SUBMIT = 3, 0
MARKET = 4  # among the forces: an order type of its own
LATENCY = np.dtype([("req_ts", "i8"), ("exch_ts", "i8"), ("resp_ts", "i8"), ("_padding", "i8")])


def events(given: Any) -> Any:
    """Returns the rows as hftbacktest's events, in arrival order at each side; a trade before a level change of the same time."""
    if "orders_kind" in given:
        return orders(given)
    flags = given["depth_flags"]
    clear = np.flatnonzero((flags & CLEAR_BITS) == CLEAR_BITS)
    rows = len(flags) + len(clear) + len(given["trades_ticks"])
    data = np.zeros(rows, event_dtype)
    rank = np.zeros(rows, np.int64)
    pick: Any
    at = 0
    for kind in ("trades", "clear", "depth"):
        if kind == "trades":
            count = len(given["trades_ticks"])
            part = data[at : at + count]
            part["ev"] = hb.TRADE_EVENT | np.where(given["trades_buyer_is_maker"] > 0, hb.SELL_EVENT, hb.BUY_EVENT)
            group, pick, rank[at : at + count] = "trades", slice(None), -1
        elif kind == "clear":
            count = len(clear)
            part = data[at : at + count]
            part["ev"] = hb.DEPTH_CLEAR_EVENT
            group, pick, rank[at : at + count] = "depth", clear, 2 * clear
        else:
            count = len(flags)
            part = data[at : at + count]
            side = np.where(given["depth_side"] > 0, hb.BUY_EVENT, hb.SELL_EVENT)
            part["ev"] = np.where(flags & 4, hb.DEPTH_SNAPSHOT_EVENT, hb.DEPTH_EVENT) | side
            group, pick, rank[at : at + count] = "depth", slice(None), 2 * np.arange(count) + 1
        part["exch_ts"] = given[f"{group}_exch_ns"][pick]
        part["local_ts"] = given[f"{group}_local_ns"][pick]
        if kind != "clear":
            part["px"] = given[f"{group}_ticks"]
            part["qty"] = given[f"{group}_lots"]
        at += count
    data = data[np.lexsort((rank, data["local_ts"]))]
    return correct_event_order(
        data, np.argsort(data["exch_ts"], kind="stable"), np.argsort(data["local_ts"], kind="stable")
    )


def orders(given: Any) -> Any:
    """Returns rows of orders by number (L3) as hftbacktest's events; clears of both sides alone."""
    data = np.zeros(len(given["orders_kind"]), event_dtype)
    side = np.where(given["orders_side"] > 0, hb.BUY_EVENT, hb.SELL_EVENT)
    data["ev"] = np.where(
        given["orders_side"] == 0, hb.DEPTH_CLEAR_EVENT, side | (given["orders_kind"].astype(np.int64) + TO_EVENT)
    )
    data["exch_ts"], data["local_ts"] = given["orders_exch_ns"], given["orders_local_ns"]
    data["px"], data["qty"], data["order_id"] = given["orders_ticks"], given["orders_lots"], given["orders_id"]
    return correct_event_order(
        data, np.argsort(data["exch_ts"], kind="stable"), np.argsort(data["local_ts"], kind="stable")
    )


def asset(data: Any, given: Any) -> Any:
    """Returns the asset with the models that are given by name."""
    queue, exponent, is_partial = str(given["queue"]), float(given["exponent"]), bool(given["is_partial"])
    made = hb.BacktestAsset().data(data).linear_asset(1.0).tick_size(1.0).lot_size(1.0)
    if len(given["latency"]):
        rows = np.zeros(len(given["latency"]), LATENCY)
        rows["req_ts"], rows["exch_ts"], rows["resp_ts"] = given["latency"].T
        KEPT.append(rows)
        made = made.intp_order_latency(rows)
    else:
        made = made.constant_order_latency(int(given["entry_ns"]), int(given["response_ns"]))
    made = made.trading_value_fee_model(0.0, 0.0)
    made = made.partial_fill_exchange() if is_partial else made.no_partial_fill_exchange()
    if queue == "exact":
        return made.l3_fifo_queue_model()
    if queue == "pessimistic":
        return made.risk_adverse_queue_model()
    if queue in ("log", "log2"):
        return made.log_prob_queue_model() if queue == "log" else made.log_prob_queue_model2()
    models = {"power": "", "power2": "2", "power3": "3"}
    return getattr(made, f"power_prob_queue_model{models[queue]}")(exponent)


@njit  # type: ignore[untyped-decorator, unused-ignore]
def play(bt: Any, when: Any, what: Any, order: Any, side: Any, price: Any, lots: Any, force: Any, end: int) -> None:
    """Sends every action at its local time and goes on to the end."""
    bt.elapse(1)
    for at in range(len(when)):
        wait = when[at] - bt.current_timestamp
        if wait > 0:
            bt.elapse(wait)
        if what[at] != SUBMIT:
            bt.cancel(0, order[at], False)
            continue
        kind = 1 if force[at] == MARKET else 0
        how = 0 if force[at] == MARKET else force[at]
        if side[at] > 0:
            bt.submit_buy_order(0, order[at], price[at], lots[at], how, kind, False)
        else:
            bt.submit_sell_order(0, order[at], price[at], lots[at], how, kind, False)
    bt.elapse(end - bt.current_timestamp)


@njit  # type: ignore[untyped-decorator, unused-ignore]
def states(bt: Any, status: Any, left: Any, ticks: Any, exch_ns: Any) -> None:
    """Writes the last state of each order, by number from 1."""
    orders = bt.orders(0)
    for number in range(len(status)):
        order = orders.get(number + 1)
        if order is not None:
            status[number] = order.status
            left[number] = round(order.leaves_qty)
            ticks[number] = order.exec_price_tick
            exch_ns[number] = order.exch_timestamp


def main(source: str, target: str) -> None:
    """Reads the question, plays it, writes the answer."""
    given = np.load(source)
    data = events(given)
    made = asset(data, given)
    bt = hb.HashMapMarketDepthBacktest([made])
    actions = [given[name] for name in ("when", "what", "order", "side", "price", "lots", "force")]
    actions[4], actions[5] = actions[4].astype(np.float64), actions[5].astype(np.float64)
    play(bt, *actions, int(given["end_ns"]))
    count = int(given["orders"])
    answer: dict[str, Any] = {name: np.zeros(count, np.int64) for name in ("status", "left", "ticks", "exch_ns")}
    states(bt, *answer.values())
    np.savez(target, **answer)


if __name__ == "__main__":
    for question, reply in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        main(question, reply)
