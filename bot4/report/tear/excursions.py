"""How far trades went for and against us while they were open (Sweeney 1996), beside what they brought."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Floats, Ints


@dataclass(frozen=True)
class Excursions:
    """Closed trades in the order of `result.trades`; fractions of the mean entry price, arrays of shape (closed trades,)."""

    trade: Ints
    """Row in `result.trades`."""
    asset: Ints
    """Number of its asset."""
    side: Ints
    """1 long, −1 short."""
    mae: Floats
    """Maximum adverse excursion, ≤ 0."""
    mfe: Floats
    """Maximum favourable excursion, ≥ 0."""
    result: Floats
    """Profit/entry notional, after fees and funding."""
    captured: Floats
    """result/mfe of each trade; NaN where it never went our way."""
    edge_ratio: float
    """mean mfe/mean |mae| (Faith 2007, there in units of the average true range)."""
    mfe_captured: float
    """Σ result/Σ mfe over all trades: which share of the best price was kept."""
    mean_mae_wins: float
    mean_mae_losses: float
    mean_mfe_wins: float
    mean_mfe_losses: float
    mae_wins_95: float
    """95 of 100 winners never were below this: where a stop would have cost few of them."""
    losses_once_ahead: float
    """Share of the losing trades whose mfe was above their loss: they could have been closed with a gain of the same size."""
