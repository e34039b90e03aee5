"""Orders by number (L3): read, stored, made into levels, replayed, and run a strategy over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.ticks.result import TickResult
from bot4.data.errors import DataError
from bot4.data.ticks import agents, constant, import_files, load, replay, write
from tests.ticks.fifo import Market

EVENT = np.dtype(
    [("ev", "u8"), ("exch_ts", "i8"), ("local_ts", "i8"), ("px", "f8"), ("qty", "f8")]
    + [("order_id", "u8"), ("ival", "i8"), ("fval", "f8")],
    align=True,
)
EXCH, LOCAL, BUY, SELL = 1 << 31, 1 << 30, 1 << 29, 1 << 28
TRADE, CLEAR, ADD, CANCEL, MODIFY, FILL = 2, 3, 10, 11, 12, 13


def events(*rows: tuple[int, int, int, float, float]) -> np.ndarray:
    """Rows of (event, ms, number, price, quantity) as hftbacktest's, each known 2 ms later."""
    data = np.zeros(len(rows), EVENT)
    for at, (event, ms, number, price, quantity) in enumerate(rows):
        data[at] = (event | EXCH | LOCAL, ms * 10**6, (ms + 2) * 10**6, price, quantity, number, 0, 0.0)
    return data


ROWS = [
    (ADD | BUY, 10, 7, 10.4, 0.5),
    (ADD | BUY, 11, 8, 10.4, 0.3),
    (ADD | SELL, 12, 9, 10.5, 0.2),
    (TRADE | SELL, 20, 0, 10.4, 0.2),
    (FILL | BUY, 20, 7, 10.4, 0.2),
    (MODIFY | BUY, 20, 7, 10.4, 0.3),
    (CANCEL, 30, 99, 0.0, 0.0),
    (CANCEL | BUY, 31, 8, 0.0, 0.0),
    (MODIFY | SELL, 40, 9, 10.6, 0.2),
    (MODIFY | BUY, 50, 7, 10.4, 0.0),
    (CLEAR, 60, 0, 0.0, 0.0),
    (ADD | BUY, 60, 7, 10.3, 1.0),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An array with orders by number."""
    np.savez(tmp_path / "binancefut-ABCUSDT_20240808.npz", data=events(*ROWS))
    return tmp_path / "binancefut-ABCUSDT_20240808.npz"


def test_orders_by_number_are_read_and_make_the_levels(path):
    ticks = import_files([path])[0]
    told = [(f.code, f.count) for f in ticks.findings]
    assert told == [("order_unknown", 1)]
    orders, depth = ticks.orders, ticks.depth
    # Prices in ticks of 0.1, quantities in lots of 0.1; what leaves is told with its price and what was left of it.
    rows = list(zip(*(getattr(orders, n).tolist() for n in ("kind", "id", "side", "ticks", "lots")), strict=True))
    assert rows == [
        (1, 7, 1, 104, 5),
        (1, 8, 1, 104, 3),
        (1, 9, -1, 105, 2),
        (4, 7, 1, 104, 2),
        (3, 7, 1, 104, 3),
        (2, 8, 1, 104, 3),
        (3, 9, -1, 106, 2),
        (2, 7, 1, 104, 0),
        (5, 0, 0, 0, 0),
        (1, 7, 1, 103, 10),
    ]
    levels = list(zip(*(getattr(depth, n).tolist() for n in ("exch_ns", "side", "ticks", "lots")), strict=True))
    ms = 10**6
    assert levels == [
        (10 * ms, 1, 104, 5),
        (11 * ms, 1, 104, 8),
        (12 * ms, -1, 105, 2),
        (20 * ms, 1, 104, 6),
        (31 * ms, 1, 104, 3),
        (40 * ms, -1, 105, 0),
        (40 * ms, -1, 106, 2),
        (50 * ms, 1, 104, 0),
        (60 * ms, -1, 106, 0),
        (60 * ms, 1, 103, 10),
    ]
    assert (ticks.trades.rows, ticks.instrument.tick, ticks.instrument.lot) == (1, (1, 1), (1, 1))


def test_the_store_keeps_orders_and_reads_stores_without(path, tmp_path):
    ticks = import_files([path])[0]
    again = load(write(ticks, tmp_path / "store"))[0]
    for name, column in ticks.orders.columns().items():
        assert np.array_equal(column, getattr(again.orders, name)), name
    assert ticks.kinds == ["depth", "trades", "best", "orders"]
    rows = [row for row in ROWS if row[0] & 0xFF == TRADE] + [(1 | BUY, 9, 0, 10.4, 1.0), (1 | SELL, 9, 0, 10.5, 1.0)]
    np.save(tmp_path / "ABCUSDT.npy", events(*rows))
    plain = import_files([tmp_path / "ABCUSDT.npy"])[0]
    folder = write(plain, tmp_path / "plain")
    assert load(folder)[0].orders.rows == 0
    assert not (folder / "orders.parquet").exists()
    with pytest.raises(ValueError, match="by number"):
        replay(plain, queue="exact")


def test_levels_beside_orders_are_left_out_and_told(tmp_path):
    np.save(tmp_path / "ABCUSDT.npy", events((1 | BUY, 9, 0, 10.4, 1.0), *ROWS))
    ticks = import_files([tmp_path / "ABCUSDT.npy"])[0]
    assert {f.code: f.count for f in ticks.findings} == {"levels_twice": 1, "order_unknown": 1}
    assert ticks.depth.lots[0] == 5


@pytest.fixture(scope="module")
def market():
    """A minute of the agents' market, with queues at its prices."""
    return agents(60, seed=3, tick=5.0, feed_ms=2.0)


def test_the_agents_market_is_the_same_for_a_seed_and_its_levels_never_cross(market):
    again = agents(60, seed=3, tick=5.0, feed_ms=2.0)
    assert all(np.array_equal(column, getattr(again.orders, name)) for name, column in market.orders.columns().items())
    assert agents(60, seed=4, tick=5.0).orders.rows != market.orders.rows
    assert market.trades.rows > 500
    assert market.instrument.tick_size == 5.0
    taken = int(market.orders.lots[market.orders.kind == 4].sum())
    assert taken == int(market.trades.lots.sum()), "every trade fills orders of the book"
    run = replay(market)
    for at in range(int(market.depth.local_ns[0]) + 5 * 10**9, int(market.depth.local_ns[-1]), 10**9):
        run.advance_to(at)
        bid, _, ask, _ = run.best()
        assert 0 < bid < ask
    with pytest.raises(DataError, match="give 1 to"):
        agents(0)


def test_an_exact_queue_fills_when_the_plain_rule_says(market):
    run = replay(market, queue="exact", realism="naive", entry=constant(1), response=constant(1), max_orders=4_096)
    plain, rng, asked = Market.of(market.orders), np.random.default_rng(1), {}
    end = int(market.depth.exch_ns[-1])
    for at in np.sort(rng.integers(int(market.depth.local_ns[0]) + 5 * 10**9, end - 9 * 10**9, 300)).tolist():
        run.advance_to(at)
        bid, _, ask, _ = run.best()
        side = int(rng.choice([1, -1]))
        price = (bid if side > 0 else ask) - side * int(rng.integers(0, 3))
        asked[run.submit(side, price, 3, "post")] = (side, price, at + 10**6)
    run.advance_to(end + 10**7)
    told = run.take_reports()
    filled = {
        int(number): (int(at), run.why_names[why])
        for number, at, why, kind in zip(told["id"], told["exch_ns"], told["why"], told["told"], strict=True)
        if kind == run.told_names.index("filled")
    }
    refused = {int(number) for number, kind in zip(told["id"], told["told"], strict=True) if kind == 4}
    rested = {number: order for number, order in asked.items() if number not in refused}
    assert len(rested) > 250
    for number, (side, price, joins) in rested.items():
        assert filled.get(number) == plain.fate(side, price, joins, end), (number, side, price)
    assert sum(why == "queue" for _, why in filled.values()) > 50


def test_a_strategy_on_orders_by_number_stands_in_the_exact_queue(market):
    @b4.strategy(on=b4.book(every="100ms"))
    def maker(m):
        """Quotes a tick around the mid."""
        return b4.quotes(m.book.mid, m.book.mid * 2e-4, b4.size.qty(0.001), skew=0.5, max_inventory=0.01)

    result = b4.backtest(maker, market)
    assert isinstance(result, TickResult)
    assert any("queue: exact" in line for line in result.view.assumptions)
    fills = result.fills
    assert fills.height > 10
    assert set(fills["rule"].to_list()) <= {"queue", "crossed", "took"}
    assert result.making.maker.fills > 0
