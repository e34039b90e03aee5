"""The API pages: signature and docstring of every public name and of its methods, read from the running package.

A script of our own instead of mkdocstrings: names are loaded lazily and re-exported, docstrings are in our own form, and it is this short.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from scripts.reference.names import functions, public

GROUPS: dict[str, str] = {
    "bot4.data": "Data",
    "bot4.strategy": "The language",
    "bot4.backtest": "Backtests",
    "bot4.report": "Reports",
    "bot4.records": "Records",
    "bot4.gate": "Statistics",
}
"""Rooms in the order of the pages; a name's page is that of the room it comes from."""
PARAMETER = re.compile(r"^(?P<names>\w+(?:, \w+| … \w+)*(?:, and any further keyword)?): (?P<text>.+)$")
"""A docstring's line about parameters: `start, end: decisions from …`."""
CLOSED = ("Entries", "Legs", "Order", "Orders", "Parameter", "Program", "Target")
"""Classes that functions make and the engine reads: what they are for is all a user needs."""


def pages() -> dict[str, tuple[str, str]]:
    """Returns (title, Markdown) of each page by its path in the site."""
    found = {}
    for room, title in GROUPS.items():
        if parts := [
            part for name, value in public().items() if _room(value) == room for part in described(name, value)
        ]:
            path = f"reference/api/{room.partition('.')[2]}.md"
            found[path] = (title, f"# {title}\n\n" + "\n\n".join(parts) + "\n")
    return found


def _room(value: Any) -> str:
    module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "") or ""
    room = next((room for room in GROUPS if module == room or module.startswith(f"{room}.")), None)
    return room or ("bot4.backtest" if module.startswith("bot4._engine") else "bot4.strategy")


def described(name: str, value: Any) -> Iterator[str]:
    """Yields the parts of one public name."""
    yield f"## b4.{name} {{ #{name} }}"
    if inspect.isclass(value):
        yield prose(inspect.getdoc(value))
        if name not in CLOSED:
            yield from _members(value)
    elif isinstance(value, ModuleType):
        yield prose(inspect.getdoc(value))
        for member, function in functions(value).items():
            yield f"### b4.{name}.{member}\n\n{signature(f'b4.{name}.{member}', function)}\n\n{prose(inspect.getdoc(function))}"
    elif callable(value):
        yield f"{signature(f'b4.{name}', value)}\n\n{prose(inspect.getdoc(value))}"
    else:
        yield prose(inspect.getdoc(type(value)))


def _members(kind: type) -> Iterator[str]:
    for name, member in inspect.getmembers_static(kind):
        if name.startswith("_") or not (own := inspect.getdoc(getattr(kind, name))):
            continue
        if isinstance(member, (classmethod, staticmethod)) or inspect.isfunction(member):
            yield f"### {kind.__name__}.{name}\n\n{signature(name, getattr(kind, name))}\n\n{prose(own)}"
        elif isinstance(member, property) or type(member).__name__ in ("cached_property", "getset_descriptor"):
            yield f"### {kind.__name__}.{name}\n\n{prose(own)}"


def signature(name: str, function: Any) -> str:
    """Returns a call as code, an argument a line where it is long."""
    try:
        found = inspect.signature(function)
    except (TypeError, ValueError):
        return f"```python\n{name}(…)\n```"
    words: list[str] = []
    for parameter in found.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in "".join(word[0] for word in words):
            words.append("*")
        words.append(_argument(parameter))
    returned = "" if found.return_annotation is found.empty else f" -> {_kind(found.return_annotation)}"
    line = f"{name}({', '.join(words)}){returned}"
    if len(line) > 100:
        line = f"{name}(\n    " + ",\n    ".join(words) + f",\n){returned}"
    return f"```python\n{line}\n```"


def _argument(parameter: inspect.Parameter) -> str:
    """Returns a parameter as it stands in a signature; annotations are texts already, as in the source."""
    star = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter.kind.name, "")
    kind = "" if parameter.annotation is parameter.empty else f": {_kind(parameter.annotation)}"
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
    return f"{star}{parameter.name}{kind}{default}"


def _kind(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def prose(doc: str | None) -> str:
    """Returns a docstring as Markdown: parameters as a list, stars and angle brackets outside code as they are."""
    lines: list[str] = []
    listing = False
    for line in (doc or "").splitlines():
        match = PARAMETER.match(line)
        if match and not line.startswith(("Raises", "Returns", "Example")):
            if not listing:
                lines.append("")
            names = ", ".join(f"`{word.strip('` ')}`" for word in match["names"].split(","))
            lines.append(f"- {names}: {_safe(match['text'])}")
            listing = True
        elif listing and line.startswith("    "):
            lines.append(f"  {_safe(line.strip())}")
        else:
            listing = False
            lines.append(line if line.startswith("    ") else _safe(line))
    return "\n".join(lines)


def _safe(text: str) -> str:
    parts = text.split("`")
    return "`".join(
        part.replace("*", "\\*").replace("<", "&lt;") if place % 2 == 0 else part for place, part in enumerate(parts)
    )
