"""`bot4 operator …`: commands to a desk that runs, over its control socket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .output import Json, check_target, emit

app = typer.Typer(
    name="operator",
    help="Command a desk that runs: reduce, pause, flatten, kill, resume, reload.",
    no_args_is_help=True,
)

Control = Annotated[Path, typer.Option("--control", metavar="SOCKET", help="The socket of the running desk.")]


def _ask(do: str, control: Path, json: str | None, breakers: dict[str, Any] | None = None) -> None:
    from bot4.live.operator import ask

    check_target("--json", json)
    answer = ask(control, do, breakers)
    shown = "; ".join(f"{key} {value}" for key, value in answer.items())
    emit({"do": do, "answer": answer}, json, lambda: print(f"{do}: {shown}"))


@app.command("status")
def status_command(control: Control, json: Json = None) -> None:
    """Say in which state the desk is.

    Example: bot4 operator status --control run.sock
    """
    _ask("status", control, json)


@app.command("reduce")
def reduce_command(control: Control, json: Json = None) -> None:
    """Let half of what opens or increases pass, until somebody resumes.

    Example: bot4 operator reduce --control run.sock
    """
    _ask("reduce", control, json)


@app.command("pause")
def pause_command(control: Control, json: Json = None) -> None:
    """Let nothing open or increase, until somebody resumes; what closes passes.

    Example: bot4 operator pause --control run.sock
    """
    _ask("pause", control, json)


@app.command("flatten")
def flatten_command(control: Control, json: Json = None) -> None:
    """Cancel everything and close every position, tried until all is flat; nothing is sent then until somebody resumes.

    Example: bot4 operator flatten --control run.sock
    """
    _ask("flatten", control, json)


@app.command("kill")
def kill_command(control: Control, json: Json = None) -> None:
    """Cancel everything and send nothing any more; positions stay, with their price stops.

    Example: bot4 operator kill --control run.sock
    """
    _ask("kill", control, json)


@app.command("resume")
def resume_command(control: Control, json: Json = None) -> None:
    """Let go of what latched, in your name; refused while everything is being flattened.

    Example: bot4 operator resume --control run.sock
    """
    _ask("resume", control, json)


Policy = Annotated[
    Path,
    typer.Option("--policy", metavar="FILE.toml", help="A policy file; its [breaker] sections are what is loaded."),
]


@app.command("reload")
def reload_command(control: Control, policy: Policy, json: Json = None) -> None:
    """Give the circuit breakers tighter settings; what would trip later is refused.

    Example: bot4 operator reload --control run.sock --policy tight.toml
    """
    from bot4.risk.errors import RiskError
    from bot4.risk.policy import read_policy

    breakers = read_policy(policy).breakers
    if breakers is None:
        raise RiskError(f"{policy} has no section [breaker]; name a policy file that has one.")
    _ask("reload", control, json, breakers.content())
