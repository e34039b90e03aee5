"""Tick clocks and their columns: what is written, what is refused, and with which sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

import bot4 as b4
from bot4.strategy import Program, Strategy, trace_expression
from bot4.strategy.kinds import ClockFamily
from bot4.strategy.ticks import COLUMNS


def on_ticks(function: Any, on: Any = None) -> Strategy:
    return b4.strategy(on=on or b4.book(every="100ms"))(function)


def traced(function: Any, on: Any = None) -> Program:
    return on_ticks(function, on).trace()


def refused(function: Any, on: Any = None) -> str:
    with pytest.raises(b4.StrategyError) as caught:
        traced(function, on)
    return str(caught.value)


def test_a_program_says_what_its_rows_are_made_of() -> None:
    program = traced(lambda m: b4.target(b4.where(m.book.imbalance > 0.3, 1.0, 0.0)))
    head = json.loads(program.json)
    assert (head["interval_ms"], head["rows"], program.family) == (100, "book", ClockFamily.BOOK)
    assert [n.s for n in program.nodes if n.op == "col"] == ["book.imbalance"]
    of_trades = traced(lambda m: b4.target(m.trades.imbalance), b4.trades(every="1s"))
    assert json.loads(of_trades.json)["rows"] == "trade"
    of_bars = b4.strategy(on=b4.bars("1h"))(lambda m: b4.target(m.close / m.close)).trace()
    assert "rows" not in json.loads(of_bars.json), "programs of bars keep their text"


def test_every_column_is_reached_from_m() -> None:
    m = b4.market()
    found = [getattr(getattr(m, part), name).s for part, name in (column.split(".") for column in COLUMNS)]
    assert found == list(COLUMNS)
    assert m.book.mid.describe() == "book.mid"


def test_windows_of_time_and_of_rows_run_on_ticks() -> None:
    program = traced(lambda m: b4.target(m.book.mid.rolling("500ms").mean() / m.book.mid.shift(1) - 1))
    assert [n.f[0] for n in program.nodes if n.op == "roll_mean"] == [500.0]
    assert "50ms" in refused(lambda m: b4.target(m.book.mid.rolling("50ms").mean())), "shorter than a row"


def test_quotes_measure_a_notional_at_their_own_mid() -> None:
    program = traced(
        lambda m: b4.quotes(m.book.microprice, 2.0, b4.size.notional(100), max_inventory=300),
    )
    assert not [n for n in program.nodes if n.s == "close"]
    masks = {o["key"]: program.lines[program.nodes[o["size"]["node"]].inputs[0]].text for o in program.orders}
    assert masks["quote-bid-1"] == "pos.qty * book.microprice <= 200"
    assert program.feedback


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            lambda m: b4.target(m.close / m.close),
            "m.close is a column of bars, and <lambda> runs on ticks. Write m.book.mid",
        ),
        (lambda m: b4.target(m.atr(14)), "is a column of bars"),
        (lambda m: b4.target(m.at("1s").book.imbalance), "book has no slower clock. Take it from the market itself"),
        (
            lambda m: b4.target(m.book.ofi, take=b4.take.fixed(m.book.spread)),
            "has a take, which does not run on ticks yet",
        ),
        (lambda m: b4.entries(long=m.book.ofi > 0, size=0.1), "entries, which do not run on ticks yet"),
        (lambda m: b4.order.stop("s", "buy", 0.1, m.book.ask), "is a stop order, which does not run on ticks yet"),
        (lambda m: b4.order.limit("d", "buy", 0.1, m.book.bid, stop=m.book.spread), "exits do not run on ticks yet"),
        (lambda m: b4.target(m.book.mid_price), "m.book has no 'mid_price'. Write m.book.mid"),
        (lambda m: b4.target(m.trades.qty), "m.trades has no 'qty'. Write m.trades.volume"),
    ],
)
def test_what_ticks_do_not_know_is_refused_in_a_sentence(body: Any, sentence: str) -> None:
    assert sentence in refused(body)


def test_bars_know_no_book() -> None:
    told = refused(lambda m: b4.target(m.book.imbalance), b4.bars("1h"))
    assert (
        'm.book.imbalance is a column of tick data, and <lambda> runs on bars of 1h. Write on=b4.book(every="100ms")'
        in told
    )
    with pytest.raises(b4.StrategyError, match="tick data"):
        b4.strategy(lambda m: b4.target(m.trades.last)).trace(interval_ms=60_000)
    with pytest.raises(b4.StrategyError, match="tick data"):
        trace_expression(b4.market().trades.last, interval_ms=60_000)


@pytest.mark.parametrize(
    ("clock", "sentence"),
    [
        (lambda: b4.book(every="7s"), "does not divide a day"),
        (lambda: b4.book(every=100), "does not name a length of time"),  # type: ignore[arg-type]  # what a user may write
        (lambda: b4.trades(every="100"), "is not a length of time"),
        (lambda: b4.portfolio(on=b4.book(every="1s"))(lambda u: b4.target(u.book.ofi)), "is a portfolio on ticks"),
    ],
)
def test_clocks_are_checked_where_they_are_written(clock: Any, sentence: str) -> None:
    with pytest.raises(b4.StrategyError) as caught:
        clock()
    assert sentence in str(caught.value)


def test_what_shares_bars_takes_no_ticks() -> None:
    maker = on_ticks(lambda m: b4.target(m.book.imbalance))
    with pytest.raises(b4.StrategyError, match="sleeves share bars"):
        b4.sleeves(a=(maker, 0.5))

    class Taker(b4.Events):
        on = b4.book(every="1s")  # type: ignore[assignment]  # what a user may write

        def on_bar(self, ctx: Any, bar: Any) -> None:
            """Does nothing."""

    from bot4.strategy import EventStrategy

    with pytest.raises(b4.StrategyError, match="event class on ticks"):
        EventStrategy(Taker)
