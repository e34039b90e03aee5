"""The table of a true result on a strategy's page: written by `python -m tests.examples.cases`, held to the pins by a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot4.backtest.ticks import TickResult
from bot4.report.making import making_rows
from tests.examples.markets import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import bot4 as b4

BEGIN, END = "<!-- result -->", "<!-- end of result -->"
CASH = 100_000  # the default of `bot4 backtest`
PAGES = ROOT / "docs" / "strategies"


def page(name: str) -> Path:
    """Returns the page of an example."""
    return PAGES / f"{name}.md"


def table(result: b4.Result) -> str:
    """Returns a result as a Markdown table: the strategy beside holding what it trades."""
    if isinstance(result, TickResult):
        return _tick_table(result)
    s = result.stats
    start, end = (f"{result.equity['ts'][row]:%Y-%m-%d}" for row in (0, -1))
    lenient = {name: run.stats["final_equity"] for name, run in result.realisms().items() if name != "strict"}
    rows = [
        ("Return", f"{s['total_return']:+.1%}", f"{s['holding_return']:+.1%}"),
        ("CAGR", f"{s['cagr']:+.1%}", f"{s['holding_cagr']:+.1%}"),
        ("Volatility a year", f"{s['volatility']:.1%}", f"{s['holding_volatility']:.1%}"),
        ("Sharpe ratio", f"{s['sharpe']:.2f} ± {s['sharpe_se']:.2f}", f"{s['holding_sharpe']:.2f}"),
        ("Largest drawdown", f"{s['max_drawdown']:.1%}", f"{s['holding_max_drawdown']:.1%}"),
        ("Time in the market", f"{s['time_in_market']:.1%}", ""),
        ("Fills", f"{s['fills']:,}", ""),
        ("Turnover a year", f"{s['turnover']:.1f} ×", ""),
        *([("Funding, of the starting cash", f"{s['funding'] / CASH:+.1%}", "")] if s["funding"] else []),
        ("All costs, of the starting cash", f"{float(s['total_cost'] or 0) / CASH:.1%}", ""),
        (f"Final equity, from {CASH:,}", f"{s['final_equity']:,.0f}", ""),
        *((f"Final equity under `{name}`", f"{equity:,.0f}", "") for name, equity in lenient.items()),
    ]
    head = [f"| {start} to {end} | strategy | holding |", "|---|---:|---:|"]
    return "\n".join([*head, *(f"| {name} | {own} | {holding} |" for name, own, holding in rows)])


def _tick_table(result: TickResult) -> str:
    """Returns a result on ticks: what rested beside what took, and the end under each realism."""
    first, last = (f"{result.equity['ts'][row]:%Y-%m-%d %H:%M:%S}" for row in (0, -1))
    rows = [(name.strip(), made, took) for name, made, took in making_rows(result.making)]
    rows += [
        (f"Final equity under `{name}`, from {CASH:,}", f"{run.stats['final_equity']:,.2f}", "")
        for name, run in result.realisms().items()
    ]
    head = [f"| {first} to {last} | made | took |", "|---|---:|---:|"]
    return "\n".join([*head, *(f"| {name} | {made} | {took} |" for name, made, took in rows)])


def table_of(text: str) -> str:
    """Returns the table between the markers of a page. Raises ValueError where there is none."""
    _, begun, rest = text.partition(f"{BEGIN}\n")
    found, ended, _ = rest.partition(f"\n{END}")
    if not begun or not ended:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return found


def write(name: str, result: b4.Result) -> None:
    """Replaces the table of an example's page."""
    text = page(name).read_text()
    old, new = (f"{BEGIN}\n{rows}\n{END}" for rows in (table_of(text), table(result)))
    page(name).write_text(text.replace(old, new))
