"""What people see: summary, HTML, chart, months, texts."""

from __future__ import annotations

import calendar
import itertools
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot4.report import chart, periods, text
from bot4.report.plots import spec
from bot4.report.sparkline import BRAILLE, DOTS, LEVELS, braille, sparkline
from bot4.report.stats import compute
from bot4.report.table import summary, summary_text
from bot4.report.view import RunView, caveats, sharpe_range

from .samples import DAY, HOUR, asset, run
from .test_stats import two_trades

START = 1_577_836_800_000  # 2020-01-01


def view(sample=None, **changes):
    sample = sample if sample is not None else two_trades()
    made = RunView(
        name="trend", doc="Long while rising.\n\nMore.", run=sample, stats=compute(sample), costs="fee 10 bp"
    )
    return replace(made, **changes)


def long_run(days=200, seed=1, symbols=("BTC/USDT",)):
    """Random equity over days of hours, with a trade every two days."""
    rng = np.random.default_rng(seed)
    count = days * 24
    assets = [
        asset(np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, count))), 2), start=START, symbol=s) for s in symbols
    ]
    equity = 1000 * np.exp(np.cumsum(rng.normal(1e-4, 0.004, count)))
    trades = [
        (
            0,
            1 if i % 2 else -1,
            START + i * 2 * DAY,
            START + i * 2 * DAY + DAY,
            1000,
            10**10,
            10**10,
            0,
            (i % 7 - 3) * 10**8,
            24,
            1,
        )
        for i in range(days // 2)
    ]
    return run(equity, ts=START + (np.arange(count) + 1) * HOUR, assets=assets, trades=trades)


# --- terminal -----------------------------------------------------------------------------------------------------------------


def test_the_summary_fits_eighty_columns_and_names_what_counts():
    shown = summary_text(view(params={"fast": 24}, notes=("Something is off.",), trials=(12, 7), warm_up_rows=1680))
    assert all(len(line) <= 80 for line in shown.splitlines())
    for part in (
        "trend · BTC/USDT · 1h",
        "fast=24",
        "buy & hold",
        "Sharpe",
        "Max drawdown",
        "Turnover",
        "Fees",
        "Spread",
        "Impact",
    ):
        assert part in shown
    assert "! Something is off." in shown
    assert "12 earlier runs (7 different)" in shown
    assert "first 1,680 bars" in shown
    assert "\x1b" not in shown, "plain text has no colour codes"


def test_the_summary_has_colour_on_a_terminal_and_the_same_words():
    from io import StringIO

    from rich.console import Console

    file = StringIO()
    console = Console(file=file, width=80, force_terminal=True, color_system="standard", highlight=False)
    console.print(summary(view()))
    coloured = file.getvalue()
    assert "\x1b[32m" in coloured
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == summary_text(view()).splitlines()


def test_a_run_without_numbers_shows_dashes():
    shown = summary_text(view(run([5.0, 5.0])))
    assert "nan" not in shown
    assert "–" in shown


def test_narrow_terminals_wrap_instead_of_losing_words():
    words = summary_text(view(), width=60).split()
    assert "hold" in words
    assert "luck" not in words, "a run this short has no Sharpe ratio to judge"


# --- words ----------------------------------------------------------------------------------------------------------------------


def test_caveats_name_period_costs_trials_warm_up_and_realism():
    sample = long_run(symbols=("BTC/USDT:USDT", "ETH/USDT:USDT"))
    said = caveats(
        view(sample, trials=(1, 1), warm_up_rows=10, realism_sentence="Fills are strict.", limits=["No liquidation."])
    )
    joined = " ".join(said)
    for part in (
        "200 days",
        "2 assets were chosen",
        "95 %",
        "fee 10 bp",
        "1 earlier run (1 different)",
        "first 10 bars",
        "Fills are strict. No liquidation.",
    ):
        assert part in joined.replace("\u00a0", " ")


def test_unknown_trials_are_not_called_the_first():
    assert any("not known" in said for said in caveats(view(trials=None)))
    assert any("first recorded try" in said for said in caveats(view(trials=(0, 0))))


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(0.1, "luck alone"), (5.0, "more than luck"), (-5.0, "worse than luck")]
)
def test_the_sharpe_interval_gets_a_verdict(ratio, verdict):
    base = view()
    judged = replace(base, stats=replace(base.stats, sharpe=ratio, sharpe_se=1.0))
    assert sharpe_range(judged.stats) == pytest.approx((ratio - 1.96, ratio + 1.96))
    assert any(verdict in said for said in caveats(judged))


def test_many_assets_are_counted_in_the_title():
    symbols = ("A/USDT", "B/USDT", "C/USDT", "D/USDT", "E/USDT")
    assert view(long_run(days=3, symbols=symbols)).title == "trend · 5 assets · 1h"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (text.percent(0.1234), "12.3 %"),
        (text.percent(-0.5, signed=True), "−50.0 %"),
        (text.percent(0.5, signed=True), "+50.0 %"),
        (text.percent(12.345), "1,234 %"),
        (text.percent(math.nan), "–"),
        (text.ratio(-1.239), "−1.24"),
        (text.ratio(-0.001), "0.00"),
        (text.percent(-0.00001), "0.0 %"),
        (text.ratio(math.inf), "–"),
        (text.amount(1234.5), "1,234"),
        (text.amount(-12.3, signed=True), "−12.30"),
        (text.amount(0.01234), "0.0123"),
        (text.amount(0.0), "0"),
        (text.amount(math.nan), "–"),
        (text.price(0.00001234), "0.00001234"),
        (text.price(43_210.5), "43,210.5"),
        (text.price(2.5e12), "2,500,000,000,000"),
        (text.price(math.nan), "–"),
        (text.count(1234567), "1,234,567"),
        (text.date(START), "2020-01-01"),
        (text.minute(START + HOUR), "2020-01-01 01:00"),
        (text.span(1.5), "36 hours"),
        (text.span(400), "400 days"),
        (text.span(1095), "3.0 years"),
        (text.plural(1, "trade"), "1 trade"),
        (text.plural(1200, "bar"), "1,200 bars"),
        (text.interval(DAY), "1d"),
        (text.interval(4 * HOUR), "4h"),
        (text.interval(90_000), "90s"),
        (text.interval(1500), "1500ms"),
    ],
)
def test_numbers_read_well(shown, expected):
    assert shown.replace("\u00a0", " ") == expected


# --- curves -----------------------------------------------------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 60))
def test_a_sparkline_ends_with_the_last_value_and_spans_all_levels(values, width):
    line = sparkline(np.array(values), width)
    assert len(line) == min(width, len(values))
    assert set(line) <= set(LEVELS)
    if len(values) <= width and max(values) > min(values):
        assert line[int(np.argmax(values))] == LEVELS[-1]
        assert line[int(np.argmin(values))] == LEVELS[0]


def test_flat_and_empty_sparklines():
    assert sparkline(np.full(9, 3.0), 5) == LEVELS[3] * 5
    assert sparkline(np.empty(0), 5) == ""
    assert sparkline(np.ones(3), 0) == ""


def dots(lines):
    """The set dots of braille lines as (column, height above the bottom)."""
    found = set()
    for line, cells in enumerate(lines):
        for at, cell in enumerate(cells):
            for column in range(2):
                for down in range(4):
                    if (ord(cell) - BRAILLE) & DOTS[column][down]:
                        found.add((2 * at + column, 4 * (len(lines) - line) - 1 - down))
    return found


@example([0.0, 2.225073858507203e-309], 1, 1)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 40), st.integers(1, 4))
def test_braille_keeps_the_extremes_and_draws_a_closed_line(values, width, height):
    lines = braille(np.array(values), width, height)
    assert [len(line) for line in lines] == [width] * height
    shown = dots(lines)
    columns = [sorted(level for column, level in shown if column == at) for at in range(2 * width)]
    assert all(columns), "no column without a dot"
    assert all(levels == list(range(levels[0], levels[-1] + 1)) for levels in columns), "no hole in a column"
    for one, other in itertools.pairwise(columns):
        assert other[0] <= one[-1] + 1
        assert one[0] <= other[-1] + 1
    if max(values) - min(values) > 1e-3:
        assert {level for _, level in shown} >= {0, 4 * height - 1}


def test_the_curve_names_its_extremes_and_days():
    sample = long_run()
    shown = summary_text(view(sample))
    high, low = (text.amount(float(value) * 1e-8) for value in (sample.equity.max(), sample.equity.min()))
    assert re.search(rf"high {re.escape(high)}  \d{{4}}-\d\d-\d\d", shown)
    assert re.search(rf"low  {re.escape(low)}  \d{{4}}-\d\d-\d\d", shown)
    assert re.search(r"^2020-01-01 +2020-07-19$", shown, re.MULTILINE)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=2000), st.integers(4, 200))
def test_thinning_keeps_ends_and_extremes_within_the_limit(values, most):
    array = np.array(values)
    kept = spec.thin(array, most)
    assert len(kept) <= most
    assert np.all(np.diff(kept) > 0)
    assert (kept[0], kept[-1]) == (0, len(array) - 1)
    assert array[kept].min() == array.min()
    assert array[kept].max() == array.max()


def test_thinning_a_long_line_uses_the_limit_well():
    assert 1_800 <= len(spec.thin(np.random.default_rng(1).normal(size=1_000_003))) <= spec.MOST_POINTS


def test_the_figure_has_equity_holding_and_both_drawdowns():
    sample = long_run(days=300)
    made = chart.figure(sample)
    names = [(trace["name"], trace["yaxis"]) for trace in made["data"]]
    lines = [("Buy & hold", "y"), ("Strategy", "y"), ("Buy & hold", "y2"), ("Strategy", "y2")]
    assert names == [*lines, ("BTC/USDT", "y3"), ("Bought", "y3"), ("Sold", "y3")]
    assert all(len(trace["x"]) == len(trace["y"]) <= chart.MAX_POINTS for trace in made["data"][:4])
    assert len(made["data"][4]["close"]) <= chart.MAX_CANDLES
    assert min(made["data"][3]["y"]) == pytest.approx(compute(sample).max_drawdown, rel=1e-6)
    assert made["data"][1]["y"][-1] == pytest.approx(compute(sample).final_equity, rel=1e-6)
    assert chart.drawdowns(np.empty(0)).size == 0


def test_the_chart_is_logarithmic_where_a_straight_scale_would_flatten_a_curve():
    flat, steep = np.array([100.0, 110.0]), np.array([100.0, 501.0])
    assert chart.scale(flat, flat) == "linear"
    assert chart.scale(flat, steep) == "log"
    assert chart.scale(flat, np.array([-1.0, 900.0])) == "linear", "a logarithm cannot show ruin"
    assert chart.scale(np.empty(0), np.empty(0)) == "linear"
    steady = chart.figure(long_run(days=3))
    assert steady["layout"]["yaxis"]["type"] == "linear"
    soaring = run(np.linspace(100, 900, 50), cash=100)
    assert chart.figure(soaring)["layout"]["yaxis"]["type"] == "log"


# --- months and assets ------------------------------------------------------------------------------------------------------------


def test_months_compound_to_the_year_and_to_the_whole():
    sample = long_run(days=500)
    years = periods.monthly_returns(sample.equity_ts, sample.equity)
    assert [row.year for row in years] == [2020, 2021]
    assert math.prod(1 + row.total for row in years) - 1 == pytest.approx(compute(sample).total_return)
    assert years[0].total == pytest.approx(math.prod(1 + month for month in years[0].months) - 1)
    assert sum(math.isnan(month) for month in years[1].months) == 12 - 5, "day 500 is the 14th of May 2021"


def test_a_month_ends_with_its_last_midnight():
    """Equity doubles with the mark at midnight of the 1st of February: that is January's return."""
    days = calendar.monthrange(2020, 1)[1]
    ts = START + np.arange(1, days + 3) * DAY
    equity = np.where(np.arange(len(ts)) >= days - 1, 2.0, 1.0)
    (row,) = periods.monthly_returns(ts, equity)
    assert row.months[:2] == (1.0, 0.0)


def test_too_short_a_run_has_no_months():
    assert periods.monthly_returns(np.array([START]), np.array([1.0])) == []


def test_assets_add_up_to_the_profit():
    (row,) = periods.by_asset(two_trades())
    bought, sold, again = 1 * 100.02, 1 * 109.98, 0.5 * 120.03
    assert row.pnl == pytest.approx(sold - bought - again + 0.5 * 130 - 0.270015)
    assert (row.trades, row.win_rate, row.open_value) == (1, 1.0, 65.0)
    assert row.price_return == pytest.approx(130 / 100 - 1)


def test_an_asset_that_was_never_traded_is_listed():
    late = asset([5.0], symbol="ETH/USDT", first_decision=HOUR)
    sample = run([1.0, 1.0, 1.0], assets=[asset([1.0, 1.0, 1.0], first_decision=2 * HOUR), late])
    row = periods.by_asset(sample)[1]
    assert (row.symbol, row.pnl, row.trades) == ("ETH/USDT", 0.0, 0)
    assert math.isnan(row.price_return), "its bars end before the first decision"
