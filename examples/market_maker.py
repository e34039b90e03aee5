"""A market maker: a bid and an ask around a slow mid, moved by what is held, silent while the book leans to one side.

Works where the spread that it earns is wider than fees and the moves against it. Loses where others know more: its fills come when the
price is about to go through them, which the line "mid 10 s later" of the summary shows.
"""

import bot4 as b4


@b4.strategy(on=b4.book(every="100ms"))
def market_maker(
    m,
    width_bps: float = b4.param(4.0, 0.1, 50.0),
    size: float = b4.param(0.01, 0.001, 1.0),
    lots: int = b4.param(5, 1, 20),
):
    """Quotes `width_bps` apart around the mid, which moves only by a fifth of that; at most `lots` sizes are held, long or short."""
    # A quote that stays keeps its place in the queue, so the centre waits until the mid has really moved.
    before = b4.state(0.0)
    moved = (m.book.mid - before).abs() > m.book.mid * (width_bps * 0.2e-4)
    centre = b4.where(moved, m.book.mid, before)
    before.next(centre)
    calm = m.book.imbalance.abs().rolling("1s").mean() < 0.9
    width = centre * (width_bps * 1e-4)
    return b4.quotes(centre, width, b4.size.qty(size), skew=0.5, max_inventory=lots * size, while_=calm)
