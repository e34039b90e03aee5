"""What is proved of threads, each by its own tool: `python -m scripts.threads loom|crowd|sanitizer`.

- `loom`: rings, queue and depot under every interleaving of a few steps, at most two preemptions (bounded: no proof). In CI.
- `crowd`: 64, 128 and 256 threads on rings, queue and depot for 10 s each: nothing lost, nothing twice, slowest over mean at least 0.1.
- `sanitizer`: the same tests and the whole pipeline under ThreadSanitizer. The standard library is uninstrumented: run and read, no gate.
"""

from __future__ import annotations

import re
import subprocess
import sys

from scripts.shell import ROOT, output, run, stop

CROWD_SECONDS = "10"
MEMORY = ["cargo", "test", "--locked", "--package", "bot4-engine", "--test", "all"]
PIPELINE = ["cargo", "test", "--locked", "--package", "bot4-host", "--test", "pipeline"]


def loom() -> None:
    """Explores the models of engine/loom."""
    run(["cargo", "test", "--quiet", "--locked", "--package", "bot4-loom"])


def crowd() -> None:
    """Lets crowds of threads at everything, one kind after the other."""
    run([*MEMORY, "memory::crowd", "--", "--nocapture", "--test-threads=1"], {"BOT4_CROWD_SECONDS": CROWD_SECONDS})


def sanitizer() -> None:
    """Runs the tests with threads under ThreadSanitizer, in a build of its own."""
    host = re.search(r"^host: (.+)$", output(["rustc", "-vV"]), re.MULTILINE)
    assert host is not None
    # `-Z` belongs to nightly; the compiler's own switch lets the stable one take it. The runtime ships with the toolchain.
    env = {
        "RUSTC_BOOTSTRAP": "1",
        "RUSTFLAGS": "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer",
        "TSAN_OPTIONS": f"suppressions={ROOT / 'engine' / 'loom' / 'sanitizer.supp'}",
    }
    where = ["--target", host[1], "--target-dir", "target/sanitizer"]
    run([*MEMORY, *where, "memory::crowd", "--", "--test-threads=1"], env)
    run([*PIPELINE, *where], env)


TOOLS = {"loom": loom, "crowd": crowd, "sanitizer": sanitizer}


def main(arguments: list[str] | None = None) -> None:
    """Runs one tool; exits with 1 where it finds something."""
    words = sys.argv[1:] if arguments is None else arguments
    if len(words) != 1 or words[0] not in TOOLS:
        stop(f"Say which tool to run: one of {', '.join(TOOLS)}.")
    try:
        TOOLS[words[0]]()
    except subprocess.CalledProcessError as failed:
        stop(f"{words[0]} found something: its own message is above (exit code {failed.returncode}).")


if __name__ == "__main__":
    main()
