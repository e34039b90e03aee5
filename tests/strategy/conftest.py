"""What the tests of the language share: writing a strategy to a file, so that errors have a file and a line to name."""

from __future__ import annotations

import importlib.util
import itertools
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from bot4.strategy import Strategy

HEADER = "import bot4 as b4\n"
_numbers = itertools.count()
Loader = Callable[[str], ModuleType]


@pytest.fixture
def load_source(tmp_path: Path) -> Loader:
    """Returns a function that imports Python text from a file of its own."""

    def load(text: str) -> ModuleType:
        path = tmp_path / f"written_{next(_numbers)}.py"
        path.write_text(HEADER + textwrap.dedent(text))
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def body_as_strategy(body: str, kind: str = "strategy", view: str = "m") -> str:
    """Returns a module whose strategy `s` has this body."""
    lines = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return f'@b4.{kind}(on=b4.bars("1h"))\ndef s({view}):\n{lines}\n'


def strategy_of(module: ModuleType) -> Strategy:
    found = module.s
    assert isinstance(found, Strategy)
    return found
