"""What trading and holding cost, by asset and by day."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Floats, Ints


@dataclass(frozen=True)
class AssetCosts:
    """One asset's costs, account currency; costs are positive, funding is what was received less paid."""

    symbol: str
    traded: float
    """Σ|notional| of fills."""
    fees: float
    """Without those of liquidations."""
    spread: float
    impact: float
    liquidation_fees: float
    interest: float
    """Paid on borrowed coins, at the last rate; interest on negative cash belongs to no asset."""
    funding: float
    total: float
    """fees + spread + impact + liquidation_fees + interest."""


@dataclass(frozen=True)
class Costs:
    """Costs of the run; the sums are those of the summary."""

    assets: tuple[AssetCosts, ...]
    """By id."""
    times: Ints
    """Close times of the days, UTC ms, shape (days,)."""
    fees: Floats
    """By day, with those of liquidations, account currency, shape (days,)."""
    spread: Floats
    impact: Floats
    funding: Floats
    """Received less paid, by day."""
    traded: Floats
    """Σ|notional| of fills by day."""
    turnover: Floats
    """traded/equity at the day's close; NaN after ruin, shape (days,)."""
    interest: float
    """In all: the engine keeps its sum alone."""
    total: float
    gross_profit: float
    """Profit before costs and funding: final − start equity + total − funding."""
    share_of_gross: float
    """total/gross_profit; NaN where that is not positive."""
    bps_of_traded: float
    """total without interest/traded, basis points."""
    maker_share: float
    """Share of the traded amount that rested; NaN where the run does not tell."""
