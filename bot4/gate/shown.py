"""How findings are shown to people, in the terminal and on the page alike: results in one word, values and bars in their unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from bot4.report import text
from bot4.report.columns import DAY_MS

from .finding import Finding
from .verdict import Verdict

WORDS = {"PASS": "Passed", "EXTEND": "Not yet", "FAIL": "Failed"}
INSTANT_MS = 100_000_000_000
"""A number of milliseconds above this is an instant since 1970, below it a length."""
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


def named(values: Mapping[str, object]) -> str:
    """Returns settings by name in one line: instants as dates, lengths in days, equal values of many instruments once; None left out."""
    return ", ".join(f"{_name(name)} {_value(name, one)}" for name, one in values.items() if one is not None)


def _name(name: str) -> str:
    return name.removesuffix("_ms").replace("_", " ")


def _value(name: str, one: object) -> str:
    if isinstance(one, Mapping):
        counts = Counter(str(inner) for inner in one.values())
        return " and ".join(f"{word} for {count}" for word, count in counts.items()) or "none"
    if isinstance(one, (list, tuple)):
        kept = list(dict.fromkeys(one))
        return " or ".join(_value(name, inner) for inner in kept) or "none"
    if name.endswith("_ms") and isinstance(one, int) and not isinstance(one, bool):
        if one > INSTANT_MS:
            return text.date(one)
        return text.plural(one // DAY_MS, "day") if one % DAY_MS == 0 and one else f"{one:,} ms"
    if isinstance(one, bool):
        return "yes" if one else "no"
    return f"{one:g}" if isinstance(one, float) else str(one)


def instruments(universe: Sequence[str]) -> str:
    """Returns `venue:symbol` of many instruments in one line, a venue they share once."""
    venues = {one.partition(":")[0] for one in universe if ":" in one}
    if len(venues) != 1 or len(universe) < 2:
        return ", ".join(universe)
    (venue,) = venues
    return f"{venue}: {', '.join(one.removeprefix(f'{venue}:') for one in universe)}"


def counted(verdict: Verdict) -> str:
    """Returns how many hard checks are met, and how many warnings there are."""
    hard = [one for one in verdict.findings if one.role == "hard"]
    warned = sum(one.role == "warn" and one.passed is False for one in verdict.findings)
    return f"{sum(one.passed is True for one in hard)} of {len(hard)} hard checks met, {text.plural(warned, 'warning')}"
