"""A grid: buys at equal steps below the week's first price, each sold one step higher, as often as price goes to and fro.

Works in a range: every swing of a step is earned, whichever way the week ends. Loses in a fall, which fills every rung and then the stop;
and it misses a rise, because it owns nothing when price goes up from the first hour.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("1h"))
def grid(m, rungs: int = b4.param(8, 3, 20), width: float = b4.param(0.20, 0.03, 0.40)):
    """Limit buys from the close of Monday's first hour down to `width` below it; a stop half a width further down."""
    monday = (b4.clock.day_of_week() == 0) & (b4.clock.hour() == 0)
    top = m.close.hold_when(~monday)
    return b4.ladder.grid(
        low=top * (1 - width),
        high=top,
        rungs=rungs,
        size=0.9 / rungs,
        budget=0.9,
        stop_at=top * (1 - 1.5 * width),
    )
