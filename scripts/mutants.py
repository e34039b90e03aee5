"""Mutation tests of what guards money, the desk's risk, ledger, breakers and order states: `python -m scripts.mutants`.

- `--all`: every mutant (about two thousand, hours). `--sample N [--seed S]`: N of them drawn at random, with the interval that such a
  sample allows. `--again`: those that survived the last run.
- `--changed [REF]`: mutants of the lines changed since REF (the previous commit), as many as time allows; in CI. Where nothing of
  these files changed nothing is built.

A mutant is caught where a test fails or never ends; wanted are 90 %. Tests that cannot reach the desk are skipped, nothing else is left
out. cargo-mutants says what can be changed; the changes are made and tried on a copy in `.cache/mutants`, so that only what one of them
touches is compiled and the sources stay in peace.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from scripts import tools
from scripts.shell import CACHE, ROOT, environment, stop

WANTED = 0.90
MOST_CHANGED = 60
CHANGED_S = 150
"""Seconds that CI gives the mutants of changed lines, their build apart."""
Z_95 = 1.959964
DESK = "engine/core/src/desk"
PARTS = {
    "risk": ("risk.rs", "limits.rs", "licence.rs", "guard/**", "operator/**"),
    "ledger": ("ledger.rs", "ledger/**", "books/**"),
    "breaker": ("breaker/**",),
    "order states": ("execution/**",),
}
SKIPPED = (
    "memory::",
    "breaker_threads",
    "sweep::",
    "signal",
    "book::",
    "look::",
    "orders_program",
    "entries_program",
    "telemetry",
)
"""Names of tests that build no desk: rings and threads, signals, books of orders, programs read."""
COPY = CACHE / "mutants" / "tree"
OUTCOMES = CACHE / "mutants" / "outcomes.json"
COPIED = ("Cargo.toml", "Cargo.lock", "engine", "tests/engine/state_hash.txt")
TARGETS = (("--lib",), ("--test", "all"))
MOST_SECONDS = 20.0
"""What tests may take; without a mutant they take two."""


@dataclass(frozen=True)
class Mutant:
    """One change of the sources, as cargo-mutants proposes it: `text` in the place of what stands from `start` to `end` (line, column)."""

    name: str
    file: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str

    @property
    def bare(self) -> str:
        """Returns the name without its line, which moves."""
        return re.sub(r":\d+:\d+: ", ": ", self.name)

    def applied(self, source: str) -> str:
        """Returns the source with the change."""
        lines = source.splitlines(keepends=True)
        first, last = (sum(map(len, lines[: line - 1])) + column - 1 for line, column in (self.start, self.end))
        return f"{source[:first]}{self.text} /* a mutant */{source[last:]}"


@dataclass(frozen=True)
class Tally:
    """What came of the mutants of a run; those that do not compile count for nothing."""

    caught: int
    missed: tuple[str, ...]
    unviable: int

    @property
    def viable(self) -> int:
        return self.caught + len(self.missed)

    @property
    def share(self) -> float:
        """Returns the share caught; 1 where there is nothing to catch."""
        return self.caught / self.viable if self.viable else 1.0

    def interval(self) -> tuple[float, float]:
        """Returns the 95 % interval of the share in all mutants, had these been drawn at random (Wilson 1927)."""
        n = self.viable
        if n == 0:
            return 0.0, 1.0
        middle = self.share + Z_95**2 / (2 * n)
        reach = Z_95 * math.sqrt(self.share * (1 - self.share) / n + Z_95**2 / (4 * n * n))
        return (middle - reach) / (1 + Z_95**2 / n), (middle + reach) / (1 + Z_95**2 / n)


def sources() -> list[str]:
    """Returns the patterns of all files whose mutants count."""
    return [f"{DESK}/{name}" for part in PARTS.values() for name in part]


def is_source(path: str) -> bool:
    """Returns whether mutants of a file count."""
    return any(path == pattern or (pattern.endswith("**") and path.startswith(pattern[:-2])) for pattern in sources())


def refresh(copy: Path = COPY) -> None:
    """Brings the copy to the state of the sources; what is equal keeps its time, so that it is not compiled again."""
    wanted = set()
    for name in COPIED:
        top = ROOT / name
        for path in [top] if top.is_file() else (path for path in top.rglob("*") if path.is_file()):
            there = copy / path.relative_to(ROOT)
            wanted.add(there)
            if not there.is_file() or there.read_bytes() != path.read_bytes():
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, there)
    for path in copy.rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()


def every_mutant(*words: str) -> list[Mutant]:
    """Returns all mutants, in the order of the sources. cargo-mutants only lists them: its own filters by name let some pass (27.1.0)."""
    files = [word for pattern in sources() for word in ("--file", pattern)]
    command = ["cargo", "mutants", "--no-config", "--package", "bot4-engine", *files, "--list", "--json", *words]
    done = subprocess.run(command, cwd=COPY, env=environment(), capture_output=True, text=True, check=True)

    def place(of: dict[str, int]) -> tuple[int, int]:
        return of["line"], of["column"]

    return [
        Mutant(
            found["name"],
            found["file"],
            place(found["span"]["start"]),
            place(found["span"]["end"]),
            found["replacement"],
        )
        for found in json.loads(done.stdout or "[]")
    ]


def program(target: tuple[str, ...]) -> str | None:
    """Builds one program of tests in the copy; returns its path, or None where it does not compile."""
    command = [
        "cargo",
        "test",
        "--locked",
        "--package",
        "bot4-engine",
        "--profile",
        "mutants",
        "--features",
        "check",
        *target,
    ]
    env = environment({"CARGO_TARGET_DIR": str(CACHE / "mutants" / "target"), "CARGO_INCREMENTAL": "1"})
    words = ["nice", *command, "--no-run", "--message-format", "json"]
    done = subprocess.run(words, cwd=COPY, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    built = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    return next(str(message["executable"]) for message in built if message.get("executable"))


def judge() -> str:
    """Builds and runs the tests on the copy as it is: `caught`, `missed` or `unviable`. The quick program goes first."""
    for target in TARGETS:
        path = program(target)
        if path is None:
            return "unviable"
        words = ["nice", path, "--quiet", *(word for name in SKIPPED for word in ("--skip", name))]
        try:
            done = subprocess.run(
                words, cwd=COPY / "engine" / "core", capture_output=True, timeout=MOST_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return "caught"
        if done.returncode:
            return "caught"
    return "missed"


def hunt(mutants: list[Mutant], budget_s: float = math.inf) -> Tally:
    """Tries mutants one after the other on the copy, for as long as there is time; returns what came of them."""
    end = time.monotonic() + budget_s
    if judge() != "missed":
        stop("The desk's tests fail before anything is changed: mend them, then look for mutants.")
    seen: dict[str, list[str]] = {"caught": [], "missed": [], "unviable": []}
    for number, mutant in enumerate(mutants, 1):
        if time.monotonic() > end:
            break
        path = COPY / mutant.file
        before = path.read_text()
        path.write_text(mutant.applied(before))
        try:
            verdict = judge()
        finally:
            path.write_text(before)
        seen[verdict].append(mutant.name)
        if verdict == "missed":
            print(f"{number} of {len(mutants)}, survived: {mutant.name}", flush=True)
        OUTCOMES.write_text(json.dumps(seen, indent=1))
    return Tally(len(seen["caught"]), tuple(sorted(seen["missed"])), len(seen["unviable"]))


def tell(seen: Tally, of: int, begun: float, drawn: bool) -> None:
    """Prints the shares and the survivors; exits with 1 below what is wanted, of a sample where even the interval's end is."""
    print(
        f"\n{seen.caught} of {seen.viable} mutants caught: {seen.share:.1%}, wanted {WANTED:.0%}; {seen.unviable} did not compile"
    )
    if drawn:
        low, high = seen.interval()
        print(f"drawn at random from {of}; in all of them between {low:.1%} and {high:.1%} (95 %)")
    for name in seen.missed:
        print(f"  survived: {name}")
    print(f"{time.monotonic() - begun:.0f} s")
    if (seen.interval()[1] if drawn else seen.share) < WANTED:
        stop(f"{len(seen.missed)} mutants survived: write the test that each of them breaks.")


def git(*words: str) -> str:
    """Returns git's output; empty where it has nothing to say of such a commit."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout


def changed(since: str = "HEAD~1") -> None:
    """Runs the mutants of the lines changed since a commit; costs nothing where none of these files changed."""
    if not git("rev-parse", "--verify", "--quiet", f"{since}^{{commit}}"):
        print(f"no commit {since} here (a clone of one commit?): nothing to compare with")
        return
    difference = git("diff", "--no-ext-diff", since, "--", DESK)
    touched = {path for path in re.findall(r"^\+\+\+ b/(.+)$", difference, re.MULTILINE) if is_source(path)}
    if not touched:
        print(f"no line of risk, ledger, breakers or order states changed since {since}")
        return
    begun = time.monotonic()
    tools.cargo_mutants()
    refresh()
    saved = COPY.parent / "changed.diff"
    saved.write_text(difference)
    mutants = every_mutant("--in-diff", str(saved))
    drawn = draw(mutants, MOST_CHANGED, len(mutants))
    print(
        f"{len(mutants)} mutants in the lines of {len(touched)} files changed since {since}; those are tried that {CHANGED_S} s allow"
    )
    if drawn:
        seen = hunt(drawn, CHANGED_S)
        tell(seen, len(mutants), begun, drawn=seen.viable + seen.unviable < len(mutants))


def draw(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Returns `count` of the mutants, drawn at random and in random order: a run that is cut short is a sample too."""
    return random.Random(seed).sample(mutants, min(count, len(mutants)))


def survivors(mutants: list[Mutant]) -> list[Mutant]:
    """Returns those that the last run did not catch."""
    if not OUTCOMES.is_file():
        stop("There was no run whose survivors could be tried again: call with --sample 200 first.")
    missed = {re.sub(r":\d+:\d+: ", ": ", name) for name in json.loads(OUTCOMES.read_text())["missed"]}
    return [mutant for mutant in mutants if mutant.bare in missed]


def parser() -> argparse.ArgumentParser:
    """Returns the reader of the command line."""
    reader = argparse.ArgumentParser(prog="python -m scripts.mutants", description="Mutation tests of the desk.")
    which = reader.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="every mutant: hours")
    which.add_argument("--changed", nargs="?", const="HEAD~1", metavar="REF", help="lines changed since a commit")
    which.add_argument("--sample", type=int, metavar="N", help="so many, drawn at random")
    which.add_argument("--again", action="store_true", help="those that survived the last run")
    reader.add_argument("--seed", type=int, default=1, help="of the sample")
    return reader


def main(arguments: list[str] | None = None) -> None:
    """Runs what is asked for; exits with 1 where too many survive."""
    options = parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    if options.changed:
        changed(options.changed)
        return
    begun = time.monotonic()
    tools.cargo_mutants()
    refresh()
    mutants = every_mutant()
    if options.again:
        chosen = survivors(mutants)
    else:
        chosen = draw(mutants, options.sample or len(mutants), options.seed)
    print(f"{len(chosen)} of {len(mutants)} mutants")
    tell(hunt(chosen), len(mutants), begun, drawn=bool(options.sample))


if __name__ == "__main__":
    main()
