"""Every statistic by its name: what it takes, in words for the command line and the page docs/stats.md."""

from __future__ import annotations

import ast
import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from ..errors import GateError
from . import (
    correlations,
    dependence,
    normality,
    overfitting,
    ratios,
    resampling,
    risk,
    scaling,
    selection,
    stationarity,
    trials,
    volatility,
)


@dataclass(frozen=True)
class Statistic:
    """One statistic: its function, the series it takes by position, and whether the first is a table of any number of series."""

    name: str
    call: Callable[..., Any]
    result: type
    group: str
    series: tuple[str, ...]
    """What each argument is: `returns`, `value at risk` …; may end in `?` where it can be left out."""
    is_table: bool
    """All series go into one table, the first argument; there are no others."""
    needs_extra: bool
    """It wraps a library of the extra `gate`."""

    @property
    def summary(self) -> str:
        """Returns the first sentence of the function's docstring."""
        text = " ".join((inspect.getdoc(self.call) or "").split("\n\n")[0].split())
        return text.removeprefix("Returns ").rstrip(".")

    @property
    def has_benchmark(self) -> bool:
        """Tells whether it compares the table with another series."""
        return "benchmark" in inspect.signature(self.call).parameters

    @property
    def settings(self) -> dict[str, inspect.Parameter]:
        """Returns the settings, which are given by name."""
        found = inspect.signature(self.call).parameters
        return {name: one for name, one in found.items() if one.kind is inspect.Parameter.KEYWORD_ONLY}


ONE, RETURNS, MANY, NONE = ("values",), ("returns",), ("returns of each",), ()
SHARPE, MULTIPLE, SHAPE, ROOT = "Sharpe ratio", "Many trials", "Distribution and memory", "Stationarity"
VOLATILITY, LOSSES, BLOCKS = "Volatility and correlation", "Forecasts of losses", "Resampling"

_ROWS: tuple[tuple[str, Callable[..., Any], type, tuple[str, ...], bool], ...] = (
    (SHARPE, ratios.sharpe, ratios.SharpeError, RETURNS, False),
    (SHARPE, ratios.probabilistic_sharpe, ratios.ProbabilisticSharpe, RETURNS, False),
    (SHARPE, ratios.deflated_sharpe, ratios.DeflatedSharpe, RETURNS, False),
    (SHARPE, ratios.min_track_record, ratios.TrackRecord, RETURNS, False),
    (SHARPE, ratios.min_backtest_length, ratios.BacktestLength, NONE, False),
    (MULTIPLE, trials.effective_trials, trials.EffectiveTrials, MANY, False),
    (MULTIPLE, trials.sidak, trials.Adjusted, ("p-values",), False),
    (MULTIPLE, trials.holm, trials.Adjusted, ("p-values",), False),
    (MULTIPLE, selection.spa, selection.Superiority, MANY, True),
    (MULTIPLE, selection.reality_check, selection.Superiority, MANY, True),
    (MULTIPLE, selection.stepm, selection.Superior, MANY, True),
    (MULTIPLE, overfitting.cscv, overfitting.Cscv, MANY, False),
    (SHAPE, normality.jarque_bera, normality.JarqueBera, ONE, False),
    (SHAPE, dependence.ljung_box, dependence.Portmanteau, ONE, False),
    (SHAPE, dependence.arch_lm, dependence.Portmanteau, ONE, True),
    (SHAPE, dependence.variance_ratio, dependence.VarianceRatio, RETURNS, True),
    (SHAPE, scaling.dfa, scaling.Dfa, ONE, False),
    (ROOT, stationarity.adf, stationarity.UnitRoot, ONE, True),
    (ROOT, stationarity.kpss, stationarity.UnitRoot, ONE, True),
    (ROOT, stationarity.phillips_perron, stationarity.UnitRoot, ONE, True),
    (VOLATILITY, volatility.garch, volatility.Garch, RETURNS, True),
    (VOLATILITY, volatility.egarch, volatility.Garch, RETURNS, True),
    (VOLATILITY, volatility.gjr, volatility.Garch, RETURNS, True),
    (VOLATILITY, correlations.dcc, correlations.Dcc, MANY, True),
    (VOLATILITY, correlations.cdcc, correlations.Dcc, MANY, True),
    (LOSSES, risk.kupiec, risk.Coverage, ("returns", "value at risk"), False),
    (LOSSES, risk.christoffersen, risk.Coverage, ("returns", "value at risk"), False),
    (LOSSES, risk.expected_shortfall, risk.ShortfallTest, ("returns", "value at risk", "shortfall"), False),
    (BLOCKS, resampling.bootstrap, resampling.Resampled, ONE, True),
)

STATISTICS: dict[str, Statistic] = {
    call.__name__: Statistic(call.__name__, call, result, group, series, series == MANY, needs_extra)
    for group, call, result, series, needs_extra in _ROWS
}
"""Every statistic by name, in the order of the page."""

ALIASES = {
    "psr": "probabilistic_sharpe",
    "dsr": "deflated_sharpe",
    "mintrl": "min_track_record",
    "minbtl": "min_backtest_length",
    "jb": "jarque_bera",
    "pp": "phillips_perron",
    "pbo": "cscv",
    "hurst": "dfa",
    "es": "expected_shortfall",
}
"""Short names that the command line also understands."""


def find(name: str) -> Statistic:
    """Returns a statistic by its name; dashes count as underscores. Raises GateError naming the nearest one."""
    import difflib

    plain = name.lower().replace("-", "_")
    plain = ALIASES.get(plain, plain)
    if plain in STATISTICS:
        return STATISTICS[plain]
    near = difflib.get_close_matches(plain, [*STATISTICS, *ALIASES], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "`bot4 stats --list` shows them all"
    raise GateError(f"there is no statistic {name!r}; {hint}")


def numbers(result: Any) -> dict[str, Any]:
    """Returns the fields of a result but its paths and distributions (arrays), which are for Python."""
    return {one.name: getattr(result, one.name) for one in fields(result) if one.repr}


def meanings(kind: type) -> dict[str, str]:
    """Returns what each field of a result is: the text that stands below it in the source."""
    (found,) = ast.parse(inspect.getsource(kind)).body
    texts = {}
    for statement, after in itertools.pairwise(getattr(found, "body", [])):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and is_text:
            texts[statement.target.id] = " ".join(str(after.value.value).split())
    return texts
