"""What trading cost: fees, half the spread, market impact, and how much was traded.

The engine records every fill's price and its base price (the open, or the worse of stop level and open). The half spread follows
from the rule of docs/semantics.md, section 5, ⌈base·half_spread⌉ ticks; what is left of the difference is impact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import AMOUNT, Floats, Ints, RunColumns

E9 = 1_000_000_000


@dataclass(frozen=True)
class FillCosts:
    """Per fill, account currency, shape (fills,) each: `notional` (unsigned), `fees`, `spread`, `impact`."""

    notional: Floats
    fees: Floats
    spread: Floats
    impact: Floats


def fill_costs(run: RunColumns) -> FillCosts:
    """Returns the notional and the three costs of every fill."""
    fills = run.table("fills")
    if not len(fills["asset"]):
        nothing = np.empty(0)
        return FillCosts(nothing, nothing, nothing, nothing)
    unit = np.array([a.tick * a.lot for a in run.assets])[fills["asset"]]  # quote per lot and tick
    lots, ticks, base = (fills[name].astype(np.int64) for name in ("lots", "ticks", "base_ticks"))
    size = np.abs(lots) * unit
    slipped = np.maximum(np.sign(lots) * (ticks - base), 0)
    spread = np.minimum(half_spread_ticks(base, run.half_spread_e9), slipped)
    return FillCosts(size * ticks, fills["fee"] * AMOUNT, size * spread, size * (slipped - spread))


def half_spread_ticks(base: Ints, half_spread_e9: int) -> Ints:
    """Returns ⌈base·half_spread⌉ in ticks; the product is split so that prices up to 2^63 / 10^9 ticks cannot overflow it."""
    whole, rest = base // E9, base % E9
    ticks: Ints = whole * half_spread_e9 + -(-(rest * half_spread_e9) // E9)
    return ticks


def turnover(traded: float, mean_equity: float, years: float) -> float:
    """Returns Σ|notional of fills|/mean equity/years: buys and sells both count, so one full round trip of the account is 2."""
    return traded / mean_equity / years if mean_equity > 0 and years > 0 else float("nan")
