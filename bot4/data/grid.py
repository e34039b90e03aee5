"""Grids: tick and lot of an instrument from the decimals its bars carry, and the refusal of what integers cannot hold.

The fewest decimals (at most 10) that hold every value are the grid. Values with more are floats of no grid: they get as many
decimals as keep ticks or lots below 2^51, and a note says so. Docs: docs/semantics.md §4.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bot4.data.columns import Columns, Ints
from bot4.data.errors import DataError
from bot4.data.instrument import AMOUNT_DECIMALS, I64_MAX, Exact, Instrument, decimal_text
from bot4.data.overrides import Overrides
from bot4.data.scan import MAX_SEEN_DECIMALS, decimals
from bot4.data.timeframe import format_time

MAX_STEPS = 2**51  # below it a float holds every integer and its half: rounding to the grid is exact


def set_grid(
    instrument: Instrument, seen: Columns, held: Columns, overrides: Overrides, label: str, rows: Ints | None = None
) -> tuple[Instrument, list[str]]:
    """Returns the instrument with tick, lot and all the file states, and notes; raises `DataError` where a scale overflows.

    Decimals are those of the bars `seen`; what must fit are the bars `held`, which may be resampled ones with larger volumes. `rows`
    are the rows of `held` in its source, None where they are the bars' own numbers.
    """
    prices = (seen.open, seen.high, seen.low, seen.close)
    notes: list[str] = []
    rounded = False
    grid: dict[str, Exact] = {"tick": instrument.tick, "lot": instrument.lot}
    for name, arrays, most in (("tick", prices, held.high), ("lot", (seen.volume,), held.volume)):
        if overrides.states(instrument, name):
            continue
        if name == "lot" and instrument.kind == "inverse":
            notes += _contract_notes(seen, label)
            grid[name] = (1, 0)
            continue
        places, room = decimals(*arrays), _room(float(most.max()))
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
    return result, notes + check_grid(result, held, label, rows) + _off_notes(result, seen, overrides, label)


def _contract_notes(seen: Columns, label: str) -> list[str]:
    """Volumes of an inverse perpetual are contracts, which are whole; returns a note where these are not."""
    if decimals(seen.volume) == 0:
        return []
    return [
        f"{label}: the volume of an inverse perpetual is counted in whole contracts, but these have decimals; are they coins?"
    ]


def restated_notes(instrument: Instrument, columns: Columns, overrides: Overrides) -> list[str]:
    """Returns the notes on a market's bars under an instruments file; raises `DataError` where a stated scale overflows."""
    label = instrument.symbol
    return check_grid(instrument, columns, label) + _off_notes(instrument, columns, overrides, label)


def _room(most: float) -> int:
    """Returns the most decimals, at most 10, that keep `most` below 2^51 steps; negative if even whole units do not."""
    for places in range(MAX_SEEN_DECIMALS, -1, -1):
        if most * 10.0**places < MAX_STEPS:
            return places
    return -1


def check_grid(instrument: Instrument, columns: Columns, label: str, rows: Ints | None = None) -> list[str]:
    """Refuses what the engine's integers cannot hold; returns a note where nothing can fill."""
    tick, lot = instrument.tick, instrument.lot

    def at(bar: int) -> str:
        return f"{label}: row {bar if rows is None else int(rows[bar])} ({format_time(int(columns.ts[bar]))})"

    for name, values, what, step in (("high", columns.high, "tick", tick), ("volume", columns.volume, "lot", lot)):
        bar = int(values.argmax())
        if float(values[bar]) * 10.0 ** step[1] / step[0] >= MAX_STEPS:
            raise DataError(
                f"{at(bar)} has {name} {values[bar]:.10g}, which at a {what} of {decimal_text(step)} is more than 2^51 {what}s; "
                f"give a coarser {what} in an instruments file (--instruments)."
            )
    bar = int(columns.low.argmin())
    if float(columns.low[bar]) * 10.0 ** tick[1] / tick[0] <= 0.5:
        raise DataError(
            f"{at(bar)} has low {columns.low[bar]:.10g}, which rounds to zero at a tick of {decimal_text(tick)}; give a finer tick in "
            "an instruments file (--instruments)."
        )
    bar = int(columns.high.argmax())
    if (
        instrument.kind != "inverse"
        and float(columns.high[bar]) * lot[0] / 10.0 ** lot[1] * 10.0**AMOUNT_DECIMALS >= I64_MAX
    ):
        raise DataError(
            f"{at(bar)} has high {columns.high[bar]:.10g}, at which one lot ({decimal_text(lot)}) is more than amounts of 1e-8 can hold "
            f"(9.2e10 {instrument.quote}); give a finer lot in an instruments file (--instruments)."
        )
    if float(columns.volume.max()) == 0.0:
        return [f"{label}: volume is 0 in every bar, so orders limited to a share of it cannot fill."]
    return []


def _off_notes(instrument: Instrument, columns: Columns, overrides: Overrides, label: str) -> list[str]:
    """Returns a note where closes are no whole number of stated ticks, within the float's own precision."""
    if not overrides.states(instrument, "tick"):
        return []
    steps = columns.close * (10.0 ** instrument.tick[1] / instrument.tick[0])
    off = int(np.count_nonzero(np.abs(np.rint(steps) - steps) > 4 * np.finfo(np.float64).eps * steps))
    step = decimal_text(instrument.tick)
    return [f"{label}: {off} closes are off the stated tick of {step} and are rounded to it."] if off else []
