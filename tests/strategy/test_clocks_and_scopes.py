"""Where clocks and assets meet: carry, pick, and what is said about windows there."""

from __future__ import annotations

from bot4.strategy import NodeRow, asset, market, trace_expression

HOUR = 3_600_000


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
