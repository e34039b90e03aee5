"""`bot4 journal verify|repair|tail|export` and `bot4 replay`: read what a run wrote with --journal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .journal_shown import line
from .output import Json, check_target, emit, show, table

if TYPE_CHECKING:
    from bot4.records.journal import Ledger

app = typer.Typer(name="journal", help="Verify, list and export the journal of a run.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder given to --journal.")]
Kind = Annotated[str, typer.Option(metavar="control|tape", help="Decisions and outcomes, or market data.")]
Count = Annotated[int, typer.Option("--count", "-n", min=1, help="How many records.")]
What = Annotated[
    str,
    typer.Argument(
        metavar="KIND",
        help="A kind of record, such as fill, order, trade, guard, command or bars.",
    ),
]
Out = Annotated[Path, typer.Option(metavar="FILE.parquet|FILE.csv", help="Where the rows go.")]
Until = Annotated[
    str | None, typer.Option(metavar="TIME", help="Stop at the last decision at or before this time. UTC.")
]
From = Annotated[
    str,
    typer.Option("--start", metavar="chosen|first|newest", help="Begin at the first row, or at the newest snapshot."),
]
AcceptLoss = Annotated[
    bool,
    typer.Option("--accept-loss", help="Cut what the page cache lost when the machine went down; see durability."),
]
STARTS = ("chosen", "first", "newest")

EXPORTED = (
    "order", "keyed", "fill", "trade", "funding", "sent", "state", "cash", "guard", "command", "obeyed", "breaker", "check",
    "bars", "fine", "rate",
)  # fmt: skip


@app.command("verify")
def verify_command(folder: Folder, json: Json = None) -> None:
    """Read a journal from the first byte to the last and check everything; exit code 2 where a byte is wrong.

    Example: bot4 journal verify run.journal
    """
    from bot4.records.journal import verify

    check_target("--json", json)
    found = verify(folder)

    def show() -> None:
        for kind, report in found.items():
            records = report["next"] - report["first"]
            print(
                f"{kind:8} {records:>12,} records  {report['blocks']:>9,} blocks  {report['segments']:>4} "
                f"segment{'s' if report['segments'] != 1 else ''}  {report['bytes'] / 1e6:>9,.1f} MB  chain {report['chain'][:16]}"
            )
            for note in report["notes"]:
                print(f"  note: {note}")
        print("All records, blocks and chains are what was written.")

    emit(found, json, show)


@app.command("repair")
def repair_command(folder: Folder, accept_loss: AcceptLoss = False, json: Json = None) -> None:
    """Make a journal right again after a crash: cut what was never acknowledged, write damaged marks anew. What is corrupt is refused.

    Example: bot4 journal repair run.journal
    """
    from bot4.records.journal import repair

    check_target("--json", json)
    found = repair(folder, accept_loss=accept_loss)

    def show() -> None:
        for kind, one in found.items():
            cut = f"cut at byte {one.cut[1]:,} of {one.cut[0]}" if one.cut else "nothing to cut"
            print(f"{kind:8} {one.records - one.first:>12,} records  {cut}")
            for note in one.notes:
                print(f"  note: {note}")
        print(
            "What is there is what was written. bot4 replay makes the run again; --resume of the run itself goes on with it."
        )

    emit(found, json, show)


@app.command("tail")
def tail_command(folder: Folder, kind: Kind = "control", count: Count = 10, json: Json = None) -> None:
    """Show the last records of a journal.

    Example: bot4 journal tail run.journal --count 20
    """
    from bot4.records.journal import tail

    check_target("--json", json)
    if kind not in ("control", "tape"):
        raise typer.BadParameter(f"--kind is control or tape, not {kind}")
    found = tail(folder, kind, count)  # type: ignore[arg-type]  # checked above
    emit({"records": found}, json, lambda: print("\n".join(line(record) for record in found)))


@app.command("export")
def export_command(folder: Folder, what: What, out: Out) -> None:
    """Write all records of one kind as a table.

    Example: bot4 journal export run.journal fill --out fills.parquet
    """
    from bot4.records.journal import frame

    check_target("--out", out)
    if what not in EXPORTED:
        raise typer.BadParameter(f"there is no kind {what}; kinds are {', '.join(EXPORTED)}")
    if out.suffix not in (".parquet", ".csv"):
        raise typer.BadParameter(f"--out is a file ending in .parquet or .csv, not {out.name}")
    rows = frame(folder, what)
    if out.suffix == ".csv":
        rows.write_csv(out)
    else:
        rows.write_parquet(out)
    print(f"{rows.height:,} rows of {what}: {out}")


@app.command("ledger")
def ledger_command(folder: Folder, json: Json = None) -> None:
    """Book a run again from its fills and money moved: average and FIFO cost side by side, profit, fees and funding apart.

    Exit code 1 where the books do not balance. Example: bot4 journal ledger run.journal
    """
    from bot4.records.journal import ledger

    check_target("--json", json)
    found = ledger(folder)
    emit(found, json, lambda: _print_ledger(found))
    if not found.balanced:
        raise typer.Exit(1)


def _print_ledger(found: Ledger) -> None:
    def amount(units: int) -> str:
        return f"{units / 1e8:,.2f}"

    rows = table("instrument", "lots", "fills", "cost by", "cost", "realised", "unrealised", "fees", "carried")
    for row in found.instruments:
        for name, costs in (("average", row.average), ("FIFO", row.fifo)):
            own = [row.symbol, f"{row.lots:,}", f"{row.fills:,}"] if name == "average" else ["", "", ""]
            rest = [amount(row.fees), amount(row.carried)] if name == "average" else ["", ""]
            rows.add_row(*own, name, amount(costs.cost), amount(costs.realised), amount(costs.unrealised), *rest)
    show(rows)
    for wallet in found.wallets:
        moved = f", interest {amount(wallet.interest)}, transfers {amount(wallet.transfers)}"
        print(f"{wallet.currency}: began with {amount(wallet.start)}, now worth {amount(wallet.equity)}{moved}")
    if found.recorded_equity is not None:
        print(f"The run itself recorded an equity of {amount(found.recorded_equity)} in the account currency.")
    print("The books balance, by both costs." if found.balanced else "THE BOOKS DO NOT BALANCE: report this.")


def replay_command(folder: Folder, until: Until = None, start: From = "chosen", json: Json = None) -> None:
    """Make a run again from its journal alone and compare every order, fill, trade and state, bit for bit.

    With --until it begins at the newest snapshot before; --start says otherwise. Exit code 1 where anything differs.

    Example: bot4 replay run.journal --until 2021-05-19
    """
    from bot4.data.timeframe import format_time, parse_time
    from bot4.records.journal import replay

    check_target("--json", json)
    if start not in STARTS:
        raise typer.BadParameter(f"--start is {', '.join(STARTS[:-1])} or {STARTS[-1]}, not {start}")
    found = replay(folder, None if until is None else parse_time(until), start)  # type: ignore[arg-type]  # checked above

    def show() -> None:
        if not found.rows:
            print("No row of the journal is that old.")
            return
        begun = f"the snapshot after {found.begun:,} rows and " if found.begun else ""
        print(
            f"{found.rows:,} rows up to {format_time(found.ts)}, from {begun}{found.tape_records:,} records of the tape"
        )
        for note in found.notes:
            print(f"  note: {note}")
        print(f"equity {found.equity / 1e8:,.2f}   working orders {found.working}   state {found.state_hash[:16]}")
        for symbol, lots in found.positions:
            print(f"  {symbol}: {lots:,} lots")
        if not found.is_whole:
            lost = f"{found.further:,} outcomes of its last row and {found.untaken:,} records of the tape's end"
            print(f"The run was cut off: {lost} came to nothing that is in the journal.")
        print(_verdict(found.compared, found.difference))

    emit(found, json, show)
    if not found.is_same:
        raise typer.Exit(1)


def _verdict(compared: int, difference: tuple[int | None, str] | None) -> str:
    if difference is None:
        return f"{compared:,} records compared with the journal: all the same, bit for bit."
    number, kind = difference
    place = "behind the journal's last one" if number is None else f"record {number} of the control journal"
    return f"The replay differs: a {kind} that is not {place}. Replay with the Bot4 that wrote it, and report this."
