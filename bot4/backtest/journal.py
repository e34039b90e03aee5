"""A run that keeps a journal: what its first record says, and how the engine is called for it.

The journal's bytes are docs/journal.md's; reading, verifying and replaying one is `bot4.records.journal`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .errors import BacktestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot4.data import Market
    from bot4.strategy import Program

    from .engine import Beside
    from .setup import Setup

Durability = Literal["fsync", "page-cache"]


@dataclass(frozen=True)
class Journal:
    """Where a run's journal goes and how it is kept. Raises BacktestError for a number out of range.

    durability: what its records survive, the end of the machine (`fsync`) or of the program (`page-cache`).
    tape_budget_mb: the most megabytes of the tape's segments; the oldest closed ones go first. None keeps all.
    snapshot_rows: rows between two snapshots of the whole state, from which a recovery begins; 0 writes none. A rehearsal writes none.
    segment_mb: megabytes of a segment's file (64).
    budget_ms: how long the disk of a rehearsal's journal may take to acknowledge before the desk is halted.
    resume: whether the run goes on with the journal in the folder, after a crash: it is made again from its first row, what stands in the
        journal is compared record by record, and what is missing is appended.
    """

    folder: Path
    durability: Durability = "page-cache"
    tape_budget_mb: float | None = None
    snapshot_rows: int = 65_536
    segment_mb: float = 64.0
    budget_ms: int = 2_000
    resume: bool = False

    def __post_init__(self) -> None:
        """Checks the numbers."""
        for name, least in (("tape_budget_mb", 0), ("segment_mb", 0), ("snapshot_rows", -1), ("budget_ms", 0)):
            value = getattr(self, name)
            if value is not None and not value > least:
                raise BacktestError(f"the journal's {name} is {value}; give a number above {least}.")

    def how(self) -> tuple[str, int, int, int, bool]:
        """Returns what the engine takes: durability, bytes of a segment and of the tape (0: no end), rows between two snapshots, whether
        to go on with what is there."""
        tape = 0 if self.tape_budget_mb is None else max(1, int(self.tape_budget_mb * MB))
        return (self.durability, int(self.segment_mb * MB), tape, self.snapshot_rows, self.resume)


MB = 1 << 20


def with_journal(setup: Setup, journal: Journal | str | Path) -> Setup:
    """Returns the setup of a run that writes a journal. Raises BacktestError where the folder holds anything already, and where a run is to
    go on and it holds nothing."""
    chosen = journal if isinstance(journal, Journal) else Journal(Path(journal))
    folder = chosen.folder
    is_there = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    if chosen.resume and not is_there:
        raise BacktestError(
            f"{folder} holds no journal that the run could go on with; leave out --resume to begin one."
        )
    if is_there and not chosen.resume:
        raise BacktestError(
            f"{folder} exists already; give the journal a new folder, or go on with its run with --resume."
        )
    return replace(setup, beside=replace(setup.beside, journal=chosen))


def run_journaled(
    market: Market,
    program: Program,
    config_json: str,
    beside: Beside,
    progress: Callable[[int], object] | None,
) -> dict[str, Any]:
    """Runs the engine with the journal in `beside` and returns its records, with `journal`: counts, durability, chain.

    Raises BacktestError for event classes and sleeves, EngineError where the journal cannot be written.
    """
    from bot4 import _engine

    journal = beside.journal
    assert journal is not None, "the caller looks first"
    whole_program(program, "keeps no journal", "a journal is replayed by the engine alone; leave the journal out")
    return _engine.run_journaled(
        market.native,
        program.json,
        config_json,
        str(journal.folder),
        setup_json(market, program, config_json, beside),
        journal.how(),
        progress,
        **beside.arguments(),
    )


def whole_program(program: Program, refused: str, why: str) -> None:
    """Raises BacktestError for what the engine does not decide alone, or does not decide as one program."""
    if program.events is not None or program.sleeves:
        what = "an event class decides in Python" if program.events is not None else "sleeves are several programs"
        raise BacktestError(f"{program.name} {refused}: {what}, and {why}.")


def setup_json(market: Market, program: Program, config_json: str, beside: Beside, checks: bool = True) -> str:
    """Returns the first record: all that a replay needs beside the tape, and what a reader wants to know.

    `checks` says whether the hash of the state stands every so many rows, and not at the end alone.
    """
    from bot4 import __version__, _engine

    arguments = beside.funding.arguments()
    symbols = list(market.symbols)
    return json.dumps(
        {
            "instruments": json.loads(market.listing_json),
            "contents": int(_engine.journal_layouts()["contents"]),
            "interval_ms": market.interval_ms,
            "program": program.json,
            "config": config_json,
            "funding": [one is not None for one in arguments.get("funding", [None] * len(symbols))],
            "funding_default": arguments.get("funding_default"),
            "checks": checks,
            "detail_interval_ms": None if beside.detail is None else beside.detail.market.interval_ms,
            "about": {
                "name": program.name,
                "params": dict(program.parameters),
                "identity": str(_engine.describe(program.json, symbols)["identity"]),
                "data_hash": beside.data_hash(market),
                "bot4": __version__,
                "durability": beside.journal.durability if beside.journal else None,
            },
        },
        default=str,
    )
