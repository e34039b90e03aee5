"""The coverage gate reads both reports rightly and stops below the floors."""

import json
from pathlib import Path

import pytest

from scripts import coverage_gate


def coverage_json(path: Path, lines: tuple[int, int], branches: tuple[int, int]) -> Path:
    """Writes a report in coverage.py's shape with (covered, all) lines and branches."""
    totals = {
        "covered_lines": lines[0],
        "num_statements": lines[1],
        "covered_branches": branches[0],
        "num_branches": branches[1],
    }
    files = {"bot4/a.py": {"missing_lines": [3, 4], "missing_branches": [[7, 9]]}}
    path.write_text(json.dumps({"totals": totals, "files": files}))
    return path


def test_python_at_the_floors_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coverage_gate.python(coverage_json(tmp_path / "c.json", (95, 100), (90, 100)))
    assert "Python lines: 95.00 % (5 of 100 missed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "branches", "named"), [((94, 100), (100, 100), "lines 3 4"), ((95, 100), (89, 100), "lines 7")]
)
def test_python_below_a_floor_stops_and_names_the_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: tuple[int, int], branches: tuple[int, int], named: str
) -> None:
    with pytest.raises(SystemExit):
        coverage_gate.python(coverage_json(tmp_path / "c.json", lines, branches))
    said = capsys.readouterr()
    assert named in said.out
    assert "is below" in said.err


def test_rust_test_modules_do_not_count(tmp_path: Path) -> None:
    source = tmp_path / "engine" / "a.rs"
    source.parent.mkdir()
    source.write_text("fn a() {}\nfn b() {}\n\n#[cfg(test)]\nmod tests {\n    fn t() {}\n}\n")
    lcov = f"SF:{source}\nDA:1,5\nDA:2,0\nDA:6,9\nend_of_record\nSF:{source}\nDA:2,1\nend_of_record\n"
    assert coverage_gate.rust_lines(lcov, tmp_path) == {"engine/a.rs": {1: 5, 2: 1}}


def test_a_cfg_test_item_that_is_no_module_does_not_end_the_file() -> None:
    assert coverage_gate.test_module_start("#[cfg(test)]\nuse x;\nfn a() {}\n") is None


def test_rust_below_the_floor_stops(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "c.lcov"
    report.write_text("SF:engine/a.rs\nDA:1,1\nDA:2,0\nend_of_record\n")
    with pytest.raises(SystemExit):
        coverage_gate.rust(report)
    assert "engine/a.rs: 1 missed, lines 2" in capsys.readouterr().out


def test_nothing_to_reach_is_all_reached() -> None:
    assert coverage_gate.Share(0, 0).percent == 100.0
