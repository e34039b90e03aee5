"""Reads the fenced blocks of a Markdown page, so that a test can run them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_OPEN = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`]*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the reason not to run it (None: run it), its first line's number, its text."""

    page: str
    language: str
    no_run: str | None
    line: int
    text: str


def blocks(path: Path, page: str) -> list[Block]:
    """Returns the fenced blocks of a page in order. Raises ValueError when one is never closed or a reason is missing."""
    found: list[Block] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        opened = _OPEN.match(lines[number])
        number += 1
        if opened is None:
            continue
        start = number
        while number < len(lines) and lines[number].strip() != opened["fence"]:
            number += 1
        if number == len(lines):
            raise ValueError(f"{page}:{start}: a fenced block is never closed.")
        indent = len(opened["indent"])
        text = "\n".join(line[indent:] for line in lines[start:number]) + "\n"
        language, _, rest = opened["info"].strip().partition(" ")
        found.append(Block(page, language, _reason(rest, page, start), start + 1, text))
        number += 1
    return found


def _reason(rest: str, page: str, line: int) -> str | None:
    """Returns the reason in `no-run: reason`, or None where the block is to be run."""
    if not rest.startswith("no-run"):
        return None
    reason = rest.removeprefix("no-run").strip(" :")
    if not reason:
        raise ValueError(f"{page}:{line}: `no-run` needs a reason, as in `no-run: a signature`.")
    return reason


def shell_commands(text: str) -> list[str]:
    """Returns the commands of a shell block: continued lines joined; in a block with `$ ` prompts only those, without comments."""
    lines = text.replace("\\\n", " ").splitlines()
    if any(line.startswith("$ ") for line in lines):
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    commands = (re.sub(r"\s+#.*$", "", line).strip() for line in lines)
    return [command for command in commands if command and not command.startswith("#")]
