"""Mistakes outside a strategy's body: captured data and chance, what a function returns, wrong definitions."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot4.strategy import StrategyError

from .conftest import HEADER, Loader

MODULES = [
    (
        "global array",
        "import numpy as np\nlevels = np.arange(9.0)\n@b4.strategy(on='1h')\ndef s(m):\n    return b4.target(levels[0])  # here",
        "levels (ndarray) holds a whole column",
        "b4.column(name, known_at=…)",
    ),
    (
        "global series",
        "import polars as pl\nx = pl.Series([1.0])\n@b4.strategy(on='1h')\ndef s(m):\n    return b4.target(x[0])  # here",
        "x (Series)",
        "b4.column",
    ),
    (
        "global frame",
        "import pandas as pd\ndf = pd.DataFrame({'a': [1.0]})\n@b4.strategy(on='1h')\ndef s(m):\n    return b4.target(df.a[0])  # here",
        "df (DataFrame)",
        "b4.column",
    ),
    (
        "closure",
        "import numpy as np\ndef make():\n    inner = np.arange(3.0)\n    @b4.strategy(on='1h')\n    def s(m):\n"
        "        return b4.target(inner[0])  # here\n    return s\ns = make()",
        "inner (ndarray)",
        "b4.column",
    ),
    (
        "helper",
        "import time\ndef now():\n    return time.time()  # here\n@b4.strategy(on='1h')\ndef s(m):\n    return b4.target(now())",
        "s reads the wall clock through time.time",
        "bars_since",
    ),
    (
        "generator",
        "import numpy as np\nrng = np.random.default_rng(1)\n@b4.strategy(on='1h')\ndef s(m):\n    return b4.target(rng.normal())  # here",
        "draws chance through rng",
        "Leave it out",
    ),
    (
        "no return",
        "@b4.strategy(on='1h')  # here\ndef s(m):\n    b4.target(1.0)",
        "s returned nothing",
        "return b4.target",
    ),
    ("empty", "@b4.strategy(on='1h')  # here\ndef s(m):\n    return []", "s returned nothing", "return b4.target"),
    ("bare", "@b4.strategy(on='1h')  # here\ndef s(m):\n    return m.close", "s returned close", "around it"),
    ("float", "@b4.strategy(on='1h')  # here\ndef s(m):\n    return 1.0", "s returned a float", "around it"),
    ("no clock", "@b4.strategy  # here\ndef s(m):\n    return b4.target(1.0)", "on which bars", 'on=b4.bars("1h")'),
    (
        "require",
        "@b4.strategy(on='1h')\ndef s(m, a: int = 5, b: int = 3):\n    b4.require(a < b)  # here\n    return b4.target(1.0)",
        "b4.require(a < b)  # here does not hold for a=5, b=3",
        "Choose other values",
    ),
    (
        "cs inside asset",
        "@b4.portfolio(on='1h')\ndef s(u):\n    return b4.target(b4.asset('A').close.cs.rank())  # here",
        "A.close is of A only",
        "u's columns",
    ),
    (
        "cs of a constant",
        "@b4.portfolio(on='1h')\ndef s(u):\n    return b4.target(b4.minimum(1, 2).cs.rank())  # here",
        "no asset in particular",
        "u's columns",
    ),
    (
        "free cs",
        "r = b4.market().close.cs.rank()  # here\n@b4.strategy(on='1h')\ndef s(m):\n    return b4.target(r)",
        "s is a @b4.strategy",
        "@b4.portfolio",
    ),
    (
        "cs.scale",
        "@b4.portfolio(on='1h')\ndef s(u):\n    return b4.target(u.close.cs.scale())  # here",
        "gross, or long and short",
        "cs.scale(gross=1)",
    ),
    (
        "cs.scale amount",
        "@b4.portfolio(on='1h')\ndef s(u):\n    return b4.target(u.close.cs.scale(gross=-1))  # here",
        "gross of cs.scale is -1",
        "0.5",
    ),
    (
        "cs name",
        "@b4.portfolio(on='1h')\ndef s(u):\n    return b4.target(u.close.cs.quantile(5))  # here",
        ".cs has no 'quantile'",
        ".bucket(n)",
    ),
    (
        "cs bucket",
        "@b4.portfolio(on='1h')\ndef s(u):\n    return b4.target(u.close.cs.bucket(0))  # here",
        "number of buckets is 0",
        "at least 1",
    ),
]


@pytest.mark.parametrize(("text", "cause", "fix"), [case[1:] for case in MODULES], ids=[case[0] for case in MODULES])
def test_a_mistake_of_the_module_names_file_line_cause_and_fix(
    load_source: Loader, text: str, cause: str, fix: str
) -> None:
    module = load_source(text)
    with pytest.raises(StrategyError) as caught:
        module.s.trace()
    guilty = next(i for i, line in enumerate((HEADER + text).splitlines(), start=1) if "# here" in line)
    assert (caught.value.file, caught.value.line) == (module.__file__, guilty)
    assert cause in caught.value.cause
    assert fix in caught.value.fix


DEFINITIONS = [
    (
        "no default",
        "@b4.strategy(on='1h')  # here\ndef s(m, n): ...",
        "the argument n of s has no usable default",
        "b4.param",
    ),
    ("star", "@b4.strategy(on='1h')  # here\ndef s(m, *n): ...", "takes *n", "Name every parameter"),
    ("not a function", "s = b4.strategy(on='1h')(3)  # here", "decorates a function", "above def"),
    ("on", "@b4.strategy(on=3)  # here\ndef s(m): ...", "on=3 is not a clock", "b4.bars"),
    ("rebalance", "@b4.portfolio(on='1h', rebalance='1w')  # here\ndef s(m): ...", "not a schedule", "b4.every"),
    (
        "too often",
        "@b4.portfolio(on='1d', rebalance=b4.every('4h'))  # here\ndef s(m): ...",
        "every 4h is more often than the bars of 1d",
        "longer period",
    ),
    ("bars", "b4.bars(60)  # here", "does not name a timeframe", 'b4.bars("1h")'),
    ("every", "b4.every(7)  # here", "does not name a period", '"1mo"'),
    ("weekday", "b4.every('1w', on='someday')  # here", "not a weekday", "mon, tue"),
    ("day on", "b4.every('1d', on='mon')  # here", "needs weeks or months", 'every("1w"'),
    ("day of month", "b4.every('1mo', on=31)  # here", "not a day every month has", "1 to 28"),
    ("clock", "b4.every('1d', at='25:00')  # here", "not a time of day", "UTC"),
    ("at hours", "b4.every('4h', at='01:00')  # here", "needs whole days", "Leave at out"),
    ("param range", "b4.param(1, 2, 3)  # here", "not between low and high", "b4.param(default, low, high)"),
    ("param text", "b4.param('a', 'b', 'c')  # here", "needs numbers", "b4.choice"),
    ("param step", "b4.param(1, 0, 3, step=0)  # here", "step of b4.param is 0", "above 0"),
    ("param log", "b4.param(1, 0, 3, log=True)  # here", "needs a range above 0", "Raise low"),
    ("choice", "b4.choice()  # here", "no options", "b4.choice("),
    ("choice type", "b4.choice(len)  # here", "numbers, texts", "by name"),
    ("choice default", "b4.choice(1, 2, default=3)  # here", "not among the options", "Add it"),
]


@pytest.mark.parametrize(
    ("text", "cause", "fix"), [case[1:] for case in DEFINITIONS], ids=[case[0] for case in DEFINITIONS]
)
def test_a_mistake_in_a_definition_is_found_when_it_is_defined(
    load_source: Loader, text: str, cause: str, fix: str
) -> None:
    with pytest.raises(StrategyError) as caught:
        load_source(text)
    guilty = next(i for i, line in enumerate((HEADER + text).splitlines(), start=1) if "# here" in line)
    assert Path(caught.value.file).name.startswith("written_")
    assert caught.value.line == guilty
    assert cause in caught.value.cause
    assert fix in caught.value.fix
