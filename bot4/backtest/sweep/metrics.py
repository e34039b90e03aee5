"""Which statistics a sweep may be judged by, and which way is better."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import BacktestError

MORE = (
    "total_return cagr final_equity sharpe sortino calmar skewness max_drawdown win_rate profit_factor expectancy "
    "mean_trade_return".split()
)
LESS = (
    "volatility kurtosis max_drawdown_days longest_drawdown_days turnover traded fees spread_cost impact_cost liquidation_fees "
    "interest total_cost liquidations".split()
)
DIRECTIONS = dict.fromkeys(MORE, 1) | dict.fromkeys(LESS, -1)
"""1 where more is better, −1 where less is. `max_drawdown` is a negative fraction: more is a smaller fall."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A statistic and its better direction."""

    name: str
    sign: int

    def __str__(self) -> str:
        """Returns how it is written."""
        if DIRECTIONS.get(self.name) == self.sign:
            return self.name
        return f"{'max' if self.sign > 0 else 'min'}:{self.name}"


def read_metric(text: str, known: Sequence[str]) -> Metric:
    """Returns the metric of `sharpe`, `min:turnover` or `max:trades`. Raises BacktestError for others."""
    head, colon, rest = text.partition(":")
    name, sign = (rest, {"max": 1, "min": -1}.get(head)) if colon else (text, DIRECTIONS.get(text))
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = (
            f"did you mean {close[0]}?"
            if close
            else "metrics are " + ", ".join(n for n in known if n in DIRECTIONS) + "."
        )
        raise BacktestError(f"there is no metric {name!r} in a sweep's rows; {hint}")
    if sign is None:
        raise BacktestError(
            f"the metric {text} does not say whether more or less is better; write max:{name} or min:{name}."
        )
    return Metric(name, sign)


def read_metrics(given: str | Sequence[str], known: Sequence[str]) -> tuple[Metric, ...]:
    """Returns one or several metrics: a list, or a text with commas. Raises BacktestError as `read_metric`, and for none."""
    texts = [part.strip() for part in given.split(",")] if isinstance(given, str) else list(given)
    found = tuple(read_metric(text, known) for text in texts if text)
    if not found:
        raise BacktestError("no metric is given; write one, such as sharpe.")
    return found
