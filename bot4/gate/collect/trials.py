"""How many independent trials the days out of sample have seen: from the run records, not from what a user remembers.

Every run that shares an instrument and a day with them counts, of any strategy and any sweep, whatever its file is called. Correlated ones
count as fewer: N = ρ̄ + (1 − ρ̄)·N over their daily returns on these days and those of the registered strategy. A day that a run did not
cover is flat in it, which makes it look less alike and N larger. Runs that held nothing on these days have no result to choose by.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bot4.records.encode import canonical, trial_key
from bot4.report.columns import DAY_MS, Floats, Ints

from ..evidence import Registration, Trials
from ..stats import effective_trials

if TYPE_CHECKING:
    from bot4.records.store import RecordStore

MOST_COLUMNS = 2_000
"""Of more trials than this ρ̄ is that of every n-th."""


def trials_of(store: RecordStore, made: Registration, days: Ints, returns: Floats) -> Trials:
    """Returns the trials of the records on days out of sample, beside the registered strategy's returns on them, shape (D,)."""
    seen = store.seen(made.universe, int(days[0]), int(days[-1]) + DAY_MS, made.id)
    keys = sorted(set(seen.trials) - {trial_key(made.identity, canonical(made.parameters))})
    if not keys:
        return Trials(seen.runs, 0, 1.0, "no other strategy or parameters were run on these days")
    step = -(-len(keys) // MOST_COLUMNS)
    table, idle = _table(store, [seen.trials[key] for key in keys[::step]], days)
    active = table.shape[1]
    if not active:
        return Trials(
            seen.runs, len(keys), 1.0, f"{len(keys):,} others were run on these days and held nothing on them"
        )
    found = effective_trials(np.column_stack([returns, table]))
    held = min(max(found.correlation, 0.0), 1.0)
    count = 1 + len(keys) * active / (active + idle)
    effective = held + (1.0 - held) * count
    words = (
        f"{len(keys):,} others were run on these days; with this one and a mean correlation of {held:.2f} they count as {effective:.3g} "
        "independent ones"
    )
    return Trials(seen.runs, len(keys), float(effective), words)


def _table(store: RecordStore, trials: Sequence[Sequence[int]], days: Ints) -> tuple[Floats, int]:
    """Returns (daily returns of each trial on the days, shape (D, N), how many trials held nothing and are left out)."""
    held = store.returns([number for numbers in trials for number in numbers])
    found, idle = [], 0
    for numbers in trials:
        column = np.zeros(len(days))
        for number in numbers:
            if number in held:
                _lay(column, days, *held[number])
        if np.isfinite(column).all() and np.ptp(column) > 1e-12:
            found.append(column)
        else:
            idle += 1
    return np.column_stack(found) if found else np.empty((len(days), 0)), idle


def _lay(column: Floats, days: Ints, first_end_ms: int, returns: Floats) -> None:
    """Writes a run's returns into the days they belong to; `first_end_ms` is the close of its first day."""
    first = -(-first_end_ms // DAY_MS) - 1 - int(days[0]) // DAY_MS
    start, end = max(first, 0), min(first + len(returns), len(column))
    if start < end:
        column[start:end] = returns[start - first : end - first]
