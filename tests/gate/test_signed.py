"""The signed file of a check: what was changed in it is found, and another process computes the same verdict from it."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest

from bot4.gate import canonical, perform
from bot4.gate import evidence as evidences
from bot4.gate.errors import GateError
from bot4.gate.registry import file as files
from bot4.gate.registry.store import Registry
from bot4.gate.verdict import judge
from tests.gate.worlds import NOW


def last_check(registry, id):
    """The last check of a registration, computed again."""
    found = perform.shown(registry.book.find(id), registry)
    assert found is not None
    return found


def test_the_signed_file_verifies_and_shows_the_same_verdict(judged):
    world, id, _ = judged
    registry = Registry.read(world.store, NOW + 9_000)
    shown = last_check(registry, id)
    lines = files.verify(shown.path, registry)
    assert [line.split(" ")[0] for line in lines] == ["signed", "the", "the"]
    assert canonical.encode(shown.verdict) == canonical.encode(files.read(shown.path).verdict)


def test_a_file_of_another_machine_says_so(judged, tmp_path, monkeypatch):
    world, id, _ = judged
    registry = Registry.read(world.store, NOW + 9_000)
    path = last_check(registry, id).path
    monkeypatch.setenv("BOT4_HOME", str(tmp_path / "elsewhere"))
    lines = files.verify(path, Registry.read(now_ms=NOW + 9_000))
    assert "another machine's key" in lines[0]
    assert "of another registry" in lines[2]


@pytest.mark.parametrize("step", [2_003])
def test_every_changed_byte_of_a_signed_file_is_found(judged, step):
    world, id, _ = judged
    registry = Registry.read(world.store, NOW + 9_000)
    path = last_check(registry, id).path
    data = path.read_bytes()
    places = sorted({*range(0, len(data), step), *range(len(data) - 150, len(data))})
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << place % 7
        path.write_bytes(changed)
        with pytest.raises(GateError, match="chang"):
            files.read(path)


def test_a_verdict_that_is_not_that_of_its_evidence_is_found(judged):
    world, id, _ = judged
    registry = Registry.read(world.store, NOW + 9_000)
    found = last_check(registry, id)
    better = dataclasses.replace(found.verdict, outcome="PASS", words="Passed with honours.")
    found.path.write_bytes(files.sign(found.evidence, better, (1, "x"), registry))
    with pytest.raises(GateError, match="is not what its evidence gives"):
        files.verify(found.path, registry)


def test_evidence_that_the_registry_does_not_know_is_found(judged):
    world, id, _ = judged
    registry = Registry.read(world.store, NOW + 9_000)
    found = last_check(registry, id)
    rosier = dataclasses.replace(found.evidence, clock_ms=found.evidence.clock_ms + 1)
    found.path.write_bytes(files.sign(rosier, judge(rosier), (1, "x"), registry))
    with pytest.raises(GateError, match="has no verdict on the evidence"):
        files.verify(found.path, registry)
    assert evidences.digest(rosier) != evidences.digest(found.evidence)


def test_a_registry_that_was_written_anew_is_found_by_an_old_file(judged):
    world, id, _ = judged
    registry = Registry.read(world.store, NOW + 9_000)
    found = last_check(registry, id)
    number = files.read(found.path).head["number"]
    anew = dataclasses.replace(registry, audit=dataclasses.replace(registry.audit, digests={number: "0" * 64}))
    with pytest.raises(GateError, match=f"entry {number} of the registry is another than the one"):
        files.verify(found.path, anew)


def test_another_process_computes_the_same_verdict(judged):
    world, id, _ = judged
    registry = Registry.read(world.store, NOW + 9_000)
    path = last_check(registry, id).path
    code = (
        "import sys; from bot4.gate import canonical, verdict; from bot4.gate.registry import file; from pathlib import Path\n"
        "found = file.read(Path(sys.argv[1])); sys.stdout.buffer.write(canonical.encode(verdict.judge(found.evidence)))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "1"}
    made = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True, env=environment)
    assert made.stdout == canonical.encode(files.read(path).verdict)
