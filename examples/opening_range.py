"""Opening-range breakout: the first hours of the UTC day set a range, stop orders wait at both ends, the evening closes what is left.

Works on days that go one way, when whoever was wrong in the morning has to get out. Loses on all others, twice: the break fails, and
stop orders pay the spread into a moving market.
"""

import bot4 as b4


@b4.strategy(on=b4.bars("15m"))
def opening_range(m, hours: int = b4.param(4, 1, 8), reward: float = b4.param(2.0, 0.5, 5.0)):
    """One trade a day: at the first end that breaks, risking 1 % to the other end, taking `reward` times the range."""
    b4.require(24 % hours == 0)
    opening = m.at(f"{hours}h")
    first = b4.clock.hour() == 0  # on the slow clock: the bucket that opens the day
    top, bottom = opening.high.hold_when(~first), opening.low.hold_when(~first)
    width = top - bottom
    day = (b4.clock.hour() >= hours) & (b4.clock.hour() < 22)
    size, stop, take = b4.size.risk(0.01), b4.stop.fixed(width), b4.take.fixed(reward * width)
    held = m.pos.qty
    return b4.orders(
        b4.order.stop("up", "buy", size, top, when=day, until=~day, oco="day", stop=stop, take=take),
        b4.order.stop("down", "sell", size, bottom, when=day, until=~day, oco="day", stop=stop, take=take),
        b4.order.market("sell-all", "sell", b4.size.qty(held.abs()), when=~day & (held > 0), reduce_only=True),
        b4.order.market("buy-back", "buy", b4.size.qty(held.abs()), when=~day & (held < 0), reduce_only=True),
    )
