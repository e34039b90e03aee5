"""A grid too large to be run: how many combinations, how long they would take, and the search that would do instead.

The time is measured: a few combinations from all over the grid are run on the end of the data.
"""

from __future__ import annotations

import shlex
import sys
import time
from typing import TYPE_CHECKING

from bot4.report.text import seconds_text

from ..errors import BacktestError
from ..setup import Setup
from .space import Space
from .tracing import trace_batch

if TYPE_CHECKING:
    from .runner import Runner

SAMPLES = 8
MOST_SEARCHED = 500


def check_size(setup: Setup, space: Space, runner: Runner, limit: int) -> None:
    """Raises BacktestError for a grid of more combinations than `limit`."""
    if limit < 1:
        raise BacktestError(f"limit is {limit}; the largest grid has at least 1 combination.")
    if space.size <= limit:
        return
    seconds = estimated_seconds(setup, space, runner)
    took = "" if seconds is None else f", about {seconds_text(seconds)} as measured on this data"
    raise BacktestError(
        f"this grid has {space.size:,} combinations{took}, and the limit is {limit:,}; search it instead: {search_command()} "
        f"(or raise --limit, limit=)."
    )


def estimated_seconds(setup: Setup, space: Space, runner: Runner) -> float | None:
    """Returns how long the grid would take at the speed of a few of its combinations; None where b4.require refuses all of them."""
    numbers = [space.size * (2 * k + 1) // (2 * SAMPLES) for k in range(SAMPLES)]
    started = time.monotonic()
    traced = trace_batch(setup, space.fixed, [(number, space.combination(number)) for number in numbers])
    if not len(traced):
        return None
    runner.run(traced.programs, lambda share: None)
    return (time.monotonic() - started) / len(numbers) * space.size


def search_command() -> str:
    """Returns the command line with a search of these parameters; from Python, the arguments to add."""
    words = sys.argv[1:]
    if not words or words[0] != "sweep":
        return f'search="tpe", n={MOST_SEARCHED}'
    return shlex.join(["bot4", *words, "--search", "tpe", "--n", str(MOST_SEARCHED)])
