"""Two clocks: the daily trend says which side, the four-hour channel says when."""

import bot4 as b4


@b4.strategy(on=b4.bars("1h"))
def breakout(m, channel: int = b4.param(30, 10, 100), width: float = b4.param(3.0, 1.0, 6.0)):
    """Long on a four-hour close above the channel while the daily average rises; out below the channel's middle."""
    h4 = m.at("4h")
    day = m.at("1d").close.ema(20)
    top = h4.high.rolling(channel).max().shift(1)
    bottom = h4.low.rolling(channel).min().shift(1)
    entry = h4.close.crosses_above(top) & (day > day.shift(5))
    leave = h4.close < (top + bottom) / 2
    side = b4.latch(long=entry, exit=leave)
    return b4.target(
        side * (0.25 / m.close.vol(span=168)).clip(0, 1), band=0.10, stop=b4.stop.trailing(width * h4.atr(14))
    )
