"""Statistics of returns, each by itself: a function, a frozen result with what it was computed from, and no verdict.

Diagnostics choose an estimator (errors robust to autocorrelation, blocks, a model of volatility); they never fail a strategy. Inputs are
arrays, lists or Polars series; ratios are annual where a docstring says so, losses are negative returns. Refused with a sentence, never
repaired: too few values, NaN, a constant. What needs the extra `gate` imports it on first use. docs/stats.md has a table of all.
"""

from ..errors import GateError
from .correlations import cdcc, dcc
from .dependence import arch_lm, ljung_box, variance_ratio
from .normality import jarque_bera
from .overfitting import cscv
from .ratios import (
    deflated_sharpe,
    expected_maximum,
    min_backtest_length,
    min_track_record,
    probabilistic_sharpe,
    sharpe,
)
from .resampling import bootstrap
from .risk import christoffersen, expected_shortfall, kupiec
from .scaling import dfa
from .selection import reality_check, spa, stepm
from .stationarity import adf, kpss, phillips_perron
from .trials import effective_trials, holm, sidak
from .volatility import egarch, garch, gjr

__all__ = [
    "GateError",
    "adf",
    "arch_lm",
    "bootstrap",
    "cdcc",
    "christoffersen",
    "cscv",
    "dcc",
    "deflated_sharpe",
    "dfa",
    "effective_trials",
    "egarch",
    "expected_maximum",
    "expected_shortfall",
    "garch",
    "gjr",
    "holm",
    "jarque_bera",
    "kpss",
    "kupiec",
    "ljung_box",
    "min_backtest_length",
    "min_track_record",
    "phillips_perron",
    "probabilistic_sharpe",
    "reality_check",
    "sharpe",
    "sidak",
    "spa",
    "stepm",
    "variance_ratio",
]
