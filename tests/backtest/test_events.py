"""Event strategies: callbacks in their order, the same trades as expressions that say the same, and mistakes with their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bot4 as b4
from bot4.strategy import EventStrategy, StrategyError

from .markets import FREE, HOUR, START, frame, market, perpetuals, walk


def run(made: Any, data: Any, **settings: Any) -> Any:
    return b4.backtest(made, data, record=False, **settings)


def same(a: Any, b: Any) -> None:
    for name in ("orders", "fills", "trades"):
        for column in a.records[name]:
            if column != "key":  # keys are numbered by first use, in a program by text
                assert np.array_equal(a.records[name][column], b.records[name][column]), (name, column)
    assert np.array_equal(a.records["equity"], b.records["equity"])


class Dip(b4.Events):
    """A limit below each close, with a bracket."""

    on = b4.bars("1h")
    depth: float = b4.param(0.01, 0.001, 0.1)

    def signals(self, m: Any) -> Any:
        return {"atr": m.atr(14)}

    def on_bar(self, ctx: b4.Context) -> None:
        atr = ctx.signal("atr")
        ctx.limit("dip", "buy", 0.1, ctx.bar.close * (1 - self.depth), stop=3 * atr, take=2 * atr)


@b4.portfolio(on=b4.bars("1h"))
def dip(u: Any, depth: float = b4.param(0.01, 0.001, 0.1)) -> Any:
    """The same as an expression."""
    atr = u.atr(14)
    return b4.orders(b4.order.limit("dip", "buy", 0.1, u.close * (1 - depth), stop=3 * atr, take=2 * atr))


@pytest.mark.parametrize("depth", [0.002, 0.02])
def test_callbacks_trade_like_the_expression_that_says_the_same(depth: float) -> None:
    data = perpetuals(walk(900, 1), walk(900, 2))
    a, b = run(Dip, data, depth=depth), run(dip, data, depth=depth)
    assert len(a.fills) > 50
    same(a, b)
    bars, starts = 2 * (900 - 140), 2  # from the row on which the ATR has settled
    assert a.records["callbacks"]["count"] == bars + starts + len(a.fills)
    assert a.settled_rows == b.settled_rows == (140, 140)


class Cross(b4.Events):
    """A target by callback."""

    on = b4.bars("1h")

    def signals(self, m: Any) -> Any:
        return {"up": b4.where(m.close > m.close.sma(20), 1.0, 0.0)}

    def on_bar(self, ctx: b4.Context) -> None:
        ctx.target(0.5 * ctx.signal("up"), band=10.0)  # only 0 and a change of sign act


@b4.portfolio(on=b4.bars("1h"))
def cross(u: Any) -> Any:
    """The same as moments of orders: in where it is flat, out where it is long."""
    up = u.close > u.close.sma(20)
    return b4.orders(
        b4.order.market("in", "buy", 0.5, while_=up & u.pos.flat),
        b4.order.market("out", "sell", b4.size.qty(u.pos.qty), while_=~up & u.pos.is_open, reduce_only=True),
    )


def test_a_target_of_a_callback_enters_and_leaves() -> None:
    data = perpetuals(walk(600, 5))
    a, b = run(Cross, data, cash=1_000, **FREE), run(cross, data, cash=1_000, **FREE)
    sides = np.sign(a.records["fills"]["lots"])
    assert len(sides) > 10
    assert np.array_equal(sides, np.sign(b.records["fills"]["lots"]))
    assert np.array_equal(a.records["fills"]["row"], b.records["fills"]["row"])


SAID: list[tuple[Any, ...]] = []


class Teller(b4.Events):
    """Writes down what it is told."""

    on = b4.bars("1h")

    def on_start(self, ctx: b4.Context) -> None:
        SAID.append(("start", ctx.symbol, ctx.now))
        ctx.timer("once", after="2h")
        ctx.timer("often", every="3h")

    def on_timer(self, ctx: b4.Context, name: str) -> None:
        SAID.append((name, ctx.symbol, ctx.now))
        if name == "often" and ctx.now > START + 8 * HOUR:
            ctx.cancel_timer("often")

    def on_fill(self, ctx: b4.Context, fill: b4.Fill) -> None:
        SAID.append(("fill", ctx.symbol, ctx.now, fill.key, fill.qty, fill.price, fill.time))

    def on_bar(self, ctx: b4.Context) -> None:
        SAID.append(("bar", ctx.symbol, ctx.now, ctx.row))
        if ctx.row == 3:
            ctx.buy("in", 2, unit="qty")


def test_one_row_tells_timers_then_fills_then_bars() -> None:
    SAID.clear()
    prices = [100.0 + i for i in range(8)]
    run(Teller, perpetuals(frame(prices), frame(prices)), cash=10_000, **FREE)
    told = [(word, symbol[:3], (now - START) // HOUR, *rest) for word, symbol, now, *rest in SAID]
    assert told[:4] == [("start", "BTC", 1), ("bar", "BTC", 1, 0), ("start", "ETH", 1), ("bar", "ETH", 1, 0)]
    assert [t for t in told if t[2] == 3] == [
        ("once", "BTC", 3),
        ("once", "ETH", 3),
        ("bar", "BTC", 3, 2),
        ("bar", "ETH", 3, 2),
    ]
    fifth = [t for t in told if t[2] == 5]
    assert fifth == [
        ("fill", "BTC", 5, "in", 2.0, 103.0, START + 4 * HOUR),
        ("fill", "ETH", 5, "in", 2.0, 103.0, START + 4 * HOUR),
        ("bar", "BTC", 5, 4),
        ("bar", "ETH", 5, 4),
    ]
    assert [t[2] for t in told if t[0] == "often" and t[1] == "BTC"] == [4, 7]
    assert len([t for t in told if t[0] == "bar"]) == 16


class Looker(b4.Events):
    """Looks at everything it may see and asserts against the data."""

    on = b4.bars("1h")

    def signals(self, m: Any) -> Any:
        return {"fast": m.close.sma(3)}

    def on_bar(self, ctx: b4.Context) -> None:
        close = ctx.past("close", 3)
        assert len(close) == 3
        assert close[-1] == ctx.bar.close
        assert abs(ctx.signal("fast") - sum(close) / 3) < 1e-9
        assert ctx.past("fast", 1) == [ctx.signal("fast")]
        assert len(ctx.past("ts", 100_000)) == ctx.row + 1  # nothing later can be reached
        assert ctx.now == ctx.bar.ts + HOUR
        assert ctx.bar.low <= ctx.bar.open <= ctx.bar.high
        assert ctx.bar.volume > 0
        if ctx.row == 10:
            assert ctx.position.flat
            assert ctx.account.equity == 5_000
            assert ctx.buy("in", 0.5)
            assert (
                ctx.limit("far", "sell", 1, ctx.bar.close * 2, unit="qty", tif="gtd", expires="5h", reduce_only=True)
                is False
            )
            assert list(ctx.orders) == ["in"]
            assert ctx.orders["in"].kind == "market"
        if ctx.row == 12:
            assert ctx.position.is_open
            assert ctx.position.bars_held == 2
            assert 0.4 < ctx.account.gross < 0.6
            assert ctx.limit("out", "sell", ctx.position.qty, ctx.bar.close * 3, unit="qty", oco="exit")
            assert ctx.stop("stop", "sell", ctx.position.qty, ctx.bar.close / 3, unit="qty", oco="exit")
            assert ctx.orders["out"].price == pytest.approx(ctx.bar.close * 3, rel=1e-3)
            assert ctx.orders["stop"].trigger == pytest.approx(ctx.bar.close / 3, rel=1e-3)
            assert ctx.orders["stop"].left == -ctx.position.qty
        if ctx.row == 14:
            ctx.cancel("stop")
            assert list(ctx.orders) == ["out"]
            ctx.cancel()
            assert ctx.orders == {}
            assert ctx.of(ctx.symbol) is ctx


def test_what_a_callback_sees_is_the_present_and_the_past() -> None:
    result = run(Looker, perpetuals(walk(60, 4)), cash=5_000)
    assert len(result.fills) >= 1
    assert result.records["callbacks"]["count"] == 58 + 1 + len(result.fills)


def test_a_span_of_rows_without_an_asset_is_passed_over() -> None:
    late = frame([50.0] * 5, start=START + 6 * HOUR)
    SAID.clear()
    run(Teller, perpetuals(frame([10.0] * 10), late), cash=10_000, **FREE)
    begun = {symbol[:3]: (now - START) // HOUR for word, symbol, now, *_ in SAID if word == "start"}
    assert begun == {"BTC": 1, "ETH": 7}


def test_decisions_begin_at_start() -> None:
    SAID.clear()
    run(Teller, perpetuals(frame([10.0] * 10)), cash=10_000, start=START + 4 * HOUR, **FREE)
    assert SAID[0][2] == START + 4 * HOUR


def test_the_identity_is_of_source_signals_and_parameters() -> None:
    data = perpetuals(walk(200, 1))
    one, again, other = run(Dip, data), run(Dip, data), run(Dip, data, depth=0.02)
    assert one.identity == again.identity != other.identity
    assert one.records["state_hash"] == again.records["state_hash"]
    assert len(one.identity) == 64
    assert run(Cross, data).identity != one.identity


def test_a_class_in_a_file_runs_from_its_place(tmp_path: Path) -> None:
    place = tmp_path / "steady.py"
    place.write_text(
        "import bot4 as b4\n\n\nclass Steady(b4.Events):\n    on = b4.bars('1h')\n\n"
        "    def on_bar(self, ctx):\n        ctx.target(0.5)\n"
    )
    result = run(place, perpetuals(walk(50, 1)))
    assert result.name == "Steady"
    assert len(result.fills) >= 1
    assert result.summary().strip()


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    run(Cross, perpetuals(walk(9_000, 1)), progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == [4_096, 8_192]


def test_the_time_to_think_delays_orders() -> None:
    class Slow(Teller):
        compute_ms = 2 * HOUR

    SAID.clear()
    run(Slow, perpetuals(frame([100.0 + i for i in range(8)])), cash=10_000, **FREE)
    (fill,) = [told for told in SAID if told[0] == "fill"]
    assert fill[6] == START + 6 * HOUR  # asked for at the close of the fourth bar, two hours late


def test_a_timer_waits_for_a_bar_of_its_asset() -> None:
    class Wakes(b4.Events):
        on = b4.bars("1h")

        def on_start(self, ctx: b4.Context) -> None:
            ctx.timer("go", after="1h")

        def on_timer(self, ctx: b4.Context, name: str) -> None:
            SAID.append((ctx.symbol[:3], (ctx.now - START) // HOUR))
            assert ctx.buy("in", 0.1)

    SAID.clear()
    holes = frame([10.0] * 6).filter(np.array([True, False, False, True, True, True]))
    run(Wakes, perpetuals(frame([10.0] * 6), holes), cash=10_000, **FREE)
    assert SAID == [("BTC", 2), ("ETH", 4)]


# --- mistakes -----------------------------------------------------------------------------------------------------------------

CALLS = [
    ("side", "ctx.limit('a', 'long', 1, 5)", "side of the order a is 'long'", '"buy" or "sell"'),
    ("rule", "ctx.buy('a', 1, stopp=3)", "no rule stopp", "Did you mean stop=?"),
    ("rule far", "ctx.buy('a', 1, qqq=3)", "no rule qqq", "Rules are tif"),
    ("unit", "ctx.buy('a', 1, unit='lots')", "unit of the order a is 'lots'", "weight, notional, qty, risk"),
    ("tif", "ctx.buy('a', 1, tif='day')", "tif of the order a is 'day'", "gtc, ioc"),
    ("gtd", "ctx.buy('a', 1, tif='gtd')", "does not say until when", "expires"),
    ("expires", "ctx.buy('a', 1, tif='ioc', expires=3)", "goes with tif", "Leave tif out"),
    ("expires zero", "ctx.buy('a', 1, expires=0)", "expires of the order a is 0", "at least 1"),
    ("post only", "ctx.buy('a', 1, post_only=True)", "has no post_only", "limit orders"),
    ("size text", "ctx.buy('a', 'much')", "size of the market order a is 'much'", "Give a number"),
    ("price none", "ctx.limit('a', 'buy', 1, None)", "price of the limit order a is None", "Give a number"),
    ("stop text", "ctx.buy('a', 1, stop='x')", "stop of the market order a is 'x'", "Give a number"),
    ("key", "ctx.buy('', 1)", "key of a market order is ''", "Give it a name"),
    ("column", "ctx.past('clos', 3)", "no column or signal 'clos'", "Did you mean close?"),
    ("signal", "ctx.signal('x')", "no column or signal 'x'", "Known: none"),
    ("past", "ctx.past('close', 0)", "asks for no row", "at least 1"),
    ("asset", "ctx.of('BTC/USD:USDT')", "is not in the data", "Did you mean BTC/USDT:USDT?"),
    ("timer", "ctx.timer('x')", "needs one of at, after and every", 'every="1d"'),
    ("timer span", "ctx.timer('x', after='soon')", "after of the timer x 'soon'", "30d"),
    ("weight", "ctx.target(None)", "weight of target is None", "finite number"),
    ("name", "ctx.submit", "ctx has no 'submit'", "ctx.limit"),
    ("position", "ctx.position.size", "ctx.position has no 'size'", "Known names"),
]


@pytest.mark.parametrize(("call", "cause", "fix"), [c[1:] for c in CALLS], ids=[c[0] for c in CALLS])
def test_a_mistake_in_a_callback_names_its_line(call: str, cause: str, fix: str, tmp_path: Path) -> None:
    place = tmp_path / "wrong.py"
    place.write_text(
        f"import bot4 as b4\n\n\nclass Wrong(b4.Events):\n    on = b4.bars('1h')\n\n    def on_bar(self, ctx):\n        {call}\n"
    )
    with pytest.raises(StrategyError) as caught:
        run(place, perpetuals(walk(5, 1)))
    error = caught.value
    assert (error.file, error.line) == (str(place), 8)
    assert cause in error.cause
    assert fix in error.fix
    assert error.__notes__ == ["in Wrong.on_bar of BTC/USDT:USDT, at 2020-01-01 01:00 UTC"]


def test_an_exception_says_where_and_when() -> None:
    class Broken(b4.Events):
        on = b4.bars("1h")

        def on_start(self, ctx: b4.Context) -> None:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        run(Broken, perpetuals(walk(5, 1)))
    assert caught.value.__notes__ == ["in Broken.on_start of BTC/USDT:USDT, at 2020-01-01 01:00 UTC"]


def test_more_orders_than_lanes_and_orders_for_the_absent_are_refused() -> None:
    class Many(b4.Events):
        on = b4.bars("1h")
        lanes = 2

        def on_bar(self, ctx: b4.Context) -> None:
            for i in range(3):
                ctx.limit(f"k{i}", "buy", 0.01, ctx.bar.close / 2)

    class Absent(b4.Events):
        on = b4.bars("1h")

        def on_bar(self, ctx: b4.Context) -> None:
            ctx.of("ETH/USDT:USDT").buy("x", 0.1)

    with pytest.raises(ValueError, match="BTC/USDT:USDT has no room for another order; cancel one, or raise `lanes`"):
        run(Many, perpetuals(walk(5, 1)))
    late = frame([50.0] * 5, start=START + 6 * HOUR)
    with pytest.raises(ValueError, match="ETH/USDT:USDT has no bar now"):
        run(Absent, perpetuals(frame([10.0] * 10), late))


def test_a_missing_number_withdraws_the_order() -> None:
    class Fades(b4.Events):
        on = b4.bars("1h")

        def on_bar(self, ctx: b4.Context) -> None:
            price = ctx.bar.close / 2 if ctx.row < 3 else float("nan")
            assert ctx.limit("far", "buy", 0.1, price) is (ctx.row < 3)

    orders = run(Fades, market(frame([100.0] * 6)), cash=10_000, **FREE).orders
    assert orders["status"].to_list() == ["cancelled"]


BAR = "    def on_bar(self, ctx):\n        pass\n"
BODIES = [
    ("nothing called", "    def other(self):\n        pass\n", "no method that is ever called", "def on_bar"),
    (
        "misspelt",
        f"    def on_bars(self, ctx):\n        pass\n\n{BAR}",
        "on_bars is never called",
        "Did you mean on_bar?",
    ),
    ("later", f"    def on_trade(self, ctx):\n        pass\n\n{BAR}", "on_trade is never called", "on_"),
    ("lanes", f"    lanes = 0\n\n{BAR}", "lanes of Wrong is 0", "1 to 10000"),
    ("compute", f"    compute_ms = -1\n\n{BAR}", "compute_ms of Wrong is -1", "milliseconds"),
    ("signals", f"    def signals(self, m):\n        return [m.close]\n\n{BAR}", "returned a list", "dictionary"),
    ("clock", "    def on_bar(self, ctx):\n        import time\n        time.time()\n", "wall clock", "bars_since"),
    (
        "chance",
        "    def on_bar(self, ctx):\n        import random\n        random.random()\n",
        "draws chance",
        "Leave it out",
    ),
]


@pytest.mark.parametrize(("body", "cause", "fix"), [c[1:] for c in BODIES], ids=[c[0] for c in BODIES])
def test_a_class_that_cannot_run_is_refused(body: str, cause: str, fix: str, tmp_path: Path) -> None:
    place = tmp_path / "wrong.py"
    place.write_text(f"import bot4 as b4\n\n\nclass Wrong(b4.Events):\n    on = b4.bars('1h')\n\n{body}")
    with pytest.raises(StrategyError) as caught:
        run(place, perpetuals(walk(5, 1)))
    assert cause in caught.value.cause
    assert fix in caught.value.fix
    assert caught.value.file == str(place)


def test_a_class_without_a_clock_takes_the_datas() -> None:
    class Any_(b4.Events):
        def on_bar(self, ctx: b4.Context) -> None:
            ctx.target(1.0)

    assert len(run(Any_, perpetuals(walk(20, 1))).fills) >= 1
    with pytest.raises(StrategyError, match="does not say on which bars it runs"):
        EventStrategy(Any_).trace()


def test_parameters_are_attributes_of_the_instance() -> None:
    strategy = EventStrategy(Dip)
    assert strategy().depth == 0.01
    assert strategy(depth=0.05).depth == 0.05
    assert strategy.parse_parameters(["depth=0.02"]) == {"depth": 0.02}
    with pytest.raises(ValueError, match="parameter depth is 5"):
        strategy(depth=5)
