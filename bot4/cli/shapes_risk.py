"""What the JSON of `bot4 risk …` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot4.risk.catalogue import Control
from bot4.risk.policy import InstrumentLimits as InstrumentLimits
from bot4.risk.report import ControlReport as ControlReport


@dataclass(frozen=True)
class RiskControls:
    """`bot4 risk controls`."""

    controls: list[Control]


@dataclass(frozen=True)
class Limits:
    """Every limit of a policy; null is off."""

    hourly_loss: float | None
    daily_loss: float | None
    total_loss: float | None
    drawdown: float | None
    max_leverage: float | None
    losing_streak: int | None
    repeated_orders: int | None
    strategy_daily_loss: float | None
    strategy_drawdown: float | None
    correlation: float | None
    correlation_break: float | None
    var_breach: float | None
    value_at_risk: float | None
    expected_shortfall: float | None
    concentration: float | None
    max_exposure: float | None
    max_positions: int | None
    span: int
    volatility_target: float | None
    kelly: float | None
    kelly_trades: int
    heat: float | None
    risk_per_trade: float | None
    max_value: float | None
    max_volume_share: float | None
    orders_per_minute: int | None
    orders_per_day: int | None
    messages_per_minute: int | None
    price_collar: float | None
    collar_window: float | None
    collar_bars: int
    duplicate_window: str | None
    self_match: bool | None
    max_age: str | None
    max_move: float | None
    venue_stop: float | None
    instruments: list[str] | None
    breaker: dict[str, Any] | None
    per_instrument: list[InstrumentLimits]


@dataclass(frozen=True)
class RiskCheck:
    """`bot4 risk check`."""

    file: str
    policy: Limits
