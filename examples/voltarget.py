"""Equal risk from every coin, and a constant risk from all of them together.

Works by holding less when markets are wild, which they are for weeks at a time. Loses nothing of its own, and earns nothing of its own
either: it is long all the time, and falls in volatility before a crash put it at its largest.
"""

import bot4 as b4


@b4.portfolio(on=b4.bars("1d"), rebalance=b4.every("1w", on="mon"))
def voltarget(u, level: float = b4.param(0.30, 0.10, 0.80), span: int = b4.param(30, 10, 120)):
    """Long every coin by inverse volatility, the whole scaled to a volatility of `level` a year."""
    weight = (1 / u.close.vol(span=span)).cs.scale(gross=1)
    part = weight.shift(1) * u.close.returns(1)
    mean = part - part.cs.demean()  # over the coins, so the same for each of them
    whole = mean / b4.where(part.is_missing(), part, 1.0).cs.scale(
        gross=1
    )  # times their number: the portfolio's return
    return b4.target(weight * (level / (whole.ewm_std(span=span) * 365**0.5)).clip(0, 1), band=0.02)
