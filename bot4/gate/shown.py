"""How findings are shown to people, in the terminal and on the page alike: results in one word, values and bars in their unit."""

from __future__ import annotations

from bot4.report import text

from .finding import Finding
from .verdict import Verdict

WORDS = {"PASS": "Passed", "EXTEND": "Not yet", "FAIL": "Failed"}
TONES = {"PASS": "good", "EXTEND": "mark", "FAIL": "bad"}
"""Of each outcome: good, mark and bad are colours of the style sheet."""


def result(one: Finding, outcome: str) -> str:
    """Returns a finding's result in a word or two; outcome: of the verdict, after whose FAIL nothing is waited for."""
    if one.passed is True:
        return "met"
    if one.role == "info":
        return "noted"
    if one.passed is None and one.role == "warn":
        return "not judged"
    if one.role == "warn":
        return "warning"
    if one.waits and outcome != "FAIL":
        return "not yet"
    return "not judged" if one.passed is None else "not met"


def tone(one: Finding, outcome: str) -> str:
    """Returns the colour of a finding's result: good, mark, bad, or soft."""
    if one.passed is True:
        return "good"
    if one.role == "hard":
        return "mark" if one.waits and outcome != "FAIL" else "bad"
    return "mark" if one.passed is False else "soft"


def value(one: Finding) -> str:
    """Returns a finding's value in its unit."""
    return number(one.value, one.unit, digits(one))


def bar(one: Finding) -> str:
    """Returns a finding's bar with what it asks of the value, such as `≤ 0.05`."""
    return f"{one.asks} {number(one.bar, one.unit, digits(one))}" if one.bar is not None else ""


def digits(one: Finding) -> int:
    """Returns the decimals at which value and bar are seen to differ: two, or four where they are close."""
    is_close = one.value is not None and one.bar is not None and abs(one.value - one.bar) < 0.01
    return 4 if is_close else 2


def number(found: float | None, unit: str, digits: int = 2) -> str:
    """Returns a number in its unit, a plain one with so many decimals; an en dash for none."""
    if found is None:
        return text.MISSING
    if unit in ("fraction", "probability"):
        return text.percent(found, 1)
    if unit == "p":
        return "< 0.001" if found < 0.001 else text.ratio(found, 3)
    if unit in ("z", "ratio"):
        return text.ratio(found, digits)
    return f"{found:,.0f}"


def counted(verdict: Verdict) -> str:
    """Returns how many hard checks are met, and how many warnings there are."""
    hard = [one for one in verdict.findings if one.role == "hard"]
    warned = sum(one.role == "warn" and one.passed is False for one in verdict.findings)
    return f"{sum(one.passed is True for one in hard)} of {len(hard)} hard checks met, {text.plural(warned, 'warning')}"
