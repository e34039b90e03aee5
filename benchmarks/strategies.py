"""The programs of the benchmark in Bot4's language. `bot4 backtest benchmarks/strategies.py:crossover --data …` runs one by hand."""

from __future__ import annotations

import bot4 as b4

# Equal to benchmarks/setting.py, which the peers share; a strategy file stands alone, so the numbers are written out (and tested equal).
FAST_BARS = 10
SLOW_BARS = 30
WEIGHT = 0.01
MOMENTUM_BARS, VOL_BARS, BUCKETS, SIDE_WEIGHT = 672, 168, 5, 0.5
STOP, TAKE = 0.003, 0.006
GRID_LEVELS, GRID_STEP, GRID_STOP, GRID_DAY_BARS, GRID_WEIGHT = 20, 0.002, 0.05, 1440, 0.005
ORDER_EVERY_BARS = 10
FLIP_WEIGHT = 0.001  # half a million round trips must leave an account to trade with


@b4.strategy(on=b4.bars("1m"))
def crossover(m: b4.View) -> b4.Target:
    """Long 1 % of equity while the fast average is above the slow one, else flat."""
    return b4.target(b4.where(m.close.ema(FAST_BARS) > m.close.ema(SLOW_BARS), WEIGHT, 0.0))


@b4.strategy(on=b4.bars("1m"))
def crossing(m: b4.View, fast: int = FAST_BARS, slow: int = SLOW_BARS) -> b4.Target:
    """Long 1 % of equity while the fast average is above the slow one, for every pair of a sweep."""
    return b4.target(b4.where(m.close.ema(fast) > m.close.ema(slow), WEIGHT, 0.0))


@b4.strategy(on=b4.bars("1m"))
def every_bar(m: b4.View) -> b4.Target:
    """In on one bar, out on the next: an order on every bar."""
    inside = b4.state(0.0)
    inside.next(1.0 - inside)
    return b4.target(FLIP_WEIGHT * inside)


@b4.strategy(on=b4.bars("1m"))
def every_bar_by(m: b4.View, weight: float = b4.param(FLIP_WEIGHT, 0.0001, 0.1)) -> b4.Target:
    """In on one bar, out on the next, by a weight: runs of a sweep that share next to nothing."""
    inside = b4.state(0.0)
    inside.next(1.0 - inside)
    return b4.target(weight * inside, band=0.0)


@b4.strategy(on=b4.bars("1m"))
def feedback(m: b4.View) -> b4.Target:
    """The crossover with a trailing stop, and out after 50 bars in the position: decided row by row on the desk."""
    rising = m.close.ema(FAST_BARS) > m.close.ema(SLOW_BARS)
    tired = m.pos.bars_held > 50
    return b4.target(b4.where(rising & ~tired, WEIGHT, 0.0), stop=b4.stop.trailing(3 * m.atr(14)))


@b4.portfolio(on=b4.bars("1h"), rebalance=b4.every("1d"))
def cross_section(u: b4.View) -> b4.Target:
    """Long the strongest fifth, short the weakest, weighed by inverse volatility, all of it set anew once a day."""
    place = u.close.returns(MOMENTUM_BARS).cs.bucket(BUCKETS)
    side = b4.where(place == BUCKETS - 1, 1.0, b4.where(place == 0, -1.0, 0.0))
    return b4.target((side / u.close.vol(span=VOL_BARS)).cs.scale(long=SIDE_WEIGHT, short=SIDE_WEIGHT), band=0.0)


@b4.strategy(on=b4.bars("1m"))
def bracket(m: b4.View) -> b4.Entries:
    """Long 1 % of equity when the averages cross, out by a fixed stop or a take."""
    return b4.entries(
        long=m.close.ema(FAST_BARS).crosses_above(m.close.ema(SLOW_BARS)),
        size=WEIGHT,
        stop=b4.stop.fixed(pct=STOP),
        take=b4.take.fixed(pct=TAKE),
    )


@b4.strategy(on=b4.bars("1m"))
def trail(m: b4.View) -> b4.Entries:
    """The same with a stop that trails the best price."""
    return b4.entries(
        long=m.close.ema(FAST_BARS).crosses_above(m.close.ema(SLOW_BARS)),
        size=WEIGHT,
        stop=b4.stop.trailing(pct=STOP),
        take=b4.take.fixed(pct=TAKE),
    )


@b4.strategy(on=b4.bars("1m"))
def grid(m: b4.View) -> b4.Orders:
    """Buys below the day's first close, each level with a take one step higher and a stop."""
    minute = b4.state(0.0)
    minute.next(b4.where(minute >= GRID_DAY_BARS - 1, 0.0, minute + 1))
    anchor = m.close.hold_when(minute > 0)
    stop, take = b4.stop.fixed(pct=GRID_STOP), b4.take.fixed(pct=GRID_STEP)
    levels = {f"level {k:02}": anchor * (1 - GRID_STEP * k) for k in range(1, GRID_LEVELS + 1)}
    return b4.orders(
        [b4.order.limit(key, "buy", GRID_WEIGHT, price, stop=stop, take=take) for key, price in levels.items()]
    )


class EveryTenth(b4.Events):
    """A callback on each bar; in on one tenth bar, out on the next."""

    on = b4.bars("1m")
    calls = 0

    def on_bar(self, ctx: b4.Context, bar: b4.Bar) -> None:
        """Decides at one bar's close."""
        self.calls += 1
        if self.calls % ORDER_EVERY_BARS:
            return
        position = ctx.position()
        if position.flat:
            ctx.market("in", "buy", WEIGHT)
        else:
            ctx.market("out", "sell", b4.size.qty(position.qty))
