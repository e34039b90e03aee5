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
    17: "venue_stop",
    18: "gap_venue",
    19: "risk_reduce",
    100: "risk_flatten_limit",
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
    50: "breaker",
    51: "refused",
    60: "stale_data",
    61: "unreasonable_data",
    62: "message_limit",
    63: "max_quantity",
    64: "volatility_target",
    65: "kelly",
    66: "price_collar",
    67: "collar_window",
    68: "duplicate_order",
    69: "self_match",
    70: "position_limit",
    71: "exposure_limit",
    72: "daily_volume",
    73: "max_positions",
    74: "concentration",
    75: "correlation",
    76: "heat",
    77: "value_at_risk",
    78: "expected_shortfall",
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
    9: "took",
    10: "queue",
    11: "crossed",
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
    10: "operator",
    20: "strategy_daily_loss",
    21: "strategy_drawdown",
    22: "var_breach",
    23: "correlation_break",
    24: "eased",
    25: "journal",
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
    "operator": "a command of a person",
    "strategy_daily_loss": "the strategy's loss since the UTC day began",
    "strategy_drawdown": "the strategy's loss from its peak",
    "var_breach": "the value at risk of what is held",
    "correlation_break": "two positions move together",
    "eased": "what the portfolio's layers measure is below its limit again",
    "journal": "the journal's disk failed: nothing opens until a new start",
}
"""Why the guard acted, one clause each."""

BREAKER_KINDS: dict[int, str] = {0: "global", 1: "venue", 2: "account", 3: "strategy", 4: "feed", 5: "symbol"}
"""What a circuit breaker can switch off."""

BREAKER_STATES: dict[int, str] = {0: "closed", 1: "half_open", 2: "open"}
"""What a circuit breaker lets through."""

TRIPS: dict[int, str] = {
    1: "error_rate",
    2: "failures",
    3: "losing_streak",
    4: "reject_storm",
    5: "loss",
    6: "drawdown",
    7: "stale_feed",
    8: "clock_skew",
    9: "slippage",
    10: "spread",
    11: "price_gap",
    12: "latency",
    13: "position_drift",
    14: "trial_failed",
    15: "trials_passed",
    16: "cooled_down",
    17: "derived",
}
"""What changed a circuit breaker."""

TRIP_MEANINGS: dict[str, str] = {
    "error_rate": "too large a share of bad outcomes in the window",
    "failures": "so many bad outcomes in a row",
    "losing_streak": "so many trades in a row closed with a loss",
    "reject_storm": "the venue refused so many orders in the window",
    "loss": "the loss over the window",
    "drawdown": "the loss from the peak",
    "stale_feed": "the newest data were so old",
    "clock_skew": "the venue's clock and ours differed",
    "slippage": "a fill cost so many times what the model says",
    "spread": "the spread was so many times its normal size",
    "price_gap": "a price lay so far from its reference",
    "latency": "the venue answered so late",
    "position_drift": "the position here and at the venue differed",
    "trial_failed": "a trial had a bad outcome",
    "trials_passed": "all trials had good outcomes",
    "cooled_down": "the cool-down was over",
    "derived": "the share of open components reached, or left, its limit",
}
"""What changed a circuit breaker, one clause each."""

ACTIONS: dict[int, str] = {1: "reduce", 2: "pause", 3: "flatten", 4: "kill", 5: "resume", 6: "reload"}
"""What a person asks of the desk."""

EFFECTS: dict[int, str] = {1: "applied", 2: "no_effect", 3: "refused"}
"""What came of a command."""

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
    "breaker": "a circuit breaker was open, or its trials were under way; `result.breakers` says which and since when",
    "refused": "the venue took no orders of their type at that time (venue_conditions)",
    "stale_data": "prices of their instrument, or of one that was held, were older than max_age of the policy",
    "unreasonable_data": "the last close was further from the one before than max_move of the policy",
    "message_limit": "as many orders and cancels had been sent as messages_per_minute of the policy allows",
    "max_quantity": "they were larger than max_quantity of their instrument in the policy",
    "volatility_target": "their position would have moved more than volatility_target of the policy",
    "kelly": "they were more than the fraction of Kelly that the closed trades bear out",
    "price_collar": "their price was further from the decision's close than price_collar of the policy",
    "collar_window": "their price was further from the prices of the last bars than collar_window of the policy",
    "duplicate_order": "the same order had been sent within duplicate_window of the policy",
    "self_match": "they could have met an own order at work",
    "position_limit": "their position would have passed max_position of their instrument in the policy",
    "exposure_limit": "their position would have been worth more than max_exposure of the policy",
    "daily_volume": "more than daily_volume of their instrument in the policy would have been opened in the UTC day",
    "max_positions": "as many positions were open as max_positions of the policy allows",
    "concentration": "their position would have passed concentration of the policy",
    "correlation": "their instrument moves with one that is held; correlation of the policy says how closely it may",
    "heat": "the sum of weights times volatilities would have passed heat of the policy",
    "value_at_risk": "the portfolio's value at risk would have passed value_at_risk of the policy",
    "expected_shortfall": "the portfolio's expected shortfall would have passed expected_shortfall of the policy",
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
    "risk_flatten": "the drawdown limit of the policy was reached, or a person asked to flatten",
    "risk_flatten_limit": "everything was flattened, by a limit at the collar because the venue refused a market order",
    "venue_stop": "the stop that rests at the venue was touched",
    "gap_venue": "the bar opened beyond the stop that rests at the venue",
    "risk_reduce": "the portfolio's risk reached a limit of the policy",
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
    "took": "it took what the book showed",
    "queue": "resting, and trades had used up everybody before it",
    "crossed": "resting, and the market went through its price",
}
"""How a fill came about, one clause each."""

EVIDENCE_MEANINGS: dict[str, str] = {
    "not_through": "the bar touched its price without going through it",
    "volume_cap": "the share of the bar's volume was used up",
    "in_flight": "it had not arrived at the venue yet",
    "queue": "others stood before it in the queue",
}
"""What kept a reached order from filling, one clause each."""
