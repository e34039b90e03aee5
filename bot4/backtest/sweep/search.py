"""Searches that draw all their combinations at once: at random, or as a Latin hypercube (McKay, Beckman and Conover 1979).

A Latin hypercube cuts every axis into as many equal shares as combinations are drawn and uses each share once, so that few combinations
cover every axis evenly. Combinations that come out equal are tried once. Not here: searches that learn (`adaptive`).
"""

from __future__ import annotations

import numpy as np

from ..errors import BacktestError
from .axis import Value
from .proposing import Listed, Proposer
from .rows import Floats
from .space import Space

SEARCHES = ("grid", "random", "lhs", "tpe", "cmaes", "nsga2")
ADAPTIVE = ("tpe", "cmaes", "nsga2")
ROUNDS = 100
"""How often a random search draws again to replace combinations it has already."""


def proposer_of(space: Space, search: str, n: int, seed: int, signs: tuple[int, ...]) -> Proposer:
    """Returns the proposer of a search; `signs` are the directions of its objectives. Raises BacktestError (a missing extra, say)."""
    if search == "random":
        return Listed(random_combinations(space, n, seed))
    if search == "lhs":
        return Listed(latin_hypercube(space, n, seed))
    from .adaptive import Adaptive

    return Adaptive(space, search, n, seed, signs)


def random_combinations(space: Space, n: int, seed: int) -> list[dict[str, Value]]:
    """Returns up to `n` different combinations, each drawn evenly from the space; fewer where the space has no more."""
    rng = np.random.default_rng(seed)
    most = min(n, space.size) if space.size else n
    found: dict[tuple[Value, ...], dict[str, Value]] = {}
    for _ in range(ROUNDS):
        for row in rng.random((most - len(found), len(space.axes))):
            values = _combination(space, row)
            found.setdefault(tuple(values.values()), values)
        if len(found) == most:
            break
    return list(found.values())


def latin_hypercube(space: Space, n: int, seed: int) -> list[dict[str, Value]]:
    """Returns the different combinations among `n` points of a Latin hypercube, a random place within each share."""
    rng = np.random.default_rng(seed)
    shares = np.stack([rng.permutation(n) for _ in space.axes], axis=1)
    points = (shares + rng.random((n, len(space.axes)))) / n
    found = {tuple(values.values()): values for values in (_combination(space, row) for row in points)}
    return list(found.values())


def _combination(space: Space, shares: Floats) -> dict[str, Value]:
    return {axis.name: axis.at(float(share)) for axis, share in zip(space.axes, shares, strict=True)}


def check_search(search: str, n: int | None, metrics: int) -> int:
    """Returns how many combinations a search tries, 0 for a grid. Raises BacktestError for what does not go together."""
    if search not in SEARCHES:
        raise BacktestError(f"search is {search!r}; give {', '.join(SEARCHES[:-1])} or {SEARCHES[-1]}.")
    if metrics > 1 and search in ("tpe", "cmaes"):
        raise BacktestError(
            f"{search} improves one metric, and {metrics} are given; give one, or use nsga2 for several."
        )
    if search == "grid":
        if n is not None:
            raise BacktestError(
                f"n is {n}, but a grid tries every combination; leave n out, or choose a search such as random."
            )
        return 0
    if n is None:
        raise BacktestError(f"the search {search} needs n, how many combinations to try, for example n=200 (--n 200).")
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise BacktestError(
            f"n is {n!r}; a search tries at least 1 combination: give a whole number, for example n=200."
        )
    return n
