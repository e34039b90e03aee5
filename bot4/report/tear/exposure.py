"""What was at stake over time: gross, net, number of positions, by asset."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Floats, Ints


@dataclass(frozen=True)
class AssetExposure:
    """One asset's share of equity."""

    symbol: str
    time_in_market: float
    """Share of all marks of the run with a position in it."""
    mean_gross: float
    """Mean over all marks of |value|/equity."""
    max_gross: float
    mean_net: float
    """The same signed: short is negative."""
    weights: Floats
    """Signed value/equity at each day's close, shape (days + 1,)."""


@dataclass(frozen=True)
class Exposure:
    """Fractions of equity; shares of marks."""

    times: Ints
    """Close times of the days, UTC ms, shape (days + 1,)."""
    gross: Floats
    """Σ|value|/equity at each day's close, shape (days + 1,)."""
    net: Floats
    """Σ value/equity."""
    positions: Ints
    """Assets with a position."""
    time_in_market: float
    time_long: float
    """Share of marks with net value above 0."""
    time_short: float
    mean_gross: float
    max_gross: float
    mean_net: float
    mean_positions: float
    """Mean over all marks."""
    max_positions: int
    assets: tuple[AssetExposure, ...]
    """By id."""
