"""The hash of an event strategy's source: the files that define its class and bases, and all that these import from their own folders.

Not here: the identity it is part of (`plan`).
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType


def source_hash(cls: type) -> str:
    """Returns the hash of the files that define the class and its bases, and of all that these import from their own folders."""
    found: dict[str, bytes] = {}
    for base in cls.__mro__:
        if base is object or base.__module__.startswith("bot4.strategy.events"):
            continue
        file = getattr(sys.modules.get(base.__module__), "__file__", None)
        if file is None:
            found[base.__qualname__] = _own_source(base)
            continue
        home = Path(file).resolve().parent
        for path in with_imports(Path(file)):
            # The place of the whole does not matter, only how its parts lie to each other.
            found[path.relative_to(home).as_posix()] = path.read_bytes()
    whole = hashlib.sha256()
    for name in sorted(found):
        whole.update(f"{name}\0{len(found[name])}\0".encode() + found[name])
    return whole.hexdigest()


def _own_source(cls: type) -> bytes:
    """Returns the text of a class without a file (a notebook's, say), or its byte code where there is no text either."""
    try:
        return inspect.getsource(cls).encode()
    except (OSError, TypeError):
        functions = sorted((name, f) for name, f in vars(cls).items() if isinstance(f, FunctionType))
        return repr([(name, _code(f.__code__)) for name, f in functions]).encode()


def _code(code: CodeType) -> tuple[object, ...]:
    constants = tuple(_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return code.co_code, constants, code.co_names


def with_imports(path: Path) -> Iterator[Path]:
    """Yields a file and, in turn, every file that it imports and that lies in its folder or below."""
    seen: set[Path] = set()
    waiting = [path.resolve()]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        yield current
        waiting += [p for name in _imported(current) if (p := _local(name, current.parent)) is not None]


def _imported(path: Path) -> Iterator[str]:
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = node.module or ""
            yield from ([home] if home else [])
            yield from (f"{home}.{alias.name}".lstrip(".") for alias in node.names)


def _local(name: str, folder: Path) -> Path | None:
    stem = folder.joinpath(*name.split("."))
    for path in (stem.with_name(stem.name + ".py"), stem / "__init__.py"):
        if path.is_file():
            return path.resolve()
    return None
