"""A sweep's rows: the statistics of many runs at once, from the digests that the engine keeps of them (`_engine.Sweep.run`).

A row holds those fields of `Stats` that follow from a digest, with the same bits as the single run's: integers are summed before
they become floats, and a sum along the last axis of a contiguous matrix adds in the order of the sum of one row. Left out is what
needs every bar, fill or trade: mean and largest exposure, spread and impact, the mean return of trades, and buy and hold (the same
for all runs); and, where instruments settle in other currencies than the account's, whatever would need their rates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import formulas
from .columns import AMOUNT, DAY_MS, YEAR_MS, Floats, Ints
from .costs import turnover

Digest = Mapping[str, Any]
"""What `_engine.Sweep.run` returns: arrays by run; wide sums of shape (runs, 2), days of shape (runs, days)."""
RUNS_AT_ONCE = 256
"""Rows of the daily matrix that are floats at one time."""
NO_TIME = -1
"""Stands for None among times."""
_DAILY = ("volatility", "sharpe", "sharpe_se", "sharpe_se_iid", "sortino", "skewness", "kurtosis")


def row_stats(digest: Digest) -> dict[str, NDArray[Any]]:
    """Returns the statistics by name, each of shape (runs,). A `max_drawdown_end_ms` that does not exist is −1, where `Stats` has None."""
    bars, start, end = (np.asarray(digest[name]) for name in ("bars", "start_ms", "end_ms"))
    first, last = digest["start_equity"].tolist(), digest["final_equity"].tolist()
    spans = (end - start).tolist()
    growth = _each(lambda at: formulas.cagr(first[at], last[at], spans[at]), len(bars))
    daily = _daily(digest)
    depth = digest["drawdown"]
    row: dict[str, NDArray[Any]] = {
        "start_ms": start,
        "end_ms": end,
        "days": (end - start) / DAY_MS,
        "bars": bars,
        "start_equity": digest["start_equity"] * AMOUNT,
        "final_equity": digest["final_equity"] * AMOUNT,
        "total_return": _each(lambda at: formulas.total_return(first[at], last[at]), len(bars)),
        "cagr": growth,
        **{name: daily[name] for name in ("volatility", "sharpe", "sharpe_se", "sharpe_se_iid", "sortino")},
        "calmar": _ratio(growth, -depth, depth < 0),
        **{name: daily[name] for name in ("skewness", "kurtosis")},
    }
    return row | _drawdown(digest) | _activity(digest, spans) | _trades(digest)


def daily_returns(digest: Digest) -> tuple[Ints, Floats]:
    """Returns (close times, returns of shape (runs, days)); 0 before a run's first day, whose return counts from its start."""
    before = np.concatenate([digest["start_equity"][:, None], digest["day_equity"][:, :-1]], axis=1)
    values = np.stack([before, digest["day_equity"]]).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        returns: Floats = np.where(values[0] > 0, values[1] / values[0] - 1.0, 0.0)
    times: Ints = digest["day_ts"]
    return times, returns


def closes(digest: Digest, run: int) -> Floats:
    """Returns the daily closes of one run, its base first: what `formulas.daily_closes` makes of the run's equity."""
    if not digest["bars"][run]:
        return np.empty(0)
    days = digest["day_equity"][run, int(digest["first_day"][run]) :]
    return np.concatenate([digest["start_equity"][run : run + 1], days]).astype(np.float64)


def whole(digest: Digest, name: str) -> list[int]:
    """Returns a wide sum as integers, which may not fit 64 bits."""
    return [(high << 64) + (low & 0xFFFF_FFFF_FFFF_FFFF) for high, low in digest[name].tolist()]


def _each(value: Callable[[int], float], count: int) -> Floats:
    """Returns the value of every run: Python's `math` and NumPy's loops may round logarithms and powers differently."""
    return np.fromiter((value(at) for at in range(count)), np.float64, count)


def _ratio(above: Any, below: Any, where: Any) -> Floats:
    """Returns above/below where allowed, else NaN."""
    ratio: Floats = np.divide(above, below, out=np.full(len(where), math.nan), where=where)
    return ratio


def _daily(digest: Digest) -> dict[str, Floats]:
    count = len(digest["bars"])
    found = {name: np.full(count, math.nan) for name in _DAILY}
    for runs, values in _groups(digest):
        for name, column in _of_returns(formulas_returns(values)).items():
            found[name][runs] = column
    return found


def _groups(digest: Digest) -> Iterator[tuple[Ints, Floats]]:
    """Yields runs whose first day is the same with their daily closes, shape (runs, days + 1)."""
    days, bars = digest["first_day"], digest["bars"]
    for day in np.unique(days[bars > 0]).tolist():
        group = np.flatnonzero((days == day) & (bars > 0))
        for at in range(0, len(group), RUNS_AT_ONCE):
            runs = group[at : at + RUNS_AT_ONCE]
            ends = digest["day_equity"][runs, day:]
            yield runs, np.concatenate([digest["start_equity"][runs, None], ends], axis=1).astype(np.float64)


def formulas_returns(values: Floats) -> Floats:
    """Returns the simple returns of closes along the last axis, as `formulas.simple_returns` does of one run, contiguous."""
    before, after = values[:, :-1], values[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.ascontiguousarray(np.where(before > 0, after / before - 1.0, 0.0))


def _of_returns(returns: Floats) -> dict[str, Floats]:
    """Returns the measures of `formulas` for returns of shape (runs, days), operation by operation."""
    runs, days = returns.shape
    if days < 2:
        nothing = np.full(runs, math.nan)
        iid = nothing if days == 0 else nothing * 0.0
        return dict.fromkeys(_DAILY, nothing) | {"sharpe_se_iid": iid}
    yearly = math.sqrt(formulas.DAYS_PER_YEAR)
    mean, deviation = np.mean(returns, axis=-1), np.std(returns, axis=-1, ddof=1)
    sharpe = _ratio(mean, deviation, deviation > 0) * yearly
    downside = np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2, axis=-1))
    centred = returns - mean[:, None]
    second = np.mean(centred**2, axis=-1)
    skew, kurt = (_moment_ratio(np.mean(centred**order, axis=-1), second, order) for order in (3, 4))
    ratio = sharpe / yearly
    variance = 1.0 - skew * ratio + (kurt - 1.0) / 4.0 * ratio * ratio
    with np.errstate(invalid="ignore"):
        error = np.where(variance >= 0, np.sqrt(variance / (days - 1)), math.nan)
    return {
        "volatility": deviation * yearly,
        "sharpe": sharpe,
        "sharpe_se": error * yearly,
        "sharpe_se_iid": np.sqrt((1.0 + ratio * ratio / 2.0) / days) * yearly,
        "sortino": _ratio(mean, downside, downside > 0) * yearly,
        "skewness": skew,
        "kurtosis": kurt,
    }


def _moment_ratio(moment: Floats, second: Floats, order: int) -> Floats:
    pairs = list(zip(moment.tolist(), second.tolist(), strict=True))
    return _each(lambda at: pairs[at][0] / pairs[at][1] ** (order / 2) if pairs[at][1] > 0 else math.nan, len(pairs))


def _drawdown(digest: Digest) -> dict[str, NDArray[Any]]:
    start, back = digest["drawdown_start_ms"], digest["drawdown_end_ms"]
    back = np.where(digest["bars"] > 0, back, NO_TIME)
    return {
        "max_drawdown": digest["drawdown"],
        "max_drawdown_start_ms": start,
        "max_drawdown_trough_ms": digest["drawdown_trough_ms"],
        "max_drawdown_end_ms": back,
        "max_drawdown_days": (np.where(back >= 0, back, digest["end_ms"]) - start) / DAY_MS,
        "longest_drawdown_days": digest["longest_drawdown_ms"] / DAY_MS,
    }


def _activity(digest: Digest, spans: list[int]) -> dict[str, NDArray[Any]]:
    bars = digest["bars"]
    row: dict[str, NDArray[Any]] = {"time_in_market": _ratio(digest["bars_held"], bars, bars > 0)}
    counts = {name: digest[name] for name in ("liquidations", "orders", "fills")}
    if not digest["is_single"]:
        return row | counts
    traded = np.array([units * AMOUNT for units in whole(digest, "traded")])
    equity, marks = whole(digest, "equity_sum"), bars.tolist()
    means = [units / count * AMOUNT if count else math.nan for units, count in zip(equity, marks, strict=True)]
    spared = digest["liquidations"] == 0  # a liquidation's fill holds two fees, which only the fill tells apart
    fees = np.array([units * AMOUNT for units in whole(digest, "fees")])
    owed = zip(digest["borrow"].tolist(), digest["interest"].tolist(), strict=True)
    return row | {
        "turnover": _each(lambda at: turnover(float(traded[at]), means[at], spans[at] / YEAR_MS), len(means)),
        "traded": traded,
        "fees": np.where(spared, fees - 0.0, math.nan),
        "liquidation_fees": np.where(spared, 0.0, math.nan),
        "interest": np.array([-(borrow + interest) * AMOUNT for borrow, interest in owed]),
        "funding": np.array([units * AMOUNT for units in whole(digest, "funding")]),
        **counts,
    }


def _trades(digest: Digest) -> dict[str, NDArray[Any]]:
    count = digest["trades"].tolist()
    gains, losses = whole(digest, "won"), whole(digest, "lost")
    won, lost = ([units * AMOUNT for units in sums] for sums in (gains, losses))
    bars = digest["trade_bars"].tolist()

    def mean(total: int, at: int) -> float:
        return total / count[at] if count[at] else math.nan

    runs = len(count)
    return {
        "trades": digest["trades"],
        "open_positions": digest["open_positions"],
        "win_rate": _ratio(digest["wins"], digest["trades"], digest["trades"] > 0),
        "profit_factor": _each(lambda at: won[at] / lost[at] if lost[at] > 0 else math.nan, runs),
        "expectancy": _each(lambda at: mean(gains[at] - losses[at], at) * AMOUNT, runs),
        "mean_bars_held": _each(lambda at: mean(bars[at], at), runs),
    }
