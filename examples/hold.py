"""Buy and hold with a stop: the plainest way to be in the market, and the plainest way out of it.

Works where a market falls for longer than it takes to find out. Loses against plain holding in every fall that is short and deep: the
stop sells low, and when the rest is over the coin is bought back higher.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("1d"))
def hold(m, width: float = b4.param(0.30, 0.05, 0.60), rest: int = b4.param(30, 1, 180)):
    """Long; out `width` below the best price since the purchase, in again after `rest` days."""
    return b4.target(0.98, stop=b4.stop.trailing(pct=width), rearm=f"{rest}d")
