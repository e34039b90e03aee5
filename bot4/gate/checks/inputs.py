"""What evidence must be before anything is judged: whole, in order, and enough. Otherwise one sentence and no verdict."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bot4.report import text
from bot4.report.columns import DAY_MS, Ints

from ..errors import GateError
from ..evidence import Daily, Evidence
from .readings import day_after, end_ms, has_days

STRESSES = ("costs_2x", "delay_1")
LEAST_TRADES = 2


def require_sound(evidence: Evidence) -> None:
    """Raises GateError for evidence that no verdict may rest on."""
    _costs(evidence)
    _days(evidence.out, "out of sample")
    _days(evidence.inside, "in sample")
    _days(evidence.market, "of the market")
    _clock(evidence)
    _shapes(evidence)
    _numbers(evidence)
    _parts(evidence)
    _enough(evidence)


def _costs(evidence: Evidence) -> None:
    if not evidence.registration.costs:
        raise GateError(
            "the registration names no costs; register again with fees, spread and latency, for a result without costs is none"
        )


def _days(daily: Daily, what: str) -> None:
    if daily.days.shape != daily.returns.shape or daily.days.ndim != 1:
        raise GateError(f"the days {what} and their returns differ in number; the evidence is broken, collect it again")
    if (daily.days % DAY_MS).any() or (np.diff(daily.days) <= 0).any():
        raise GateError(f"the days {what} are not whole UTC days in order; the evidence is broken, collect it again")


def _clock(evidence: Evidence) -> None:
    clock, made = evidence.clock_ms, evidence.registration.created_ms
    if clock < made:
        raise GateError(
            f"the clock says {text.minute(clock)} and the registration was made at {text.minute(made)}: it ran backwards; "
            "set it right and collect the evidence again"
        )
    if len(evidence.out.days) and end_ms(evidence) > clock:
        raise GateError(
            f"the clock says {text.minute(clock)} and the evidence reaches to {text.minute(end_ms(evidence))}, which has not been; "
            "set the clock right and collect the evidence again"
        )


def _shapes(evidence: Evidence) -> None:
    days, assets = len(evidence.out.days), len(evidence.registration.universe)
    missing = [name for name in STRESSES if name not in evidence.stress]
    if missing:
        raise GateError(f"the evidence has no returns under {' and '.join(missing)}; collect it again")
    wanted: dict[str, tuple[NDArray[np.float64], tuple[int, ...]]] = {
        **{name: (evidence.stress[name], (days,)) for name in STRESSES},
        "gross": (evidence.gross, (days,)),
        "exposure": (evidence.exposure, (days,)),
        "asset_pnl": (evidence.asset_pnl, (days, assets)),
        "traded": (evidence.traded, (days, assets)),
        "volume": (evidence.volume, (days, assets)),
        "volatility": (evidence.volatility, (days, assets)),
        "neighbours": (evidence.neighbours, (len(evidence.neighbour_days), len(evidence.registration.grid))),
    }
    for name, (array, shape) in wanted.items():
        if array.shape != shape:
            raise GateError(f"{name} has shape {array.shape} and should have {shape}; collect the evidence again")
    rows = {len(getattr(evidence.trades, name)) for name in evidence.trades.__dataclass_fields__}
    if len(rows) > 1:
        raise GateError("the columns of the trades differ in length; collect the evidence again")
    if not has_days(evidence.market.days, evidence.out.days).all():
        raise GateError("the market's returns do not cover the days out of sample; collect the evidence again")


def _numbers(evidence: Evidence) -> None:
    trades = evidence.trades
    for name, array in (
        ("the returns out of sample", evidence.out.returns),
        ("the returns in sample", evidence.inside.returns),
        *((f"the returns under {name}", evidence.stress[name]) for name in STRESSES),
        ("the returns before costs", evidence.gross),
        ("the market's returns", evidence.market.returns),
        ("the neighbourhood's returns", evidence.neighbours),
        ("the profits by asset", evidence.asset_pnl),
        ("the exposures", evidence.exposure),
        ("the traded values", evidence.traded),
        ("the market's traded values", evidence.volume),
        ("the profits of trades", trades.pnl),
        ("the sizes of trades", trades.notional),
    ):
        wrong = int(np.size(array) - np.isfinite(array).sum())
        if wrong:
            raise GateError(f"{name} hold {wrong:,} values that are no finite number; collect the evidence again")
    if not evidence.equity > 0:
        raise GateError(f"the starting equity is {evidence.equity:g}; register with a positive one")


def _parts(evidence: Evidence) -> None:
    both = _common(evidence.inside.days, evidence.out.days)
    if both:
        raise GateError(
            f"{text.plural(both, 'day')} are both in sample and out of sample; register again with parts that do not overlap"
        )


def _common(one: Ints, other: Ints) -> int:
    return int(has_days(one, other).sum())


def _enough(evidence: Evidence) -> None:
    days, least = len(evidence.out.days), evidence.registration.settings.least_days
    if days <= least:
        when = f", which there are from {text.date(day_after(evidence, least + 1))} on" if days else ""
        raise GateError(
            f"there are {days:,} days out of sample and more than {least:,} are needed{when}; give longer data, or wait"
        )
    if (np.diff(evidence.out.days) != DAY_MS).any():
        raise GateError("days are missing out of sample; fill the data and collect the evidence again")
    if not evidence.out.returns.any():
        raise GateError(
            "the strategy earned and lost nothing on any day out of sample; a series of zeros proves nothing: find out why it never traded"
        )
    closed = len(evidence.trades.pnl)
    if closed < LEAST_TRADES and evidence.rebalances < LEAST_TRADES:
        least_trades = evidence.registration.settings.least_trades
        raise GateError(
            f"the strategy closed {text.plural(closed, 'trade')} out of sample; nothing can be judged from that: "
            f"{least_trades:,} are needed, or as many rebalances"
        )
