"""Regime switch: another rule for each weather, and a change of rule only when the weather has lasted.

Works where a calm rise, a wild rise and a fall go on for weeks, and ask for different sizes. Loses at each change: it is confirmed late,
and in weeks that are neither one nor the other it pays for every change of mind.
"""

import bot4 as b4

CALM, WILD, FALL = 2, 1, 0


@b4.strategy(on=b4.bars("1d"))
def regimes(
    m,
    average: int = b4.param(100, 30, 250),
    confirm: int = b4.param(3, 1, 10),
    quiet: float = b4.param(0.70, 0.30, 0.95),
):
    """Whole in a calm rise, half in a wild one; in a fall a quarter for dips, out at their first recovery."""
    rising = m.close > m.close.sma(average)
    calm = m.close.vol(span=20).rolling(120).rank() < quiet
    regime = b4.where(rising, b4.where(calm, float(CALM), float(WILD)), float(FALL))
    dip = b4.latch(long=m.close.rsi(2) < 10, exit=m.close > m.close.sma(5))
    return b4.switch(regime, {CALM: 0.98, WILD: 0.5, FALL: 0.25 * dip}, confirm=confirm)
