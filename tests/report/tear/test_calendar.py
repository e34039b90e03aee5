"""Periods, weekdays and hours against pandas' calendar and hand-made runs."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.report.stats import compute
from bot4.report.tear import tear_sheet
from bot4.report.tear.calendar import months_before, period_keys

from ..samples import DAY, HOUR, run
from .curves import START, daily_run, exact_returns, garch, sheet

pd = pytest.importorskip("pandas")
RULES = {"week": "W-SUN", "month": "ME", "quarter": "QE", "year": "YE"}


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize("days", [5, 800])
def test_periods_are_those_of_pandas(days):
    found = sheet(garch(days=days), garch(seed=2, days=days))
    index = pd.date_range(pd.Timestamp(START, unit="ms"), periods=days, freq="D")
    for name, rule in RULES.items():
        period = next(one for one in found.calendar.periods if one.name == name)
        for values, own in (
            (exact_returns(found), period.returns),
            (found.series.benchmark_returns, period.benchmark_returns),
        ):
            grown = (1 + pd.Series(values, index=index)).resample(rule).prod() - 1
            assert own == pytest.approx(grown.to_numpy()), name
        assert period.win_rate == pytest.approx((period.returns > 0).mean())
        assert period.best == period.returns.max()
        assert period.best_ms == period.ends[int(np.argmax(period.returns))]
        assert period.wins + period.draws + period.losses == len(period.returns)


@given(st.integers(0, 40_000))
def test_keys_are_those_of_the_calendar(day):
    when = date.fromordinal(date(1970, 1, 1).toordinal() + day)
    keys = {name: int(values[0]) for name, values in period_keys(np.array([day])).items()}
    assert keys["month"] == (when.year - 1970) * 12 + when.month - 1
    assert keys["quarter"] == (when.year - 1970) * 4 + (when.month - 1) // 3
    assert keys["year"] == when.year - 1970
    monday = np.array([day - when.weekday(), day - when.weekday() + 6, day - when.weekday() - 1])
    assert period_keys(monday)["week"].tolist() == [keys["week"], keys["week"], keys["week"] - 1]


def test_weekdays_and_months_are_those_of_the_day_that_ends():
    found = sheet(garch(days=400))
    index = pd.date_range(pd.Timestamp(START, unit="ms"), periods=400, freq="D")
    by_day = pd.Series(exact_returns(found), index=index).groupby(index.day_of_week)
    for bucket, (_, group) in zip(found.calendar.weekdays, by_day, strict=True):
        assert (bucket.count, bucket.mean, bucket.total) == pytest.approx((len(group), group.mean(), group.sum()))
        assert bucket.error == pytest.approx(group.sem())
    assert [bucket.label for bucket in found.calendar.weekdays][:2] == ["Mon", "Tue"]
    assert [bucket.count for bucket in found.calendar.months] == [2, 2] + [1] * 10


def test_hours_take_the_last_mark_of_each_hour():
    """Half-hour marks: the return from 10:00 to 11:00 belongs to hour 10, whatever 10:30 was."""
    equity = [100.0, 105.0, 110.0, 90.0, 99.0]
    ts = ms("2021-03-01T10:00") + np.arange(5) * HOUR // 2
    columns = run(equity, ts=ts, interval=HOUR // 2)
    hours = tear_sheet(columns, compute(columns)).calendar.hours
    assert (hours[10].count, hours[11].count) == (1, 1)
    assert (hours[10].mean, hours[11].mean) == pytest.approx((0.10, -0.10))
    assert sum(hour.count for hour in hours) == 2
    assert len(sheet(garch(days=30)).calendar.hours) == 0, "daily bars have no hours"


def test_trailing_returns_start_at_the_close_of_their_date():
    returns = garch(days=800)  # ends with the close of 2021-03-10
    found = sheet(returns)
    wealth = pd.Series(np.cumprod(1 + exact_returns(found)), index=pd.date_range("2019-01-01", periods=800, freq="D"))
    since = {"MTD": "2021-02-28", "3M": "2020-12-10", "6M": "2020-09-10", "YTD": "2020-12-31", "1Y": "2020-03-10"}
    rows = {row.label: row for row in found.calendar.trailing}
    for label, day in since.items():
        assert rows[label].total == pytest.approx(wealth.iloc[-1] / wealth[day] - 1), label
    assert all(math.isnan(rows[label].total) for label in ("3Y", "5Y", "10Y"))
    assert rows["All"].total == pytest.approx(found.stats.total_return)


def test_long_trailing_returns_are_annual():
    returns = garch(days=1_200)
    found = sheet(returns)
    row = next(row for row in found.calendar.trailing if row.label == "3Y")
    days = (date(2022, 4, 14) - date(2019, 4, 14)).days
    assert row.total == pytest.approx(np.prod(1 + exact_returns(found)[-days:]) ** (365 / days) - 1)


def test_months_before_keep_to_the_month():
    assert months_before(date(2021, 3, 31), 1) == date(2021, 2, 28)
    assert months_before(date(2020, 2, 29), 12) == date(2019, 2, 28)
    assert months_before(date(2021, 1, 15), 3) == date(2020, 10, 15)
    assert months_before(date(2021, 12, 31), 12) == date(2020, 12, 31)


def test_a_gap_of_days_gives_days_of_zero():
    """Marks on 1 and 4 January: two days stand still, the third has the whole return."""
    ts = [ms("2021-01-01T12:00"), ms("2021-01-02T00:00"), ms("2021-01-05T00:00")]
    columns = run([100.0, 101.0, 99.0], ts=ts)
    day = tear_sheet(columns, compute(columns)).calendar.periods[0]
    assert day.returns == pytest.approx([0.01, 0.0, 0.0, 99 / 101 - 1])
    assert (day.wins, day.draws, day.losses) == (1, 2, 1)


def test_years_compound_their_months():
    found = sheet(garch(days=800))
    for row in found.calendar.years + found.calendar.benchmark_years:
        assert row.total == pytest.approx(np.nanprod(1 + np.array(row.months)) - 1)
    assert daily_run(garch(days=3)).first_decision_ms == START
    assert DAY == 24 * HOUR
