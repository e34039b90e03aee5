"""Names of the engine's reason codes, and what to tell the user about each.

Mirrors `engine/core/src/desk/reason.rs` (a test compares the two). Codes are stable: records keep the number, people read the
name. Not here: where a code is given (that is the engine's), how often (that is `diagnose`).
"""

from __future__ import annotations

REASONS: dict[int, str] = {
    1: "target",
    2: "stop_fixed",
    3: "stop_trailing",
    4: "stop_time",
    5: "gap_fixed",
    6: "gap_trailing",
}
"""Why an order was sent or a fill happened."""

CAUSES: dict[int, str] = {
    0: "none",
    20: "superseded",
    21: "stopped",
    22: "collar",
    23: "balance",
    24: "leverage",
    25: "min_size",
    26: "min_notional",
    27: "max_notional",
    28: "no_short",
    29: "equity",
    30: "volume_cap",
}
"""Why an order was cut, cancelled or rejected."""

STATUSES: dict[int, str] = {1: "filled", 2: "cancelled", 3: "rejected", 4: "working"}
"""How an order ended."""

MEANINGS: dict[str, str] = {
    "superseded": "a newer target replaced them before they were filled",
    "stopped": "a stop of the same asset was touched first",
    "collar": "the open was too far from the close the decision saw; a wider collar= allows it",
    "balance": "cash did not cover them with fee and spread; a weight a little below 1 leaves room",
    "leverage": "gross exposure would have passed max_leverage=",
    "min_size": "they were smaller than the venue's smallest quantity; more cash= or fewer assets make orders larger",
    "min_notional": "they were smaller than the venue's smallest notional; more cash= or fewer assets make orders larger",
    "max_notional": "they were larger than the limit for one order",
    "no_short": "spot cannot be sold short; a perpetual (BTC/USDT:USDT) can",
    "equity": "no equity was left",
    "volume_cap": "the bars' volume was too small for them; a larger volume_share= allows more, real markets may not",
}
"""One clause for each cause, to follow "12 orders were cut: "."""
