"""The JSON of every command is what its schema says, and says everything the schema promises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from typer.main import get_command

from bot4 import _engine
from bot4.cli.main import app, run
from bot4.cli.schema import schema_of
from bot4.cli.shapes import SHAPES
from bot4.gate.registry.book import Book
from bot4.live.operator import ControlSocket
from bot4.records.licence import Licence, Step
from bot4.records.store import RecordStore
from bot4.risk.commands import ACTIONS
from tests.gate.worlds import STRATEGY as DRIFT
from tests.records.samples import row, sweep
from tests.ticks.recordings import FUTURES
from tests.ticks.recordings import write as write_recording

ROOT = Path(__file__).parents[2]
STRATEGY = str(ROOT / "examples" / "rsi2.py")
BOTH = str(ROOT / "examples" / "sleeves.py")
SEED = bytes(32)
KEY = bytes(_engine.ed25519_public(SEED)).hex()

GATED = ["drift.py", "--data", "long", "--set", "resamples=200", "--set", "blocks=4"]
SPACE = ["--param", "low=5:15:5", "--param", "average=60:80:20"]

CALLS: dict[str, list[list[str]]] = {
    "backtest": [
        ["backtest", STRATEGY, "--data", "coins", "--no-record"],
        ["backtest", STRATEGY, "--data", "coins", "--realism", "all", "--tear-sheet"],
        ["backtest", BOTH, "--data", "coins/synth-BTCUSDT-1h.parquet"],
    ],
    "data check": [["data", "check", "coins", "days"]],
    "data import": [["data", "import", "ticks.gz", "--out", "ticks"]],
    "data list": [["data", "list", "coins"], ["data", "list", "broken"]],
    "data synth": [["data", "synth", "--out", "more", "--bars", "50"]],
    "demo": [["demo", "--folder", "show"]],
    "doctor": [["doctor"]],
    "gate check": [["gate", "check", "ID"]],
    "gate list": [["gate", "list"]],
    "gate register": [["gate", "register", *GATED, "--design", "holdout", "--replace", "ID"]],
    "gate self-test": [["gate", "self-test", "--paths", "100"]],
    "gate show": [["gate", "show", "ID"], ["gate", "check", "ID"], ["gate", "show", "ID"]],
    "gate verify": [["gate", "verify"]],
    "journal ledger": [["journal", "ledger", "run.journal"]],
    "journal repair": [["journal", "repair", "run.journal"]],
    "journal tail": [["journal", "tail", "run.journal"], ["journal", "tail", "run.journal", "--kind", "tape"]],
    "journal verify": [["journal", "verify", "run.journal"]],
    "licence show": [["licence", "show", "trend.licence"]],
    "licence verify": [["licence", "verify", "trend.licence", "--key", KEY]],
    "orders id": [["orders", "id", _engine.client_order_id(1, 2, 4096)]],
    "orders table": [["orders", "table"]],
    "explain": [["explain", STRATEGY], ["explain", BOTH]],
    "new": [["new", "idea"]],
    "rehearse": [["rehearse", STRATEGY, "--data", "coins/synth-BTCUSDT-1h.parquet"]],
    **{f"operator {do}": [["operator", do, "--control", "run.sock"]] for do in ("status", *ACTIONS[:-1])},
    "operator reload": [
        ["operator", "reload", "--control", "run.sock", "--policy", str(ROOT / "examples" / "breakers.toml")]
    ],
    "replay": [["replay", "run.journal"], ["replay", "run.journal", "--until", "2022-03-01"]],
    "sweep": [
        ["sweep", STRATEGY, "--data", "coins/synth-BTCUSDT-1h.parquet", *SPACE],
        ["sweep", STRATEGY, "--data", "coins", *SPACE, "--search", "random", "--n", "3", "--no-record"],
    ],
    "risk check": [["risk", "check", str(ROOT / "examples" / "policy.toml")]],
    "risk controls": [["risk", "controls"], ["risk", "controls", "--active"]],
    "risk report": [["risk", "report", "guarded.journal"]],
    "runs compare": [["runs", "compare", "1", "2"]],
    "runs diff": [["runs", "diff", "1", "2"]],
    "runs list": [["runs", "list"]],
    "runs show": [["runs", "show", "1"], ["runs", "show", "g1"]],
    "stats": [
        ["stats", "--list"],
        ["stats", "min_backtest_length", "-p", "trials=45"],
        ["stats", "garch", "coins/synth-BTCUSDT-1h.parquet"],
        ["stats", "dcc", "coins/synth-BTCUSDT-1h.parquet", "coins/synth-ETHUSDT-1h.parquet"],
    ],
    "version": [["version"]],
    "walkforward": [
        ["walkforward", STRATEGY, "--data", "coins", "--param", "patience=5,10", "--train", "20d", "--test", "10d"],
        ["walkforward", STRATEGY, "--data", "coins", "--param", "patience=5,10", "--cpcv", "4,2", "--no-record"],
    ],
    "why": [
        ["why", STRATEGY, "--data", "coins", "--symbol", "BTC/USDT", "--at", "2022-04-01"],
        ["why", str(ROOT / "examples" / "trend.py"), "--data", "coins", "--symbol", "BTC/USDT", "--at", "2022-04-20"],
        ["why", BOTH, "--data", "coins/synth-BTCUSDT-1h.parquet", "--at", "2022-04-01"],
    ],
}
"""For every command calls whose output together shows what there is; the folders are those of `here`."""


WRITE_ALONE = {"chart", "completion", "exchange serve", "journal export", "schema"}
"""Commands whose result is a page, a script, a table, a schema or a server, and not told in words."""


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with two coins as hours and as days, and a file that is no Parquet."""
    folder = tmp_path_factory.mktemp("here")
    synth = ["data", "synth", "--coins", "2", "--json", str(folder / "x.json")]
    assert run([*synth, "--out", str(folder / "coins"), "--bars", "3000"]) == 0
    assert run([*synth, "--out", str(folder / "days"), "--bars", "125", "--interval", "1d"]) == 0
    only = ["--data", str(folder / "coins" / "synth-BTCUSDT-1h.parquet"), "--no-record"]
    assert run(["backtest", STRATEGY, *only, "--journal", str(folder / "run.journal")]) == 0
    guarded = [str(ROOT / "examples" / "policy.toml"), "--journal", str(folder / "guarded.journal")]
    assert run(["backtest", STRATEGY, *only, "--policy", *guarded]) == 0
    assert run([*synth, "--out", str(folder / "long"), "--bars", "600", "--interval", "1d"]) == 0
    (folder / "drift.py").write_text(DRIFT)
    write_recording(folder, FUTURES, "ticks.gz")
    write_licence(folder / "trend.licence")
    (folder / "broken").mkdir()
    (folder / "broken" / "synth-BTCUSDT-1h.parquet").write_text("no")
    with ControlSocket(folder / "run.sock", lambda request: {"state": "normal", "who": request.who}):
        yield folder


def write_licence(file):
    """Writes a licence of many years, signed by `KEY`."""
    names: dict[str, Any] = {"strategy": "ab" * 32, "name": "trend", "instruments": ("BTC/USDT",), "currency": "USDT"}
    limits: dict[str, Any] = {"max_order": 10**12, "max_gross": 10**13, "from_ms": 1, "until_ms": 10**15}
    licence = Licence(**names, **limits, ramp=(Step(1, 10**8), Step(2, 10**9)))
    file.write_text(licence.document(bytes.fromhex(KEY), _engine.ed25519_sign(SEED, licence.payload())))


def record_some():
    """Records two runs and a sweep of one."""
    for low in ("10", "12"):
        only = ["--data", "coins/synth-BTCUSDT-1h.parquet", "--param", f"low={low}"]
        assert run(["backtest", STRATEGY, *only]) == 0
    store = RecordStore()
    store.append_many(store.open_group(sweep(2)), [row(0)])


def leaves(command, words=()):
    """Yields (words, command) of every command that does something."""
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(words), command
        return
    for name, child in children.items():
        yield from leaves(child, (*words, name))


def test_every_command_with_json_has_a_schema_and_a_call():
    with_json = {name for name, command in leaves(get_command(app)) if any("--json" in p.opts for p in command.params)}
    assert set(SHAPES) == with_json == set(CALLS)


def test_every_command_that_prints_a_result_has_json():
    without = {
        name for name, command in leaves(get_command(app)) if not any("--json" in p.opts for p in command.params)
    }
    assert without == WRITE_ALONE


@pytest.mark.parametrize("name", CALLS)
def test_real_output_is_what_the_schema_says(name, here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    if name.startswith("runs"):
        record_some()
    if name.startswith("gate"):
        assert run(["gate", "register", *GATED]) == 0
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    for number, words in enumerate(CALLS[name]):
        capsys.readouterr()
        words = [next(iter(Book(RecordStore().entries()))).made.id if word == "ID" else word for word in words]
        if name == "new":
            words = [*words, "--out", f"new-{number}"]
        assert run([*words, "--json", "-"]) in (0, 2 if "broken" in words else 0, 1 if "check" in words else 0)
        if " ".join(words).startswith(name):
            Draft202012Validator(schema).validate(json.loads(capsys.readouterr().out))


def test_a_key_too_many_or_too_few_is_found():
    checked = Draft202012Validator(schema_of("version"))
    good = {"bot4": "1", "engine": "1", "python": "3"}
    checked.validate(good)
    for wrong in (good | {"more": 1}, {"bot4": "1", "engine": "1"}, good | {"python": 3}):
        with pytest.raises(ValidationError):
            checked.validate(wrong)


def test_a_schema_is_printed_and_an_unknown_one_refused(capsys):
    assert run(["schema", "data", "check"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "bot4 data check --json"
    assert run(["schema"]) == 0
    assert capsys.readouterr().out.split("\n")[:-1] == list(SHAPES)
    assert run(["schema", "nothing"]) == 2
    assert "backtest" in capsys.readouterr().err
