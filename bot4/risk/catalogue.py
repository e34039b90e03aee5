"""The table of all controls: what stands in the code (`active`), and what the rules also ask for and is not built (`not yet`).

Rule references are those of Delegated Regulation (EU) 2017/589 (RTS 6), SEC Rule 15c3-5 (17 CFR 240.15c3-5) and the FIA's
recommendations; Bot4 trades its own account and takes them as a specification. Defaults of policy keys come from `Policy` itself. A test
drives each active control by a run that breaches it. Order of the table: strategy and account layers, then an order's way through the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .policy import LIMITS, Policy

Status = Literal["active", "not yet"]
Scope = Literal["order", "instrument", "strategy", "account", "venue", "system"]

COLLAR = "RTS 6 Art. 15(1)(a); 15c3-5(c)(1)(ii); FIA price tolerance"
VALUE = "RTS 6 Art. 15(1)(b); 15c3-5(c)(1)(ii); FIA maximum order size"
VOLUME = "RTS 6 Art. 15(1)(c); FIA maximum order size"
MESSAGES = "RTS 6 Art. 15(1)(d); FIA message throttle"
CREDIT = "RTS 6 Art. 15(4); 15c3-5(c)(1)(i); FIA credit controls"
LOSS = "RTS 6 Art. 15(4); FIA internal maximum loss"
KILL = "RTS 6 Art. 12; FIA kill switch"
PERMISSION = "RTS 6 Art. 15(5); 15c3-5(c)(2)(ii)"
VENUE = "venue's filters"


@dataclass(frozen=True)
class Control:
    """One control. `default` is what holds where nothing is said ("off": nothing is limited), `codes` the reason codes that it leaves in
    orders or, of a layer, in the guard's records, `metric` its name in the control report, `key` where it is set."""

    id: str
    what: str
    rule: str
    unit: str
    default: str
    scope: Scope
    codes: tuple[str, ...]
    metric: str
    key: str
    status: Status


def _policy(key: str, what: str, rule: str, unit: str, scope: Scope, codes: tuple[str, ...]) -> Control:
    value = getattr(Policy(), key)
    home = LIMITS[key][0] if key in LIMITS else "order"
    return Control(
        key, what, rule, unit, "off" if value is None else f"{value:g}", scope, codes, f"bot4_risk_{key}_total",
        f"policy: {home}.{key}", "active",
    )  # fmt: skip


def _gate(name: str, what: str, rule: str, unit: str, default: str, scope: Scope, key: str) -> Control:
    return Control(name, what, rule, unit, default, scope, (name,), f"bot4_risk_{name}_total", key, "active")


def _later(name: str, what: str, rule: str, scope: Scope) -> Control:
    return Control(name, what, rule, "", "", scope, (), "", "", "not yet")


ACTIVE: tuple[Control, ...] = (
    _policy(
        "losing_streak",
        "losing trades in a row pause for the UTC day",
        LOSS,
        "trades",
        "strategy",
        ("losing_streak", "risk_paused"),
    ),
    _policy(
        "repeated_orders",
        "orders in a row of one instrument and direction in a UTC day pause for good",
        "RTS 6 Art. 15(3); FIA repeated automated execution limit",
        "orders",
        "strategy",
        ("repeated_orders", "risk_paused"),
    ),
    _policy(
        "hourly_loss",
        "loss in the UTC hour halves what opens",
        LOSS,
        "of equity",
        "account",
        ("hourly_loss", "risk_reduced"),
    ),
    _policy(
        "daily_loss",
        "loss in the UTC day pauses until it is over",
        LOSS,
        "of equity",
        "account",
        ("daily_loss", "risk_paused"),
    ),
    _policy(
        "total_loss",
        "loss of the start equity pauses for good",
        LOSS,
        "of equity",
        "account",
        ("total_loss", "risk_paused"),
    ),
    _policy(
        "drawdown",
        "loss from the peak cancels all, flattens all, latches",
        KILL,
        "of peak",
        "account",
        ("drawdown", "risk_killed", "risk_flatten", "flat"),
    ),
    _policy("instruments", "only listed instruments are opened", PERMISSION, "symbols", "instrument", ("not_allowed",)),
    _policy("orders_per_minute", "orders sent in a UTC minute", MESSAGES, "orders", "strategy", ("order_limit",)),
    _policy("orders_per_day", "orders sent in a UTC day", MESSAGES, "orders", "strategy", ("order_limit",)),
    _policy("risk_per_trade", "what a trade's stop may lose", CREDIT, "of equity", "order", ("risk_per_trade",)),
    _policy("max_volume_share", "share of the decision bar's volume", VOLUME, "of volume", "order", ("volume_limit",)),
    _gate("equity", "nothing opens without equity", CREDIT, "", "always", "account", "always on"),
    _gate(
        "min_size", "the venue's smallest quantity", VENUE, "lots", "the venue's", "order", "instruments file: min_qty"
    ),
    _gate(
        "min_notional",
        "the venue's smallest value",
        VENUE,
        "amount",
        "the venue's",
        "order",
        "instruments file: min_notional",
    ),
    _policy("max_value", "largest value of one order", VALUE, "amount", "order", ("max_notional",)),
    _policy(
        "max_leverage",
        "gross exposure with orders in flight, over equity",
        CREDIT,
        "× equity",
        "account",
        ("leverage",),
    ),
    _gate(
        "balance",
        "a spot buy is covered by free cash with fee and spread",
        CREDIT,
        "amount",
        "always",
        "account",
        "always on",
    ),
    _gate(
        "margin",
        "initial margin is covered by the wallet",
        CREDIT,
        "amount",
        "where margin is stated",
        "account",
        "leverage=",
    ),
    _gate("no_short", "spot is not sold short without a loan", PERMISSION, "lots", "always", "instrument", "always on"),
    _gate(
        "collar", "gap between decision and fill price of an increase", COLLAR, "of price", "0.1", "order", "collar="
    ),
)

NOT_YET: tuple[Control, ...] = (
    _later("collar_window", "price collar over a window", COLLAR, "instrument"),
    _later(
        "duplicate_order", "duplicate of an order just sent", "15c3-5(c)(1)(ii); FIA duplicate order check", "order"
    ),
    _later(
        "self_match",
        "own orders across strategies meeting (sleeves: own_cross delays them)",
        "FIA self-match prevention",
        "account",
    ),
    _later(
        "position_limit",
        "largest position of an instrument",
        "RTS 6 Art. 17; FIA maximum intraday position",
        "instrument",
    ),
    _later("concentration", "largest share of one instrument or group", CREDIT, "account"),
    _later("correlation_limit", "positions that move together (0.7)", CREDIT, "account"),
    _later("value_at_risk", "value at risk and expected shortfall", CREDIT, "account"),
    _later("data_reasonability", "prices that cannot be", "FIA market-data reasonability", "instrument"),
    _later("stale_data", "data older than its limit", "FIA market-data reasonability", "instrument"),
    _later("clock_skew", "clock apart from the venue's", "RTS 6 Art. 16", "system"),
    _later("cancel_messages", "limit on modifications and cancels (never blocks a cancel)", MESSAGES, "venue"),
    _later("kill_by_hand", "a person pauses, flattens, kills and re-enables by name", KILL, "system"),
    _later("venue_stop", "stop at the venue as the last line", KILL, "venue"),
    _later("reconciliation", "own logs against the venue's", "RTS 6 Art. 17; FIA drop copy", "venue"),
    _later("override", "temporary, signed exception for a blocked order", "RTS 6 Art. 15(6)", "account"),
    _later("size_by_heat", "volatility target, fractional Kelly, heat cap; the smallest wins", CREDIT, "strategy"),
)

CONTROLS: tuple[Control, ...] = ACTIVE + NOT_YET
