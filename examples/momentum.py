"""Cross-sectional momentum: long the strongest, short the weakest, rebalanced weekly.

Works where money moves slowly from coin to coin, over weeks. Loses when the market turns: the weakest coins, sold short, rise the most
on the first days of a rebound.
"""

import bot4 as b4


@b4.portfolio(on=b4.bars("1d"), rebalance=b4.every("1w", on="mon"))
def momentum(u, lookback: int = b4.param(28, 7, 56), span: int = b4.param(30, 10, 60)):
    """Long the strongest fifth, short the weakest, equal risk, dollar neutral."""
    live = (u.close * u.volume).rolling(30).mean().cs.top(50)
    q = u.close.returns(lookback).shift(1).where(live).cs.bucket(5)
    side = b4.where(q == 4, 1.0, b4.where(q == 0, -1.0, 0.0))
    return b4.target((side / u.close.vol(span=span)).cs.scale(long=0.5, short=0.5))
