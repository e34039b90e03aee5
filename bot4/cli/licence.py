"""`bot4 licence show|verify`: what a licence allows, and whether it may be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .output import Json, check_target, emit

if TYPE_CHECKING:
    from bot4.records.licence import Licence

app = typer.Typer(name="licence", help="Read and check the licence that live orders need.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="The licence file.")]
Key = Annotated[
    list[str], typer.Option("--key", metavar="HEX", help="A trusted issuer's public key, 64 digits; repeatable.")
]


@app.command("show")
def show_command(file: File, json: Json = None) -> None:
    """Say what a licence allows, who signed it, and whether its signature is that of its content.

    Example: bot4 licence show trend.licence
    """
    from bot4.records.licence import read

    check_target("--json", json)
    signed = read(file)

    def show() -> None:
        _print(signed.licence)
        right = "is that of its content" if signed.is_authentic else "IS NOT THAT OF ITS CONTENT"
        print(f"signed by     {signed.issuer}; the signature {right}")

    emit(signed, json, show)


@app.command("verify")
def verify_command(file: File, key: Key, json: Json = None) -> None:
    """Check signature, issuer and dates of a licence; exit code 2 with the reason where it does not hold now.

    Example: bot4 licence verify trend.licence --key 3b6a…
    """
    from bot4.records.licence import verify

    check_target("--json", json)
    licence = verify(file, key)

    def show() -> None:
        _print(licence)
        print("It holds: signed by a trusted issuer, and today lies in it.")

    emit({"licence": licence, "holds": True}, json, show)


def _print(licence: Licence) -> None:
    from bot4.records.licence import moment

    def amount(units: int) -> str:
        return f"{units / 1e8:,.2f} {licence.currency}"

    print(f"strategy      {licence.name} ({licence.strategy[:16]}…)")
    print(f"instruments   {', '.join(licence.instruments)}")
    print(f"one order     up to {amount(licence.max_order)}")
    print(f"gross         up to {amount(licence.max_gross)}")
    for step in licence.ramp:
        print(f"  from {moment(step.from_ms)}: {step.share_e9 / 1e7:g} % of both")
    print(f"holds         {moment(licence.from_ms)} to {moment(licence.until_ms)}")
    print(f"evidence      {licence.evidence or 'none named'}")
