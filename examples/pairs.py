"""A pair: ether against bitcoin, when their spread is far from its mean."""

import bot4 as b4

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


@b4.portfolio(on=b4.bars("1h"))
def pairs(window: int = b4.param(336, 48, 2000), entry: float = b4.param(2.0, 1.0, 4.0)):
    """Short the dear leg and long the cheap one beyond `entry` deviations, flat once the spread is back at its mean."""
    btc, eth = b4.asset(BTC).close.log(), b4.asset(ETH).close.log()
    beta = eth.rolling(window).beta(btc)
    z = (eth - beta * btc).rolling(window).zscore()
    side = b4.latch(long=z < -entry, short=z > entry, exit=z.abs() < 0.25)
    leg = 0.5 * side
    return b4.target(leg, asset=ETH, band=0.05), b4.target(-leg * beta.clip(0, 2), asset=BTC, band=0.05)
