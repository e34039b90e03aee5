"""The benchmark's market: seeded, on its grid, and the same from the start whatever its length."""

import dataclasses

import numpy as np
import pytest

from benchmarks.market import BLOCK_ROWS, INTERVAL_MS, make_bars, make_universe


def test_a_longer_market_starts_with_the_shorter_one() -> None:
    short, long = make_bars(BLOCK_ROWS + 7), make_bars(2 * BLOCK_ROWS + 1)
    for field in dataclasses.fields(short):
        np.testing.assert_array_equal(getattr(short, field.name), getattr(long, field.name)[: len(short)])


def test_bars_are_consistent_and_without_gaps() -> None:
    bars = make_bars(BLOCK_ROWS + 1000)
    assert np.all(np.diff(bars.ts) == INTERVAL_MS)
    assert np.all(bars.high >= np.maximum(bars.open, bars.close))
    assert np.all(bars.low <= np.minimum(bars.open, bars.close))
    assert np.all(bars.low > 0)
    assert np.all(bars.volume > 0)
    np.testing.assert_array_equal(bars.open[1:], bars.close[:-1])


def test_prices_have_two_decimals_and_volumes_five() -> None:
    bars = make_bars(5_000)
    for prices in (bars.open, bars.high, bars.low, bars.close):
        assert all(float(f"{price:.2f}") == price for price in prices[:1000])
    assert all(float(f"{volume:.5f}") == volume for volume in bars.volume[:1000])


def test_another_seed_is_another_market_of_the_same_volatility() -> None:
    first, second = make_bars(50_000), make_bars(50_000, seed=1)
    assert not np.array_equal(first.close, second.close)
    for bars in (first, second):
        assert np.std(np.diff(np.log(bars.close))) == pytest.approx(5e-4, rel=0.02)


def test_a_market_without_bars_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one bar"):
        make_bars(0)


def test_a_universe_is_on_one_clock_and_of_different_markets() -> None:
    universe = make_universe(3, 500, interval_ms=3_600_000)
    for bars in universe:
        np.testing.assert_array_equal(bars.ts, universe[0].ts)
        assert np.all(np.diff(bars.ts) == 3_600_000)
    returns = np.array([np.diff(np.log(bars.close)) for bars in universe])
    assert np.abs(np.corrcoef(returns)[np.triu_indices(3, 1)]).max() < 0.2
    with pytest.raises(ValueError, match="at least one"):
        make_universe(0, 500, interval_ms=3_600_000)
