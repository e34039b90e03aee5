"""Which sources count, and the changes of them that cargo-mutants proposes."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.shell import environment

DESK = "engine/core/src/desk"
PARTS = {
    "risk": ("risk.rs", "limits.rs", "licence.rs", "guard/**", "operator/**"),
    "ledger": ("ledger.rs", "ledger/**", "books/**"),
    "breaker": ("breaker/**",),
    "order states": ("execution/**",),
}


@dataclass(frozen=True)
class Mutant:
    """One change of the sources, as cargo-mutants proposes it: `text` in the place of what stands from `start` to `end` (line, column).

    `genre` is cargo-mutants' word for its kind: FnValue, BinaryOperator, UnaryOperator, MatchArm, MatchArmGuard, StructField.
    """

    name: str
    file: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str
    genre: str = ""

    @property
    def bare(self) -> str:
        """Returns the name without its line, which moves."""
        return re.sub(r":\d+:\d+: ", ": ", self.name)

    @property
    def part(self) -> str:
        """Returns which of the four parts it belongs to."""
        return next(part for part, names in PARTS.items() if covered(self.file, names))

    def span(self, source: str) -> tuple[int, int]:
        """Returns first and end of its place in the source, in characters."""
        lines = source.splitlines(keepends=True)
        first, end = (sum(map(len, lines[: line - 1])) + column - 1 for line, column in (self.start, self.end))
        return first, end

    def applied(self, source: str) -> str:
        """Returns the source with the change."""
        first, end = self.span(source)
        return f"{source[:first]}{self.text} /* a mutant */{source[end:]}"


def covered(path: str, names: tuple[str, ...]) -> bool:
    """Returns whether one of the names, below the desk's folder, stands for the file."""
    patterns = [f"{DESK}/{name}" for name in names]
    return any(path == pattern or (pattern.endswith("**") and path.startswith(pattern[:-2])) for pattern in patterns)


def sources() -> list[str]:
    """Returns the patterns of all files whose mutants count."""
    return [f"{DESK}/{name}" for names in PARTS.values() for name in names]


def is_source(path: str) -> bool:
    """Returns whether mutants of a file count."""
    return any(covered(path, names) for names in PARTS.values())


def every_mutant(tree: Path, *words: str) -> list[Mutant]:
    """Returns all mutants of a copy, in the order of the sources.

    cargo-mutants only lists them: its own filters by name let some pass (27.1.0).
    """
    files = [word for pattern in sources() for word in ("--file", pattern)]
    command = ["cargo", "mutants", "--no-config", "--package", "bot4-engine", *files, "--list", "--json", *words]
    done = subprocess.run(command, cwd=tree, env=environment(), capture_output=True, text=True, check=True)

    def place(of: dict[str, int]) -> tuple[int, int]:
        return of["line"], of["column"]

    return [
        Mutant(
            found["name"],
            found["file"],
            place(found["span"]["start"]),
            place(found["span"]["end"]),
            found["replacement"],
            found["genre"],
        )
        for found in json.loads(done.stdout or "[]")
    ]
