"""The control socket: who asks is what the kernel says, a running desk obeys at its next decision, and what is wrong is one sentence."""

from __future__ import annotations

import getpass
import json
import os
import queue
import socket
import stat
import threading
import time
from typing import Any

import pytest

from bot4 import _engine
from bot4.backtest.setup import prepare
from bot4.cli.main import run
from bot4.live.errors import LiveError
from bot4.live.operator import ControlSocket, Request, ask, user_name
from bot4.risk.errors import RiskError
from tests.backtest.markets import HOUR, START, perpetuals, walk
from tests.risk.test_model import restless


def answering(found):
    def host(request: Request):
        found.append(request)
        return {"state": "normal"}

    return host


def raw(path, line: bytes) -> Any:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(path))
        connection.sendall(line)
        return json.loads(connection.recv(4_096))


def test_who_asks_is_what_the_kernel_says_and_not_what_the_request_says(tmp_path):
    path, found = tmp_path / "run.sock", list[Any]()
    with ControlSocket(path, answering(found)):
        assert ask(path, "pause") == {"state": "normal"}
        assert raw(path, b'{"do": "status", "who": "root", "pid": 1}\n') == {"state": "normal"}
    assert found == [
        Request("pause", getpass.getuser(), os.getpid()),
        Request("status", getpass.getuser(), os.getpid()),
    ]
    assert not path.exists()


def test_the_socket_is_its_owners_alone_and_a_taken_path_is_refused(tmp_path):
    path = tmp_path / "run.sock"
    with ControlSocket(path, answering([])):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(LiveError, match="address already in use; give --control a path that does not exist"):
            ControlSocket(path, answering([]))
    with pytest.raises(LiveError, match="no such file or directory"):
        ControlSocket(tmp_path / "none" / "run.sock", answering([]))


def test_wrong_requests_and_refusals_are_answered_in_one_sentence(tmp_path):
    def host(request: Request):
        raise RiskError(f"{request.do} is refused.")

    path = tmp_path / "run.sock"
    with ControlSocket(path, host):
        assert raw(path, b"pause\n")["error"].startswith("a request is one line of JSON")
        assert raw(path, b"[]\n")["error"].startswith("a request is one line of JSON")
        assert raw(path, b'{"do": "double"}\n')["error"].startswith(
            "there is no command 'double'; commands are status, reduce,"
        )
        assert raw(path, b"x" * 4_096)["error"].startswith("a request is one line of JSON")
        with pytest.raises(LiveError, match="resume is refused"):
            ask(path, "resume")
        assert user_name(2**31 - 7).startswith("uid ")
    with pytest.raises(LiveError, match="no such file or directory; name the socket of a desk that runs"):
        ask(path, "status")


def test_a_peer_that_says_nothing_does_not_hold_the_others_up(tmp_path, monkeypatch):
    monkeypatch.setattr("bot4.live.operator.TIMEOUT_S", 0.2)
    path = tmp_path / "run.sock"
    with ControlSocket(path, answering([])), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.connect(str(path))
        time.sleep(0.1)  # it is accepted with the short limit
        monkeypatch.setattr("bot4.live.operator.TIMEOUT_S", 5.0)
        assert ask(path, "status") == {"state": "normal"}


def test_a_running_desk_obeys_at_its_next_decision_and_its_run_is_that_of_the_script(tmp_path):
    setup = prepare(restless, perpetuals(walk(200, seed=3)), {})
    program = setup.trace({})
    terms = json.loads(setup.config.engine_json(setup.market, None))
    desk = _engine.Replay(setup.market.native, program.json, json.dumps(terms | {"operated": True}))
    asked: queue.Queue[tuple[str, str, threading.Event]] = queue.Queue()

    def host(request: Request):
        done = threading.Event()
        asked.put((request.do, request.who, done))
        assert done.wait(5)
        return {"state": desk.state()}

    path, script, answers = tmp_path / "run.sock", [], []
    plan = {40: "reduce", 60: "flatten", 75: "status", 90: "resume"}
    with ControlSocket(path, host):
        for row in range(200):
            if row in plan:
                teller = threading.Thread(target=lambda do=plan[row]: answers.append(ask(path, do)["state"]))
                teller.start()
                do, who, done = asked.get(timeout=5)
                if do != "status":
                    at = START + (row + 1) * HOUR
                    desk.command(at, do, who)
                    script.append({"at": at, "do": do, "who": who})
                desk.advance(1)
                done.set()
                teller.join(5)
            else:
                desk.advance(1)
    assert answers == ["reduced", "emergency", "killed", "normal"]
    live = desk.results()
    scripted = _engine.run(setup.market.native, program.json, json.dumps(terms | {"commands": script}))
    assert live["state_hash"] == scripted["state_hash"]
    for table in ("orders", "fills", "commands", "guard"):
        for name, column in live[table].items():
            assert column.tolist() == scripted[table][name].tolist(), (table, name)


def test_commands_of_the_command_line_reach_the_desk(tmp_path, capsys):
    path, found = tmp_path / "run.sock", list[Any]()
    with ControlSocket(path, answering(found)):
        for do in ("status", "reduce", "pause", "flatten", "kill", "resume"):
            assert run(["operator", do, "--control", str(path)]) == 0
            assert capsys.readouterr().out == f"{do}: state normal\n"
    assert [request.do for request in found] == ["status", "reduce", "pause", "flatten", "kill", "resume"]
    assert run(["operator", "status", "--control", str(path)]) == 2
    assert "name the socket of a desk that runs" in capsys.readouterr().err
