"""Every module of the package is reached from a command or a public name, and the search finds one that is not."""

from pathlib import Path

import pytest

from scripts import reachable


def test_every_module_is_reached() -> None:
    assert reachable.unreached() == []


def tree(folder: Path, **sources: str) -> Path:
    """A package of modules by name, `__` for the dot; packages are made as needed."""
    base = {"bot4": '_EXPORTS = {"x": "bot4.room"}\n', "bot4__cli": "", "bot4__cli__main": "", "bot4__room": ""}
    for name, source in (base | sources).items():
        is_package = name in ("bot4", "bot4__cli", "bot4__room", "bot4__other")
        path = (
            folder.joinpath(*name.split("__"), "__init__.py")
            if is_package
            else folder.joinpath(*name.split("__")).with_suffix(".py")
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return folder


def test_a_planted_module_is_found(tmp_path: Path) -> None:
    assert reachable.unreached(tree(tmp_path, bot4__room__dead="")) == ["bot4.room.dead"]


def test_two_dead_modules_that_import_each_other_are_found(tmp_path: Path) -> None:
    made = tree(tmp_path, bot4__room__a="from . import b", bot4__room__b="from .a import x")
    assert reachable.unreached(made) == ["bot4.room.a", "bot4.room.b"]


@pytest.mark.parametrize(
    "source",
    [
        "from .room import used",
        "import bot4.room.used",
        "def f():\n    from bot4.room.used import x",
        "from bot4 import room\ndef f():\n    from ..room import used",
        'import importlib\nimportlib.import_module("bot4.room.used")',
        'SHAPES = {"sweep": "bot4.room.used:Shape"}',
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import bot4.room.used",
    ],
)
def test_every_way_of_importing_counts(tmp_path: Path, source: str) -> None:
    source = source.replace("from .room", "from ..room")
    assert reachable.unreached(tree(tmp_path, bot4__cli__main=source, bot4__room__used="")) == []


def test_the_homes_of_a_lazy_package_count(tmp_path: Path) -> None:
    lazy = '_HOMES = {"Thing": "used"}'
    assert reachable.unreached(tree(tmp_path, bot4__room=lazy, bot4__room__used="")) == []


def test_an_import_for_types_alone_does_not_count(tmp_path: Path) -> None:
    source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..room.used import x"
    assert reachable.unreached(tree(tmp_path, bot4__cli__main=source, bot4__room__used="")) == ["bot4.room.used"]


def test_a_text_in_an_ordinary_module_is_no_import(tmp_path: Path) -> None:
    made = tree(tmp_path, bot4__cli__main='WORD = "used"', bot4__room__used="", bot4__cli__used="")
    assert reachable.unreached(made) == ["bot4.cli.used", "bot4.room.used"]


def test_check_names_them_in_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(reachable, "unreached", lambda: ["bot4.dead"])
    with pytest.raises(SystemExit):
        reachable.check()
    assert capsys.readouterr().err.startswith("Reached by no command and no public name: bot4.dead; ")
