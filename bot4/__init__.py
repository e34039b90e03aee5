"""Bot4: a strategy is written once, as expressions; one deterministic engine carries it everywhere.

This module is the public API: `import bot4 as b4` makes every name below, each loaded when it is first used, so that the
import itself costs milliseconds. `strategy` and `backtest` are functions here although packages of the same name hold them:
import from the packages with `from bot4.strategy import …` (not `import bot4.strategy as …`).
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backtest import Result as Result
    from .backtest import backtest as backtest
    from .backtest import peek as peek
    from .backtest.context import Bar as Bar
    from .backtest.context import Context as Context
    from .backtest.context import Fill as Fill
    from .backtest.sweep import SweepResult as SweepResult
    from .backtest.sweep import sweep as sweep
    from .backtest.walkforward import CpcvResult as CpcvResult
    from .backtest.walkforward import WalkForwardResult as WalkForwardResult
    from .backtest.walkforward import cpcv as cpcv
    from .backtest.walkforward import walkforward as walkforward
    from .data import Instrument as Instrument
    from .data import Market as Market
    from .data import load as load
    from .gate import stats as stats
    from .records.overview import runs as runs
    from .strategy import Entries as Entries
    from .strategy import Events as Events
    from .strategy import Expr as Expr
    from .strategy import Legs as Legs
    from .strategy import Order as Order
    from .strategy import Orders as Orders
    from .strategy import Parameter as Parameter
    from .strategy import ParameterError as ParameterError
    from .strategy import Program as Program
    from .strategy import RequirementError as RequirementError
    from .strategy import Strategy as Strategy
    from .strategy import StrategyError as StrategyError
    from .strategy import Target as Target
    from .strategy import View as View
    from .strategy import account as account
    from .strategy import asset as asset
    from .strategy import bars as bars
    from .strategy import book as book
    from .strategy import choice as choice
    from .strategy import clock as clock
    from .strategy import column as column
    from .strategy import entries as entries
    from .strategy import every as every
    from .strategy import ladder as ladder
    from .strategy import latch as latch
    from .strategy import legs as legs
    from .strategy import market as market
    from .strategy import maximum as maximum
    from .strategy import minimum as minimum
    from .strategy import order as order
    from .strategy import orders as orders
    from .strategy import param as param
    from .strategy import portfolio as portfolio
    from .strategy import quotes as quotes
    from .strategy import require as require
    from .strategy import size as size
    from .strategy import sleeve as sleeve
    from .strategy import sleeves as sleeves
    from .strategy import state as state
    from .strategy import stop as stop
    from .strategy import strategy as strategy
    from .strategy import switch as switch
    from .strategy import take as take
    from .strategy import target as target
    from .strategy import trades as trades
    from .strategy import where as where

__version__ = "0.1.0"

_LANGUAGE = (
    "Entries Events Expr Legs Order Orders Parameter ParameterError Program RequirementError Strategy "
    "StrategyError Target View account asset bars book choice clock column entries every ladder latch legs market maximum "
    "minimum order orders param portfolio quotes require size sleeve sleeves state stop strategy switch take target "
    "trades where"
)
_EXPORTS: dict[str, str] = {
    **dict.fromkeys(_LANGUAGE.split(), "bot4.strategy"),
    **dict.fromkeys(("backtest", "peek", "Result"), "bot4.backtest"),
    **dict.fromkeys(("sweep", "SweepResult"), "bot4.backtest.sweep"),
    "runs": "bot4.records.overview",
    **dict.fromkeys(("walkforward", "WalkForwardResult", "cpcv", "CpcvResult"), "bot4.backtest.walkforward"),
    **dict.fromkeys(("Bar", "Context", "Fill"), "bot4.backtest.context"),
    **dict.fromkeys(("load", "Market", "Instrument"), "bot4.data"),
    "stats": "bot4.gate",
}
TOOLS: dict[str, str] = dict.fromkeys(("plot", "ic", "quantiles", "turnover"), "bot4.backtest.factor")
"""Methods of expressions that need data, and the package that holds each: the language itself knows no room above it."""


if not TYPE_CHECKING:  # hidden from type checkers, which would otherwise accept any name

    def __getattr__(name: str) -> Any:
        """Loads a public name on first use."""
        home = _EXPORTS.get(name)
        if home is None:
            raise AttributeError(_unknown(name))
        value = getattr(importlib.import_module(home), name)
        globals()[name] = value
        return value


def _unknown(name: str) -> str:
    if name.startswith("_"):
        return f"module 'bot4' has no attribute {name!r}"
    import difflib

    close = difflib.get_close_matches(name, _EXPORTS, n=1)
    return f"b4 has no {name!r}" + (
        f". Did you mean b4.{close[0]}?" if close else f". Names: {', '.join(sorted(_EXPORTS))}."
    )


def __dir__() -> list[str]:
    return sorted({*_EXPORTS, "__version__"})


class _Package(ModuleType):
    """Keeps `b4.strategy` and `b4.backtest` functions when Python binds the packages of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        if (
            isinstance(value, ModuleType)
            and value.__name__ == f"{__name__}.{name}"
            and _EXPORTS.get(name) == value.__name__
        ):
            value = getattr(value, name, value)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
