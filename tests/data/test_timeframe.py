import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot4.data.errors import DataError
from bot4.data.timeframe import UNITS_MS, anchor_ms, format_interval, format_time, parse_interval, parse_time


@pytest.mark.parametrize(
    ("text", "ms"), [("1m", 60_000), ("30m", 1_800_000), ("1h", 3_600_000), ("1d", 86_400_000), ("1w", 604_800_000)]
)
def test_an_interval_is_read_and_written_alike(text, ms):
    assert parse_interval(text) == ms
    assert format_interval(ms) == text


@given(st.integers(1, 999_999), st.sampled_from(list(UNITS_MS)))
def test_a_written_interval_reads_back(count, unit):
    ms = count * UNITS_MS[unit]
    text = format_interval(ms)
    if len(text) <= 7:
        assert parse_interval(text) == ms


def test_a_span_of_no_whole_second_is_written_in_milliseconds():
    assert format_interval(1_500) == "1500ms"
    assert format_interval(14 * 86_400_000) == "14d"


@pytest.mark.parametrize("text", ["", "h", "1", "0h", "1M", "-1h", "1.5h", "1hour"])
def test_what_is_no_interval_is_refused(text):
    with pytest.raises(DataError, match="not an interval"):
        parse_interval(text)


@pytest.mark.parametrize(
    "value",
    [
        "2022-01-01",
        "2022-01-01T00:00",
        "2022-01-01 01:00+01:00",
        1_640_995_200_000,
        dt.date(2022, 1, 1),
        dt.datetime(2022, 1, 1),
        dt.datetime(2022, 1, 1, 2, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    ],
)
def test_times_of_every_form_are_utc_milliseconds(value):
    assert parse_time(value) == 1_640_995_200_000


@pytest.mark.parametrize("value", ["yesterday", True, None, 1.5])
def test_what_is_no_time_is_refused(value):
    with pytest.raises(DataError, match="not a time"):
        parse_time(value)


def test_times_are_written_as_short_as_they_are():
    assert format_time(1_640_995_200_000) == "2022-01-01 00:00"
    assert format_time(1_640_995_201_000) == "2022-01-01 00:00:01"
    assert format_time(1_640_995_200_007) == "2022-01-01 00:00:00.007"
    assert format_time(10**18) == "1000000000000000000 ms"


def test_weeks_start_on_monday():
    week = parse_interval("1w")
    assert dt.datetime.fromtimestamp(anchor_ms(week) / 1000, dt.UTC).weekday() == 0
    assert anchor_ms(parse_interval("2w")) == anchor_ms(week)
    assert anchor_ms(parse_interval("1d")) == 0
