"""The verdict in the terminal: at most 100 columns, every check in a line, results in words and not in colour alone."""

from __future__ import annotations

import dataclasses
import io

import pytest
from rich.console import Console

from bot4.gate import shown
from bot4.gate.finding import Settings
from bot4.gate.terminal import WIDTH, summary, summary_text
from bot4.gate.verdict import judge
from tests.gate.checks.samples import evidence

QUICK = Settings(resamples=500)


@pytest.fixture(scope="module")
def judged():
    return {
        "PASS": judge(evidence(sharpe=3.0, out=1_200, made_settings=QUICK)),
        "EXTEND": judge(evidence(sharpe=1.7, out=790, first=730, look=2, made_settings=QUICK)),
        "FAIL": judge(evidence(sharpe=-1.0, out=1_200, made_settings=QUICK)),
    }


@pytest.mark.parametrize("outcome", ["PASS", "EXTEND", "FAIL"])
def test_every_check_is_in_a_line_within_the_width(judged, outcome):
    one = judged[outcome]
    text = summary_text(one)
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= WIDTH
    assert lines[0].startswith(f" {outcome} ")
    for found in one.findings:
        (row,) = [line for line in lines if line.startswith(f"{found.id} ")]
        assert found.name in row
        assert shown.result(found, outcome) in row
        assert shown.bar(found) in row


def test_reasons_and_warnings_stand_below(judged):
    text = " ".join(summary_text(judged["FAIL"]).split())
    assert "What stands in the way" in text
    for line in judged["FAIL"].reasons:
        assert " ".join(line.split()) in text
    assert "What stands in the way" not in summary_text(judged["PASS"])


def test_what_waits_is_not_yet_and_after_a_fail_not_met(judged):
    evidence_line = judged["EXTEND"].finding("G2")
    assert shown.result(evidence_line, "EXTEND") == "not yet"
    assert shown.result(evidence_line, "FAIL") == "not met"
    assert shown.result(judged["PASS"].finding("G9"), "PASS") == "noted"


def test_a_narrow_terminal_is_not_overrun(judged):
    assert max(len(line) for line in summary_text(judged["EXTEND"], 80).splitlines()) <= 80


def test_close_numbers_are_told_apart(judged):
    one = judged["EXTEND"].finding("G2")
    close = dataclasses.replace(one, value=2.8301, bar=2.8342)
    assert (shown.value(close), shown.bar(close)) == ("2.8301", "> 2.8342")


def test_it_is_something_rich_prints_in_colour(judged):
    stream = io.StringIO()
    Console(width=100, force_terminal=True, file=stream).print(summary(judged["PASS"]))
    assert "\x1b[" in stream.getvalue()
