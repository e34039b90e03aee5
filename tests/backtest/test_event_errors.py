"""Mistakes in event classes: one sentence with what is wrong, where (method, asset, time, line), and the fix."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

import bot4 as b4
from bot4.backtest import BacktestError

from .markets import frame, perpetuals, walk


def run(made: Any, data: Any = None, **settings: Any) -> Any:
    return b4.backtest(made, perpetuals(walk(8, 1)) if data is None else data, record=False, **settings)


def wrong(tmp_path: Path, body: str) -> Path:
    place = tmp_path / "wrong.py"
    place.write_text(
        "import bot4 as b4\n\n\nclass Wrong(b4.Events):\n    on = b4.bars('1h')\n\n" + textwrap.indent(body, "    ")
    )
    return place


CALLS = {
    "side": ("ctx.limit('a', 'long', 0.1, 5)", "the side of the order a is 'long'", 'Write "buy"'),
    "side number": ("ctx.market('a', -1, 0.1)", "the side of the order a is -1", 'Write "sell"'),
    "size zero": ("ctx.market('a', 'buy', 0)", "the size of the order a is 0", "above 0"),
    "size below": ("ctx.market('a', 'buy', -0.1)", "the size of the order a is -0.1", "above 0"),
    "size text": ("ctx.market('a', 'buy', 'much')", "the size of the order a is 'much'", "plain number"),
    "size nan": ("ctx.market('a', 'buy', float('nan'))", "the size of the order a is nan", "above 0"),
    "size large": ("ctx.market('a', 'buy', 500)", "500 times equity", "b4.size.qty(500)"),
    "size qty": ("ctx.market('a', 'buy', 1, qty=3)", "has no qty", "b4.size.qty(…)"),
    "size traced": ("ctx.market('a', 'buy', b4.size.qty(b4.market().close))", "is an expression, close", "ctx.history"),
    "risk": ("ctx.market('a', 'buy', b4.size.risk(0.01))", "nothing says what one unit loses", "per_unit"),
    "key": ("ctx.market('', 'buy', 0.1)", "the key of a market order is ''", 'ctx.market("dip"'),
    "price none": ("ctx.limit('a', 'buy', 0.1, None)", "the price of the order a is missing", "plain number"),
    "price zero": ("ctx.limit('a', 'buy', 0.1, 0)", "the price of the order a is 0", "above 0"),
    "price traced": ("ctx.limit('a', 'buy', 0.1, b4.market().close)", "is an expression, close", "plain number"),
    "price tick": ("ctx.limit('a', 'buy', 0.1, 1e-9)", "less than one tick", "a tick is 0.01"),
    "stop tick": ("ctx.market('a', 'buy', 0.1, stop=1e-9)", "the stop of the order a is 0.000000001", "a tick is"),
    "stop zero": ("ctx.market('a', 'buy', 0.1, stop=0)", "stop of the order a is 0", "above 0"),
    "stop time": ("ctx.market('a', 'buy', 0.1, stop=b4.stop.time(3))", "is a time stop", "on_timer"),
    "stop twice": ("ctx.market('a', 'buy', 0.1, stop=[1.0, b4.stop.fixed(2.0)])", "two fixed stops", "nearer"),
    "stop at": ("ctx.limit('a', 'buy', 0.1, 50, stop_at=60)", "not below its price 50", "stop of a buy lies below"),
    "take at": ("ctx.market('a', 'sell', 0.1, stop_at=60, take_at=70)", "wrong side of stop_at", "takes below"),
    "both": ("ctx.market('a', 'buy', 0.1, stop=1, stop_at=60)", "stop and stop_at are both given", "Keep stop="),
    "rule": ("ctx.market('a', 'buy', 0.1, stopp=3)", "has no stopp", "Did you mean stop=?"),
    "rule far": ("ctx.market('a', 'buy', 0.1, qqq=3)", "has no qqq", "Rules are tif"),
    "when": ("ctx.market('a', 'buy', 0.1, when=True)", "has no when", 'ctx.cancel("a")'),
    "after": ("ctx.market('a', 'buy', 0.1, after='b')", "has no after", "on_fill"),
    "tif": ("ctx.market('a', 'buy', 0.1, tif='day')", "tif of the order a is 'day'", '"gtc"'),
    "gtd": ("ctx.market('a', 'buy', 0.1, tif='gtd')", "does not say until when", "expires"),
    "expires": ("ctx.market('a', 'buy', 0.1, tif='ioc', expires=3)", 'goes with tif="gtd"', "Leave tif out"),
    "post only": ("ctx.limit('a', 'buy', 0.1, 5, post_only=True, tif='ioc')", "contradict each other", "Keep one"),
    "post only kind": ("ctx.stop('a', 'buy', 0.1, 5, post_only=True)", "has no post_only", "limit orders"),
    "flag": ("ctx.market('a', 'buy', 0.1, reduce_only=1)", "reduce_only of the order a is 1", "reduce_only=True"),
    "reduces": ("ctx.market('a', 'buy', 0.1, reduce_only=True, stop=1)", "opens nothing to protect", "Leave"),
    "oco": ("ctx.market('a', 'buy', 0.1, oco=3)", "oco of the order a is 3", "name for the group"),
    "asset": ("ctx.market('a', 'buy', 0.1, symbol='BTCUSDT')", "no asset BTCUSDT", "did you mean BTC/USDT:USDT?"),
    "asset far": ("ctx.position('DOGE')", "no asset DOGE", "it holds BTC/USDT:USDT"),
    "cancel": ("ctx.cancel('nothing')", "there is no order nothing to cancel", "no order was asked for yet"),
    "signal": ("ctx.signal('atr')", "there is no signal atr", "def signals(self, m)"),
    "target none": ("ctx.target()", "exactly one of weight, notional and qty, and got none", "ctx.target(0.5)"),
    "target nan": ("ctx.target(float('nan'))", "the weight of a target is nan", "do not call ctx.target"),
    "target text": ("ctx.target('half')", "the weight of a target is 'half'", "plain number"),
    "target traced": ("ctx.target(b4.market().close)", "is an expression, close", "plain number"),
    "target large": ("ctx.target(300)", "300 times equity", "ctx.target(qty=300)"),
    "band": ("ctx.target(0.5, band=-1)", "band of the target is -1", "fraction"),
    "rearm": ("ctx.target(0.5, rearm='soon')", "rearm is 'soon'", "new_signal"),
    "timer": ("ctx.timer('x')", "needs one of at, every and in_, and got none", 'every="1d"'),
    "timer two": ("ctx.timer('x', every='1d', in_='2h')", "got every and in_", 'every="1d"'),
    "timer span": ("ctx.timer('x', in_='soon')", "in_ of the timer x 'soon' is not a length of time", "30d"),
    "timer past": ("ctx.timer('x', at='2019-12-31')", "is for 2019-12-31 00:00, and it is 2020-01-01 01:00", "to come"),
    "timer at": ("ctx.timer('x', at='noon')", "at of the timer x is 'noon'", "2024-01-31 12:00"),
    "timer name": ("ctx.timer(3, every='1d')", "the name of a timer is 3", 'ctx.timer("review"'),
    "timer cancel": ("ctx.cancel_timer('x')", "there is no timer 'x' to cancel", "none"),
    "uncalled": ("ctx.position.flat", "AttributeError", "ctx.position().flat"),
}


@pytest.mark.parametrize(("call", "cause", "fix"), CALLS.values(), ids=CALLS)
def test_a_mistake_in_a_callback_says_where_when_and_what_to_write(call, cause, fix, tmp_path):
    place = wrong(tmp_path, f"def on_bar(self, ctx, bar):\n    {call}\n")
    with pytest.raises(BacktestError) as caught:
        run(place)
    said = str(caught.value)
    assert said.startswith(f"{place}:8: Wrong.on_bar for BTC/USDT:USDT at 2020-01-01 01:00")
    assert cause in said
    assert fix in said
    assert "\n" not in said


RAISES = {
    "start": ("def on_start(self, ctx):\n    1 / 0\n", "Wrong.on_start: ZeroDivisionError: division by zero."),
    "timer": (
        "def on_start(self, ctx):\n    ctx.timer('go', in_='2h')\n\ndef on_timer(self, ctx, name):\n    raise KeyError(name)\n",
        "Wrong.on_timer for BTC/USDT:USDT at 2020-01-01 02:00: KeyError: 'go'.",
    ),
    "helper": (
        "def helper(self):\n    return [][1]\n\ndef on_bar(self, ctx, bar):\n    self.helper()\n",
        "Wrong.on_bar for BTC/USDT:USDT at 2020-01-01 01:00: IndexError: list index out of range.",
    ),
}


@pytest.mark.parametrize(("body", "said"), RAISES.values(), ids=RAISES)
def test_what_a_method_raises_is_told_with_its_place(body, said, tmp_path):
    more = "" if "on_bar" in body else "\ndef on_bar(self, ctx, bar):\n    ctx.target(0.5)\n"
    place = wrong(tmp_path, body + more)
    with pytest.raises(BacktestError) as caught:
        run(place)
    assert said in str(caught.value)
    line = next(
        n
        for n, text in enumerate(place.read_text().splitlines(), 1)
        if any(w in text for w in ("1 / 0", "raise", "[][1]"))
    )
    assert str(caught.value).startswith(f"{place}:{line}: ")


def test_what_on_fill_raises_names_the_fills_asset_and_time(tmp_path):
    place = wrong(
        tmp_path,
        "def on_bar(self, ctx, bar):\n    ctx.target(0.1)\n\ndef on_fill(self, ctx, fill):\n    raise RuntimeError('mine')\n",
    )
    with pytest.raises(
        BacktestError, match=r"Wrong.on_fill for BTC/USDT:USDT at 2020-01-01 02:00: RuntimeError: mine\."
    ):
        run(place)


@pytest.mark.parametrize("ask", ["ctx.market('a', 'buy', 0.1)", "ctx.target(0.5)", "ctx.cancel('a')"])
def test_on_start_comes_before_any_bar(ask, tmp_path):
    place = wrong(tmp_path, f"def on_start(self, ctx):\n    {ask}\n\ndef on_bar(self, ctx, bar):\n    pass\n")
    with pytest.raises(BacktestError, match=r"no bar has arrived yet\. Ask in on_bar\(self, ctx, bar\)\."):
        run(place)


@pytest.mark.parametrize("returned", ["0.5", "[bar]", "(x for x in ())"])
def test_what_a_method_returns_is_refused(returned, tmp_path):
    place = wrong(tmp_path, f"def on_bar(self, ctx, bar):\n    return {returned}\n")
    with pytest.raises(
        BacktestError,
        match=r"wrong\.py:7: Wrong\.on_bar returned a \w+, and what it returns is not looked at; ask with",
    ):
        run(place)


def test_a_timer_without_its_method_is_refused(tmp_path):
    place = wrong(
        tmp_path, "def on_start(self, ctx):\n    ctx.timer('go', in_='1h')\n\ndef on_bar(self, ctx, bar):\n    pass\n"
    )
    with pytest.raises(
        BacktestError,
        match=r"the timer go is due, and there is no method for it; write def on_timer\(self, ctx, name\)",
    ):
        run(place)


def test_a_key_has_one_side_while_it_works_or_holds():
    class Turns(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            side = "buy" if ctx.position().flat and not ctx.orders else "sell"
            ctx.limit("k", side, 0.1, bar.close / 2)

    with pytest.raises(
        BacktestError,
        match="the key k belongs to a buy that works or holds, and is used for a sell; give the sell a key",
    ):
        run(Turns)


def test_more_keys_than_there_is_room_for_are_refused():
    class Many(b4.Events):
        on = "1h"
        room = 3

        def on_bar(self, ctx, bar):
            for n in range(4):
                ctx.limit(f"k{n}", "buy", 0.01, bar.close / 2)

    with pytest.raises(
        BacktestError,
        match="3 keys work or hold already, and k3 is one more; cancel some, or set room = 6 in the class",
    ):
        run(Many)


def test_targets_and_orders_do_not_lead_one_asset():
    class Both(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            ctx.target(0.5)
            ctx.market("a", "buy", 0.1)

    class Other(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            ctx.market("a", "buy", 0.1)
            ctx.target(0.5)

    class Units(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            ctx.target(0.5)
            ctx.target(qty=3)

    for made, said in (
        (Both, "by targets or by orders"),
        (Other, "by targets or by orders"),
        (Units, "keep to one of weight"),
    ):
        with pytest.raises(BacktestError, match=said):
            run(made)


def test_a_timer_of_several_assets_must_say_which(tmp_path):
    place = wrong(
        tmp_path,
        "def on_start(self, ctx):\n    ctx.timer('go', in_='1h')\n\ndef on_timer(self, ctx, name):\n    ctx.market('a', 'buy', 0.1)\n",
    )
    with pytest.raises(
        BacktestError,
        match=r'Wrong\.on_timer at 2020-01-01 01:00: this callback is about no single asset; say which: symbol="',
    ):
        run(place, perpetuals(walk(5, 1), walk(5, 2)))


def test_what_a_venue_refuses_is_counted_and_the_run_goes_on():
    class Small(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            ctx.market("tiny", "buy", b4.size.qty(1e-12))
            ctx.market("out", "sell", b4.size.qty(1), reduce_only=True)

    result = run(Small, perpetuals(frame([100.0] * 5)))
    assert len(result.orders) == 10
    assert set(result.orders["status"]) == {"rejected"}
    assert set(result.orders["cause"]) == {"min_size", "reduce_only"}
    assert any("5 were rejected (min_size)" in note for note in result.notes)


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name == "nt", reason="signals of another kind")
def test_ctrl_c_stops_within_a_tenth_of_a_second(tmp_path):
    code = textwrap.dedent("""
        import signal, sys, time
        import bot4 as b4
        from tests.backtest.markets import perpetuals, walk

        class Steady(b4.Events):
            on = "1h"
            def on_bar(self, ctx, bar):
                ctx.target(0.5)

        when = []
        def stop(*_):
            when.append(time.perf_counter())
            raise KeyboardInterrupt
        signal.signal(signal.SIGINT, stop)
        data = perpetuals(walk(100_000, 1))
        print("ready", flush=True)
        try:
            while True:
                b4.backtest(Steady, data, record=False)
        except KeyboardInterrupt:
            print(time.perf_counter() - when[0])
    """)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        time.sleep(1.0)
        sent = time.perf_counter()
        process.send_signal(signal.SIGINT)
        handled = float(process.stdout.readline())
        took = time.perf_counter() - sent
    assert handled < 0.1
    assert took < 2.0, "on a busy machine the process itself may wait for its turn"
