"""Levels of a recording of orders by number (L3): its depth is what its orders make, so that everything that reads levels reads it too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot4 import _engine
from bot4.data.ticks.columns import CANCEL, CHANGE, Depth
from bot4.data.ticks.recording import Finding, Recording
from bot4.data.ticks.tables import message_flags


def make(recording: Recording) -> None:
    """Makes the depth of a recording's orders, in place, and completes their rows: side, price and quantity of what leaves.

    Rows of an order that is not there, or is added twice, are left out and told. Levels told beside the orders are left out too.
    """
    orders = recording.orders
    if not orders.rows:
        return
    if recording.depth.rows:
        count = recording.depth.rows
        text = f"{count} rows of levels were left out: the orders are told by number, and make them"
        recording.findings.append(Finding("levels_twice", count, text))
    made = _engine.ticks_levels(orders.columns())
    exch_ns, local_ns = orders.exch_ns[made["row"]], orders.local_ns[made["row"]]
    flags = message_flags(exch_ns, local_ns, np.zeros(len(exch_ns), bool))
    recording.depth = Depth(exch_ns, local_ns, made["side"], made["ticks"], made["lots"], flags)
    # A change to nothing is a cancel.
    kind = np.where((orders.kind == CHANGE) & (made["order_lots"] == 0), CANCEL, orders.kind)
    whole = replace(orders, kind=kind, side=made["order_side"], ticks=made["order_ticks"], lots=made["order_lots"])
    good = made["is_good"] != 0
    recording.orders = whole.take(good)
    bad = int((~good).sum())
    if bad:
        at = int(np.flatnonzero(~good)[0])
        text = f"{bad} rows of orders were left out: their order is not there, or is added again; the first is row {at}"
        recording.findings.append(Finding("order_unknown", bad, text))
