"""Every snippet of README.md and of the pages in docs/ runs.

Each page has a folder of its own with

- `market/BTC-USDT-1h.parquet` and five more: the coins of `bot4 data synth`, four months of hours;
- `examples/`: the strategies of the project;
- `recordings/usdm-btcusdt_20240808.gz`: a book and trades in the raw words of Binance, made by hand;
- what earlier blocks of the page wrote; a Python block introduced by "Save this as `name.py`" is saved so, too.

Its `python` blocks run from top to bottom in one namespace. Of its `console` and `sh` blocks, `bot4 …` commands run, `make …` targets
must exist, and other commands must be among the few in `NOT_RUN`. ```` ```python no-run: why ```` leaves a block out and says why.
"""

from __future__ import annotations

import io
import linecache
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from bot4.cli.main import run as run_program
from scripts.shell import ROOT
from tests.house.pages import Block, blocks, shell_commands
from tests.ticks.recordings import FUTURES
from tests.ticks.recordings import write as write_recording

PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))]
NOT_RUN = ("source .venv/", "pip install .", "git clone", "cd ", ".venv/bin/")
LANGUAGES = ("python", "console", "sh", "json", "text", "toml", "csv", "")
SAVED = re.compile(r"[Ss]ave this as `([\w/]+\.py)`")
COMMAND_SECONDS = 60
SHELL = re.compile(r"[|;&<>$`]")
"""What only a shell understands; patterns such as `*.parquet` Bot4 reads itself."""


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with four months of hourly bars of six synthetic coins, named `BTC-USDT-1h.parquet` and so on."""
    folder = tmp_path_factory.mktemp("docs") / "market"
    words = ["data", "synth", "--out", str(folder), "--bars", str(120 * 24), "--interval", "1h"]
    subprocess.run([sys.executable, "-m", "bot4.cli.main", *words], check=True, capture_output=True)
    for file in folder.glob("synth-*USDT-1h.parquet"):
        file.rename(file.with_name(file.name.replace("synth-", "").replace("USDT", "-USDT")))
    return folder


@pytest.fixture
def workshop(tmp_path: Path, market: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh folder with `market/`, `examples/` and `recordings/`, made the current one."""
    shutil.copytree(market, tmp_path / "market")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "recordings").mkdir()
    write_recording(tmp_path / "recordings", FUTURES, "usdm-btcusdt_20240808.gz")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOT4_HOME", raising=False)
    return tmp_path


def run_python(block: Block, namespace: dict[str, object]) -> None:
    """Executes one block; its lines are shown in tracebacks and found by `inspect`."""
    name = f"<{block.page}:{block.line}>"
    linecache.cache[name] = (len(block.text), None, block.text.splitlines(keepends=True), name)
    with redirect_stdout(io.StringIO()):
        exec(compile(block.text, name, "exec"), namespace)


def run_command(command: str, block: Block, folder: Path) -> None:
    """Runs a `bot4` command of a page in its folder; judges other commands by their first words."""
    place = f"{block.page}:{block.line}: `{command}`"
    if command.startswith("make"):
        makefile = (ROOT / "Makefile").read_text()
        targets = [word for word in command.split()[1:] if "=" not in word]
        assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets), place
    elif command.startswith("bot4 "):
        code, said = (run_in_shell if SHELL.search(command) else run_here)(command, folder)
        assert code == 0, f"{place}\n{said}"
    else:
        assert command.startswith(NOT_RUN), f"{place} is neither run nor known: add it to NOT_RUN with care."


def run_here(command: str, folder: Path) -> tuple[int, str]:
    """Returns exit code and output of a plain command, run by the program's own entry: a process for each would take a minute."""
    said = io.StringIO()
    with chdir(folder), redirect_stdout(said), redirect_stderr(said):
        code = run_program(shlex.split(command)[1:])
    return code, said.getvalue()


def run_in_shell(command: str, folder: Path) -> tuple[int, str]:
    """Returns exit code and output of a command with pipes and the like, run by bash."""
    words = command.replace("bot4", f"{sys.executable} -m bot4.cli.main", 1)
    done = subprocess.run(
        ["bash", "-c", words], cwd=folder, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_every_snippet_of_a_page_runs(page: str, workshop: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    namespace: dict[str, object] = {"__name__": "__docs__"}
    for block in blocks(ROOT / page, page):
        assert block.language in LANGUAGES, f"{page}:{block.line}: language {block.language!r}"
        if block.no_run:
            continue
        if block.language == "python":
            before = text.splitlines()[max(0, block.line - 4) : block.line - 1]
            for name in SAVED.findall(" ".join(before)):
                (workshop / name).write_text(block.text)
            run_python(block, namespace)
        elif block.language in ("console", "sh"):
            for command in shell_commands(block.text):
                run_command(command, block, workshop)


def test_blocks_are_read_with_language_reason_line_and_indent(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n```python\nx = 1\n```\n\n- item\n  ```sh no-run: needs root\n  ls\n  ```\n")
    first, second = blocks(page, "page.md")
    assert first == Block("page.md", "python", None, 4, "x = 1\n")
    assert second == Block("page.md", "sh", "needs root", 9, "ls\n")


@pytest.mark.parametrize("text", ["```python no-run\nx\n```\n", "```python\nx\n"])
def test_a_block_without_reason_or_end_is_refused(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ValueError, match=r"page\.md:1"):
        blocks(page, "page.md")


def test_shell_blocks_give_their_commands() -> None:
    assert shell_commands("bot4 a \\\n  b   # why\n# nothing\nmake demo\n") == ["bot4 a    b", "make demo"]
    assert shell_commands("$ bot4 a\nits output\n") == ["bot4 a"]
