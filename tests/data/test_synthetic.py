"""The synthetic market has the statistics of crypto, tested on three seeds, and is the same each time it is made."""

import time

import numpy as np
import pytest

from bot4.data import DataError, load, synth
from bot4.data.scan import bad_rows, decimals, spacing
from bot4.data.synthetic import COINS, REGIMES, _autoregression, _extreme, regimes
from tests.data.bars import real_bars

SEEDS = (7, 11, 2024)


@pytest.fixture(scope="module", params=SEEDS)
def market(request):
    return synth(seed=request.param)


def log_returns(market):
    return np.array([np.diff(np.log(columns.close)) for columns in market.columns])


def excess_kurtosis(x):
    d = x - x.mean()
    return float((d**4).mean() / (d**2).mean() ** 2 - 3)


def autocorrelation(x, lag):
    d = x - x.mean()
    return float((d[lag:] * d[:-lag]).mean() / (d**2).mean())


def test_bars_are_good_and_on_their_grid(market):
    for instrument, columns in market:
        assert columns.rows == 26_000
        assert bad_rows(columns) == []
        assert spacing(columns.ts).clean
        assert spacing(columns.ts).missing == 0
        assert decimals(columns.open, columns.high, columns.low, columns.close) == instrument.tick[1]
        assert decimals(columns.volume) == instrument.lot[1]
        assert columns.volume.min() > 0
        assert instrument.venue == "synth"


def test_tails_are_fat(market):
    for returns in log_returns(market):
        assert 4 < excess_kurtosis(returns) < 150


def test_volatility_clusters_and_decays_slowly(market):
    for returns in log_returns(market):
        memory = [autocorrelation(np.abs(returns), lag) for lag in (1, 24, 72, 168)]
        assert min(memory) > 0.02
        assert memory[0] > 0.1
        assert memory[0] > memory[1] > memory[3]
        assert memory[3] > memory[0] / 10, "slower than one exponential of the first lags"


def test_returns_themselves_do_not_repeat(market):
    for returns in log_returns(market):
        assert all(abs(autocorrelation(returns, lag)) < 0.04 for lag in (1, 2, 24))


def test_coins_move_together_but_not_alike(market):
    matrix = np.corrcoef(log_returns(market))
    pairs = matrix[np.triu_indices(len(matrix), 1)]
    assert pairs.min() > 0.25
    assert pairs.max() < 0.9


def test_volatility_is_about_what_the_coin_says(market):
    usual = {f"{coin.name}/USDT": coin.volatility for coin in COINS}
    for (instrument, _), returns in zip(market, log_returns(market), strict=True):
        annual = returns.std() * np.sqrt(365 * 24)
        assert 0.6 * usual[instrument.symbol] < annual < 1.6 * usual[instrument.symbol]


def test_ranges_fit_the_returns(market):
    """Parkinson (1980): E[(ln high/low)²] = 4·ln2·σ² for a Brownian bar."""
    for (_, columns), returns in zip(market, log_returns(market), strict=True):
        parkinson = np.sqrt((np.log(columns.high / columns.low) ** 2).mean() / (4 * np.log(2)))
        assert parkinson / returns.std() == pytest.approx(1.0, abs=0.1)


def test_volume_goes_with_moves(market):
    for (_, columns), returns in zip(market, log_returns(market), strict=True):
        assert np.corrcoef(np.log(columns.volume[1:]), np.abs(returns))[0, 1] > 0.15


def test_every_regime_is_there_and_leaves_its_mark():
    bars, hour = 26_000, 3_600_000
    drift: dict[str, list[float]] = {regime.name: [] for regime in REGIMES}
    spread: dict[str, list[float]] = {regime.name: [] for regime in REGIMES}
    for seed in SEEDS:
        path = regimes(bars, hour, seed)
        assert set(path.tolist()) == {0, 1, 2}
        changes = np.count_nonzero(np.diff(path))
        assert 8 < changes < 60, "stays of weeks, not hours"
        returns = log_returns(synth(seed=seed))
        for number, regime in enumerate(REGIMES):
            part = returns[:, path[1:] == number]
            drift[regime.name].append(float(part.mean()))
            spread[regime.name].append(float(part.std()))
    assert np.mean(drift["bull"]) > np.mean(drift["sideways"]) > np.mean(drift["bear"])
    assert np.mean(spread["bear"]) > np.mean(spread["bull"]) > np.mean(spread["sideways"])


def test_the_same_seed_makes_the_same_market():
    assert synth(bars=500).hash == synth(bars=500).hash
    assert synth(bars=500, seed=8).hash != synth(bars=500).hash


def test_more_bars_and_more_coins_leave_the_others_as_they_were():
    small, long, wide = synth(coins=3, bars=700), synth(coins=3, bars=1_500), synth(coins=14, bars=700)
    for symbol in small.symbols:
        assert long.frame(symbol)[:700].equals(small.frame(symbol))
        assert wide.frame(symbol).equals(small.frame(symbol))
    assert len(wide) == 14
    assert "COIN13/USDT" in wide.symbols


@pytest.mark.parametrize("interval", ["1m", "5m", "4h", "1d", "1w"])
def test_other_intervals_make_good_bars_too(interval):
    start = "2022-01-03" if interval == "1w" else "2022-01-01"
    market = synth(coins=2, bars=300, interval=interval, start=start)
    assert market.interval == interval
    assert all(bad_rows(columns) == [] for _, columns in market)


def test_the_process_of_volatility_is_the_textbooks():
    """The block recursion against a loop."""
    for persistence in (1e-6, 0.2, 0.95, 0.9999):
        got = _autoregression(np.random.default_rng(1), 2_000, persistence)
        noise = np.random.default_rng(1).standard_normal(2_001)
        y, expected = noise[0], []
        for e in noise[1:]:
            y = persistence * y + np.sqrt(1 - persistence**2) * e
            expected.append(y)
        assert got == pytest.approx(np.array(expected), rel=1e-9, abs=1e-9)


def test_extremes_are_those_of_a_simulated_bridge():
    rng = np.random.default_rng(3)
    step, scale, parts = 0.5, 1.0, 2_000
    walks = np.cumsum(rng.standard_normal((2_000, parts)) * scale / np.sqrt(parts), axis=1)
    times = np.arange(1, parts + 1) / parts
    bridges = walks - times * (walks[:, -1:] - step)
    simulated = np.maximum(bridges.max(axis=1), 0)
    drawn = _extreme(np.full(20_000, step), np.full(20_000, scale), rng)
    assert drawn.min() >= step
    assert drawn.mean() == pytest.approx(simulated.mean(), abs=0.04)
    assert drawn.std() == pytest.approx(simulated.std(), abs=0.04)


def test_a_market_is_made_quickly():
    times = []
    for _ in range(3):
        began = time.perf_counter()
        synth(coins=6, bars=26_000)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.5


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"coins": 0}, "coins is 0"),
        ({"coins": 1_000}, "coins is 1000"),
        ({"bars": 0}, "bars is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"interval": "2w"}, "longer than a week"),
        ({"start": "2022-01-01T00:30"}, "off the 1h grid"),
    ],
)
def test_numbers_that_make_no_market_are_refused(options, words):
    with pytest.raises(DataError, match=words):
        synth(**options)


def test_real_bitcoin_lies_in_the_same_ranges():
    market = load(real_bars() / "binance-BTCUSDT-1h.parquet", start="2022-01-01", end="2024-12-01")
    returns = log_returns(market)[0]
    assert 4 < excess_kurtosis(returns) < 150
    assert autocorrelation(np.abs(returns), 1) > 0.1
    assert autocorrelation(np.abs(returns), 168) > 0.02
    assert abs(autocorrelation(returns, 1)) < 0.04
