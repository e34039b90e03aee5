"""The summary in the terminal: one screen, 80 columns, readable without colour.

Left the strategy beside buy and hold, right what it did and cost; below them what the diagnosis found and what the number is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import text
from .columns import AMOUNT
from .making import making_rows
from .sparkline import braille, sparkline
from .view import REALISM_COLUMNS, SLEEVE_COLUMNS, RunView, caveats, extra_costs, realism_cells, sleeve_cells

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    from .making import Making

WIDTH = 80
SIDE_BY_SIDE = 76
SPARK_WIDTH = 44
CURVE_WIDTH = 46


def summary_text(view: RunView, width: int = WIDTH) -> str:
    """Returns the summary as plain text, without colour."""
    import io

    from rich.console import Console

    console = Console(file=io.StringIO(), width=width, no_color=True, highlight=False, legacy_windows=False)
    console.print(summary(view, width))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # the StringIO given above
    return "\n".join(line.rstrip() for line in lines) + "\n"


def summary(view: RunView, width: int = WIDTH) -> Group:
    """Returns the summary as something rich can print; in less than 76 columns the two tables stand below each other."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parts: list[RenderableType] = [_head(view, width), Text()]
    if width >= SIDE_BY_SIDE:
        sides = Table.grid(padding=(0, 3))
        sides.add_row(_performance(view), _activity(view))
        parts += [sides, Text()]
    else:
        parts += [_performance(view), Text(), _activity(view), Text()]
    if view.making is not None:
        parts += [_making(view.making), Text()]
    if view.sleeves:
        parts += [_sleeves(view), Text()]
    if view.realisms:
        parts += [_realisms(view), Text()]
    if view.notes:
        parts += [sentences_table("Look here", view.notes, "!", "yellow"), Text()]
    parts.append(sentences_table("What this number is not", caveats(view), "·", "dim"))
    return Group(*parts)


def _head(view: RunView, width: int) -> Text:
    from rich.text import Text

    head = Text()
    head.append(view.title, style="bold")
    head.append(f"\n{view.period}", style="dim")
    for line in view.assumptions:
        head.append(f"\n{line}", style="dim")
    if view.params:
        head.append("\n" + "  ".join(f"{name}={value}" for name, value in view.params.items()), style="dim")
    head.append("\n\n")
    head.append_text(_curve(view, width))
    return head


def _curve(view: RunView, width: int) -> Text:
    """Equity in braille with its highest and lowest mark and the days; in little room one line of blocks."""
    from rich.text import Text

    s, run, curve = view.stats, view.run, Text()
    ends = f"{text.amount(s.start_equity)} → {text.amount(s.final_equity)} {run.currency}"
    if width < SIDE_BY_SIDE or len(run.equity) < 2:
        curve.append(
            sparkline(run.equity, min(SPARK_WIDTH, max(width - len(ends) - 3, 8))), style=sign_colour(s.total_return)
        )
        return curve.append(f"  {ends}")
    top, bottom = int(run.equity.argmax()), int(run.equity.argmin())
    named = [("high", top), ("", -1), ("low", bottom)]
    for line, (name, row) in zip(braille(run.equity, CURVE_WIDTH, len(named)), named, strict=True):
        curve.append(line, style=sign_colour(s.total_return))
        value = f"{text.amount(run.equity[row] * AMOUNT)}  {text.date(int(run.equity_ts[row]))}"
        curve.append(f"  {name:4} {value}\n" if name else f"  {ends}\n", style="dim" if name else "")
    first, last = text.date(int(run.equity_ts[0])), text.date(int(run.equity_ts[-1]))
    return curve.append(f"{first}{last:>{CURVE_WIDTH - len(first)}}", style="dim")


def _grid(*columns: str) -> Table:
    from rich.table import Table

    grid = Table(box=None, padding=(0, 1), pad_edge=False, show_header=any(columns[1:]), header_style="dim")
    for number, name in enumerate(columns):
        grid.add_column(name, justify="right" if number else "left", no_wrap=True, style="" if number else "dim")
    return grid


def _performance(view: RunView) -> Table:
    s = view.stats
    grid = _grid("", "strategy", "buy & hold")
    grid.add_row("Return", signed_percent(s.total_return), signed_percent(s.holding_return))
    grid.add_row("CAGR", signed_percent(s.cagr), signed_percent(s.holding_cagr))
    grid.add_row("Volatility", text.percent(s.volatility), text.percent(s.holding_volatility))
    error = f" ± {text.ratio(s.sharpe_se)}" if math.isfinite(s.sharpe_se) else ""
    grid.add_row("Sharpe", text.ratio(s.sharpe) + error, text.ratio(s.holding_sharpe))
    grid.add_row("Sortino", text.ratio(s.sortino), "")
    grid.add_row("Calmar", text.ratio(s.calmar), "")
    grid.add_row("Max drawdown", text.part(s.max_drawdown), text.part(s.holding_max_drawdown))
    grid.add_row("  lasted", text.span(s.max_drawdown_days), "")
    grid.add_row("  longest", text.span(s.longest_drawdown_days), "")
    return grid


def _activity(view: RunView) -> Table:
    s = view.stats
    grid = _grid("", "")
    grid.add_row("In the market", text.percent(s.time_in_market))
    grid.add_row("Mean gross", text.percent(s.mean_gross))
    grid.add_row("Turnover a year", f"{text.ratio(s.turnover, 1)} ×")
    grid.add_row("Fees", text.amount(s.fees))
    grid.add_row("Spread", text.amount(s.spread_cost))
    grid.add_row("Impact", text.amount(s.impact_cost))
    for name, value in extra_costs(s):
        grid.add_row(name, text.amount(value))
    grid.add_row("All costs", text.amount(s.total_cost))
    if any(asset.is_perpetual for asset in view.run.assets):
        grid.add_row("Funding", text.amount(s.funding, signed=True) if view.run.has("funding") else "none")
    if s.liquidations:
        grid.add_row("Liquidated", f"{text.count(s.liquidations)} ×")
    grid.add_row("Trades", text.count(s.trades) + (f" + {s.open_positions} open" if s.open_positions else ""))
    grid.add_row("  won", f"{text.percent(s.win_rate)}, factor {text.ratio(s.profit_factor)}")
    grid.add_row(
        "  on average", f"{text.percent(s.mean_trade_return, 2, signed=True)} in {text.ratio(s.mean_bars_held, 0)} bars"
    )
    return grid


def _making(making: Making) -> Table:
    """What rested beside what took, and the inventory."""
    grid = _grid("Making and taking", "made", "took")
    for name, made, took in making_rows(making):
        grid.add_row(name, made, took)
    return grid


def _sleeves(view: RunView) -> Table:
    """One line for each strategy on the account."""
    grid = _grid("Sleeve", *(name.lower() for name in SLEEVE_COLUMNS))
    for row in view.sleeves:
        grid.add_row(row.name, *sleeve_cells(row))
    return grid


def _realisms(view: RunView) -> Table:
    """The run under each realism, one line each; a mark stands at the one above."""
    grid = _grid("Realism", *(name.lower() for name in REALISM_COLUMNS))
    for row in view.realisms:
        grid.add_row(f"{row.name} ◂" if row.is_shown else row.name, *realism_cells(row.stats))
    return grid


def sentences_table(title: str, sentences: Sequence[str], mark: str, style: str) -> Table:
    """Returns sentences under a title, each with a mark before it."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    outer = Table(box=None, padding=0, pad_edge=False, show_header=True, header_style=f"bold {style}".strip())
    outer.add_column(title)
    for sentence in sentences:
        grid.add_row(Text(mark, style=style), Text(sentence, style=style if style == "dim" else ""))
    outer.add_row(grid)
    return outer


def signed_percent(fraction: float) -> Text:
    """Returns a fraction as a signed percentage in the colour of its sign."""
    from rich.text import Text

    return Text(text.part(fraction, signed=True), style=sign_colour(fraction))


def sign_colour(fraction: float) -> str:
    """Returns rich's style for a fraction: green above 0, red below, none for 0 and what is not finite."""
    if not math.isfinite(fraction) or fraction == 0:
        return ""
    return "green" if fraction > 0 else "red"
