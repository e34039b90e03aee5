"""What holds for the whole tree: nothing of one machine in it, files that fit in one read, a README that starts well."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from scripts import lock
from scripts.shell import ROOT

MAX_LINES = 400
GENERATED = "docs/reference/"
"""Pages written from the code, in which one looks things up: as long as what there is."""
# Longer files, each with the reason why it is clearer in one piece.
LONGER: dict[str, str] = {
    "bot4/_engine.pyi": "one stub for each name of the one extension module",
    "tests/strategy/test_order_errors.py": "a table with a row for each mistake, and one test that runs them",
    "tests/oracle/nodes.py": "one short function for each row of the table in docs/semantics.md",
}

# Put together here so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(["wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers"]) + r")/\w"
)
REGISTRY = re.compile(
    "|".join(["arti" + "factory", r"index\.crates" + r"\.io", r"pypi\.org" + "/simple", "files.python" + "hosted"])
)


def tracked() -> list[Path]:
    """Returns the files git knows or would add."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """Returns the text files by name."""
    found = {}
    for path in tracked():
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_no_machine_path_and_no_registry_host_is_in_the_tree() -> None:
    places = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line) or REGISTRY.search(line)
    ]
    assert places == []


@pytest.mark.parametrize(
    ("line", "found"), [("see /ho" + "me/ann/x", True), ("GET /api/work/list", False), ("a/ro" + "ot/b", False)]
)
def test_the_search_for_machine_paths_finds_them(line: str, found: bool) -> None:
    assert bool(MACHINE_PATH.search(line)) is found


def test_files_fit_in_one_read() -> None:
    code = {n: t for n, t in texts().items() if n.endswith((".py", ".pyi", ".rs", ".sh", ".md", "Makefile"))}
    lengths = {n: len(t.splitlines()) for n, t in code.items() if not n.startswith(GENERATED)}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES and name not in LONGER} == {}
    assert [name for name in LONGER if lengths.get(name, 0) <= MAX_LINES] == [], "no longer needed in LONGER"


def test_every_rust_module_opens_with_what_it_is() -> None:
    silent = [
        name
        for name, text in texts().items()
        if name.endswith(".rs") and not name.endswith("tests.rs") and not text.lstrip().startswith("//!")
    ]
    assert silent == []


def test_the_first_screen_of_the_readme_has_what_a_visitor_needs() -> None:
    screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:45])
    for piece in ("make demo", "make test", "![", "@b4.", "Python ≥ 3.11"):
        assert piece in screen, piece


def test_links_between_pages_lead_somewhere() -> None:
    pages = {name: text for name, text in texts().items() if name.endswith(".md")}
    links = [(name, link) for name, text in pages.items() for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)]
    broken = [(name, link) for name, link in links if "://" not in link and not ((ROOT / name).parent / link).exists()]
    assert broken == []


@pytest.mark.parametrize("name", ["ci.yml", "wheels.yml"])
def test_workflows_parse_and_their_jobs_have_steps(name: str) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text())
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 40
        assert all(("run" in step) != ("uses" in step) for step in job["steps"])


def test_ci_runs_the_projects_own_script() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    assert workflow["jobs"]["test"]["steps"][-1] == {"run": ".ci/run"}
    script = (ROOT / ".ci" / "run").read_text()
    assert "set -euo pipefail" in script
    assert "make test" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_help_lists_every_task() -> None:
    makefile = (ROOT / "Makefile").read_text()
    listed = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    assert listed >= {
        "help",
        "setup",
        "demo",
        "test",
        "quick",
        "docs",
        "bench",
        "lint",
        "fmt",
        "clean",
        "wheel",
        "hooks",
    }
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {task}" in said for task in listed)


def test_dependencies_stay_few() -> None:
    names = {re.split(r"[<>=\[]", text)[0] for text in lock.ranges()["runtime"]}
    assert names == {"alembic", "numpy", "plotly", "polars", "pydantic", "rich", "sqlalchemy", "typer"}
