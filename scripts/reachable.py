"""Finds modules that nothing reaches: `python -m scripts.reachable`.

A module is reached when the program (`bot4.cli.main`) or a public name (`bot4._EXPORTS`) imports it, at once or inside a function, directly
or through others. Imports are read from the syntax tree; a text that names a module (`import_module("bot4.x")`, the homes of a lazy
package, a command's registry) counts as one. What only tests import is dead weight in the wheel, and is named.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.shell import ROOT, stop

PACKAGE = "bot4"
ENTRY = "bot4.cli.main"
LOADED_BY_NAME: Mapping[str, str] = {
    "bot4.records.migrations": "Alembic loads its environment and versions from the folder"
}
"""Packages whose modules a library loads by their place, each with the reason; they count as reached if their parent is."""


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Returns every module of the package by its dotted name."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        words = path.relative_to(root).with_suffix("").parts
        found[".".join(words[:-1] if words[-1] == "__init__" else words)] = path
    return found


def imported(name: str, tree: ast.AST, known: Mapping[str, Path]) -> Iterator[str]:
    """Yields the modules of the package that one module imports or names; imports for types alone are left out."""
    package = name if known[name].name == "__init__.py" else name.rpartition(".")[0]
    for node in _running(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            for word in (base, *(f"{base}.{alias.name}" for alias in node.names)):
                if word in known:
                    yield word
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            word = node.value.partition(":")[0]
            for candidate in (word, f"{package}.{word}", f"{package}{word}"):
                if word and candidate in known and (candidate == word or name == package):
                    yield candidate


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the nodes below one that run: all but the bodies of `if TYPE_CHECKING:`."""
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.If)
            and "TYPE_CHECKING" in ast.unparse(child.test)
            and not isinstance(child.test, ast.UnaryOp)
        ):
            for other in child.orelse:
                yield other
                yield from _running(other)
            continue
        yield child
        yield from _running(child)


def public_homes(known: Mapping[str, Path]) -> set[str]:
    """Returns the modules in which the public names live, as `_EXPORTS` in the package's own file says."""
    tree = ast.parse(known[PACKAGE].read_text(encoding="utf-8"))
    texts = {node.value for node in _running(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if text in known}


def unreached(root: Path = ROOT) -> list[str]:
    """Returns the modules that neither a command nor a public name reaches."""
    known = modules(root)
    graph = {
        name: set(imported(name, ast.parse(path.read_text(encoding="utf-8")), known)) for name, path in known.items()
    }
    reached: set[str] = set()
    todo = [ENTRY, *public_homes(known)]
    while todo:
        name = todo.pop()
        if name in reached:
            continue
        reached.add(name)
        todo += graph[name]
        todo += [
            ".".join(name.split(".")[:end]) for end in range(1, len(name.split(".")))
        ]  # packages run with their modules
    loaded = [package for package in LOADED_BY_NAME if package.rpartition(".")[0] in reached]
    return [name for name in known if name not in reached and not name.startswith(tuple(loaded))]


def check() -> None:
    """Raises SystemExit naming every module that nothing reaches."""
    if names := unreached():
        said = f"Reached by no command and no public name: {', '.join(names)}"
        stop(f"{said}; use them or remove them (scripts/reachable.py says what counts).")


if __name__ == "__main__":
    check()
