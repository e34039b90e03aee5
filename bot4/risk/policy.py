"""`Policy`: the limits that stand above a strategy, read from a TOML file a user can read (docs/risk.md).

Every key may be left out, which keeps its default, or be `false`, which switches the control off. What each limit means to the byte is
docs/semantics.md, section 11. A plain dataclass and `tomllib`: nothing heavy is imported for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from .breakers import Breakers, read_breakers
from .errors import RiskError

E9 = 1_000_000_000
AMOUNT_UNITS = 100_000_000

# Key: (section, lowest, highest, what to give). Lowest and highest count as allowed.
LIMITS: dict[str, tuple[str, float, float, str]] = {
    "losing_streak": ("strategy", 1, 1_000_000, "a whole number of losing trades in a row, or false"),
    "repeated_orders": ("strategy", 1, 1_000_000, "a whole number of orders in a row, or false"),
    "hourly_loss": ("account", 1e-9, 1, "a fraction such as 0.02, or false"),
    "daily_loss": ("account", 1e-9, 1, "a fraction such as 0.05, or false"),
    "total_loss": ("account", 1e-9, 1, "a fraction such as 0.10, or false"),
    "drawdown": ("account", 1e-9, 1, "a fraction such as 0.15, or false"),
    "max_leverage": ("account", 1e-9, 1_000, "a multiple of equity such as 3, or false"),
    "risk_per_trade": ("order", 1e-9, 1, "a fraction of equity such as 0.02, or false"),
    "max_value": ("order", 1e-8, 9e10, "an amount in the currency the instrument settles in, or false"),
    "max_volume_share": ("order", 1e-9, 1, "a fraction of a bar's volume such as 0.05, or false"),
    "orders_per_minute": ("order", 1, 1e15, "a whole number of orders, or false"),
    "orders_per_day": ("order", 1, 1e15, "a whole number of orders, or false"),
}
WHOLE = ("losing_streak", "repeated_orders", "orders_per_minute", "orders_per_day")
SECTIONS = ("account", "strategy", "order")
BREAKER = "breaker"
"""The section of circuit breakers, which `breakers` reads."""


@dataclass(frozen=True)
class Policy:
    """Limits of one account; None switches a control off.

    `hourly_loss` (of equity at the hour's beginning) halves what opens, `daily_loss` pauses until the UTC day is over, `total_loss`
    (of the start equity) pauses for good, `drawdown` (from the peak) flattens everything; `losing_streak` closed trades in a row with
    a loss pause for the day, `repeated_orders` in a row of one instrument and direction in a UTC day for good. `risk_per_trade` is
    what an order's stop may lose as a fraction of equity, `max_leverage` gross exposure over equity, `max_value` the largest value of
    one order's increase, `max_volume_share` its largest share of the decision bar's volume, `orders_per_minute` and `orders_per_day`
    how many orders may be sent, `instruments` the symbols that may be opened, `breakers` the circuit breakers (None: there are none).
    Raises RiskError for a value out of range.
    """

    hourly_loss: float | None = 0.02
    daily_loss: float | None = 0.05
    total_loss: float | None = 0.10
    drawdown: float | None = 0.15
    max_leverage: float | None = 3.0
    losing_streak: int | None = None
    repeated_orders: int | None = None
    risk_per_trade: float | None = 0.02
    max_value: float | None = None
    max_volume_share: float | None = None
    orders_per_minute: int | None = None
    orders_per_day: int | None = None
    instruments: tuple[str, ...] | None = None
    breakers: Breakers | None = None

    def __post_init__(self) -> None:
        """Checks every limit."""
        for key in LIMITS:
            _check("the policy", key, getattr(self, key))

    def engine_terms(self, symbols: Sequence[str], venues: Sequence[str] = ()) -> dict[str, Any]:
        """Returns the policy as the engine reads it, for instruments in id order; `venues` names that of each (left out: one venue).

        Raises RiskError for a symbol that is not there.
        """
        fractions = ("hourly_loss", "daily_loss", "total_loss", "drawdown", "max_leverage", "risk_per_trade")
        terms: dict[str, Any] = {f"{key}_e9": _e9(getattr(self, key)) for key in fractions}
        terms["volume_share_e9"] = _e9(self.max_volume_share)
        terms["max_notional"] = (
            None if self.max_value is None else int((Decimal(str(self.max_value)) * AMOUNT_UNITS).to_integral_value())
        )
        terms |= {key: getattr(self, key) for key in WHOLE}
        terms["allowed"] = None if self.instruments is None else self._allowed(symbols)
        terms["breakers"] = None if self.breakers is None else self.breakers.engine_terms(venues or [""] * len(symbols))
        return {key: value for key, value in terms.items() if value is not None}

    def _allowed(self, symbols: Sequence[str]) -> list[bool]:
        listed = set(self.instruments or ())
        if unknown := sorted(listed - set(symbols)):
            raise RiskError(
                f"order.instruments of the policy names {unknown[0]}, which the data does not have; it has {', '.join(symbols[:8])}."
            )
        return [symbol in listed for symbol in symbols]

    def content(self) -> dict[str, dict[str, Any]]:
        """Returns what a policy file of these limits holds, by section; off is `False`. `read_policy` makes the same policy of it."""
        found: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
        limits = self.as_dict()
        breakers = limits.pop(BREAKER)
        if breakers is not None:
            found[BREAKER] = breakers
        for key, value in limits.items():
            found[_home(key)][key] = False if value is None else value
        return found

    def as_dict(self) -> dict[str, Any]:
        """Returns every limit by key as JSON holds it, None where it is off."""
        found = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "breakers"}
        own = None if self.breakers is None else self.breakers.content()
        return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()} | {
            BREAKER: own
        }


def read_policy(source: Policy | Mapping[str, Any] | str | Path) -> Policy:
    """Returns a policy given as itself, as the content of its file, or as the file's path.

    Raises RiskError, one sentence with file, key and fix.
    """
    import tomllib

    if isinstance(source, Policy):
        return source
    if isinstance(source, Mapping):
        return _from(source, "the policy")
    path = Path(source)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RiskError(f"{path}: {reason}; give the path of a policy file, such as examples/policy.toml.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RiskError(f"{path} is not TOML: {error}; examples/policy.toml shows the form.") from error
    return _from(content, str(path))


def _from(content: Mapping[str, Any], where: str) -> Policy:
    known = {field.name for field in fields(Policy)} - {"breakers"}
    values: dict[str, Any] = {}
    for section, keys in content.items():
        if section == BREAKER:
            values["breakers"] = read_breakers(keys, where)
            continue
        if section not in SECTIONS or not isinstance(keys, Mapping):
            raise RiskError(
                f"{where}: there is no section [{section}]; sections are {', '.join(f'[{s}]' for s in (*SECTIONS, BREAKER))}."
            )
        for key, value in keys.items():
            home = _home(key)
            if key not in known:
                raise RiskError(
                    f"{where}: there is no key {section}.{key}; keys of [{section}] are {_keys_of(section)}."
                )
            if home != section:
                raise RiskError(f"{where}: {key} belongs into [{home}], not into [{section}]; move it there.")
            values[key] = _instruments(where, value) if key == "instruments" else _limit(where, key, value)
    return Policy(**values)


def _home(key: str) -> str:
    return LIMITS[key][0] if key in LIMITS else "order"


def _keys_of(section: str) -> str:
    keys = [key for key, limit in LIMITS.items() if limit[0] == section]
    return ", ".join([*keys, "instruments"] if section == "order" else keys)


def _limit(where: str, key: str, value: Any) -> Any:
    if value is False:
        return None
    _check(where, key, value)
    return value


def _instruments(where: str, value: Any) -> tuple[str, ...] | None:
    if value is False:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(symbol, str) for symbol in value):
        raise RiskError(
            f'{where}: order.instruments is {value!r}; give a list of symbols such as ["BTC/USDT"], or false.'
        )
    return tuple(value)


def _check(where: str, key: str, value: object) -> None:
    section, low, high, give = LIMITS[key]
    if value is None:
        return
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or (key in WHOLE and not isinstance(value, int)):
        raise RiskError(f"{where}: {section}.{key} is {value!r}; give {give}.")
    assert isinstance(value, (int, float)), "looked at above"
    if not (math.isfinite(value) and low <= value <= high):
        raise RiskError(
            f"{where}: {section}.{key} is {value:,g}; it must lie between {low:g} and {high:,g}: give {give}."
        )


def _e9(value: float | None) -> int | None:
    return None if value is None else max(1, round(value * E9))
