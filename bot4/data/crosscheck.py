"""Cross-check: do bars of one instrument agree with its faster bars?

Two files of the same instrument and different intervals tell the same story twice. The faster one is resampled to the slower, and every
bar whose bucket is complete in the faster file is compared. Exchanges' own tables do disagree now and then (data README).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot4.data.columns import PRICES, VALUES, Bools, Columns
from bot4.data.quality import Finding, Report, Severity, make_finding
from bot4.data.read import Table, read_path
from bot4.data.resample import resample_columns
from bot4.data.scan import has_bad_rows, spacing
from bot4.data.timeframe import anchor_ms, format_interval, format_time

PRICE_TOLERANCE = 1e-9  # relative: the same decimals, parsed twice
VOLUME_TOLERANCE = 1e-6  # relative: sums of rounded volumes


@dataclass(frozen=True)
class Comparison:
    """Two files of one instrument: how many bars both hold, and where they differ (rows are those of the slower file).

    Findings: `disagreement` (a warning: prices differ) and `volume_disagreement` (an info: only the volume does).
    """

    slow: str
    fast: str
    compared: int
    findings: tuple[Finding, ...]

    def as_dict(self) -> dict[str, Any]:
        """Returns the comparison with stable keys, for JSON."""
        findings = [finding.as_dict() for finding in self.findings]
        return {"slow": self.slow, "fast": self.fast, "compared": self.compared, "findings": findings}


def cross_check_files(reports: Iterable[Report]) -> list[Comparison]:
    """Returns the comparisons among files that `check` has judged, reading again only those that have a partner."""
    partners: dict[tuple[str, str], dict[Path, int]] = defaultdict(dict)
    assets: dict[Path, int] = defaultdict(int)
    for report in reports:
        if report.path is not None and report.interval_ms is not None and report.ok:
            partners[report.venue, report.symbol][report.path] = report.interval_ms
            assets[report.path] += 1
    found: list[Comparison] = []
    held: dict[Path, list[Table]] = {}  # files of many assets; the others are read for their one instrument
    for key, files in sorted(partners.items()):
        if len(set(files.values())) < 2:
            continue
        tables = []
        for path in files:
            read = held[path] if path in held else read_path(path)
            if assets[path] > 1:
                held[path] = read
            tables += [table for table in read if table.instrument.key == key]
        found += cross_check(tables)
    return found


def cross_check(tables: Iterable[Table]) -> list[Comparison]:
    """Returns a comparison of each table with the next faster one of the same (venue, symbol) that divides it.

    Tables that `load` would refuse take no part.
    """
    groups: dict[tuple[str, str], list[tuple[int, Table]]] = defaultdict(list)
    for table in tables:
        times = spacing(table.columns.ts, table.interval_ms)
        if times.interval_ms is not None and times.clean and not has_bad_rows(table.columns):
            groups[table.instrument.key].append((times.interval_ms, table))
    found = []
    for group in groups.values():
        group.sort(key=lambda item: item[0])
        for at, (slow_ms, slow) in enumerate(group):
            faster = [item for item in group[:at] if item[0] < slow_ms and slow_ms % item[0] == 0]
            if faster:
                fast_ms, fast = faster[-1]
                found.append(compare(slow, slow_ms, fast, fast_ms))
    return found


def compare(slow: Table, slow_ms: int, fast: Table, fast_ms: int) -> Comparison:
    """Returns where the slower bars differ from the faster ones in the buckets that the faster file holds completely."""
    merged = _whole_buckets(fast.columns, fast_ms, slow_ms, fast.label)
    _, here, there = np.intersect1d(slow.columns.ts, merged.ts, assume_unique=True, return_indices=True)
    wrong: dict[str, Bools] = {}
    for name in VALUES:
        one, two = getattr(slow.columns, name)[here], getattr(merged, name)[there]
        tolerance = VOLUME_TOLERANCE if name == "volume" else PRICE_TOLERANCE
        wrong[name] = np.abs(one - two) > tolerance * np.maximum(np.abs(one), np.abs(two))
    prices: Bools = np.logical_or.reduce([wrong[name] for name in PRICES])
    findings = []
    kinds: tuple[tuple[str, Severity, Bools], ...] = (
        ("disagreement", "warning", prices),
        ("volume_disagreement", "info", wrong["volume"] & ~prices),
    )
    for kind, severity, mask in kinds:
        if mask.any():
            at = int(np.flatnonzero(mask)[0])
            values = [
                f"{name} {getattr(slow.columns, name)[here[at]]:.10g} against {getattr(merged, name)[there[at]]:.10g}"
                for name in VALUES
                if wrong[name][at]
            ]
            spans = f"{format_interval(slow_ms)} against {format_interval(fast_ms)}"
            detail = f"{spans}: {format_time(int(merged.ts[there[at]]))}: {', '.join(values)}"
            findings.append(make_finding(slow, kind, severity, here[mask], detail))
    return Comparison(slow.label, fast.label, len(here), tuple(findings))


def _whole_buckets(columns: Columns, fast_ms: int, slow_ms: int, label: str) -> Columns:
    """Returns the faster bars merged, only buckets in which none is missing."""
    merged = resample_columns(columns, fast_ms, slow_ms, label)
    anchor = anchor_ms(slow_ms)
    buckets, counts = np.unique((columns.ts - anchor) // slow_ms, return_counts=True)
    whole = buckets[counts == slow_ms // fast_ms] * slow_ms + anchor
    keep = np.isin(merged.ts, whole)
    return Columns(*(column[keep] for column in merged))  # type: ignore[arg-type]
