"""What `bot4 doctor` looks at: each check is one function that returns findings, and none of them changes anything.

Not here: how findings are shown (`doctor`), what is wrong inside the bars (`bot4 data check`).
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from bot4.records.url import Place

Status = Literal["ok", "warning", "problem"]

OLDEST_PYTHON = (3, 11)
LITTLE_MEMORY = 2 * 1024**3
"""Bytes of free memory under which a portfolio of years of minutes may not fit."""
NARROW = 60
"""Columns under which the summary breaks its lines."""
PARTS_OF_A_RELEASE = 3


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, how it is, in words, and where it is not ok what to do."""

    check: str
    status: Status
    said: str
    fix: str = ""


def python() -> Iterator[Finding]:
    """Judges the interpreter."""
    said = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info < OLDEST_PYTHON:
        yield Finding(
            "Python", "problem", said, "Bot4 needs Python 3.11 or later: make its environment with a newer one."
        )
    else:
        yield Finding("Python", "ok", said)


def engine() -> Iterator[Finding]:
    """Judges the compiled engine: it loads, and belongs to this Bot4."""
    from bot4 import __version__

    rebuild = "Build it anew: `make setup` in a clone, else `pip install --force-reinstall bot4`."
    try:
        from bot4 import _engine
    except ImportError as error:
        yield Finding("engine", "problem", f"cannot be loaded ({error})", rebuild)
        return
    if _engine.__version__ != __version__:
        said = f"is version {_engine.__version__}, Bot4 is {__version__}"
        yield Finding("engine", "problem", said, rebuild)
    else:
        yield Finding("engine", "ok", f"{__version__} ({Path(_engine.__file__).name})")


def dependencies() -> Iterator[Finding]:
    """Judges the packages that Bot4 states: those it needs, and those of each extra."""
    from importlib.metadata import PackageNotFoundError, requires, version

    try:
        stated = requires("bot4") or []
    except PackageNotFoundError:
        yield Finding("packages", "warning", "Bot4 runs from its sources and is not installed", "Run `make setup`.")
        return
    groups: dict[str, list[tuple[str, str, bool]]] = {}
    for line in stated:
        requirement, _, marker = line.partition(";")
        extra = marker.partition("extra ==")[2].strip(" '\"")
        name, bounds = split_requirement(requirement)
        try:
            found = version(name)
        except PackageNotFoundError:
            found = ""
        groups.setdefault(extra, []).append((name, found, bool(found) and within(found, bounds)))
    for extra, packages in sorted(groups.items()):
        yield _judged(extra, packages)


def _judged(extra: str, packages: list[tuple[str, str, bool]]) -> Finding:
    check = f"extra {extra}" if extra else "packages"
    command = f"pip install -U 'bot4[{extra}]'" if extra else "pip install -U bot4"
    missing = [name for name, found, _ in packages if not found]
    unfit = [f"{name} {found}" for name, found, fits in packages if found and not fits]
    if extra and len(missing) == len(packages):
        return Finding(check, "ok", f"not installed ({command} adds {', '.join(missing)})")
    if missing or unfit:
        said = "; ".join(
            f"{what}: {', '.join(names)}" for what, names in (("missing", missing), ("unfit", unfit)) if names
        )
        return Finding(check, "warning" if extra else "problem", said, f"Run {command}.")
    return Finding(check, "ok", ", ".join(f"{name} {found}" for name, found, _ in packages))


def split_requirement(text: str) -> tuple[str, list[str]]:
    """Returns (name, bounds) of `polars<3,>=2.1` or `psycopg[binary]>=3.3`."""
    text = text.strip()
    end = next((place for place, letter in enumerate(text) if not (letter.isalnum() or letter in "-_.")), len(text))
    rest = text[end:].partition("]")[2] if text[end:].startswith("[") else text[end:]
    return text[:end], [bound.strip(" ()") for bound in rest.split(",") if bound.strip(" ()")]


def within(version: str, bounds: list[str]) -> bool:
    """Tells whether a version lies within bounds of the two kinds that Bot4 states, `>=` and `<`."""
    found = _release(version)
    for bound in bounds:
        if bound.startswith(">=") and found < _release(bound[2:]):
            return False
        if bound.startswith("<") and not bound.startswith("<=") and found >= _release(bound[1:]):
            return False
    return True


def _release(version: str) -> tuple[int, ...]:
    parts = version.strip().split("+")[0].split(".")
    numbers = [int(digits) if (digits := "".join(c for c in part if c.isdigit())) else 0 for part in parts]
    return tuple((numbers + [0] * PARTS_OF_A_RELEASE)[:PARTS_OF_A_RELEASE])


def browser() -> Iterator[Finding]:
    """Looks for the browser that draws PNG files."""
    from bot4.report import browser as chromium

    path = chromium.found()
    if path is None:
        said = f"no Chromium or Chrome, {chromium.missing()}: reports can be written as HTML, not as PNG"
        yield Finding("browser", "warning", said, "Install chromium (Debian: apt-get install chromium).")
    else:
        yield Finding("browser", "ok", path)


def machine() -> Iterator[Finding]:
    """Tells cores and memory; little free memory is a warning."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Finding("cores", "ok", f"{cores}, {platform.machine()}")
    free = free_memory()
    if free is None:
        yield Finding("memory", "ok", "this system does not tell how much is free")
    elif free < LITTLE_MEMORY:
        fix = "End what you do not need, or run fewer assets or a coarser interval at once."
        yield Finding("memory", "warning", f"{free / 1024**3:.1f} GB free", fix)
    else:
        yield Finding("memory", "ok", f"{free / 1024**3:.1f} GB free")


def free_memory(proc: Path = Path("/proc/meminfo")) -> int | None:
    """Returns the bytes a program can still get without swapping, or None where the system does not say."""
    try:
        rows = dict(line.split(":") for line in proc.read_text().splitlines())
        return int(rows["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None


def clock(now: Callable[[], float] = time.time) -> Iterator[Finding]:
    """Judges the wall clock, which dates the run records: it must not lie before the installed files."""
    seconds = now()
    shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
    if seconds + 60 < Path(__file__).stat().st_mtime:
        said = f"{shown}, before Bot4 itself was installed"
        yield Finding("clock", "problem", said, "Set the system's time, best by NTP; records are dated by it.")
    else:
        yield Finding("clock", "ok", shown)


def terminal() -> Iterator[Finding]:
    """Judges where the results are printed: encoding and width."""
    encoding = (sys.stdout.encoding or "utf-8").lower().replace("-", "")  # a stream in memory has none
    width = shutil.get_terminal_size().columns
    kind = f"{width} columns" if sys.stdout.isatty() else "not a terminal"
    if encoding != "utf8":
        said = f"{kind}, {sys.stdout.encoding}: curves and minus signs cannot be printed"
        yield Finding("terminal", "problem", said, "Set PYTHONUTF8=1 or a UTF-8 locale (LANG=C.UTF-8).")
    elif sys.stdout.isatty() and width < NARROW:
        yield Finding("terminal", "warning", kind, f"Make it {NARROW} columns wide or more.")
    else:
        yield Finding("terminal", "ok", f"{kind}, UTF-8")


def records() -> Iterator[Finding]:
    """Judges the run records without touching them: the place can be written, what is there can be read, and its schema is this Bot4's."""
    from bot4.records.errors import RecordsError
    from bot4.records.url import find_place

    check, move = "run records", "Set BOT4_HOME to a folder you can write, or BOT4_RECORDS to a database."
    try:
        place = find_place()
        if place.path is not None:
            there = place.path.absolute()
            needed = [there, there.parent] if there.exists() else [next(p for p in there.parents if p.exists())]
            if closed := [path for path in needed if not os.access(path, os.W_OK)]:
                yield Finding(check, "problem", f"{closed[0]} cannot be written", move)
                return
            if not place.path.exists():
                yield Finding(check, "ok", f"none yet; the first run makes {place.path}")
                return
        number, count = _stored(place)
    except RecordsError as error:
        yield Finding(
            check, "problem", str(error).rstrip("."), "Mend what it says, or name another place with BOT4_RECORDS."
        )
        return
    yield _judged_schema(place.shown, number, count)


def _stored(place: Place) -> tuple[int, int]:
    """Returns (number of the schema, runs) of a store; runs are counted where the schema is known. Raises RecordsError."""
    from bot4.records.connect import make_engine, reading
    from bot4.records.upgrade import schema_number
    from bot4.records.version import HEAD

    with reading(make_engine(place), place) as connection:
        number = schema_number(connection)
        is_known = 1 <= number <= HEAD
        return number, connection.exec_driver_sql("SELECT count(*) FROM runs").scalar_one() if is_known else 0


def _judged_schema(shown: str, number: int, count: int) -> Finding:
    from bot4.records.upgrade import FOREIGN, NEW
    from bot4.records.version import HEAD
    from bot4.report.text import plural

    check = "run records"
    if number == FOREIGN:
        fix = "Give the records a place of their own with BOT4_RECORDS or BOT4_HOME."
        return Finding(check, "problem", f"{shown} holds tables that are not Bot4's", fix)
    if number == NEW:
        return Finding(check, "ok", f"{shown}, empty; the first run makes the tables")
    said = f"{shown}, {plural(count, 'run')}, schema {number}"
    if number > HEAD:
        fix = "Upgrade Bot4 (pip install -U bot4), or name another store with BOT4_RECORDS."
        return Finding(check, "problem", f"{shown} has schema {number}, this Bot4 reads up to {HEAD}", fix)
    if number < HEAD:
        fix = f"Nothing: the next run brings it to schema {HEAD}, and lays a copy of a file beside it first."
        return Finding(check, "warning", said, fix)
    return Finding(check, "ok", said)


def data(folder: Path | None) -> Iterator[Finding]:
    """Judges the bars in a folder (None: here, where there need not be any): how many, and which files cannot be read."""
    from bot4.data import DataError, list_files
    from bot4.report.text import plural

    try:
        rows = list_files(folder or Path())
    except DataError:
        if folder is None:
            yield Finding("data", "ok", "no bars in this folder; another one is looked through with --data FOLDER")
            return
        fix = "Name one with --data; `bot4 data synth --out coins` makes something to play with."
        yield Finding("data", "warning", f"no files of bars in {folder.absolute()}", fix)
        return
    broken = [row for row in rows if row.error]
    good = len(rows) - len(broken)
    bars, missing = sum(row.bars for row in rows), sum(row.missing or 0 for row in rows)
    yield Finding(
        "data", "ok", f"{plural(good, 'file')}, {bars:,} bars, {missing:,} missing, in {folder or Path().absolute()}"
    )
    for row in broken:
        fix = f"Look at it with `bot4 data check {row.path}`, or move it away."
        yield Finding("data", "problem", f"{row.path.name}: {row.error}".rstrip("."), fix)


def examine(folder: Path | None) -> list[Finding]:
    """Returns the findings of all checks. A check that fails itself is a problem with its message, and the others still run."""
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("Python", python),
        ("engine", engine),
        ("packages", dependencies),
        ("run records", records),
        ("data", lambda: data(folder)),
        ("browser", browser),
        ("machine", machine),
        ("clock", clock),
        ("terminal", terminal),
    ]
    found: list[Finding] = []
    for name, check in checks:
        try:
            found += list(check())
        except Exception as error:  # the doctor is asked when things are broken
            said = f"the check itself failed: {type(error).__name__}: {error}".rstrip(".")
            found.append(Finding(name, "problem", said, "Run `bot4 doctor --debug` and report what it says."))
    return found
