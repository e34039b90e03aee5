"""The results as tables on the terminal. Every speed stands beside its CPU time, so that a busy machine can be told from a slow engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from benchmarks.plan import CASES, COMPARISONS, DEMO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from benchmarks.measurement import Comparison

COMPARED = [job for comparison in COMPARISONS for job in comparison.jobs]
BUSY_RATIO = 1.15  # wall over CPU time: above it something else was running


def show(report: Mapping[str, Any], console: Console) -> None:
    """Prints each comparison, the rest of the figures, the bounds, and what disturbs them."""
    results = report["results"]
    machine = report["machine"]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']:.2f} before the run; "
        f"Python {machine['python']}, {machine['rustc']}, commit {machine['commit']}, {machine['date']}"
    )
    for comparison in COMPARISONS:
        speeds = _speeds(comparison, results)
        if speeds.row_count:
            console.print(speeds)
    for line in _sentences(results):
        console.print(line)
    if report["assessed"]:
        console.print(_bounds(report["assessed"]))
    for line in warnings(results):
        console.print(f"[yellow]{line}[/]")


def _speeds(comparison: Comparison, results: Mapping[str, Any]) -> Table:
    table = Table(title=comparison.title, title_justify="left")
    for name in ("", "bars", "first s", "median s", "CPU s", "M bars/s", "Bot4 is", "orders", "final equity", "note"):
        table.add_column(name, justify="left" if name in ("", "note") else "right")
    own = results.get(comparison.own, {}).get("bars_per_s")
    for job in comparison.jobs:
        figures = results.get(job.key)
        if figures is None:
            continue
        if "error" in figures:
            table.add_row(job.title, *["–"] * 8, figures["error"])
            continue
        table.add_row(
            job.title,
            f"{figures['rows']:,}",
            f"{figures['first_wall_s']:.4f}",
            f"{figures['median_wall_s']:.4f}",
            f"{figures['median_cpu_s']:.4f}",
            f"{figures['bars_per_s'] / 1e6:.4g}",
            f"{own / figures['bars_per_s']:,.3g} ×" if own else "–",
            f"{figures['orders']:,}",
            f"{figures['final_equity']:,.2f}",
            job.note,
        )
    return table


def _sentences(results: Mapping[str, Any]) -> list[str]:
    """Returns one line per figure that is no speed of a program."""
    lines = []
    floor, engine = results.get("floor", {}), results.get("engine", {})
    if "copy_bytes_per_s" in floor:
        lines.append(
            f"Machine floor: copying moves {floor['copy_bytes_per_s'] / 1e9:.1f} GB/s, bare loop {floor['bars_per_s'] / 1e6:.0f} M bars/s."
        )
        if "bars_per_s" in engine:
            lines.append(
                f"Bot4's engine does {engine['bars_per_s'] / floor['bars_per_s']:.1%} of the bare loop's speed."
            )
    for job in [*CASES, DEMO]:
        figures = results.get(job.key, {})
        lines += [f"{job.title}: {line}" for line in figures.get("lines", [])]
        if "error" in figures and job not in COMPARED:
            lines.append(f"{job.title}: not measured: {figures['error']}")
    return lines


def _bounds(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Wanted", title_justify="left")
    for name in ("", "measured", "wanted", "unit", ""):
        table.add_column(name, justify="left" if name in ("", "unit") else "right")
    for row in rows:
        sign = "≥" if row["at_least"] else "≤"
        verdict = "[green]met[/]" if row["met"] else "[red]missed[/]"
        table.add_row(row["title"], _short(row["value"]), f"{sign} {_short(row['bound'])}", row["unit"], verdict)
    return table


def _short(value: float) -> str:
    return f"{value / 1e6:.4g} M" if value >= 1e5 else f"{value:.4g}"


def warnings(results: Mapping[str, Any]) -> list[str]:
    """Returns one sentence per job whose wall and CPU time disagree: a busy machine, or more than one thread."""
    lines = []
    for name, job in ((comparison.name, job) for comparison in COMPARISONS for job in comparison.jobs):
        figures = results.get(job.key, {})
        if "median_cpu_s" not in figures:
            continue
        ratio = figures["median_wall_s"] / max(figures["median_cpu_s"], 1e-9)
        if ratio > BUSY_RATIO:
            lines.append(
                f"{name}, {job.title}: wall time is {ratio:.2f} × CPU time; the machine was busy, measure again."
            )
        elif ratio < 1 / BUSY_RATIO:
            lines.append(f"{name}, {job.title}: CPU time is {1 / ratio:.2f} × wall time; more than one thread ran.")
    return lines
