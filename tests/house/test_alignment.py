"""Docs and code say the same: generated pages are as the code is, and what hand-written pages name is there.

One direction: every command, flag, setting, file key, metric, reason code, public name and environment variable stands in the docs. The
other: every `b4.name`, `bot4 command --flag` and `BOT4_…` in the docs exists.
"""

from __future__ import annotations

import functools
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import bot4
from bot4.backtest.config import Config
from bot4.report.stats import STAT_NAMES
from scripts.reference import codes, commands, pages, settings
from scripts.shell import ROOT
from tests.house.pages import blocks, shell_commands

REFERENCE = ROOT / "docs" / "reference"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [path for path in PAGES if REFERENCE not in path.parents]
ELSEWHERE = ("--help", "--debug")
"""Flags of every command."""
NO_COMMANDS = ("bot4 COMMAND",)
"""Calls in which a word stands for any command."""
TEST_ONLY = (
    "BOT4_TEST_DATA",
    "BOT4_ORACLE_CASES",
    "BOT4_JOURNAL_EVENTS",
    "BOT4_FUZZ",
    "BOT4_VENUE_COMMANDS",
    "BOT4_CONTROL_EXAMPLES",
    "BOT4_FREQTRADE_HOURS",
    "BOT4_PROBES",
)
"""Environment variables that only tests read; docs/contributing pages may name them."""


def written() -> dict[str, str]:
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in WRITTEN}


def test_generated_pages_are_as_the_code_is() -> None:
    assert pages.differing() == [], "run `python -m scripts.reference` and commit docs/reference"


def test_a_page_that_differs_is_missing_or_left_over_is_found_and_written_again(tmp_path: Path) -> None:
    assert set(pages.write(tmp_path)) == set(pages.texts())
    (tmp_path / "cli.md").write_text("old")
    (tmp_path / "names.md").unlink()
    (tmp_path / "schema" / "gone.json").write_text("{}")
    assert pages.differing(tmp_path) == ["cli.md", "names.md", "schema/gone.json"]
    pages.write(tmp_path)
    assert pages.differing(tmp_path) == []


def test_every_command_and_flag_stands_in_the_docs() -> None:
    page = (REFERENCE / "cli.md").read_text()
    found = dict(commands.leaves())
    assert len(found) >= 10
    for words, command in found.items():
        section = page.split(f"\n## bot4 {words}\n")[1].split("\n## ")[0]
        missing = [flag for flag in commands.options(command) if flag not in section and flag != "--help"]
        assert missing == [], f"bot4 {words}"


def test_every_command_and_option_says_what_it_is_for() -> None:
    silent = [f"bot4 {words}" for words, command in commands.leaves() if not command.help]
    silent += [
        f"bot4 {words} {parameter.name}"
        for words, command in commands.leaves()
        for parameter in command.params
        if not getattr(parameter, "help", None)
    ]
    assert silent == []


def test_every_command_is_used_somewhere_in_the_written_docs() -> None:
    text = "\n".join(written().values())
    assert [words for words, _ in commands.leaves() if f"bot4 {words}" not in text] == []


def test_every_public_name_is_explained_in_the_docs() -> None:
    text = (REFERENCE / "names.md").read_text()
    assert [name for name in bot4._EXPORTS if f"`b4.{name}`" not in text] == []
    assert not re.findall(r"\| \| *\|\n", text)


def test_every_metric_setting_and_key_stands_in_the_docs() -> None:
    metrics, page = (ROOT / "docs" / "metrics.md").read_text(), (REFERENCE / "settings.md").read_text()
    assert [name for name in STAT_NAMES if f"| `{name}` |" not in metrics] == []
    assert [name for name in Config.__dataclass_fields__ if f"| `{name}` |" not in page] == []
    assert {what: set(keys) for what, keys in settings.FILE_KEYS.items()} == settings.file_keys()


def test_every_code_has_a_meaning_and_stands_in_the_docs() -> None:
    page = (REFERENCE / "reasons.md").read_text()
    for title, _, numbers, meanings in codes.SECTIONS:
        section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
        assert all(f"| {number} | `{name}` |" in section for number, name in numbers.items()), title
        assert not meanings or set(meanings) == set(numbers.values()) - {"none"}, title


def test_every_environment_variable_is_explained_and_every_explained_one_is_read() -> None:
    read = settings.environment_read()
    assert {"BOT4_HOME", "_BOT4_COMPLETE"} <= read <= set(settings.ENVIRONMENT)
    known = read | set(TEST_ONLY)
    named = {(page, word) for page, text in written().items() for word in re.findall(r"\b_?BOT4_[A-Z_]+\b", text)}
    assert {(page, word) for page, word in named if word not in known} == set()


def unknown_names(text: str) -> list[str]:
    """Returns the `b4.…` of a text that are no public names, or no functions of a public group."""
    found = []
    for first, second in re.findall(r"\bb4\.([A-Za-z_]\w*)(?:\.([a-z_]\w*))?", text):
        value = getattr(bot4, first, None) if first in {*bot4._EXPORTS, "__version__"} else None
        if value is None or (second and not hasattr(value, second)):
            found.append(f"b4.{first}" + (f".{second}" if second else ""))
    return found


def test_every_name_in_the_docs_exists() -> None:
    assert {page: names for page, text in written().items() if (names := unknown_names(text))} == {}


def calls(path: Path) -> list[str]:
    """Returns the `bot4 …` calls of a page: those of its shell blocks, and those in code within the text."""
    text = path.read_text(encoding="utf-8")
    found = [
        command
        for block in blocks(path, path.name)
        if block.language in ("console", "sh")
        for command in shell_commands(block.text)
    ]
    found += re.findall(r"(?<!`)`(bot4 [^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [command for command in found if command.startswith("bot4 ")]


@functools.cache
def every_command() -> dict[str, Any]:
    """Returns the commands by their words."""
    return dict(commands.leaves())


def wrong(call: str) -> list[str]:
    """Returns what a call names that is not there: a command, or flags of it."""
    known = every_command()
    words = shlex.split(call.replace("…", "").split(" | ")[0], comments=True)[1:]
    name = next((" ".join(words[:count]) for count in (2, 1) if " ".join(words[:count]) in known), None)
    if name is None:
        groups = {command.split()[0] for command in known}
        return [] if words and words[0] in groups and len(words) == 1 else [f"bot4 {' '.join(words[:2])}"]
    options = {*commands.options(known[name]), *ELSEWHERE}
    return [f"{name} {flag}" for word in words if (flag := word.split("=")[0]).startswith("--") and flag not in options]


def test_every_call_in_the_docs_names_commands_and_flags_that_exist() -> None:
    asked = [(path.name, call) for path in WRITTEN for call in calls(path) if not call.startswith(NO_COMMANDS)]
    assert len(asked) > 20
    assert [(page, call, faults) for page, call in asked if (faults := wrong(call))] == []


@pytest.mark.parametrize(
    ("call", "faults"),
    [
        ("bot4 backtest a.py --data x --cash 5", []),
        ("bot4 backtest a.py --monney=5", ["backtest --monney"]),
        ("bot4 data", []),
        ("bot4 data check x --json -", []),
        ("bot4 fly", ["bot4 fly"]),
    ],
)
def test_a_wrong_call_is_found(call: str, faults: list[str]) -> None:
    assert wrong(call) == faults


def test_a_wrong_name_is_found() -> None:
    assert unknown_names("b4.param, b4.paramm and b4.order.limit, b4.order.limitt") == ["b4.paramm", "b4.order.limitt"]
