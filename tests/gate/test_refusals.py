"""What nothing can be computed from is refused with one sentence that names what, where and the fix."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from bot4.gate import stats
from bot4.gate.errors import GateError
from bot4.gate.stats.catalogue import ALIASES, STATISTICS, find, meanings

GOOD = np.random.default_rng(1).normal(size=400) * 0.01
TABLE = np.random.default_rng(2).normal(size=(400, 3)) * 0.01
NEEDED = {"deflated_sharpe": {"trials": 5}, "min_backtest_length": {"trials": 5}}


def arguments(name, values):
    """Returns the arguments of a statistic with these values as its first."""
    roles = STATISTICS[name].series
    return [] if not roles else [values, *([-0.02, -0.03][: len(roles) - 1])]


def table_or_series(name):
    return TABLE if STATISTICS[name].is_table else GOOD


@pytest.mark.parametrize("name", STATISTICS)
def test_every_statistic_computes_something_finite_with_a_meaning(name):
    values = np.abs(GOOD) if STATISTICS[name].series == ("p-values",) else table_or_series(name)
    result = STATISTICS[name].call(*arguments(name, values), **NEEDED.get(name, {}))
    assert type(result) is STATISTICS[name].result
    assert set(meanings(type(result))) == set(vars(result))
    numbers = [value for value in vars(result).values() if isinstance(value, float)]
    assert numbers or name == "stepm"
    assert np.isfinite([value for value in numbers if value == value]).all()


WITH_SERIES = [name for name, one in STATISTICS.items() if one.series]


@pytest.mark.parametrize("name", WITH_SERIES)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda v: np.where(np.arange(len(v)).reshape(-1, *[1] * (v.ndim - 1)) == 7, np.nan, v), r"row 8 \(NaN\)"),
        (lambda v: np.where(np.arange(len(v)).reshape(-1, *[1] * (v.ndim - 1)) == 9, np.inf, v), r"row 10 \(infinite"),
        (lambda v: v[:0], "has 0 values; this statistic needs at least"),
        (lambda v: np.array(["a"] * len(v)), "no number"),
        (lambda v: np.zeros((4, 4, 4)), "dimensions"),
    ],
)
def test_bad_values_are_refused_by_every_statistic(name, spoil, said):
    with pytest.raises(GateError, match=said) as caught:
        STATISTICS[name].call(*arguments(name, spoil(table_or_series(name))), **NEEDED.get(name, {}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", [name for name in WITH_SERIES if STATISTICS[name].series != ("p-values",)])
def test_a_constant_is_refused_by_every_statistic_that_needs_variation(name):
    values = np.full_like(table_or_series(name), 0.1)
    with pytest.raises(GateError, match=r"0\.1 throughout"):
        STATISTICS[name].call(*arguments(name, values), **NEEDED.get(name, {}))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: stats.adf(GOOD[:19]), "has 19 values; this statistic needs at least 20"),
        (lambda: stats.garch(GOOD[:50]), "needs at least 100"),
        (lambda: stats.ljung_box(GOOD[:20], lags=10), "needs at least 22"),
        (lambda: stats.ljung_box(GOOD, lags=0), "lags is 0; give it 1 or more"),
        (lambda: stats.ljung_box(GOOD, lags=3, fitted=3), "more lags than fitted"),
        (lambda: stats.adf(GOOD, lags=300), "lags is 300 for 400 values; give a number from 0 to 199"),
        (lambda: stats.adf(GOOD, trend="x"), "trend is 'x'; it is one of n, c, ct"),
        (lambda: stats.kpss(GOOD, trend="n"), "one of c, ct"),
        (lambda: stats.garch(GOOD, distribution="cauchy"), "one of normal, t, skewt, ged"),
        (lambda: stats.garch(GOOD).coefficient("gamma"), "one of mu, omega, alpha, beta"),
        (lambda: stats.dcc(GOOD), "has 1 series; this statistic needs at least 2"),
        (lambda: stats.dcc(np.column_stack([GOOD, 2 * GOOD])), "series 1 and 2 are copies"),
        (lambda: stats.cscv(TABLE, blocks=7), "blocks is 7; give an even number from 2 to 20"),
        (lambda: stats.cscv(TABLE[:20], blocks=16), "has 20 values; this statistic needs at least 32"),
        (lambda: stats.kupiec(GOOD, 0.02), "give it below 0"),
        (lambda: stats.kupiec(GOOD, -0.02 * np.ones(7)), "differ in length"),
        (lambda: stats.kupiec(GOOD, -0.02, level=99), "level is 99; give it a value between 0 and 1"),
        (lambda: stats.expected_shortfall(GOOD, -0.03, -0.02), "the shortfall is the lower one"),
        (lambda: stats.holm([0.1, 1.2]), "p-value 2 is 1.2"),
        (lambda: stats.spa(TABLE, TABLE[:, 1]), "series 2 is the benchmark itself"),
        (lambda: stats.spa(TABLE, block=300), "give a length from 1 to 200"),
        (lambda: stats.spa(TABLE, TABLE[:9, 1]), "needs at least 50"),
        (lambda: stats.bootstrap(GOOD, statistic="mode"), "one of mean, median"),
        (lambda: stats.bootstrap(GOOD, resamples=3), "resamples is 3; give it 100 or more"),
        (lambda: stats.min_backtest_length(trials=0), "trials is 0; give it 1 or more"),
        (lambda: stats.dfa(GOOD, smallest=150), "windows go from 150 to 100"),
        (lambda: stats.dfa(GOOD, smallest=10, largest=12), "3 lengths; a slope needs at least 4"),
    ],
)
def test_settings_that_do_not_fit_are_refused(call, said):
    with pytest.raises(GateError, match=said):
        call()


@pytest.mark.parametrize(
    ("asked", "said"),
    [("adff", "did you mean adf"), ("jarque", "did you mean jarque_bera"), ("zzzz", "--list")],
)
def test_an_unknown_name_is_answered_with_the_nearest(asked, said):
    with pytest.raises(GateError, match=said):
        find(asked)


def test_short_names_and_dashes_are_understood():
    assert find("PSR") is find("probabilistic-sharpe")
    assert {find(short).name for short in ALIASES} == set(ALIASES.values())


@pytest.mark.parametrize("name", [name for name, one in STATISTICS.items() if one.needs_extra])
def test_without_the_extra_the_sentence_names_the_command(name, monkeypatch):
    for module in [*sys.modules]:
        if module.partition(".")[0] in ("arch", "statsmodels", "scipy"):
            monkeypatch.delitem(sys.modules, module)
    for module in ("arch", "statsmodels", "scipy"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(GateError, match=r'not installed; run: pip install "bot4\[gate\]"'):
        STATISTICS[name].call(*arguments(name, table_or_series(name)), **NEEDED.get(name, {}))


@pytest.mark.parametrize("name", [name for name, one in STATISTICS.items() if not one.needs_extra])
def test_the_others_need_no_extra(name, monkeypatch):
    for module in ("arch", "statsmodels", "scipy"):
        monkeypatch.setitem(sys.modules, module, None)
    values = np.abs(GOOD) if STATISTICS[name].series == ("p-values",) else table_or_series(name)
    assert STATISTICS[name].call(*arguments(name, values), **NEEDED.get(name, {})) is not None


def test_importing_the_statistics_loads_no_extra():
    code = "import sys, bot4; bot4.stats; print([m for m in ('arch', 'statsmodels', 'scipy', 'pandas') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_every_statistic_is_in_the_catalogue_and_public():
    assert {name for name in stats.__all__ if name not in ("GateError", "expected_maximum")} == set(STATISTICS)
    assert all(getattr(stats, name) is one.call for name, one in STATISTICS.items())
