"""Quality reports: planted flaws are found at their rows, and real files show what the data's README says of them."""

import math
import time

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot4.data import check
from bot4.data.crosscheck import cross_check, cross_check_files
from bot4.data.errors import DataError
from bot4.data.quality import MAX_ROWS, Report, format_span, stale_bars
from bot4.data.read import read_path, read_source
from bot4.data.timeframe import parse_time
from tests.data.bars import HOUR_MS, START_MS, good, merge, real_bars, with_cell

PRICES = ("open", "high", "low", "close")


def report(frame):
    return check(frame)[0]


def detail(found: Report, kind: str) -> str:
    finding = found.finding(kind)
    assert finding is not None
    return finding.detail


def test_good_bars_have_no_finding():
    found = report(good(500))
    assert found.findings == ()
    assert found.ok
    assert found.readable
    assert (found.bars, found.missing, found.interval_ms, found.first_ms) == (500, 0, HOUR_MS, START_MS)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("close", math.nan, "nan"),
        ("volume", math.inf, "infinite"),
        ("low", 0.0, "not_positive"),
        ("high", 0.5, "high_below_low"),
        ("open", 1_000.0, "outside"),
        ("volume", -1.0, "negative_volume"),
    ],
)
def test_bad_rows_are_errors_at_their_rows(column, value, kind):
    frame = with_cell(with_cell(good(200), column, 33, value), column, 77, value)
    found = report(frame)
    assert not found.ok
    finding = found.finding(kind)
    assert finding is not None
    assert (finding.severity, finding.count, finding.rows) == ("error", 2, (33, 77))
    assert finding.times_ms == (START_MS + 33 * HOUR_MS, START_MS + 77 * HOUR_MS)
    assert finding.detail


def test_times_that_go_wrong_are_errors():
    ts = good(200)["ts_ms"].to_numpy().copy()
    ts[20], ts[50], ts[90] = ts[19], ts[40], ts[90] + 60_000
    found = report(good(200).with_columns(pl.Series("ts_ms", ts)))
    kinds = {f.kind: f.rows for f in found.findings if f.severity == "error"}
    assert kinds == {"duplicate": (20,), "not_increasing": (50,), "off_interval": (90, 91)}


def test_two_intervals_are_an_error():
    found = report(pl.concat([good(200), good(60, 2 * HOUR_MS, start_ms=START_MS + 200 * HOUR_MS)]))
    finding = found.finding("mixed_intervals")
    assert finding is not None
    assert finding.rows == (201,)
    same = report(good(50).with_columns(pl.lit(START_MS).alias("ts_ms")))
    assert same.interval_ms is None
    assert same.finding("duplicate").count == 49


def test_a_name_that_says_another_interval_is_an_error(tmp_path):
    path = tmp_path / "binance-BTCUSDT-4h.parquet"
    good().write_parquet(path)
    assert detail(check(path)[0], "interval_name") == "the name says 4h, the bars are 1h apart"


@given(st.sets(st.integers(1, 198), max_size=40))
@settings(max_examples=50)
def test_gaps_are_counted_with_their_rows(holes):
    kept = [row for row in range(200) if row not in holes]
    found = report(good(200)[kept])
    gap = found.finding("gap")
    assert found.missing == len(holes)
    expected = [at for at in range(1, len(kept)) if kept[at] - kept[at - 1] > 1]
    if not holes:
        assert gap is None
        return
    assert (gap.count, gap.rows) == (len(expected), tuple(expected[:MAX_ROWS]))
    assert found.ok
    longest = max(kept[at] - kept[at - 1] - 1 for at in expected)
    assert f"longest {format_span(longest * HOUR_MS)}:" in gap.detail


def test_a_spot_twin_has_the_outages_of_the_real_files():
    """Synthetic twin: 33 hours missing in February 2018, 47 hours at the end of 2024 are found and measured."""
    for hole in (33, 47):
        frame = good(1_000)
        found = report(pl.concat([frame[:500], frame[500 + hole :]]))
        gap = found.finding("gap")
        assert (found.missing, gap.count, gap.rows) == (hole, 1, (500,))
        assert f"{hole} bars missing; longest {hole} h" in gap.detail
        assert found.ok


def flat(frame, start, rows, volume):
    close = frame["close"][start - 1]
    for row in range(start, start + rows):
        for name in PRICES:
            frame = with_cell(frame, name, row, close)
        frame = with_cell(frame, "volume", row, volume)
    # The bar after the stretch opens where it stood, so that it is a good bar.
    return frame.with_columns(
        pl.max_horizontal("high", "open", "close").alias("high"), pl.min_horizontal("low", "open", "close").alias("low")
    )


def test_stale_stretches_are_found():
    frame = flat(flat(good(200), 50, 5, 0.0), 100, 2, 0.0)
    finding = report(frame).finding("stale")
    assert (finding.severity, finding.count, finding.rows) == ("warning", 1, (50,))
    assert "5 bars without a change" in finding.detail
    repeated = report(flat(good(200), 50, 6, 3.0)).finding("stale")
    assert repeated.rows == (51,)  # the same volume again and again: the first of them is a trade


def test_runs_without_volume_are_found():
    frame = good(200)
    for row in range(60, 64):
        frame = with_cell(frame, "volume", row, 0.0)
    finding = report(frame).finding("no_volume")
    assert (finding.rows, finding.severity) == ((60,), "warning")
    assert "longest 4 from 2022-01-03 12:00" in finding.detail


def test_what_counts_as_stale_depends_on_the_interval():
    assert [stale_bars(ms) for ms in (1_000, 60_000, 300_000, 1_800_000, HOUR_MS, 86_400_000)] == [30, 30, 12, 6, 3, 3]


def moved(frame, start, stop, factor):
    columns = [
        pl.when(pl.int_range(pl.len()).is_between(start, stop - 1))
        .then(pl.col(n) * factor)
        .otherwise(pl.col(n))
        .alias(n)
        for n in PRICES
    ]
    return frame.with_columns(columns)


def test_a_spike_is_taken_back_and_a_jump_stays():
    spike = report(moved(good(500), 200, 201, 2.0))
    assert spike.finding("spike").rows == (200,)
    assert spike.finding("jump") is None
    assert "taken back" in spike.finding("spike").detail
    jump = report(moved(good(500), 200, 500, 2.0))
    assert jump.finding("jump").rows == (200,)
    assert jump.finding("jump").severity == "info"
    assert "+9" in jump.finding("jump").detail or "+1" in jump.finding("jump").detail
    assert jump.finding("spike") is None


def test_a_move_over_a_gap_is_no_jump():
    frame = moved(good(500), 200, 500, 2.0)
    found = report(pl.concat([frame[:190], frame[200:]]))
    assert found.finding("jump") is None
    assert found.finding("gap").rows == (190,)


def test_few_or_motionless_bars_have_no_unusual_moves():
    assert report(moved(good(20), 10, 20, 3.0)).findings == ()
    still = report(good(100).with_columns(*(pl.lit(5.0).alias(name) for name in PRICES)))
    assert still.findings == ()


def test_broken_bars_are_not_searched_for_moves():
    found = report(with_cell(moved(good(500), 200, 201, 2.0), "close", 3, math.nan))
    assert [f.kind for f in found.findings] == ["nan"]


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path):
    path = tmp_path / "binance-BTCUSDT-1h.parquet"
    good().drop("close").write_parquet(path)
    good().write_parquet(tmp_path / "binance-ETHUSDT-1h.parquet")
    broken, fine = check(tmp_path)
    assert not broken.readable
    assert "no column for close" in detail(broken, "unreadable")
    assert fine.ok
    assert broken.as_dict()["interval"] is None
    assert fine.as_dict()["first"] == "2022-01-01 00:00"
    with pytest.raises(DataError, match="no such file"):
        check(str(tmp_path / "nothing.parquet"))


def test_reports_have_stable_keys():
    body = report(with_cell(good(), "close", 3, math.nan)).as_dict()
    assert list(body) == ["file", "venue", "symbol", "interval", "bars", "first", "last", "missing", "ok", "findings"]
    assert list(body["findings"][0]) == ["kind", "severity", "count", "rows", "times", "detail"]
    assert body["findings"][0]["times"] == ["2022-01-01 03:00"]


def test_spans_are_written_in_their_unit():
    assert [format_span(ms) for ms in (500, 5_000, 120_000, 33 * HOUR_MS, 96 * HOUR_MS)] == [
        "500 ms",
        "5 s",
        "2 min",
        "33 h",
        "4 d",
    ]


# Between intervals of one instrument


def pair(tmp_path, fast, slow, fast_name="binancefut-BTCUSDT-30m.parquet", slow_name="binancefut-BTCUSDT-1h.parquet"):
    fast.write_parquet(tmp_path / fast_name)
    slow.write_parquet(tmp_path / slow_name)
    return check(tmp_path)


def test_bars_that_agree_between_intervals_have_no_finding(tmp_path):
    fast = good(200, 1_800_000)
    (found,) = cross_check_files(pair(tmp_path, fast, merge(fast, 2)))
    assert (found.slow, found.fast, found.compared, found.findings) == (
        "binancefut-BTCUSDT-1h.parquet",
        "binancefut-BTCUSDT-30m.parquet",
        100,
        (),
    )


def test_a_bar_that_disagrees_is_found_at_its_row(tmp_path):
    """Synthetic twin of the perpetual BTC bar of 2024-10-28 21:00, where the exchange's 1h and 30m tables differ."""
    fast = good(200, 1_800_000)
    slow = merge(fast, 2)
    slow = with_cell(with_cell(slow, "high", 45, slow["high"][45] + 7), "volume", 60, slow["volume"][60] * 1.01)
    (found,) = cross_check_files(pair(tmp_path, fast, slow))
    price, volume = found.findings
    assert (price.kind, price.severity, price.rows) == ("disagreement", "warning", (45,))
    assert (volume.kind, volume.severity, volume.rows) == ("volume_disagreement", "info", (60,))
    assert "1h against 30m: 2022-01-02 21:00: high" in price.detail
    assert list(found.as_dict()) == ["slow", "fast", "compared", "findings"]


def test_a_bucket_with_a_missing_bar_is_not_compared(tmp_path):
    fast = good(200, 1_800_000)
    (found,) = cross_check_files(pair(tmp_path, pl.concat([fast[:101], fast[102:]]), merge(fast, 2)))
    assert (found.compared, found.findings) == (99, ())


def test_only_intervals_of_one_instrument_are_compared(tmp_path):
    fast = good(200, 1_800_000)
    reports = pair(tmp_path, fast, merge(fast, 2), fast_name="binancefut-ETHUSDT-30m.parquet")
    assert cross_check_files(reports) == []
    assert cross_check(read_source({"A/USDT": with_cell(good(), "low", 3, -1.0)})) == []


def test_intervals_that_do_not_divide_are_not_compared(tmp_path):
    reports = pair(tmp_path, good(90, 40 * 60_000), good(60), fast_name="binancefut-BTCUSDT-40m.parquet")
    assert cross_check_files(reports) == []


def test_a_universe_is_compared_with_files_of_its_assets(tmp_path):
    fast = good(24 * 10)
    days = pl.concat([merge(fast, 24).with_columns(pl.lit(s).alias("symbol")) for s in ("BTCUSDT", "ETHUSDT")])
    days.write_parquet(tmp_path / "binancefut-UNIVERSE-1d.parquet")
    for coin in ("BTC", "ETH"):
        fast.write_parquet(tmp_path / f"binancefut-{coin}USDT-1h.parquet")
    found = cross_check_files(check(tmp_path))
    assert [(c.slow, c.compared, c.findings) for c in found] == [
        ("binancefut-UNIVERSE-1d.parquet [BTCUSDT]", 10, ()),
        ("binancefut-UNIVERSE-1d.parquet [ETHUSDT]", 10, ()),
    ]


# Real files


def test_real_files_are_as_their_readme_says():
    folder = real_bars()
    began = time.perf_counter()
    reports = {r.label: r for r in check(folder)}
    assert time.perf_counter() - began < 30
    assert all(r.ok for r in reports.values()), "0 bad rows"
    spot = [r for name, r in reports.items() if name.startswith("binance-") and name.endswith("-1h.parquet")]
    perpetual = [r for name, r in reports.items() if name.startswith("binancefut-") and name.endswith("-1h.parquet")]
    assert (len(spot), len(perpetual)) == (40, 44)
    assert all(1 <= r.missing <= 175 for r in spot)
    assert sum(r.missing for r in perpetual) == 1
    longest = [detail(r, "gap") for r in spot]
    assert any("33 h: 2018-02-08" in text for text in longest)
    # The 47 hours that the collection lost at the end of 2024 are the end of these files: 2024-12-30 00:00 is their last bar.
    assert any(r.last_ms == parse_time("2024-12-30") for r in spot)
    bitfinex = reports["bitfinex-BTCUSD-1m.parquet"]
    assert bitfinex.missing / (bitfinex.bars + bitfinex.missing) == pytest.approx(0.025, abs=0.002)


@pytest.mark.parametrize(
    ("slow", "fast", "moment"), [("1h", "30m", "2024-10-28 21:00"), ("4h", "1h", "2023-11-10 12:00")]
)
def test_the_two_bars_that_the_readme_names_are_found(slow, fast, moment):
    folder = real_bars()
    tables = [table for name in (slow, fast) for table in read_path(folder / f"binancefut-BTCUSDT-{name}.parquet")]
    (found,) = cross_check(tables)
    finding = next(f for f in found.findings if f.kind == "disagreement")
    assert moment in finding.as_dict()["times"]
    assert finding.count <= 3
    assert found.compared > 10_000
    assert np.all(np.diff(finding.rows) > 0)
