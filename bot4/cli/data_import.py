"""`bot4 data import`: raw recordings of order books and trades into the store of ticks.

Exit codes: 0 imported, 2 the input cannot be used; then one sentence on standard error says why.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .output import Json, check_target, emit, escape, show, table

if TYPE_CHECKING:
    from bot4.data.ticks.store import Ticks

    from .data_shapes import ImportedTicks


def command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Folder of the store; it is made if it does not exist.")] = Path("ticks"),
    replace: Annotated[bool, typer.Option("--replace", help="Write an instrument anew that the store has.")] = False,
    tick: Annotated[str | None, typer.Option(help="Price step; default: from the decimals seen.")] = None,
    lot: Annotated[str | None, typer.Option(help="Quantity step; default: from the decimals seen.")] = None,
    floor_ms: Annotated[
        float, typer.Option(help="Smallest feed latency that a local clock found to be wrong is corrected to.")
    ] = 1.0,
    json: Json = None,
) -> None:
    """Import recordings of order books and trades as integer columns: gaps found, clocks corrected, saying so.

    Read are raw WebSocket lines of Binance and Hyperliquid, hftbacktest's arrays, Tardis' CSV, and tables of Hyperliquid and StandX.
    """
    from bot4.data.instrument import exact
    from bot4.data.ticks.importing import Grid, import_files
    from bot4.data.ticks.store import write

    from .data import one_sentence

    check_target("--json", json)
    if not 0 < floor_ms <= 10_000:
        raise typer.BadParameter(f"{floor_ms:g} ms is no latency of a feed; give --floor-ms between 0 and 10000")
    with one_sentence():
        grid = Grid(None if tick is None else exact(tick), None if lot is None else exact(lot))
        made = import_files(list(files), grid, round(floor_ms * 1e6))
        rows = [_row(ticks, write(ticks, out, replace)) for ticks in made]
    emit(rows, json, lambda: _print(rows))


def _row(ticks: Ticks, folder: Path) -> ImportedTicks:
    from bot4.data.instrument import decimal_text

    from .data_shapes import ImportedTicks

    instrument = ticks.instrument
    return ImportedTicks(
        folder,
        instrument.venue,
        instrument.symbol,
        decimal_text(instrument.tick),
        decimal_text(instrument.lot),
        ticks.depth.rows,
        ticks.trades.rows,
        ticks.best.rows,
        *ticks.span_ns,
        ticks.clock,
        list(ticks.sources),
        list(ticks.findings),
    )


def _print(rows: list[ImportedTicks]) -> None:
    grid: Any = table("instrument", "tick", "lot", "depth rows", "trades", "best quotes", "seconds", "clock", "folder")
    for row in rows:
        seconds = (row.last_ns - row.first_ns) / 1e9
        shift = f"{row.clock.shift_ns / 1e6:+.3f} ms" if row.clock.shift_ns else "as recorded"
        cells = [f"{row.venue} {row.symbol}", row.tick, row.lot, f"{row.depth:,}", f"{row.trades:,}", f"{row.best:,}"]
        grid.add_row(*cells, f"{seconds:,.1f}", shift, escape(str(row.folder)))
    show(grid)
    for row in rows:
        for finding in row.findings:
            typer.echo(f"{row.venue} {row.symbol}: {finding.detail} [{finding.code}]")
