"""Donchian breakout with pyramiding: the rule of the Turtles, long side, with a trailing stop in place of their fixed one.

Works in the few moves a year that go on for months: units are added while it runs, so the largest position meets the largest move.
Loses on most signals, by little each: a new high that fails is sold a unit's risk lower.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("1d"))
def donchian(
    m,
    channel: int = b4.param(20, 10, 60),
    leave: int = b4.param(10, 5, 30),
    width: float = b4.param(3.0, 1.0, 6.0),
    units: int = b4.param(4, 1, 6),
):
    """Long above the channel's top, a unit more each half ATR above the average entry; out below the shorter channel."""
    b4.require(leave < channel)
    atr = m.atr(20)
    further = m.pos.flat | (m.close > m.pos.avg_price + 0.5 * atr)
    return b4.entries(
        long=(m.close > m.high.rolling(channel).max().shift(1)) & further,
        exit=m.close < m.low.rolling(leave).min().shift(1),
        size=b4.size.risk(0.02, per_unit=width * atr),
        max_units=units,
        stop=b4.stop.trailing(width * atr),
    )
