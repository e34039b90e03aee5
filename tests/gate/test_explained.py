"""docs/gate.md has a row for every check with its name and weight, and one for every setting with default, bounds and meaning."""

from __future__ import annotations

import dataclasses
import re

from bot4.gate.checks import CHECKS
from bot4.gate.finding import RANGES, Settings
from bot4.gate.stats.catalogue import meanings
from bot4.gate.verdict import judge
from scripts.shell import ROOT
from tests.gate.checks.samples import evidence

PAGE = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")


def test_every_check_has_its_row_in_order():
    rows = re.findall(r"^\| (G\w+) \| ([^|]+) \| (\w+)(, waits)? \| [^|]+ \|$", PAGE, re.MULTILINE)
    given = evidence(sharpe=0.5, out=400, first=390, trades=30, rebalances=40)
    early = judge(given)
    waiting = {one.id for one in (check(given) for check in CHECKS) if one.waits}
    assert [(id, name, role) for id, name, role, _ in rows] == [(one.id, one.name, one.role) for one in early.findings]
    assert {id for id, _, _, waits in rows if waits} == waiting


def test_every_setting_has_its_row():
    said = meanings(Settings)
    wanted = [
        f"| `{one.name}` | {one.default:g} | {RANGES[one.name][0]:g} | {RANGES[one.name][1]:g} | {said[one.name].rstrip('.')} |"
        for one in dataclasses.fields(Settings)
    ]
    assert [line for line in PAGE.splitlines() if line.startswith("| `")] == wanted
