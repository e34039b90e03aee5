"""Mean reversion with the RSI: buy the dip, leave when it has recovered or when it takes too long."""

import bot4 as b4


@b4.strategy(on=b4.bars("1h"))
def reversion(
    m,
    length: int = b4.param(14, 5, 50),
    low: float = b4.param(30.0, 10.0, 45.0),
    patience: int = b4.param(48, 6, 240),
):
    """Long after the RSI falls below `low`, until it is above 55 or the position is `patience` bars old."""
    rsi = m.close.rsi(length)
    too_long = m.pos.bars_held >= patience
    holding = b4.latch(long=rsi.crosses_below(low), exit=(rsi > 55) | too_long)
    return b4.target(holding, stop=b4.stop.fixed(pct=0.08))
