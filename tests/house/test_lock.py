"""The lock files: exact versions that pyproject.toml allows, and nothing that belongs to one machine."""

from pathlib import Path

import pytest

from scripts import lock
from scripts.shell import ROOT


def test_the_projects_own_lock_agrees_with_pyproject() -> None:
    pins = {k: v for name in lock.ranges() for k, v in lock.pins(lock.FOLDER / f"{name}.txt").items()}
    assert lock.disagreements(lock.ranges(), pins) == []


def test_no_package_is_pinned_twice() -> None:
    seen: dict[str, str] = {}
    for name in lock.ranges():
        for package in lock.pins(lock.FOLDER / f"{name}.txt"):
            assert package not in seen, f"{package} stands in {seen[package]} and {name}"
            seen[package] = name


def test_what_is_missing_or_out_of_range_is_named() -> None:
    wanted = {"runtime": ["numpy>=2.0,<3", "rich>=14"]}
    wrong = lock.disagreements(wanted, {"numpy": "1.26.0"})
    assert "does not allow the locked 1.26.0" in wrong[0]
    assert "in no lock file" in wrong[1]


@pytest.mark.parametrize("line", ["numpy>=2", "numpy @ https://host/numpy.whl", "--index-url https://host", "numpy=="])
def test_a_line_that_is_no_exact_version_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    file = tmp_path / "runtime.txt"
    file.write_text(f"# head\n{line}\n")
    with pytest.raises(SystemExit):
        lock.pins(file)
    assert "runtime.txt, line 2" in capsys.readouterr().err


def test_names_compare_as_indexes_do() -> None:
    assert lock.normal("Ruamel.Yaml_x") == "ruamel-yaml-x"


def test_the_cargo_lock_knows_both_crates() -> None:
    text = (ROOT / "Cargo.lock").read_text()
    assert 'name = "bot4-engine"' in text
    assert 'name = "bot4-bindings"' in text
