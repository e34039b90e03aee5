"""The tear sheet: every statistic of a report that is not in the summary, in parts that are computed when first asked for.

One part a file, each a frozen dataclass with the formula of every field: `series`, `significance`, `bootstrap`, `ratios`, `drawdowns`,
`calendar`, `rolling`, `regression`, `tails`, `exposure`, `costs`, `breakdown`, `excursions`, `trades`, `crises`. `TearSheet` has one
property for each by the same name. Conventions are those of `stats`: UTC days, 365 a year, risk-free rate 0, fractions, account currency,
NaN for what cannot be computed. `docs/metrics.md` has a row for each field. Not here: drawing.
"""

from .series import Benchmark, Series
from .sheet import PARTS, TearSheet, tear_sheet

__all__ = ["PARTS", "Benchmark", "Series", "TearSheet", "tear_sheet"]
