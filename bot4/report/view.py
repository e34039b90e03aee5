"""`RunView`: what the summary table and the HTML show of a run, and the words about what the number is not.

Filled by `backtest.result`; read by `table` and `html`. Not here: layout.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import text
from .columns import RunColumns
from .stats import Stats

if TYPE_CHECKING:
    from .decisions import BarDecisions
    from .making import Making

NAMED_ASSETS = 3


@dataclass(frozen=True)
class RealismRow:
    """The run under one realism, for the table that compares the three."""

    name: str
    stats: Stats
    is_shown: bool
    """Whether it is the one that the rest of the page is about."""


@dataclass(frozen=True)
class SleeveRow:
    """One of several strategies on the account, for the table that shows each."""

    name: str
    share: float
    stats: Stats
    own_crosses: int
    """Orders sent a bar later because they could have met a resting order of another."""


@dataclass(frozen=True)
class ControlRow:
    """One change of what stands above the strategy: `part` is guard, operator or breaker, `what` the layer, the command with its giver, or
    the component with its source; `measured` and `limit` are texts with their units."""

    ts_ms: int
    part: str
    what: str
    before: str
    after: str
    measured: str = ""
    limit: str = ""


@dataclass(frozen=True)
class RunView:
    """One run, ready to be shown."""

    name: str
    doc: str
    run: RunColumns
    stats: Stats
    params: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Readable settings, in order: label to value."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """Hashes and versions that pin the run."""
    notes: Sequence[str] = ()
    """What the diagnosis found; each one a sentence or two."""
    trials: tuple[int, int] | None = None
    """(earlier runs, distinct strategies and parameters) on the same instruments and times; None if not known."""
    costs: str = ""
    """The assumed costs in one clause."""
    warm_up_rows: int = 0
    reasons: Mapping[int, str] = field(default_factory=dict)
    """Names of the engine's codes of reasons."""
    causes: Mapping[int, str] = field(default_factory=dict)
    """Names of the engine's codes of causes."""
    decisions: BarDecisions | None = None
    """What was decided at each bar, for the page's chart; None where it was not asked for."""
    realism: str = "strict"
    realism_sentence: str = ""
    """What a reader must know about the fills."""
    assumptions: Sequence[str] = ()
    """What is assumed beside the costs, one line each, to stand on top."""
    limits: Sequence[str] = ()
    """What the run does not know, in sentences."""
    realisms: Sequence[RealismRow] = ()
    """The run under each realism; empty where the others were not run."""

    controls: Sequence[ControlRow] = ()
    """What stood above the strategy did, by time: layers of the guard, commands, circuit breakers."""
    making: Making | None = None
    """What making and taking came to, of a run on ticks."""
    sleeves: Sequence[SleeveRow] = ()
    """The strategies on the account, where there are several."""

    @property
    def title(self) -> str:
        """Returns strategy and markets in one line."""
        symbols = [asset.symbol for asset in self.run.assets]
        shown = ", ".join(symbols) if len(symbols) <= NAMED_ASSETS else f"{len(symbols)} assets"
        return f"{self.name} · {shown} · {text.interval(self.run.interval_ms)}"

    @property
    def period(self) -> str:
        """Returns first and last day with the length between them, and the realism."""
        s = self.stats
        return f"{text.date(s.start_ms)} to {text.date(s.end_ms)} ({text.span(s.days)}) · {self.realism}"


def extra_costs(stats: Stats) -> list[tuple[str, float]]:
    """Returns the costs that only some accounts have, where there are any: label and amount."""
    named = (("Liquidation fees", stats.liquidation_fees), ("Interest", stats.interest))
    return [(name, value) for name, value in named if value]


REALISM_COLUMNS = ("Return", "Sharpe", "Max drawdown", "Trades", "Fills", "Costs")


def realism_cells(stats: Stats) -> list[str]:
    """Returns the cells of one realism under `REALISM_COLUMNS`."""
    return [
        text.part(stats.total_return, signed=True),
        text.ratio(stats.sharpe),
        text.part(stats.max_drawdown),
        text.count(stats.trades),
        text.count(stats.fills),
        text.amount(stats.total_cost),
    ]


SLEEVE_COLUMNS = ("Share", "Final equity", "Return", "Sharpe", "Max drawdown", "Trades", "Costs")


def sleeve_cells(row: SleeveRow) -> list[str]:
    """Returns the cells of one sleeve under `SLEEVE_COLUMNS`."""
    stats = row.stats
    return [
        text.percent(row.share),
        text.amount(stats.final_equity),
        text.part(stats.total_return, signed=True),
        text.ratio(stats.sharpe),
        text.part(stats.max_drawdown),
        text.count(stats.trades),
        text.amount(stats.total_cost),
    ]


def sharpe_range(stats: Stats) -> tuple[float, float]:
    """Returns the 95 % interval of the Sharpe ratio, ± 1.96 standard errors (Mertens 2002)."""
    return stats.sharpe - 1.96 * stats.sharpe_se, stats.sharpe + 1.96 * stats.sharpe_se


def caveats(view: RunView) -> list[str]:
    """Returns what the result is not, in sentences: period, luck, costs, trials, warm-up, realism."""
    found = [_period(view), _luck(view.stats), f"Costs are assumed: {view.costs}." if view.costs else "", _trials(view)]
    if view.warm_up_rows:
        found.append(
            f"The warm-up is left out: the first {text.plural(view.warm_up_rows, 'bar')} only fed the indicators."
        )
    found.append(_realism(view))
    return [sentence for sentence in found if sentence]


def _period(view: RunView) -> str:
    stats, count = view.stats, len(view.run.assets)
    sentence = f"One past of {text.span(stats.days)} and {text.plural(stats.bars, 'bar')}: other times will differ."
    if count > 1:
        sentence += f" The {count} assets were chosen with today's knowledge; those that vanished may be missing."
    return sentence


def _luck(stats: Stats) -> str:
    low, high = sharpe_range(stats)
    if not math.isfinite(low):
        return ""
    verdict = "luck alone could have made it" if low <= 0 <= high else "more than luck, if this was the only try"
    if high < 0:
        verdict = "worse than luck"
    return f"The Sharpe ratio lies between {text.ratio(low, 1)} and {text.ratio(high, 1)} (95 %): {verdict}."


def _trials(view: RunView) -> str:
    if view.trials is None:
        return "How often these markets and times were tried before is not known: there are no run records."
    runs, distinct = view.trials
    if not runs:
        return "The first recorded try on these markets and times."
    return (
        f"Not the first try: {text.plural(runs, 'earlier run')} ({text.count(distinct)} different) on the same markets and "
        "times; the best of many looks better than it is."
    )


def _realism(view: RunView) -> str:
    hidden = "Bars hide what happened inside them." if view.making is None else ""
    return " ".join([hidden, view.realism_sentence, *view.limits]).strip()
