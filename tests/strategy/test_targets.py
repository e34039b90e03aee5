"""Targets, stops and free expressions, as they stand in the program."""

from __future__ import annotations

import pytest

from bot4.strategy import StrategyError, asset, market, stop, target, trace_expression, where
from bot4.strategy.build import Frame, build_program

HOUR = 3_600_000
DAY = 24 * HOUR


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
