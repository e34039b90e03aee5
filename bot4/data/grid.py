"""Grids: tick and lot of an instrument from the decimals its bars carry, and the refusal of what integers cannot hold.

The fewest decimals (at most 10) that hold every value are the grid. Values with more are floats of no grid: they get as many
decimals as keep ticks or lots below 2^51, and a note says so. Docs: docs/semantics.md §4.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot4.data.columns import Columns, Floats
from bot4.data.errors import DataError
from bot4.data.instrument import AMOUNT_DECIMALS, I64_MAX, Exact, Instrument, decimal_text
from bot4.data.overrides import Overrides
from bot4.data.scan import MAX_SEEN_DECIMALS, decimals

MAX_STEPS = 2**51  # below it a float holds every integer and its half: rounding to the grid is exact
FIX = "give tick and lot in an instruments file (--instruments)"


def set_grid(
    instrument: Instrument, columns: Columns, overrides: Overrides, label: str
) -> tuple[Instrument, list[str]]:
    """Returns the instrument with tick, lot and all the file states, and notes; raises `DataError` where a scale overflows."""
    prices = (columns.open, columns.high, columns.low, columns.close)
    top, largest = float(columns.high.max()), float(columns.volume.max())
    notes: list[str] = []
    rounded = False
    grid: dict[str, Exact] = {"tick": instrument.tick, "lot": instrument.lot}
    for name, arrays, most in (("tick", prices, top), ("lot", (columns.volume,), largest)):
        if overrides.states(instrument, name):
            continue
        places = decimals(*arrays)
        room = _room(most)
        if places is None or places > room:
            rounded = True
            places = max(0, room)
            what = "prices" if name == "tick" else "volumes"
            step = decimal_text((1, places))
            notes.append(
                f"{label}: {what} have more decimals than integers can hold and are rounded to a {name} of {step}."
            )
        grid[name] = (1, places)
    result = overrides.apply(
        replace(instrument, tick=grid["tick"], lot=grid["lot"], grid="rounded" if rounded else "seen")
    )
    notes += check_grid(result, columns, overrides, label)
    return result, notes


def _room(most: float) -> int:
    """Returns the most decimals, at most 10, that keep `most` below 2^51 steps; negative if even whole units do not."""
    for places in range(MAX_SEEN_DECIMALS, -1, -1):
        if most * 10.0**places < MAX_STEPS:
            return places
    return -1


def check_grid(instrument: Instrument, columns: Columns, overrides: Overrides, label: str) -> list[str]:
    """Refuses what the engine's integers cannot hold; returns notes on rows that are off a stated grid."""
    tick, lot = instrument.tick, instrument.lot
    for name, values, step in (("high", columns.high, tick), ("volume", columns.volume, lot)):
        row = int(values.argmax())
        if float(values[row]) * 10.0 ** step[1] / step[0] >= MAX_STEPS:
            what = "tick" if name == "high" else "lot"
            raise DataError(
                f"{label}: row {row} has {name} {values[row]:.10g}, which at a {what} of {decimal_text(step)} is more than 2^51 {what}s; "
                f"{FIX.replace('tick and lot', f'a coarser {what}')}."
            )
    row = int(columns.low.argmin())
    if float(columns.low[row]) * 10.0 ** tick[1] / tick[0] <= 0.5:
        raise DataError(
            f"{label}: row {row} has low {columns.low[row]:.10g}, which rounds to zero at a tick of {decimal_text(tick)}; "
            f"{FIX.replace('tick and lot', 'a finer tick')}."
        )
    row = int(columns.high.argmax())
    one_lot = float(columns.high[row]) * lot[0] / 10.0 ** lot[1] * 10.0**AMOUNT_DECIMALS
    if one_lot >= I64_MAX:
        raise DataError(
            f"{label}: row {row}: one lot ({decimal_text(lot)}) at {columns.high[row]:.10g} is more than amounts of 1e-8 can hold "
            f"(9.2e10 {instrument.quote}); {FIX.replace('tick and lot', 'a finer lot')}."
        )
    notes = []
    if float(columns.volume.max()) == 0.0:
        notes.append(f"{label}: volume is 0 in every bar, so orders limited to a share of it cannot fill.")
    if overrides.states(instrument, "tick"):
        off = _count_off(columns.close, tick)
        if off:
            notes.append(
                f"{label}: {off} closes are off the stated tick of {decimal_text(tick)} and are rounded to it."
            )
    return notes


def _count_off(values: Floats, step: Exact) -> int:
    """Returns how many values are no whole number of steps, within the float's own precision."""
    steps = values * 10.0 ** step[1] / step[0]
    return int(np.count_nonzero(np.abs(np.rint(steps) - steps) > 4 * np.finfo(np.float64).eps * steps))
