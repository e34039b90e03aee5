"""A pair: ether against bitcoin, when their spread is far from its mean, hedged by a rolling regression.

Works while what moves the one moves the other, and the gap between them closes. Loses when it does not: the spread that is two
deviations wide because something has changed goes on to four.
"""

import bot4 as b4

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


@b4.portfolio(on=b4.bars("1h"))
def pairs(window: int = b4.param(336, 48, 2000), entry: float = b4.param(2.0, 1.0, 4.0)):
    """Short the dear leg and long the cheap one beyond `entry` deviations, flat once the spread is back at its mean."""
    btc, eth = b4.asset(BTC).close.log(), b4.asset(ETH).close.log()
    beta = eth.rolling(window).beta(btc)
    spread = eth - beta * btc
    z = spread.rolling(window).zscore()
    side = b4.latch(long=z < -entry, short=z > entry, exit=z.abs() < 0.25)
    hedge = beta.clip(0, 1.5).hold_when(side != 0)  # the ratio of the entry: a moving one would trade all the time
    return b4.legs({ETH: 0.4 * side, BTC: -0.4 * side * hedge}, broken="flatten", tolerance=0.10)
