"""Event classes that cannot run are refused before they do, in one sentence."""

from __future__ import annotations

import pytest

import bot4 as b4
from bot4.backtest import BacktestError
from bot4.strategy import StrategyError

from .test_event_errors import run, wrong

BODIES = {
    "misspelt": (
        "def on_bars(self, ctx, bar):\n    pass\n",
        "has a method on_bars, which is never called",
        "on_bar(self, ctx, bar)?",
    ),
    "camel": (
        "def onBar(self, ctx, bar):\n    pass\n",
        "has a method onBar, which is never called",
        "on_bar(self, ctx, bar)?",
    ),
    "fills": (
        "def on_fills(self, ctx, fill):\n    pass\n",
        "on_fills, which is never called",
        "on_fill(self, ctx, fill)?",
    ),
    "foreign": ("def next(self):\n    pass\n", "has a method next, which is never called", "on_bar(self, ctx, bar)?"),
    "ticks": ("def on_trade(self, ctx, trade):\n    pass\n", "bars have no trades", "on_bar(self, ctx, bar)"),
    "nothing": (
        "def other(self):\n    pass\n",
        "no method that is called after its start",
        "def on_bar(self, ctx, bar)",
    ),
    "arguments": (
        "def on_bar(self, ctx):\n    pass\n",
        "on_bar of Wrong takes other arguments",
        "def on_bar(self, ctx, bar)",
    ),
    "no clock": (
        "on = None\n\ndef on_bar(self, ctx, bar):\n    pass\n",
        "does not say on which bars it runs",
        'on = b4.bars("1h")',
    ),
    "clock": ("on = 3\n\ndef on_bar(self, ctx, bar):\n    pass\n", "on=3 is not a clock", 'b4.bars("1h")'),
    "room": ("room = 0\n\ndef on_bar(self, ctx, bar):\n    pass\n", "room of Wrong is 0", "from 1 to 4096"),
    "compute": (
        "compute_latency_ms = -1\n\ndef on_bar(self, ctx, bar):\n    pass\n",
        "compute_latency_ms of Wrong is -1",
        "from 0",
    ),
    "budget": ("budget = 0\n\ndef on_bar(self, ctx, bar):\n    pass\n", "budget of Wrong is 0", "1.0 is all equity"),
    "signals": (
        "def signals(self, m):\n    return [m.close]\n\ndef on_bar(self, ctx, bar):\n    pass\n",
        "returned a list",
        "dictionary",
    ),
    "wall clock": (
        "def on_bar(self, ctx, bar):\n    import time\n    time.time()\n",
        "reads the wall clock through time.time",
        "ctx.now",
    ),
    "init": (
        "def __init__(self):\n    1 / 0\n\ndef on_bar(self, ctx, bar):\n    pass\n",
        "__init__ of Wrong raised ZeroDivisionError: division by zero",
        "Correct",
    ),
    "signals raise": (
        "def signals(self, m):\n    return {'x': m.close / [][0]}\n\ndef on_bar(self, ctx, bar):\n    pass\n",
        "signals of Wrong raised IndexError",
        "Correct",
    ),
    "chance": ("def on_bar(self, ctx, bar):\n    import random\n    random.random()\n", "draws chance", "Leave it out"),
}


@pytest.mark.parametrize(("body", "cause", "fix"), BODIES.values(), ids=BODIES)
def test_a_class_that_cannot_run_is_refused(body, cause, fix, tmp_path):
    place = wrong(tmp_path, body)
    with pytest.raises(StrategyError) as caught:
        run(place)
    assert cause in caught.value.cause
    assert fix in caught.value.fix
    assert caught.value.file == str(place)


def test_a_captured_array_would_hold_the_future(tmp_path):
    place = tmp_path / "wrong.py"
    place.write_text(
        "import numpy as np\nimport bot4 as b4\n\nCLOSES = np.arange(9.0)\n\n\nclass Wrong(b4.Events):\n    on = '1h'\n\n"
        "    def on_bar(self, ctx, bar):\n        ctx.target(CLOSES[1])\n"
    )
    with pytest.raises(StrategyError, match=r"CLOSES .* holds a whole column of data"):
        run(place)


def test_an_instance_and_a_bare_class_are_no_strategies():
    class Fine(b4.Events):
        on = "1h"

        def on_bar(self, ctx, bar):
            ctx.target(0.5)

    with pytest.raises(BacktestError, match="one Fine was given, an instance; give the class Fine"):
        run(Fine())
    with pytest.raises(BacktestError, match=r"derive the class from b4\.Events"):
        run(int)
    with pytest.raises(StrategyError, match="parameter 'size'"):
        run(Fine, size=3)


def test_a_file_with_several_classes_asks_which(tmp_path):
    place = tmp_path / "two.py"
    body = "    on = '1h'\n\n    def on_bar(self, ctx, bar):\n        ctx.target(0.5)\n"
    place.write_text(f"import bot4 as b4\n\n\nclass One(b4.Events):\n{body}\n\nclass Two(One):\n    room = 9\n")
    with pytest.raises(BacktestError, match=r"has 2 strategies; choose one: .*two\.py:One, .*two\.py:Two"):
        run(place)
    assert run(f"{place}:Two").name == "Two"
    place.write_text("x = 1\n")
    with pytest.raises(BacktestError, match=r"or derive a class from b4\.Events"):
        run(place)
