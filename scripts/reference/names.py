"""docs/reference/names.md: every public name of `import bot4 as b4`, what it is and what it is for."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import bot4
from scripts.reference.markdown import code, first_paragraph, table

INTRO = """# Public names

`import bot4 as b4` makes these names; each is loaded when it is first used. Signatures and whole descriptions stand in the site's
API pages (`make docs`) and in `help(b4.NAME)`.
"""


def kind(value: Any) -> str:
    """Returns what a public name is, in one word."""
    if isinstance(value, ModuleType):
        return "functions"
    if inspect.isclass(value):
        return "error" if issubclass(value, Exception) else "class"
    return "function" if callable(value) else "object"


def public() -> dict[str, Any]:
    """Returns every public name with its value."""
    return {name: getattr(bot4, name) for name in sorted(bot4._EXPORTS, key=str.lower)}


def page() -> str:
    """Returns the page."""
    rows = [
        (code(f"b4.{name}"), kind(value), first_paragraph(inspect.getdoc(value))) for name, value in public().items()
    ]
    members = [
        (code(f"b4.{name}.{member}"), first_paragraph(inspect.getdoc(part)))
        for name, value in public().items()
        if isinstance(value, ModuleType)
        for member, part in functions(value).items()
    ]
    return (
        INTRO
        + "\n"
        + table(["name", "is", "for"], rows)
        + "\n## Functions in groups\n\n"
        + table(["name", "for"], members)
    )


def functions(module: ModuleType) -> dict[str, Any]:
    """Returns the public functions of a module that stands for a group, such as `b4.order`."""
    listed = getattr(module, "__all__", None)
    found = {
        name: value
        for name, value in vars(module).items()
        if (name in listed if listed else not name.startswith("_"))
        and inspect.isfunction(value)
        and value.__module__.startswith(module.__name__)
    }
    return dict(sorted(found.items()))
