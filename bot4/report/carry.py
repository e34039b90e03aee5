"""What positions cost or brought while they were held: funding, interest, liquidations.

Amounts in the account currency: funding at the rate of its time, interest at the last one (the engine keeps only its sum).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import formulas
from .columns import AMOUNT, RunColumns

LIQUIDATION = 15
"""The reason code of a liquidation (`engine/core/src/desk/reason.rs`)."""


@dataclass(frozen=True)
class Carry:
    """`funding` net received (paid is negative); `interest` paid on borrowed coins and negative cash; `fees` of `liquidations`, beside
    taker fees; `fund` what venues' funds took over of losses beyond isolated margin."""

    funding: float
    interest: float
    liquidations: int
    fees: float
    fund: float


def carry(run: RunColumns) -> Carry:
    """Returns the figures of a run; zeros where it had no accounts of that kind."""
    counts = range(len(run.assets))
    if run.is_single:  # as in `stats`: whole units first
        owed = sum(run.counter("borrow", n) for n in counts) + sum(int(amount) for amount in _wallets(run))
        funding = formulas.exact_sum(run.table("funding")["amount"]) if run.has("funding") else 0
        return Carry(
            funding=funding * AMOUNT,
            interest=-owed * AMOUNT,
            liquidations=sum(run.counter("liquidations", n) for n in counts),
            fees=_liquidation_fees(run),
            fund=sum(run.counter("fund", n) for n in counts) * AMOUNT,
        )
    borrowed = sum(run.counter("borrow", n) * run.final_rate(n) for n in counts)
    return Carry(
        funding=_funding(run),
        interest=-(borrowed + _wallet_interest(run)) * AMOUNT,
        liquidations=sum(run.counter("liquidations", n) for n in counts),
        fees=_liquidation_fees(run),
        fund=sum(run.counter("fund", n) * run.final_rate(n) for n in counts) * AMOUNT,
    )


def _funding(run: RunColumns) -> float:
    if not run.has("funding"):
        return 0.0
    table = run.table("funding")
    total = 0.0
    for number in np.unique(table["asset"]).tolist():
        mine = np.flatnonzero(table["asset"] == number)
        total += float(np.sum(table["amount"][mine] * run.rate(number, table["ts"][mine])))
    return total * AMOUNT


def _wallets(run: RunColumns) -> Any:
    """Returns the interest of each wallet; a plain account keeps no wallets."""
    return run.records.get("counters", {}).get("wallets", {}).get("interest", ())


def _wallet_interest(run: RunColumns) -> float:
    pairs = zip(_wallets(run), run.wallets, strict=False)
    return float(sum(int(amount) * run.final_rate_by(convert) for amount, convert in pairs))


def _liquidation_fees(run: RunColumns) -> float:
    total = 0.0
    for _, fee in liquidation_fees(run):
        total += fee
    return total * AMOUNT


def liquidation_fees(run: RunColumns) -> list[tuple[int, float]]:
    """Returns (row in `fills`, what the venue took for liquidating in 1e-8 of the account currency) of every liquidation.

    The engine books the venue's fee with the fill's: its share is that of its rate.
    """
    fills = run.table("fills")
    found = []
    for row in np.flatnonzero(fills["reason"] == LIQUIDATION).tolist():
        number = int(fills["asset"][row])
        asset = run.assets[number]
        share = asset.liquidation_fee / (asset.liquidation_fee + asset.fee) if asset.liquidation_fee else 0.0
        rate = float(run.rate(number, fills["ts"][row : row + 1])[0])
        found.append((row, float(fills["fee"][row]) * share * rate))
    return found
