"""G0, provenance: everything was registered before the part out of sample was opened, and every opening is counted."""

from __future__ import annotations

import numpy as np

from bot4.report import text
from bot4.report.columns import DAY_MS

from ..evidence import Evidence
from ..finding import Finding, found
from .readings import trials, trials_text

NAME = ("G0", "provenance")


def check(evidence: Evidence) -> Finding:
    """Returns whether the registration fits the evidence; value: openings. Each after the first adds one to the number of trials."""
    wrong = _wrong(evidence)
    made = evidence.registration
    count = trials(evidence)
    runs = evidence.trials.runs
    words = (
        f"Registered at {text.minute(made.created_ms)} as {made.id}; opened {_times(evidence.openings)} since. "
        f"{text.plural(runs, 'other run')} of the records saw these days: together they count as {trials_text(count)}."
    )
    return found(
        NAME, "hard", not wrong, evidence.openings, None, "count", wrong or words,
        trials=count, runs=runs, different=evidence.trials.different, how=evidence.trials.words,
        identity=made.identity, data_digest=made.data_digest,
    )  # fmt: skip


def _wrong(evidence: Evidence) -> str:
    """Returns what does not fit, empty if all does."""
    made = evidence.registration
    for name in ("identity", "data_digest"):
        if not getattr(made, name):
            raised = {"identity": "code", "data_digest": "data"}[name]
            return f"The registration has no fingerprint of its {raised}: nobody can say what was registered."
    if evidence.openings < 1:
        return "The registry knows of no opening of the days out of sample, and yet here they are."
    before = int(np.sum(evidence.out.days + DAY_MS <= made.data_end_ms))
    if before != evidence.first_days:
        return (
            f"The registration saw {text.plural(evidence.first_days, 'day')} out of sample, and its data ends after {before:,} of them: "
            "the split is not the registered one."
        )
    return ""


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
