"""Margin rules of an instrument: mode, leverage, maintenance tiers, liquidation fee; as a user states them, checked.

Tiers are those a venue publishes: from which notional on (of the settlement currency) which maintenance rate holds, and the amount
that makes the step between two rates smooth ("maintenance amount", `cum`): amount_i = amount_{i−1} + floor_i·(rate_i − rate_{i−1}).
What is not stated is never invented: only the tiers of `TIERS`, with their source, stand in where a file has none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Literal, get_args

from bot4.data.errors import DataError

MarginMode = Literal["cross", "isolated"]
MODES: tuple[MarginMode, ...] = get_args(MarginMode)
E9 = 1_000_000_000
E9_PER_BP = 100_000
AMOUNT_UNITS = 100_000_000
I64_MAX = 2**63 - 1
MAX_LEVERAGE = 1_000
MARGIN_KEYS = ("mode", "leverage", "tiers", "liquidation_fee_bps")
EXAMPLE = '"tiers": [[0, 0.004], [50000, 0.005]]'

Tier = tuple[Decimal, Decimal, Decimal]
"""(smallest notional, maintenance rate, maintenance amount)."""


def tiers_of(steps: Sequence[tuple[int | str, str]]) -> tuple[Tier, ...]:
    """Returns tiers from (smallest notional, rate), with the amounts that make them continuous."""
    found: list[Tier] = []
    for floor_text, rate_text in steps:
        floor, rate = Decimal(floor_text), Decimal(rate_text)
        amount = found[-1][2] + floor * (rate - found[-1][1]) if found else Decimal(0)
        found.append((floor, rate, amount))
    return tuple(found)


# Binance USDⓈ-M, "Leverage and Margin" brackets as the venue's API gave them in the summer of 2024 (GET /fapi/v1/leverageBracket; kept in
# freqtrade's public repository, freqtrade/exchange/binance_leverage_tiers.json, commit 01d10ae). Venues change them: state your own.
_BINANCE = MappingProxyType(
    {
        "BTC/USDT:USDT": tiers_of(
            [
                (0, "0.004"),
                (50_000, "0.005"),
                (600_000, "0.0065"),
                (3_000_000, "0.01"),
                (12_000_000, "0.02"),
                (70_000_000, "0.025"),
                (100_000_000, "0.05"),
                (230_000_000, "0.1"),
                (480_000_000, "0.125"),
                (600_000_000, "0.15"),
                (800_000_000, "0.25"),
                (1_200_000_000, "0.5"),
            ]
        ),
        "ETH/USDT:USDT": tiers_of(
            [
                (0, "0.004"),
                (50_000, "0.005"),
                (600_000, "0.0065"),
                (3_000_000, "0.01"),
                (12_000_000, "0.02"),
                (50_000_000, "0.025"),
                (65_000_000, "0.05"),
                (150_000_000, "0.1"),
                (320_000_000, "0.125"),
                (400_000_000, "0.15"),
                (530_000_000, "0.25"),
                (800_000_000, "0.5"),
            ]
        ),
    }
)
TIERS: Mapping[str, Mapping[str, tuple[Tier, ...]]] = MappingProxyType(
    dict.fromkeys(("binance", "binancefut", "binanceusdm"), _BINANCE)
)
"""Shipped tiers by venue and symbol."""
SHIPPED_FEE_BPS = 125.0
"""What the shipped perpetuals pay when liquidated: `"liquidationFee": "0.012500"` in Binance's GET /fapi/v1/exchangeInfo."""


@dataclass(frozen=True)
class Margin:
    """Margin rules: `leverage` is notional over initial margin, `tiers` rise from 0, the fee of a liquidation is on top of the taker's."""

    leverage: float
    tiers: tuple[Tier, ...]
    mode: MarginMode = "cross"
    liquidation_fee_bps: float = 0.0

    def terms(self) -> dict[str, Any]:
        """Returns the entry `margin` of the engine's configuration (docs/design.md)."""
        return {
            "mode": self.mode,
            "leverage_e9": round(self.leverage * E9),
            "tiers": [
                [_units(floor, AMOUNT_UNITS), _units(rate, E9), _units(amount, AMOUNT_UNITS)]
                for floor, rate, amount in self.tiers
            ],
            "liquidation_fee_e9": round(self.liquidation_fee_bps * E9_PER_BP),
        }

    def text(self) -> str:
        """Returns the rules in one clause."""
        fee = f", liquidation fee {self.liquidation_fee_bps:g} bp" if self.liquidation_fee_bps else ""
        rates = f"{float(self.tiers[0][1]) * 100:g}"
        if len(self.tiers) > 1:
            rates += f" to {float(self.tiers[-1][1]) * 100:g}"
        return f"{self.mode}, {self.leverage:g} ×, maintenance {rates}\u00a0%{fee}"


def _units(value: Decimal, units: int) -> int:
    return int((value * units).to_integral_value())


def read_margin(stated: Mapping[str, Any], venue: str, symbol: str, where: str) -> Margin:
    """Returns the rules that a file or a call states; tiers that are missing come from `TIERS`.

    Raises `DataError`, one sentence that begins with `where`.
    """
    mode = stated.get("mode", "cross")
    if mode not in MODES:
        raise DataError(f"{where}: margin mode is {mode!r}; give {' or '.join(MODES)}.")
    if "leverage" not in stated:
        raise DataError(f'{where}: margin has no "leverage"; give notional over initial margin, such as 10.')
    leverage = _number(stated["leverage"], f"{where}: leverage", 1, MAX_LEVERAGE)
    is_shipped = "tiers" not in stated
    tiers = TIERS.get(venue, {}).get(symbol) if is_shipped else _tiers(stated["tiers"], where)
    usual = SHIPPED_FEE_BPS if is_shipped else 0.0
    fee = _number(stated.get("liquidation_fee_bps", usual), f"{where}: liquidation_fee_bps", 0, 4_999)
    if tiers is None:
        raise DataError(
            f"{where}: margin needs the venue's maintenance tiers, which are shipped only for Binance's BTC and ETH perpetuals; state "
            f"them in an instruments file, as {EXAMPLE}."
        )
    return checked(Margin(leverage, tiers, mode, fee), where)


def checked(margin: Margin, where: str) -> Margin:
    """Returns the rules. Raises `DataError` where a position would be liquidated as soon as it is opened."""
    first = float(margin.tiers[0][1])
    if margin.leverage * first >= 1:
        raise DataError(
            f"{where}: at leverage {margin.leverage:g} a position would be liquidated where it starts, since its initial margin of "
            f"{100 / margin.leverage:.3g} % is not above the maintenance rate of {first * 100:g} %; give a leverage below {1 / first:.6g}."
        )
    return margin


def _tiers(stated: Any, where: str) -> tuple[Tier, ...]:
    if not isinstance(stated, Sequence) or isinstance(stated, str) or not stated:
        raise DataError(f"{where}: tiers must be a list of [notional from, maintenance rate], as {EXAMPLE}.")
    rows = [_tier(row, f"{where}: tier {at}") for at, row in enumerate(stated)]
    smooth = tiers_of([(str(floor), str(rate)) for floor, rate, _ in rows])
    found: list[Tier] = []
    for at, (floor, rate, amount) in enumerate(rows):
        if at == 0 and floor != 0:
            raise DataError(f"{where}: tier 0 starts at {floor}; the first must start at 0.")
        if found and (floor <= found[-1][0] or rate < found[-1][1]):
            raise DataError(
                f"{where}: tier {at} ({floor}, {rate}) does not rise above the one before; sort them by notional."
            )
        found.append((floor, rate, smooth[at][2] if amount is None else amount))
    return tuple(found)


def _tier(row: Any, where: str) -> tuple[Decimal, Decimal, Decimal | None]:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) not in (2, 3):
        raise DataError(f"{where} is {row!r}; write [notional from, rate] or [notional from, rate, amount].")
    floor, rate = (_decimal(value, where) for value in row[:2])
    amount = _decimal(row[2], where) if len(row) == 3 else None
    if not (floor >= 0 and 0 <= rate < 1 and (amount is None or amount >= 0)) or floor * AMOUNT_UNITS > I64_MAX:
        raise DataError(
            f"{where} is {list(row)}; rates are fractions from 0 to below 1, notionals and amounts 0 or more."
        )
    return floor, rate, amount


def _decimal(value: Any, where: str) -> Decimal:
    try:
        number = Decimal(str(value))
        if isinstance(value, bool) or not number.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        raise DataError(f"{where} holds {value!r}, not a number; write it as 0.004.") from None
    return number


def _number(value: Any, what: str, low: float, high: float) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not (math.isfinite(value) and low <= value <= high)
    ):
        raise DataError(f"{what} is {value!r}; give a number from {low:g} to {high:,g}.")
    return float(value)
