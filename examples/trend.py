"""Trend following with two averages, sized to a constant risk.

Works where prices move far in one direction, as coins have done for months at a time. Loses in a sideways market, a little at each
crossing, and gives back part of every trend before the averages have turned.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("1h"))
def trend(m, fast: int = b4.param(24, 5, 100), slow: int = b4.param(168, 50, 500)):
    """Long while the fast average is above the slow one, sized to 20 % volatility."""
    b4.require(fast < slow)
    rising = m.close.ema(fast) > m.close.ema(slow)
    weight = (0.20 / m.close.vol(span=72)).clip(0, 1)
    return b4.target(b4.where(rising, weight, 0.0), band=0.10, stop=b4.stop.trailing(3 * m.atr(14)))
