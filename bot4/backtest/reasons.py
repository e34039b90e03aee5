"""Names of the engine's codes, and what to tell the user about each.

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
    7: "take",
    8: "stop",
    9: "trail",
    10: "gap_stop",
    11: "gap_trail",
    12: "order",
    13: "entry",
    14: "exit_signal",
    15: "liquidation",
    16: "risk_flatten",
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
    31: "withdrawn",
    32: "replaced",
    33: "expired",
    34: "ioc",
    35: "fok",
    36: "would_take",
    37: "reduce_only",
    38: "oco",
    39: "margin",
    40: "liquidated",
    41: "broken_leg",
    42: "own_cross",
    43: "risk_reduced",
    44: "risk_paused",
    45: "risk_killed",
    46: "risk_per_trade",
    47: "order_limit",
    48: "not_allowed",
    49: "volume_limit",
    90: "unlicensed",
    91: "licence_expired",
    92: "licence_instrument",
    93: "licence_size",
}
"""Why an order was cut, cancelled or rejected."""

STATUSES: dict[int, str] = {1: "filled", 2: "cancelled", 3: "rejected", 4: "working"}
"""How an order ended."""

RULES: dict[int, str] = {
    1: "open",
    2: "open_limit",
    3: "gap_limit",
    4: "through",
    5: "touch",
    6: "trigger",
    7: "gap_trigger",
    8: "liquidation",
}
"""Which rule of the venue filled."""

EVIDENCE: dict[int, str] = {0: "none", 1: "not_through", 2: "volume_cap", 3: "in_flight", 4: "queue"}
"""Why an order that the market reached was not, or not wholly, filled."""

KINDS: dict[int, str] = {
    0: "market",
    1: "limit",
    2: "stop",
    3: "stop_limit",
    4: "take_profit",
    5: "trailing",
}
"""What kind of order was sent."""

TIFS: dict[int, str] = {0: "gtc", 1: "ioc", 2: "fok", 3: "gtd"}
"""How long an order works."""

GUARD_STATES: dict[int, str] = {0: "normal", 1: "reduced", 2: "paused", 3: "emergency", 4: "killed"}
"""What the guard of a policy lets through."""

LAYERS: dict[int, str] = {
    1: "losing_streak",
    2: "hourly_loss",
    3: "daily_loss",
    4: "total_loss",
    5: "drawdown",
    6: "hour_over",
    7: "day_over",
    8: "flat",
    9: "repeated_orders",
}
"""Why the guard acted."""

LAYER_MEANINGS: dict[str, str] = {
    "losing_streak": "so many trades in a row closed with a loss",
    "hourly_loss": "the loss since the UTC hour began",
    "daily_loss": "the loss since the UTC day began",
    "total_loss": "the loss since the start",
    "drawdown": "the loss from the peak",
    "hour_over": "the hour in which a layer had acted is over",
    "day_over": "the day in which a layer had acted is over",
    "flat": "everything is flat and nothing works",
    "repeated_orders": "so many orders in a row of one instrument and direction in a UTC day",
}
"""Why the guard acted, one clause each."""

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
    "withdrawn": "the strategy no longer listed their key, or until= came true",
    "replaced": "the same key was sent anew with another price or size",
    "expired": "their time (gtd) was over",
    "ioc": "they were immediate-or-cancel, and the rest could not be filled at once",
    "fok": "they were fill-or-kill, and not all of them could be filled at once",
    "would_take": "they were post-only and would have taken liquidity; a price further from the market rests",
    "reduce_only": "they may only reduce, and there was nothing, or less, to reduce",
    "oco": "another order of their group, or the other exit, was filled first",
    "margin": "the wallet did not cover the initial margin; more cash=, a higher leverage= or smaller sizes fit",
    "liquidated": "the position of their asset was liquidated",
    "broken_leg": "a leg of their group was not filled like the others",
    "own_cross": "they could have met a resting order of another sleeve, and were sent one bar later",
    "risk_reduced": "a loss in the hour let half of what opens pass; hourly_loss of the policy says when",
    "risk_paused": "a loss, a losing streak or repeated orders let nothing open; `bot4 risk check` lists the limits of the policy",
    "risk_killed": "the drawdown limit of the policy was reached, and everything was flattened",
    "risk_per_trade": "their stops would have lost more than risk_per_trade of the policy; a nearer stop or a smaller size fits",
    "order_limit": "as many orders had been sent as orders_per_minute or orders_per_day of the policy allow",
    "not_allowed": "their instrument is not in the list of the policy",
    "unlicensed": "there was no licence, which what opens needs in live and paper",
    "licence_expired": "the licence did not hold at that time",
    "licence_instrument": "the licence does not name the instrument",
    "licence_size": "they were more than the size of the licence at that step of its ramp",
    "volume_limit": "they were more than max_volume_share of the policy in the bar's volume",
}
"""One clause for each cause, to follow "12 orders were cut: "."""

REASON_MEANINGS: dict[str, str] = {
    "target": "the target moved",
    "stop_fixed": "the fixed stop was touched",
    "stop_trailing": "the trailing stop was touched",
    "stop_time": "the position reached its age",
    "gap_fixed": "the bar opened beyond the fixed stop",
    "gap_trailing": "the bar opened beyond the trailing stop",
    "take": "the take was reached",
    "stop": "the order's exit stop was touched",
    "trail": "the order's trailing exit was touched",
    "gap_stop": "the bar opened beyond the order's exit stop",
    "gap_trail": "the bar opened beyond the order's trailing exit",
    "order": "the strategy listed it",
    "entry": "an entry signal opened, added to or turned the position",
    "exit_signal": "the exit signal came",
    "liquidation": "the margin balance fell to the maintenance margin",
    "risk_flatten": "the drawdown limit of the policy was reached",
}
"""Why an order was sent, one clause each."""

RULE_MEANINGS: dict[str, str] = {
    "open": "at the bar's open",
    "open_limit": "at the open, which already met the limit (as a taker)",
    "gap_limit": "resting, and the open had passed its price",
    "through": "the bar's range went through its price",
    "touch": "the bar's range touched its price",
    "trigger": "the bar's range reached the level",
    "gap_trigger": "the bar opened at or beyond the level",
    "liquidation": "the venue liquidated the position",
}
"""How a fill came about, one clause each."""

EVIDENCE_MEANINGS: dict[str, str] = {
    "not_through": "the bar touched its price without going through it",
    "volume_cap": "the share of the bar's volume was used up",
    "in_flight": "it had not arrived at the venue yet",
    "queue": "others stood before it in the queue",
}
"""What kept a reached order from filling, one clause each."""
