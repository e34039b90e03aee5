"""Evidence goes to bytes and back to the bit, and bytes that were changed anywhere are refused or are other evidence."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from bot4.gate import canonical, evidence
from bot4.gate.errors import GateError
from tests.gate.evidences import small


def test_evidence_comes_back_to_the_bit():
    found = small()
    data = evidence.to_bytes(found)
    again = evidence.from_bytes(data)
    assert evidence.to_bytes(again) == data
    assert again.registration == found.registration
    assert again.out.returns.tobytes() == found.out.returns.tobytes()
    assert again.out.returns.dtype == np.float64
    assert again.volatility.shape == found.volatility.shape
    assert np.isnan(again.volatility[0]).all()


def test_a_file_holds_it(tmp_path):
    path = tmp_path / "evidence.json"
    evidence.save(small(), path)
    assert evidence.digest(evidence.load(path)) == evidence.digest(small())


def test_every_changed_byte_is_refused_or_changes_the_digest():
    data, digest = evidence.to_bytes(small()), evidence.digest(small())
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        try:
            assert evidence.digest(evidence.from_bytes(bytes(changed))) != digest
        except GateError:
            continue


@pytest.mark.parametrize("shape", ["{}", "[]", "null", "", '{"look":0}', "\xff"])
def test_other_files_are_refused(shape):
    with pytest.raises(GateError, match="the evidence"):
        evidence.from_bytes(shape.encode("latin-1"))


def test_a_number_that_is_none_is_refused():
    with pytest.raises(GateError, match="nan is no number"):
        evidence.to_bytes(dataclasses.replace(small(), equity=float("nan")))
    with pytest.raises(GateError, match="no object"):
        canonical.encode(object())
    with pytest.raises(GateError, match="float32"):
        canonical.encode(np.zeros(2, dtype=np.float32))
