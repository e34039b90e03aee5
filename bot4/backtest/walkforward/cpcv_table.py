"""The summary of a cross-validation in the terminal: numbers, a line for each path and the splits' spread, sentences; 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot4.report import text
from bot4.report.sparkline import sparkline
from bot4.report.table import sentences_table, signed_percent

from .cpcv_words import plan_line
from .table import grid_of
from .words import choice_line

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    from .cpcv_result import CpcvResult

SPARK_WIDTH = 24
MOST_ROWS = 20


def summary(result: CpcvResult) -> Group:
    """Returns the summary as something rich can print."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [_head(result), Text(), _numbers(result), Text(), _paths(result), Text()]
    if result.notes:
        parts += [sentences_table("What it says", result.notes, "!", "yellow"), Text()]
    parts.append(sentences_table("What these numbers are not", result.caveats, "·", "dim"))
    return Group(*parts)


def _head(result: CpcvResult) -> Text:
    from rich.text import Text

    market = result.setup.market
    assets = market.symbols[0] if len(market) == 1 else f"{len(market)} assets"
    head = Text()
    head.append(f"{result.name} · {assets} · {market.interval} · combinatorial cross-validation", style="bold")
    first, last = result.groups.blocks[0].start_ms, result.groups.blocks[-1].end_ms
    span = f"{text.date(first)} to {text.date(last)} ({text.span((last - first) / 86_400_000)}) · {result.setup.config.realism}"
    for line in (span, plan_line(result), choice_line(result), *result.setup.beside.lines(market)):
        head.append(f"\n{line}", style="dim")
    return head


def _numbers(result: CpcvResult) -> Table:
    from rich.table import Table

    s = result.stats
    left, right = grid_of("Paths, out of sample", ""), grid_of("Splits", "")
    left.add_row("Sharpe, mean", text.ratio(s.path_sharpe_mean))
    left.add_row("  lowest to highest", f"{text.ratio(s.path_sharpe_min)} to {text.ratio(s.path_sharpe_max)}")
    left.add_row("Return, mean", signed_percent(s.path_return_mean))
    left.add_row("Paths that lost", f"{s.paths_losing} of {s.paths}")
    left.add_row("Sharpe of the defaults", text.ratio(s.default_sharpe))
    right.add_row("Sharpe in training", text.ratio(s.split_sharpe_in))
    right.add_row("Sharpe in the test", text.ratio(s.split_sharpe_out))
    right.add_row("Slope of the two", f"{text.ratio(s.slope)} ± {text.ratio(s.slope_se)}")
    right.add_row("Tests that lost", f"{s.splits_losing} of {s.splits}")
    right.add_row("Choice below the median", text.percent(s.overfit, 0))
    sides = Table.grid(padding=(0, 6))
    sides.add_row(left, right)
    return sides


def _paths(result: CpcvResult) -> Table:
    import numpy as np

    grid = grid_of("path", "", "return", "Sharpe", "max drawdown")
    for number, one in enumerate(result.path_stats[:MOST_ROWS], start=1):
        curve = np.cumprod(1.0 + result.daily[number - 1])
        grid.add_row(
            str(number),
            sparkline(curve, SPARK_WIDTH),
            signed_percent(one.total_return),
            f"{text.ratio(one.sharpe)} ± {text.ratio(one.sharpe_se)}",
            text.percent(one.max_drawdown),
        )
    if len(result.path_stats) > MOST_ROWS:
        grid.add_row(f"… {len(result.path_stats) - MOST_ROWS} more")
    return grid
