"""docs/reference/settings.md: what can be set, with default, range and flag; and every environment variable.

Settings are read from the functions' signatures and from `Config`; environment variables are found by reading all of the package's source.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from typing import Any

import bot4
from bot4.backtest.config import LIMITS, Config
from bot4.data import accounts, margin, overrides
from scripts.reference.commands import leaves
from scripts.reference.markdown import code, table
from scripts.shell import ROOT

INTRO = """# Settings

Every setting has one name: the keyword in Python, the key in a result's JSON, and, with dashes, the flag of the command.
"""
RUNS = ("backtest", "sweep", "walkforward", "cpcv", "peek")
"""Public functions whose keywords are settings of a run."""

ENVIRONMENT = {
    "BOT4_CHROMIUM": "Chromium or Chrome that draws pictures (`--png`, `result.png`); without it the first one on the PATH.",
    "BOT4_HOME": "Folder of the run records (by default `.bot4` in the working directory), and of the notice of a running exchange.",
    "BOT4_RECORDS": "Where the run records are, as a URL: `sqlite:///file` or `postgresql://user@host/database`; goes before `BOT4_HOME`.",
    "_BOT4_COMPLETE": "Set by the script of `bot4 completion` when a shell asks for completions.",
}
"""What each environment variable is for; those the code does not read are left out of the page."""

FILE_KEYS: dict[str, dict[str, str]] = {
    "instruments": {
        "symbol": "as in ccxt: `BTC/USDT`, `BTC/USDT:USDT`, `BTC/USD:BTC`",
        "venue": "where it is traded; without it the entry holds at every venue",
        "tick": "smallest step of the price",
        "lot": "smallest step of the quantity",
        "min_qty": "smallest quantity of an order",
        "min_notional": "smallest value of an order",
        "contract": "quote value of one contract of an inverse perpetual",
        "taker_bps": "fee for taking, basis points",
        "maker_bps": "fee for making, basis points",
        "margin": "margin rules, below",
        "borrow": "yearly rate of a short spot position",
        "account": "name of the account that pays",
    },
    "margin": {
        "mode": "`cross` or `isolated`",
        "leverage": "notional over initial margin",
        "tiers": "list of [floor of the notional, maintenance rate]",
        "liquidation_fee_bps": "what the venue takes for liquidating, basis points",
    },
    "accounts": {
        "venues": "venues whose instruments it pays for",
        "cash": "starting cash by currency",
        "mode": "`cash` or `cross`",
        "interest": "yearly rate on negative cash",
    },
}


def page() -> str:
    """Returns the page."""
    parts = [INTRO, "\n## Account, venue and limits\n\n", _config()]
    runs = [name for name in RUNS if name in bot4._EXPORTS]
    parts += [f"\n## Keywords of `b4.{name}`\n\n{_keywords(name, getattr(bot4, name))}" for name in runs]
    parts.append("\n## Keys of an instruments file\n\n")
    for what, keys in FILE_KEYS.items():
        parts.append(f"`{what}`:\n\n" + table(["key", "meaning"], [(code(k), text) for k, text in keys.items()]) + "\n")
    rows = [(code(name), ENVIRONMENT[name]) for name in sorted(environment_read())]
    parts.append("\n## Environment\n\n" + table(["variable", "meaning"], rows))
    return "".join(parts)


def file_keys() -> dict[str, set[str]]:
    """Returns the keys that the code takes from an instruments file, by where they stand."""
    return {
        "instruments": set(overrides._KEYS),
        "margin": set(margin.MARGIN_KEYS),
        "accounts": set(accounts.KEYS),
    }


def flags() -> dict[str, str]:
    """Returns the help of every option of every command by its long spelling; of a run's commands first."""
    found: dict[str, str] = {}
    for _, command in leaves():
        for parameter in command.params:
            for word in parameter.opts:
                if word.startswith("--") and parameter.help:
                    found.setdefault(word, parameter.help)
    return found


def _config() -> str:
    known, rows = flags(), []
    for name, field in Config.__dataclass_fields__.items():
        flag = f"--{name.replace('_', '-')}"
        rows.append(
            (code(name), code(flag) if flag in known else "", _shown(field.default), _range(name), known.get(flag, ""))
        )
    return table(["setting", "flag", "default", "range", "meaning"], rows)


def _range(name: str) -> str:
    if name not in LIMITS:
        return ""
    low, high, unit = LIMITS[name]
    return f"{low:g} to {f'{high:,.0f}' if high >= 1e6 else f'{high:,g}'}{unit}"


def _shown(value: object) -> str:
    if value is None or value is inspect.Parameter.empty:
        return ""
    return code(f"{value:,g}" if isinstance(value, (int, float)) and not isinstance(value, bool) else repr(value))


def _keywords(name: str, function: Callable[..., Any]) -> str:
    known = flags()
    meanings: dict[str, str] = {}
    for other in ("backtest", "sweep", "walkforward"):  # a docstring says of what is known already only that it is
        meanings |= documented(getattr(bot4, other)) if other in bot4._EXPORTS else {}
    meanings |= documented(function)
    rows = []
    for word, parameter in inspect.signature(function).parameters.items():
        if word in Config.__dataclass_fields__ or parameter.kind in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            continue
        flag = f"--{word.replace('_', '-')}"
        default = "required" if parameter.default is parameter.empty else _shown(parameter.default)
        meaning = meanings.get(word) or known.get(flag, "")
        if not meaning:
            raise ValueError(f"b4.{name}: the docstring says nothing of {word}")
        rows.append((code(word), code(flag) if flag in known else "", default, meaning))
    return table(["keyword", "flag", "default", "meaning"], rows)


def documented(function: Callable[..., Any]) -> dict[str, str]:
    """Returns what a docstring says of each parameter in lines such as `start, end: decisions from …`, continued by indented ones."""
    found: dict[str, str] = {}
    names: list[str] = []
    text = re.sub(r"^(\w+: [^\n]*?\.) (\w+: )", r"\1\n\2", inspect.getdoc(function) or "", flags=re.MULTILINE)
    for line in text.splitlines():
        head, colon, meaning = line.partition(":")
        words = head.replace("`", "").replace("and any further keyword", "").strip(", ").split(", ")
        if line.startswith((" ", "\t")) and names:
            found |= {name: f"{found[name]} {line.strip()}" for name in names}
        elif colon and all(word.isidentifier() for word in words):
            names = words
            found |= dict.fromkeys(names, meaning.strip())
        else:
            names = []
    return found


def environment_read() -> set[str]:
    """Returns the environment variables of Bot4 that the package's source names as a text of its own."""
    found = set()
    for path in (ROOT / "bot4").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                word = node.value
                if word.lstrip("_").startswith("BOT4_") and word.isidentifier() and word.isupper():
                    found.add(word)
    return found
