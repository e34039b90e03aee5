"""What the benchmark measures of Bot4 is the strategy that it measures of the peers."""

from dataclasses import dataclass

import pytest

from benchmarks.cases import backtest, engine, events, portfolio
from benchmarks.cases.static import program_72
from benchmarks.market import make_bars
from benchmarks.setting import (
    CASH,
    FAST_BARS,
    FEE,
    GRID_DAY_BARS,
    GRID_LEVELS,
    GRID_STEP,
    GRID_STOP,
    GRID_WEIGHT,
    ORDER_EVERY_BARS,
    SETTLED_BARS,
    SLOW_BARS,
    STOP,
    TAKE,
    WEIGHT,
)

ROWS = 20_000


def crossover_by_hand() -> tuple[float, int]:
    """Returns final equity and orders of the crossover in plain floats, without lots, spread or impact."""
    bars = make_bars(ROWS)
    fast = slow = float(bars.close[0])
    cash, quantity, wanted, orders = CASH, 0.0, False, 0
    for row, (price, close) in enumerate(zip(bars.open.tolist(), bars.close.tolist(), strict=True)):
        if wanted != (quantity > 0):
            orders += 1
            bought = cash * WEIGHT / price if wanted else -quantity
            cash -= bought * price + abs(bought) * price * FEE
            quantity += bought
        fast += 2 / (FAST_BARS + 1) * (close - fast)
        slow += 2 / (SLOW_BARS + 1) * (close - slow)
        wanted = row >= SETTLED_BARS and fast > slow
    return cash + quantity * close, orders


def test_without_spread_and_impact_the_engine_does_what_the_peers_do() -> None:
    equity, orders = crossover_by_hand()
    figures = engine.run("crossover", ROWS, repeat=1, plain=True)
    assert figures["orders"] == orders > 500
    assert figures["final_equity"] == pytest.approx(equity, rel=1e-5)


def test_the_engine_alone_and_the_whole_backtest_are_one_run(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("BOT4_HOME", str(tmp_path))
    alone = engine.run("crossover", ROWS, repeat=1)
    whole = backtest.run(ROWS, repeat=1)
    assert (whole["final_equity"], whole["orders"]) == (
        pytest.approx(alone["final_equity"], rel=1e-12),
        alone["orders"],
    )


def exits_by_hand(trail: bool) -> tuple[float, int]:
    """Returns final equity and fills of the entries with stop and take in plain floats: the rules of `strict`, one position at a time."""
    bars = make_bars(ROWS)
    columns = (bars.open, bars.high, bars.low, bars.close)
    fast, slow = seeded_average(bars.close.tolist(), FAST_BARS), seeded_average(bars.close.tolist(), SLOW_BARS)
    cash, quantity, fills, buying = CASH, 0.0, 0, 0.0
    stop = take = best = 0.0
    for row, (opened, high, low, close) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        held = quantity > 0
        if buying:
            quantity, fills = WEIGHT * cash / buying, fills + 1
            cash -= quantity * opened * (1 + FEE)
            stop, take, best, buying = opened - STOP * buying, opened + TAKE * buying, opened, 0.0
        out = min(stop, opened) if low <= stop else take if held and high > take else 0.0
        if quantity and out:
            cash += quantity * out * (1 - FEE)
            quantity, fills = 0.0, fills + 1
        best = max(best, high)
        if trail:
            stop = max(stop, best - STOP * close)
        crossed = row >= SETTLED_BARS and fast[row] > slow[row] and fast[row - 1] <= slow[row - 1]
        buying = close if crossed and not quantity else 0.0
    return cash + quantity * close, fills


def seeded_average(values: list[float], length: int) -> list[float]:
    """Returns the exponential average that starts with the mean of the first `length` values; 0 before."""
    average = sum(values[:length]) / length
    out = [0.0] * (length - 1) + [average]
    for value in values[length:]:
        average += 2 / (length + 1) * (value - average)
        out.append(average)
    return out


@pytest.mark.parametrize("name", ["bracket", "trail"])
def test_without_spread_and_impact_entries_leave_where_stop_and_take_say(name: str) -> None:
    equity, fills = exits_by_hand(name == "trail")
    figures = engine.run(name, ROWS, repeat=1, plain=True)
    assert figures["orders"] == fills > 250
    assert figures["final_equity"] == pytest.approx(equity, rel=1e-6)


@dataclass
class Rung:
    """One level of the grid by hand: the buy that waits, and what it holds."""

    price: float = 0.0  # of the buy that waits; 0 = none
    quantity: float = 0.0
    new: bool = True  # the buy has not seen a bar yet
    stop: float = 0.0
    take: float = 0.0


def grid_by_hand(rows: int) -> tuple[float, int]:
    """Returns final equity and fills of the grid in plain floats: the rules of `strict`, each level a lane of its own."""
    bars = make_bars(rows)
    columns = (bars.open, bars.high, bars.low, bars.close)
    cash, fills, anchor = CASH, 0, 0.0
    rungs = [Rung() for _ in range(GRID_LEVELS)]
    waiting = [0.0] * GRID_LEVELS
    for row, (opened, high, low, close) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        for rung, quantity in zip(rungs, waiting, strict=True):
            held = rung.quantity > 0
            if held and (low <= rung.stop or high > rung.take):
                cash += rung.quantity * (min(rung.stop, opened) if low <= rung.stop else rung.take) * (1 - FEE)
                rung.quantity, fills = 0.0, fills + 1
            elif rung.price and (low < rung.price or (rung.new and opened <= rung.price)):
                price = min(opened, rung.price) if rung.new else rung.price
                cash -= quantity * price * (1 + FEE)
                rung.stop, rung.take = price - GRID_STOP * rung.price, price + GRID_STEP * rung.price
                rung.quantity, rung.price, fills = quantity, 0.0, fills + 1
            rung.new = False
        anchor = close if row % GRID_DAY_BARS == 0 else anchor
        equity = cash + sum(rung.quantity for rung in rungs) * close
        for k, rung in enumerate(rungs):
            price = anchor * (1 - GRID_STEP * (k + 1))
            if not rung.quantity and rung.price != price:
                rung.price, rung.new, waiting[k] = price, True, GRID_WEIGHT * equity / price
    return equity, fills


def test_without_spread_and_impact_the_grid_buys_and_sells_where_its_levels_say() -> None:
    equity, fills = grid_by_hand(ROWS)
    figures = engine.run("grid", ROWS, repeat=1, plain=True)
    assert figures["orders"] == fills > 300
    assert figures["final_equity"] == pytest.approx(equity, rel=1e-5)


def test_every_bar_sends_and_fills_an_order() -> None:
    assert engine.run("every_bar", ROWS, repeat=1)["orders"] >= ROWS - 2


def test_callbacks_send_an_order_on_every_tenth_bar() -> None:
    figures = events.run(ROWS, repeat=1)
    assert figures["orders"] == ROWS // ORDER_EVERY_BARS - 1  # the last is sent on the last bar
    assert figures["callbacks"]["count"] >= ROWS


def test_the_feedback_program_leaves_earlier_than_the_crossover() -> None:
    assert engine.run("feedback", ROWS, repeat=1)["orders"] > engine.run("crossover", ROWS, repeat=1)["orders"]


def test_the_cross_section_holds_both_sides_and_pays_for_it() -> None:
    figures = portfolio.run(rows=2_500, assets=10, repeat=1, plain=True)
    rebalances = (2_500 - 1_704) // 24 + 1
    assert rebalances * 3 < figures["orders"] <= rebalances * 8  # two coins a side are set anew each day, others leave
    assert portfolio.run(rows=2_500, assets=10, repeat=1)["final_equity"] < figures["final_equity"]


def test_the_static_program_has_72_nodes_of_the_stated_kinds() -> None:
    ops = [node.op for node in program_72().nodes if node.op not in ("col", "const")]
    assert sum(op in ("rsi", "atr") for op in ops) == 4
    assert sum(op in ("ema", "rma", "roll_mean", "roll_sum") for op in ops) == 24
    assert len(ops) == 72
