"""Provenance: fingerprints, the registered split, and openings that count as trials."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot4.gate.checks import provenance
from bot4.gate.evidence import Trials
from tests.gate.checks.samples import DAY, evidence

GOOD = evidence(out=400)


def nameless(field: str):
    empty: Any = {field: ""}
    return dataclasses.replace(GOOD, registration=dataclasses.replace(GOOD.registration, **empty))


def test_a_registration_before_the_first_opening_is_met():
    made = provenance.check(GOOD)
    assert (made.passed, made.value, made.waits) == (True, 1, False)
    assert "opened once since" in made.words
    assert "1 trial" in made.words


def test_runs_of_the_records_and_openings_add_up_to_trials():
    given = dataclasses.replace(GOOD, openings=3, trials=Trials(40, 12, 5.5, "12 others"))
    made = provenance.check(given)
    assert made.details["trials"] == 7.5
    assert "40 other runs" in made.words
    assert "opened 3 times" in made.words


@pytest.mark.parametrize(
    ("name", "said"), [("identity", "fingerprint of its code"), ("data_digest", "fingerprint of its data")]
)
def test_without_a_fingerprint_it_fails(name, said):
    made = provenance.check(nameless(name))
    assert made.passed is False
    assert said in made.words


def test_days_that_were_never_opened_fail():
    assert provenance.check(dataclasses.replace(GOOD, openings=0)).passed is False


@pytest.mark.parametrize(("later", "passed"), [(0, True), (DAY - 1, True), (DAY, False), (-1, False)])
def test_another_split_than_the_registered_one_fails(later, passed):
    """400 days out of sample, of which 399 lie before the end of the registered data or not."""
    given = evidence(out=460, first=400, look=2)
    made = dataclasses.replace(given.registration, data_end_ms=given.registration.data_end_ms + later)
    assert provenance.check(dataclasses.replace(given, registration=made)).passed is passed
