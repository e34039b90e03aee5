"""Ichimoku on two clocks: the daily cloud says whether to buy at all, the four-hour lines say when.

Works in long trends that pause and go on. Loses in a sideways market, where price crosses the cloud again and again, and at every top:
lines that look back 52 days turn late.
"""

import bot4 as b4


def middle(v, length):
    """The middle of the range of `length` bars: Tenkan (9), Kijun (26) and Senkou B (52) are all this."""
    return (v.high.rolling(length).max() + v.low.rolling(length).min()) / 2


def cloud_top(v, fast, slow):
    """The upper edge of the cloud over the present bar: both spans are drawn `slow` bars ahead."""
    span_a = (middle(v, fast) + middle(v, slow)) / 2
    return b4.maximum(span_a, middle(v, 2 * slow)).shift(slow)


@b4.strategy(on=b4.bars("1h"))
def ichimoku(
    m, fast: int = b4.param(9, 5, 20), slow: int = b4.param(26, 15, 60), width: float = b4.param(3.0, 1.0, 6.0)
):
    """Long when Tenkan crosses above Kijun over the four-hour cloud and the day is over its own; out below Kijun."""
    b4.require(fast < slow)
    h4, day = m.at("4h"), m.at("1d")
    kijun = middle(h4, slow)
    signal = middle(h4, fast).crosses_above(kijun) & (h4.close > cloud_top(h4, fast, slow))
    side = b4.latch(long=signal & (day.close > cloud_top(day, fast, slow)), exit=h4.close < kijun)
    return b4.target(0.98 * side, stop=b4.stop.fixed(width * h4.atr(14)))
