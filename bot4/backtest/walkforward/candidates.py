"""The combinations that every training window compares: from a grid, from the declared bounds, or the defaults alone.

Each is traced once, whatever the number of windows. Combinations that `b4.require` refuses are left out.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bot4.strategy import Parameter, RequirementError, Strategy
from bot4.strategy.parameters import resolve

from ..errors import BacktestError
from ..sweep.axis import Value, read_axis
from .choose import Place

if TYPE_CHECKING:
    from bot4.strategy import Program

    from ..setup import Setup

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

    @property
    def runs_of_a_window(self) -> int:
        """Returns how many runs a window takes at most: all combinations in training, the choice and, where they may differ, the defaults
        in the test."""
        alone = self.default is None or (not self.is_fitted and self.programs[0].json == self.default.json)
        return len(self.programs) + (1 if alone else 2)

    def as_spec(self, setup: Setup) -> dict[str, Any]:
        """Returns what identifies the combinations, data and settings of a call, as plain data."""
        programs = "".join(program.json for program in self.programs)
        return {
            "values": {name: list(dict.fromkeys(one[name] for one in self.values)) for name in self.names},
            "programs": hashlib.blake2b(programs.encode(), digest_size=16).hexdigest(),
            "data": setup.data_hash,
            "config": setup.config.as_dict(),
            "trade_from_ms": setup.trade_from_ms,
        }

    def text(self) -> str:
        """Returns what is compared, in words."""
        made = ", from the declared bounds" if self.is_from_bounds else ""
        left = f", {self.refused:,} more refused by b4.require" if self.refused else ""
        return f"{len(self.programs):,} combinations of {', '.join(self.names)}{made}{left}"


def candidates(
    setup: Setup, grid: Grid | None, params: Mapping[str, Any], most: int = DEFAULT_COMBINATIONS
) -> Candidates:
    """Returns the combinations of a grid (None: about `most` of the declared bounds), the other parameters as given in `params` or by
    default.

    Raises BacktestError for an empty or too large grid, ParameterError for values out of range.
    """
    strategy = setup.strategy
    is_from_bounds = grid is None
    axes = default_grid(strategy, params, most) if grid is None else _read(strategy, grid)
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


def _read(strategy: Strategy, grid: Grid) -> dict[str, list[Value]]:
    unknown = [name for name in grid if name not in strategy.parameters]
    if unknown:
        resolve(strategy.parameters, {unknown[0]: None}, strategy.name)  # raises the sentence that names the known ones
    return {name: list(read_axis(strategy.parameters[name], given).values) for name, given in grid.items()}


def _default(setup: Setup, params: Mapping[str, Any]) -> Program | None:
    try:
        return setup.trace(params)
    except RequirementError:
        return None


def default_grid(
    strategy: Strategy, fixed: Mapping[str, Any] | Sequence[str] = (), most: int = DEFAULT_COMBINATIONS
) -> dict[str, list[Value]]:
    """Returns a small grid over the declared bounds: every option of a choice, a few values from low to high, the default among them.

    At most about `most` combinations; no axis for what is fixed or declares neither bounds nor options.
    """
    ranges = {
        name: p for name, p in strategy.parameters.items() if name not in fixed and (p.options or p.low is not None)
    }
    options = {name: list(p.options) for name, p in ranges.items() if p.options}
    room = most / float(np.prod([float(len(one)) for one in options.values()], initial=1.0))
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
        steps = np.minimum(np.round((ends - low) / parameter.step), np.floor((high - low) / parameter.step + 1e-9))
        ends = low + steps * parameter.step
    ends = np.clip(np.round(ends) if parameter.type is int else ends, low, high)
    nearest = int(np.argmin(np.abs(ends - float(default))))
    if 0 < nearest < len(ends) - 1:
        ends[nearest] = float(default)
    else:  # the bounds themselves stay
        ends = np.append(ends, float(default))
    return [int(value) if parameter.type is int else float(f"{value:.12g}") for value in np.unique(ends)]
