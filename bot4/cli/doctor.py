"""`bot4 doctor`: is this installation able to work, and what to do where it is not. Exit code 1 with a problem, 0 without."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import Json, check_target, emit, escape, show, table

if TYPE_CHECKING:
    from .health import Finding

PROBLEM_FOUND = 1
COLOURS = {"ok": "green", "warning": "yellow", "problem": "red"}

Data = Annotated[
    Path | None, typer.Option("--data", metavar="FOLDER", help="Folder of bars to look through; default: here.")
]


def command(data: Data = None, json: Json = None) -> None:
    """Check Python, engine, packages, run records, data, browser and machine; say what to do where something is wrong."""
    from .health import examine

    check_target("--json", json)
    findings = examine(data)
    counts = {status: sum(f.status == status for f in findings) for status in COLOURS}
    emit({"findings": findings, **counts}, json, lambda: _print(findings, counts))
    if counts["problem"]:
        raise typer.Exit(PROBLEM_FOUND)


def _print(findings: list[Finding], counts: dict[str, int]) -> None:
    rows = table("", "check", "found")
    for finding in findings:
        colour = COLOURS[finding.status]
        fix = f"\n[bold]{escape(finding.fix)}[/]" if finding.fix else ""
        rows.add_row(f"[{colour}]{finding.status}[/]", finding.check, escape(finding.said) + fix)
    show(rows)
    wrong = [
        f"{count} {status}{'s' if count > 1 else ''}" for status, count in counts.items() if count and status != "ok"
    ]
    print("\n" + (", ".join(reversed(wrong)) + "." if wrong else "All is well."))
