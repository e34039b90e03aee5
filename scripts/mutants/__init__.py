"""Mutation tests of what guards money, the desk's risk, ledger, breakers and order states: `python -m scripts.mutants`.

- `--all`: every mutant (about two thousand). A run that was ended goes on where it was, unless sources or tests changed.
- `--again`: those that survived the last run; the others are taken over from it.
- `--sample N [--seed S]`: N drawn at random, with the interval that such a sample allows.
- `--changed [REF]`: mutants of the lines changed since REF (the previous commit), as many as time allows; in CI. Where nothing of
  these files changed nothing is built.
- `--compare N [--seed S]`: N drawn at random are tried both ways, in one build and each alone; they must agree.

cargo-mutants says what can be changed. All changes go into one build of a copy (`rewrite.py`), an environment variable says which of
them is active, and each runs only the tests that reach it. What cannot stand beside others is built alone (`alone.py`). A mutant is
caught where a test fails or never ends; wanted are 90 % of each part. Tests that cannot reach the desk are skipped, nothing else is
left out; `equivalent.toml` names the mutants that change nothing that could be seen, and they count as missed all the same.
"""

from __future__ import annotations

import argparse
import random
import re
import subprocess
import sys
import time

from scripts import tools
from scripts.mutants import copies, hunt, tally
from scripts.mutants.listing import DESK, Mutant, every_mutant, is_source
from scripts.shell import ROOT, stop

MOST_CHANGED = 400
CHANGED_S = 100
"""Seconds that CI gives the mutants of changed lines, their build apart."""


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
    copies.refresh()
    saved = copies.PLACE / "changed.diff"
    saved.write_text(difference)
    mutants = every_mutant(copies.PLAIN, "--in-diff", str(saved))
    drawn = draw(mutants, MOST_CHANGED, len(mutants))
    print(
        f"{len(mutants)} mutants in the lines of {len(touched)} files changed since {since}; those are tried that {CHANGED_S} s allow"
    )
    if drawn:
        verdicts = hunt.judged(drawn, copies.PLACE / "changed.json", CHANGED_S)
        tally.tell(drawn, verdicts, len(mutants), begun, drawn=True)


def draw(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Returns `count` of the mutants, drawn at random and in random order: a run that is cut short is a sample too."""
    return random.Random(seed).sample(mutants, min(count, len(mutants)))


def parser() -> argparse.ArgumentParser:
    """Returns the reader of the command line."""
    reader = argparse.ArgumentParser(prog="python -m scripts.mutants", description="Mutation tests of the desk.")
    which = reader.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="every mutant")
    which.add_argument("--changed", nargs="?", const="HEAD~1", metavar="REF", help="lines changed since a commit")
    which.add_argument("--sample", type=int, metavar="N", help="so many, drawn at random")
    which.add_argument("--again", action="store_true", help="every mutant that the last run did not catch")
    which.add_argument("--compare", type=int, metavar="N", help="so many, drawn at random, in one build and each alone")
    reader.add_argument("--seed", type=int, default=1, help="of the sample")
    reader.add_argument("--fresh", action="store_true", help="with --all: forget what an ended run found")
    return reader


def main(arguments: list[str] | None = None) -> None:
    """Runs what is asked for; exits with 1 where too many survive."""
    options = parser().parse_args(sys.argv[1:] if arguments is None else arguments)
    if options.changed:
        changed(options.changed)
        return
    begun = time.monotonic()
    tools.cargo_mutants()
    copies.refresh()
    mutants = every_mutant(copies.PLAIN)
    count = options.sample or options.compare
    chosen = draw(mutants, count, options.seed) if count else mutants
    print(f"{len(chosen)} of {len(mutants)} mutants")
    if options.compare:
        if differing := hunt.compare(chosen):
            stop(f"{len(differing)} mutants are judged otherwise alone: {'; '.join(differing)}. Mend scripts/mutants.")
        return
    done = hunt.settled() if options.again else hunt.kept(options.fresh) if options.all else {}
    verdicts = hunt.judged(chosen, hunt.OUTCOMES, done=done)
    tally.tell(chosen, verdicts, len(mutants), begun, drawn=bool(options.sample))
