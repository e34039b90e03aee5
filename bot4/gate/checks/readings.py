"""What several checks read from the evidence: trials, days as instants, curves, seeds. Pure functions."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import numpy as np

from bot4.report.columns import DAY_MS, Bools, Floats, Ints
from bot4.report.tear.bootstrap import optimal_block

from ..evidence import Evidence

YEARLY = math.sqrt(365.0)


def trials(evidence: Evidence) -> float:
    """Returns N, the independent trials that the out-of-sample part has seen: those of the records, and one for each further opening."""
    return evidence.trials.effective + evidence.openings - 1


def trials_text(count: float) -> str:
    """Returns `1 trial`, `2.4 trials`."""
    return "1 trial" if count == 1 else f"{count:.3g} trials"


def listed(names: Sequence[str]) -> str:
    """Returns names as `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def coin(name: str) -> str:
    """Returns an instrument of a universe without its venue: `BTC/USDT:USDT` of `binance:BTC/USDT:USDT`."""
    venue, _, symbol = name.partition(":")
    return name if not symbol or "/" in venue else symbol


def end_ms(evidence: Evidence) -> int:
    """Returns the instant at which the last day out of sample is over."""
    return int(evidence.out.days[-1]) + DAY_MS


def day_after(evidence: Evidence, days: int) -> int:
    """Returns the instant from which there are so many days out of sample."""
    return int(evidence.out.days[0]) + days * DAY_MS


def annual_sharpe(returns: Floats) -> float:
    """Returns the annual Sharpe ratio; 0 for a series that is 0 throughout, NaN for another constant."""
    if not returns.any():
        return 0.0
    if np.ptp(returns) <= 1e-14 * np.max(np.abs(returns)):  # what varies is rounding
        return math.nan
    return float(np.mean(returns) / np.std(returns, ddof=1)) * YEARLY


def growth(returns: Floats) -> Floats:
    """Returns equity over its start after each day, shape (D,); a day that loses everything ends it."""
    found: Floats = np.cumprod(np.maximum(1.0 + returns, 0.0), dtype=np.float64)
    return found


def drawdowns(returns: Floats) -> Floats:
    """Returns equity below its peak so far, as a negative fraction of that, shape (D,); the start counts as a peak."""
    curve = growth(returns)
    found: Floats = curve / np.maximum(np.maximum.accumulate(curve), 1.0) - 1.0
    return found


def seed(evidence: Evidence, tag: str) -> list[int]:
    """Returns a seed for random numbers of one purpose, from that of the registration."""
    return [evidence.registration.seed, zlib.crc32(tag.encode())]


def whole_seed(evidence: Evidence, tag: str) -> int:
    """Returns such a seed as one number below 2³²."""
    return int(np.random.SeedSequence(seed(evidence, tag)).generate_state(1)[0])


def mean_block(returns: Floats) -> float:
    """Returns the mean block length in days that returns or their squares ask for (Patton, Politis and White 2009), at least 1."""
    return max(1.0, optimal_block(returns), optimal_block(returns**2))


def on_days(days: Ints, values: Floats, wanted: Ints) -> Floats:
    """Returns the rows of `values`, shape (n, …), of wanted days; all of them must be among `days`, which rise."""
    found: Floats = values[np.searchsorted(days, wanted)]
    return found


def has_days(days: Ints, wanted: Ints) -> Bools:
    """Tells of each wanted day whether it is among `days`, which rise."""
    if not len(days):
        return np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(days, wanted), len(days) - 1)
    found: Bools = days[place] == wanted
    return found
