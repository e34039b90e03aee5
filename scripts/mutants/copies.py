"""Copies of the sources in `.cache/mutants`: one as it stands, to change by hand, and one with all mutants in it."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.mutants.listing import Mutant
from scripts.mutants.rewrite import Rewritten, parser, rewrite
from scripts.shell import CACHE, ROOT, environment, stop

PLACE = CACHE / "mutants"
PLAIN = PLACE / "tree"
MANY = PLACE / "many"
REFUSED = PLACE / "refused.json"
COPIED = ("Cargo.toml", "Cargo.lock", "engine", "tests/engine/state_hash.txt")
TARGETS = (("--lib",), ("--test", "all"))
CORE = Path("engine/core/src")
RUNTIME = Path(__file__).with_name("runtime.rs")
TRUE_ERRORS = frozenset(
    (
        "E0023 E0026 E0027 E0053 E0061 E0063 E0107 E0117 E0200 E0229 E0277 E0282 E0283 E0308 E0369 E0425 E0432 E0433 E0560 "
        "E0599 E0600 E0604 E0605 E0606 E0607 E0608 E0614 E0689"
    ).split()
)
"""Errors of names and types: a change that has one inside its own text does not compile anywhere else either."""


@dataclass
class Many:
    """All mutants in one copy: their numbers, those that do not compile, and those to be tried alone, with the reason."""

    numbers: dict[int, Mutant]
    unviable: dict[int, str] = field(default_factory=dict)
    alone: dict[int, str] = field(default_factory=dict)

    @property
    def together(self) -> dict[int, Mutant]:
        """Returns those that the one build holds."""
        return {n: mutant for n, mutant in self.numbers.items() if n not in self.unviable and n not in self.alone}


def refresh(copy: Path = PLAIN, made: dict[Path, bytes] | None = None) -> None:
    """Brings a copy to the state of the sources, or of `made` where that has the file.

    What is equal keeps its time and is not compiled again.
    """
    contents = dict(made or {})
    for name in COPIED:
        top = ROOT / name
        for path in [top] if top.is_file() else (path for path in top.rglob("*") if path.is_file()):
            contents.setdefault(path.relative_to(ROOT), path.read_bytes())
    for path, text in contents.items():
        there = copy / path
        if not there.is_file() or there.read_bytes() != text:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(text)
    for path in copy.rglob("*"):
        if path.is_file() and path.relative_to(copy) not in contents:
            path.unlink()


def cargo(copy: Path, *words: str) -> tuple[bool, list[dict[str, Any]]]:
    """Runs cargo on the engine's package in a copy; returns whether it succeeded, and its messages."""
    common = [
        "--locked",
        "--package",
        "bot4-engine",
        "--profile",
        "mutants",
        "--features",
        "check",
        "--message-format",
        "json",
    ]
    # Lints that look at constants would refuse a change that the compiler takes.
    env = environment(
        {"CARGO_TARGET_DIR": str(PLACE / "target"), "CARGO_INCREMENTAL": "1", "RUSTFLAGS": "--cap-lints=allow"}
    )
    command = ["nice", "cargo", words[0], *common, *words[1:]]
    done = subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True, check=False)
    return done.returncode == 0, [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def program(copy: Path, target: tuple[str, ...]) -> Path | None:
    """Builds one program of tests in a copy; returns its path, or None where it does not compile."""
    good, messages = cargo(copy, "test", "--no-run", *target)
    if not good:
        return None
    return next(Path(message["executable"]) for message in messages if message.get("executable"))


def errors(messages: list[dict[str, Any]]) -> list[tuple[str, str, int, int]]:
    """Returns the errors: code, file, first byte and end of each place that is blamed."""
    found = []
    for message in (one["message"] for one in messages if one.get("reason") == "compiler-message"):
        if message["level"] != "error":
            continue
        code = (message["code"] or {}).get("code", "")
        places = [span for span in message["spans"] if span["is_primary"]]
        found += [(code, span["file_name"], span["byte_start"], span["byte_end"]) for span in places]
    return found


def blamed(made: Rewritten, code: str, first: int, end: int) -> tuple[list[int], bool]:
    """Returns the mutants that an error comes from, and whether they cannot compile anywhere."""
    inside = [number for number, (a, b) in made.changed.items() if a <= first and end <= b]
    if inside:
        return inside, code in TRUE_ERRORS
    around = [(b - a, numbers) for a, b, numbers in made.places if a <= first and end <= b]
    return (min(around)[1], False) if around else ([], False)


def write_many(many: Many) -> dict[str, Rewritten]:
    """Writes the copy with the mutants that are left in it."""
    reader = parser()
    of: dict[str, list[tuple[int, Mutant]]] = defaultdict(list)
    for number, mutant in many.together.items():
        of[mutant.file].append((number, mutant))
    made = {name: rewrite(reader, (ROOT / name).read_text(), mutants) for name, mutants in of.items()}
    for rewritten in made.values():
        many.alone |= rewritten.alone
    contents = {Path(name): rewritten.text for name, rewritten in made.items()}
    contents[CORE / "lib.rs"] = (ROOT / CORE / "lib.rs").read_bytes() + b"mod mutant;\n"
    contents[CORE / "mutant.rs"] = RUNTIME.read_bytes()
    refresh(MANY, contents)
    return made


def stamp(mutants: list[Mutant]) -> str:
    """Returns the hash of mutants and of the sources that they change."""
    whole = hashlib.sha256("\n".join(mutant.name for mutant in mutants).encode())
    for name in sorted({mutant.file for mutant in mutants}):
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()


def build_many(mutants: list[Mutant]) -> Many:
    """Makes the copy with all mutants and takes out those that the compiler refuses, until it compiles.

    What it refused of the same mutants before is left out at once, so that nothing is compiled again.
    """
    many, own = Many(dict(enumerate(mutants, 1))), stamp(mutants)
    if REFUSED.is_file() and (saved := json.loads(REFUSED.read_text()))["stamp"] == own:
        many.unviable, many.alone = ({int(n): why for n, why in saved[kind].items()} for kind in ("unviable", "alone"))
    while True:
        made = write_many(many)
        good, messages = cargo(MANY, "check", "--lib")
        if good:
            many.alone = {number: why for number, why in many.alone.items() if number not in many.unviable}
            REFUSED.write_text(json.dumps({"stamp": own, "unviable": many.unviable, "alone": many.alone}))
            return many
        before = len(many.together)
        for code, name, first, end in errors(messages):
            if name in made:
                numbers, anywhere = blamed(made[name], code, first, end)
                (many.unviable if anywhere else many.alone).update(dict.fromkeys(numbers, code))
        if len(many.together) == before:
            said = (one["message"] for one in messages if one.get("reason") == "compiler-message")
            shown = [message["rendered"] for message in said if message["level"] == "error"]
            stop(f"The copy with all mutants does not compile, and no mutant is to blame:\n{''.join(shown)[:4000]}")
