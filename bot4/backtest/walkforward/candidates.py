"""The combinations that every training window compares: from a grid, from the declared bounds, or the defaults alone.

Each is traced once, whatever the number of windows. Combinations that `b4.require` refuses are left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.strategy import Parameter, RequirementError, Strategy

from ..errors import BacktestError
from .choose import Place

if TYPE_CHECKING:
    from bot4.strategy import Program

    from ..setup import Setup

Value = int | float | str | bool
Grid = Mapping[str, Any]
MOST_COMBINATIONS = 100_000
DEFAULT_COMBINATIONS = 100
DEFAULT_STEPS = (9, 7, 5, 3, 2)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Traced combinations: `values[i]` are the varied parameters of `programs[i]`, `places[i]` its place in the grid.

    `default` is the program of the default parameters, None where `b4.require` refuses them; `refused` counts combinations left out.
    """

    names: tuple[str, ...]
    values: tuple[Mapping[str, Value], ...]
    places: tuple[Place, ...]
    programs: tuple[Program, ...]
    default: Program | None
    refused: int
    is_from_bounds: bool = False

    @property
    def is_fitted(self) -> bool:
        """Returns whether there is anything to choose."""
        return len(self.programs) > 1

    def text(self) -> str:
        """Returns what is compared, in words."""
        if not self.is_fitted:
            return "no parameter is fitted"
        made = ", from the declared bounds" if self.is_from_bounds else ""
        left = f", {self.refused:,} more refused by b4.require" if self.refused else ""
        return f"{len(self.programs):,} combinations of {', '.join(self.names)}{made}{left}"


def candidates(setup: Setup, grid: Grid | None, params: Mapping[str, Any]) -> Candidates:
    """Returns the combinations of a grid (None: of the declared bounds), the other parameters as given in `params` or by default.

    Raises BacktestError for an empty or too large grid, ParameterError for values out of range.
    """
    strategy = setup.strategy
    is_from_bounds = grid is None
    axes = (
        default_grid(strategy, params) if grid is None else {name: _axis(name, given) for name, given in grid.items()}
    )
    both = sorted(set(axes) & set(params))
    if both:
        raise BacktestError(f"{both[0]} stands in the grid and in params; leave it out of one of the two.")
    count = int(np.prod([float(len(axis)) for axis in axes.values()], initial=1.0))
    if count > MOST_COMBINATIONS:
        raise BacktestError(
            f"the grid has {count:,} combinations, more than {MOST_COMBINATIONS:,} for each training window; give larger steps."
        )
    values, places, programs, refused = [], [], [], 0
    for place in itertools.product(*(range(len(axis)) for axis in axes.values())):
        one = {name: axis[at] for (name, axis), at in zip(axes.items(), place, strict=True)}
        try:
            programs.append(setup.trace({**params, **one}))
        except RequirementError:
            refused += 1
            continue
        values.append(one)
        places.append(place)
    if not programs:
        raise BacktestError(f"b4.require refuses all {count:,} combinations of the grid; give others.")
    varied = tuple(axes)
    return Candidates(
        varied, tuple(values), tuple(places), tuple(programs), _default(setup, params), refused, is_from_bounds
    )


def _default(setup: Setup, params: Mapping[str, Any]) -> Program | None:
    try:
        return setup.trace(params)
    except RequirementError:
        return None


def _axis(name: str, given: Any) -> list[Value]:
    if isinstance(given, (bool, int, float, str)):
        return [given]
    axis = list(given.tolist() if isinstance(given, np.ndarray) else given)
    if not axis:
        raise BacktestError(f"the grid has no value for {name}; give at least one, or leave the name out.")
    return axis


def default_grid(strategy: Strategy, fixed: Mapping[str, Any] | Sequence[str] = ()) -> dict[str, list[Value]]:
    """Returns a small grid over the declared bounds: every option of a choice, a few values from low to high, the default among them.

    At most about a hundred combinations; no axis for what is fixed or declares neither bounds nor options.
    """
    ranges = {
        name: p for name, p in strategy.parameters.items() if name not in fixed and (p.options or p.low is not None)
    }
    options = {name: list(p.options) for name, p in ranges.items() if p.options}
    room = DEFAULT_COMBINATIONS / float(np.prod([float(len(one)) for one in options.values()], initial=1.0))
    numbers = len(ranges) - len(options)
    steps = next((n for n in DEFAULT_STEPS if n**numbers <= room), None)
    if ranges and steps is None:
        raise BacktestError(
            f"{strategy.name} declares {len(ranges)} parameters, too many for a grid of their bounds; name those to fit, as in "
            f"--param {next(iter(ranges))}=LOW:HIGH:STEP."
        )
    return {name: options.get(name) or spread(p, steps or 1) for name, p in ranges.items()}


def spread(parameter: Parameter, count: int) -> list[Value]:
    """Returns about `count` values from low to high, even or even in the logarithm, on the declared steps, the default among them."""
    assert parameter.low is not None and parameter.high is not None, "only parameters with bounds are spread"  # noqa: PT018
    low, high, default = parameter.low, parameter.high, parameter.default
    ends = np.geomspace(low, high, count) if parameter.log else np.linspace(low, high, count)
    if parameter.step is not None:
        ends = low + np.round((ends - low) / parameter.step) * parameter.step
    ends = np.clip(np.round(ends) if parameter.type is int else ends, low, high)
    nearest = int(np.argmin(np.abs(ends - float(default))))
    ends[nearest] = float(default)
    return [int(value) if parameter.type is int else float(f"{value:.12g}") for value in np.unique(ends)]
