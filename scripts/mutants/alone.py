"""The plain way: one mutant is written into the sources, they are built, the tests run.

For those that no build can hold beside others, and to hold the other way against it.
"""

from __future__ import annotations

from scripts.mutants import copies, running
from scripts.mutants.listing import Mutant
from scripts.mutants.running import SKIPPED

MOST_S = 60.0
"""Processor time of all tests of a program; without a mutant they take four seconds."""


def tried() -> list[str]:
    """Builds and runs the tests on the plain copy as it is: `caught` with the test, `missed` or `unviable`."""
    good, _ = copies.cargo(copies.PLAIN, "check", "--lib")
    if not good:
        return ["unviable"]
    for target in copies.TARGETS:
        path = copies.program(copies.PLAIN, target)
        if path is None:
            return ["unviable"]
        words = [word for name in SKIPPED for word in ("--skip", name)]
        ended = running.start(path, words, copies.PLAIN / "engine" / "core", {}, MOST_S)
        if not ended.good:
            return ["caught", ended.last, ended.why]
    return ["missed"]


def judge(mutant: Mutant) -> list[str]:
    """Tries one mutant on the plain copy and takes it out again."""
    path = copies.PLAIN / mutant.file
    before = path.read_text()
    path.write_text(mutant.applied(before))
    try:
        return tried()
    finally:
        path.write_text(before)
