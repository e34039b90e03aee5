"""Each method and function of the language becomes the node that docs/semantics.md defines, with its parameters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bot4.strategy import (
    CATALOGUE,
    Clock,
    Expr,
    Kind,
    NodeRow,
    View,
    account,
    asset,
    market,
    maximum,
    minimum,
    state,
    trace_expression,
    where,
)

HOUR = 3_600_000
DAY = 24 * HOUR

Method = Callable[[View], Expr]

ONE_COLUMN: list[tuple[str, Method, str, tuple[float, ...], str]] = [
    ("shift", lambda m: m.close.shift(), "shift", (1.0,), ""),
    ("shift 3", lambda m: m.close.shift(3), "shift", (3.0,), ""),
    ("shift 1d", lambda m: m.close.shift("1d"), "shift", (float(DAY),), "ms"),
    ("change", lambda m: m.close.change(2), "change", (2.0,), ""),
    ("returns", lambda m: m.close.returns(28), "returns", (28.0,), ""),
    ("log_return", lambda m: m.close.log_return(), "log_return", (1.0,), ""),
    ("rolling sum", lambda m: m.close.rolling(5).sum(), "roll_sum", (5.0,), ""),
    ("rolling mean", lambda m: m.close.rolling("30d").mean(), "roll_mean", (30.0 * DAY,), "ms"),
    ("rolling min", lambda m: m.close.rolling(5).min(), "roll_min", (5.0,), ""),
    ("rolling max", lambda m: m.close.rolling(5).max(), "roll_max", (5.0,), ""),
    ("rolling rank", lambda m: m.close.rolling(5).rank(), "roll_rank", (5.0,), ""),
    ("rolling var", lambda m: m.close.rolling(5).var(), "roll_var", (5.0, 1.0), ""),
    ("rolling std", lambda m: m.close.rolling(5).std(ddof=0), "roll_std", (5.0, 0.0), ""),
    ("rolling std 1", lambda m: m.close.rolling(1).std(ddof=0), "roll_std", (1.0, 0.0), ""),
    ("rolling zscore", lambda m: m.close.rolling("1w").zscore(), "roll_zscore", (7.0 * DAY, 1.0), "ms"),
    ("sma", lambda m: m.close.sma(10), "roll_mean", (10.0,), ""),
    ("ema", lambda m: m.close.ema(10), "ema", (10.0,), ""),
    ("ema numpy", lambda m: m.close.ema(int(np.int64(10))), "ema", (10.0,), ""),
    ("rma", lambda m: m.close.rma(10), "rma", (10.0,), ""),
    ("ewm mean", lambda m: m.close.ewm(span=19).mean(), "ewm_mean", (0.1,), ""),
    ("ewm std", lambda m: m.close.ewm(alpha=0.25).std(), "ewm_std", (0.25,), ""),
    ("ewm_mean", lambda m: m.close.ewm_mean(halflife=1), "ewm_mean", (0.5,), ""),
    ("ewm_std", lambda m: m.close.ewm_std(span=3), "ewm_std", (0.5,), ""),
    ("rsi", lambda m: m.close.rsi(14), "rsi", (14.0,), ""),
    ("abs", lambda m: m.close.abs(), "abs", (), ""),
    ("sign", lambda m: m.close.sign(), "sign", (), ""),
    ("sqrt", lambda m: m.close.sqrt(), "sqrt", (), ""),
    ("log", lambda m: m.close.log(), "log", (), ""),
    ("exp", lambda m: m.close.exp(), "exp", (), ""),
    ("neg", lambda m: -m.close, "neg", (), ""),
    ("is_missing", lambda m: m.close.is_missing(), "is_missing", (), ""),
    ("cs.rank", lambda m: m.close.cs.rank(), "cs_rank", (), ""),
    ("cs.zscore", lambda m: m.close.cs.zscore(), "cs_zscore", (), ""),
    ("cs.demean", lambda m: m.close.cs.demean(), "cs_demean", (), ""),
    ("cs.scale", lambda m: m.close.cs.scale(gross=2), "cs_scale", (2.0,), ""),
    ("cs.scale sides", lambda m: m.close.cs.scale(long=0.5, short=0.25), "cs_scale", (0.5, 0.25), ""),
    ("cs.bucket", lambda m: m.close.cs.bucket(5), "cs_bucket", (5.0,), ""),
    ("cs.top", lambda m: m.close.cs.top(3), "cs_top", (3.0,), ""),
]


@pytest.mark.parametrize(("method", "op", "f", "s"), [c[1:] for c in ONE_COLUMN], ids=[c[0] for c in ONE_COLUMN])
def test_a_method_of_one_column_becomes_its_node(method: Method, op: str, f: tuple[float, ...], s: str) -> None:
    nodes = trace_expression(method, interval_ms=HOUR).nodes
    assert nodes[0] == NodeRow("col", (), (), "close")
    assert nodes[1].op == op
    assert nodes[1].inputs == (0,)
    assert nodes[1].f == pytest.approx(f, rel=1e-15)
    assert nodes[1].s == s
    assert len(nodes) == 2


TWO_COLUMNS: list[tuple[Method, str]] = [
    (lambda m: m.open + m.close, "add"),
    (lambda m: m.open - m.close, "sub"),
    (lambda m: m.open * m.close, "mul"),
    (lambda m: m.open / m.close, "div"),
    (lambda m: m.open**m.close, "pow"),
    (lambda m: m.open < m.close, "lt"),
    (lambda m: m.open <= m.close, "le"),
    (lambda m: m.open > m.close, "gt"),
    (lambda m: m.open >= m.close, "ge"),
    (lambda m: m.open == m.close, "eq"),
    (lambda m: m.open != m.close, "ne"),
    (lambda m: minimum(m.open, m.close), "minimum"),
    (lambda m: maximum(m.open, m.close), "maximum"),
    (lambda m: m.open.clip(lower=m.close), "maximum"),
    (lambda m: m.open.clip(upper=m.close), "minimum"),
    (lambda m: m.open.fill_missing(m.close), "fill_missing"),
    (lambda m: m.open.crosses_above(m.close), "crosses_above"),
    (lambda m: m.open.crosses_below(m.close), "crosses_below"),
    (lambda m: m.open.rolling(9).corr(m.close), "roll_corr"),
    (lambda m: m.open.rolling(9).beta(m.close), "roll_beta"),
]


@pytest.mark.parametrize(("method", "op"), TWO_COLUMNS, ids=[c[1] for c in TWO_COLUMNS])
def test_a_node_of_two_columns_keeps_their_order_unless_it_commutes(method: Method, op: str) -> None:
    nodes = trace_expression(method, interval_ms=HOUR).nodes
    assert nodes[-1].op == op
    columns = [nodes[i].s for i in nodes[-1].inputs]
    assert columns == ["open", "close"] if not CATALOGUE[op].commutes else sorted(columns) == ["close", "open"]


def test_numbers_stand_on_either_side() -> None:
    m = market()
    shown = [
        2 + m.close,
        2 - m.close,
        2 * m.close,
        2 / m.close,
        2**m.close,
        m.close - 2,
        m.close**2,
        m.close > 2,
        np.float64(2) - m.close,
    ]
    assert [x.name for x in shown] == [
        "2 + close",
        "2 - close",
        "2 * close",
        "2 / close",
        "2 ** close",
        "close - 2",
        "close ** 2",
        "close > 2",
        "2 - close",
    ]
    # NumPy's own types do not know that its scalars defer to expressions.
    by_numpy: list[Any] = [np.float64(2) > m.close, np.int64(2) == m.close, np.float64(2) ** m.close]
    assert [x.name for x in by_numpy] == ["close < 2", "close == 2", "2 ** close"]


def test_logic_of_conditions() -> None:
    m = market()
    a, b = m.close > 1, m.open > 2
    assert [x.name for x in (a & b, a | b, a ^ b, ~a, a & True, False | a)] == [
        "(close > 1) & (open > 2)",
        "(close > 1) | (open > 2)",
        "(close > 1) != (open > 2)",
        "~(close > 1)",
        "(close > 1) & True",
        "False | (close > 1)",
    ]
    assert (True ^ a).name == "True != (close > 1)"
    assert (a == b).kind is Kind.BOOL
    assert (a != b).name == "(close > 1) != (open > 2)"


def test_kinds_follow_the_operations() -> None:
    m = market()
    event = m.close.crosses_above(m.open)
    condition = m.close > m.open
    kinds = {
        "number": [
            m.close,
            m.close + 1,
            m.pos.qty,
            m.close.ema(3),
            condition.rolling(3).sum(),
            m.close * account.equity,
        ],
        "scalar": [account.equity, account.equity / 2, where(account.drawdown < -0.1, 0, 1), minimum(1, 2)],
        "bool": [
            condition,
            event | condition,
            ~event,
            m.pos.flat,
            m.pos.is_open,
            m.close.is_missing(),
            where(condition, event, condition),
        ],
        "event": [event, event & condition, event | event, event.shift(1), where(condition, event, event)],
    }
    for kind, expressions in kinds.items():
        assert {x.kind.value for x in expressions} == {kind}
    assert {k.value for k in Kind} >= {"matrix", "label", "model"}
    assert condition.shift(2).kind is Kind.BOOL
    assert where(condition, True, m.close > 2).kind is Kind.BOOL


def test_every_expression_knows_its_clock_and_scope() -> None:
    m = market()
    slow = m.at("4h").close
    assert m.close.clock == Clock()
    assert slow.ema(3).clock == Clock(4 * HOUR)
    assert (slow + m.close).clock == Clock()
    assert (slow + m.at("1d").close).clock == Clock()
    assert minimum(1, 2).clock is None
    assert minimum(1, 2).scope is None
    assert account.equity.scope is None
    btc, eth = asset("BTC"), asset("ETH")
    scopes = [(btc.close / eth.close).scope, (eth.close / btc.close).scope, (m.close / btc.close).scope]
    assert [s.symbol if s else "?" for s in scopes] == ["BTC", "ETH", None]
    assert (btc.at("4h").close / eth.at("4h").close).clock == Clock()  # two assets meet on the base clock


def test_volatility_is_annualised_by_its_own_clock() -> None:
    for view, interval in ((market(), HOUR), (market().at("1d"), DAY)):
        nodes = trace_expression(view.close.vol(span=30), interval_ms=HOUR).nodes
        assert [n.op for n in nodes if n.op not in ("const", "carry")] == ["col", "log_return", "ewm_std", "mul"]
        (factor,) = [n.f[0] for n in nodes if n.op == "const"]
        assert factor == math.sqrt(365 * DAY / interval)


def test_wilders_ranges_take_high_low_close() -> None:
    for expression, op, f in ((market().atr(14), "atr", (14.0,)), (market().true_range(), "true_range", ())):
        nodes = trace_expression(expression, interval_ms=HOUR).nodes
        assert [n.s for n in nodes[:3]] == ["high", "low", "close"]
        assert nodes[3] == NodeRow(op, (0, 1, 2), f)


def test_a_mask_is_missing_where_it_is_false() -> None:
    m = market()
    nodes = trace_expression(m.close.where(m.open > 1), interval_ms=HOUR).nodes
    assert [n.op for n in nodes] == ["col", "const", "gt", "col", "const", "sqrt", "where"]
    assert m.close.where(m.open > 1).name == "where(open > 1, close, missing)"


def test_clip_between_and_hold() -> None:
    m = market()
    shown = [m.close.clip(0, m.open), m.close.between(1, 2), m.close.hold_when(m.open > 1), (m.close > 1).bars_since()]
    assert [x.name for x in shown] == [
        "clip(close, 0, open)",
        "between(close, 1, 2)",
        "hold_when(close, open > 1)",
        "bars_since(close > 1)",
    ]


def test_states_take_an_expression_or_a_function() -> None:
    m = market()
    by_function = state(0.0).next(lambda before: where(m.close > m.open, before + 1, 0.0))
    s = state(0)
    by_expression = s.next(where(m.close > m.open, s + 1, 0.0))
    one, other = (trace_expression(x, interval_ms=HOUR).json for x in (by_function, by_expression))
    assert one == other
    assert state(True).name == "state(True)"
    assert state(0.5).name == "state(0.5)"
    row = trace_expression(state(True).next(m.close > 1), interval_ms=HOUR).nodes[0]
    assert (row.op, row.f) == ("state", (1.0,))


def test_positions_and_the_account_are_fields() -> None:
    fields = "qty weight avg_price first_fill last_fill units bars_held pnl mae mfe pending flat is_open".split()
    for name in fields:
        x = getattr(market().pos, name)
        assert (x.op, x.s, x.name) == ("pos", name, f"pos.{name}")
    for name in ("equity", "cash", "gross", "drawdown"):
        x = getattr(account, name)
        assert (x.op, x.s, x.name) == ("account", name, f"account.{name}")
    assert asset("BTC/USDT").pos.qty.name == "BTC/USDT.pos.qty"


def test_views_show_themselves() -> None:
    assert repr(market()) == "<market of each asset>"
    assert repr(asset("BTC/USDT").at("4h")) == "<market of BTC/USDT at 4h>"
    assert asset("BTC/USDT").at("4h").close.name == "BTC/USDT.close@4h"


def test_text_is_what_one_would_write() -> None:
    m = market()
    shown = {
        "ema(close, 24) > ema(close, 168)": m.close.ema(24) > m.close.ema(168),
        "(close - open) / (high - low)": (m.close - m.open) / (m.high - m.low),
        "close - (open - high)": m.close - (m.open - m.high),
        "-(close + 1)": -(m.close + 1),
        "rolling_std(close, 20, ddof=0)": m.close.rolling(20).std(ddof=0),
        "rolling_zscore(volume, 30d)": m.volume.rolling("30d").zscore(),
        "ewm_mean(close, alpha=0.1)": m.close.ewm(span=19).mean(),
        "cs.scale(close, long=0.5, short=0.5)": m.close.cs.scale(long=0.5, short=0.5),
        "cs.scale(close, gross=1)": m.close.cs.scale(1),
        "shift(close, 1w)": m.close.shift("1w"),
    }
    assert {text: x.name for text, x in shown.items()} == {text: text for text in shown}
    assert repr(m.close + 0.1) == "close + 0.1"
