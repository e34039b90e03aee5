"""The keys of a policy file: section, name, range and what to give; the one table that the reader, the checks and the docs go by.

Not here: what a limit means to the byte (docs/semantics.md, section 11), and which rule asks for it (`catalogue`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "whole", "span", "switch"]


@dataclass(frozen=True)
class Key:
    """A key: its section and name in the file, the lowest and highest value allowed (of a span: ms), and what a sentence asks for."""

    section: str
    name: str
    low: float
    high: float
    give: str
    kind: Kind = "number"

    @property
    def address(self) -> str:
        """Returns section and name as sentences have them."""
        return f"{self.section}.{self.name}"


DAY_MS = 86_400_000
LONGEST_MS = 366 * DAY_MS


def _loss(section: str, name: str, example: str) -> Key:
    return Key(section, name, 1e-9, 1, f"a fraction such as {example}, or false")


def _share(section: str, name: str, example: str) -> Key:
    return Key(section, name, 1e-9, 1_000, f"a fraction of equity such as {example}, or false")


def _count(section: str, name: str, of: str, most: float = 1e15) -> Key:
    return Key(section, name, 1, most, f"a whole number of {of}, or false", "whole")


def _span(section: str, name: str, example: str) -> Key:
    return Key(section, name, 1, LONGEST_MS, f'a span such as "{example}", or false', "span")


def _parameter(section: str, name: str, of: str) -> Key:
    return Key(section, name, 2, 10_000, f"a whole number of {of}", "whole")


AMOUNT = "an amount in the currency the instrument settles in, or false"

LIMITS: dict[str, Key] = {
    "losing_streak": _count("strategy", "losing_streak", "losing trades in a row", 1_000_000),
    "repeated_orders": _count("strategy", "repeated_orders", "orders in a row", 1_000_000),
    "strategy_daily_loss": _loss("strategy", "daily_loss", "0.03"),
    "strategy_drawdown": _loss("strategy", "drawdown", "0.10"),
    "hourly_loss": _loss("account", "hourly_loss", "0.02"),
    "daily_loss": _loss("account", "daily_loss", "0.05"),
    "total_loss": _loss("account", "total_loss", "0.10"),
    "drawdown": _loss("account", "drawdown", "0.15"),
    "max_leverage": Key("account", "max_leverage", 1e-9, 1_000, "a multiple of equity such as 3, or false"),
    "correlation": _loss("portfolio", "correlation", "0.7"),
    "correlation_break": _loss("portfolio", "correlation_break", "0.9"),
    "var_breach": _share("portfolio", "var_breach", "0.03"),
    "value_at_risk": _share("portfolio", "value_at_risk", "0.02"),
    "expected_shortfall": _share("portfolio", "expected_shortfall", "0.03"),
    "concentration": _share("portfolio", "concentration", "0.4"),
    "max_exposure": Key("portfolio", "max_exposure", 1e-8, 9e10, AMOUNT),
    "max_positions": _count("portfolio", "max_positions", "positions", 1_000_000),
    "volatility_target": _share("sizing", "volatility_target", "0.15"),
    "kelly": Key("sizing", "kelly", 1e-9, 1_000, "a fraction of Kelly's weight such as 0.25, or false"),
    "heat": _share("sizing", "heat", "0.25"),
    "risk_per_trade": _share("order", "risk_per_trade", "0.02"),
    "max_value": Key("order", "max_value", 1e-8, 9e10, AMOUNT),
    "max_volume_share": Key(
        "order", "max_volume_share", 1e-9, 1, "a fraction of a bar's volume such as 0.05, or false"
    ),
    "orders_per_minute": _count("order", "orders_per_minute", "orders"),
    "orders_per_day": _count("order", "orders_per_day", "orders"),
    "messages_per_minute": _count("order", "messages_per_minute", "orders and cancels"),
    "price_collar": Key("order", "price_collar", 1e-9, 1_000, "a fraction of the price such as 0.05, or false"),
    "collar_window": Key("order", "collar_window", 1e-9, 1_000, "a fraction of the price such as 0.2, or false"),
    "duplicate_window": _span("order", "duplicate_window", "1h"),
    "self_match": Key("order", "self_match", 0, 1, "true or false", "switch"),
    "max_age": _span("data", "max_age", "2h"),
    "max_move": Key("data", "max_move", 1e-9, 1_000, "a fraction of the price such as 0.5, or false"),
    "venue_stop": Key("venue", "stop", 1e-9, 1 - 1e-9, "a fraction of the entry price such as 0.3, or false"),
}
"""Limits by the name that `Policy` has them under."""

PARAMETERS: dict[str, Key] = {
    "span": _parameter("portfolio", "span", "bars"),
    "kelly_trades": _parameter("sizing", "kelly_trades", "closed trades"),
    "collar_bars": _parameter("order", "collar_bars", "bars"),
}
"""What limits are reckoned with; always a number."""

QUANTITIES = ("max_quantity", "max_position", "daily_volume")
"""Keys of an [instrument."…"] section, in base units (inverse: contracts)."""

INSTRUMENT = "instrument"
SECTIONS = ("account", "strategy", "portfolio", "sizing", "order", "data", "venue", INSTRUMENT)


def key_of(field: str) -> Key:
    """Returns the key of a field of `Policy` that is a limit or a parameter."""
    return LIMITS[field] if field in LIMITS else PARAMETERS[field]


def fields_of(section: str) -> dict[str, str]:
    """Returns the fields of a section by their name in the file."""
    found = {key.name: field for field, key in {**LIMITS, **PARAMETERS}.items() if key.section == section}
    return found | ({"instruments": "instruments"} if section == "order" else {})
