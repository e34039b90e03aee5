"""What a strategy's code is: a hash by which an unfinished sweep is found again, and by which a change while it runs is noticed.

A file's strategy is its file and all it imports from its own folder; one that was written in a notebook or at a prompt is its code and that
of the helpers it calls. Not here: the identity of one program (`bot4._engine.describe`), which knows neither.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot4.strategy import Strategy


def fingerprint(strategy: Strategy) -> str:
    """Returns the hash of a strategy's code (64 hex digits)."""
    from bot4.strategy import EventStrategy, Sleeves
    from bot4.strategy.events.identity import source_hash

    if isinstance(strategy, EventStrategy):
        return source_hash(strategy.made)
    if isinstance(strategy, Sleeves):
        parts = [
            f"{name} {m.share!r} {sorted(m.params.items())!r} {fingerprint(m.strategy)}"
            for name, m in strategy.members.items()
        ]
        return _digest("\n".join(parts).encode())
    file = Path(strategy.function.__code__.co_filename)
    if not file.is_file():
        return code_hash(strategy)
    from bot4.strategy.events.identity import with_imports

    whole = [f"{strategy.name} {strategy.function.__code__.co_firstlineno}".encode()]
    whole += [path.read_bytes() for path in sorted(with_imports(file))]
    return _digest(b"\0".join(whole))


def code_hash(strategy: Strategy) -> str:
    """Returns the hash of the code that a trace runs now: the functions and the constants of their module that they read.

    Of event classes and sleeves nothing can be said so cheaply; theirs is the empty text.
    """
    function = getattr(strategy, "function", None)
    if not isinstance(function, FunctionType):
        return ""
    return _digest(repr(sorted(_parts(function))).encode())


def _parts(function: FunctionType) -> Iterator[tuple[str, str]]:
    """Yields (name, code or value) of a function, the functions of its module that it reaches, and their constants."""
    seen: set[int] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current.__qualname__, repr((_code(current.__code__), current.__defaults__ or ()))
        for name in _names(current.__code__):
            value = current.__globals__.get(name)
            if isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                waiting.append(value)
            elif isinstance(value, (bool, int, float, str, tuple)):
                yield name, repr(value)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _code(code: CodeType) -> tuple[object, ...]:
    constants = tuple(_code(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts)
    return code.co_code, constants, code.co_names


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
