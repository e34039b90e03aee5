"""What Typer's options cannot take: several values after one (`--data a b c`, as a shell writes `--data bars/*-1h.parquet`), and none.

The words are rewritten before Typer sees them: to `--data a --data b --data c`, and a `--json` without a file to `--json -`.
"""

from __future__ import annotations

from collections.abc import Sequence

MANY_VALUES = ("--data", "--funding")
OWN_VALUE = {"--json": "-"}
"""Options that may stand without a value, with the value that is meant then."""


def rewritten(words: Sequence[str]) -> list[str]:
    """Returns the words as Typer understands them."""
    return spread_options(fill_values(words))


def fill_values(words: Sequence[str]) -> list[str]:
    """Returns the words with the value of `OWN_VALUE` behind each such option at the end or in front of another option."""
    found: list[str] = []
    for place, word in enumerate(words):
        found.append(word)
        if word == "--":
            return found + list(words[place + 1 :])
        following = words[place + 1] if place + 1 < len(words) else "--"
        if word in OWN_VALUE and following.startswith("-") and following != "-":
            found.append(OWN_VALUE[word])
    return found


def spread_options(words: Sequence[str]) -> list[str]:
    """Returns the words with each option of `MANY_VALUES` before every one of its values.

    Its values are the words up to the next option or `--`. A word that names a strategy (`trend.py`, `trend.py:trend`) is never one:
    the strategy may also stand behind them.
    """
    found: list[str] = []
    option, has_value = "", False
    for place, word in enumerate(words):
        if word == "--":
            return found + list(words[place:])
        if word.startswith("-") and word != "-":
            name, equals, _ = word.partition("=")
            option, has_value = (name if name in MANY_VALUES else ""), bool(equals)
        elif option and not _is_strategy(word):
            if has_value:
                found.append(option)
            has_value = True
        found.append(word)
    return _without_empty(found)


def _without_empty(words: list[str]) -> list[str]:
    """Moves a strategy that stands directly behind `--data` (`--data trend.py bars.parquet`) in front of it."""
    for place, word in enumerate(words[:-1]):
        if word in MANY_VALUES and _is_strategy(words[place + 1]):
            words[place], words[place + 1] = words[place + 1], words[place]
    return words


def _is_strategy(word: str) -> bool:
    return word.endswith(".py") or ".py:" in word
