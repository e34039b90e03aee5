"""docs/reference/cli.md: every command with its arguments and options, read from the program itself."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from bot4.cli.main import app
from scripts.reference.markdown import code, table

INTRO = """# Commands

`bot4 COMMAND --help` says the same. Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 a check found
something, 2 a mistake in what was asked (one sentence says which), 130 interrupted. `--debug` behind any command shows the traceback of an
error; `--data` and `--funding` take several values at once, and `--json` without a file means `--json -`.
What a command's `--json` writes is described in [JSON](json.md).
"""


def leaves(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yields (words, command) for every command that does something, in alphabetical order."""
    command = get_command(app) if command is None else command
    children = getattr(command, "commands", None)
    if children is None:
        yield " ".join(words), command
        return
    for name in sorted(children):
        yield from leaves(children[name], (*words, name))


def options(command: Any) -> list[str]:
    """Returns every spelling of every option of a command."""
    return [
        word for parameter in command.params for word in (*parameter.opts, *parameter.secondary_opts) if word[0] == "-"
    ]


def page() -> str:
    """Returns the page."""
    return INTRO + "".join(f"\n## bot4 {words}\n\n{section(words, command)}" for words, command in leaves())


def section(words: str, command: Any) -> str:
    """Returns what one command does and takes."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    rows = [
        (code("/".join((*p.opts, *p.secondary_opts))), _value(p), _default(p), p.help or "") for p in _shown(command)
    ]
    usage = " ".join([f"bot4 {words}", *(_metavar(p) for p in arguments), *(["[OPTIONS]"] if rows else [])])
    parts = [inspect.cleandoc(command.help or "").replace("Example: ", "Example: `", 1), f"```text\n{usage}\n```"]
    parts[0] = _closed(parts[0])
    if arguments:
        parts.append(table(["argument", "meaning"], [(code(_metavar(p)), p.help or "") for p in arguments]).strip())
    if rows:
        parts.append(table(["option", "value", "default", "meaning"], rows).strip())
    return "\n\n".join(parts) + "\n"


def _closed(text: str) -> str:
    """Returns a help text whose example, the rest of its line, is code to the end."""
    lines = text.splitlines()
    return "\n".join(f"{line}`" if "Example: `" in line else line for line in lines)


def _shown(command: Any) -> list[Any]:
    return [p for p in command.params if p.param_type_name == "option" and "--help" not in p.opts and not p.hidden]


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _value(parameter: Any) -> str:
    if parameter.is_flag:
        return ""
    return code(_metavar(parameter)) + (", repeatable" if parameter.multiple else "")


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    default = parameter.default
    if default in (None, (), []) or (parameter.is_flag and default is False):
        return ""
    if parameter.is_flag:
        return code(parameter.opts[0])
    return code(f"{default:g}" if isinstance(default, float) and default < 1e5 else str(default).removesuffix(".0"))
