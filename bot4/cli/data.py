"""`bot4 data`: check, list and make market data.

Exit codes: 0 all well, 1 `check` found errors in the bars, 2 the input cannot be used; then one sentence on standard error says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot4.data.errors import DataError

from .output import Json, check_target, emit, escape, show, table

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from bot4.data.crosscheck import Comparison
    from bot4.data.listing import Listed
    from bot4.data.market import Market
    from bot4.data.quality import Finding, Report

app = typer.Typer(name="data", help="Check, list and make market data.", no_args_is_help=True)

ERRORS_FOUND, BAD_INPUT = 1, 2
COLOURS = {"error": "red", "warning": "yellow", "info": "dim"}


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turns a `DataError` into its sentence on standard error and exit code 2."""
    try:
        yield
    except DataError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(BAD_INPUT) from None


@app.command()
def check(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders or patterns of bars.")],
    json: Json = None,
) -> None:
    """Report gaps, duplicates, bad rows, stale stretches, spikes and jumps, with row numbers (counted from 0).

    Files of one instrument at several intervals are compared with each other.
    """
    from bot4.data.crosscheck import cross_check_files
    from bot4.data.quality import check as check_source

    check_target("--json", json)
    with one_sentence():
        reports = check_source(list(paths))
        comparisons = cross_check_files(reports)
    readable = [report for report in reports if report.readable]
    body = {"files": reports, "comparisons": comparisons}
    emit(body, json, lambda: _print_reports(readable, comparisons))
    unreadable = [finding for report in reports if (finding := report.finding("unreadable")) is not None]
    if unreadable:
        for finding in unreadable:
            typer.echo(f"error: {finding.detail}", err=True)
        raise typer.Exit(BAD_INPUT)
    if not all(report.ok for report in reports):
        raise typer.Exit(ERRORS_FOUND)


@app.command("list")
def list_(
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH...]", help="Files, folders or patterns; default: here.")
    ] = None,
    json: Json = None,
) -> None:
    """List files of bars: venue, symbol, interval, span, and bars missing in it."""
    from bot4.data.listing import list_files

    check_target("--json", json)
    with one_sentence():
        rows = list_files(list(paths or ["."]))
    emit(rows, json, lambda: _print_listed(rows))
    if any(row.error for row in rows):
        raise typer.Exit(BAD_INPUT)


@app.command()
def synth(
    out: Annotated[Path, typer.Option(help="Folder to write to; it is made if it does not exist.")],
    coins: Annotated[int, typer.Option(help="How many coins.")] = 6,
    bars: Annotated[int, typer.Option(help="Bars for each coin.")] = 26_000,
    interval: Annotated[str, typer.Option(help="Interval of the bars, such as 1m, 1h or 1d.")] = "1h",
    seed: Annotated[int, typer.Option(help="The same seed makes the same market.")] = 7,
    start: Annotated[str, typer.Option(help="Open of the first bar, UTC.")] = "2022-01-01",
    perpetual: Annotated[
        bool, typer.Option("--perpetual", help="Perpetuals, which can be sold short, not spot.")
    ] = False,
    json: Json = None,
) -> None:
    """Write a synthetic market as Parquet: fat tails, volatility clusters, regimes, correlated coins."""
    from bot4.data.synthetic import perpetuals
    from bot4.data.synthetic import synth as make

    check_target("--json", json)
    with one_sentence():
        market = make(coins=coins, bars=bars, interval=interval, seed=seed, start=start)
        market = perpetuals(market) if perpetual else market
        files = write_market(market, out)
    body = {"files": files, "bars": bars, "interval": interval, "seed": seed, "hash": market.hash}
    said = f"Wrote {len(files)} files of {bars:,} bars ({interval}, seed {seed}) to {out}"
    emit(body, json, lambda: typer.echo(said))


def write_market(market: Market, folder: Path) -> list[Path]:
    """Returns the Parquet files written, one for each instrument; all are complete before the first gets its name.

    Columns as in the archives: `ts_ms` int64, prices and volume float64. Raises `DataError` where the folder cannot be written.
    """
    import polars as pl

    from bot4.data.names import bar_file_name

    ready: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for instrument, columns in market:
            final = folder / bar_file_name(instrument, market.interval)
            unfinished = final.with_name(f".{final.name}.unfinished")
            ready.append((unfinished, final))
            data = {"ts_ms": columns.ts} | {
                name: getattr(columns, name) for name in ("open", "high", "low", "close", "volume")
            }
            pl.DataFrame(data).write_parquet(unfinished)
        for unfinished, final in ready:
            unfinished.replace(final)
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be written ({error.strerror or error}); choose another folder with --out."
        ) from None
    finally:
        for unfinished, _ in ready:
            unfinished.unlink(missing_ok=True)
    return [final for _, final in ready]


def _print_listed(rows: list[Listed]) -> None:
    names = ("file", "venue", "symbol", "kind", "interval", "first", "last")
    shown = table(*names, right=("bars", "missing"))
    for row in rows:
        cells = row.as_dict()
        if row.error:
            shown.add_row(row.path.name, f"[red]{escape(row.error)}[/]")
            continue
        missing = "" if row.missing is None else f"{row.missing:,}"
        shown.add_row(*(str(cells[name] or "") for name in names), f"{row.bars:,}", missing)
    show(shown)


def _print_reports(reports: list[Report], comparisons: list[Comparison]) -> None:
    shown = table("file", "finding", right=("count",), more=("rows", "detail"))
    for report in reports:
        for finding in report.findings:
            _add_finding(shown, report.label, finding)
    for comparison in comparisons:
        for finding in comparison.findings:
            _add_finding(shown, comparison.slow, finding)
    if shown.row_count:
        show(shown)
    errors, warnings = (sum(report.count(severity) for report in reports) for severity in ("error", "warning"))
    bars, missing = sum(report.bars for report in reports), sum(report.missing for report in reports)
    clean = sum(not report.findings for report in reports)
    span = f"{len(reports)} assets, {bars:,} bars, {missing:,} missing"
    typer.echo(f"{span}; {errors} errors, {warnings} warnings; {clean} without a finding.")
    if comparisons:
        compared, differ = sum(c.compared for c in comparisons), sum(f.count for c in comparisons for f in c.findings)
        typer.echo(f"{len(comparisons)} pairs of intervals compared: {differ} of {compared:,} bars differ.")


def _add_finding(shown: RichTable, label: str, finding: Finding) -> None:
    rows = ", ".join(str(row) for row in finding.rows[:4]) + (" …" if finding.count > 4 else "")
    colour = COLOURS[finding.severity]
    shown.add_row(escape(label), f"[{colour}]{finding.kind}[/]", f"{finding.count:,}", rows, escape(finding.detail))
