"""`bot4 new`: writes a commented strategy and its test, to be changed into one's own.

The texts are the files of `templates`; `$name` and `$Name` in them become the name asked for. Nothing that exists is overwritten.
"""

from __future__ import annotations

import keyword
import re
import sys
from importlib import resources
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from .output import Json, check_target, emit

TEMPLATES: dict[str, str] = {
    "trend": "averages of several horizons, sized by volatility, with a trailing stop",
    "meanrev": "entries on a dip in a rise, sized by risk; out at the mean, a stop or in time",
    "portfolio": "the strongest coins of a universe, weekly, at equal risk",
    "pairs": "two perpetuals against each other, hedged by a rolling regression",
    "grid": "a ladder of limit orders below the market, with a budget and a stop",
    "events": "an event class: scale out of a breakout, then move the stop",
}
PERPETUALS = ("pairs",)
"""Templates that sell short, which only perpetuals allow."""

NAME = re.compile(r"[a-z][a-z0-9_]*")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the strategy and of its file: letters, digits, _.")]
TemplateName = Annotated[
    str,
    typer.Option(
        "--template",
        "-t",
        metavar="|".join(TEMPLATES),
        help="What to begin with.",
        autocompletion=lambda: list(TEMPLATES.items()),
    ),
]
Folder = Annotated[Path, typer.Option("--out", help="Folder to write to; it is made if it does not exist.")]


def command(name: Name, template: TemplateName = "trend", out: Folder = Path("."), json: Json = None) -> None:
    """Write a commented strategy with its test, to begin from.

    Example: bot4 new dip --template meanrev
    """
    check_target("--json", json)
    checked_name(name)
    if template not in TEMPLATES:
        known = "; ".join(f"{known}: {what}" for known, what in TEMPLATES.items())
        raise typer.BadParameter(f"there is no template {template!r}. There are {known}")
    files = write(name, template, out)
    steps = next_steps(files, template, out)
    emit({"template": template, "files": files, "next": list(steps.values())}, json, lambda: _tell(files, steps))


def checked_name(name: str) -> str:
    """Returns a name that can be a Python file and function. Raises a usage error that offers one where it cannot."""
    offered = re.sub(r"\W+", "_", name.removesuffix(".py")).strip("_").lower()
    if not NAME.fullmatch(name) or keyword.iskeyword(name) or keyword.issoftkeyword(name):
        hint = f", such as {offered}" if NAME.fullmatch(offered) and not keyword.iskeyword(offered) else ""
        raise typer.BadParameter(f"{name!r} cannot name a strategy; give small letters, digits and _{hint}")
    if name in sys.stdlib_module_names or name in ("bot4", "b4", "polars", "numpy"):
        raise typer.BadParameter(f"a file {name}.py would hide the module {name} from Python; give another name")
    return name


def write(name: str, template: str, folder: Path) -> list[Path]:
    """Writes strategy and test of a template, both or neither, and returns their paths. Raises a usage error where one exists."""
    texts = {f"{name}.py": "strategy.txt", f"test_{name}.py": "test.txt"}
    for file in texts:
        if (folder / file).exists():
            raise typer.BadParameter(
                f"{folder / file} exists and is not overwritten; give another name or --out FOLDER"
            )
    folder.mkdir(parents=True, exist_ok=True)
    words = {"name": name, "Name": "".join(part.capitalize() for part in name.split("_"))}
    source = resources.files(__package__) / "templates" / template
    filled = {folder / file: Template((source / text).read_text(encoding="utf-8")) for file, text in texts.items()}
    for path, text in filled.items():
        path.write_text(text.substitute(words), encoding="utf-8", newline="\n")
    return list(filled)


def next_steps(files: list[Path], template: str, folder: Path) -> dict[str, str]:
    """Returns commands that go on from here, by what they are for."""
    coins = folder / "coins"
    perpetual = " --perpetual" if template in PERPETUALS else ""
    return {
        "test it": f"python -m pytest {files[1]}",
        "make a market": f"bot4 data synth --out {coins}{perpetual}",
        "backtest it": f"bot4 backtest {files[0]} --data {coins}",
    }


def _tell(files: list[Path], steps: dict[str, str]) -> None:
    print(f"Wrote {files[0]} and its test {files[1]}. Read the comments, change the rule, and:")
    for what, step in steps.items():
        print(f"  {what + ':':<15} {step}")
