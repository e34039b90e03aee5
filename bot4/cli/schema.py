"""`bot4 schema COMMAND`: the JSON Schema of what a command's `--json` writes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from .output import json_text

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Command = Annotated[list[str] | None, typer.Argument(metavar="[COMMAND]", help="Such as backtest, or data check.")]


def command(words: Command = None) -> None:
    """Print the JSON Schema of a command's --json, or without a command the names of those that have one.

    Example: bot4 schema data check
    """
    from .shapes import SHAPES

    if not words:
        print("\n".join(SHAPES))
        return
    name = " ".join(words)
    if name not in SHAPES:
        raise typer.BadParameter(f"{name!r} has no schema; those that have one are {', '.join(SHAPES)}")
    print(json_text(schema_of(name)))


def schema_of(name: str) -> dict[str, Any]:
    """Returns the JSON Schema of a command's output. Objects have no other keys than those stated; every number may be null."""
    from pydantic import TypeAdapter

    from .shapes import SHAPES

    made = _closed(TypeAdapter(SHAPES[name]).json_schema(mode="serialization"))
    return {"$schema": DIALECT, "title": f"bot4 {name} --json", **{key: made[key] for key in made if key != "title"}}


def _closed(node: Any) -> Any:
    """Returns a schema in which stated objects are closed and fully required, and what cannot be computed may be null."""
    if isinstance(node, list):
        return [_closed(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    found = {key: _closed(inner) for key, inner in node.items() if not (key == "title" and isinstance(inner, str))}
    if found.get("type") == "number":
        found["type"] = ["number", "null"]
    if isinstance(node.get("properties"), dict):
        found["properties"] = {name: _closed(inner) for name, inner in node["properties"].items()}
        found["required"] = list(node["properties"])
        found["additionalProperties"] = False
    found.pop("default", None)
    return found
