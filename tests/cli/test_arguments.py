"""`--data a b c` reaches Typer as three values, `--json` alone as `--json -`."""

from __future__ import annotations

import pytest

from bot4.cli.arguments import rewritten
from bot4.cli.main import run


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("backtest t.py --data a b c", "backtest t.py --data a --data b --data c"),
        ("backtest t.py --data a b --cash 5", "backtest t.py --data a --data b --cash 5"),
        ("backtest --data a b t.py:x --cash 5", "backtest --data a --data b t.py:x --cash 5"),
        ("backtest --data t.py a b", "backtest t.py --data a --data b"),
        ("backtest t.py --data=a b", "backtest t.py --data=a --data b"),
        ("backtest t.py --data a --data b", "backtest t.py --data a --data b"),
        ("backtest t.py --json - --data a b", "backtest t.py --json - --data a --data b"),
        ("data check a --json", "data check a --json -"),
        ("data list --json --debug", "data list --json - --debug"),
        ("data list --json x.json", "data list --json x.json"),
        ("data list -- --json", "data list -- --json"),
        ("backtest t.py --data a -- b", "backtest t.py --data a -- b"),
        ("backtest t.py --funding a b --data c d", "backtest t.py --funding a --funding b --data c --data d"),
        ("data check a b", "data check a b"),
        ("backtest t.py --data", "backtest t.py --data"),
        ("backtest t.py --data a -p x=1 b", "backtest t.py --data a -p x=1 b"),
    ],
)
def test_every_value_gets_its_option_and_every_option_its_value(given, expected):
    assert " ".join(rewritten(given.split())) == expected


@pytest.mark.parametrize("words", [[], ["data"]])
def test_who_says_nothing_gets_the_help_and_no_error(words, capsys):
    assert run(words) == 0
    out, err = capsys.readouterr()
    assert "Usage: bot4" in out + err
    assert "error" not in (out + err).lower().replace("with --debug an error", "")
