"""Averaging down, the way of the popular bots: a first buy at a dip, larger ones below it, one profit limit above the average.

Works nearly always: most dips end, and the average is pulled so near to the price that a small bounce is enough. Loses seldom and
everything at once: the fall that goes on past the last step meets the largest position.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("1h"))
def dca(
    m,
    steps: int = b4.param(5, 1, 8),
    step: float = b4.param(0.05, 0.01, 0.08),
    gain: float = b4.param(0.03, 0.005, 0.10),
):
    """First buy when the RSI is below 30; each step `step` lower and half as large again; all sold `gain` above the average."""
    growth = 1.5
    first = 0.95 / sum(growth**i for i in range(steps + 1))
    return b4.ladder.dca(
        when=m.close.rsi(14) < 30,
        size=first,
        steps=steps,
        step=step,
        multiplier=growth,
        take=b4.take.fixed(pct=gain),
        stop=b4.stop.fixed(pct=min(0.95, step * steps + 0.10)),
        budget=0.95,
    )
