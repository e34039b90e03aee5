"""Runs the project's checks, one after the other, with the time of each: `python -m scripts.check quick|lint|all`.

A step that fails does not stop the others; at the end stand the times, what failed, and pytest's closing line as the very last
output. The suites: `quick` takes seconds (the git hook), `lint` adds clippy, `all` is what CI runs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from scripts import coverage_gate, instructions, lock, mutants, standins, threads, tools, wheel
from scripts.shell import BIN, ROOT, environment, run
from scripts.site import build

PYTHON = str(BIN / "python")
CRATES = ("engine", "io", "host", "exchange", "ticks", "server")
ENGINE = [word for crate in CRATES for word in ("--package", f"bot4-{crate}")]
# In tests every invariant of value is checked after every event.
CHECKED = [*ENGINE, "--features", "bot4-engine/check"]


@dataclass(frozen=True)
class Step:
    """One check: a name for the table and what to run; it fails by raising."""

    name: str
    action: Callable[[], None]


def command(name: str, *words: str) -> Step:
    """Returns a step that runs one command."""
    return Step(name, lambda: run(words))


def rust_tests() -> None:
    """Runs the Rust tests under coverage (nextest when it is installed), then holds the lines to the gate."""
    env = {**tools.llvm_tools(), "CARGO_INCREMENTAL": "0"}
    tools.cargo_llvm_cov()
    runner = ["nextest", "--no-fail-fast"] if tools.find("cargo-nextest") else ["--no-fail-fast"]
    report = ROOT / "target" / "coverage.lcov"
    report.parent.mkdir(exist_ok=True)
    run(["cargo", "llvm-cov", *runner, "--locked", *CHECKED, "--lcov", "--output-path", str(report)], env)
    coverage_gate.rust(report)


def rust_doc_tests() -> None:
    """Runs the examples in Rust doc comments, of the crates that have some: the others need no build of their own for them."""
    begins = re.compile(r"^\s*//[/!] ```(?!text)\S*\n\s*//[/!] \S", re.MULTILINE)
    folders = {"engine": "core"}
    sources = {crate: (ROOT / "engine" / folders.get(crate, crate) / "src").rglob("*.rs") for crate in CRATES}
    having = [crate for crate, paths in sources.items() if any(begins.search(path.read_text()) for path in paths)]
    if having:
        packages = [word for crate in having for word in ("--package", f"bot4-{crate}")]
        run(["cargo", "test", "--quiet", "--locked", "--doc", *packages])
    else:
        print("no examples in doc comments")


def programs() -> None:
    """Finds or installs what the Python tests start: a browser and a database server."""
    print(f"{tools.chromium()}, {tools.postgresql()}")


class Pytest:
    """The Python tests under branch coverage; keeps pytest's closing line for the end of the output."""

    def __init__(self) -> None:
        self.closing_line = ""

    def run(self) -> None:
        report = ROOT / "target" / "coverage.json"
        report.unlink(missing_ok=True)
        # Two at a time, a file in one piece: fixtures of a module are made once.
        parallel = ["--numprocesses", "2", "--dist", "loadfile"]
        coverage = ["--cov", f"--cov-report=json:{report}", "--cov-report="]
        words = [PYTHON, "-m", "pytest", *parallel, *coverage, "--durations=10"]
        with subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                self.closing_line = line.rstrip() or self.closing_line
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, words)
        coverage_gate.python(report)


QUICK = [
    Step("lock files", lock.check),
    Step("stand-ins", standins.check),
    command("ruff check", "ruff", "check", "--quiet", "."),
    command("ruff format", "ruff", "format", "--check", "--quiet", "."),
    command("imports", "lint-imports", "--no-logo"),
    command("cargo fmt", "cargo", "fmt", "--check"),
    command("mypy", "mypy"),
]
LINT = [
    *QUICK,
    command("clippy", "cargo", "clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"),
]
TESTS = [
    Step("rust tests", rust_tests),
    Step("rust doc tests", rust_doc_tests),
    Step("loom", threads.loom),
    Step("mutants", mutants.changed),
    Step("instructions", instructions.check),
    Step("wheel", wheel.check),
    Step("programs", programs),
    Step("site", build.build),
]


def run_steps(steps: list[Step]) -> list[str]:
    """Runs the steps, prints their times, returns the names of those that failed."""
    failed: list[str] = []
    times: list[tuple[str, float]] = []
    for step in steps:
        print(f"== {step.name}", flush=True)
        begun = time.monotonic()
        try:
            step.action()
        except SystemExit as stopped:
            if stopped.code:
                failed.append(step.name)
        except subprocess.CalledProcessError:
            failed.append(step.name)
        except Exception:  # a fault of a check is a failed check; the others still run
            traceback.print_exc()
            failed.append(step.name)
        times.append((step.name, time.monotonic() - begun))
    print("== times")
    for name, seconds in times:
        print(f"   {name:<16} {seconds:7.1f} s{'   FAILED' if name in failed else ''}")
    print(f"   {'all':<16} {sum(seconds for _, seconds in times):7.1f} s", flush=True)
    return failed


def main(arguments: list[str] | None = None) -> None:
    """Runs one suite; exits with 1 when a step failed."""
    words = sys.argv[1:] if arguments is None else arguments
    pytest = Pytest()
    suites = {"quick": QUICK, "lint": LINT, "all": [*LINT, *TESTS, Step("pytest", pytest.run)]}
    if len(words) != 1 or words[0] not in suites:
        raise SystemExit(f"Say which checks to run: one of {', '.join(suites)}.")
    failed = run_steps(suites[words[0]])
    if failed:
        print(f"Failed: {', '.join(failed)}. Each one's own message stands above, under `== {failed[0]}` and so on.")
    if pytest.closing_line:
        print(pytest.closing_line, flush=True)
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
