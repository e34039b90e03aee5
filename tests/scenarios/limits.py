"""Limit orders: touched, passed, marketable, too large for the bar, too late."""

from __future__ import annotations

from .scene import Scene, buy, orders, sell

FLAT = "100 100 100 100"
ONE_PERCENT = {"half_spread_e9": 10_000_000}

SCENES = [
    Scene(
        "a buy limit that is only touched is filled by those who do not look closely",
        bars=[FLAT, "100 101 95 99", "99 100 94 98"],
        program=orders(buy("dip", "limit", 5, price=95)),
        strict=["2 buy 5 @ 95 order/through"],  # bar 1 stops at 95, bar 2 goes through it
        neutral=["1 buy 5 @ 95 order/touch"],
        naive=["1 buy 5 @ 95 order/touch"],
    ),
    Scene(
        "a sell limit mirrors it",
        bars=[FLAT, "100 105 99 104", "104 106 103 105"],
        program=orders(sell("rip", "limit", 5, price=105)),
        strict=["2 sell 5 @ 105 order/through"],
        neutral=["1 sell 5 @ 105 order/touch"],
        naive=["1 sell 5 @ 105 order/touch"],
    ),
    Scene(
        "a touched limit keeps the evidence of why it was not filled",
        bars=[FLAT, "100 101 95 99"],
        program=orders(buy("dip", "limit", 5, price=95)),
        strict=[],
        ends=["dip working"],
        evidence=["dip not_through 1"],
    ),
    Scene(
        "an open beyond a resting limit improves nothing in strict",
        bars=[FLAT, "99 99 97 98", "90 92 89 91"],
        program=orders(buy("dip", "limit", 5, price=95)),
        strict=["2 buy 5 @ 95 order/gap_limit"],
        neutral=["2 buy 5 @ 90 order/gap_limit"],
        naive=["2 buy 5 @ 90 order/gap_limit"],
    ),
    Scene(
        "a limit that is marketable when it arrives takes, and pays half the spread",
        bars=[FLAT, FLAT],
        program=orders(buy("now", "limit", 5, price=105)),
        strict=["1 buy 5 @ 101 order/open_limit"],  # 100 and 1 %
        neutral=["1 buy 5 @ 101 order/open_limit"],
        naive=["1 buy 5 @ 100 order/open_limit"],
        settings=ONE_PERCENT,
    ),
    Scene(
        "but never beyond its price",
        bars=[FLAT, FLAT],
        program=orders(buy("now", "limit", 5, price=100)),
        strict=["1 buy 5 @ 100 order/open_limit"],
        settings=ONE_PERCENT,
    ),
    Scene(
        "post-only would rather not trade than take",
        bars=[FLAT, "99 100 90 95"],
        program=orders(buy("quote", "limit", 5, price=99, post_only=True)),
        strict=[],
        neutral=[],
        naive=[],
        ends=["quote cancelled would_take"],
    ),
    Scene(
        "immediate or cancel takes what the bar gives and ends",
        bars=[FLAT, "100 100 100 100 3", FLAT],
        program=orders(buy("now", "limit", 5, price=100, tif="ioc")),
        strict=["1 buy 3 @ 100 order/open_limit"],
        naive=["1 buy 5 @ 100 order/open_limit"],
        ends=["now cancelled ioc"],
    ),
    Scene(
        "fill or kill wants all or nothing",
        bars=[FLAT, "100 100 100 100 4", FLAT],
        program=orders(buy("now", "limit", 5, price=100, tif="fok")),
        strict=[],
        ends=["now cancelled fok"],
    ),
    Scene(
        "good till date ends before the bar that would have filled it",
        bars=[FLAT, "100 101 97 99", "99 99 90 91"],
        program=orders(buy("dip", "limit", 5, price=95, tif="gtd", expires={"bars": 1})),
        strict=[],
        neutral=[],
        naive=[],
        ends=["dip cancelled expired"],
    ),
    Scene(
        "a large order takes its share of each bar",
        bars=[FLAT, "100 100 94 96 1000", "96 97 93 94 1000"],
        program=orders(buy("dip", "limit", 25, price=95)),
        strict=["1 buy 10 @ 95 order/through", "2 buy 10 @ 95 order/through"],  # 1 % of 1,000 each
        neutral=["1 buy 25 @ 95 order/touch"],
        ends=["dip working"],
        evidence=["dip volume_cap 2"],
        settings={"volume_share_e9": 10_000_000},
    ),
    Scene(
        "two orders at one price share the bar in the order of their keys",
        bars=[FLAT, "100 100 94 95 7"],
        program=orders(buy("b", "limit", 5, price=95), buy("a", "limit", 5, price=95)),
        strict=["1 buy 5 @ 95 order/through", "1 buy 2 @ 95 order/through"],
        ends=["a filled", "b working"],
    ),
    Scene(
        "an order on its way misses the bar that would have filled it",
        bars=[FLAT, "100 100 90 99", "99 100 98 99"],
        program=orders(buy("dip", "limit", 5, price=95)),
        strict=[],
        neutral=[],
        naive=["1 buy 5 @ 95 order/touch"],
        evidence=["dip in_flight 1"],
        settings={"latency_ms": 3_600_000},
    ),
    Scene(
        "makers pay the maker's fee: 5 lots at 95 and 0.1 %",
        bars=[FLAT, "100 100 94 95"],
        program=orders(buy("dip", "limit", 5, price=95)),
        strict=["1 buy 5 @ 95 order/through"],
        equity=1000 - 0.475,  # marked at 95
        settings={"maker_e9": 1_000_000, "taker_e9": 10_000_000},
    ),
    Scene(
        "a changed price is a new order",
        bars=[FLAT, "100 101 97 99", "99 99 95 96"],
        program=orders(buy("dip", "limit", 5, price=[95, 96, 96], keep=True)),
        strict=["2 buy 5 @ 96 order/through"],
        ends=[
            "dip cancelled replaced",
            "dip filled",
            "dip working",
        ],  # a filled key that is still asked for is sent again
    ),
    Scene(
        "a moment that has passed ends with `until`",
        bars=[FLAT, "100 101 97 99", "99 99 90 91"],
        program=orders(buy("dip", "limit", 5, price=95, until=[0, 1, 0])),
        strict=[],
        ends=["dip cancelled withdrawn"],
    ),
]
