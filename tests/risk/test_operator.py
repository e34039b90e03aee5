"""The operator in whole runs: commands read and refused, random scripts judged by the slow operator, journals replayed, refusals."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import bot4 as b4
from bot4.backtest.conditions import Condition, read_conditions
from bot4.backtest.errors import BacktestError
from bot4.records.journal import records, replay
from bot4.risk.commands import Command, read_commands
from bot4.risk.errors import RiskError
from tests.backtest.markets import HOUR, START, frame, perpetuals, walk

from .operator_model import ACTIONS, EMERGENCY, FLATTEN_LIMIT, KILLED, PAUSED, REDUCED, judge
from .test_model import listed, restless, stopped

RUNS = 180


def some_script(rng: np.random.Generator) -> list[Command]:
    hours = np.sort(rng.integers(1, 300, rng.integers(1, 9)))
    return [
        Command(START + int(hour) * HOUR - int(rng.integers(2)), str(rng.choice(list(ACTIONS))), "ada")
        for hour in hours
    ]


def some_conditions(rng: np.random.Generator, script: list[Command]) -> list[Condition]:
    """Refusals, often while something is to be flattened."""
    found = []
    for command in script:
        if rng.random() < 0.5:
            refuses = [("market",), ("limit",), ("market", "limit")][rng.integers(3)]
            found.append(Condition(command.at, command.at + int(rng.integers(1, 9)) * HOUR, refuses))
    return found


@pytest.mark.parametrize("strategy", [restless, stopped, listed], ids=lambda strategy: strategy.name)
def test_states_orders_and_refusals_are_those_of_the_slow_operator(strategy):
    counts: Counter[int] = Counter()
    ended: Counter[str] = Counter()
    for seed in range(RUNS // 3):
        rng = np.random.default_rng(seed)
        data = perpetuals(*(walk(300, seed=10 * seed + at) for at in range(rng.integers(1, 4))))
        script = some_script(rng)
        conditions = some_conditions(rng, script)
        collar = float(rng.choice([0.001, 0.01, 0.1]))
        result = b4.backtest(
            strategy, data, commands=script, venue_conditions=conditions, record=False, collar=collar, size=float(rng.uniform(1, 3)),
            n=int(rng.integers(2, 9)), volume_share=float(rng.choice([0.01, 0.1])), latency_ms=int(rng.choice([0, 1, HOUR])),
        )  # fmt: skip
        counts.update(judge(result.records, script, conditions, collar, START + HOUR))
        orders = result.records["orders"]
        flattens = np.isin(orders["reason"], (16, FLATTEN_LIMIT))
        ended.update(str(code) for code in orders["cause"][flattens])
        ended["limit"] += int((orders["reason"] == FLATTEN_LIMIT).sum())
    assert min(counts[state] for state in (REDUCED, PAUSED, EMERGENCY, KILLED)) > 30, counts
    assert ended["51"] > 6, "the venue refused"
    assert ended["22"] > 2, "beyond the collar"
    assert ended["limit"] > 4


def test_a_journal_of_commands_is_replayed_bit_for_bit_from_what_it_says_itself(tmp_path):
    script = [{"at": "2020-01-03", "do": "pause", "who": "ada"}, {"at": "2020-01-05T12:30", "do": "flatten", "who": "grace"},
              {"at": "2020-01-08", "do": "resume", "who": "grace"}]  # fmt: skip
    folder = tmp_path / "run.journal"
    conditions = [{"from": "2020-01-05", "to": "2020-01-06", "refuses": ["market"]}]
    settings: dict[str, Any] = {
        "commands": script,
        "venue_conditions": conditions,
        "policy": {"breaker": {}},
        "record": False,
    }
    b4.backtest(restless, perpetuals(walk(300, seed=4)), journal=folder, **settings)
    found = replay(folder)
    assert found.difference is None
    rows = list(records(folder))
    kinds = [row.kind for row in rows]
    assert kinds.count("command") == kinds.count("obeyed") == 3
    first = kinds.index("command")
    assert rows[first].fields == {"at": START + 48 * HOUR, "do": "pause", "who": "ada"}
    later = [row for row in rows if row.kind == "command"][1]
    assert later.fields["at"] == START + (4 * 24 + 13) * HOUR, "the decision at which it was obeyed"
    assert first < kinds.index("obeyed"), "an input stands before what comes of it"


def test_a_run_without_commands_has_empty_frames_and_one_with_them_says_who():
    data = perpetuals(walk(100, seed=2))
    plain = b4.backtest(restless, data, record=False)
    assert plain.commands.is_empty()
    assert plain.breakers.is_empty()
    assert "commands" not in plain.config.as_dict()
    script = [{"at": "2020-01-02", "do": "kill", "who": "ada"}, {"at": "2020-01-03", "do": "kill", "who": "grace"}]
    killed = b4.backtest(restless, data, commands=script, record=False)
    assert killed.commands.select("who", "do", "effect", "to").rows() == [
        ("ada", "kill", "applied", "killed"),
        ("grace", "kill", "no_effect", "killed"),
    ]
    assert killed.config.as_dict()["commands"][0] == {"at": START + 24 * HOUR, "do": "kill", "who": "ada"}
    assert "Operator: kill by ada 2020-01-02 00:00; the guard went from normal to killed." in killed.notes
    assert not (killed.records["orders"]["ts"] > START + 24 * HOUR).any()


def test_a_run_that_is_flattened_and_resumed_trades_again():
    script = [{"at": "2020-01-02", "do": "flatten", "who": "ada"}, {"at": "2020-01-03", "do": "resume", "who": "ada"}]
    result = b4.backtest(restless, perpetuals(frame([100.0, 101.0] * 60)), commands=script, record=False)
    orders = result.records["orders"]["ts"]
    assert not ((orders > START + 25 * HOUR) & (orders < START + 48 * HOUR)).any()
    assert (orders >= START + 48 * HOUR).any()
    assert result.guard["to"].to_list() == ["emergency", "killed", "normal"]


def test_commands_are_read_from_a_file_by_time(tmp_path):
    path = tmp_path / "commands.toml"
    path.write_text(
        '[[command]]\nat = 2020-01-03T00:00:00Z\ndo = "resume"\nwho = "b"\n[[command]]\nat = "2020-01-02"\ndo = "pause"\nwho = "a"\n'
    )
    assert read_commands(path) == (Command(START + 24 * HOUR, "pause", "a"), Command(START + 48 * HOUR, "resume", "b"))
    assert read_conditions([{"from": START, "to": "2020-01-02", "refuses": ["limit"]}]) == (
        Condition(START, START + 24 * HOUR, ("limit",)),
    )


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"at": 0, "do": "stop", "who": "a"}, "there is no command 'stop'; commands are reduce, pause, flatten, kill, resume, reload."),
        ({"at": 0, "do": "pause", "who": " "}, "the command pause names nobody; say who gives it: who = with 1 to 256 bytes."),
        ({"at": "soon", "do": "pause", "who": "a"}, "at: 'soon' is not a time; write it as 2024-01-31 or 2024-01-31T12:00 (UTC)."),
        ({"at": 0, "do": "pause"}, "{'at': 0, 'do': 'pause'} is no command; commands look like [[command]] with"),
    ],
)  # fmt: skip
def test_a_wrong_command_is_refused_in_one_sentence(row, sentence):
    with pytest.raises(RiskError) as raised:
        read_commands([row])
    assert str(raised.value).startswith(f"the commands: {sentence}")


def test_wrong_files_and_conditions_are_refused_in_one_sentence(tmp_path):
    path = tmp_path / "x.toml"
    for text, sentence in (("a = 1", "there is no key a; commands look like"), ("[[", "is not TOML")):
        path.write_text(text)
        with pytest.raises(RiskError, match=sentence):
            read_commands(path)
    with pytest.raises(RiskError, match="no such file or directory; give the path of a TOML file"):
        read_commands(tmp_path / "none.toml")
    for row, sentence in (
        ({"from": 5, "to": 5, "refuses": ["market"]}, "ends before it begins"),
        ({"from": 5, "to": 6, "refuses": []}, "refuses nothing"),
        ({"from": 5, "to": 6, "refuses": ["stop"]}, "refuses 'stop'; give market, limit or both"),
        ({"from": 5}, "is no condition; conditions look like"),
    ):
        with pytest.raises(BacktestError, match=sentence):
            read_conditions([row])


def test_sleeves_take_no_commands():
    from bot4._engine import EngineError

    both = b4.sleeves(one=(restless, 0.5), two=b4.sleeve(restless, 0.5, n=5))
    with pytest.raises(EngineError, match="sleeves take no commands"):
        b4.backtest(both, perpetuals(walk(50)), commands=[Command(START, "pause", "a")], record=False)
