"""One build with all mutants, the tests that reach each; verdicts are kept, so that a run that was ended goes on."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.mutants import alone, copies, running
from scripts.mutants.copies import PLACE
from scripts.mutants.listing import Mutant
from scripts.mutants.tally import SURVIVED, Verdict
from scripts.shell import stop

OUTCOMES = PLACE / "outcomes.json"
SAVED_EVERY = 50


def digest() -> str:
    """Returns the hash of all sources and tests that a run depends on."""
    whole = hashlib.sha256()
    for path in sorted(path for path in copies.PLAIN.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(copies.PLAIN)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def kept(fresh: bool) -> dict[str, Verdict]:
    """Returns the verdicts of a run of the same sources and tests that was ended early."""
    if fresh or not OUTCOMES.is_file():
        return {}
    saved = json.loads(OUTCOMES.read_text())
    return dict(saved["verdicts"]) if saved["digest"] == digest() else {}


def settled() -> dict[str, Verdict]:
    """Returns the verdicts of the last run but those of survivors, which are to be tried again; a change whose line moved is tried anew."""
    if not OUTCOMES.is_file():
        stop("There was no run whose survivors could be tried again: call with --all first.")
    verdicts: dict[str, Verdict] = json.loads(OUTCOMES.read_text())["verdicts"]
    return {name: verdict for name, verdict in verdicts.items() if verdict[0] not in SURVIVED}


class Run:
    """Verdicts as they come, written down now and then."""

    def __init__(self, verdicts: dict[str, Verdict], path: Path) -> None:
        self.verdicts = verdicts
        self.path = path
        self.stamp = digest()
        self.unsaved = 0

    def note(self, name: str, verdict: Verdict) -> None:
        self.verdicts[name] = verdict
        self.unsaved += 1
        if self.unsaved >= SAVED_EVERY:
            self.save()

    def save(self) -> None:
        self.unsaved = 0
        self.path.write_text(json.dumps({"digest": self.stamp, "verdicts": self.verdicts}, indent=0))


def judged(
    mutants: list[Mutant], path: Path, budget_s: float = math.inf, done: dict[str, Verdict] | None = None
) -> dict[str, Verdict]:
    """Tries mutants for as long as there is time, their build and the recording apart; returns the verdicts.

    Those in `done` are not tried again. What is found is written to `path` as it comes.
    """
    run = Run(dict(done or {}), path)
    say = telling()
    many = copies.build_many(mutants)
    for number in many.unviable:
        run.note(many.numbers[number].name, ["unviable"])
    say(
        f"{len(many.together)} mutants in one build, {len(many.unviable)} do not compile, {len(many.alone)} to be tried alone"
    )
    programs = [copies.program(copies.MANY, target) for target in copies.TARGETS]
    built = [path for path in programs if path is not None]
    if len(built) < len(programs):
        stop(f"The tests do not compile with the mutants beside them: look at `cargo test --no-run` in {copies.MANY}.")
    say("built")
    folder = copies.MANY / "engine" / "core"
    reach = running.record(built, folder)
    say(f"{len(reach.seconds)} tests recorded, {sum(reach.seconds.values()):.0f} s of processor time together")
    end = time.monotonic() + budget_s
    judge = running.Judge(reach, folder)

    def one(number: int) -> None:
        mutant = many.numbers[number]
        if time.monotonic() < end:
            run.note(mutant.name, judge.verdict(number, mutant.file))

    waiting = [number for number, mutant in many.together.items() if mutant.name not in run.verdicts]
    with ThreadPoolExecutor(running.WORKERS) as pool:
        for tried, _ in enumerate(pool.map(one, waiting), 1):
            if tried % 200 == 0:
                say(f"{tried} of {len(waiting)} tried")
    run.save()
    lone = [many.numbers[number] for number in many.alone if many.numbers[number].name not in run.verdicts]
    for mutant in lone:
        if time.monotonic() < end:
            run.note(mutant.name, alone.judge(mutant))
            run.save()
    say("all tried" if time.monotonic() < end else "no time left")
    names = {mutant.name for mutant in mutants}
    return {name: verdict for name, verdict in run.verdicts.items() if name in names}


def telling() -> Callable[[str], None]:
    """Returns what prints how far a run is, with the seconds since now."""
    begun = time.monotonic()
    return lambda words: print(f"{time.monotonic() - begun:5.0f} s  {words}", flush=True)


def compare(mutants: list[Mutant]) -> list[str]:
    """Judges mutants in one build and each alone; returns those on which the two ways differ."""
    together = judged(mutants, PLACE / "compared.json")
    differing = []
    if alone.tried()[0] != "missed":
        stop("The desk's tests fail before anything is changed: mend them, then look for mutants.")
    for mutant in mutants:
        one, other = together[mutant.name], alone.judge(mutant)
        same = ("caught" in one) == ("caught" in other) and ("unviable" in one) == ("unviable" in other)
        print(f"{'same  ' if same else 'DIFFER'} {one[0]:9} {other[0]:9} {mutant.name}", flush=True)
        if not same:
            differing.append(mutant.name)
    return differing
