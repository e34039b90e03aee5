"""Runs tests on a build that holds many mutants: which test reaches which, and whether one of them fails."""

from __future__ import annotations

import math
import os
import re
import subprocess
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scripts.shell import environment, stop

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
WORKERS = 2
TIMES = 10
"""A mutant's tests may take so many times what they take without one, then they count as never ending."""
LEAST_S = 3
MOST_KB = 4_000_000
"""Memory of one process of tests: a mutant that fills it without end is stopped."""
FEW = (6, 40)
"""How many tests the first processes of a mutant run; a further one runs the rest."""


@dataclass(frozen=True)
class OneTest:
    """One test: its program and name."""

    program: Path
    name: str


@dataclass
class Reach:
    """What the tests do without a mutant: seconds each takes, and those that reach each mutant.

    `noisy` are tests in which something panics and is caught.
    """

    seconds: dict[OneTest, float] = field(default_factory=dict)
    by_mutant: dict[int, list[OneTest]] = field(default_factory=lambda: defaultdict(list))
    noisy: set[OneTest] = field(default_factory=set)


@dataclass(frozen=True)
class Ended:
    """How one process of tests ended."""

    good: bool
    seconds: float
    last: str
    """The last test that began."""
    why: str = ""


def start(program: Path, words: Iterable[str], folder: Path, env: Mapping[str, str], limit_s: float) -> Ended:
    """Runs a program of tests with limits of processor time, memory and, for what sleeps, of time."""
    limits = f'ulimit -v {MOST_KB} -t {math.ceil(limit_s)}; exec "$@"'
    command = ["sh", "-c", limits, "sh", "nice", str(program), "--test-threads=1", *words]
    fixed = {"PROPTEST_DISABLE_FAILURE_PERSISTENCE": "1", "PROPTEST_RNG_SEED": "1", "RUST_BACKTRACE": "0"}
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment({**fixed, **env}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
        late = threading.Timer(30 + 6 * limit_s, process.kill)
        late.start()
        _, status, used = os.wait4(process.pid, 0)
        late.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        begun = re.findall(r"^test (\S+) \.\.\.", out.read(), re.MULTILINE)
    seconds = used.ru_utime + used.ru_stime
    slow = process.returncode in (-9, -24, 137, 152)
    why = "never ends" if slow else "fails"
    return Ended(process.returncode == 0, seconds, begun[-1] if begun else "", "" if process.returncode == 0 else why)


def tests_of(program: Path, folder: Path) -> list[OneTest]:
    """Returns the tests of a program but those that reach no desk."""
    words = [str(program), "--list", "--format", "terse"]
    done = subprocess.run(words, cwd=folder, env=environment(), capture_output=True, text=True, check=True)
    names = [line.removesuffix(": test") for line in done.stdout.splitlines() if line.endswith(": test")]
    return [OneTest(program, name) for name in names if not any(word in name for word in SKIPPED)]


def record(programs: list[Path], folder: Path) -> Reach:
    """Runs every test alone without a mutant and notes what it reaches."""
    reach = Reach()

    def one(test: OneTest) -> tuple[OneTest, Ended, bool, set[int]]:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "reached"
            env = {"BOT4_MUTANT": f"record:{path}", "BOT4_MUTANT_ABORT": "1"}
            ended = start(test.program, ["--exact", test.name], folder, env, 600)
            noisy = not ended.good
            if noisy:
                del env["BOT4_MUTANT_ABORT"]
                ended = start(test.program, ["--exact", test.name], folder, env, 600)
            data = path.read_bytes() if path.is_file() else b""
        return test, ended, noisy, {int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)}

    tests = [test for program in programs for test in tests_of(program, folder)]
    with ThreadPoolExecutor(WORKERS) as pool:
        for test, ended, noisy, numbers in pool.map(one, tests):
            if not ended.good:
                stop(f"The test {test.name} {ended.why} before anything is changed: mend it, then look for mutants.")
            reach.seconds[test] = ended.seconds
            if noisy:
                reach.noisy.add(test)
            for number in numbers:
                reach.by_mutant[number].append(test)
    return reach


class Judge:
    """Tries mutants of one build, those tests first that caught others of the same file, then the quick ones."""

    def __init__(self, reach: Reach, folder: Path) -> None:
        self.reach = reach
        self.folder = folder
        self.caught_by: dict[str, Counter[str]] = defaultdict(Counter)

    def verdict(self, number: int, file: str) -> list[str]:
        """Returns `unreached`, `missed`, or `caught` with the test and whether it failed or never ended."""
        tests = self.reach.by_mutant.get(number, [])
        if not tests:
            return ["unreached"]
        known = self.caught_by[file]
        # A good catcher may take longer than a quick test that has caught nothing.
        ordered = sorted(tests, key=lambda test: (self.reach.seconds[test] + 0.01) / (1 + 5 * known[test.name]))
        quiet = [test for test in ordered if test not in self.reach.noisy]
        noisy = [test for test in ordered if test in self.reach.noisy]
        groups = [quiet[: FEW[0]], quiet[FEW[0] : FEW[1]], quiet[FEW[1] :]]
        for group, aborts in [*((group, True) for group in groups), (noisy, False)]:
            for program in dict.fromkeys(test.program for test in group):
                ended = self.run(number, [test for test in group if test.program == program], aborts)
                if not ended.good:
                    known[ended.last] += 1
                    return ["caught", ended.last, ended.why]
        return ["missed"]

    def run(self, number: int, tests: list[OneTest], aborts: bool) -> Ended:
        """Runs tests of one program with a mutant."""
        limit_s = max(LEAST_S, TIMES * sum(self.reach.seconds[test] for test in tests))
        env = {"BOT4_MUTANT": str(number), **({"BOT4_MUTANT_ABORT": "1"} if aborts else {})}
        return start(tests[0].program, ["--exact", *(test.name for test in tests)], self.folder, env, limit_s)
