"""How the commands of the gate show what they found, and the bodies of their JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .output import STDOUT, show, table

DAY_MS = 86_400_000

if TYPE_CHECKING:
    from bot4.gate.evidence import Registration
    from bot4.gate.perform import Checked
    from bot4.gate.registry.book import Registered
    from bot4.gate.registry.store import Registry


def registered(made: Registration) -> dict[str, Any]:
    """Returns a registration as plain data."""
    import json

    from bot4.gate import canonical

    return dict(json.loads(canonical.encode(made)))


def listed(one: Registered) -> dict[str, Any]:
    """Returns one line of the list."""
    last = one.last
    return {
        "id": one.made.id,
        "created_ms": one.made.created_ms,
        "strategy": one.made.strategy,
        "design": one.made.design,
        "instruments": len(one.made.universe),
        "out_start_ms": one.plan.out_start_ms,
        "days": one.plan.first_days if last is None else last.days,
        "openings": len(one.openings),
        "status": one.status,
        "next_ms": None if last is None or last.next_days is None else one.plan.out_start_ms + last.next_days * DAY_MS,
    }


def print_registration(made: Registration) -> None:
    """Prints what was fixed, and the command that comes next."""
    from bot4.gate.registry.book import Registered
    from bot4.gate.registry.due import first_look
    from bot4.gate.shown import named
    from bot4.report import text

    one = Registered(made, 0)
    plan, costs = one.plan, made.costs
    tests = f"tests of {plan.test_ms // DAY_MS} days" if plan.test_ms else "parameters as they are"
    look, days = first_look(one)
    when = text.date(plan.out_start_ms + days * DAY_MS)
    rows = table("what", "is fixed")
    rows.add_row("strategy", f"{made.strategy}, identity {made.identity[:16]}…")
    rows.add_row("parameters", named(made.parameters) or "none")
    rows.add_row("neighbourhood", text.plural(len(made.grid), "configuration"))
    rows.add_row(
        "data", f"{text.plural(len(made.universe), 'instrument')}, {made.interval}, SHA-256 {made.data_digest[:16]}…"
    )
    rows.add_row("in sample", f"{text.date(plan.inside.start_ms)} to {text.date(plan.inside.end_ms)}")
    rows.add_row(
        "out of sample", f"from {text.date(plan.out_start_ms)}: {plan.first_days:,} days so far; {made.design}, {tests}"
    )
    rows.add_row("costs", _costs(costs))
    one_look = "one only look" if look == 0 else f"look {look} of 12"
    is_there = plan.out_start_ms + days * DAY_MS <= int(str(made.sources["bars_end_ms"]))
    known = "which are there" if is_there else f"once the data reach {when}"
    rows.add_row("judged", f"{one_look}, at {days:,} days out of sample, {known}")
    print(f"Registered as {made.id}. Nothing was run on the days out of sample.\n")
    show(rows)
    print(f"\nNext: bot4 gate check {made.id} --report gate.html")


def _costs(costs: dict[str, object]) -> str:
    from bot4.report import text

    fees = costs["taker_bps"]
    assert isinstance(fees, list), "a registration lists the fee of each instrument"
    funding = costs["funding"]
    assert isinstance(funding, dict), "a registration names the funding of each perpetual"
    stated = [symbol for symbol, source in funding.items() if source == "default"]
    rate = (
        f", funding {text.percent(float(str(costs['funding_default'])), 3)} each 8 h where no file gives it"
        if stated
        else ""
    )
    fee = f"{min(fees):g}" if min(fees) == max(fees) else f"{min(fees):g} to {max(fees):g}"
    return f"fee {fee} bp, spread {costs['spread_bps']:g} bp, impact × {costs['impact']:g}, latency {costs['latency_ms']} ms{rate}"


def print_check(found: Checked) -> None:
    """Prints a verdict: in colour on a terminal, else plain."""
    from rich.console import Console

    from bot4.gate import terminal

    console = Console(highlight=False)
    if console.is_terminal:
        console.print(terminal.summary(found.verdict))
    else:
        sys.stdout.write(terminal.summary_text(found.verdict))


def write_signed(found: Checked, json: str | None, report: Path | None) -> None:
    """Writes the report and the signed JSON where they are asked for, and names every file."""
    from bot4.gate.page import write_page
    from bot4.report.files import write_whole

    data = found.path.read_bytes().decode("ascii")
    if report is not None:
        write_page(found.evidence, found.verdict, report)
    if json == STDOUT:
        sys.stdout.write(data)
        return
    lines = [f"Signed: {found.path}"]
    if json is not None:
        write_whole(Path(json), data)
        lines.append(f"JSON: {json}")
    if report is not None:
        lines.append(f"Report: {report}")
    print("\n" + "\n".join(lines))


def print_verified(registry: Registry, file: Path | None, lines: list[str]) -> None:
    """Prints what was verified."""
    audit = registry.audit
    print(f"The registry in {registry.store.place.shown} is whole: {audit.entries:,} entries, {audit.runs:,} runs.")
    for line in lines:
        print(f"{file}: {line}.")


def print_list(rows: list[dict[str, Any]]) -> None:
    """Prints the registrations."""
    from bot4.report import text

    if not rows:
        print("Nothing is registered yet; bot4 gate register FILE --data … does it.")
        return
    made = table(
        "id", "registered", "strategy", "out of sample from", right=("days", "opened"), more=("status", "next look")
    )
    for one in rows:
        following = "" if one["next_ms"] is None else text.date(one["next_ms"])
        made.add_row(
            one["id"], text.minute(one["created_ms"]), one["strategy"], text.date(one["out_start_ms"]),
            f"{one['days']:,}", f"{one['openings']}", one["status"], following,
        )  # fmt: skip
    show(made)


def print_shown(one: Registered, found: Checked | None) -> None:
    """Prints a registration and its last verdict."""
    if found is None:
        print_registration(one.made)
        return
    print_check(found)
    print(
        f"\nOpened {len(one.openings)} times; signed: {found.path}"
        if len(one.openings) != 1
        else f"\nOpened once; signed: {found.path}"
    )
