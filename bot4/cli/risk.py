"""`bot4 risk controls|check|report`: the table of controls, a policy file read back, and what the controls of a run did."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import Json, check_target, emit, show, table

if TYPE_CHECKING:
    from bot4.risk.policy import Policy
    from bot4.risk.report import ControlReport

app = typer.Typer(name="risk", help="Controls, the policy file, and the control report of a run.", no_args_is_help=True)

PolicyFile = Annotated[Path, typer.Argument(metavar="POLICY", help="The policy file (TOML).")]
Folder = Annotated[Path, typer.Argument(metavar="JOURNAL", help="The folder given to --journal.")]
Active = Annotated[bool, typer.Option("--active", help="Only controls that stand in the code.")]


@app.command("controls")
def controls_command(active: Active = False, json: Json = None) -> None:
    """List every control: what it limits, the rule that asks for it, default, scope, reason codes, status.

    Some only a rehearsal or a live venue can drive; the status says so.

    Example: bot4 risk controls --active
    """
    from bot4.risk.catalogue import ACTIVE, CONTROLS

    check_target("--json", json)
    listed = ACTIVE if active else CONTROLS

    def print_table() -> None:
        rows = table("control", "what", "rule", "default", "scope", "codes", "set by", "status")
        for one in listed:
            codes = ", ".join(one.codes)
            rows.add_row(
                one.id,
                one.what,
                one.rule,
                one.default if one.default == "off" else f"{one.default} {one.unit}".strip(),
                one.scope,
                codes,
                one.key,
                one.status,
            )
        show(rows)
        counts = Counter(one.status for one in CONTROLS)
        print("\n" + ", ".join(f"{count} {status}" for status, count in counts.items()) + ".")

    emit({"controls": listed}, json, print_table)


@app.command("check")
def check_command(policy: PolicyFile, json: Json = None) -> None:
    """Read a policy file, check every limit, and say what holds; exit code 2 with the key and the fix where one is wrong.

    Example: bot4 risk check examples/policy.toml
    """
    from bot4.risk.policy import read_policy

    check_target("--json", json)
    read = read_policy(policy)
    emit({"file": str(policy), "policy": read.as_dict()}, json, lambda: _print_policy(policy, read))


@app.command("report")
def report_command(folder: Folder, json: Json = None) -> None:
    """Tell from a run's journal how often and when each control acted, and through which states the guard went.

    Example: bot4 risk report run.journal
    """
    from bot4.risk.report import control_report

    check_target("--json", json)
    found = control_report(folder)
    emit(found, json, lambda: _print_report(found))


def _print_policy(path: Path, policy: Policy) -> None:
    from bot4.risk.catalogue import ACTIVE
    from bot4.risk.keys import PARAMETERS, QUANTITIES

    limits = policy.as_dict() | {name: _by_instrument(policy, name) for name in QUANTITIES}
    rows = table("limit", "value", "what", "codes")
    for one in ACTIVE:
        if one.id in limits:
            value = limits[one.id]
            rows.add_row(
                one.id,
                "off" if value is None else f"{_shown(value)} {one.unit}".strip(),
                one.what,
                ", ".join(one.codes),
            )
    for name, key in PARAMETERS.items():
        rows.add_row(name, f"{limits[name]}", key.give.removeprefix("a whole number of "), "")
    show(rows)
    print(f"\n{path}: all limits are in range.")


def _by_instrument(policy: Policy, name: str) -> list[str] | None:
    own = [(limits.symbol, getattr(limits, name)) for limits in policy.per_instrument]
    return [f"{symbol} {value:g}" for symbol, value in own if value is not None] or None


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if value is True:
        return "on"
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def _print_report(found: ControlReport) -> None:
    from bot4.data.timeframe import format_time

    print(f"{found.name}: {found.rows:,} rows, {found.orders:,} orders, {'a' if found.policy else 'no'} policy")
    rows = table("control", right=("acted",), more=("first", "last"))
    for one in found.controls:
        if one.count and one.first_ms is not None and one.last_ms is not None:
            rows.add_row(one.id, f"{one.count:,}", format_time(one.first_ms), format_time(one.last_ms))
    if any(one.count for one in found.controls):
        show(rows)
    else:
        print("No control acted.")
    if found.guard:
        print()
        steps = table("time", "from", "to", "layer", right=("measured", "limit", "equity"))
        for step in found.guard:
            steps.add_row(
                format_time(step.ts_ms), step.before, step.after, step.layer,
                _measured(step.layer, step.value), _measured(step.layer, step.limit), f"{step.equity:,.2f}",
            )  # fmt: skip
        show(steps)
        print(f"\nThe guard ended {found.last_state}.")
    if found.breakers:
        print()
        changes = table("time", "breaker", "from", "to", "source", right=("measured", "limit", "refused"))
        for change in found.breakers:
            changes.add_row(
                format_time(change.ts_ms), f"{change.kind} {change.number}", change.before, change.after, change.source,
                f"{change.value:,}", f"{change.limit:,}", f"{change.refused:,}" if change.refused else "",
            )  # fmt: skip
        show(changes)


def _measured(layer: str, value: float) -> str:
    from bot4.risk.report import COUNTED

    if layer in ("operator", "journal", "hour_over", "day_over", "eased", "flat"):
        return ""
    return f"{value:g}" if layer in COUNTED else f"{value * 100:.2f} %"
