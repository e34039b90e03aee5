"""The summary in the terminal: stitched curve, a line for each window, what it says and what it does not; 80 columns, no colour needed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bot4.report import text
from bot4.report.sparkline import sparkline
from bot4.report.table import sentences_table, sign_colour, signed_percent

from .words import choice_line, plan_line, value_text

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    from .result import WalkForwardResult
    from .window import Window

WIDTH = 80
SPARK_WIDTH = 44
PARAMS_WIDTH = 24
MOST_ROWS = 40


def summary_text(result: WalkForwardResult, width: int = WIDTH) -> str:
    """Returns the summary as plain text, without colour."""
    return rendered(summary(result), width)


def rendered(shown: RenderableType, width: int) -> str:
    """Returns something rich can print as plain text without colour or blanks at the end of lines."""
    import io

    from rich.console import Console

    stream = io.StringIO()
    console = Console(file=stream, width=width, no_color=True, highlight=False, legacy_windows=False)
    console.print(shown)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def summary(result: WalkForwardResult) -> Group:
    """Returns the summary as something rich can print."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [_head(result), Text(), _numbers(result), Text(), _windows(result), Text()]
    if result.notes:
        parts += [sentences_table("What it says", result.notes, "!", "yellow"), Text()]
    parts.append(sentences_table("What this number is not", result.caveats, "·", "dim"))
    return Group(*parts)


def _head(result: WalkForwardResult) -> Text:
    from rich.text import Text

    s, market = result.stats, result.setup.market
    assets = market.symbols[0] if len(market) == 1 else f"{len(market)} assets"
    head = Text()
    head.append(f"{result.name} · {assets} · {market.interval} · walk-forward", style="bold")
    for line in (
        f"{text.date(s.start_ms)} to {text.date(s.end_ms)} out of sample ({text.span(s.days)}) · {result.setup.config.realism}",
        plan_line(result),
        choice_line(result),
        *result.setup.beside.lines(market),
    ):
        head.append(f"\n{line}", style="dim")
    head.append("\n\n" + sparkline(result.curve.equity, SPARK_WIDTH), style=sign_colour(s.total_return))
    head.append(f"  {text.amount(s.start_equity)} → {text.amount(s.final_equity)} {market.quote}")
    return head


def _numbers(result: WalkForwardResult) -> Table:
    """Out of sample on the left, what was kept of the training on the right."""
    from rich.table import Table

    s = result.stats
    error = f" ± {text.ratio(s.sharpe_se)}" if math.isfinite(s.sharpe_se) else ""
    left, right = grid_of("Out of sample", ""), grid_of("Kept of the training", "")
    left.add_row("Return", signed_percent(s.total_return))
    left.add_row("  buy & hold", signed_percent(s.holding_return))
    left.add_row("CAGR", signed_percent(s.cagr))
    left.add_row("Volatility", text.percent(s.volatility))
    left.add_row("Sharpe", text.ratio(s.sharpe) + error)
    left.add_row("Max drawdown", text.percent(s.max_drawdown))
    right.add_row("Growth a year, in sample", signed_percent(s.growth_inside))
    right.add_row("Growth a year, outside", signed_percent(s.growth))
    right.add_row("Efficiency", text.percent(s.efficiency, 0))
    right.add_row("Sharpe in sample, mean", text.ratio(s.sharpe_inside))
    right.add_row("Tests that earned", f"{s.windows_up} of {s.windows}")
    right.add_row(
        "Better than the defaults",
        f"{s.windows_beating_default} of {s.windows_compared}" if s.windows_compared else text.MISSING,
    )
    sides = Table.grid(padding=(0, 6))
    sides.add_row(left, right)
    return sides


def _windows(result: WalkForwardResult) -> Table:
    from rich.table import Table

    grid = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim", collapse_padding=True)
    has_params = result.tried.is_fitted
    for name, justify in (
        ("", "right"),
        ("test from", "left"),
        *([("chosen", "left")] if has_params else []),
        ("in: /yr", "right"),
        ("Sharpe", "right"),
        ("out: all", "right"),
        ("/yr", "right"),
        ("Sharpe", "right"),
        ("eff.", "right"),
    ):
        grid.add_column(name, justify=justify, no_wrap=name != "chosen", ratio=None)  # type: ignore[arg-type]  # two literals
    shown = (
        result.steps
        if len(result.steps) <= MOST_ROWS
        else (*result.steps[: MOST_ROWS // 2], None, *result.steps[-MOST_ROWS // 2 :])
    )
    for window in shown:
        if window is None:
            grid.add_row("…", f"{len(result.steps) - MOST_ROWS} more")
        else:
            grid.add_row(*_cells(window, has_params))
    return grid


def _cells(window: Window, has_params: bool) -> list[RenderableType]:
    stats = window.outside.stats
    chosen = " ".join(f"{name}={value_text(value)}" for name, value in window.params.items())
    cells: list[RenderableType] = [str(window.number), text.date(window.test.start_ms)]
    if has_params:
        cells.append(chosen + ("" if window.has_choice else " (kept)"))
    return cells + [
        signed_percent(window.growth_inside),
        text.ratio(window.inside.value("sharpe")),
        signed_percent(stats.total_return),
        signed_percent(window.growth_outside),
        text.ratio(stats.sharpe),
        text.percent(window.efficiency, 0),
    ]


def grid_of(*columns: str) -> Table:
    """Returns a table without lines: the first column left and dim, the others right."""
    from rich.table import Table

    grid = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for number, name in enumerate(columns):
        grid.add_column(name, justify="right" if number else "left", no_wrap=True, style="" if number else "dim")
    return grid
