"""Quotes are post-only limits on both sides that move with the inventory and stop at its limit."""

from __future__ import annotations

from typing import Any

import bot4 as b4
from bot4.strategy import Program
from bot4.strategy.build import Frame, build_program

HOUR = 3_600_000


def program(made: Any) -> Program:
    return build_program([made], Frame("s", "strategy", HOUR))


def prices(p: Program) -> dict[str, str]:
    return {o["key"]: p.lines[o["price"]].text for o in p.orders}


def masks(p: Program) -> dict[str, str]:
    return {o["key"]: p.lines[p.nodes[o["size"]["node"]].inputs[0]].text for o in p.orders}


def test_levels_lie_around_the_mid() -> None:
    m = b4.market()
    p = program(b4.quotes(m.close, 2, 0.1, levels=2, step=3))
    assert [(o["side"], o["kind"], o["post_only"]) for o in p.orders] == [(-1, "limit", True)] * 2 + [
        (1, "limit", True)
    ] * 2
    assert prices(p) == {
        "quote-ask-1": "close + 2 / 2",
        "quote-ask-2": "close + (2 / 2 + 3 * 1)",
        "quote-bid-1": "close - 2 / 2",
        "quote-bid-2": "close - (2 / 2 + 3 * 1)",
    }
    assert all(p.nodes[o["size"]["node"]].op == "const" for o in p.orders)


def test_the_inventory_moves_them_and_ends_them() -> None:
    m = b4.market()
    p = program(b4.quotes(m.close, 2, b4.size.qty(0.1), levels=2, skew=0.5, max_inventory=0.3))
    assert prices(p)["quote-bid-1"] == "close - 2 / 2 * 0.5 * (pos.qty / 0.3) - 2 / 2"
    assert masks(p) == {
        "quote-ask-1": "pos.qty >= -0.2",
        "quote-ask-2": "pos.qty >= -0.1",
        "quote-bid-1": "pos.qty <= 0.2",
        "quote-bid-2": "pos.qty <= 0.1",
    }
    assert p.feedback


def test_a_market_that_cannot_be_short_is_asked_only_what_is_held() -> None:
    m = b4.market()
    p = program(b4.quotes(m.close, 2, b4.size.notional(50), short=False, while_=m.close > 3, key="q"))
    assert masks(p) == {"q-ask-1": "(close > 3) & (pos.qty * close >= 50)", "q-bid-1": "close > 3"}
    own = program(b4.quotes(m.close, 2, m.close.vol(span=9), max_inventory=0.5, asset=None))
    assert masks(own)["quote-bid-1"].startswith("pos.weight <= 0.5 - ")
