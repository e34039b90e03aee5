"""Each method and function of the language becomes the node that docs/semantics.md defines, with its parameters."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot4.strategy import (
    CATALOGUE,
    Clock,
    Expr,
    Kind,
    NodeRow,
    StrategyError,
    View,
    account,
    asset,
    market,
    maximum,
    minimum,
    state,
    stop,
    target,
    trace_expression,
    where,
)
from bot4.strategy.build import Frame, build_program

HOUR = 3_600_000
DAY = 24 * HOUR
DESIGN = Path(__file__).resolve().parents[2] / "docs" / "design.md"

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


def test_a_clock_of_the_base_interval_is_the_base_clock() -> None:
    m = market()
    assert trace_expression(m.at("1h").close + m.close, interval_ms=HOUR).nodes == (
        NodeRow("col", (), (), "close"),
        NodeRow("add", (0, 0)),
    )


def test_assets_on_slower_clocks_are_carried_then_picked() -> None:
    spread = asset("A").at("4h").close - asset("B").at("4h").close
    rows = trace_expression(spread, interval_ms=HOUR).nodes
    assert [(n.op, n.s, n.clock, n.only) for n in rows] == [
        ("col", "close", 1, "A"),
        ("carry", "", 0, "A"),
        ("col", "close", 1, "B"),
        ("carry", "", 0, "B"),
        ("pick", "B", 0, "A"),
        ("sub", "", 0, "A"),
    ]


def test_events_are_picked_and_carried_as_events() -> None:
    event = asset("A").at("4h").close.crosses_above(asset("A").at("4h").open)
    ops = [n.op for n in trace_expression(event & (market().close > 1), interval_ms=HOUR).nodes]
    assert "carry_event" in ops
    assert "pick_event" in ops


def test_a_window_over_parts_that_met_on_the_base_clock_is_reported() -> None:
    mixed = market().at("4h").close / market().at("1d").close
    program = trace_expression(mixed.rolling(30).mean(), interval_ms=HOUR)
    assert len(program.warnings) == 1
    assert "counts bars of 1h" in program.warnings[0]
    assert trace_expression((mixed * market().close).rolling(30).mean(), interval_ms=HOUR).warnings == ()


def test_an_event_used_as_a_level_is_reported() -> None:
    m = market()
    event = m.close.crosses_above(m.open)
    frame = Frame("s", "strategy", HOUR)
    program = build_program([target(where(event, 1.0, 0.0) * 0.5)], frame)
    assert "is true on one bar only" in program.warnings[0]
    assert "b4.latch" in program.warnings[0]
    held = where(event, 1.0, where(m.close.crosses_below(m.open), 0.0, m.close.where(m.close < 0)))
    assert build_program([target(held)], frame).warnings == ()


def test_targets_and_stops_are_written_as_designed() -> None:
    m = market()
    t = target(
        notional=m.close * 10,
        band=0.05,
        budget=2,
        rearm="12h",
        stop=[stop.fixed(pct=0.05), stop.trailing(3 * m.atr(14)), stop.time("3d")],
    )
    (written,) = build_program([t], Frame("s", "strategy", HOUR)).targets
    assert {k: written[k] for k in ("kind", "asset", "band", "budget", "rearm")} == {
        "kind": "notional",
        "asset": None,
        "band": 0.05,
        "budget": 2.0,
        "rearm": {"mode": "cooldown", "ms": 12 * HOUR},
    }
    assert [set(s) for s in written["stops"]] == [{"kind", "node"}, {"kind", "node"}, {"kind", "ms"}]
    assert written["stops"][2] == {"kind": "time", "ms": 3 * DAY}
    modes = [
        build_program([target(qty=1, rearm=r, stop=stop.time(5))], Frame("s", "strategy", HOUR)).targets[0]
        for r in ("immediate", 6)
    ]
    assert [w["rearm"] for w in modes] == [{"mode": "immediate"}, {"mode": "cooldown", "bars": 6}]
    assert modes[0]["stops"] == [{"kind": "time", "bars": 5}]
    assert modes[0]["kind"] == "qty"


def test_a_stop_of_an_addressed_target_uses_that_assets_price() -> None:
    program = build_program([target(0.5, asset="A", stop=stop.fixed(pct=0.1))], Frame("s", "strategy", HOUR))
    assert {n.only for n in program.nodes} == {"A"}
    assert sorted(n.op for n in program.nodes) == ["col", "const", "const", "mul"]


def test_another_assets_expression_may_drive_all() -> None:
    program = build_program([target(where(asset("BTC").close > 1, 1.0, 0.0))], Frame("s", "strategy", HOUR))
    assert [n.op for n in program.nodes][-1] == "pick"
    assert program.nodes[-1].only is None


def test_peeking_takes_expressions_functions_lists_and_dictionaries() -> None:
    m = market()
    assert trace_expression(m.close, interval_ms=HOUR).outputs == {"close": 0}
    assert trace_expression(lambda m: m.close.ema(10), interval_ms=HOUR).outputs == {"ema(close, 10)": 1}
    assert trace_expression([m.close, lambda m: m.open], interval_ms=HOUR).outputs == {"close": 0, "open": 1}
    named = trace_expression({"fast": m.close.ema(3), "again": m.close.ema(3)}, interval_ms=HOUR)
    assert named.outputs == {"fast": 1, "again": 1}
    assert trace_expression(lambda u: u.close.cs.rank(), interval_ms=HOUR).targets == ()
    with pytest.raises(StrategyError, match="'X' is not in the data"):
        trace_expression(asset("X").close, interval_ms=HOUR, symbols=["A"])


def catalogue_of_the_design() -> set[str]:
    """Returns the names in the node catalogue of docs/design.md: in back quotes, before the colon-less remarks in parentheses."""
    text = DESIGN.read_text().partition("### Node catalogue")[2].partition("\n## ")[0]
    names: set[str] = set()
    for line in text.splitlines():
        for quoted in re.findall(r"`([a-z_ ]+)`", line.partition(":")[2]):
            names.update(quoted.split())
    return names


def test_the_catalogue_is_the_designs() -> None:
    assert set(CATALOGUE) == catalogue_of_the_design()


def test_the_engine_knows_every_node_with_as_many_inputs() -> None:
    engine = pytest.importorskip("bot4._engine", reason="the engine is not built")
    known = {name: inputs for name, _, inputs in engine.catalogue()}
    assert {name: len(op.takes) for name, op in CATALOGUE.items()} == {name: known.get(name) for name in CATALOGUE}


@pytest.mark.parametrize("method", [c[1] for c in ONE_COLUMN] + [c[0] for c in TWO_COLUMNS])
def test_the_engine_accepts_what_the_tracer_writes(method: Method) -> None:
    engine = pytest.importorskip("bot4._engine", reason="the engine is not built")
    program = trace_expression(method, interval_ms=HOUR)
    described = engine.describe(program.json, ["A", "B"])
    assert len(described["identity"]) == 64  # BLAKE3 in hex
