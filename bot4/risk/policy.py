"""`Policy`: the limits that stand above a strategy, read from a TOML file a user can read (docs/risk.md).

Every key may be left out, which keeps its default, or be `false`, which switches the control off. What each limit means to the byte is
docs/semantics.md, section 11. A plain dataclass and `tomllib`: nothing heavy is imported for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from .breakers import Breakers, read_breakers
from .errors import RiskError
from .keys import INSTRUMENT, LIMITS, PARAMETERS, QUANTITIES, SECTIONS, fields_of, key_of
from .values import check, off_or_value, span_ms

E9 = 1_000_000_000
AMOUNT_UNITS = 100_000_000
AMOUNTS = {"max_value": "max_notional", "max_exposure": "max_exposure"}
SPANS = {"duplicate_window": "duplicate_ms", "max_age": "max_age_ms"}
BREAKER = "breaker"
"""The section of circuit breakers, which `breakers` reads."""
RENAMED = {"max_volume_share": "volume_share_e9"}


@dataclass(frozen=True)
class InstrumentLimits:
    """Limits of one instrument in base units (inverse: contracts): largest order, largest position, what may be opened in a UTC day."""

    symbol: str
    max_quantity: float | None = None
    max_position: float | None = None
    daily_volume: float | None = None


@dataclass(frozen=True)
class Policy:
    """Limits of one account; None switches a control off.

    `hourly_loss` (of equity at the hour's beginning) halves what opens, `daily_loss` pauses until the UTC day is over, `total_loss`
    (of the start equity) pauses for good, `drawdown` (from the peak) flattens everything; `losing_streak` closed trades in a row with
    a loss and `strategy_daily_loss` pause for the day, `repeated_orders` in a row of one instrument and direction in a UTC day and
    `strategy_drawdown` for good; `var_breach` and `correlation_break` pause while they are reached and cut positions. `venue_stop` is the
    distance of a stop that rests at the venue. All others limit what an order may open (docs/risk.md lists them); `instruments` are the
    symbols that may be opened, `per_instrument` limits of single ones, `breakers` the circuit breakers. Raises RiskError for
    a value out of range.
    """

    hourly_loss: float | None = 0.02
    daily_loss: float | None = 0.05
    total_loss: float | None = 0.10
    drawdown: float | None = 0.15
    max_leverage: float | None = 3.0
    losing_streak: int | None = None
    repeated_orders: int | None = None
    strategy_daily_loss: float | None = None
    strategy_drawdown: float | None = None
    correlation: float | None = 0.7
    correlation_break: float | None = None
    var_breach: float | None = None
    value_at_risk: float | None = None
    expected_shortfall: float | None = None
    concentration: float | None = None
    max_exposure: float | None = None
    max_positions: int | None = None
    span: int = 100
    volatility_target: float | None = None
    kelly: float | None = None
    kelly_trades: int = 50
    heat: float | None = None
    risk_per_trade: float | None = 0.02
    max_value: float | None = None
    max_volume_share: float | None = None
    orders_per_minute: int | None = None
    orders_per_day: int | None = None
    messages_per_minute: int | None = None
    price_collar: float | None = None
    collar_window: float | None = None
    collar_bars: int = 60
    duplicate_window: str | None = None
    self_match: bool | None = None
    max_age: str | None = None
    max_move: float | None = None
    venue_stop: float | None = None
    instruments: tuple[str, ...] | None = None
    per_instrument: tuple[InstrumentLimits, ...] = ()
    breakers: Breakers | None = None

    def __post_init__(self) -> None:
        """Checks every limit."""
        for field, key in {**LIMITS, **PARAMETERS}.items():
            value = getattr(self, field)
            if value is not None or field in PARAMETERS:
                check("the policy", key, value)

    def engine_terms(
        self, symbols: Sequence[str], lots: Sequence[tuple[int, int]] = (), venues: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Returns the policy as the engine reads it, for instruments in id order with their lots (n, decimals) and venues.

        Raises RiskError for a symbol that is not there, or a quantity below one lot.
        """
        terms: dict[str, Any] = {}
        for field, key in LIMITS.items():
            value = getattr(self, field)
            if field in AMOUNTS:
                terms[AMOUNTS[field]] = None if value is None else int(Decimal(str(value)) * AMOUNT_UNITS)
            elif key.kind == "number":
                terms[RENAMED.get(field, f"{field}_e9")] = None if value is None else max(1, round(value * E9))
            elif key.kind == "span":
                terms[SPANS[field]] = None if value is None else span_ms(value)
            else:
                terms[field] = value
        reckoned = {
            "span": any(getattr(self, name) is not None for name in MODELLED),
            "kelly_trades": self.kelly is not None,
            "collar_bars": self.collar_window is not None,
        }
        terms |= {name: getattr(self, name) for name, is_needed in reckoned.items() if is_needed}
        if self.breakers is not None:
            terms["breakers"] = self.breakers.engine_terms(venues or [""] * len(symbols))
        terms["allowed"] = None if self.instruments is None else self._allowed(symbols)
        return {key: value for key, value in terms.items() if value is not None} | self._quantities(symbols, lots)

    def _allowed(self, symbols: Sequence[str]) -> list[bool]:
        _check_symbols("order.instruments", self.instruments or (), symbols)
        return [symbol in (self.instruments or ()) for symbol in symbols]

    def _quantities(self, symbols: Sequence[str], lots: Sequence[tuple[int, int]]) -> dict[str, list[int | None]]:
        own = {limits.symbol: limits for limits in self.per_instrument}
        _check_symbols("a section [instrument]", own, symbols)
        found: dict[str, list[int | None]] = {}
        for name in QUANTITIES:
            if any(getattr(limits, name) is not None for limits in own.values()):
                found[name] = [
                    _lots(own[symbol], name, lots[at]) if symbol in own else None for at, symbol in enumerate(symbols)
                ]
        return found

    def content(self) -> dict[str, dict[str, Any]]:
        """Returns what a policy file of these limits holds, by section; off is `False`. `read_policy` makes the same policy of it."""
        found: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
        for field, value in self.as_dict().items():
            if field == "instruments":
                found["order"][field] = False if value is None else value
            elif field not in ("per_instrument", BREAKER):
                key = key_of(field)
                found[key.section][key.name] = False if value is None else value
        for limits in self.per_instrument:
            own = {name: getattr(limits, name) for name in QUANTITIES}
            found[INSTRUMENT][limits.symbol] = {name: value for name, value in own.items() if value is not None}
        if self.breakers is not None:
            found[BREAKER] = self.breakers.content()
        return {section: keys for section, keys in found.items() if keys}

    def as_dict(self) -> dict[str, Any]:
        """Returns every limit by key as JSON holds it, None where it is off."""
        found = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "breakers"}
        found["per_instrument"] = [vars(limits) for limits in self.per_instrument]
        found[BREAKER] = None if self.breakers is None else self.breakers.content()
        return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


MODELLED = (
    "correlation", "correlation_break", "var_breach", "value_at_risk", "expected_shortfall", "volatility_target", "heat",
)  # fmt: skip
"""Limits that need the risk model."""


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
    values: dict[str, Any] = {}
    for section, keys in content.items():
        if section == BREAKER:
            values["breakers"] = read_breakers(keys, where)
            continue
        if section not in SECTIONS or not isinstance(keys, Mapping):
            raise RiskError(
                f"{where}: there is no section [{section}]; sections are {', '.join(f'[{s}]' for s in (*SECTIONS, BREAKER))}."
            )
        if section == INSTRUMENT:
            values["per_instrument"] = tuple(_instrument(where, symbol, own) for symbol, own in keys.items())
            continue
        known = fields_of(section)
        for name, value in keys.items():
            if name not in known:
                raise RiskError(_no_such_key(where, section, name))
            field = known[name]
            values[field] = _instruments(where, value) if field == "instruments" else off_or_value(where, field, value)
    return Policy(**values)


def _no_such_key(where: str, section: str, name: str) -> str:
    homes = [home for home in SECTIONS if name in fields_of(home)]
    if homes:
        return f"{where}: {name} belongs into [{homes[0]}], not into [{section}]; move it there."
    return f"{where}: there is no key {section}.{name}; keys of [{section}] are {', '.join(fields_of(section))}."


def _instruments(where: str, value: Any) -> tuple[str, ...] | None:
    if value is False:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(symbol, str) for symbol in value):
        raise RiskError(
            f'{where}: order.instruments is {value!r}; give a list of symbols such as ["BTC/USDT"], or false.'
        )
    return tuple(value)


def _instrument(where: str, symbol: str, own: Any) -> InstrumentLimits:
    if not isinstance(own, Mapping):
        raise RiskError(
            f'{where}: instrument.{symbol} is {own!r}; give a section such as [instrument."BTC/USDT"] with {QUANTITIES[0]} = 2.'
        )
    quantities: dict[str, float] = {}
    for name, value in own.items():
        if name not in QUANTITIES:
            raise RiskError(
                f'{where}: there is no key {name} in [instrument."{symbol}"]; keys are {", ".join(QUANTITIES)}.'
            )
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is not False and not (is_number and 0 < value < 1e15):
            raise RiskError(
                f'{where}: {name} of [instrument."{symbol}"] is {value!r}; give a quantity in base units, or false.'
            )
        if value is not False:
            quantities[name] = value
    return InstrumentLimits(symbol, **quantities)


def _check_symbols(where: str, named: Sequence[str] | Mapping[str, Any], symbols: Sequence[str]) -> None:
    if unknown := sorted(set(named) - set(symbols)):
        raise RiskError(
            f"{where} of the policy names {unknown[0]}, which the data does not have; it has {', '.join(symbols[:8])}."
        )


def _lots(limits: InstrumentLimits, name: str, lot: tuple[int, int]) -> int | None:
    quantity = getattr(limits, name)
    if quantity is None:
        return None
    lots = int((Decimal(str(quantity)) * 10 ** lot[1] / lot[0]).to_integral_value(ROUND_FLOOR))
    if lots < 1:
        raise RiskError(
            f'{name} of [instrument."{limits.symbol}"] is {quantity:g}, less than one lot of {lot[0] / 10 ** lot[1]:g}; '
            "give one lot or more."
        )
    return lots
