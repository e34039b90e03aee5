"""Strategies from files: `FILE` or `FILE:NAME` becomes the strategy object in it.

The file is run as a module of its own; its folder can be imported from while it runs. Whatever goes wrong is one sentence with file and
line. Not here: tracing (`bot4.strategy`).
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from .errors import BacktestError

if TYPE_CHECKING:
    from bot4.strategy import Events, Strategy


def load_strategy(place: str | Path) -> Strategy:
    """Returns the strategy that `FILE.py` or `FILE.py:NAME` means.

    Raises BacktestError for a missing or broken file, no strategy in it, several without a NAME, or an unknown NAME; StrategyError for
    mistakes in the language.
    """
    path, name = split_place(str(place))
    found = strategies_in(import_file(path))
    if name:
        if name in found:
            return _ready(found[name])
        known = f"it has {', '.join(found)}" if found else "it has none"
        raise BacktestError(f"{path} has no strategy {name!r}; {known}.")
    if not found:
        raise BacktestError(
            f"{path} has no strategy; put @b4.strategy or @b4.portfolio above a function that returns b4.target(…), or derive a class from "
            "b4.Events."
        )
    whole = _sleeves_of_all(found)
    if whole is not None:
        return whole
    if len(found) > 1:
        raise BacktestError(
            f"{path} has {len(found)} strategies; choose one: " + ", ".join(f"{path}:{n}" for n in found) + "."
        )
    return _ready(next(iter(found.values())))


def _sleeves_of_all(found: Mapping[str, object]) -> Strategy | None:
    """Returns the sleeves of a file whose other strategies are all their members."""
    from bot4.strategy import Sleeves

    wholes = [value for value in found.values() if isinstance(value, Sleeves)]
    if len(wholes) != 1:
        return None
    members = [member.strategy for member in wholes[0].members.values()]
    return wholes[0] if all(value is wholes[0] or value in members for value in found.values()) else None


def split_place(place: str) -> tuple[Path, str]:
    """Returns (file, name): the name is what stands behind the last colon after `.py`; empty if there is none."""
    head, separator, name = place.rpartition(":")
    return (Path(head), name) if separator and head.endswith(".py") else (Path(place), "")


def strategies_in(module: ModuleType) -> dict[str, Strategy | type[Events]]:
    """Returns the strategies and event classes a module defines, by name; those it imported only if it defines none itself."""
    from bot4.strategy import Events, Strategy

    found: dict[str, Strategy | type[Events]] = {}
    own: dict[str, Strategy | type[Events]] = {}
    for name, value in vars(module).items():
        if isinstance(value, Strategy):
            is_own = value.origin.file == module.__file__
        elif isinstance(value, type) and issubclass(value, Events) and value is not Events:
            is_own = value.__module__ == module.__name__
        else:
            continue
        found[name] = value
        if is_own:
            own[name] = value
    return own or found


def _ready(found: Strategy | type[Events]) -> Strategy:
    from bot4.strategy import EventStrategy, Strategy

    return found if isinstance(found, Strategy) else EventStrategy(found)


def import_file(path: Path) -> ModuleType:
    """Returns the file as a module. Raises BacktestError with file and line; a StrategyError passes as it is."""
    if path.is_dir():
        raise BacktestError(f"{path} is a folder; give the strategy's file, for example {path / 'trend.py'}.")
    if not path.exists():
        raise BacktestError(f"{path} does not exist; check the path of the strategy file.")
    if path.suffix != ".py":
        raise BacktestError(f"{path} is not a Python file; a strategy stands in a file that ends in .py.")
    path = path.resolve()
    spec = importlib.util.spec_from_file_location(f"bot4_user_{path.stem}", path)
    assert spec is not None, "a file that ends in .py has a loader"
    assert spec.loader is not None, "a file that ends in .py has a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[spec.name]
        raise _explained(path, error) from error
    finally:
        sys.path.remove(str(path.parent))
    return module


def _explained(path: Path, error: Exception) -> Exception:
    from bot4.strategy import StrategyError

    if isinstance(error, StrategyError):
        return error
    if isinstance(error, SyntaxError):
        where, line = error.filename or str(path), error.lineno or 0
        return BacktestError(f"{where}:{line}: {error.msg}: {(error.text or '').strip()}")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == path]
    line = frames[-1].lineno if frames and frames[-1].lineno else 0
    return BacktestError(f"{path}:{line}: {type(error).__name__} while the file was read: {error}")
