"""RSI-2: buy a short, sharp dip in a long rise, sell the first recovery, and do not wait for it for ever.

Works where dips are bought by others too, as they were in shares for decades. Loses when a dip is the beginning of a fall: the average
of 200 bars still looks up, and there is no price stop, only time.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("4h"))
def rsi2(
    m,
    low: float = b4.param(10.0, 2.0, 30.0),
    average: int = b4.param(200, 50, 400),
    patience: int = b4.param(12, 3, 60),
):
    """Long while the close is above its average and the RSI of two bars below `low`; out above the average of five."""
    return b4.entries(
        long=(m.close > m.close.sma(average)) & (m.close.rsi(2) < low),
        exit=m.close > m.close.sma(5),
        size=0.95,
        stop=b4.stop.time(patience),
    )
