"""What trading cost: fees, half the spread, market impact, and how much was traded.

The engine records every fill's price and its base price (the open, or the worse of stop level and open). The half spread follows
from the rule of docs/semantics.md, section 5, ⌈base·half_spread⌉ ticks; what is left of the difference is impact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
    lots, ticks, base = (fills[name].astype(np.int64) for name in ("lots", "ticks", "base_ticks"))
    slipped = np.maximum(np.sign(lots) * (ticks - base), 0)
    spread = np.minimum(half_spread_ticks(base, run.half_spread_e9), slipped)
    fees = fills["fee"] * AMOUNT
    unit = np.array([a.tick * a.lot for a in run.assets])[fills["asset"]]  # quote per lot and tick
    size = np.abs(lots) * unit
    costs = FillCosts(size * ticks, fees, size * spread, size * (slipped - spread))
    for number, asset in enumerate(run.assets):
        if asset.contract is not None or asset.convert is not None:
            mine = np.flatnonzero(fills["asset"] == number)
            _restate(costs, run, number, mine, (lots[mine], ticks[mine], base[mine], spread[mine], slipped[mine]))
    return costs


def _restate(
    costs: FillCosts, run: RunColumns, number: int, mine: Ints, fill: tuple[Ints, Ints, Ints, Ints, Ints]
) -> None:
    """Writes the costs of an asset that is inverse or settles in another currency than the account's."""
    asset, (lots, ticks, base, spread, slipped) = run.assets[number], fill
    rate = run.rate(number, run.table("fills")["ts"][mine])
    side = np.sign(lots)

    def amount(at: Any) -> Floats:
        return np.abs(asset.amount(lots, np.maximum(at, 1) * asset.tick)) * rate

    before = amount(base)
    half = np.abs(amount(base + side * spread) - before)
    costs.notional[mine] = amount(ticks)
    costs.fees[mine] *= rate
    costs.spread[mine] = half
    costs.impact[mine] = np.abs(amount(base + side * slipped) - before) - half


def half_spread_ticks(base: Ints, half_spread_e9: int) -> Ints:
    """Returns ⌈base·half_spread⌉ in ticks; the product is split so that prices up to 2^63 / 10^9 ticks cannot overflow it."""
    whole, rest = base // E9, base % E9
    ticks: Ints = whole * half_spread_e9 + -(-(rest * half_spread_e9) // E9)
    return ticks


def turnover(traded: float, mean_equity: float, years: float) -> float:
    """Returns Σ|notional of fills|/mean equity/years: buys and sells both count, so one full round trip of the account is 2."""
    return traded / mean_equity / years if mean_equity > 0 and years > 0 else float("nan")
