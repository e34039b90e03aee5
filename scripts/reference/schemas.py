"""docs/reference/json.md and docs/reference/schema/*.json: what each command's `--json` writes."""

from __future__ import annotations

from typing import Any

from bot4.cli.output import json_text
from bot4.cli.schema import schema_of
from bot4.cli.shapes import SHAPES
from scripts.reference import tear
from scripts.reference.markdown import code, table

INTRO = """# JSON

`--json FILE` writes the result of a command as JSON beside what people see, `--json -` prints only that. Each has a JSON Schema, made from
the types of the code and held to real output by a test; `bot4 schema COMMAND` prints it. Keys are stable: a later version may add some.
A number that cannot be computed is `null`.
"""


def file_name(command: str) -> str:
    """Returns where the schema of a command stands, below docs/reference."""
    return f"schema/{command.replace(' ', '-')}.json"


def files() -> dict[str, str]:
    """Returns the schema files by path."""
    return {file_name(command): json_text(schema_of(command)) + "\n" for command in SHAPES}


def page() -> str:
    """Returns the page."""
    return INTRO + "".join(f"\n## bot4 {command}\n\n{section(command)}" for command in SHAPES)


def section(command: str) -> str:
    """Returns the keys of a command's output, a table for each object in it."""
    twin = next(name for name, shape in SHAPES.items() if shape is SHAPES[command])
    if twin != command:
        return f"As [bot4 {twin}](#bot4-{twin.replace(' ', '-')}).\n"
    schema = schema_of(command)
    objects = dict(schema.get("$defs", {}))
    parts = [f"Schema: [{file_name(command)}]({file_name(command)}).\n"]
    if schema.get("type") == "array":
        parts.append(f"A list of {kind(schema['items'])}.\n")
    else:
        objects = ({} if "properties" not in schema else {"": schema}) | objects
        if "properties" not in schema:
            parts.append(f"An {kind(schema)}.\n")
    for name, node in objects.items():
        if name == "Stats":
            parts.append("`Stats`: every number of [the metrics](../metrics.md), by name.\n")
        elif name == "TearSheetOf":
            parts.append("`TearSheetOf`: every part of [the tear sheet](tear-sheet.md), by name.\n")
        elif name not in tear.ROWS and "properties" in node:
            head = f"{code(name)}: " if name else ""
            rows = [(code(key), kind(inner)) for key, inner in node["properties"].items()]
            parts.append(f"{head}{node.get('description', '')}\n\n{table(['key', 'is'], rows)}")
    return "\n".join(parts)


def kind(node: dict[str, Any]) -> str:
    """Returns a part of a schema in words."""
    if "$ref" in node:
        return code(node["$ref"].rsplit("/", 1)[1])
    if "anyOf" in node:
        return " or ".join(kind(part) for part in node["anyOf"])
    if "enum" in node:
        return " or ".join(code(str(value)) for value in node["enum"])
    given = node.get("type", "anything")
    if "prefixItems" in node:
        return f"list of {', '.join(kind(part) for part in node['prefixItems'])}"
    if given == "array":
        return f"list of {kind(node['items'])}"
    if given == "object":
        inner = node.get("additionalProperties")
        return f"object of {kind(inner)}" if isinstance(inner, dict) else "object"
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(
        str(given), "number" if isinstance(given, list) else str(given)
    )
