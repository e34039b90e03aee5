"""Crisis windows: their days against the data, their figures against the run's frames."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from bot4.report.stats import compute
from bot4.report.tear import tear_sheet
from bot4.report.tear.crises import SPANS

from ..samples import DAY
from .curves import REAL, daily_run, garch


def day_ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


def test_spans_are_in_order_and_have_a_source():
    assert [span.last_high for span in SPANS] == sorted(span.last_high for span in SPANS)
    assert all(span.last_high < span.low and span.source for span in SPANS)
    months = {span.name[:7] for span in SPANS}
    assert {"2018-01", "2020-03", "2021-05", "2022-05", "2022-11", "2024-08"} <= months


def test_spans_run_from_the_highest_to_the_lowest_close_of_the_data():
    file = REAL / "binance-BTCUSDT-1h.parquet"
    if not file.exists():
        pytest.skip(f"no real bars at {file}; set BOT4_TEST_DATA")
    bars = pl.read_parquet(file).with_columns((pl.col("ts_ms") // DAY).alias("day"))
    closes = bars.group_by("day", maintain_order=True).agg(pl.col("close").last())
    covered = 0
    for span in SPANS:
        first, last = day_ms(span.last_high) // DAY, day_ms(span.low) // DAY
        inside = closes.filter(pl.col("day").is_between(first, last))["close"]
        if len(inside) == last - first + 1:
            covered += 1
            assert inside[0] == inside.max(), span.name
            assert inside[-1] == inside.min(), span.name
            assert inside[-1] / inside[0] < 0.91, f"{span.name}: a fall by less than 9 % is no crisis"
    assert covered == len([span for span in SPANS if span.low < date(2024, 12, 30)])


def run_over(first: date, last: date):
    """A run with a close for every day from `first` to `last`; the first is the base."""
    days = (last - first).days
    columns = daily_run(garch(days=days), garch(seed=2, days=days), start=day_ms(first) + DAY)
    return tear_sheet(columns, compute(columns))


def test_only_what_the_run_covers_wholly_is_shown():
    names = [row.name[:7] for row in run_over(date(2020, 1, 1), date(2021, 5, 22)).crises.rows]
    assert names == ["2020-03"]
    names = [row.name[:7] for row in run_over(date(2020, 3, 6), date(2021, 5, 23)).crises.rows]
    assert names == ["2020-03", "2021-05"], "both ends included"
    assert [row.name[:7] for row in run_over(date(2020, 3, 7), date(2021, 5, 23)).crises.rows] == ["2021-05"]
    assert run_over(date(2020, 4, 1), date(2020, 5, 1)).crises.rows == ()


def test_figures_are_those_of_the_days_between():
    found = run_over(date(2020, 1, 1), date(2020, 6, 1))
    (row,) = found.crises.rows
    first = (date(2020, 3, 6) - date(2020, 1, 1)).days
    days = found.series.equity[first : first + 7]
    assert (row.start_ms, row.end_ms) == (day_ms(date(2020, 3, 7)), day_ms(date(2020, 3, 13)))
    assert row.total == pytest.approx(days[-1] / days[0] - 1)
    assert row.max_drawdown == pytest.approx((days / np.maximum.accumulate(days)).min() - 1)
    others = found.series.benchmark[first : first + 7]
    assert row.benchmark == pytest.approx(others[-1] / others[0] - 1)
    assert row.mean_gross == 0.0
