"""Sleeves: two strategies on one account, each with a fixed share of the cash and a book of its own.

Works where the two earn at different times: a trend follower in long moves, a buyer of dips in calm rises. Loses where both hold the same
coin into the same fall; a fixed share is no hedge, and nothing is moved from the one that wins to the one that waits.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("4h"))
def trend(m, fast: int = b4.param(24, 5, 100), slow: int = b4.param(168, 50, 500)):
    """Long while the fast average is above the slow one, out at a trailing stop."""
    b4.require(fast < slow)
    rising = m.close.ema(fast) > m.close.ema(slow)
    return b4.target(b4.where(rising, 0.95, 0.0), band=0.10, stop=b4.stop.trailing(4 * m.atr(14)))


@b4.strategy(on=b4.bars("4h"))
def dip(m, low: float = b4.param(10.0, 2.0, 30.0), patience: int = b4.param(12, 3, 60)):
    """Long at a sharp dip above the average of 200 bars, out at the first recovery or when patience is over."""
    return b4.entries(
        long=(m.close > m.close.sma(200)) & (m.close.rsi(2) < low),
        exit=m.close > m.close.sma(5),
        size=0.95,
        stop=b4.stop.time(patience),
    )


both = b4.sleeves(trend=(trend, 0.6), dip=(dip, 0.4))
