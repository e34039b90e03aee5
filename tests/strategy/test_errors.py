"""Every mistake in a strategy is answered with its file, its line, its cause and what to write instead."""

from __future__ import annotations

import pytest

from bot4.strategy import Strategy, StrategyError

from .conftest import HEADER, Loader, body_as_strategy

# (what it is, body of a strategy with the guilty line marked `# here`, part of the cause, part of the fix)
TRUTH = [
    ("if", "if m.close > m.open:  # here\n    pass", "if needs one answer", "b4.where(cond, a, b)"),
    ("elif", "if False:\n    pass\nelif m.close > 1:  # here\n    pass", "if needs one answer", "b4.where"),
    ("ternary", "w = 1.0 if m.close > m.open else 0.0  # here", "if needs one answer", "b4.where"),
    ("while", "while m.close > 1:  # here\n    pass", "while needs one answer", "b4.latch"),
    ("assert", "assert m.close > 1  # here", "assert needs one answer", "b4.require"),
    ("and", "w = m.close > 1 and m.open > 1  # here", "and needs one answer", "(a) & (b)"),
    ("or", "w = m.close > 1 or m.open > 1  # here", "or needs one answer", "(a) | (b)"),
    ("not", "w = not m.close > 1  # here", "not needs one answer", "~(cond)"),
    ("if and", "if m.close > 1 and m.open > 1:  # here\n    pass", "and needs one answer", "(a) & (b)"),
    ("chain", "w = 1 < m.close < 2  # here", "two comparisons joined by and", "x.between(low, high)"),
    ("comprehension", "w = [i for i in range(3) if m.close > i]  # here", "if needs one answer", "b4.where"),
    ("in", "w = m.close in [m.open, m.high]  # here", "in needs one answer", "(x == a) | (x == b)"),
    ("contains", "w = 3 in m.close  # here", "in needs one answer", "(x == a) | (x == b)"),
    ("max", "w = max(m.close, m.open)  # here", "max() compares whole columns", "b4.maximum(a, b)"),
    ("min", "w = min(m.close, m.open)  # here", "min() compares whole columns", "b4.minimum(a, b)"),
    ("any", "w = any([m.close > 1, m.open > 1])  # here", "any() compares whole", "Join conditions with |"),
    ("sorted", "w = sorted([m.close, m.open])  # here", "sorted() compares", "cs.rank()"),
    ("bool", "w = bool(m.close > 1)  # here", "bool() compares", "the condition itself"),
]

BUILTINS = [
    ("abs", "w = abs(m.close)  # here", "abs() is Python's", "(close).abs()"),
    ("round", "w = round(m.close, 2)  # here", "round() is Python's", "rounded to the instrument's tick"),
    ("len", "w = len(m.close)  # here", "len() of close", "rolling(n).sum()"),
    ("iter", "for x in m.close:  # here\n    pass", "cannot be looped over", "b4.state(init)"),
    ("float", "w = float(m.close)  # here", "float() and int() need one number", "b4.param"),
    ("int", "w = int(m.close)  # here", "float() and int() need one number", "b4.param"),
    ("range", "w = range(m.close)  # here", "where a whole number is needed", "b4.param"),
    ("floordiv", "w = m.close // 2  # here", "// is not in the catalogue", "x / y"),
    ("mod", "w = m.close % 2  # here", "% is not in the catalogue", "b4.every"),
    ("last row", "w = m.close[-1]  # here", "close[-1] picks a row", ".shift(1)"),
    ("row before", "w = m.close[-2]  # here", "close[-2] picks a row", ".shift(1)"),
    ("third row", "w = m.close[3]  # here", "close[3] picks a row", ".shift(3)"),
    ("slice", "w = m.close[-10:]  # here", "cuts a column", ".rolling(n)"),
    ("mask", "w = m.close[m.close > 1]  # here", "cannot be looked up", "x.where(cond)"),
    ("m item", 'w = m["close"]  # here', "columns are attributes", "m.close"),
    ("m odd item", 'w = m["cloze"]  # here', "columns are attributes", "m.open, m.high"),
    ("m row", "w = m[-1]  # here", "columns are attributes", "m.close.shift(k)"),
]

NAMES = [
    ("typo", "w = m.close.rollin(3)  # here", "an expression has no 'rollin'", "Did you mean rolling?"),
    ("column typo", "w = m.clsoe  # here", "the market has no 'clsoe'", "Did you mean close?"),
    ("capital", "w = m.Close  # here", "no 'Close'", "Did you mean close?"),
    ("pos typo", "w = m.pos.bars_hold  # here", "m.pos has no 'bars_hold'", "Did you mean bars_held?"),
    ("pos alias", "w = m.pos.size  # here", "m.pos has no 'size'", "m.pos.qty"),
    ("account", "w = b4.account.balance  # here", "b4.account has no 'balance'", "b4.account.equity"),
    ("iloc", "w = m.close.iloc[-1]  # here", "no 'iloc'", "x.shift(k)"),
    ("mean", "w = m.close.mean()  # here", "no 'mean'", "x.rolling(n).mean()"),
    ("max method", "w = m.close.max()  # here", "no 'max'", "x.rolling(n).max()"),
    ("diff", "w = m.close.diff()  # here", "no 'diff'", "x.change(k)"),
    ("pct_change", "w = m.close.pct_change()  # here", "no 'pct_change'", "x.returns(k)"),
    ("crossover", "w = m.close.crossover(m.open)  # here", "no 'crossover'", "x.crosses_above(y)"),
    ("fillna", "w = m.close.fillna(0)  # here", "no 'fillna'", "x.fill_missing"),
    ("resample", "w = m.resample('4h')  # here", "no 'resample'", 'm.at("4h")'),
    ("m.ema", "w = m.ema(3)  # here", "the market has no 'ema'", "m.close.ema(…)"),
    ("rolling alias", "w = m.close.rolling(3).stdev()  # here", "a rolling window has no 'stdev'", ".std()"),
    ("ewm alias", "w = m.close.ewm(span=3).var()  # here", "ewm(…) has no 'var'", ".std() ** 2"),
    ("nothing near", "w = m.close.qqqqqq  # here", "no 'qqqqqq'", "Known names: abs"),
]

WINDOWS = [
    ("float", "w = m.close.rolling(20.0)  # here", "20.0, a float", "Write 20"),
    ("nan", "w = m.close.rolling(float('nan'))  # here", "nan, a float", "Write 1"),
    ("zero", "w = m.close.ema(0)  # here", "window of ema is 0", "at least 1"),
    ("negative", "w = m.close.rsi(-3)  # here", "window of rsi is -3", "at least 1"),
    ("bool", "w = m.close.sma(True)  # here", "is True", "an integer"),
    ("expression", "w = m.close.ema(m.open)  # here", "window of ema is a Expr", "b4.param"),
    ("text", "w = m.close.rolling('thirty')  # here", "'thirty' is not a length of time", '"30d"'),
    ("month", "w = m.close.rolling('1M')  # here", "minutes are m", '"15m"'),
    ("ema text", "w = m.close.ema('3d')  # here", "not a number of rows", "an integer"),
    ("none", "w = m.close.rolling(None)  # here", "a NoneType", "b4.param"),
    ("one row std", "w = m.close.rolling(1).std()  # here", "more rows than ddof=1", "at least 2"),
    ("one row corr", "w = m.close.rolling(1).corr(m.open)  # here", "more rows", "at least 2"),
    ("ewm bare", "w = m.close.ewm(20)  # here", "does not say what the number means", "ewm(span=…)"),
    ("ewm none", "w = m.close.ewm_mean()  # here", "exactly one of span", "ewm_mean(span=20)"),
    ("ewm two", "w = m.close.ewm_std(span=3, alpha=0.1)  # here", "got span, alpha", "ewm_std(span=20)"),
    ("span", "w = m.close.vol(span=0)  # here", "span of vol is 0", "at least 1"),
    ("alpha", "w = m.close.ewm(alpha=2)  # here", "alpha of ewm is 2", "at most 1"),
    ("halflife", "w = m.close.ewm(halflife=-1)  # here", "halflife of ewm is -1", "above 0"),
    ("future", "w = m.close.shift(-1)  # here", "shift(-1) would read the future", "Ichimoku's lagging span"),
    ("future 26", "w = m.close.shift(-26)  # here", "shift(-26)", "compares close with close.shift(26)"),
    ("future text", "w = m.close.shift('-1d')  # here", "would read the future", "shift(1d)"),
    ("future returns", "w = m.close.returns(-2)  # here", "returns(-2) would read", "returns(2)"),
    ("cs.top", "w = m.close.rolling(2).mean().clip()  # here", "clip has no bound", "clip(0, 1)"),
]

KINDS = [
    ("parentheses", "w = m.close > 1 & m.open < 2  # here", "& binds tighter", "(a > b) & (c < d)"),
    ("parentheses |", "w = m.close > m.open | m.low < m.high  # here", "| binds tighter", "(a > b) | (c < d)"),
    ("xor number", "w = (m.close > 1) ^ m.open  # here", "^ binds tighter", "parentheses"),
    ("invert", "w = ~m.close  # here", "close is a number", "~(…) around a comparison"),
    ("bool sum", "w = (m.close > 1) + (m.open > 1)  # here", "is a condition", "b4.where(close > 1, 1.0, 0.0)"),
    ("bool ema", "w = (m.close > 1).ema(3)  # here", "ema needs a number", "b4.where"),
    ("number condition", "w = b4.where(m.close, 1, 0)  # here", "where needs a condition", "(close > 0)"),
    ("since number", "w = m.close.bars_since()  # here", "bars_since needs a condition", "(close > 0)"),
    ("mixed branches", "w = b4.where(m.close > 1, 1.0, m.open > 1)  # here", "one value is a condition", "two numbers"),
    ("== mixed", "w = (m.close > 1) == 1  # here", "compares a condition with a number", "~(close > 1)"),
    ("mask of condition", "w = (m.close > 1).where(m.open > 1)  # here", "neither true nor false", "(a) & (b)"),
    ("zero", "w = m.close / 0  # here", "divides by the constant 0", "another divisor"),
    ("nan", "w = m.close + float('nan')  # here", "nan cannot stand", "x.where(cond)"),
    ("none", "w = m.close + None  # here", "is None", "returns an expression"),
    ("text", "w = m.close > 'high'  # here", "a str", "numbers and expressions"),
    ("list", "levels = [1, 2]\nw = m.close > levels  # here", "levels (list)", "numbers and expressions"),
    ("function", "w = m.close + m.close.ema  # here", "a method cannot stand", "Call it"),
    ("state text", "w = b4.state('x')  # here", "starts with one number", "b4.state(0.0)"),
    ("state kind", "w = b4.state(0.0).next(m.close > 1)  # here", "starts as a number", "b4.state(False)"),
    ("state kind 2", "w = b4.state(False).next(m.close)  # here", "starts as a condition", "b4.state(0.0)"),
    ("state twice", "w = b4.state(0.0).next(m.close).next(m.open)  # here", "already has its next", "second b4.state"),
    ("latch", "w = b4.latch(exit=m.close > 1)  # here", "latch has no entry", "b4.latch(long=cond"),
    ("column", "w = b4.column('funding', known_at='ts')  # here", "reserved", "m.open"),
    ("require", "b4.require(m.close > 1)  # here", "is for parameters", "b4.where"),
    ("at twice", "w = m.at('4h').at('1d')  # here", "already on the clock 4h", 'm.at("1d")'),
    ("at number", "w = m.at(4)  # here", "does not name a timeframe", 'm.at("4h")'),
    ("pos at", "w = m.at('4h').pos  # here", "no slower clock", "m.pos"),
    ("asset", "w = b4.asset(None)  # here", "does not name an asset", 'b4.asset("BTC/USDT")'),
    ("cs", "w = m.close.cs.rank()  # here", "sees one market at a time", "@b4.portfolio"),
]

TARGETS = [
    ("condition", "return b4.target(m.close > 1)  # here", "the target is a condition", "b4.where(cond, 1.0, 0.0)"),
    ("nothing said", "return b4.target()  # here", "got none", "b4.target(weight)"),
    ("two", "return b4.target(1.0, qty=2)  # here", "got weight and qty", "b4.target(qty=…)"),
    ("band", "return b4.target(1.0, band=-1)  # here", "band of the target is -1", "0.01"),
    ("budget", "return b4.target(1.0, budget=0)  # here", "budget of the target is 0", "fraction"),
    ("rearm", "return b4.target(1.0, rearm='later')  # here", "rearm is 'later'", '"12h"'),
    ("rearm text", "return b4.target(1.0, rearm='12x')  # here", "'12x' is not a length", "30d"),
    ("asset", "return b4.target(1.0, asset=3)  # here", "asset=3", "symbol"),
    ("stop number", "return b4.target(1.0, stop=0.05)  # here", "stop holds a float", "b4.stop.trailing"),
    (
        "stop twice",
        "return b4.target(1.0, stop=[b4.stop.time(3), b4.stop.time(4)])  # here",
        "two time stops",
        "Keep one",
    ),
    ("stop zero", "return b4.target(1.0, stop=b4.stop.fixed(0))  # here", "distance of stop.fixed is 0", "pct=0.05"),
    (
        "stop pct",
        "return b4.target(1.0, stop=b4.stop.fixed(pct=5))  # here",
        "pct of stop.fixed is 5",
        "5 % is pct=0.05",
    ),
    ("stop both", "return b4.target(1.0, stop=b4.stop.fixed(1, pct=0.1))  # here", "one of them", "pct=0.05"),
    ("stop bool", "return b4.target(1.0, stop=b4.stop.trailing(m.close > 1))  # here", "is a condition", "m.atr(14)"),
    ("stop time", "return b4.target(1.0, stop=b4.stop.time(0.5))  # here", "a float", "Write 1"),
    ("two targets", "return [b4.target(1.0),\n    b4.target(0.5)]  # here", "two targets for every asset", 'asset="…"'),
    (
        "same asset",
        "return [b4.target(1.0, asset='A'),\n    b4.target(0.5, asset='A')]  # here",
        "two targets for A",
        "one target for each asset",
    ),
    (
        "budgets",
        "return [b4.target(1.0, asset='A'),\n    b4.target(0.5, asset='B', budget=2.0)]  # here",
        "budgets differ: 1 and 2",
        "the same budget",
    ),
    ("address", "return b4.target(m.close, asset='A')  # here", "an expression of every market", 'b4.asset("A")'),
    ("state", "s = b4.state(0.0)  # here\nreturn b4.target(s)", "has no next value", "s.next(expr)"),
    ("at fine", "w = m.at('90m').close  # here\nreturn b4.target(w)", "not a multiple of the base", "multiple of 1h"),
    ("at finer", "w = m.at('30m').close  # here\nreturn b4.target(w)", "not a multiple of the base", "on=b4.bars"),
    (
        "short window",
        "w = m.close.rolling('30m').mean()  # here\nreturn b4.target(w)",
        "shorter than",
        "multiple of 1h",
    ),
    ("one row", "w = m.close.rolling('1h').std()  # here\nreturn b4.target(w)", "too few rows", "at least 2h"),
    ("one pair", "w = m.close.rolling('1h').beta(m.open)  # here\nreturn b4.target(w)", "too few rows", "at least 2h"),
    ("uneven lag", "w = m.close.shift('90m')  # here\nreturn b4.target(w)", "not a multiple of", "multiple of 1h"),
]

CAPTURES = [
    ("time.time", "import time\nw = time.time()  # here", "wall clock through time.time", "bars_since"),
    ("from time", "from time import sleep, time\nw = time()  # here", "wall clock through time", "bars_since"),
    ("datetime", "import datetime\nw = datetime.datetime.now()  # here", "datetime.datetime.now", "b4.every"),
    ("today", "from datetime import date\nw = date.today()  # here", "date.today", "b4.every"),
    ("random", "import random\nw = random.random()  # here", "draws chance through random.random", "Leave it out"),
    ("numpy random", "import numpy as np\nw = np.random.normal()  # here", "np.random.normal", "Leave it out"),
    ("uuid", "import uuid\nw = uuid.uuid4()  # here", "uuid.uuid4", "Leave it out"),
    ("inner", "import time\nf = lambda: time.time()  # here", "time.time", "bars_since"),
    ("numpy log", "import numpy as np\nw = np.log(m.close)  # here", "np.log needs the values now", "x.log()"),
    ("numpy sin", "import numpy as np\nw = np.sin(m.close)  # here", "np.sin needs", "own methods"),
    ("numpy where", "import numpy as np\nw = np.where(m.close > 1, 1, 0)  # here", "np.where", "b4.where(cond, a, b)"),
    ("numpy maximum", "import numpy as np\nw = np.maximum(m.close, 1)  # here", "np.maximum", "b4.maximum(a, b)"),
    ("numpy array", "import numpy as np\nw = np.asarray(m.close)  # here", "NumPy or pandas function", "own methods"),
    (
        "operand",
        "import numpy as np\nlevels = np.arange(3.0)\nw = m.close * levels  # here",
        "levels (ndarray)",
        "b4.column",
    ),
    (
        "operand left",
        "import numpy as np\nlevels = np.arange(3.0)\nw = levels * m.close  # here",
        "(ndarray)",
        "b4.column",
    ),
]

ALL = [*TRUTH, *BUILTINS, *NAMES, *WINDOWS, *KINDS, *TARGETS, *CAPTURES]


@pytest.mark.parametrize(("body", "cause", "fix"), [case[1:] for case in ALL], ids=[case[0] for case in ALL])
def test_a_mistake_names_file_line_cause_and_fix(load_source: Loader, body: str, cause: str, fix: str) -> None:
    text = body_as_strategy(body)
    module = load_source(text)
    strategy: Strategy = module.s
    with pytest.raises(StrategyError) as caught:
        strategy.trace()
    error = caught.value
    guilty = next(i for i, line in enumerate((HEADER + text).splitlines(), start=1) if "# here" in line)
    assert (error.file, error.line) == (module.__file__, guilty)
    assert cause in error.cause
    assert fix in error.fix
    assert str(error).startswith(f"{module.__file__}:{guilty}: ")
    assert "\n" not in str(error)


def test_an_unknown_asset_offers_the_near_name(load_source: Loader) -> None:
    module = load_source(
        "@b4.strategy(on='1h')\ndef s(m):\n    btc = b4.asset('BTC/USD')\n    return b4.target(btc.close / btc.open)"
    )
    assert module.s.trace().nodes  # without symbols there is nothing to compare with
    with pytest.raises(StrategyError, match=r"'BTC/USD' is not in the data. Did you mean BTC/USDT\?") as caught:
        module.s.trace(symbols=["ETH/USDT", "BTC/USDT"])
    assert caught.value.line == 5
    with pytest.raises(StrategyError, match="The data holds X, Y"):
        module.s.trace(symbols=["X", "Y"])


def test_an_unknown_name_is_also_an_attribute_error() -> None:
    from bot4.strategy import market

    assert not hasattr(market().close, "iloc")
    assert not hasattr(market().close, "__dataframe__")


def test_a_truth_test_without_source_names_all_the_constructs() -> None:
    from bot4.strategy import market

    names: dict[str, object] = {"x": market().close}
    with pytest.raises(StrategyError, match=r"if, and, or, not, max\(\) and a < b < c need one answer now"):
        exec("if x:\n    pass", names)


def test_a_free_expression_has_no_position() -> None:
    from bot4.strategy import account, market, trace_expression

    for expression in (market().pos.qty, account.equity + market().close):
        with pytest.raises(StrategyError, match="exists only while a strategy runs"):
            trace_expression(expression, interval_ms=3_600_000)
