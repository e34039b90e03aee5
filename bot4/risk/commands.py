"""Commands of people to the desk: what is asked, when, by whom. Rules: docs/semantics.md, section 12; use: docs/operator.md.

In a backtest they are scripted (`commands=`, `--commands FILE`); while a run goes on they come over its control socket
(`bot4.live.operator`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .breakers import read_breakers
from .errors import RiskError

ACTIONS = ("reduce", "pause", "flatten", "kill", "resume", "reload")
"""What can be asked, mildest first; `resume` lets go of what latched, `reload` makes circuit breakers trip earlier."""
LONGEST_NAME = 256
RELOAD = "reload"
FORM = 'commands look like [[command]] with at = "2022-05-09T12:00", do = "pause", who = "ada"'


@dataclass(frozen=True)
class Command:
    """One command: obeyed at the first decision at or after `at` (ms, UTC); a reload brings the content of a `[breaker]` section. Raises
    RiskError where it asks for nothing or names nobody."""

    at: int
    do: str
    who: str
    breaker: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Checks action and name."""
        check_action(self.do)
        if not isinstance(self.who, str) or not self.who.strip() or len(self.who.encode()) > LONGEST_NAME:
            raise RiskError(
                f"the command {self.do} names nobody; say who gives it: who = with 1 to {LONGEST_NAME} bytes."
            )
        if (self.do == RELOAD) != (self.breaker is not None):
            raise RiskError(f"the command {self.do} needs a section breaker where it is a reload, and no other does.")
        if self.breaker is not None:
            read_breakers(self.breaker, f"the command {self.do}")

    def terms(self, venues: Sequence[str] | None = None) -> dict[str, Any]:
        """Returns the command as the engine reads it, with the venue of each instrument; without them as it was given."""
        told: dict[str, Any] = {"at": self.at, "do": self.do, "who": self.who}
        if self.breaker is not None and venues is None:
            told["breaker"] = dict(self.breaker)
        elif self.breaker is not None and venues is not None:
            told["breakers"] = read_breakers(self.breaker, "the command reload").engine_terms(venues)
        return told


def check_action(do: object) -> None:
    """Raises RiskError for anything that cannot be asked."""
    if do not in ACTIONS:
        raise RiskError(f"there is no command {do!r}; commands are {', '.join(ACTIONS)}.")


def read_commands(source: object) -> tuple[Command, ...]:
    """Returns commands given as themselves, as dicts, or as the path of a TOML file, by time.

    Raises RiskError, one sentence with file, key and fix.
    """
    rows: object
    if isinstance(source, (str, Path)):
        rows, where = read_tables(source, "command", FORM), str(source)
    else:
        rows, where = source, "the commands"
    if not isinstance(rows, Iterable):
        raise RiskError(f"{where}: {rows!r} is no list; {FORM}.")
    return tuple(sorted((_command(row, where) for row in rows), key=lambda command: command.at))


def read_tables(path: str | Path, name: str, form: str) -> list[Any]:
    """Returns the `[[name]]` tables of a TOML file. Raises RiskError where it cannot be read or holds anything else; `form` shows one."""
    import tomllib

    try:
        content = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise RiskError(f"{path}: {(error.strerror or str(error)).lower()}; give the path of a TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RiskError(f"{path} is not TOML: {error}; {form}.") from error
    rows = content.pop(name, [])
    if content or not isinstance(rows, list):
        raise RiskError(f"{path}: there is no key {next(iter(content), name)}; {form}.")
    return rows


def read_moment(value: Any, where: str, key: str) -> int:
    """Returns a time in ms. Raises RiskError, naming the key."""
    from bot4.data.errors import DataError
    from bot4.data.timeframe import parse_time

    try:
        return parse_time(value)
    except DataError as error:
        raise RiskError(f"{where}: {key}: {error}") from None


def _command(row: object, where: str) -> Command:
    if isinstance(row, Command):
        return row
    if not isinstance(row, Mapping) or set(row) - {"breaker"} != {"at", "do", "who"}:
        raise RiskError(f"{where}: {row!r} is no command; {FORM}.")
    try:
        return Command(read_moment(row["at"], where, "at"), row["do"], row["who"], row.get("breaker"))
    except RiskError as error:
        raise error if str(error).startswith(where) else RiskError(f"{where}: {error}") from None
