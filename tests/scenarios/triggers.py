"""Stops, stop-limits, take-profits and trailing orders, and orders that depend on one another."""

from __future__ import annotations

from .scene import Scene, buy, orders, sell

FLAT = "100 100 100 100"
ONE_PERCENT = {"half_spread_e9": 10_000_000}

SCENES = [
    Scene(
        "a buy stop pays half the spread on top of its trigger",
        bars=[FLAT, "100 106 99 104"],
        program=orders(buy("up", "stop", 5, trigger=105)),
        strict=["1 buy 5 @ 107 order/trigger"],  # 105 and 1.05, rounded up
        neutral=["1 buy 5 @ 107 order/trigger"],
        naive=["1 buy 5 @ 105 order/trigger"],
        settings=ONE_PERCENT,
    ),
    Scene(
        "a gap over a buy stop fills at the open, except for the naive",
        bars=[FLAT, "108 109 107 108"],
        program=orders(buy("up", "stop", 5, trigger=105)),
        strict=["1 buy 5 @ 108 order/gap_trigger"],
        neutral=["1 buy 5 @ 108 order/gap_trigger"],
        naive=["1 buy 5 @ 105 order/gap_trigger"],
    ),
    Scene(
        "a sell stop is reached by the low alone",
        bars=[FLAT, "100 101 95 98"],
        program=orders(sell("down", "stop", 5, trigger=95)),
        strict=["1 sell 5 @ 95 order/trigger"],
        neutral=["1 sell 5 @ 95 order/trigger"],
        naive=["1 sell 5 @ 95 order/trigger"],
    ),
    Scene(
        "a take-profit is a market order from its trigger on",
        bars=[FLAT, "100 110 99 105"],
        program=orders(sell("win", "take_profit", 5, trigger=110)),
        strict=["1 sell 5 @ 108 order/trigger"],  # 110 less 1.1, rounded up
        naive=["1 sell 5 @ 110 order/trigger"],
        settings=ONE_PERCENT,
    ),
    Scene(
        "a gap over a take-profit is a gift that only strict and neutral hand out",
        bars=[FLAT, "115 116 114 115"],
        program=orders(sell("win", "take_profit", 5, trigger=110)),
        strict=["1 sell 5 @ 115 order/gap_trigger"],
        neutral=["1 sell 5 @ 115 order/gap_trigger"],
        naive=["1 sell 5 @ 110 order/gap_trigger"],
    ),
    Scene(
        "a stop-limit below its own trigger waits for the price to come back",
        bars=[FLAT, "100 106 99 105", "104 105 102 103"],
        program=orders(buy("up", "stop_limit", 5, trigger=105, price=104)),
        strict=["2 buy 5 @ 104 order/through"],
        neutral=["2 buy 5 @ 104 order/touch"],
        naive=["2 buy 5 @ 104 order/touch"],
        evidence=["up in_flight 1"],  # triggered in bar 1, whose range held its price too
    ),
    Scene(
        "a stop-limit with room fills where it is triggered",
        bars=[FLAT, "100 107 99 105"],
        program=orders(buy("up", "stop_limit", 5, trigger=105, price=106)),
        strict=["1 buy 5 @ 105 order/trigger"],
        neutral=["1 buy 5 @ 105 order/trigger"],
        naive=["1 buy 5 @ 105 order/trigger"],
    ),
    Scene(
        "a stop-limit that the open jumps over rests at its limit",
        bars=[FLAT, "110 111 108 109", "109 109 105 106"],
        program=orders(buy("up", "stop_limit", 5, trigger=105, price=106)),
        strict=["2 buy 5 @ 106 order/through"],
        neutral=["2 buy 5 @ 106 order/touch"],
    ),
    Scene(
        "a trailing sell follows the highs of bars that are over",
        bars=[FLAT, "100 110 98 108", "108 109 104 106"],
        program=orders(sell("trail", "trailing", 5, distance=5)),
        strict=["2 sell 5 @ 105 order/trigger"],  # 95 at first; 110 - 5 after bar 1
        neutral=["2 sell 5 @ 105 order/trigger"],
        naive=["2 sell 5 @ 105 order/trigger"],
    ),
    Scene(
        "a gap through a trailing sell",
        bars=[FLAT, "100 110 98 108", "103 104 102 103"],
        program=orders(sell("trail", "trailing", 5, distance=5)),
        strict=["2 sell 5 @ 103 order/gap_trigger"],
        neutral=["2 sell 5 @ 103 order/gap_trigger"],
        naive=["2 sell 5 @ 105 order/gap_trigger"],
    ),
    Scene(
        "one cancels the other: with both stops in reach the first key acts in strict, the nearer extreme in neutral",
        bars=[FLAT, "100 105 94 101"],
        program=orders(
            buy("a-up", "stop", 5, trigger=104, oco="pair"), sell("b-down", "stop", 5, trigger=95, oco="pair")
        ),
        strict=["1 buy 5 @ 104 order/trigger"],
        neutral=["1 buy 5 @ 104 order/trigger"],  # high first: 5 up, 6 down
        naive=["1 buy 5 @ 104 order/trigger"],
        ends=["a-up filled", "b-down cancelled oco"],
    ),
    Scene(
        "the nearer extreme decides which side of a pair comes first",
        bars=[FLAT, "100 107 94 101"],
        program=orders(
            buy("a-up", "stop", 5, trigger=104, oco="pair"), sell("b-down", "stop", 5, trigger=95, oco="pair")
        ),
        strict=["1 buy 5 @ 104 order/trigger"],
        neutral=["1 sell 5 @ 95 order/trigger"],  # low first: 6 down, 7 up
    ),
    Scene(
        "one triggers the other: the exit is sent once the entry is filled",
        bars=[FLAT, FLAT, "100 106 99 104"],
        program=orders(
            buy("in", "market", 5), sell("out", "limit", 5, price=105, after="in", reduce_only=True, keep=True)
        ),
        strict=["1 buy 5 @ 100 order/open", "2 sell 5 @ 105 order/through"],
        ends=["in filled", "out filled"],
    ),
    Scene(
        "reduce-only is cut to what there is to reduce",
        bars=[FLAT, FLAT, FLAT],
        program=orders(buy("in", "market", 5), sell("out", "market", 9, reduce_only=True, at=1)),
        strict=["1 buy 5 @ 100 order/open", "2 sell 5 @ 100 order/open"],
        ends=["in filled", "out filled reduce_only"],
    ),
    Scene(
        "reduce-only with nothing to reduce is refused",
        bars=[FLAT, FLAT],
        program=orders(sell("out", "market", 9, reduce_only=True)),
        strict=[],
        ends=["out rejected reduce_only"],
    ),
    Scene(
        "a market order does not chase beyond its collar",
        bars=[FLAT, "112 113 111 112"],
        program=orders(buy("in", "market", 5)),
        strict=[],
        naive=[],
        ends=["in cancelled collar"],  # 12 % away from the close it was decided on
        settings={"collar_e9": 100_000_000},
    ),
]
