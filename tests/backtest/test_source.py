"""Strategies from files, and what is said when one cannot be had."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot4.backtest.errors import BacktestError
from bot4.backtest.source import load_strategy, split_place
from bot4.strategy import StrategyError

ONE = '''
import bot4 as b4

@b4.strategy(on=b4.bars("1h"))
def rising(m):
    """Long above the average."""
    return b4.target(b4.where(m.close > m.close.sma(3), 1.0, 0.0))
'''
TWO = ONE + ONE.replace("import bot4 as b4", "").replace("rising", "again")


def written(folder: Path, text: str, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_only_strategy_of_a_file_needs_no_name(tmp_path):
    assert load_strategy(written(tmp_path, ONE)).name == "rising"
    assert load_strategy(f"{tmp_path / 'mine.py'}:rising").doc == "Long above the average."


def test_several_strategies_are_listed(tmp_path):
    path = written(tmp_path, TWO)
    with pytest.raises(BacktestError, match=r"has 2 strategies; choose one: .*mine\.py:rising, .*mine\.py:again\."):
        load_strategy(path)
    assert load_strategy(f"{path}:again").name == "again"


def test_an_unknown_name_lists_the_known_ones(tmp_path):
    with pytest.raises(BacktestError, match="no strategy 'risng'; it has rising"):
        load_strategy(f"{written(tmp_path, ONE)}:risng")
    with pytest.raises(BacktestError, match="no strategy 'x'; it has none"):
        load_strategy(f"{written(tmp_path, 'y = 1', 'empty.py')}:x")


def test_imported_strategies_do_not_count_beside_own_ones(tmp_path):
    written(tmp_path, ONE)
    assert (
        load_strategy(written(tmp_path, "from mine import rising\n" + ONE.replace("rising", "own"), "user.py")).name
        == "own"
    )
    assert load_strategy(written(tmp_path, "from mine import rising\n", "only.py")).name == "rising"
    assert str(tmp_path) not in sys.path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = 1\n", "has no strategy; put @b4.strategy"),
        ("def broken(:\n", r"mine\.py:1: .*invalid syntax|mine\.py:1: "),
        ("x = 1\n\nundefined\n", r"mine\.py:3: NameError while the file was read"),
        ("import json\njson.loads('{')\n", r"mine\.py:2: JSONDecodeError"),
        ("raise ValueError('no')\n", r"mine\.py:1: ValueError while the file was read: no"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence_with_its_line(tmp_path, text, said):
    with pytest.raises(BacktestError, match=said) as caught:
        load_strategy(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_mistakes_of_the_language_stay_what_they_are(tmp_path):
    with pytest.raises(StrategyError, match=r"mine\.py:3"):
        load_strategy(written(tmp_path, "import bot4 as b4\n\nx = b4.market().close.shift(-1)\n"))


def test_other_places_are_refused_by_name(tmp_path):
    with pytest.raises(BacktestError, match="does not exist"):
        load_strategy(tmp_path / "none.py")
    with pytest.raises(BacktestError, match="is a folder"):
        load_strategy(tmp_path)
    with pytest.raises(BacktestError, match="not a Python file"):
        load_strategy(written(tmp_path, "", "mine.txt"))
    (tmp_path / "latin.py").write_bytes(b"# \xe9\nx = 1\n")
    with pytest.raises(BacktestError, match=r"latin\.py"):
        load_strategy(tmp_path / "latin.py")


@pytest.mark.parametrize(
    ("place", "file", "name"),
    [
        ("a.py", "a.py", ""),
        ("a.py:b", "a.py", "b"),
        (r"C:\x\a.py", r"C:\x\a.py", ""),
        (r"C:\x\a.py:b", r"C:\x\a.py", "b"),
    ],
)
def test_a_place_is_split_at_the_colon_behind_py(place, file, name):
    assert split_place(place) == (Path(file), name)
