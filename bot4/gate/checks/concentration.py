"""G7, concentration: whether the profit rests on a few days, one coin, or survives no bad quarter. A warning."""

from __future__ import annotations

import numpy as np

from bot4.report import text
from bot4.report.columns import Floats, Ints

from ..evidence import Evidence
from ..finding import Finding, found
from .readings import coin

NAME = ("G7", "concentration")
BEST_DAYS = 5


def check(evidence: Evidence) -> Finding:
    """Returns whether the profit is spread; value: what is left of it without the best five days, a fraction of it."""
    settings, returns = evidence.registration.settings, evidence.out.returns
    total = float(returns.sum())
    without_days = total - float(np.sort(returns)[-BEST_DAYS:].sum())
    by_asset = evidence.asset_pnl.sum(axis=0)
    universe = [coin(name) for name in evidence.registration.universe]
    has_choice = len(universe) > 1
    best = int(np.argmax(by_asset))
    without_coin = float(by_asset.sum() - by_asset[best])
    names, totals = quarters(evidence.out.days, returns)
    worst = int(np.argmin(totals))
    floor = -2.0 * settings.planned_loss
    wrong = []
    if total > 0 and not without_days > 0:
        wrong.append(f"without the best {BEST_DAYS} days nothing is left")
    if total > 0 and has_choice and not without_coin > 0:
        wrong.append(f"without {universe[best]} nothing is left")
    if totals[worst] < floor:
        wrong.append(
            f"the quarter {names[worst]} lost {text.percent(-totals[worst])}, more than twice the "
            f"{text.percent(settings.planned_loss, 0)} planned for"
        )
    words = _words(total, without_days, universe[best] if has_choice else "", without_coin)
    words += (
        f" But {' and '.join(wrong)}."
        if wrong
        else f" The worst quarter was {text.percent(totals[worst], signed=True)}."
    )
    return found(
        NAME, "warn", total > 0 and not wrong, without_days / total if total > 0 else None, (">", 0.0), "fraction", words,
        total=total, without_days=without_days, best_coin=universe[best], without_coin=without_coin if has_choice else None,
        coins=universe, profits=by_asset, quarters=names, quarter_returns=totals,
    )  # fmt: skip


def quarters(days: Ints, returns: Floats) -> tuple[list[str], list[float]]:
    """Returns the names (2024Q1) and compound returns of calendar quarters (UTC), the first and last may be incomplete."""
    months = days.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64)
    number = months // 3
    firsts = np.flatnonzero(np.append(True, number[1:] != number[:-1]))
    logs = np.log(np.maximum(1.0 + returns, 1e-300))
    names = [f"{1970 + int(n) // 4}Q{int(n) % 4 + 1}" for n in number[firsts]]
    return names, np.expm1(np.add.reduceat(logs, firsts)).tolist()


def _words(total: float, without_days: float, coin: str, without_coin: float) -> str:
    if not total > 0:
        return f"The sum of days is {text.percent(total, signed=True)}: there is no profit to be spread."
    left = f"{text.percent(without_days, signed=True)} is left without the best {BEST_DAYS} days"
    if coin:
        left += f" and {text.percent(without_coin, signed=True)} without {coin}"
    return f"Of a profit of {text.percent(total, signed=True)} (sum of days), {left}."
