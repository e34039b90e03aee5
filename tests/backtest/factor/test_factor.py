"""Factor tools against pandas and SciPy, against signals whose strength is known, and their errors against simulation."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import stats

import bot4 as b4
from bot4.backtest import factor
from bot4.backtest.errors import BacktestError
from bot4.backtest.factor import panel
from bot4.backtest.factor.overlap import mean_error
from bot4.backtest.factor.ranks import buckets, buckets_of_the_past, correlations, rank_correlations, ranks
from tests.backtest.markets import HOUR, START, market, walk

COINS = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG")


def many(rows=300, holes=True):
    """Seven assets, some of them listed later, with bars missing."""
    found = {}
    for number, coin in enumerate(COINS):
        bars = walk(rows, seed=number + 10)
        if holes:
            kept = np.random.default_rng(number).random(rows) > 0.03
            kept[: number * 10] = False
            bars = bars.filter(pl.Series(kept))
        found[f"{coin}/USDT"] = bars
    return b4.load(found)


def frames(data, lag=5):
    """Values and forward returns as pandas has them, on the union of all times."""
    value, opens, closes = {}, {}, {}
    for instrument, bars in data:
        index = pd.Index(bars.ts)
        close = pd.Series(bars.close, index)
        value[instrument.symbol] = close / close.shift(lag) - 1
        opens[instrument.symbol], closes[instrument.symbol] = pd.Series(bars.open, index), close
    times = sorted(set().union(*(s.index for s in value.values())))
    return tuple(pd.DataFrame(part).reindex(times) for part in (value, opens, closes))


def ic(*words, **options):
    return factor.ic(*words, **options)


def quantiles(*words, **options):
    return factor.quantiles(*words, **options)


def turnover(*words, **options):
    return factor.turnover(*words, **options)


MOMENTUM = b4.market().close.returns(5)


# --- against pandas and SciPy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", ["open", "close"])
@pytest.mark.parametrize("horizon", [1, 6])
def test_the_coefficient_across_assets_is_that_of_pandas(horizon, price):
    data = many()
    value, opens, closes = frames(data)
    levels = opens.shift(-1) if price == "open" else closes
    forward = levels.shift(-horizon) / levels - 1
    found = ic(MOMENTUM, data, horizon=horizon, price=price)
    row = found.frame.row(0, named=True)
    for method in ("spearman", "pearson"):
        each = []
        for time in value.index:
            both = pd.concat([value.loc[time], forward.loc[time]], axis=1).dropna()
            if len(both) >= 3:
                each.append(both.corr(method=method).iloc[0, 1])
        assert row[method] == pytest.approx(np.nanmean(each), abs=1e-12)
        assert row["count"] == len(each)
    series = found.series[str(horizon)].drop_nulls()
    assert row["ir"] == pytest.approx(series.mean() / series.std())


def test_the_coefficient_over_time_is_scipys():
    data = many(holes=False)
    value, opens, _ = frames(data)
    forward = opens.shift(-4) / opens.shift(-1) - 1
    found = ic(MOMENTUM, data, horizon=3, across="time").frame
    for symbol in data.symbols:
        both = pd.concat([value[symbol], forward[symbol]], axis=1).dropna()
        row = found.filter(pl.col("symbol") == symbol).row(0, named=True)
        assert row["spearman"] == pytest.approx(stats.spearmanr(both.iloc[:, 0], both.iloc[:, 1]).statistic)
        assert row["pearson"] == pytest.approx(stats.pearsonr(both.iloc[:, 0], both.iloc[:, 1]).statistic)
        assert row["count"] == len(both)


def test_returns_by_quantile_are_those_of_pandas():
    data, q = many(holes=False), 3
    value, opens, _ = frames(data)
    forward = opens.shift(-3) / opens.shift(-1) - 1
    place = value.rank(axis=1, method="first").sub(1).mul(q).floordiv(value.count(axis=1), axis=0)
    excess = forward.sub(forward.where(place.notna()).mean(axis=1), axis=0)
    wanted = [excess.where(place == at).mean(axis=1).mean() for at in range(q)]
    found = quantiles(MOMENTUM, data, q=q, horizon=2)
    assert found.frame["mean"].to_list() == pytest.approx(wanted)
    assert found.frame["count"].to_list() == [int((place == at).sum().sum()) for at in range(q)]
    spread = (excess.where(place == q - 1).mean(axis=1) - excess.where(place == 0).mean(axis=1)).mean()
    assert found.spread["mean"][0] == pytest.approx(spread)
    plain = quantiles(MOMENTUM, data, q=q, horizon=2, demeaned=False).frame["mean"]
    assert plain.to_list() == pytest.approx([forward.where(place == at).mean(axis=1).mean() for at in range(q)])


def test_turnover_is_that_of_sets_and_ranks():
    data, q, period = many(holes=False), 3, 4
    value, _, _ = frames(data)
    place = value.rank(axis=1, method="first").sub(1).mul(q).floordiv(value.count(axis=1), axis=0)
    row = turnover(MOMENTUM, data, q=q, period=period).frame.row(0, named=True)
    for at in range(q):
        shares = []
        for now, then in zip(place.index[5 + period :], place.index[5:], strict=False):
            mine, before = (set(place.columns[place.loc[time] == at]) for time in (now, then))
            shares.append(len(mine - before) / len(mine))
        assert row[f"turnover_{at + 1}"] == pytest.approx(np.mean(shares))
    pairs = zip(value.index[5 + period :], value.index[5:], strict=False)
    wanted = np.mean([stats.spearmanr(value.loc[now], value.loc[then]).statistic for now, then in pairs])
    assert row["rank_autocorrelation"] == pytest.approx(wanted)


@pytest.mark.parametrize("seed", range(5))
def test_ranks_and_correlations_are_scipys_with_ties_and_holes(seed):
    draw = np.random.default_rng(seed)
    x, y = (np.round(draw.normal(size=(40, 9)), 0) for _ in range(2))
    x[draw.random(x.shape) < 0.2] = np.nan
    assert ranks(x) == pytest.approx(stats.rankdata(x, axis=1, nan_policy="omit"), nan_ok=True)
    for row, (by_size, by_rank) in enumerate(zip(correlations(x, y, 3), rank_correlations(x, y, 3), strict=True)):
        both = ~np.isnan(x[row])
        a, b = x[row][both], y[row][both]
        if len(a) < 3 or len(set(a)) == 1 or len(set(b)) == 1:
            assert math.isnan(by_size)
            continue
        assert by_size == pytest.approx(stats.pearsonr(a, b).statistic)
        assert by_rank == pytest.approx(stats.spearmanr(a, b).statistic)


def test_buckets_are_those_of_the_language():
    data = many(holes=False)
    found = b4.peek(b4.market().close.returns(5).cs.bucket(3), data)
    mine = buckets(panel.panel_of(MOMENTUM, data).values, 3)
    for place, symbol in enumerate(data.symbols):
        wanted = found.filter(pl.col("symbol") == symbol)["value"].fill_null(-1).to_list()
        assert mine[:, place].tolist() == wanted


# --- nothing looks ahead --------------------------------------------------------------------------------------------------------


def test_a_later_bar_changes_no_earlier_quantile():
    draw = np.random.default_rng(3)
    values = draw.normal(size=(400, 2))
    whole = buckets_of_the_past(values, 4, 60)
    for stop in (80, 200, 399):
        assert (buckets_of_the_past(values[:stop], 4, 60) == whole[:stop]).all()
    assert set(whole[:59].ravel()) == {-1}
    shares = np.bincount(whole[60:].ravel(), minlength=4) / (whole[60:] >= 0).sum()
    assert shares == pytest.approx([0.25] * 4, abs=0.06)


def test_a_forward_return_begins_at_the_open_after_the_value_is_known():
    data = market(walk(50, 1))
    made = panel.panel_of(b4.market().close, data)
    bars = data.columns[0]
    forward = made.forward(3)
    assert forward[10, 0] == bars.open[14] / bars.open[11] - 1
    assert made.known_at[10] == bars.ts[11]
    assert np.isnan(forward[-4:, 0]).all()
    assert not np.isnan(forward[-5, 0])
    assert made.forward(3, "close")[10, 0] == bars.close[13] / bars.close[10] - 1


# --- signals of known strength ----------------------------------------------------------------------------------------------------


def planted(strength, rows=1_500, coins=12, seed=5):
    """A market whose next open-to-open return correlates with the volume of the bar by `strength`."""
    draw = np.random.default_rng(seed)
    found = {}
    for coin in range(coins):
        signal, noise = draw.normal(size=rows), draw.normal(size=rows)
        steps = np.zeros(rows)
        steps[2:] = 0.01 * (
            strength * signal[:-2] + math.sqrt(1 - strength**2) * noise[:-2]
        )  # the open after next over the next
        opens = 100 * np.cumprod(1 + steps)
        found[f"C{coin:02d}/USDT"] = pl.DataFrame(
            {
                "ts": START + np.arange(rows, dtype=np.int64) * HOUR,
                "open": opens,
                "high": opens * 1.001,
                "low": opens * 0.999,
                "close": opens,
                "volume": np.round(np.exp(signal) * 1e4, 3),
            }
        )
    return b4.load(found)


@pytest.mark.parametrize("strength", [0.0, 0.1, 0.5])
def test_a_planted_signal_is_found_with_its_strength(strength):
    found = ic(b4.market().volume.log(), planted(strength), horizon=[1, 2, 3]).frame
    one = found.row(0, named=True)
    # Sample correlations of 12 pairs fall short by about ρ(1 − ρ²)/(2·12); Spearman's of normal values is 6/π·asin(ρ/2).
    bias = strength * (1 - strength**2) / 24
    assert one["pearson"] == pytest.approx(strength - bias, abs=4 * one["pearson_se"] + 1e-9)
    assert abs(one["spearman"] - 6 / math.pi * math.asin(strength / 2)) < 4 * one["spearman_se"] + bias + 0.01
    if strength:
        assert one["pearson_t"] > 5
        two, three = found["pearson"][1], found["pearson"][2]
        assert two / one["pearson"] == pytest.approx(1 / math.sqrt(2), abs=0.1)  # it says nothing of later bars
        assert three < two < one["pearson"]
    by_quantile = quantiles(b4.market().volume.log(), planted(strength), q=4, horizon=1)
    assert (by_quantile.spread["t"][0] > 5) == (strength > 0)
    if strength:
        assert by_quantile.spread["monotonicity"][0] == 1.0


# --- errors ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("horizon", [1, 5, 20])
def test_errors_cover_the_truth_where_terms_overlap(horizon):
    """Sums over h independent terms, begun at every term: the mean is known, and 95 % of intervals hold it."""
    draw = np.random.default_rng(horizon)
    runs, count, inside, naive = 600, 1_500, 0, 0
    for _ in range(runs):
        terms = np.convolve(draw.standard_t(5, count), np.ones(horizon), mode="valid")
        mean = terms.mean()
        inside += abs(mean) < 1.96 * mean_error(terms, horizon)
        naive += abs(mean) < 1.96 * terms.std() / math.sqrt(len(terms))
    assert 0.92 < inside / runs < 0.975
    if horizon > 1:
        assert naive / runs < 0.75


def test_without_overlap_the_error_is_that_of_a_mean():
    terms = np.random.default_rng(1).normal(size=200)
    assert mean_error(terms, 1) == pytest.approx(terms.std(ddof=1) / math.sqrt(200), rel=1e-3)
    holed = terms.copy()
    holed[50:60] = np.nan
    assert mean_error(holed, 1) == pytest.approx(np.nanstd(holed, ddof=1) / math.sqrt(190), rel=1e-3)
    assert math.isnan(mean_error(terms[:5], 2))
    assert mean_error(np.tile([1.0, -1.0], 50), 2) >= 0  # covariances that cancel


def test_the_error_over_time_covers_a_correlation_of_nought():
    draw = np.random.default_rng(9)
    from bot4.backtest.factor.information import _correlation

    inside = 0
    for _ in range(300):
        steps = draw.normal(size=1_206)
        forward = np.convolve(steps, np.ones(6), mode="valid")[:1_200]
        signal = np.convolve(draw.normal(size=1_219), np.ones(20), mode="valid")  # persistent, and of no use
        value, error = _correlation(signal, forward, 6)
        inside += abs(value) < 1.96 * error
    assert 0.91 < inside / 300 < 0.98


# --- as a user calls them -----------------------------------------------------------------------------------------------------------


def test_methods_of_expressions_lead_to_the_tools():
    data = many(holes=False)
    x = b4.market().close.returns(5)
    assert x.ic(data, horizon=2).frame.equals(ic(MOMENTUM, data, horizon=2).frame)
    assert x.quantiles(data, q=3, horizon=2).frame.equals(quantiles(MOMENTUM, data, q=3, horizon=2).frame)
    assert x.turnover(data, q=3).frame.equals(turnover(MOMENTUM, data, q=3).frame)
    later = x.ic(data, horizon=2, start="2020-01-03")
    assert later.frame["count"][0] == ic(MOMENTUM, data, horizon=2).frame["count"][0] - 48 + 6
    for found in (x.ic(data, horizon="2h"), x.quantiles(data, horizon="2h"), x.turnover(data)):
        assert str(found).startswith("returns(close, 5): ")


def test_a_plot_shows_price_and_value_together_or_apart():
    data = many(holes=False)
    average = b4.market().close.ema(5).plot(data, symbol="CCC/USDT").to_dict()
    assert [trace["yaxis"] for trace in average["data"]] == ["y", "y"]
    rsi = b4.market().close.rsi(5).plot(data).to_dict()
    assert [trace["yaxis"] for trace in rsi["data"]] == ["y", "y2"]
    assert rsi["data"][1]["name"] == "rsi(close, 5)"
    assert len(rsi["data"][1]["x"]) == 295
    assert rsi["layout"]["title"]["text"] == "rsi(close, 5) · AAA/USDT"


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda x, d: x.ic(d, horizon=0),
            "the horizon 0 is not a number of bars of 1h; give 24, or a multiple such as 1d.",
        ),
        (lambda x, d: x.ic(d, horizon="90m"), "the horizon '90m' is not a number of bars of 1h"),
        (lambda x, d: x.ic(d, horizon=[]), "no horizon was given"),
        (lambda x, d: x.ic(d, across="space"), 'across is \'space\'; it is "assets" or "time".'),
        (lambda x, d: x.quantiles(d, q=1), "q is 1; the number of quantiles is 2 or more."),
        (lambda x, d: x.quantiles(d, q=8), "q is 8, and there are 7 assets; use fewer quantiles."),
        (lambda x, d: x.plot(d, symbol="ZZZ"), "the data hold no 'ZZZ'; they hold AAA/USDT"),
    ],
)
def test_what_cannot_be_computed_is_one_sentence(call, sentence):
    with pytest.raises(BacktestError) as refused:
        call(MOMENTUM, many(50, holes=False))
    assert sentence in str(refused.value)


def test_two_assets_are_no_cross_section():
    two = market(walk(200, 1), walk(200, 2))
    assert ic(MOMENTUM, two, horizon=1).across == "time"
    with pytest.raises(BacktestError, match="needs 3 assets or more, and there are 2"):
        ic(MOMENTUM, two, horizon=1, across="assets")
    with pytest.raises(BacktestError, match="several expressions"):
        ic([MOMENTUM, b4.market().close], two)
