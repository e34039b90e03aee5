"""A synthetic market: seeded bars with the statistics of crypto, for demos, tests and twins of real data.

Model, for coin i at bar t (log returns):

    r[i,t] = drift[regime] + σ_m[t]·β_i·m[t] + σ_i[t]·e[i,t],      m, e: Student-t with 5 degrees of freedom, unit variance

- *Correlated coins*: the market factor m, with loadings β_i.
- *Regimes*: one Markov chain (bull, bear, sideways) with geometric stays; it sets drift and the level of volatility.
- *Volatility clusters*: log σ is the sum of a slow and a fast AR(1) (half-lives 8 days and 8 hours), one pair for the market, one for
  each coin: a two-component stochastic volatility model, whose |r| stays correlated over days as in real markets.
- *Highs and lows*: given open and close, the bar is a Brownian bridge at its own volatility; maximum and minimum are drawn from their
  exact distributions (Shepp 1979): (x + √(x² − 2·s²·ln u)) / 2.
- *Volume*: log-linear in |r| over its usual size, with persistence and a daily cycle.

Every stream has its own PCG64 generator, seeded by (seed, coin, stream): more coins or more bars leave the others as they were. The same
seed gives the same bars wherever NumPy's `exp` and `log` round alike; rounding to ticks hides the last place in all but rare cells.
It is no model to trade on: drift is in no way predictable beyond what the regimes' persistence leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from bot4.data.columns import Columns, Floats, Ints
from bot4.data.errors import DataError
from bot4.data.instrument import Exact, Instrument, make_instrument
from bot4.data.market import Market
from bot4.data.timeframe import DAY_MS, HOUR_MS, TimeLike, format_interval, format_time, parse_interval, parse_time

VENUE = "synth"
YEAR_MS = 365 * DAY_MS
MAX_COINS = 200
DEGREES = 5.0  # Student-t: fat tails, finite variance
BETA_SHARE = (0.45, 0.75)  # share of a coin's variance that is the market's
SLOW_HALF_LIFE_MS, FAST_HALF_LIFE_MS = 8 * DAY_MS, 8 * HOUR_MS
SLOW_DEVIATION, FAST_DEVIATION = 0.40, 0.40  # of log volatility
AR_BLOCK = 256


class Regime(NamedTuple):
    """A state of the market: annual drift of log prices, volatility over the usual, mean stay."""

    name: str
    drift: float
    volatility: float
    stay_ms: int


REGIMES = (
    Regime("bull", 1.2, 0.9, 60 * DAY_MS),
    Regime("bear", -1.3, 1.35, 35 * DAY_MS),
    Regime("sideways", 0.0, 0.65, 45 * DAY_MS),
)


@dataclass(frozen=True)
class Coin:
    """A made-up coin: first price, annual volatility, its grid, and its usual turnover a day in the quote currency."""

    name: str
    price: float
    volatility: float
    tick: Exact
    lot: Exact
    turnover: float


COINS = (
    Coin("BTC", 46_000.0, 0.55, (1, 2), (1, 5), 1.5e9),
    Coin("ETH", 3_600.0, 0.70, (1, 2), (1, 4), 9e8),
    Coin("SOL", 170.0, 0.95, (1, 2), (1, 3), 3e8),
    Coin("BNB", 510.0, 0.65, (1, 1), (1, 3), 2.5e8),
    Coin("XRP", 0.83, 0.80, (1, 4), (1, 0), 2.5e8),
    Coin("DOGE", 0.17, 0.95, (1, 5), (1, 0), 2e8),
    Coin("ADA", 1.31, 0.85, (1, 4), (1, 1), 1.5e8),
    Coin("AVAX", 109.0, 1.00, (1, 2), (1, 2), 1e8),
    Coin("LTC", 147.0, 0.75, (1, 2), (1, 3), 8e7),
    Coin("LINK", 20.0, 0.85, (1, 3), (1, 2), 8e7),
    Coin("DOT", 27.0, 0.85, (1, 3), (1, 2), 7e7),
    Coin("ATOM", 33.0, 0.90, (1, 3), (1, 2), 5e7),
)


def synth(
    coins: int = 6, bars: int = 26_000, interval: str = "1h", seed: int = 7, start: TimeLike = "2022-01-01"
) -> Market:
    """Returns a market of `coins` made-up coins (spot at venue `synth`, quoted in USDT) with `bars` bars each, none missing.

    Raises `DataError` for numbers that make no market.
    """
    if not 1 <= coins <= MAX_COINS:
        raise DataError(f"coins is {coins}; give 1 to {MAX_COINS}.")
    if bars < 1:
        raise DataError(f"bars is {bars}; give at least 1.")
    if seed < 0:
        raise DataError(f"seed is {seed}; give 0 or more.")
    interval_ms = parse_interval(interval)
    if interval_ms > 7 * DAY_MS:
        raise DataError(f"interval {interval} is longer than a week; give 1w or less.")
    start_ms = parse_time(start)
    if start_ms % interval_ms and start_ms % DAY_MS:
        raise DataError(
            f"start {format_time(start_ms)} is off the {format_interval(interval_ms)} grid; give a midnight."
        )
    ts = start_ms + interval_ms * np.arange(bars, dtype=np.int64)
    state = regimes(bars, interval_ms, seed)
    market = _factor(bars, interval_ms, seed, who=0)
    assets = []
    for number in range(coins):
        coin = _coin(number)
        base = make_instrument(VENUE, coin.name, "USDT", "spot")
        instrument = replace(base, tick=coin.tick, lot=coin.lot)
        assets.append((instrument, _coin_bars(coin, instrument, number, ts, interval_ms, seed, state, market)))
    return Market.build(assets, interval_ms)


def regimes(bars: int, interval_ms: int, seed: int) -> Ints:
    """Returns the index into `REGIMES` of each bar: stays are geometric, the next state is one of the two others alike."""
    rng = _generator(seed, 0, "regime")
    state, at = int(rng.integers(len(REGIMES))), 0
    path = np.empty(bars, np.int64)
    while at < bars:
        stay = int(rng.geometric(min(1.0, interval_ms / REGIMES[state].stay_ms)))
        path[at : at + stay] = state
        at += stay
        state = (state + 1 + int(rng.integers(len(REGIMES) - 1))) % len(REGIMES)
    return path


class _Factor(NamedTuple):
    """A source of returns of unit usual variance: the draw times its volatility, and that volatility given all but the draw."""

    shock: Floats
    scale: Floats


_STREAMS = ("regime", "slow", "fast", "normal", "tail", "coin", "upper", "lower", "gap", "size", "flow")


def _generator(seed: int, who: int, stream: str) -> np.random.Generator:
    """Returns the generator of one stream: the market is 0, coin i is i + 1."""
    return np.random.Generator(np.random.PCG64([seed, who, _STREAMS.index(stream)]))


def _coin(number: int) -> Coin:
    if number < len(COINS):
        return COINS[number]
    like = COINS[2 + number % (len(COINS) - 2)]
    return replace(like, name=f"COIN{number + 1}")


def _autoregression(rng: np.random.Generator, bars: int, persistence: float) -> Floats:
    """Returns a stationary AR(1) of unit variance: y[t] = φ·y[t−1] + √(1−φ²)·ε[t], with 0 < φ < 1.

    Within a block y[t] = φ^t·(y₀ + Σ φ^−s·ε[s]), a cumulative sum; blocks are short enough that φ^−s stays small.
    """
    block = max(1, min(AR_BLOCK, int(-20.0 / np.log(persistence))))
    noise = rng.standard_normal(bars + 1)
    last = float(noise[0])
    noise = noise[1:] * np.sqrt(1.0 - persistence**2)
    out = np.empty(bars)
    powers = persistence ** np.arange(1, block + 1)
    for at in range(0, bars, block):
        part = noise[at : at + block]
        power = powers[: len(part)]
        out[at : at + block] = power * (last + np.cumsum(part / power))
        last = float(out[min(at + block, bars) - 1])
    return out


def _factor(bars: int, interval_ms: int, seed: int, who: int) -> _Factor:
    """Returns a Student-t shock with two-component stochastic volatility, of unit variance on average."""
    log_volatility = np.zeros(bars)
    components = (("slow", SLOW_HALF_LIFE_MS, SLOW_DEVIATION), ("fast", FAST_HALF_LIFE_MS, FAST_DEVIATION))
    for stream, half_life_ms, deviation in components:
        persistence = float(0.5 ** (interval_ms / half_life_ms))
        log_volatility += deviation * (_autoregression(_generator(seed, who, stream), bars, persistence) - deviation)
    # E[exp(2·d·(y − d))] = 1 for a standard normal y: the usual variance stays 1.
    tail = np.sqrt((DEGREES - 2.0) / (2.0 * _generator(seed, who, "tail").standard_gamma(DEGREES / 2.0, bars)))
    scale = np.exp(log_volatility) * tail
    return _Factor(scale * _generator(seed, who, "normal").standard_normal(bars), scale)


def _coin_bars(
    coin: Coin, instrument: Instrument, number: int, ts: Ints, interval_ms: int, seed: int, state: Ints, market: _Factor
) -> Columns:
    bars, who = len(ts), number + 1
    share = float(_generator(seed, who, "coin").uniform(*BETA_SHARE))
    own = _factor(bars, interval_ms, seed, who)
    usual = coin.volatility * np.sqrt(interval_ms / YEAR_MS)
    level = usual * np.array([regime.volatility for regime in REGIMES])[state]
    drift = np.array([regime.drift for regime in REGIMES])[state] * (interval_ms / YEAR_MS)
    returns = drift + level * (np.sqrt(share) * market.shock + np.sqrt(1.0 - share) * own.shock)
    scale = level * np.sqrt(share * market.scale**2 + (1.0 - share) * own.scale**2)
    tick = instrument.tick_size
    path = np.log(coin.price) + np.cumsum(returns)
    close = _to_grid(np.exp(path), instrument.tick)
    open_ = np.empty(bars)
    open_[0], open_[1:] = _to_grid(np.array([coin.price]), instrument.tick)[0], close[:-1]
    open_ += tick * _generator(seed, who, "gap").integers(-1, 2, bars)  # the first trade is at bid or ask of the last
    open_ = _to_grid(open_, instrument.tick)
    step = np.log(close / open_)
    top = _extreme(step, scale, _generator(seed, who, "upper"))
    bottom = _extreme(-step, scale, _generator(seed, who, "lower"))
    high = np.maximum(_to_grid(open_ * np.exp(top), instrument.tick), np.maximum(open_, close))
    low = np.minimum(_to_grid(open_ * np.exp(-bottom), instrument.tick), np.minimum(open_, close))
    volume = _volume(coin, instrument, who, ts, interval_ms, seed, returns / usual, close)
    return Columns(ts, open_, high, low, close, volume)


def _extreme(step: Floats, scale: Floats, rng: np.random.Generator) -> Floats:
    """Returns the maximum of a Brownian bridge from 0 to `step` with variance `scale`² (exact, by inversion)."""
    uniform = 1.0 - rng.random(len(step))  # (0, 1]: the logarithm exists
    return 0.5 * (step + np.sqrt(step**2 - 2.0 * scale**2 * np.log(uniform)))


def _volume(
    coin: Coin, instrument: Instrument, who: int, ts: Ints, interval_ms: int, seed: int, move: Floats, close: Floats
) -> Floats:
    """Returns volumes in coins: larger in bars that move (`move`: returns over their usual size), with memory and a daily cycle."""
    bars = len(ts)
    memory = _autoregression(_generator(seed, who, "flow"), bars, float(0.5 ** (interval_ms / DAY_MS)))
    noise = _generator(seed, who, "size").standard_normal(bars)
    day = 2.0 * np.pi * (ts % DAY_MS) / DAY_MS
    cycle = 0.25 * np.cos(day - 2.0 * np.pi * 15 / 24) if interval_ms < DAY_MS else 0.0  # busiest at 15:00 UTC
    log_size = 0.45 * memory + 0.3 * noise + 0.8 * np.log1p(np.abs(move)) + cycle - 0.6
    quantity = coin.turnover * (interval_ms / DAY_MS) * np.exp(log_size) / close
    return _to_grid(quantity, instrument.lot)


def _to_grid(values: Floats, step: Exact) -> Floats:
    """Returns values rounded to steps, at least one; as the nearest floats to the decimals, so that the grid is seen exactly."""
    steps = np.maximum(np.rint(values * (10.0 ** step[1] / step[0])), 1.0)
    return steps * step[0] / 10.0 ** step[1]


def perpetuals(market: Market) -> Market:
    """Returns the bars of a spot market as those of perpetuals (`BTC/USDT:USDT`), which can be sold short; ticks and lots stay."""
    assets = []
    for coin, columns in market:
        perpetual = make_instrument(coin.venue, coin.base, coin.quote, "linear")
        assets.append((replace(perpetual, tick=coin.tick, lot=coin.lot), columns))
    return Market.build(assets, market.interval_ms)
