"""`TearSheet`: all parts of a run's statistics, each computed when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..columns import RunColumns
from ..stats import Stats
from .bootstrap import Bootstrap, bootstrap
from .breakdown import Breakdown, breakdown
from .calendar import Calendar, calendar
from .costs import Costs, costs
from .crises import Crises, crises
from .drawdowns import Drawdowns, drawdowns
from .excursions import Excursions, excursions
from .exposure import Exposure, exposure
from .plain import plain
from .ratios import Ratios, ratios
from .regression import Regression, regression
from .rolling import Rolling, rolling
from .rounds import Rounds, rounds
from .series import Benchmark, Series, daily_series
from .significance import Significance, significance
from .tails import Tails, tails
from .trades import Trades, trades

PARTS: dict[str, type] = {
    "series": Series,
    "significance": Significance,
    "bootstrap": Bootstrap,
    "ratios": Ratios,
    "drawdowns": Drawdowns,
    "calendar": Calendar,
    "rolling": Rolling,
    "regression": Regression,
    "tails": Tails,
    "exposure": Exposure,
    "costs": Costs,
    "breakdown": Breakdown,
    "excursions": Excursions,
    "trades": Trades,
    "crises": Crises,
}
"""The parts by name, in the order of a report; `TearSheet.to_dict` has these keys."""


@dataclass(frozen=True)
class TearSheet:
    """The parts of a run's statistics; each is computed once, when first read. `stats` is the summary they belong to."""

    run: RunColumns
    stats: Stats
    benchmark: Benchmark | None = None
    """What to compare with; None for buying and holding the run's own assets in equal parts."""
    seed: int = 0
    """Of the bootstrap."""
    reasons: Mapping[int, str] = field(default_factory=dict)
    """Names of the engine's codes of reasons."""
    causes: Mapping[int, str] = field(default_factory=dict)
    """Names of the engine's codes of causes."""

    def __repr__(self) -> str:
        """Returns one line with the names of the parts."""
        return f"<TearSheet {self.series.days} days beside {self.series.benchmark_name} · {', '.join(PARTS)}>"

    @cached_property
    def series(self) -> Series:
        """Returns daily closes of the run and of its benchmark."""
        return daily_series(self.run, self.benchmark)

    @cached_property
    def significance(self) -> Significance:
        """Returns errors and probabilities of the Sharpe ratio."""
        return significance(self.series)

    @cached_property
    def bootstrap(self) -> Bootstrap:
        """Returns block bootstrap intervals."""
        return bootstrap(self.series, self.seed)

    @cached_property
    def ratios(self) -> Ratios:
        """Returns ratios of the daily returns."""
        return ratios(self.stats, self.series, self.drawdowns, self.calendar)

    @cached_property
    def drawdowns(self) -> Drawdowns:
        """Returns the worst drawdowns and the underwater series."""
        return drawdowns(self.run, self.stats, self.series)

    @cached_property
    def calendar(self) -> Calendar:
        """Returns the returns by calendar."""
        return calendar(self.run, self.series)

    @cached_property
    def rolling(self) -> Rolling:
        """Returns moving windows."""
        return rolling(self.series)

    @cached_property
    def regression(self) -> Regression:
        """Returns the regression on the benchmark."""
        return regression(self.series)

    @cached_property
    def tails(self) -> Tails:
        """Returns the measures of the tails."""
        return tails(self.series)

    @cached_property
    def exposure(self) -> Exposure:
        """Returns what was at stake over time."""
        return exposure(self.run)

    @cached_property
    def costs(self) -> Costs:
        """Returns costs by asset and by day."""
        return costs(self.run, self.stats, self.series)

    @cached_property
    def breakdown(self) -> Breakdown:
        """Returns the closed trades by label."""
        return breakdown(self.run, self._rounds, self.reasons)

    @cached_property
    def excursions(self) -> Excursions:
        """Returns the excursions of the closed trades."""
        return excursions(self.run, self._rounds)

    @cached_property
    def trades(self) -> Trades:
        """Returns the closed trades as a whole."""
        return trades(self.run, self.stats, self._rounds, self.causes)

    @cached_property
    def crises(self) -> Crises:
        """Returns the run through known crises."""
        return crises(self.run, self.series, self.exposure)

    @cached_property
    def _rounds(self) -> Rounds:
        return rounds(self.run)

    def to_dict(self) -> dict[str, Any]:
        """Returns every part as plain data by the names in `PARTS`: arrays as lists, what cannot be computed as None."""
        return {name: plain(getattr(self, name)) for name in PARTS}


def tear_sheet(
    run: RunColumns,
    stats: Stats,
    benchmark: Benchmark | None = None,
    seed: int = 0,
    *,
    reasons: Mapping[int, str] | None = None,
    causes: Mapping[int, str] | None = None,
) -> TearSheet:
    """Returns the tear sheet of a run; nothing is computed before it is read.

    benchmark: what to compare with, buying and holding if None. seed: of the bootstrap. reasons, causes: names of the engine's codes
    (`bot4.backtest.reasons`); a code without a name is shown as its number.
    """
    return TearSheet(run, stats, benchmark, seed, reasons or {}, causes or {})
