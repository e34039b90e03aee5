"""Scanning: what is wrong with bars, how far apart they are, and how many decimals they carry.

Every test is exact over all rows and runs in blocks that stay in the cache: a million bars take about 20 ms, decimals included.
The scan only finds; refusing is `load.py`, reporting `quality.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bot4.data.columns import PRICES, VALUES, Bools, Columns, Floats, Ints
from bot4.data.timeframe import format_interval, format_time

BLOCK_ROWS = 16_384
MAX_SEEN_DECIMALS = 10
MIXED_RUN = 50  # so many bars in a row at another spacing are a second interval, not outages
_ULPS = 4 * np.finfo(np.float64).eps  # sums of decimals are off by a unit or two in the last place


class BadRows(NamedTuple):
    """Rows that no market can have, of one kind; `row` counts bars from 0."""

    kind: str
    rows: Ints


# Kinds in the order of diagnosis: a bar that is of several kinds is reported as the first.
KIND_TEXT = {
    "nan": "is missing (NaN)",
    "infinite": "is infinite",
    "not_positive": "is not positive",
    "high_below_low": "high is below low",
    "outside": "open or close lies outside low to high",
    "negative_volume": "volume is negative",
}


def has_bad_rows(columns: Columns) -> bool:
    """Returns whether any bar is impossible: not finite, not positive, prices out of order, or a volume that is none."""
    buffer, test = np.empty(BLOCK_ROWS, np.bool_), np.empty(BLOCK_ROWS, np.bool_)
    for start in range(0, columns.rows, BLOCK_ROWS):
        _, open_, high, low, close, volume = columns.cut(start, start + BLOCK_ROWS)
        ok, t = buffer[: len(open_)], test[: len(open_)]
        # NaN fails every comparison; what lies between a positive low and a finite high is finite itself.
        np.greater(low, 0.0, out=ok)
        for small, large in ((low, open_), (open_, high), (low, close), (close, high), (0.0, volume)):
            np.less_equal(small, large, out=t)
            np.logical_and(ok, t, out=ok)
        for value in (high, volume):
            np.less(value, np.inf, out=t)
            np.logical_and(ok, t, out=ok)
        if not ok.all():
            return True
    return False


def bad_rows(columns: Columns) -> list[BadRows]:
    """Returns the impossible bars by kind, each bar under the first kind it fits; slow and complete."""
    if not has_bad_rows(columns):
        return []
    values = np.stack([getattr(columns, name) for name in VALUES])
    prices = values[:4]
    open_, high, low, close = prices
    with np.errstate(invalid="ignore"):
        masks: dict[str, Bools] = {
            "nan": np.isnan(values).any(axis=0),
            "infinite": np.isinf(values).any(axis=0),
            "not_positive": np.asarray((prices <= 0).any(axis=0)),
            "high_below_low": high < low,
            "outside": (open_ < low) | (open_ > high) | (close < low) | (close > high),
            "negative_volume": columns.volume < 0,
        }
    seen = np.zeros(columns.rows, np.bool_)
    found = []
    for kind, mask in masks.items():
        rows = np.flatnonzero(mask & ~seen)
        if len(rows):
            found.append(BadRows(kind, rows))
        seen |= mask
    return found


def describe_row(columns: Columns, kind: str, row: int) -> str:
    """Returns what is wrong with one bar in words: `high 9.5 is below low 10.0`."""
    bar = {name: float(getattr(columns, name)[row]) for name in VALUES}
    if kind == "high_below_low":
        return f"high {bar['high']:.10g} is below low {bar['low']:.10g}"
    if kind == "outside":
        name = next(name for name in ("open", "close") if not bar["low"] <= bar[name] <= bar["high"])
        return f"{name} {bar[name]:.10g} lies outside low {bar['low']:.10g} to high {bar['high']:.10g}"
    if kind == "negative_volume":
        return f"volume {bar['volume']:.10g} is negative"
    wrong = {"nan": np.isnan, "infinite": np.isinf}.get(kind, lambda value: value <= 0)
    name = next(name for name in (PRICES if kind == "not_positive" else VALUES) if wrong(bar[name]))
    return f"{name} {KIND_TEXT[kind]}" if kind == "nan" else f"{name} {bar[name]:.10g} {KIND_TEXT[kind]}"


@dataclass(frozen=True)
class Spacing:
    """How the times of bars follow each other.

    `interval_ms` is the distance of most bars (None if there are fewer than two), `missing` the bars left out between first and
    last. The row lists are of bars whose distance from the one before is wrong; `gaps` are whole multiples and no error.
    """

    interval_ms: int | None
    missing: int
    gaps: Ints
    duplicates: Ints
    backwards: Ints
    off_interval: Ints
    mixed: Ints  # first rows of long stretches at another spacing

    @property
    def clean(self) -> bool:
        """Returns whether times increase on one interval."""
        return not (len(self.duplicates) or len(self.backwards) or len(self.off_interval) or len(self.mixed))


def spacing(ts: Ints, named_ms: int | None = None) -> Spacing:
    """Returns the interval of open times and every place where they leave it.

    `named_ms` is the interval a file's name states; it holds unless most bars say otherwise.
    """
    none = np.empty(0, np.int64)
    if len(ts) < 2:
        return Spacing(named_ms, 0, none, none, none, none, none)
    steps = np.diff(ts)
    low, high = int(steps.min()), int(steps.max())
    if low == high and low > 0 and named_ms in (None, low):
        return Spacing(low, 0, none, none, none, none, none)
    duplicates, backwards = np.flatnonzero(steps == 0) + 1, np.flatnonzero(steps < 0) + 1
    interval = _main_step(steps, named_ms)
    if interval is None:
        return Spacing(named_ms, 0, none, duplicates, backwards, none, none)
    other = np.flatnonzero((steps != interval) & (steps > 0))
    multiple = steps[other] % interval == 0
    gaps, off = other[multiple] + 1, other[~multiple] + 1
    missing = int((steps[gaps - 1] // interval - 1).sum())
    return Spacing(interval, missing, gaps, duplicates, backwards, off, _other_stretches(steps, other))


def _main_step(steps: Ints, named_ms: int | None) -> int | None:
    """Returns the named interval if any bars keep it and no other is more common, else the most common distance."""
    forward = steps[steps > 0]
    count = len(forward)
    if count == 0:
        return None
    named = 0 if named_ms is None else np.count_nonzero(forward == named_ms)
    if named_ms is not None and (2 * named > count or (count < 3 and not (forward % named_ms).any())):
        return named_ms
    smallest = int(forward.min())
    if 2 * np.count_nonzero(forward == smallest) > count:
        return smallest
    distances, counts = np.unique(forward, return_counts=True)
    return named_ms if named_ms is not None and named == counts.max() else int(distances[counts.argmax()])


def _other_stretches(steps: Ints, other: Ints) -> Ints:
    """Returns the first rows of runs of at least `MIXED_RUN` equal distances that are not the main one."""
    if len(other) < MIXED_RUN:
        return np.empty(0, np.int64)
    breaks = (np.diff(other) != 1) | (np.diff(steps[other]) != 0)
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    lengths = np.diff(np.append(starts, len(other)))
    return other[starts[lengths >= MIXED_RUN]] + 1


def describe_step(ts: Ints, row: int, interval_ms: int) -> str:
    """Returns the time of a bar beside the one before, for messages."""
    step = int(ts[row] - ts[row - 1])
    usual = format_interval(interval_ms)
    return f"{format_time(int(ts[row]))} comes {format_interval(step)} after the bar before, but bars are {usual} apart"


def decimals(*arrays: Floats) -> int | None:
    """Returns the fewest decimals, at most 10, that hold every value; None if some value needs more.

    A value x fits d decimals if round(x·10^d)/10^d is x, or differs by no more than sums of decimals do (four units of the last
    place). Non-finite values fit anything.
    """
    places = 0
    first, second = np.empty(BLOCK_ROWS), np.empty(BLOCK_ROWS)
    same = np.empty(BLOCK_ROWS, np.bool_)
    blocks = (array[start : start + BLOCK_ROWS] for array in arrays for start in range(0, len(array), BLOCK_ROWS))
    with np.errstate(over="ignore", invalid="ignore"):
        for x in blocks:
            while not _fit(x, places, first[: len(x)], second[: len(x)], same[: len(x)]):
                places += 1
                if places > MAX_SEEN_DECIMALS:
                    return None
    return places


def _fit(x: Floats, places: int, scaled: Floats, whole: Floats, same: Bools) -> bool:
    power = 10.0**places
    np.multiply(x, power, out=scaled)
    np.rint(scaled, out=whole)
    np.divide(whole, power, out=scaled)
    np.equal(scaled, x, out=same)
    if same.all():
        return True
    rest = ~same & np.isfinite(x)
    return bool((np.abs(scaled[rest] - x[rest]) <= _ULPS * np.abs(x[rest])).all())
