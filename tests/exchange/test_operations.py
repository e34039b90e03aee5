"""The control API holds what its OpenAPI description says, whatever is sent: schemathesis generates the requests.

Some hundred requests here; as many as wanted by `BOT4_CONTROL_EXAMPLES=2000 pytest tests/exchange/test_operations.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from bot4.exchange import Exchange, serve
from tests.exchange.client import Client
from tests.exchange.conftest import client_of
from tests.exchange.places import environment

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = int(os.environ.get("BOT4_CONTROL_EXAMPLES", "20"))
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,negative_data_rejection"
"""No answer of the server's failing; no status, type of content or form that is not described; nothing taken that does not fit."""


def test_the_description_names_every_call_of_the_client(exchange: Exchange) -> None:
    told = Client(exchange.url).ok("GET", "/control/openapi.json")
    assert told["openapi"] == "3.0.3"
    called = set(re.findall(r'self\._call\("(\w+)"', (ROOT / "bot4" / "exchange" / "control.py").read_text()))
    assert {path.removeprefix("/control/") for path in told["paths"]} == called


def test_whatever_is_sent_the_control_api_answers_as_described(tmp_path: Path) -> None:
    schemathesis = environment("schemathesis").with_name("schemathesis")
    with serve() as exchange:
        command = [str(schemathesis), "run", f"{exchange.url}/control/openapi.json", "--checks", CHECKS]
        command += [
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            str(EXAMPLES),
            "--seed",
            "7",
            "--no-color",
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=600 + EXAMPLES
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
        found = re.search(r"(\d[\d,]*) generated", done.stdout)
        assert found is not None, done.stdout[-2000:]
        assert int(found[1].replace(",", "")) >= 5 * EXAMPLES
        assert exchange.server.is_alive
        exchange.control.set_faults()
        exchange.control.reset()
        exchange.control.set_status("BTCUSDT", "TRADING")
        exchange.control.set_speed(0)
        alice = client_of(exchange, "alice")
        alice.offset_ms = exchange.control.state()["time_ms"] - alice.now_ms()
        assert alice.ok("GET", "/api/v3/account", recvWindow=60_000)["canTrade"] is True
