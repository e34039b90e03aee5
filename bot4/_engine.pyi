"""The native engine: columns in, programs and configurations as JSON, results as columns (formats: docs/design.md)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__version__: str

class EngineError(ValueError):
    """What the engine refuses, in one sentence."""

_Columns = tuple[
    npt.NDArray[np.int64],
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
    npt.NDArray[np.float64],
]

_Series = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]

class Market:
    """Instruments and their bars in id order; reads the arrays in place, they must not be written to while it lives."""

    def __init__(self, instruments_json: str, interval_ms: int, columns: Sequence[_Columns]) -> None: ...
    @property
    def symbols(self) -> list[str]: ...
    @property
    def interval_ms(self) -> int: ...
    @property
    def rows(self) -> list[int]: ...

def run(
    market: Market,
    program_json: str,
    config_json: str,
    slice_rows: int = 0,
    progress: Callable[[int], object] | None = None,
    funding: Sequence[_Series | None] | None = None,
    funding_default: tuple[int, int] | None = None,
    detail: Market | None = None,
) -> dict[str, Any]:
    """Run a program to the end; `progress` is told the grid rows taken. Raises EngineError.

    `funding` holds (ts ms, rate) for each instrument that has a series, `funding_default` (rate in billionths, period in ms) counts for
    perpetuals without one; both are read in place or at once, and without them nothing is paid. `detail`
    holds finer bars that tile bars of the market: what happens between decisions is read from them.
    """

def evaluate(
    market: Market,
    program_json: str,
    nodes: Sequence[int],
    slice_rows: int = 0,
    config_json: str | None = None,
    funding: Sequence[_Series | None] | None = None,
    funding_default: tuple[int, int] | None = None,
    detail: Market | None = None,
) -> dict[tuple[int, int], npt.NDArray[np.float64]]:
    """Return {(node, asset id): column over the asset's base rows}. Without a configuration no target acts."""

def describe(program_json: str, symbols: Sequence[str]) -> dict[str, Any]:
    """Return identity (hex), settled rows per target, valid and settled rows and feedback flag per node."""

def catalogue() -> list[tuple[str, int, int]]:
    """Return (name, version, inputs) of every node the engine knows."""

def reason_codes() -> dict[str, dict[int, str]]:
    """Return the stable codes by table: reason, cause, status, rule, evidence, kind, tif."""

class Events:
    """A run that Python decides, row by row; `view` and `present` are filled before `advance` returns. Raises EngineError."""

    def __init__(
        self,
        market: Market,
        config_json: str,
        settled: Sequence[int],
        lanes: int,
        view: npt.NDArray[np.float64],
        present: npt.NDArray[np.int64],
        funding: Any = None,
        funding_default: tuple[int, int] | None = None,
    ) -> None: ...
    def advance(self) -> int: ...
    @property
    def now(self) -> int: ...
    @property
    def fill_count(self) -> int: ...
    def fills(self) -> list[tuple[int, int, int, int, float, float, float, bool, int]]: ...
    def key(self, text: str, /) -> int: ...
    def order(
        self,
        asset: int,
        key: int,
        side: int,
        kind: int,
        tif: int,
        unit: int,
        post_only: bool,
        reduce_only: bool,
        oco: int,
        bars: int,
        ms: int,
        numbers: Sequence[float],
        /,
    ) -> bool: ...
    def cancel(self, asset: int, key: int) -> None: ...
    def working(self, asset: int) -> list[tuple[int, int, float, float, float]]: ...
    def results(self) -> dict[str, Any]: ...

class Replay:
    """A run stepped by hand."""

    def __init__(
        self,
        market: Market,
        program_json: str,
        config_json: str,
        slice_rows: int = 0,
        funding: Sequence[_Series | None] | None = None,
        funding_default: tuple[int, int] | None = None,
        detail: Market | None = None,
    ) -> None: ...
    def advance(self, rows: int) -> int: ...
    def save(self) -> bytes: ...
    def load(self, state: bytes) -> None: ...
    def hash(self) -> str: ...
    def results(self) -> dict[str, Any]: ...
