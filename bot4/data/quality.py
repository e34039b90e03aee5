"""Quality: everything a trader should know about bars before believing a backtest, with row numbers.

`check` never refuses bars for what they contain: it lists findings. An *error* is what `load` refuses (bad rows, time that does not
increase, mixed intervals), a *warning* is a flaw of real data (gaps, stale stretches, reverted spikes, runs without volume), an *info*
is worth a look (large moves that stayed). Rows are counted from 0 in the source.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from bot4.data.columns import Bools, Columns, Floats, Ints
from bot4.data.errors import DataError
from bot4.data.read import Table, expand_paths, read_path, read_source
from bot4.data.scan import KIND_TEXT, Spacing, bad_rows, describe_row, describe_step, spacing
from bot4.data.timeframe import HOUR_MS, format_interval, format_time

Severity = Literal["error", "warning", "info"]
MAX_ROWS = 20  # rows written out for each finding; the count is always complete

JUMP_Z = 30.0  # robust standard deviations of a close-to-close move; crypto's fat tails reach 20 without a fault
SPIKE_Z = 12.0  # a smaller move counts if the next bar takes it back
SPIKE_BACK = 0.8  # share of the move that the next bar takes back
NORMAL_MAD = 1.4826  # standard deviation of a normal variable over its median absolute deviation


@dataclass(frozen=True)
class Finding:
    """One kind of flaw: where (first `MAX_ROWS` rows with their times), how often, and the worst case in words."""

    kind: str
    severity: Severity
    count: int
    rows: tuple[int, ...]
    times_ms: tuple[int, ...]
    detail: str

    def as_dict(self) -> dict[str, Any]:
        """Returns the finding with stable keys, for JSON."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "count": self.count,
            "rows": list(self.rows),
            "times": [format_time(ts) for ts in self.times_ms],
            "detail": self.detail,
        }


@dataclass(frozen=True)
class Report:
    """The findings for one asset of one source, and the facts of its span."""

    label: str
    venue: str
    symbol: str
    interval_ms: int | None
    bars: int
    first_ms: int | None
    last_ms: int | None
    missing: int
    findings: tuple[Finding, ...] = ()
    path: Path | None = None

    def count(self, severity: Severity) -> int:
        """Returns how many findings have a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def ok(self) -> bool:
        """Returns whether `load` would take these bars."""
        return not self.count("error")

    @property
    def readable(self) -> bool:
        """Returns whether the file could be read as bars at all."""
        return self.finding("unreadable") is None

    def finding(self, kind: str) -> Finding | None:
        """Returns the finding of a kind, or None."""
        return next((finding for finding in self.findings if finding.kind == kind), None)

    def as_dict(self) -> dict[str, Any]:
        """Returns the report with stable keys, for JSON."""
        return {
            "file": self.label,
            "venue": self.venue,
            "symbol": self.symbol,
            "interval": None if self.interval_ms is None else format_interval(self.interval_ms),
            "bars": self.bars,
            "first": None if self.first_ms is None else format_time(self.first_ms),
            "last": None if self.last_ms is None else format_time(self.last_ms),
            "missing": self.missing,
            "ok": self.ok,
            "findings": [finding.as_dict() for finding in self.findings],
        }


def check(source: Any) -> list[Report]:
    """Returns a report for each asset of a source (as `load` takes it); files of several intervals may be mixed.

    A file that cannot be read as bars at all (missing columns, wrong types, empty) gives a report with the one finding `unreadable`;
    a path that does not exist raises `DataError`.
    """
    return [read if isinstance(read, Report) else check_table(read) for read in _tables(source)]


def _tables(source: Any) -> Iterator[Table | Report]:
    """Yields tables one file at a time, so that only one is held; a file that cannot be read yields its report."""
    items = source if isinstance(source, list | tuple) else [source]
    for item in items:
        if not isinstance(item, str | Path):
            yield from read_source(item)
            continue
        for path in expand_paths(item):
            try:
                yield from read_path(path)
            except DataError as error:
                finding = Finding("unreadable", "error", 1, (), (), str(error))
                yield Report(path.name, "", "", None, 0, None, None, 0, (finding,), path)


def check_table(table: Table) -> Report:
    """Returns the report for one table."""
    columns = table.columns
    times = spacing(columns.ts, table.interval_ms)
    findings = [*_row_findings(table), *_time_findings(table, times)]
    if times.clean and times.interval_ms is not None and not any(f.severity == "error" for f in findings):
        findings += _market_findings(table, times.interval_ms)
    return Report(
        label=table.label,
        venue=table.instrument.venue,
        symbol=table.instrument.symbol,
        interval_ms=times.interval_ms,
        bars=columns.rows,
        first_ms=int(columns.ts[0]),
        last_ms=int(columns.ts[-1]),
        missing=times.missing,
        findings=tuple(findings),
        path=table.path,
    )


def make_finding(table: Table, kind: str, severity: Severity, bars: Ints, detail: str) -> Finding:
    """Returns a finding at bars of a table, its rows as numbered in the source."""
    shown = [int(bar) for bar in bars[:MAX_ROWS]]
    rows, times = tuple(table.row(bar) for bar in shown), tuple(int(table.columns.ts[bar]) for bar in shown)
    return Finding(kind, severity, len(bars), rows, times, detail)


def _row_findings(table: Table) -> list[Finding]:
    found = []
    for kind, bars in bad_rows(table.columns):
        detail = describe_row(table.columns, kind, int(bars[0]))
        found.append(make_finding(table, kind, "error", bars, detail if kind in KIND_TEXT else kind))
    return found


def _time_findings(table: Table, times: Spacing) -> list[Finding]:
    ts, interval = table.columns.ts, times.interval_ms
    found = []
    for kind, bars, text in (
        ("duplicate", times.duplicates, "the time of the row before is repeated"),
        ("not_increasing", times.backwards, "the time is earlier than that of the row before"),
    ):
        if len(bars):
            found.append(make_finding(table, kind, "error", bars, f"{format_time(int(ts[bars[0]]))}: {text}"))
    if interval is None:
        return found
    for kind, bars in (("off_interval", times.off_interval), ("mixed_intervals", times.mixed)):
        if len(bars):
            found.append(make_finding(table, kind, "error", bars, describe_step(ts, int(bars[0]), interval)))
    if table.interval_ms is not None and table.interval_ms != interval:
        detail = f"the name says {format_interval(table.interval_ms)}, the bars are {format_interval(interval)} apart"
        found.append(Finding("interval_name", "error", 1, (), (), detail))
    if len(times.gaps):
        steps = ts[times.gaps] - ts[times.gaps - 1]
        worst = int(times.gaps[steps.argmax()])
        hole = f"{format_time(int(ts[worst - 1]) + interval)} to {format_time(int(ts[worst]))}"
        detail = f"{times.missing} bars missing; longest {format_span(int(steps.max()) - interval)}: {hole}"
        found.append(make_finding(table, "gap", "warning", times.gaps, detail))
    return found


def _market_findings(table: Table, interval_ms: int) -> list[Finding]:
    """Flaws that good bars can have: stale stretches, runs without volume, spikes, jumps."""
    columns = table.columns
    least = stale_bars(interval_ms)
    found = []
    starts, lengths = _runs(_unchanged(columns), least)
    if len(starts):
        found.append(
            make_finding(table, "stale", "warning", starts, _run_detail(columns, starts, lengths, "without a change"))
        )
    quiet = (columns.volume == 0) & ~_unchanged(columns)
    starts, lengths = _runs(quiet, least)
    if len(starts):
        found.append(
            make_finding(table, "no_volume", "warning", starts, _run_detail(columns, starts, lengths, "without volume"))
        )
    if columns.rows < 30:
        return found  # too few bars to say what is unusual
    z, spikes, jumps = _moves(columns, interval_ms)
    moves: tuple[tuple[str, Severity, Ints, str], ...] = (
        ("spike", "warning", spikes, "standard deviations, taken back by the next bar"),
        ("jump", "info", jumps, "standard deviations, and it stayed"),
    )
    for kind, severity, bars, text in moves:
        if len(bars):
            worst = int(bars[np.abs(z[bars]).argmax()])
            move = columns.close[worst] / columns.close[worst - 1] - 1
            detail = f"largest at {format_time(int(columns.ts[worst]))}: {move:+.1%}, {abs(z[worst]):.0f} robust {text}"
            found.append(make_finding(table, kind, severity, bars, detail))
    return found


def stale_bars(interval_ms: int) -> int:
    """Returns how many unchanged bars in a row are worth a word: 3 from an hour up, else about an hour, at most 30."""
    return 3 if interval_ms >= HOUR_MS else min(30, max(6, HOUR_MS // interval_ms))


def _unchanged(columns: Columns) -> Bools:
    """Returns where a bar shows no trade: all four prices are the close before, and no volume or the same volume."""
    same = np.zeros(columns.rows, np.bool_)
    close = columns.close[:-1]
    same[1:] = (
        (columns.open[1:] == close)
        & (columns.high[1:] == close)
        & (columns.low[1:] == close)
        & (columns.close[1:] == close)
    )
    same[1:] &= (columns.volume[1:] == 0) | (columns.volume[1:] == columns.volume[:-1])
    return same


def _runs(mask: Bools, least: int) -> tuple[Ints, Ints]:
    """Returns first rows and lengths of the runs of at least `least` true rows."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False]))))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    return starts[lengths >= least], lengths[lengths >= least]


def _run_detail(columns: Columns, starts: Ints, lengths: Ints, text: str) -> str:
    at = int(lengths.argmax())
    since = format_time(int(columns.ts[starts[at]]))
    return f"{int(lengths.sum())} bars {text} in {len(starts)} stretches; longest {int(lengths[at])} from {since}"


def _moves(columns: Columns, interval_ms: int) -> tuple[Floats, Ints, Ints]:
    """Returns robust z-scores of log returns, and the bars of spikes (taken back) and jumps (stayed).

    The deviation is 1.4826 times the median absolute deviation, or the mean absolute deviation over it if that is larger (a price on
    a coarse grid that mostly stands still has a median of 0). Moves over a gap are no jump.
    """
    returns = np.zeros(columns.rows)
    returns[1:] = np.diff(np.log(columns.close))
    size = np.abs(returns - np.median(returns))
    deviation = max(NORMAL_MAD * float(np.median(size)), float(size.mean()))
    if deviation == 0.0:
        return returns, np.empty(0, np.int64), np.empty(0, np.int64)
    z = returns / deviation
    following = np.append(returns[1:], 0.0)
    back = (np.sign(following) != np.sign(returns)) & (np.abs(following) >= SPIKE_BACK * np.abs(returns))
    spike = (np.abs(z) >= SPIKE_Z) & back & (np.abs(following) <= np.abs(returns) / SPIKE_BACK)
    spike &= ~np.append(False, spike[:-1])  # the way back is no second spike
    after_spike = np.append(False, spike[:-1])
    over_gap = np.append(False, np.diff(columns.ts) != interval_ms)
    jump = (np.abs(z) >= JUMP_Z) & ~spike & ~after_spike & ~over_gap
    return z, np.flatnonzero(spike), np.flatnonzero(jump)


def format_span(span_ms: int) -> str:
    """Returns a span of time in its largest fitting unit: `33 h`, `12 min`, `4 d`."""
    for unit, unit_ms in (("d", 24 * HOUR_MS), ("h", HOUR_MS), ("min", 60_000), ("s", 1_000)):
        if span_ms >= (3 if unit == "d" else 1) * unit_ms:
            return f"{span_ms / unit_ms:.3g} {unit}"
    return f"{span_ms} ms"
