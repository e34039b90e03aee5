"""Holds coverage to the project's floors: Python 95 % of lines and 90 % of branches, Rust 95 % of lines.

Reads coverage.py's JSON and cargo-llvm-cov's lcov. In Rust, test modules at the end of a source file do not count: they would
flatter the figure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from scripts.shell import ROOT, stop

PYTHON_LINES_PERCENT = 95.0
PYTHON_BRANCHES_PERCENT = 90.0
RUST_LINES_PERCENT = 95.0
WORST_SHOWN = 8


@dataclass(frozen=True)
class Share:
    """How many of how many were reached."""

    reached: int
    total: int

    @property
    def percent(self) -> float:
        """Returns the share in percent; nothing to reach counts as all reached."""
        return 100.0 if self.total == 0 else 100.0 * self.reached / self.total

    @property
    def missed(self) -> int:
        """Returns how many were not reached."""
        return self.total - self.reached


def hold(what: str, share: Share, floor_percent: float, worst: dict[str, list[int]]) -> None:
    """Prints the share; below the floor names the files that miss most and stops."""
    print(f"{what}: {share.percent:.2f} % ({share.missed} of {share.total} missed; the floor is {floor_percent:.0f} %)")
    if share.percent >= floor_percent:
        return
    for name, lines in sorted(worst.items(), key=lambda item: -len(item[1]))[:WORST_SHOWN]:
        print(f"  {name}: {len(lines)} missed, lines {' '.join(map(str, lines[:30]))}")
    stop(
        f"{what} coverage {share.percent:.2f} % is below {floor_percent:.0f} %: test the lines above or remove what nothing needs."
    )


def python(report: Path) -> None:
    """Checks coverage.py's JSON report. Raises SystemExit below a floor."""
    data = json.loads(report.read_text())
    totals = data["totals"]
    lines = {name: file["missing_lines"] for name, file in data["files"].items()}
    branches = {name: [start for start, _ in file["missing_branches"]] for name, file in data["files"].items()}
    hold("Python lines", Share(totals["covered_lines"], totals["num_statements"]), PYTHON_LINES_PERCENT, lines)
    hold(
        "Python branches", Share(totals["covered_branches"], totals["num_branches"]), PYTHON_BRANCHES_PERCENT, branches
    )


def test_module_start(source: str) -> int | None:
    """Returns the line number of the `#[cfg(test)]` that opens a file's test module, or None."""
    lines = source.splitlines()
    for number, line in enumerate(lines[:-1], start=1):
        if line.strip() == "#[cfg(test)]" and lines[number].lstrip().startswith("mod "):
            return number
    return None


def rust_lines(lcov: str, root: Path) -> dict[str, dict[int, int]]:
    """Returns hits by line by file from lcov text, without test modules; paths relative to `root`."""
    files: dict[str, dict[int, int]] = {}
    hits: dict[int, int] = {}
    last_line: float = 0
    for record in lcov.splitlines():
        key, _, value = record.partition(":")
        if key == "SF":
            path = Path(value)
            start = test_module_start(path.read_text()) if path.exists() else None
            last_line = float("inf") if start is None else start
            hits = files.setdefault(path.relative_to(root).as_posix() if path.is_relative_to(root) else value, {})
        elif key == "DA":
            line, count = (int(part) for part in value.split(",")[:2])
            if line < last_line:
                hits[line] = max(count, hits.get(line, 0))
    return files


def rust(report: Path) -> None:
    """Checks cargo-llvm-cov's lcov report. Raises SystemExit below the floor."""
    files = rust_lines(report.read_text(), ROOT)
    total = sum(len(lines) for lines in files.values())
    missing = {name: [line for line, count in sorted(lines.items()) if count == 0] for name, lines in files.items()}
    hold("Rust lines", Share(total - sum(map(len, missing.values())), total), RUST_LINES_PERCENT, missing)
