"""What making and taking came to, against numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from bot4.report.columns import AssetColumns
from bot4.report.making import making, making_rows, mid_at

NS, EVERY = 1_000_000_000, 1_000
ROWS = 100


def asset(contract: float | None = None) -> AssetColumns:
    """Rows closing at 1 s, 2 s, …; the mid is 100 until 50 s and 101 from then on."""
    ts = np.arange(ROWS, dtype=np.int64) * EVERY
    mid = np.where(ts + EVERY < 50_000, 100.0, 101.0)
    flat = np.zeros(ROWS)
    return AssetColumns("A/B", "v", ts, mid, mid, mid, mid, flat, tick=0.5, lot=0.1, fee=0.0005, contract=contract)


def records(**changes: Any) -> dict[str, Any]:
    """A bid of 10 lots filled at 99.5 at 45 s, and 20 lots sold at market at 99.5 at 95 s; a third order was cancelled."""
    fills = {
        "row": np.array([44, 94], dtype=np.uint64),
        "lots": np.array([10, -20]),
        "ticks": np.array([199, 199]),
        "fee": np.array([2_000_000, 5_000_000]),
        "position": np.array([10, -10]),
        "maker": np.array([True, False]),
    }
    orders = {
        "status": np.array([1, 1, 2, 3], dtype=np.uint8),
        "price_ticks": np.array([199, -1, 198, 197]),
        "ts": np.array([40_000, 94_900, 10_000, 10_000]),
        "done_ts": np.array([45_000, 95_000, 13_000, 10_000]),
        "filled": np.array([10, 20, 0, 0]),
    }
    return {"fills": fills | changes, "orders": orders}


def evidence() -> dict[str, Any]:
    return {"local_ns": np.array([45 * NS, 95 * NS]), "mid2": np.array([400, 404])}


def test_captured_and_adverse_selection_by_hand() -> None:
    m = making(asset(), EVERY, records(), evidence())
    assert (m.maker.fills, m.taker.fills) == (1, 1)
    assert m.maker.traded == pytest.approx(1.0 * 99.5)
    assert m.taker.traded == pytest.approx(2.0 * 99.5)
    assert m.maker.captured == pytest.approx(1.0 * (100 - 99.5)), "bought half a quote unit below the mid"
    assert m.taker.captured == pytest.approx(-2.0 * (101 - 99.5)), "sold one and a half below the mid"
    assert m.maker.after == pytest.approx({1: 0.0, 10: 1.0, 60: 0.0})
    assert m.maker.known == pytest.approx({1: 99.5, 10: 99.5, 60: 0.0}), "60 s later the data has ended"
    assert m.maker.after_bps(10) == pytest.approx(1.0 / 99.5 * 1e4)
    assert math.isnan(m.maker.after_bps(60))
    assert (m.maker.fees, m.taker.fees) == pytest.approx((0.02, 0.05))
    assert m.maker_share == pytest.approx(1 / 3)


def test_inventory_and_orders_are_counted_by_row() -> None:
    m = making(asset(), EVERY, records(), evidence())
    assert (m.inventory_max, m.inventory_min) == (1.0, -1.0)
    assert m.inventory_mean == pytest.approx((50 * 1.0 - 6 * 1.0) / ROWS)
    assert m.inventory_mean_abs == pytest.approx(56 / ROWS)
    assert m.time_flat == pytest.approx(44 / ROWS)
    assert (m.orders, m.cancels, m.filled_orders) == (3, 1, 2), "what the gate refused never left"
    assert m.resting_s == pytest.approx(4.0), "of 5 s and 3 s; an order at market does not rest"


def test_an_inverse_contract_earns_in_coins() -> None:
    m = making(asset(contract=100.0), EVERY, records(), evidence())
    # One contract of 100 quote units bought at 99.5 and worth 1/100 less of a coin at 100.
    assert m.maker.captured == pytest.approx(-10 * 0.1 * 100.0 * (1 / 100 - 1 / 99.5))
    assert m.maker.captured > 0


def test_the_mid_is_that_of_the_last_row_closed_by_then() -> None:
    times = np.array([0, NS, 49 * NS + 999, 50 * NS, 100 * NS, 100 * NS + 1], dtype=np.int64)
    found = mid_at(asset(), EVERY, times)
    assert np.isnan(found[[0, 5]]).all(), "before the first row, and after the last, nothing is known"
    assert found[1:5].tolist() == [100.0, 100.0, 101.0, 101.0]


def test_without_a_fill_nothing_is_divided() -> None:
    empty = {name: column[:0] for name, column in records()["fills"].items()}
    m = making(asset(), EVERY, records(**empty), {name: column[:0] for name, column in evidence().items()})
    assert (m.maker.fills, m.maker.captured, m.time_flat) == (0, 0.0, 1.0)
    assert math.isnan(m.maker_share)
    rows = {name: (made, took) for name, made, took in making_rows(m)}
    assert rows["Fills"] == ("0", "0")
    assert rows["  mid 1 s later"] == ("–", "–")
