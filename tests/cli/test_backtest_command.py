"""`bot4 backtest` as a user calls it: results on standard output, everything else on standard error, one sentence for a mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from bot4.cli import main as program
from bot4.cli.main import run
from tests.backtest.markets import HOUR, REAL, walk

ROOT = Path(__file__).parents[2]
TREND = str(ROOT / "examples" / "trend.py")
FAST = ["--param", "fast=5", "--param", "slow=50"]


@pytest.fixture(scope="module")
def bars(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bars")
    for number, coin in enumerate(("BTC", "ETH", "XRP")):
        walk(1_500, seed=number).write_parquet(folder / f"synth-{coin}USDT-1h.parquet")
    return folder


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs the program as a process of its own."""
    command = [sys.executable, "-m", "bot4.cli.main", *words]
    full = os.environ | {"PYTHONPATH": str(ROOT)} | (env or {})
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=full, check=False)


def refused(capsys, *words: str) -> str:
    """Runs a call that must fail and returns its one sentence."""
    assert run(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1, err
    assert "Traceback" not in err
    return str(err)


# --- results --------------------------------------------------------------------------------------------------------------------


def test_sleeves_of_a_file_run_as_one_account(bars, capsys):
    both, data = str(ROOT / "examples" / "sleeves.py"), ["--data", str(bars / "synth-BTCUSDT-1h.parquet")]
    assert run(["backtest", both, *data, "--param", "trend.fast=30", "--json", "-", "--no-record"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(row["name"], row["share"]) for row in found["sleeves"]] == [("dip", 0.4), ("trend", 0.6)]
    assert found["strategy"]["params"]["trend.fast"] == 30
    assert sum(row["stats"]["fills"] for row in found["sleeves"]) == found["stats"]["fills"] > 0
    assert run(["backtest", f"{both}:dip", *data, "--json", "-", "--no-record"]) == 0
    assert json.loads(capsys.readouterr().out)["sleeves"] is None
    assert "has no parameter 'fast'" in refused(capsys, "backtest", both, *data, "--param", "fast=30")


def test_the_summary_is_printed(bars, capsys):
    assert run(["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("trend · BTC/USDT · 1h\n")
    assert "fast=5  slow=50" in out
    assert "What this number is not" in out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert err == ""


def test_several_files_follow_one_data_flag(bars, capsys):
    files = sorted(str(path) for path in bars.glob("*.parquet"))
    assert run(["backtest", "--data", *files, TREND, "--json", "-", *FAST]) == 0
    named = json.loads(capsys.readouterr().out)["data"]["instruments"]
    assert named == ["synth:BTC/USDT", "synth:ETH/USDT", "synth:XRP/USDT"]
    assert run(["backtest", TREND, "--data", str(bars / "*.parquet"), "--json", "-", *FAST]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["instruments"] == named


def test_json_on_standard_output_stands_alone(bars):
    done = call("backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), "--json", "-", *FAST)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["strategy"]["params"] == {"fast": 5, "slow": 50}
    assert found["trials"] == {"runs": 0, "distinct": 0}
    assert done.stderr == ""


def test_every_option_reaches_the_run(bars, capsys, tmp_path):
    (tmp_path / "grid.json").write_text(json.dumps([{"symbol": "BTC/USDT", "tick": "0.01", "lot": "0.01"}]))
    words = ["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), "--json", "-", *FAST]
    words += ["--start", "2020-02-20", "--end", "2020-02-28", "--cash", "5000", "--fee-bps", "7", "--spread-bps", "3"]
    words += [
        "--impact",
        "0.5",
        "--volume-share",
        "0.2",
        "--collar",
        "0.3",
        "--max-leverage",
        "2",
        "--latency-ms",
        "1000",
    ]
    words += ["--realism", "neutral", "--latency-sigma", "0.25", "--latency-seed", "3"]
    assert run([*words, "--instruments", "grid.json", "--timeframe", "1h"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["settings"] == {
        "cash": 5000.0,
        "fee_bps": 7.0,
        "spread_bps": 3.0,
        "impact": 0.5,
        "volume_share": 0.2,
        "collar": 0.3,
        "max_leverage": 2.0,
        "latency_ms": 1000,
        "realism": "neutral",
        "latency_sigma": 0.25,
        "latency_seed": 3,
        "funding_default": None,
        "leverage": None,
        "margin": None,
        "compute_latency_ms": 0,
        "trade_from_ms": 1_582_156_800_000,
        "fees_bps": [7.0],
    }
    assert found["data"]["end_ms"] == 1_582_848_000_000
    assert found["stats"]["start_ms"] == 1_582_156_800_000


def test_all_realisms_stand_side_by_side_under_a_strict_run(bars, capsys):
    words = ["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST]
    assert run([*words, "--realism", "all"]) == 0
    out = capsys.readouterr().out
    assert "strict ◂" in out
    assert "neutral" in out
    assert max(len(line) for line in out.splitlines()) <= 80
    assert run([*words, "--realism", "all", "--json", "-"]) == 0
    assert set(json.loads(capsys.readouterr().out)["realisms"]) == {"strict", "neutral", "naive"}


def test_why_tells_of_an_order_and_nothing_else(bars, capsys, records_home):
    words = ["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST]
    assert run([*words, "--why", "0", "--why", "1"]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert first.startswith("Order 0 · market · buy ")
    assert second.startswith("Order 1 · ")
    assert not records_home.exists(), "a look at an order is no trial"
    assert "there is no order 99999" in refused(capsys, *words, "--why", "99999")
    assert "no order has the key 'dip'" in refused(capsys, *words, "--why", "dip@2020-02-01")


def test_files_are_written_and_named(bars, capsys, tmp_path):
    words = ["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST]
    assert run([*words, "--json", "result.json", "--report", "report.html"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[-2:] == ["JSON: result.json", "Report: report.html"]
    found = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert found["identity" if "identity" in found else "version"] == 1
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records", "report.html", "result.json"]


def test_runs_are_recorded_unless_told_otherwise(bars, capsys, records_home):
    words = ["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST]
    assert run([*words, "--no-record"]) == 0
    assert not records_home.exists()
    assert run(words) == 0
    assert run(words) == 0
    assert "Not the first try: 1 earlier run" in capsys.readouterr().out.replace("\n  ", " ").replace("\u00a0", " ")


def test_a_place_without_records_is_a_warning(bars, capsys, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "file"))
    assert run(["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("warning: The run is not recorded.")
    assert out.startswith("trend")


def test_a_terminal_gets_colour(bars, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    assert run(["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST]) == 0
    assert "\x1b[" in capsys.readouterr().out


# --- mistakes -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["backtest"], "Missing argument"),
        (["backtest", TREND], "Missing option '--data'"),
        (["backtest", TREND, "--data"], "'--data' requires an argument"),
        (["backtest", TREND, "--data", "a.parquet", "--cash", "much"], "--cash"),
        (["backtest", TREND, "--data", "a.parquet", "--chash", "5"], "No such option: --chash"),
        (["backtest", "none.py", "--data", "a.parquet"], "none.py does not exist"),
        (["backtest", TREND, "--data", "a.parquet"], "a.parquet: no such file"),
        (
            ["backtest", TREND, "--data", "a.parquet", "--param", "fast=1"],
            "but must be an integer from 5 to 100",
        ),
        (["backtest", TREND, "--data", "a.parquet", "--param", "fast"], "the parameter 'fast' has no value"),
        (["backtest", TREND, "--data", "a.parquet", "--param", "fats=9"], "no parameter 'fats'"),
        (["backtest", TREND, "--data", "a.parquet", "--report", "no/where.html"], "the folder no does not exist"),
        (["backtest", TREND, "--data", "a.parquet", "--json", "."], "is a folder; give --json the name of a file"),
        (["backtest", TREND, "--data", "a.parquet", "--tear-sheet"], "give --json FILE or --json - as well"),
        (["trade"], "No such command 'trade'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_two(capsys, words, said):
    assert said in refused(capsys, *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--cash", "-5"], "cash is -5"),
        (["--volume-share", "2"], "volume_share is 2"),
        (["--realism", "kind"], "realism is 'kind'; give strict, neutral or naive."),
        (["--start", "soon"], "'soon' is not a time"),
        (["--timeframe", "4h"], "trend runs on its own clock"),
        (["--timeframe", "1x"], "'1x' is not an interval"),
        (["--param", "fast=60", "--param", "slow=50"], "b4.require(fast < slow) does not hold"),
        (["--instruments", "none.json"], "none.json"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(bars, capsys, words, said):
    assert said in refused(capsys, "backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *words)


def test_bad_bars_are_refused_before_anything_is_written(bars, capsys, tmp_path):
    bad = walk(300).with_columns(close=walk(300)["close"] * -1)
    bad.write_parquet(tmp_path / "synth-BTCUSDT-1h.parquet")
    said = refused(
        capsys, "backtest", TREND, "--data", "synth-BTCUSDT-1h.parquet", "--report", "r.html", "--json", "r.json"
    )
    assert "row 0" in said
    assert not (tmp_path / "r.html").exists()
    assert not (tmp_path / "r.json").exists()


def test_debug_keeps_the_traceback(capsys):
    from bot4.data import DataError

    with pytest.raises(DataError):
        run(["backtest", TREND, "--data", "a.parquet", "--debug"])


def test_a_file_that_cannot_be_written_is_a_sentence(bars, capsys, tmp_path):
    def fail(*_args):
        raise PermissionError(13, "Permission denied", "r.json")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot4.report.files.write_whole", fail)
        said = ["backtest", TREND, "--data", str(bars / "synth-BTCUSDT-1h.parquet"), *FAST, "--json", "r.json"]
        assert run(said) == 2
    assert capsys.readouterr().err == "error: r.json: permission denied.\n"


def test_our_own_mistakes_are_not_blamed_on_the_user(monkeypatch):
    def broken(*_args, **_settings):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr(program, "app", broken)
    with pytest.raises(ZeroDivisionError):
        run(["version"])


def test_an_interrupt_ends_quietly(capsys, monkeypatch):
    def interrupted(*_args, **_settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "app", interrupted)
    assert run(["version"]) == 130
    assert capsys.readouterr().err == "error: interrupted.\n"


def test_a_reader_that_stops_reading_is_no_error(bars):
    script = f"set -o pipefail; {sys.executable} -m bot4.cli.main --help | true"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    assert "Traceback" not in done.stderr


# --- the program itself -----------------------------------------------------------------------------------------------------------------


def test_version_and_help(capsys):
    import bot4
    from bot4 import _engine

    assert run(["version"]) == 0
    assert capsys.readouterr().out.startswith(f"bot4 {bot4.__version__} (engine {_engine.__version__}, Python 3.")
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("backtest", "data", "demo", "version"))


def test_main_ends_the_process_with_the_code(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["bot4", "trade"])
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 2


def test_a_start_imports_nothing_heavy():
    script = "import bot4.cli.main, sys; print([n for n in ('numpy', 'polars', 'plotly', 'pydantic', 'rich') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_run_imports_neither_plotly_nor_pandas(bars, tmp_path):
    script = (
        "import sys; from bot4.cli.main import run\n"
        f"code = run(['backtest', {TREND!r}, '--data', {str(bars / 'synth-BTCUSDT-1h.parquet')!r}, '--report', 'r.html'])\n"
        "print(code, [n for n in ('plotly', 'pandas') if n in sys.modules], file=sys.stderr)"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=env, timeout=60, check=True
    )
    assert done.stderr.strip() == "0 []"


def test_the_demo_is_the_whole_way_and_quick_the_second_time(capsys, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run(["demo"]) == 0
    out, err = capsys.readouterr()
    assert "Making a synthetic market: 6 coins" in err
    assert out.startswith("momentum · ")
    assert "Open demo/report.html in a browser" in out
    assert "Try next:" in out
    assert len(list((tmp_path / "demo" / "market").glob("*.parquet"))) == 6
    first = (tmp_path / "demo" / "report.html").read_bytes()
    (tmp_path / "demo" / "momentum.py").write_text((tmp_path / "demo" / "momentum.py").read_text() + "# mine\n")
    assert run(["demo"]) == 0
    again = capsys.readouterr()
    assert again.err == ""
    assert "# mine" in (tmp_path / "demo" / "momentum.py").read_text(), "what the user changed stays"
    assert (tmp_path / "demo" / "report.html").read_bytes() == first


def test_the_demo_s_advice_works_without_the_program_on_the_path(monkeypatch):
    from bot4.cli import demo

    monkeypatch.setattr("shutil.which", lambda _: None)
    assert demo.program() == str(Path(sys.executable).parent / "bot4")
    assert "bin/bot4 backtest demo/momentum.py" in demo.next_steps(Path("demo"), Path("demo/momentum.py"))


def test_the_demo_s_strategy_is_the_example():
    example = (ROOT / "examples" / "momentum.py").read_text(encoding="utf-8")
    assert (ROOT / "bot4" / "cli" / "demo_momentum.txt").read_text(encoding="utf-8") == example


def test_the_commands_of_the_issue_run_on_real_bars(capsys):
    one, many = REAL / "binance-BTCUSDT-1h.parquet", sorted(str(path) for path in REAL.glob("binancefut-*-1h.parquet"))
    if not one.exists():
        pytest.skip(f"no real bars at {one}; set BOT4_TEST_DATA")
    assert run(["backtest", TREND, "--data", str(one), "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stats"]["trades"] > 100
    assert found["data"]["interval_ms"] == HOUR
    momentum = str(ROOT / "examples" / "momentum.py")
    assert run(["backtest", momentum, "--data", *many, "--report", "report.html"]) == 0
    assert "44 assets" in capsys.readouterr().out
