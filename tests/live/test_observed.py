"""What bars cannot say trips breakers, a reload makes them trip earlier, a licence holds what opens: each bit for bit a backtest."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

import bot4 as b4
from bot4 import _engine
from bot4.cli.main import run
from bot4.live.errors import LiveError
from bot4.live.faults import Faults, read_faults
from bot4.live.observed import SOURCES, Spell, read_observed
from bot4.live.operator import ask
from bot4.live.rehearse import rehearse
from bot4.records.licence import Licence, LicenceError, Step
from bot4.risk.catalogue import REHEARSED
from tests.backtest.markets import HOUR, START, perpetuals, walk
from tests.risk.test_controls import OFF

BREAKERS: dict[str, Any] = OFF | {
    "breaker": {
        "venue": {"latency": "5s", "cooldown": "2h"},
        "account": {"position_drift": 3, "loss": False, "drawdown": False, "cooldown": "2h"},
        "feed": {"clock_skew": "2s", "stale": "40d", "cooldown": "2h"},
        "symbol": {"spread": 3, "slippage": False, "price_gap": False, "cooldown": "2h"},
    }
}
ROWS = 400
DRIVEN = {
    "clock_skew": ("clock_skew", "3s", "feed", "clock_skew", 3_000.0),
    "order_latency": ("order_latency", "8s", "venue", "latency", 8e9),
    "spread": ("spread", 5, "symbol", "spread", 5.0),
    "reconciliation": ("position_drift", 4, "account", "position_drift", 4.0),
}
"""Control → key and value in the file, the breaker and its source, what is measured."""


@b4.strategy
def restless(m):
    """Opens or closes at nearly every bar."""
    return b4.target(b4.where(m.close > m.close.shift(1), 0.9, 0.0), band=0.0)


def data() -> Any:
    return perpetuals(walk(ROWS, seed=4), walk(ROWS, seed=5))


def when(hours: int) -> int:
    return START + hours * HOUR


def spell(key: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"from": when(100), "to": when(110), key: value, **more}


@pytest.mark.parametrize("control", REHEARSED, ids=lambda control: control.id)
def test_each_control_of_the_rehearsal_is_driven_and_what_opens_is_refused(control) -> None:
    key, value, kind, source, measured = DRIVEN[control.id]
    done = rehearse(restless, data(), workers=1, policy=BREAKERS, faults={"observed": [spell(key, value)]})
    assert done.is_same, done.difference
    first = done.result.breakers.row(0, named=True)
    assert (first["kind"], first["source"], first["value"], first["to"]) == (kind, source, measured, "open")
    assert int(first["ts"].timestamp() * 1000) == when(100)
    refused = done.result.records["orders"]["cause"] == 50
    times = done.result.records["orders"]["ts"][refused]
    assert len(times) > 0
    assert times.min() >= when(100)
    assert set(control.codes) == {"breaker"}
    plain = rehearse(restless, data(), workers=1, policy=BREAKERS, compare=False)
    assert plain.result.breakers.is_empty(), "nothing else opens one"


def test_the_latency_of_a_feed_is_the_age_of_its_data_and_symbols_may_be_chosen() -> None:
    chosen = spell("feed_latency", "50d", symbols=["ETH/USDT:USDT"])
    done = rehearse(restless, data(), workers=1, policy=BREAKERS, faults={"observed": [chosen]})
    assert done.is_same
    assert done.result.breakers["source"][0] == "stale_feed"
    assert set(done.result.breakers["name"]) == {"ETH/USDT:USDT"}


def test_every_source_has_a_breaker_that_measures_it() -> None:
    terms = [Spell(1, 2, key, 3.0).terms(["A", "B"], ["x", "y"]) for key in SOURCES]
    assert [len(each) for each in terms] == [2, 2, 2, 2, 1]
    assert [each[0]["value"] for each in terms] == [3, 3, 3_000_000, 3_000_000_000, 3]
    assert terms[2] == [
        {"from_ms": 1, "to_ms": 2, "kind": "venue", "source": "latency", "index": index, "value": 3_000_000}
        for index in (0, 1)
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"from": 1, "clock_skew": "3s"}, "has no from and to"),
        ({"from": 2, "to": 1, "clock_skew": "3s"}, "before it begins"),
        ({"from": 1, "to": 2}, "nothing is observed; name one of clock_skew, feed_latency"),
        ({"from": 1, "to": 2, "skew": "3s"}, "there is no key skew in observed; sources are clock_skew"),
        ({"from": 1, "to": 2, "clock_skew": 3}, "clock_skew is 3; give a span such as 3s"),
        ({"from": 1, "to": 2, "spread": -1}, "spread is -1; give a number above 0"),
        ({"from": 1, "to": 2, "spread": 2, "symbols": "BTC"}, "symbols is 'BTC'; give a list"),
        ({"from": "once", "to": 2, "spread": 2}, "from"),
        ("spread", "has no from and to"),
    ],
)
def test_what_is_observed_wrongly_is_one_sentence(row: Any, says: str) -> None:
    with pytest.raises(LiveError) as caught:
        read_faults({"observed": [row]})
    assert says in str(caught.value)
    assert str(caught.value).startswith("the faults: ")


def test_a_symbol_that_the_run_has_not_is_refused_and_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text('late = 0.1\n[[observed]]\nfrom = "2022-01-05"\nto = "2022-01-06"\nspread = 5\nsymbols = ["X"]\n')
    faults = read_faults(str(path))
    assert faults == Faults(late=0.1, observed=read_observed([spell_of(path)], "x"))
    with pytest.raises(LiveError, match="the run has no symbol X; its symbols are BTC/USDT:USDT, ETH"):
        rehearse(restless, data(), faults=faults, policy=BREAKERS)


def spell_of(path: Path) -> dict[str, Any]:
    import tomllib

    return dict(tomllib.loads(path.read_text())["observed"][0])


TIGHTER = {**BREAKERS["breaker"], "feed": {**BREAKERS["breaker"]["feed"], "clock_skew": "1s"}}
LOOSER = {**BREAKERS["breaker"], "feed": {**BREAKERS["breaker"]["feed"], "clock_skew": "3s"}}


def test_a_scripted_reload_holds_from_its_decision_on_and_a_looser_one_is_refused(tmp_path: Path) -> None:
    script = [
        {"at": when(50), "do": "reload", "who": "ada", "breaker": LOOSER},
        {"at": when(60), "do": "reload", "who": "ada", "breaker": TIGHTER},
    ]
    faults = {"observed": [spell("clock_skew", "1s")]}
    folder = tmp_path / "run.journal"
    done = rehearse(restless, data(), workers=1, policy=BREAKERS, commands=script, faults=faults, journal=folder)
    assert done.is_same, done.difference
    assert done.result.commands["effect"].to_list() == ["refused", "applied"]
    first = done.result.breakers.row(0, named=True)
    assert (first["source"], first["value"], first["limit"]) == ("clock_skew", 1000.0, 1000.0)
    notes = "\n".join(done.result.view.notes)
    assert "Operator: reload by ada" in notes
    assert "breakers would have tripped later" in notes
    parts = {row.part for row in done.result.view.controls}
    assert parts == {"operator", "breaker"}
    page = done.result.report(tmp_path / "run.html").read_text()
    assert "Guard and breakers" in page
    assert "feed BTC/USDT:USDT: clock_skew" in page
    assert run(["replay", str(folder)]) == 0
    assert run(["risk", "report", str(folder)]) == 0


def test_a_reload_over_the_socket_is_journaled_before_it_is_obeyed(tmp_path: Path, capsys) -> None:
    path, folder, found = tmp_path / "run.sock", tmp_path / "run.journal", list[Any]()
    policy = tmp_path / "tight.toml"
    policy.write_text('[breaker.venue]\nlatency = "5s"\n[breaker.feed]\nclock_skew = "1s"\n')

    def command() -> None:
        while not path.exists():
            time.sleep(0.001)
        found.append(run(["operator", "reload", "--control", str(path), "--policy", str(policy)]))
        try:
            ask(path, "reload", {"moon": 1})
        except LiveError as error:
            found.append(str(error))

    thread = threading.Thread(target=command)
    thread.start()
    base = OFF | {"breaker": {"venue": {"latency": "5s"}, "feed": {"clock_skew": "2s"}}}
    done = rehearse(restless, data(), workers=1, rate=600, policy=base, control=path, journal=folder)
    thread.join()
    assert found[0] == 0
    assert found[1].startswith("the command reload: there is no key breaker.moon")
    assert done.is_same, done.difference
    assert done.result.commands["do"].to_list() == ["reload"]
    assert done.result.commands["effect"].to_list() == ["applied"]
    capsys.readouterr()
    assert run(["replay", str(folder)]) == 0


def issued(path: Path, **change: Any) -> str:
    strategy = b4.backtest(restless, data(), record=False)
    identity = str(_engine.describe(strategy.program.json, list(strategy.market.symbols))["identity"])
    content: dict[str, Any] = {
        "strategy": identity,
        "name": "restless",
        "instruments": ("BTC/USDT:USDT",),
        "currency": "USDT",
        "max_order": 10**15,
        "max_gross": 10**15,
        "ramp": (Step(START, 10**9),),
        "from_ms": START,
        "until_ms": when(300),
    }
    licence = Licence(**{**content, **change})
    key = bytes(range(32))
    signature = bytes(_engine.ed25519_sign(key, licence.payload()))
    path.write_text(licence.document(bytes(_engine.ed25519_public(key)), signature))
    return str(path)


def test_a_licence_refuses_what_opens_outside_it_and_lets_reductions_pass(tmp_path: Path) -> None:
    done = rehearse(restless, data(), workers=1, policy=OFF, licence=issued(tmp_path / "a.licence"))
    assert done.is_same, done.difference
    orders, fills = done.result.records["orders"], done.result.records["fills"]
    causes = {int(code): int((orders["cause"] == code).sum()) for code in set(orders["cause"])}
    assert causes[92] > 50, "the other instrument is not in it"
    assert causes[91] > 20, "it ends before the run does"
    assert set(fills["asset"]) == {0}
    late = orders["ts"][orders["cause"] == 91]
    assert late.min() >= when(300)
    opened = fills["ts"] >= when(300)
    assert opened.sum() <= 1, "what was held is closed"
    assert not rehearse(restless, data(), workers=1, compare=False).result.records["orders"]["cause"].__contains__(91)


def test_a_licence_of_another_strategy_or_with_a_wrong_signature_is_refused(tmp_path: Path, capsys) -> None:
    with pytest.raises(Exception, match="the licence is that of the strategy 0000000000000000, this one is"):
        rehearse(restless, data(), licence=issued(tmp_path / "b.licence", strategy="0" * 64))
    path = Path(issued(tmp_path / "c.licence"))
    path.write_text(path.read_text().replace("restless", "careless"))
    with pytest.raises(LicenceError, match="the signature is not that of its content"):
        rehearse(restless, data(), licence=str(path))
