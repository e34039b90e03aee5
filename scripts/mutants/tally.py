"""What came of a run: the share caught of each part, the survivors, those that no test can catch and why."""

from __future__ import annotations

import math
import time
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.mutants.listing import PARTS, Mutant
from scripts.shell import ROOT, stop

WANTED = 0.90
Z_95 = 1.959964
TABLE = Path(__file__).with_name("equivalent.toml")
"""Mutants that change nothing that could be seen, each with its reason."""
SURVIVED = {"missed": "survived", "unreached": "no test comes there"}
Verdict = list[str]
"""`caught` with test and manner, `missed`, `unreached` or `unviable`."""


@dataclass(frozen=True)
class Tally:
    """What came of the mutants of a run; those that do not compile count for nothing."""

    caught: int
    missed: tuple[str, ...]
    unviable: int
    equivalent: int = 0
    """Of those missed, how many change nothing that could be seen."""

    @property
    def viable(self) -> int:
        return self.caught + len(self.missed)

    @property
    def share(self) -> float:
        """Returns the share caught, equivalent ones counted as missed; 1 where there is nothing to catch."""
        return self.caught / self.viable if self.viable else 1.0

    def interval(self) -> tuple[float, float]:
        """Returns the 95 % interval of the share in all mutants, had these been drawn at random (Wilson 1927)."""
        n = self.viable
        if n == 0:
            return 0.0, 1.0
        middle = self.share + Z_95**2 / (2 * n)
        reach = Z_95 * math.sqrt(self.share * (1 - self.share) / n + Z_95**2 / (4 * n * n))
        return (middle - reach) / (1 + Z_95**2 / n), (middle + reach) / (1 + Z_95**2 / n)


def place(mutant: Mutant, source: str) -> str:
    """Returns the line that a mutant changes, what it replaces between « and »: unlike a line's number it does not move."""
    first, end = mutant.span(source)
    begin = source.rfind("\n", 0, first) + 1
    stop_at = source.find("\n", first)
    replaced = source[first : min(end, stop_at)]
    return f"{source[begin:first]}«{replaced}»{source[first + len(replaced) : stop_at]}".strip()


def equivalents(mutants: list[Mutant], whole: bool, root: Path = ROOT, table: Path = TABLE) -> dict[str, str]:
    """Returns the reasons of the table by the mutants' names; of the `whole` of them, stops where an entry fits none."""
    entries = tomllib.loads(table.read_text()).get("equivalent", [])
    reasons = {(entry["mutant"], entry["place"]): entry["reason"] for entry in entries}
    of = {file: (root / file).read_text() for file in {mutant.file for mutant in mutants}}
    keys = {(mutant.bare, place(mutant, of[mutant.file])): mutant.name for mutant in mutants}
    if whole and (lost := [f"{mutant} ({line})" for mutant, line in reasons if (mutant, line) not in keys]):
        stop(f"{table.name} names what is no mutant of the sources: {'; '.join(lost)}. Mend or delete the entries.")
    return {keys[key]: reason for key, reason in reasons.items() if key in keys}


def count(verdicts: Mapping[str, Verdict], known: Mapping[str, str], names: set[str]) -> Tally:
    """Returns the tally of some of the mutants."""
    kinds = {name: verdict[0] for name, verdict in verdicts.items() if name in names}
    missed = tuple(sorted(name for name, kind in kinds.items() if kind in SURVIVED))
    ways = Counter(kinds.values())
    return Tally(ways["caught"], missed, ways["unviable"], sum(name in known for name in missed))


def line(title: str, seen: Tally) -> str:
    """Returns one line of the table of parts."""
    apart = seen.viable - seen.equivalent
    without = seen.caught / apart if apart else 1.0
    apart_words = f"without the {seen.equivalent} equivalent: {without:6.1%}"
    return f"{title:13}{seen.caught:6} of {seen.viable:5} caught: {seen.share:6.1%}   {apart_words}"


def tell(mutants: list[Mutant], verdicts: Mapping[str, Verdict], of: int, begun: float, drawn: bool) -> None:
    """Prints the shares and the survivors; exits with 1 below what is wanted, of a sample where even the interval's end is."""
    known = equivalents(mutants, whole=len(mutants) == of)
    whole = count(verdicts, known, {mutant.name for mutant in mutants})
    parts = {part: count(verdicts, known, {mutant.name for mutant in mutants if mutant.part == part}) for part in PARTS}
    print()
    for name in whole.missed:
        word = f"equivalent ({known[name]})" if name in known else SURVIVED[verdicts[name][0]]
        print(f"  {word}: {name}")
    for part, seen in parts.items():
        if seen.viable:
            print(line(part, seen))
    endless = sum(verdict[-1] == "never ends" for verdict in verdicts.values())
    print(line("all", whole))
    print(
        f"wanted {WANTED:.0%} of each part; {whole.unviable} do not compile; {endless} were caught because a test never ends"
    )
    if drawn:
        low, high = whole.interval()
        print(f"drawn at random from {of}; in all of them between {low:.1%} and {high:.1%} (95 %)")
    print(f"{time.monotonic() - begun:.0f} s")
    if wrong := [name for name in known if verdicts.get(name, [""])[0] == "caught"]:
        stop(f"{TABLE.name} calls equivalent what a test catches: {'; '.join(wrong)}. Delete the entries.")
    short = [whole.interval()[1]] if drawn else [seen.share for seen in parts.values()]
    if min(short) < WANTED:
        stop(f"{len(whole.missed) - whole.equivalent} mutants survived: write the test that each of them breaks.")
