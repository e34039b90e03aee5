"""Accounts: funding, margin and liquidation. 10 lots at 100 with leverage 10 set 100 of the 1,000 aside."""

from __future__ import annotations

from typing import Any

from .scene import Scene, target
from .stage import HOUR

FLAT = "100 100 100 100"
IN = "1 buy 10 @ 100 target/open"
RATE = 5_000_000  # 0.5 % to be kept


def margin(mode: str) -> dict[str, Any]:
    return {"margin": {"mode": mode, "leverage_e9": 10 * 10**9, "tiers": [[0, RATE, 0]], "liquidation_fee_e9": 0}}


SCENES = [
    Scene(
        "a long pays a funding of 1 % at the hour of the bar, on 10 lots at 100",
        bars=[FLAT, FLAT, FLAT],
        program=target(10),
        strict=[IN],
        equity=990,
        settings={"funding": [(2 * HOUR, 0.01)]},
    ),
    Scene(
        "funding at the minute of the entry finds no position yet",
        bars=[FLAT, FLAT],
        program=target(10),
        strict=[IN],
        equity=1000,
        settings={"funding": [(HOUR, 0.01)]},
    ),
    Scene(
        "a negative rate pays the long; a settlement some milliseconds late belongs to its bar",
        bars=[FLAT, FLAT, FLAT],
        program=target(10),
        strict=[IN],
        equity=1010,
        settings={"funding": [(2 * HOUR + 8, -0.01)]},
    ),
    Scene(
        "an isolated long is liquidated at (1,000 - 100) / (10 * 0.995) = 90.45, rounded up",
        bars=[FLAT, FLAT, "100 100 85 95"],
        program=target(10),
        strict=[IN, "2 sell 10 @ 91 liquidation/liquidation"],
        neutral=[IN],  # the close, 95, is not there
        naive=[IN],
        equity=910,
        settings=margin("isolated"),
    ),
    Scene(
        "a tighter stop comes before the liquidation",
        bars=[FLAT, FLAT, "100 100 85 95"],
        program=target(10, fixed=5),
        strict=[IN, "2 sell 10 @ 95 stop_fixed/trigger"],
        equity=950,
        settings=margin("isolated"),
    ),
    Scene(
        "a gap beyond the liquidation price costs no more than the margin: the venue's fund takes the rest",
        bars=[FLAT, FLAT, "80 81 79 80"],
        program=target(10),
        strict=[IN, "2 sell 10 @ 80 liquidation/liquidation"],
        neutral=[IN, "2 sell 10 @ 80 liquidation/liquidation"],
        naive=[IN, "2 sell 10 @ 80 liquidation/liquidation"],
        equity=900,
        settings=margin("isolated"),
    ),
    Scene(
        "a cross long of ten times the account: 90 lots at 100 go at (9,000 - 1,000) / (90 * 0.995) = 89.34",
        bars=[FLAT, FLAT, "95 95 85 92"],
        program=target(90),
        strict=["1 buy 90 @ 100 target/open", "2 sell 90 @ 90 liquidation/liquidation"],
        equity=100,
        settings=margin("cross"),
    ),
    Scene(
        "what margin does not cover is cut: 1,000 carry 100 lots at leverage 10, and no 120",
        bars=[FLAT, FLAT],
        program=target(120),
        strict=["1 buy 100 @ 100 target/open"],
        settings=margin("cross") | {"max_leverage_e9": 50 * 10**9},
    ),
]
