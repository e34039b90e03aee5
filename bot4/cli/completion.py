"""`bot4 completion bash|zsh|fish`: the script that lets a shell complete commands, options and their words.

A command rather than Typer's two options: those look for the shell at every start, and stand in every help.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

PROGRAM = "bot4"
VARIABLE = "_BOT4_COMPLETE"
"""Set by the script when a shell asks for completions."""
SHELLS = {
    "bash": "echo 'eval \"$(bot4 completion bash)\"' >> ~/.bashrc",
    "zsh": "echo 'eval \"$(bot4 completion zsh)\"' >> ~/.zshrc",
    "fish": "bot4 completion fish > ~/.config/fish/completions/bot4.fish",
}

Shell = Annotated[
    str, typer.Argument(metavar="|".join(SHELLS), help="Your shell.", autocompletion=lambda: list(SHELLS))
]


def command(shell: Shell) -> None:
    """Print the completion script of a shell.

    Example: eval "$(bot4 completion bash)"
    """
    if shell not in SHELLS:
        raise typer.BadParameter(f"there is no completion for {shell!r}; give {', '.join(SHELLS)}")
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    print(get_completion_script(prog_name=PROGRAM, complete_var=VARIABLE, shell=shell))
    if sys.stdout.isatty():
        print(f"# To have it in every shell: {SHELLS[shell]}")


def prepare() -> None:
    """Teaches Typer the shells where one asks for completions; costs nothing in any other call."""
    if VARIABLE in os.environ:
        from typer.completion import completion_init  # type: ignore[attr-defined]

        completion_init()
