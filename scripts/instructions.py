"""Counts instructions of small fixed pieces of work under callgrind and holds them to stored baselines.

Each `engine/*/examples/instr_*.rs`, and each file beside `engine/*/examples/counts/main.rs`, does a fixed amount of work inside a
function whose name holds `instr_section`; only that is counted. Baselines stand in benchmarks/instructions.json, keyed by rustc and
valgrind version, since either changes the counts.

- More than 2 % above its baseline fails. More than 2 % below passes and asks for `--update`, so the gain is kept.
- A toolchain without baselines passes with a visible warning: a new compiler is not a regression. `--update` records it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts import tools
from scripts.shell import ROOT, output, run, stop

BASELINES = ROOT / "benchmarks" / "instructions.json"
PACKAGES = {"bot4-engine": "core", "bot4-exchange": "exchange", "bot4-io": "io", "bot4-ticks": "ticks"}
EXAMPLES = {package: ROOT / "engine" / folder / "examples" for package, folder in PACKAGES.items()}
TOLERANCE = 0.02

Runner = Callable[[tuple[str, ...]], int]
"""Counts what an example executes, called with the words it takes."""


@dataclass(frozen=True)
class Outcome:
    """What the comparison says: sentences that fail the gate and sentences that do not."""

    failures: list[str]
    notes: list[str]


def compare(counts: dict[str, int], baselines: dict[str, int], toolchain: str) -> Outcome:
    """Returns what changed between the baselines of a toolchain and the counts."""
    if not baselines:
        warning = f"WARNING: no baseline for this toolchain ({toolchain}); `python -m scripts.instructions --update` records one."
        return Outcome([], [warning])
    outcome = Outcome([], [])
    for name, count in counts.items():
        before = baselines.get(name)
        if before is None:
            outcome.failures.append(
                f"{name} has no baseline: record it with `python -m scripts.instructions --update`."
            )
        elif count > before * (1 + TOLERANCE):
            change = f"{name} takes {count:,} instructions, {count / before - 1:+.1%} against {before:,}"
            outcome.failures.append(
                f"{change}: find the cause, or `--update` and say in the commit why it is worth it."
            )
        elif count < before * (1 - TOLERANCE):
            change = f"{name} takes {count:,} instructions, {count / before - 1:+.1%} against {before:,}"
            outcome.notes.append(f"{change}: keep the gain with `python -m scripts.instructions --update`.")
    gone = sorted(baselines.keys() - counts.keys())
    outcome.failures.extend(f"{name} has a baseline and no example any more: `--update` removes it." for name in gone)
    return outcome


def programs() -> dict[str, tuple[str, ...]]:
    """Returns what to count: the name of each piece of work with the example that does it, and the word that example takes for it."""
    alone = {path.stem: (path.stem,) for folder in EXAMPLES.values() for path in folder.glob("instr_*.rs")}
    together = {
        f"instr_{path.stem}": ("counts", path.stem)
        for folder in EXAMPLES.values()
        for path in folder.glob("counts/*.rs")
        if path.stem != "main"
    }
    return dict(sorted({**alone, **together}.items()))


def toolchain_key() -> str:
    """Returns the key of the baselines: the versions of rustc and valgrind, and the machine's architecture."""
    rustc = output(["rustc", "-vV"])
    release, host = (re.search(rf"^{field}: (.+)$", rustc, re.MULTILINE) for field in ("release", "host"))
    assert release is not None
    assert host is not None
    return f"rustc {release[1]}, {output([tools.valgrind(), '--version']).strip()}, {host[1]}"


def collected(callgrind_out: str) -> int:
    """Returns the instructions in callgrind's output file. Raises SystemExit when nothing was collected."""
    summary = re.search(r"^(?:summary|totals): (\d+)", callgrind_out, re.MULTILINE)
    if summary is None or int(summary[1]) == 0:
        stop(
            "callgrind collected nothing: does the example call a `#[inline(never)]` function named `…instr_section…`?"
        )
    return int(summary[1])


def count_with_callgrind(words: tuple[str, ...]) -> int:
    """Returns the instructions one built example executes inside its section; `words` are its name and what it takes."""
    metadata = json.loads(output(["cargo", "metadata", "--no-deps", "--format-version", "1"]))
    program = Path(metadata["target_directory"]) / "release" / "examples" / words[0]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "callgrind.out"
        options = ["--tool=callgrind", "--quiet", "--toggle-collect=*instr_section*", f"--callgrind-out-file={file}"]
        run([tools.valgrind(), *options, str(program), *words[1:]], cwd=Path(folder))
        return collected(file.read_text())


def check(
    update: bool = False, runner: Runner | None = None, path: Path = BASELINES, toolchain: str | None = None
) -> None:
    """Counts every example and compares, or records with `update`. Raises SystemExit when a count grew too much."""
    pieces = programs()
    if not pieces:
        stop("Nothing to count: no crate's examples hold an instr_*.rs, and a gate without work guards nothing.")
    key = toolchain or toolchain_key()
    if runner is None:
        run(
            [
                "cargo",
                "build",
                "--quiet",
                "--locked",
                "--release",
                *(w for package in PACKAGES for w in ("--package", package)),
                *(w for n in sorted({words[0] for words in pieces.values()}) for w in ("--example", n)),
            ]
        )
    counts = {name: (runner or count_with_callgrind)(words) for name, words in pieces.items()}
    stored: dict[str, dict[str, int]] = json.loads(path.read_text()) if path.exists() else {}
    for name, count in counts.items():
        print(f"  {name:<24} {count:>14,}")
    if update:
        path.write_text(json.dumps({**stored, key: counts}, indent=2, sort_keys=True) + "\n")
        print(f"recorded for {key}")
        return
    outcome = compare(counts, stored.get(key, {}), key)
    print("\n".join(outcome.notes), end="\n" if outcome.notes else "")
    if outcome.failures:
        stop("\n".join(outcome.failures))


if __name__ == "__main__":
    try:
        check(update="--update" in sys.argv)
    except subprocess.CalledProcessError as failure:
        stop(
            f"Instructions were not counted: `{' '.join(map(str, failure.cmd[:4]))} …` failed; its own message is above."
        )
