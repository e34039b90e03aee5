import json

import polars as pl
import pytest
from typer.testing import CliRunner

from bot4.cli.arguments import rewritten
from bot4.cli.data import app, write_market
from bot4.data import DataError, load, synth
from tests.data.bars import good, merge, with_cell

RUNNER = CliRunner()


def run(*arguments):
    return RUNNER.invoke(app, rewritten([str(argument) for argument in arguments]))


def test_synth_writes_files_that_load_to_the_same_market(tmp_path):
    result = run("synth", "--out", tmp_path / "new" / "bars", "--coins", 3, "--bars", 200, "--seed", 5)
    assert result.exit_code == 0, result.output
    assert "Wrote 3 files of 200 bars" in result.stdout
    names = sorted(path.name for path in (tmp_path / "new" / "bars").iterdir())
    assert names == ["synth-BTCUSDT-1h.parquet", "synth-ETHUSDT-1h.parquet", "synth-SOLUSDT-1h.parquet"]
    assert pl.read_parquet_schema(tmp_path / "new" / "bars" / names[0])["ts_ms"] == pl.Int64
    assert load(tmp_path / "new" / "bars").hash == synth(coins=3, bars=200, seed=5).hash


def test_synth_prints_json(tmp_path):
    body = json.loads(run("synth", "--out", tmp_path, "--coins", 1, "--bars", 50, "--json").stdout)
    assert list(body) == ["files", "bars", "interval", "seed", "hash"]
    assert body["hash"] == synth(coins=1, bars=50).hash


def test_synth_refuses_what_makes_no_market_and_writes_nothing(tmp_path):
    result = run("synth", "--out", tmp_path / "bars", "--coins", 0)
    assert (result.exit_code, (tmp_path / "bars").exists()) == (2, False)
    assert result.stderr == "error: coins is 0; give 1 to 200.\n"
    blocked = tmp_path / "file"
    blocked.touch()
    result = run("synth", "--out", blocked / "bars", "--bars", 10)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_nothing_half_written_is_left(tmp_path, monkeypatch):
    old = tmp_path / "synth-BTCUSDT-1h.parquet"
    old.write_text("old")
    written = []
    real = pl.DataFrame.write_parquet

    def fails_at_the_second(frame, path, **options):
        written.append(path)
        real(frame, path, **options)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", fails_at_the_second)
    with pytest.raises(DataError, match="No space left on device"):
        write_market(synth(coins=3, bars=20), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [old.name]
    assert old.read_text() == "old"


@pytest.fixture
def bars(tmp_path):
    good(200).write_parquet(tmp_path / "binance-BTCUSDT-1h.parquet")
    return tmp_path


def test_check_of_good_bars_exits_with_0(bars):
    result = run("check", bars)
    assert result.exit_code == 0
    assert "1 assets, 200 bars, 0 missing; 0 errors, 0 warnings; 1 without a finding." in result.stdout


def test_check_exits_with_1_where_bars_are_bad(bars):
    broken = with_cell(good(200), "close", 17, float("nan"))
    pl.concat([broken[:50], broken[53:]]).write_parquet(bars / "binance-[ETH]USDT-1h.parquet")
    result = run("check", bars)
    assert result.exit_code == 1
    for words in ("nan", "close is missing (NaN)", "17", "gap", "3 bars missing"):
        assert words in result.stdout
    body = json.loads(run("check", bars, "--json").stdout)
    assert [report["ok"] for report in body["files"]] == [True, False]
    assert body["files"][1]["findings"][0]["rows"] == [17]


def test_brackets_in_a_file_name_are_part_of_it(tmp_path):
    path = tmp_path / "binance-[BTC]-1h.csv"
    good().write_csv(path)
    assert load([path]).rows == 48


def test_check_compares_intervals(bars):
    slow = merge(good(200), 4)
    with_cell(slow, "low", 7, 1.0).write_parquet(bars / "binance-BTCUSDT-4h.parquet")
    result = run("check", bars / "binance-BTCUSDT-1h.parquet", bars / "binance-BTCUSDT-4h.parquet")
    assert result.exit_code == 0, "a disagreement is a warning"
    assert "disagreement" in result.stdout
    assert "1 pairs of intervals compared: 1 of 50 bars differ." in result.stdout
    assert json.loads(run("check", bars, "--json").stdout)["comparisons"][0]["findings"][0]["rows"] == [7]


def test_check_exits_with_2_where_a_file_is_no_bars(bars):
    good().drop("close").write_parquet(bars / "broken.parquet")
    result = run("check", bars)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: broken.parquet: no column for close")
    assert result.stderr.count("\n") == 1
    missing = run("check", bars / "nothing.parquet")
    assert missing.exit_code == 2
    assert "no such file" in missing.stderr


def test_list_shows_what_is_there(bars, monkeypatch):
    for result in (run("list", bars), run("list", bars / "*.parquet")):
        assert result.exit_code == 0
        for words in ("binance-BTCUSDT-1h.parquet", "BTC/USDT", "spot", "1h", "2022-01-01 00:00", "200"):
            assert words in result.stdout
    monkeypatch.chdir(bars)
    assert json.loads(run("list", "--json").stdout)[0]["bars"] == 200


def test_list_exits_with_2_where_a_file_is_no_bars(bars):
    (bars / "broken.parquet").write_bytes(b"nothing")
    result = run("list", bars)
    assert result.exit_code == 2
    assert "cannot be read as Parquet" in result.stdout
    assert run("list", bars / "none").exit_code == 2
