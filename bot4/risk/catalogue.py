"""The table of all controls: what stands in the code (`active`), what a rehearsal drives and only a live venue can
measure (`rehearsal`), and what needs a live venue (`live only`).

Rule references are those of Delegated Regulation (EU) 2017/589 (RTS 6), SEC Rule 15c3-5 (17 CFR 240.15c3-5) and the FIA's
recommendations; Bot4 trades its own account and takes them as a specification. Defaults of policy keys come from `Policy` itself. A test
drives each active control by a run that breaches it. Order of the table: layers, stops, then an order's way through the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .keys import LIMITS
from .policy import Policy

Status = Literal["active", "rehearsal", "live only"]
Scope = Literal["order", "instrument", "strategy", "account", "venue", "system"]

COLLAR = "RTS 6 Art. 15(1)(a); 15c3-5(c)(1)(ii); FIA price tolerance"
VALUE = "RTS 6 Art. 15(1)(b); 15c3-5(c)(1)(ii); FIA maximum order size"
VOLUME = "RTS 6 Art. 15(1)(c); FIA maximum order size"
MESSAGES = "RTS 6 Art. 15(1)(d); FIA message throttle"
REPEATED = "RTS 6 Art. 15(3); FIA repeated automated execution limit"
CREDIT = "RTS 6 Art. 15(4); 15c3-5(c)(1)(i); FIA credit controls"
POSITION = "RTS 6 Art. 8(c), 17; FIA maximum intraday position"
LOSS = "RTS 6 Art. 15(4); FIA internal maximum loss"
KILL = "RTS 6 Art. 12; FIA kill switch"
BREAKERS = "RTS 6 Art. 14, 16; FIA kill switch by strategy"
PERMISSION = "RTS 6 Art. 15(5); 15c3-5(c)(2)(ii)"
DUPLICATE = "15c3-5(c)(1)(ii); FIA duplicate order check"
DATA = "FIA market-data reasonability"
SELF_MATCH = "FIA self-match prevention"
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


def _policy(field: str, what: str, rule: str, unit: str, scope: Scope, *codes: str) -> Control:
    address = LIMITS[field].address if field in LIMITS else "order.instruments"
    return Control(
        field, what, rule, unit, default_of(field), scope, codes or (field,), f"bot4_risk_{field}_total", f"policy: {address}", "active"
    )  # fmt: skip


def default_of(field: str) -> str:
    """Returns the default of a field of `Policy` as the table has it."""
    value = getattr(Policy(), field)
    return "off" if value is None else f"{value:g}"


def _own(name: str, what: str, rule: str, *codes: str) -> Control:
    return Control(
        name, what, rule, "base units", "off", "instrument", codes or (name,), f"bot4_risk_{name}_total",
        f'policy: [instrument."…"] {name}', "active",
    )  # fmt: skip


def _gate(
    name: str, what: str, rule: str, unit: str, default: str, scope: Scope, key: str, codes: tuple[str, ...] = ()
) -> Control:
    return Control(name, what, rule, unit, default, scope, codes or (name,), f"bot4_risk_{name}_total", key, "active")


def _above(name: str, what: str, rule: str, scope: Scope, key: str, *codes: str) -> Control:
    return Control(name, what, rule, "", "off", scope, codes, f"bot4_risk_{name}_total", key, "active")


def _rehearsed(name: str, what: str, rule: str, unit: str, default: str, scope: Scope, key: str) -> Control:
    return Control(name, what, rule, unit, default, scope, ("breaker",), f"bot4_risk_{name}_total", key, "rehearsal")


def _live_only(name: str, what: str, rule: str, scope: Scope) -> Control:
    return Control(name, what, rule, "", "", scope, (), "", "", "live only")


# fmt: off
LAYERS: tuple[Control, ...] = (
    _policy("losing_streak", "losing trades in a row pause for the UTC day", LOSS, "trades", "strategy", "losing_streak", "risk_paused"),
    _policy("strategy_daily_loss", "the strategy's loss in the UTC day pauses until it is over", LOSS, "of equity", "strategy",
            "strategy_daily_loss", "risk_paused"),
    _policy("strategy_drawdown", "the strategy's loss from its peak pauses for good", LOSS, "of peak", "strategy",
            "strategy_drawdown", "risk_paused"),
    _policy("repeated_orders", "orders in a row of one instrument and direction in a UTC day pause for good", REPEATED, "orders",
            "strategy", "repeated_orders", "risk_paused"),
    _policy("hourly_loss", "loss in the UTC hour halves what opens", LOSS, "of equity", "account", "hourly_loss", "risk_reduced"),
    _policy("daily_loss", "loss in the UTC day pauses until it is over", LOSS, "of equity", "account", "daily_loss", "risk_paused"),
    _policy("total_loss", "loss of the start equity pauses for good", LOSS, "of equity", "account", "total_loss", "risk_paused"),
    _policy("drawdown", "loss from the peak cancels all, flattens all, latches", KILL, "of peak", "account",
            "drawdown", "risk_killed", "risk_flatten", "flat"),
    _policy("var_breach", "value at risk (1 day, 99 %) pauses while reached and cuts positions to it", CREDIT, "of equity", "account",
            "var_breach", "risk_paused", "risk_reduce", "eased"),
    _policy("correlation_break", "two positions that move together pause while they do and halve positions", CREDIT, "correlation",
            "account", "correlation_break", "risk_paused", "risk_reduce", "eased"),
)
"""What looks at a decision as a whole."""

STOPS: tuple[Control, ...] = (
    _gate("order_stop", "the stop of an order or position: fixed, trailing, exit of a lane", LOSS, "price", "the strategy's", "order",
          "stop=, trail=", ("stop_fixed", "stop_trailing", "stop", "trail", "gap_fixed", "gap_trailing", "gap_stop", "gap_trail")),
    _policy("venue_stop", "the last line: a stop of each position that rests at the venue", KILL, "of entry price", "venue",
            "venue_stop", "gap_venue"),
)
"""What acts inside a bar, without a decision."""

ORDERS: tuple[Control, ...] = (
    _policy("instruments", "only listed instruments are opened", PERMISSION, "symbols", "instrument", "not_allowed"),
    _policy("max_age", "nothing is opened on old prices, or beside a position with old prices", DATA, "span", "instrument", "stale_data"),
    _policy("max_move", "nothing is opened on a close that cannot be", DATA, "of price", "instrument", "unreasonable_data"),
    _policy("orders_per_minute", "orders sent in a UTC minute", MESSAGES, "orders", "strategy", "order_limit"),
    _policy("orders_per_day", "orders sent in a UTC day", MESSAGES, "orders", "strategy", "order_limit"),
    _policy("messages_per_minute", "orders and cancels in a UTC minute; cancels themselves always go", MESSAGES, "messages", "venue",
            "message_limit"),
    _own("max_quantity", "largest quantity of one order", VOLUME),
    _policy("risk_per_trade", "what a trade's stop may lose", CREDIT, "of equity", "order"),
    _policy("volatility_target", "annual volatility of one position", CREDIT, "of equity", "strategy"),
    _policy("kelly", "fraction of Kelly's weight, shrunk by how few trades bear it out", CREDIT, "of Kelly", "strategy"),
    _policy("max_volume_share", "share of the decision bar's volume", VOLUME, "of volume", "order", "volume_limit"),
    _policy("price_collar", "price of an order against the decision's close", COLLAR, "of price", "order"),
    _policy("collar_window", "price of an order against the closes of a window", COLLAR, "of price", "instrument"),
    _policy("duplicate_window", "the same order again within a span", DUPLICATE, "span", "order", "duplicate_order"),
    _policy("self_match", "what could trade against an own order of the strategy", SELF_MATCH, "", "strategy"),
    _own("max_position", "largest position", POSITION, "position_limit"),
    _policy("max_exposure", "largest value of one position", POSITION, "amount", "instrument", "exposure_limit"),
    _own("daily_volume", "what may be opened in a UTC day", VOLUME),
    _policy("max_positions", "positions open at once", POSITION, "positions", "account"),
    _policy("concentration", "largest share of equity in one instrument", CREDIT, "× equity", "instrument"),
    _policy("correlation", "nothing is opened that moves with what is held", CREDIT, "correlation", "account"),
    _policy("heat", "sum of weights times annual volatilities", CREDIT, "of equity", "account"),
    _policy("value_at_risk", "value at risk (1 day, 99 %, normal) after the order", CREDIT, "of equity", "account"),
    _policy("expected_shortfall", "expected shortfall (1 day, 99 %, Student's t) after the order", CREDIT, "of equity", "account"),
    _gate("equity", "nothing opens without equity", CREDIT, "", "always", "account", "always on"),
    _gate("min_size", "the venue's smallest quantity", VENUE, "lots", "the venue's", "order", "instruments file: min_qty"),
    _gate("min_notional", "the venue's smallest value", VENUE, "amount", "the venue's", "order", "instruments file: min_notional"),
    _policy("max_value", "largest value of one order", VALUE, "amount", "order", "max_notional"),
    _policy("max_leverage", "gross exposure with orders in flight, over equity", CREDIT, "× equity", "account", "leverage"),
    _gate("balance", "a spot buy is covered by free cash with fee and spread", CREDIT, "amount", "always", "account", "always on"),
    _gate("margin", "initial margin is covered by the wallet", CREDIT, "amount", "where margin is stated", "account", "leverage="),
    _gate("no_short", "spot is not sold short without a loan", PERMISSION, "lots", "always", "instrument", "always on"),
    _gate("own_cross", "what could meet an order of another sleeve waits a bar", SELF_MATCH, "", "always", "account", "b4.sleeves"),
    _gate("collar", "gap between decision and fill price of an increase", COLLAR, "of price", "0.1", "order", "collar="),
)
"""What an order meets on its way out."""

ABOVE: tuple[Control, ...] = (
    _above("kill_by_hand", "a person reduces, pauses, flattens, kills and re-enables by name", KILL, "system", "commands=, control socket",
           "operator", "risk_paused", "risk_killed", "risk_flatten", "risk_flatten_limit"),
    _above("circuit_breakers", "components are switched off by what happens to them, and tried again", BREAKERS, "system",
           "policy: breaker", "breaker"),
)
"""What is switched by hand, or by what happens to a component."""

REHEARSED: tuple[Control, ...] = (
    _rehearsed("clock_skew", "our clock apart from the venue's opens the feed's breaker", "RTS 6 Art. 16", "span", "off", "instrument",
               "policy: breaker.feed.clock_skew"),
    _rehearsed("order_latency", "the venue's late answer opens its breaker", "RTS 6 Art. 16", "span", "off", "venue",
               "policy: breaker.venue.latency"),
    _rehearsed("spread", "a spread beyond its normal opens the instrument's breaker", DATA, "× normal", "off", "instrument",
               "policy: breaker.symbol.spread"),
    _rehearsed("reconciliation", "own positions apart from the venue's open the account's breaker; at quiet moments of a rehearsal they "
               "and the books have to be equal, or it ends", "RTS 6 Art. 17; FIA drop copy", "lots", "off", "account",
               "policy: breaker.account.position_drift"),
)
"""What bars cannot say: a rehearsal states it (`[[observed]]`), a live host measures it."""

LIVE_ONLY: tuple[Control, ...] = (
    _live_only("override", "temporary, signed exception for a blocked order: nothing is blocked for a person before there is a live venue",
               "RTS 6 Art. 15(6)", "account"),
)
# fmt: on

ACTIVE: tuple[Control, ...] = LAYERS + STOPS + ORDERS + ABOVE
CONTROLS: tuple[Control, ...] = ACTIVE + REHEARSED + LIVE_ONLY
