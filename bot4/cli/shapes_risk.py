"""What the JSON of `bot4 risk …` holds, as types (see `shapes`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot4.risk.catalogue import Control
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
    risk_per_trade: float | None
    max_value: float | None
    max_volume_share: float | None
    orders_per_minute: int | None
    orders_per_day: int | None
    instruments: list[str] | None
    breaker: dict[str, Any] | None


@dataclass(frozen=True)
class RiskCheck:
    """`bot4 risk check`."""

    file: str
    policy: Limits
