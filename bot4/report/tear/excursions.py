"""How far trades went for and against us while they were open (Sweeney 1996), beside what they brought."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..columns import Floats, Ints, RunColumns
from ..excursions import excursions as price_excursions
from .numbers import mean, ratio
from .rounds import Rounds


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
    """Mean mae of winning trades."""
    mean_mae_losses: float
    """Of losing trades."""
    mean_mfe_wins: float
    """Mean mfe of winning trades."""
    mean_mfe_losses: float
    """Of losing trades."""
    mae_wins_95: float
    """5 % quantile of the winners' mae: 95 of 100 of them never fell deeper, so a stop there would have cost few."""
    losses_once_ahead: float
    """Share of the losing trades whose mfe was above their loss: they could have been closed with a gain of the same size."""


def excursions(run: RunColumns, trades: Rounds) -> Excursions:
    """Returns the excursions of a run's closed trades."""
    worst, best = price_excursions(run)
    done = trades.where(trades.exit_ms >= 0)
    mae, mfe, result = worst[done.rows], best[done.rows], done.returns
    wins, losses = done.profit > 0, done.profit < 0
    return Excursions(
        trade=done.rows,
        asset=done.asset,
        side=done.side,
        mae=mae,
        mfe=mfe,
        result=result,
        captured=np.divide(result, mfe, out=np.full(len(mfe), np.nan), where=mfe > 0),
        edge_ratio=ratio(mean(mfe), -mean(mae)),
        mfe_captured=ratio(float(result.sum()), float(mfe.sum())),
        mean_mae_wins=mean(mae[wins]),
        mean_mae_losses=mean(mae[losses]),
        mean_mfe_wins=mean(mfe[wins]),
        mean_mfe_losses=mean(mfe[losses]),
        mae_wins_95=float(np.quantile(mae[wins], 0.05)) if wins.any() else math.nan,
        losses_once_ahead=mean(mfe[losses] > -result[losses]),
    )
