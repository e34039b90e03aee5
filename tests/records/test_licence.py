"""Licences: what is signed is what is read, whatever is changed is found, and in live nothing opens without one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bot4 as b4
from bot4 import _engine
from bot4.cli.main import app
from bot4.records.licence import E9, Licence, LicenceError, Step, read, verify
from tests.backtest.markets import HOUR, START, market, walk

SEED = bytes(range(32))
KEY = _engine.ed25519_public(SEED)
DAY = 24 * HOUR
LICENCE = Licence(
    strategy="ab" * 32,
    name="trend",
    instruments=("BTC/USDT",),
    currency="USDT",
    max_order=10_000 * 10**8,
    max_gross=20_000 * 10**8,
    ramp=tuple(Step(START + at * 7 * DAY, share * E9 // 100) for at, share in enumerate((10, 25, 50, 100))),
    from_ms=START,
    until_ms=START + 90 * DAY,
    evidence="run 7",
)
NOW = START + 15 * DAY


def written(folder: Path, licence: Licence = LICENCE, seed: bytes = SEED) -> Path:
    file = folder / "trend.licence"
    signature = _engine.ed25519_sign(seed, licence.payload())
    file.write_text(licence.document(_engine.ed25519_public(seed), signature), encoding="utf-8")
    return file


def test_what_is_signed_is_what_is_read(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert verify(file, [KEY.hex()], NOW) == LICENCE
    assert read(file).issuer == KEY.hex()
    assert [LICENCE.share_e9(START + days * DAY) * 100 // E9 for days in (-1, 0, 8, 15, 22, 90)] == [
        0,
        10,
        25,
        50,
        100,
        0,
    ]


def test_whatever_is_changed_is_found(tmp_path: Path) -> None:
    held = json.loads(written(tmp_path).read_text())
    changes = {
        "strategy": "cd" * 32, "name": "other", "instruments": ["ETH/USDT"], "currency": "USD", "max_order": 1, "max_gross": 10**18,
        "ramp": [[START, E9]], "from_ms": 1, "until_ms": START + 900 * DAY, "evidence": "",
    }  # fmt: skip
    assert set(changes) == set(held["licence"]) - {"version"}
    for name, value in changes.items():
        file = tmp_path / f"{name}.licence"
        file.write_text(json.dumps(held | {"licence": held["licence"] | {name: value}}))
        with pytest.raises(LicenceError, match="the signature is not that of its content"):
            verify(file, [KEY.hex()], NOW)
    flipped = bytearray.fromhex(held["signature"])
    flipped[7] ^= 1
    file = tmp_path / "flipped.licence"
    file.write_text(json.dumps(held | {"signature": flipped.hex()}))
    assert not read(file).is_authentic


def test_only_a_trusted_issuer_counts_and_only_while_it_holds(tmp_path: Path) -> None:
    file = written(tmp_path, seed=bytes(32))
    with pytest.raises(LicenceError, match="which is not trusted; give that key with --key"):
        verify(file, [KEY.hex()], NOW)
    file = written(tmp_path)
    with pytest.raises(LicenceError, match="expired at"):
        verify(file, [KEY.hex()], LICENCE.until_ms)
    with pytest.raises(LicenceError, match="holds from"):
        verify(file, [KEY.hex()], START - 1)
    assert verify(file, [KEY.hex().upper()], LICENCE.until_ms - 1) == LICENCE


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"licence": {}}, "other fields than"),
        ({"issuer": "zz"}, "issuer has to be 64 hexadecimal digits"),
        ({"signature": "00"}, "signature has to be 128"),
        ({"more": 1}, "licence, issuer and signature and nothing else"),
        ({"version": 2}, "of version 2, this Bot4 reads 1"),
        ({"max_order": 0}, "max_order of the licence is 0"),
        ({"max_gross": 1.5}, "max_gross of the licence is 1.5"),
        ({"ramp": [[2, 1], [1, 1]]}, "ramp of the licence"),
        ({"ramp": [[1, E9 + 1]]}, "ramp of the licence"),
        ({"instruments": []}, "instruments of the licence"),
        ({"until_ms": 1, "from_ms": 2}, "until_ms of the licence"),
    ],
)
def test_what_is_no_licence_is_refused_with_the_field(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    held = json.loads(written(tmp_path).read_text())
    inner = {name: value for name, value in change.items() if name in held["licence"]}
    held = held | {"licence": held["licence"] | inner} if inner else held | change
    file = tmp_path / "wrong.licence"
    file.write_text(json.dumps(held))
    with pytest.raises(LicenceError, match=says):
        read(file)
    file.write_text("no JSON")
    with pytest.raises(LicenceError, match="is no JSON"):
        read(file)
    with pytest.raises(LicenceError, match="cannot be read"):
        read(tmp_path / "absent")


@b4.strategy
def rising(m, slow: int = 10):
    """Long above its average."""
    return b4.target(b4.where(m.close > m.close.ema(slow), 0.9, 0.1))


def run_in(mode: str, licence: Licence | None) -> tuple[dict[str, Any], b4.Result]:
    """Runs the desk over history in a mode, with the plain terms of a licence."""
    plain = b4.backtest(rising, market(walk(900, seed=5)), record=False)
    config = json.loads(plain.config.engine_json(plain.market, plain.trade_from_ms)) | {"mode": mode}
    if licence is not None:
        named = replace(licence, strategy=plain.identity, instruments=tuple(plain.market.symbols))
        config["licence"] = named.engine_terms(plain.market.symbols)
    return _engine.run(plain.market.native, plain.program.json, json.dumps(config)), plain


@pytest.mark.parametrize("mode", ["live", "paper"])
def test_where_one_is_demanded_nothing_opens_without_a_licence(mode: str) -> None:
    records, plain = run_in(mode, None)
    assert len(plain.records["fills"]["ts"]) > 50
    assert len(records["fills"]["ts"]) == 0
    assert set(records["orders"]["cause"].tolist()) == {90}


@pytest.mark.parametrize("mode", ["backtest", "simulation"])
def test_where_none_is_demanded_the_run_is_the_same(mode: str) -> None:
    records, plain = run_in(mode, None)
    assert records["state_hash"] == plain.records["state_hash"]


def test_the_ramp_and_the_dates_bind_and_what_reduces_passes() -> None:
    records, plain = run_in("live", replace(LICENCE, until_ms=START + 28 * DAY))
    fills = records["fills"]
    price = plain.market.instruments[0]
    unit = price.lot[0] * price.tick[0] / 10 ** (price.lot[1] + price.tick[1])
    value = np.abs(fills["position"] * fills["ticks"] * unit)
    share = np.array([LICENCE.share_e9(int(ts)) for ts in fills["ts"]]) / E9
    grows = np.sign(fills["lots"]) == np.sign(fills["position"])
    assert grows.sum() > 10
    assert (value[grows] <= 20_000 * share[grows] * 1.02).all(), (
        "within the ramp, but for what the price moved until the fill"
    )
    late = records["orders"]["ts"] >= START + 28 * DAY
    causes = records["orders"]["cause"][late & (records["orders"]["side"] > 0)]
    assert set(causes.tolist()) == {91}
    assert (fills["ts"][fills["lots"] < 0] > START + 28 * DAY).any(), "out is never shut"


def test_a_licence_of_another_strategy_starts_nothing() -> None:
    plain = b4.backtest(rising, market(walk(100, seed=5)), record=False)
    config = json.loads(plain.config.engine_json(plain.market, plain.trade_from_ms))
    config |= {"mode": "live", "licence": replace(LICENCE, instruments=()).engine_terms(plain.market.symbols)}
    with pytest.raises(_engine.EngineError, match="the licence is that of the strategy abababababababab"):
        _engine.run(plain.market.native, plain.program.json, json.dumps(config))


def test_the_commands_say_what_it_allows_and_why_it_does_not_hold(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    lasting = replace(LICENCE, until_ms=START + 40_000 * DAY)
    file = str(written(tmp_path, lasting))
    shown = CliRunner().invoke(app, ["licence", "show", file])
    assert shown.exit_code == 0
    assert "10 % of both" in shown.output
    assert "the signature is that of its content" in shown.output
    held = CliRunner().invoke(app, ["licence", "verify", file, "--key", KEY.hex()])
    assert (held.exit_code, "It holds" in held.output) == (0, True)
    refused = CliRunner().invoke(app, ["licence", "verify", file, "--key", "00" * 32])
    assert isinstance(refused.exception, LicenceError)
