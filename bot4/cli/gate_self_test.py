"""`bot4 gate self-test`: how often this machine's gate passes what has no edge, and what has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .output import Json, check_target, emit, show, table

if TYPE_CHECKING:
    from bot4.gate.selftest import SelfTest
    from bot4.gate.selftest.rate import Rate

CHECK_FAILED = 1
Paths = Annotated[
    int | None, typer.Option(metavar="N", help="Strategies of each kind and true Sharpe ratio; default 4,000.")
]
Full = Annotated[
    bool, typer.Option("--full", help="40,000 instead, every look judged: a third of the error, half an hour.")
]
Seed = Annotated[int, typer.Option(help="Of everything drawn: the same seed, the same numbers.")]


def command(paths: Paths = None, full: Full = False, seed: Seed = 1, json: Json = None) -> None:
    """Measure the gate itself: draw strategies of known Sharpe ratio and count which pass. Exit code 1 if a promise is broken.

    Example: bot4 gate self-test --paths 20000
    """
    from bot4.gate.selftest import report

    from .progress import Progress

    check_target("--json", json)
    if paths is not None and full:
        raise typer.BadParameter("--full and --paths both say how many; leave one out")
    count = paths or (report.FULL_PATHS if full else report.PATHS)
    with Progress("self-test", unit="steps") as told:
        made = report.run(count, seed=seed, shown=lambda what, done, total: told(done, total))
    emit(made, json, lambda: _print(made))
    if not made.holds:
        raise typer.Exit(CHECK_FAILED)


def _print(made: SelfTest) -> None:
    print(
        f"{made.paths:,} strategies of each kind and true Sharpe ratio, {made.first_days:,} days out of sample and up to twelve looks of "
        f"30 days more; c is {made.c:.2f}.\nPassed at the first look / ever, with the interval of 95 % of the latter.\n"
    )
    _print_boundary(made)
    print("\nThe whole gate, every check:\n")
    rows = table("kind", "Sharpe", "above the boundary", "PASS", "stopped by")
    for one in made.whole:
        stopped = ", ".join(f"{name} {count}" for name, count in one.stopped_by.items())
        rows.add_row(one.kind, f"{one.sharpe:g}", _share(one.above), _share(one.passed), stopped or "–")
    show(rows)
    print("\nThe best of many without an edge:\n")
    rows = table("trials", "correlation", "count as", "counted", "hidden", "chosen before the split")
    for family in made.selection:
        rates = (family.counted, family.hidden, family.split)
        rows.add_row(f"{family.trials}", f"{family.correlation:g}", f"{family.effective:.1f}", *map(_share, rates))
    show(rows)
    print()
    rows = table("promise", "measured", "bound", "")
    for claim in made.claims:
        rows.add_row(claim.words, _share(claim.measured), f"{claim.sense} {claim.bound:.1%}", claim.outcome)
    show(rows)
    broken = sum(one.outcome == "broken" for one in made.claims)
    within = sum(one.outcome == "within error" for one in made.claims)
    said = "no promise is broken" if made.holds else f"{broken} of {len(made.claims)} promises are broken"
    print(
        f"\n{said[0].upper()}{said[1:]}{f'; {within} missed within the error' if within else ''} ({made.seconds:.0f} s)."
    )


def _print_boundary(made: SelfTest) -> None:
    kinds = list(dict.fromkeys(row.kind for row in made.boundary))
    rows = table("true Sharpe", *kinds)
    for sharpe in dict.fromkeys(row.sharpe for row in made.boundary):
        found = {row.kind: row for row in made.boundary if row.sharpe == sharpe}
        cells = (f"{found[kind].first.share:.2%} / {_share(found[kind].ever)}" for kind in kinds)
        rows.add_row(f"{sharpe:g}", *cells)
    show(rows)


def _share(rate: Rate) -> str:
    return f"{rate.share:.2%} [dim]({rate.low:.2%}–{rate.high:.2%})[/dim]"
