"""Raw recordings become the columns their words say."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from bot4.cli.main import app
from bot4.data import DataError
from bot4.data.instrument import exact
from bot4.data.ticks import FIRST, GAP, LAST, SNAPSHOT, import_files, is_ticks, load, read
from bot4.data.ticks import write as write_store
from bot4.data.ticks.importing import Grid
from tests.ticks.recordings import FUTURES, MS, SPOT, best, depth, snapshot, trade, write

RUNNER = CliRunner()


def rows(group):
    return [tuple(int(value) for value in row) for row in zip(*group.columns().values(), strict=True)]


def codes(ticks):
    return {finding.code: finding.count for finding in ticks.findings}


def test_the_columns_of_a_futures_recording_are_what_its_messages_say(tmp_path):
    ticks = import_files([write(tmp_path, FUTURES)])[0]
    assert (ticks.instrument.venue, ticks.instrument.symbol) == ("binancefut", "ABC/USDT:USDT")
    assert (ticks.instrument.tick, ticks.instrument.lot) == ((1, 1), (1, 3))
    snap = 1004 * MS, 1010 * MS
    assert rows(ticks.depth) == [
        (*snap, 1, 104, 1000, SNAPSHOT | FIRST),
        (*snap, 1, 103, 2000, SNAPSHOT),
        (*snap, -1, 105, 3000, SNAPSHOT | LAST),
        # Across the snapshot: it arrived before, but the book it changes was not there yet.
        (1003 * MS, 1010 * MS, 1, 104, 1500, FIRST | LAST),
        (1015 * MS, 1020 * MS, 1, 103, 0, FIRST),
        (1015 * MS, 1020 * MS, -1, 105, 2999, 0),
        (1015 * MS, 1020 * MS, -1, 106, 4000, LAST),
        (1025 * MS, 1030 * MS, 1, 104, 1000, FIRST | LAST | GAP),
    ]
    assert rows(ticks.trades) == [(997 * MS, 1001 * MS, 105, 2, 0, 70), (1018 * MS, 1022 * MS, 104, 500, 1, 71)]
    assert rows(ticks.best) == [(1016 * MS, 1021 * MS, 104, 1500, 105, 2999)]
    assert codes(ticks) == {"before_snapshot": 1, "gap": 1, "exchange_order": 1}
    assert ticks.clock.shift_ns == 0


def test_spot_follows_its_own_rule_and_its_best_quotes_get_a_time(tmp_path):
    ticks = import_files([write(tmp_path, SPOT)])[0]
    assert (ticks.instrument.venue, ticks.instrument.symbol) == ("binance", "ABC/USDT")
    assert [row[:2] for row in rows(ticks.depth)] == [(995 * MS, 1010 * MS)] * 2 + [(1015 * MS, 1020 * MS)]
    assert codes(ticks) == {"before_snapshot": 1}
    assert ticks.estimated == ("best",)
    assert ticks.best.exch_ns[0] == 1021 * MS - ticks.clock.median_ns


def test_coin_margined_messages_are_inverse(tmp_path):
    lines = [text.replace('"s":"ABCUSDT"', '"s":"BTCUSD_PERP","ps":"BTCUSD"') for text in FUTURES]
    instrument = import_files([write(tmp_path, lines)])[0].instrument
    assert (instrument.venue, instrument.symbol, instrument.contract) == ("binancecoin", "BTC/USD:BTC", (100, 0))


def test_a_clock_that_runs_behind_is_shifted_by_the_smallest_latency_and_says_so(tmp_path):
    behind = [
        snapshot(1000, 5, [("10.4", "1")], [("10.5", "1")], at=1100),
        depth(1001, 6, 7, 5, bids=[("10.4", "2")], at=2273),
        trade(1003, 1, "10.5", "1", False, at=2274),
    ]
    ticks = import_files([write(tmp_path, behind)], floor_ns=2 * MS)[0]
    # The smallest latency is the depth message's, 1001 − 2273 ms.
    assert (ticks.clock.recorded_min_ns, ticks.clock.shift_ns) == (-1272 * MS, 1274 * MS)
    assert int((ticks.depth.local_ns - ticks.depth.exch_ns).min()) == 2 * MS
    assert ticks.trades.local_ns[0] == (1003 + 1274) * MS
    [said] = [finding.detail for finding in ticks.findings if finding.code == "clock"]
    assert (
        said
        == "the smallest feed latency was -1272.000 ms: 1274.000 ms were added to every local time, so that it is 2.000 ms"
    )


def test_what_the_quality_finds(tmp_path):
    lines = [
        snapshot(1000, 5, [("10.4", "1")], [("10.5", "1")], at=996),
        trade(1001, 1, "10.4", "1", True),
        trade(1002, 2, "10.4", "1", True),
        trade(1003, 2, "10.4", "1", True),
        trade(1004, 3, "10.4", "1", True),
        trade(1005, 4, "10.4", "1", True, at=990),
        trade(1006, 7, "10.4", "1", True),
        best(1007, ("10.6", "1"), ("10.5", "1"), at=1001),
        best(1008, ("10.5", "1"), ("10.5", "1"), at=1002),
        depth(7009, 6, 6, 5, bids=[("10.3", "1")]),
        '12 {"e":"depthUpdate"',
    ]
    found = codes(import_files([write(tmp_path, lines)])[0])
    assert found == {
        "bad_line": 1,
        "trade_repeat": 1,
        "trade_gap": 2,
        "exchange_order": 1,
        "crossed_best": 1,
        "locked_best": 1,
        "silence": 1,
    }


def test_a_stated_grid_is_held_against_every_value(tmp_path):
    path = write(tmp_path, FUTURES)
    ticks = import_files([path], Grid(exact("0.05"), exact("0.001")))[0]
    assert (ticks.instrument.tick, ticks.instrument.grid) == ((5, 2), "file")
    assert ticks.trades.ticks.tolist() == [210, 208]
    with pytest.raises(DataError, match=r"usdm-abcusdt.gz: 10.3 is no multiple of the tick 0.2; state a finer one."):
        import_files([path], Grid(exact("0.2")))


def test_the_store_gives_back_what_went_in_and_names_its_source(tmp_path):
    path = write(tmp_path, FUTURES)
    ticks = import_files([path])[0]
    folder = write_store(ticks, tmp_path / "store")
    again = read(folder)
    assert again.instrument == ticks.instrument
    assert (again.clock, again.findings, again.sources) == (ticks.clock, ticks.findings, ticks.sources)
    assert again.sources[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    for kind in ("depth", "trades", "best"):
        assert rows(getattr(again, kind)) == rows(getattr(ticks, kind))
        assert all(
            column.flags.c_contiguous and not column.flags.writeable
            for column in getattr(again, kind).columns().values()
        )
    assert [rows(t.depth) for t in (load(folder)[0], load(tmp_path / "store")[0], load(path)[0])] == [
        rows(ticks.depth)
    ] * 3
    assert [is_ticks(p) for p in (folder, tmp_path / "store", path, tmp_path, tmp_path / "no")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    with pytest.raises(DataError, match="is there already; add --replace"):
        write_store(ticks, tmp_path / "store")


def test_files_of_one_instrument_are_put_in_the_order_of_arrival(tmp_path):
    later = [trade(5000, 90, "10.5", "1", False), trade(5001, 91, "10.5", "1", False)]
    one, two = write(tmp_path, FUTURES, "b.gz"), write(tmp_path, [later[0], *FUTURES[3:4], later[1]], "a.gz")
    ticks = import_files([two, one])[0]
    assert (np.diff(ticks.depth.local_ns) >= 0).all()
    assert ticks.trades.id.tolist() == [70, 71, 90, 91]
    assert [source.file for source in ticks.sources] == ["a.gz", "b.gz"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no recording that Bot4 knows"),
        (b"ts,open\n1,2\n", "is no recording that Bot4 knows"),
        (b"\x1f\x8b\x08\x00broken", "the gzip stream is damaged"),
        (b'1 {"e":"trade"\n2 {\n', "2 of 2 lines cannot be read (the first is line 1)"),
        (
            "\n".join([FUTURES[1], FUTURES[1].replace("ABCUSDT", "XYZUSDT")]).encode(),
            "1 lines are not of ABCUSDT; record or split each symbol into a file of its own.",
        ),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence(tmp_path, text, said):
    path = tmp_path / "x.gz"
    path.write_bytes(text)
    with pytest.raises(DataError) as error:
        import_files([path])
    assert said in str(error.value)
    assert str(error.value).startswith("x.gz: ")


def test_the_command_writes_the_store_and_tells_what_it_noticed(tmp_path):
    path = write(tmp_path, FUTURES)
    out = tmp_path / "ticks"
    result = RUNNER.invoke(app, ["data", "import", str(path), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "binancefut ABC/USDT:USDT: 1 depth messages do not follow their predecessor" in result.output
    result = RUNNER.invoke(app, ["data", "import", str(path), "--out", str(out), "--replace", "--json", "-"])
    [row] = json.loads(result.stdout)
    assert (row["symbol"], row["tick"], row["depth"], row["folder"]) == (
        "ABC/USDT:USDT",
        "0.1",
        8,
        str(out / "binancefut-ABCUSDT"),
    )
    refused = RUNNER.invoke(app, ["data", "import", str(path), "--out", str(out)])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert RUNNER.invoke(app, ["data", "import", str(path), "--floor-ms", "-1"]).exit_code == 2


def test_books_without_a_snapshot_with_two_and_with_one_that_nothing_reaches(tmp_path):
    none = import_files([write(tmp_path, [FUTURES[0], FUTURES[4]])])[0]
    assert codes(none) == {"no_snapshot": 1, "gap": 1}
    lines = [
        snapshot(1000, 5, [("10.4", "1")], [("10.5", "3")], at=996),
        depth(1010, 9, 9, 8, bids=[("10.4", "2")]),
        snapshot(1020, 9, [("10.3", "7")], [("10.5", "3")], at=1016),
        line_of_another_kind(1030),
        trade(1031, 1, "0", "0", True),
    ]
    ticks = import_files([write(tmp_path, lines)])[0]
    assert codes(ticks) == {"snapshot_gap": 1, "snapshot_again": 1, "unknown_message": 1, "empty_trade": 1}
    assert ticks.depth.flags.tolist() == [
        SNAPSHOT | FIRST,
        SNAPSHOT | LAST,
        FIRST | LAST | GAP,
        SNAPSHOT | FIRST,
        SNAPSHOT | LAST,
    ]


def line_of_another_kind(at):
    return f'{at * MS} {{"e":"24hrTicker","E":1,"s":"ABCUSDT"}}'


def test_a_store_that_is_damaged_or_of_another_version_is_refused_in_one_sentence(tmp_path):
    folder = write_store(import_files([write(tmp_path, FUTURES)])[0], tmp_path / "store")
    told = json.loads((folder / "meta.json").read_text())

    def refused(text):
        (folder / "meta.json").write_text(text)
        with pytest.raises(DataError) as error:
            read(folder)
        return str(error.value)

    assert "is of version 9, this Bot4 reads 1; import the source again." in refused(json.dumps(told | {"version": 9}))
    assert "cannot be read as ticks" in refused("{")
    (folder / "depth.parquet").unlink()
    assert "depth.parquet: is missing" in refused(json.dumps(told))
    with pytest.raises(DataError, match="no such file; check the path"):
        import_files([tmp_path / "no"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="the folder is empty"):
        import_files([tmp_path / "empty"])
    with pytest.raises(DataError, match="finer than the 8 decimals"):
        import_files([write(tmp_path, FUTURES)], Grid(tick=(1, 9)))
