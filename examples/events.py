"""A daily trend, traded an hour's slice at a time: an event class, for execution that no expression can hold.

Works when the market gives time: a slice that rests a little away and is hit pays no spread. Loses when it does not: what runs away from
the limits is bought later and higher, at market, and the trend itself turns often in a sideways market.
"""

import bot4 as b4


class Sliced(b4.Events):
    """In above the 50-day average, out below; each change in hourly slices, by limits while on schedule and at market when behind."""

    on = b4.bars("1h")
    slices: int = b4.param(8, 1, 24)
    away: float = b4.param(0.001, 0.0, 0.02)
    weight: float = b4.param(0.9, 0.1, 1.0)

    def signals(self, m):
        day = m.at("1d")
        return {"up": day.close > day.close.sma(50)}

    def on_start(self, ctx):
        self.up, self.goal, self.slice, self.hours = 0.0, 0.0, 0.0, 0
        ctx.timer("plan", every="1d")

    def on_timer(self, ctx, name):
        up = ctx.signal("up")
        if up in (0.0, 1.0) and up != self.up:  # missing is neither
            self.up, held = up, ctx.position().qty
            self.goal = up * self.weight * ctx.account.equity / ctx.history(ctx.symbol, 1).close[-1]
            self.slice, self.hours = abs(self.goal - held) / self.slices, 0

    def on_bar(self, ctx, bar):
        self.hours += 1
        left = self.goal - ctx.position().qty
        if abs(left) <= self.slice / 100 or any("late" in key for key in ctx.orders):
            return
        side, sign = ("buy", 1) if left > 0 else ("sell", -1)
        size = b4.size.qty(min(abs(left), self.slice))
        if abs(left) > self.slice * (self.slices - self.hours + 2.5):
            ctx.market(f"{side} late", side, size, reduce_only=sign < 0)
        else:
            price = bar.close * (1 - sign * self.away)
            ctx.limit(side, side, size, price, expires=1, post_only=True, reduce_only=sign < 0)
