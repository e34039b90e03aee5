"""The verdict: PASS, EXTEND or FAIL from the evidence alone, in plain words. A pure function: another process computes the same to the bit.

PASS: every hard check passed. FAIL: one fails for good. EXTEND: what is missing may come with time or with the returns that the boundary
asks for anyway, and a further look is due; its date and the chance of passing then are named. Evidence that nothing can be judged from
raises GateError instead: there is no verdict by default.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot4.report import text
from bot4.report.tear.numbers import NORMAL

from . import boundary, evidence
from .checks import CHECKS, history, proof, regimes, sizing, tail
from .checks.inputs import require_sound
from .checks.readings import day_after, listed, trials
from .evidence import Evidence
from .finding import Finding
from .lifted import lifted
from .stats import expected_maximum

Outcome = Literal["PASS", "EXTEND", "FAIL"]
COUNTED = (history.ACTIVITY[0], sizing.NAME[0])
"""Checks that ask for a number of trades and for nothing else of time."""
OWN_SAY = (proof.EVIDENCE[0], tail.DRAWDOWN[0])
"""Checks that higher returns do not mend, whatever they would be on them."""


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one registration at one look."""

    registration: str
    """Its id."""
    evidence: str
    """SHA-256 of the evidence."""
    outcome: Outcome
    words: str
    """The verdict in two or three sentences."""
    reasons: tuple[str, ...]
    """What stands in the way, one line for each hard check that is not passed, those that fail for good first."""
    warnings: tuple[str, ...]
    """What was found and decides nothing."""
    look: int
    """As in the evidence: 0 for the only look and before the first."""
    days: int
    """Out of sample."""
    next_days: int | None
    """Days out of sample at the next look; only of EXTEND, as are the two below."""
    next_ms: int | None
    """When there are so many."""
    chance: float | None
    """Of passing then, if days and trades go on as they were."""
    findings: tuple[Finding, ...]
    """Of every check, in order."""

    def finding(self, id: str) -> Finding:
        """Returns the finding of a check, such as `G2`. Raises KeyError for an unknown one."""
        for one in self.findings:
            if one.id == id:
                return one
        raise KeyError(id)


def judge(given: Evidence, told: Callable[[int, int], object] | None = None) -> Verdict:
    """Returns the verdict of evidence; `told` hears (checks done, checks).

    Raises GateError, with no verdict, for evidence that is broken or too little.
    """
    require_sound(given)
    findings = _findings(given, told)
    missing = [one for one in findings if not one.is_met]
    following = _next_days(given, findings, missing)
    outcome: Outcome = "PASS"
    if missing:
        outcome = "EXTEND" if all(one.waits for one in missing) and following is not None else "FAIL"
    extends = outcome == "EXTEND" and following is not None
    missing.sort(key=lambda one: one.waits)
    chance = _chance(given, missing, following) if extends and following is not None else None
    return Verdict(
        registration=given.registration.id,
        evidence=evidence.digest(given),
        outcome=outcome,
        words=_words(given, outcome, findings, missing, following, chance),
        reasons=tuple(_line(one) for one in missing),
        warnings=_warnings(given, findings),
        look=given.look,
        days=len(given.out.days),
        next_days=following if extends else None,
        next_ms=day_after(given, following) if extends and following is not None else None,
        chance=chance,
        findings=findings,
    )


def _findings(given: Evidence, told: Callable[[int, int], object] | None) -> tuple[Finding, ...]:
    """Returns the finding of every check; one that higher returns would mend waits for them (`lifted`).

    Not the boundary, which says itself when it waits, and not a fall, which has happened.
    """
    better = lifted(given)
    made: list[Finding] = []
    for check in CHECKS:
        if told is not None:
            told(len(made), len(CHECKS))
        one = check(given)
        is_final = one.is_met or one.waits or one.passed is None or one.id in OWN_SAY
        made.append(one.waiting() if not is_final and check(better).is_met else one)
    return tuple(made)


def _next_days(given: Evidence, findings: tuple[Finding, ...], missing: list[Finding]) -> int | None:
    """Returns the days out of sample at the next look, None where there is none.

    After the one only look nothing is looked at again but the number of trades: a second chance for the rest would be a second trial.
    """
    proven = _of(findings, proof.EVIDENCE[0])
    if proven.details["is_only"]:
        if {one.id for one in missing} - set(COUNTED):
            return None
        wait = _of(findings, history.ACTIVITY[0]).details["wait_days"]
        assert isinstance(wait, int), "history.check_activity writes whole days"
        return len(given.out.days) + max(wait, boundary.LOOK_DAYS)
    if proven.details["verdict"] == "FAIL" or given.look >= boundary.LOOKS:
        return None
    following = given.first_days + boundary.LOOK_DAYS * (given.look + 1)
    return following if following > len(given.out.days) else None


def _chance(given: Evidence, missing: list[Finding], following: int) -> float:
    """Returns the chance that everything missing is there at the next look.

    What waits for proof waits for one and the same random walk to reach the highest of its levels (`boundary.chance_at`); trades come
    independently of it.
    """
    settings, count = given.registration.settings, trials(given)
    ids = {one.id for one in missing}
    chance = 1.0
    if ids - set(COUNTED):
        root = math.sqrt(following)
        levels = [
            boundary.critical(count, settings.false_pass) * math.sqrt(given.first_days + boundary.LAST_DAYS),
            (expected_maximum(count) + NORMAL.inv_cdf(settings.deflated_level)) * root,
            NORMAL.inv_cdf(settings.record_level) * root,
            NORMAL.inv_cdf(1.0 - settings.cash_p) * root,
        ]
        chance = boundary.chance_at(boundary.score(given.out.returns), max(levels), following)
    if ids & set(COUNTED):
        have = max(len(given.trades.pnl), given.rebalances)
        expected = have / len(given.out.days) * (following - len(given.out.days))
        chance *= history.chance_of_trades(max(settings.least_trades - have, 0), expected)
    return float(f"{chance:.10g}")


def _words(
    given: Evidence, outcome: Outcome, findings: tuple[Finding, ...], missing: list[Finding], following: int | None,
    chance: float | None,
) -> str:  # fmt: skip
    hard = sum(one.role == "hard" for one in findings)
    proven = _of(findings, proof.EVIDENCE[0])
    z, bar = proof.apart(proven.value or 0.0, proven.bar or 0.0)
    if outcome == "PASS":
        return (
            f"Passed: {len(given.out.days):,} days out of sample are evidence of an edge (z {z}, needed {bar}), and all {hard} hard checks "
            f"are met. It may go on to paper trading{_restriction(findings)}; nothing here promises that the future is like the past."
        )
    names = [one.name for one in missing]
    if outcome == "EXTEND" and following is not None and chance is not None:
        when = text.date(day_after(given, following))
        return (
            f"Not yet: {listed(names)} {_verb(names)} more time (z {z}, needed {bar}). The next look is on {when}, after "
            f"{following:,} days out of sample; if things go on as they were, it passes then with a chance of {_odds(chance)}."
        )
    final = [one.name for one in missing if not one.waits] or names
    return (
        f"Failed: {listed(final)} {'is' if len(final) == 1 else 'are'} not met (z {z}, needed {bar}). "
        "What is registered cannot pass any more; a changed strategy is a new registration, and one trial more."
    )


def _warnings(given: Evidence, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    said = [_line(one) for one in findings if one.role == "warn" and one.passed is False]
    changed = given.registration.settings.changed
    if changed:
        listed = ", ".join(f"{name} {value:g} instead of {usual:g}" for name, (value, usual) in changed.items())
        said.append(f"Settings: registered with {listed}.")
    return tuple(said)


def _line(one: Finding) -> str:
    return f"{one.name[0].upper()}{one.name[1:]}: {one.words}"


def _restriction(findings: tuple[Finding, ...]) -> str:
    """Returns the kinds of market that a licence is restricted to, nothing where enough of them were seen."""
    one = _of(findings, regimes.NAME[0])
    if one.passed:
        return ""
    covered = one.details["covered"]
    assert isinstance(covered, list), "regimes.check writes a list"
    return f" in {listed(covered)} markets alone" if covered else " in no known kind of market alone"


def _of(findings: tuple[Finding, ...], id: str) -> Finding:
    return next(one for one in findings if one.id == id)


def _verb(names: list[str]) -> str:
    return "needs" if len(names) == 1 else "need"


def _odds(chance: float) -> str:
    if chance < 0.01:
        return f"under {text.percent(0.01, 0)}"
    return f"over {text.percent(0.99, 0)}" if chance > 0.99 else text.percent(chance, 0)
