"""Brackets: an entry with its stop, trail and take, through gaps, partial fills and bars that touch both."""

from __future__ import annotations

from .scene import Scene, buy, orders, sell

FLAT = "100 100 100 100"
LONG = orders(buy("b", "market", 10, stop=5, take=10))  # filled at 100: stop 95, take 110
IN = "1 buy 10 @ 100 order/open"

SCENES = [
    Scene(
        "the take is a limit at entry + 10",
        bars=[FLAT, FLAT, "100 111 99 108"],
        program=LONG,
        strict=[IN, "2 sell 10 @ 110 take/through"],
        neutral=[IN, "2 sell 10 @ 110 take/touch"],
        naive=[IN, "2 sell 10 @ 110 take/touch"],
    ),
    Scene(
        "a take that is only touched is none in strict",
        bars=[FLAT, FLAT, "100 110 99 108"],
        program=LONG,
        strict=[IN],
        neutral=[IN, "2 sell 10 @ 110 take/touch"],
        naive=[IN, "2 sell 10 @ 110 take/touch"],
    ),
    Scene(
        "the stop is reached by the low",
        bars=[FLAT, FLAT, "100 101 95 96"],
        program=LONG,
        strict=[IN, "2 sell 10 @ 95 stop/trigger"],
        neutral=[IN, "2 sell 10 @ 95 stop/trigger"],
        naive=[IN, "2 sell 10 @ 95 stop/trigger"],
    ),
    Scene(
        "stop and take in one bar, low nearer: 10 down, 12 up",
        bars=[FLAT, FLAT, "100 112 90 105"],
        program=LONG,
        strict=[IN, "2 sell 10 @ 95 stop/trigger"],
        neutral=[IN, "2 sell 10 @ 95 stop/trigger"],
        naive=[IN, "2 sell 10 @ 110 take/touch"],
    ),
    Scene(
        "stop and take in one bar, high nearer: 11 up, 12 down",
        bars=[FLAT, FLAT, "100 111 88 95"],
        program=LONG,
        strict=[IN, "2 sell 10 @ 95 stop/trigger"],
        neutral=[IN, "2 sell 10 @ 110 take/touch"],
        naive=[IN, "2 sell 10 @ 110 take/touch"],
    ),
    Scene(
        "in the bar of the entry the stop may act in strict, the take only for the naive",
        bars=[FLAT, "100 112 90 105"],
        program=LONG,
        strict=[IN, "1 sell 10 @ 95 stop/trigger"],
        neutral=[IN, "1 sell 10 @ 95 stop/trigger"],
        naive=[IN, "1 sell 10 @ 110 take/touch"],
    ),
    Scene(
        "in the bar of the entry a take alone waits in strict",
        bars=[FLAT, "100 112 97 105"],
        program=LONG,
        strict=[IN],
        neutral=[IN, "1 sell 10 @ 110 take/touch"],
        naive=[IN, "1 sell 10 @ 110 take/touch"],
    ),
    Scene(
        "in the bar of the entry a stop alone spares the naive",
        bars=[FLAT, "100 104 90 97"],
        program=LONG,
        strict=[IN, "1 sell 10 @ 95 stop/trigger"],
        neutral=[IN, "1 sell 10 @ 95 stop/trigger"],
        naive=[IN],
    ),
    Scene(
        "a gap through the stop",
        bars=[FLAT, FLAT, "80 82 79 81"],
        program=LONG,
        strict=[IN, "2 sell 10 @ 80 gap_stop/gap_trigger"],
        neutral=[IN, "2 sell 10 @ 80 gap_stop/gap_trigger"],
        naive=[IN, "2 sell 10 @ 95 gap_stop/gap_trigger"],
    ),
    Scene(
        "a gap through the take",
        bars=[FLAT, FLAT, "120 121 119 120"],
        program=LONG,
        strict=[IN, "2 sell 10 @ 110 take/gap_limit"],
        neutral=[IN, "2 sell 10 @ 120 take/gap_limit"],
        naive=[IN, "2 sell 10 @ 120 take/gap_limit"],
    ),
    Scene(
        "a gap through the stop with half a spread of 1 %: in at 101, out at 80 - 1",
        bars=[FLAT, FLAT, "80 82 79 81"],
        program=LONG,
        strict=["1 buy 10 @ 101 order/open", "2 sell 10 @ 79 gap_stop/gap_trigger"],
        neutral=["1 buy 10 @ 101 order/open", "2 sell 10 @ 79 gap_stop/gap_trigger"],
        naive=[IN, "2 sell 10 @ 95 gap_stop/gap_trigger"],
        settings={"half_spread_e9": 10_000_000},
    ),
    Scene(
        "a limit entry and its stop in one falling bar",
        bars=[FLAT, "100 101 89 92"],
        program=orders(buy("b", "limit", 10, price=95, stop=5)),
        strict=["1 buy 10 @ 95 order/through", "1 sell 10 @ 90 stop/trigger"],
        neutral=["1 buy 10 @ 95 order/touch", "1 sell 10 @ 90 stop/trigger"],
        naive=["1 buy 10 @ 95 order/touch"],
    ),
    Scene(
        "a limit entry and its take in one bar: for the naive alone",
        bars=[
            "98 98 98 98",
            "98 101 94 99",
            "99 101 98 100",
        ],  # bar 1: 98, 101, 94, 99: after 95 it does not see 100 again
        program=orders(buy("b", "limit", 10, price=95, take=5)),
        strict=["1 buy 10 @ 95 order/through", "2 sell 10 @ 100 take/through"],
        neutral=["1 buy 10 @ 95 order/touch", "2 sell 10 @ 100 take/touch"],
        naive=["1 buy 10 @ 95 order/touch", "1 sell 10 @ 100 take/touch"],
    ),
    Scene(
        "the exits move with the average entry: 6 at 100 and 4 at 104 are 101.6, the stop is 96",
        bars=[FLAT, "100 100 100 100 6", "104 104 104 104", "104 104 96 100"],
        program=LONG,
        strict=["1 buy 6 @ 100 order/open", "2 buy 4 @ 104 order/open", "3 sell 10 @ 96 stop/trigger"],
        neutral=["1 buy 6 @ 100 order/open", "2 buy 4 @ 104 order/open", "3 sell 10 @ 96 stop/trigger"],
    ),
    Scene(
        "a stop without volume ends the entry and is sold at the next open",
        bars=[FLAT, "100 100 100 100 6", "100 100 94 94 2", "90 90 90 90"],
        program=LONG,
        strict=["1 buy 6 @ 100 order/open", "2 buy 2 @ 100 order/open", "3 sell 8 @ 90 stop/open"],
        ends=["b cancelled stopped", "b filled"],
    ),
    Scene(
        "what a take cannot fill rests at its price",
        bars=[FLAT, FLAT, "100 111 99 108 4", "108 109 107 108", "112 113 111 112"],
        program=LONG,
        strict=[IN, "2 sell 4 @ 110 take/through", "4 sell 6 @ 110 take/gap_limit"],
        neutral=[IN, "2 sell 4 @ 110 take/touch", "4 sell 6 @ 112 take/gap_limit"],
    ),
    Scene(
        "the trail follows the high of the bar of the entry, from the next bar on",
        bars=[FLAT, "100 112 99 110", "110 111 106 108"],
        program=orders(buy("b", "market", 10, trail=5)),
        strict=[IN, "2 sell 10 @ 107 trail/trigger"],
        neutral=[IN, "2 sell 10 @ 107 trail/trigger"],
        naive=[IN, "2 sell 10 @ 107 trail/trigger"],
    ),
    Scene(
        "of stop and trail the tighter counts",
        bars=[FLAT, FLAT, "100 100 96 98"],
        program=orders(buy("b", "market", 10, stop=3, trail=5)),
        strict=[IN, "2 sell 10 @ 97 stop/trigger"],
    ),
    Scene(
        "exits may be prices",
        bars=[FLAT, FLAT, "100 106 99 103"],
        program=orders(buy("b", "market", 10, stop_at=90, take_at=105)),
        strict=[IN, "2 sell 10 @ 105 take/through"],
    ),
    Scene(
        "a short bracket mirrors a long one",
        bars=[FLAT, FLAT, "100 104 89 92"],
        program=orders(sell("b", "market", 10, stop=5, take=10)),
        strict=["1 sell 10 @ 100 order/open", "2 buy 10 @ 90 take/through"],
        naive=["1 sell 10 @ 100 order/open", "2 buy 10 @ 90 take/touch"],
    ),
    Scene(
        "a grid: two rungs bought in one bar, each sold at its own take; the path meets the lower one first",
        bars=[FLAT, "100 100 95 97", "97 101 97 100"],
        program=orders(buy("1", "limit", 5, price=98, take=2), buy("2", "limit", 5, price=96, take=2)),
        strict=[
            "1 buy 5 @ 98 order/through",
            "1 buy 5 @ 96 order/through",
            "2 sell 5 @ 100 take/through",
            "2 sell 5 @ 98 take/through",
        ],
        neutral=[
            "1 buy 5 @ 98 order/touch",
            "1 buy 5 @ 96 order/touch",
            "2 sell 5 @ 98 take/touch",
            "2 sell 5 @ 100 take/touch",
        ],
    ),
    Scene(
        "when another order has closed the position, the bracket is free without an order",
        bars=[FLAT, FLAT, FLAT, "90 90 90 90"],
        program=orders(buy("b", "market", 10, stop=5, take=10), sell("x", "market", 10, reduce_only=True, at=1)),
        strict=[IN, "2 sell 10 @ 100 order/open"],
        ends=["b filled", "x filled"],
    ),
]
