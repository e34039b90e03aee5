"""The language: expressions, `@strategy` and `@portfolio`, targets, stops, parameters.

A strategy is a function that is traced once into a `Program`, a flat list of nodes; the engine runs that. This package holds
no data and computes no values. Reading order: `expr` and `nodes/` (what one can write), `target`, `definition`,
then `lowering`, `canonical` and `program` (how it becomes a program).
"""

from . import stop
from .build import trace_expression
from .catalogue import CATALOGUE
from .definition import Strategy, portfolio, strategy
from .errors import ParameterError, RequirementError, StrategyError
from .expr import Expr, State
from .functions import column, latch, maximum, minimum, state, where
from .kinds import Clock, Kind, Scope
from .parameters import Parameter, choice, param, require
from .program import Condition, NodeRow, Program, SourceLine
from .schedule import Bars, Schedule, bars, every
from .target import Target, target
from .view import Position, View, account, asset, market

__all__ = [
    "CATALOGUE",
    "Bars",
    "Clock",
    "Condition",
    "Expr",
    "Kind",
    "NodeRow",
    "Parameter",
    "ParameterError",
    "Position",
    "Program",
    "RequirementError",
    "Schedule",
    "Scope",
    "SourceLine",
    "State",
    "Strategy",
    "StrategyError",
    "Target",
    "View",
    "account",
    "asset",
    "bars",
    "choice",
    "column",
    "every",
    "latch",
    "market",
    "maximum",
    "minimum",
    "param",
    "portfolio",
    "require",
    "state",
    "stop",
    "strategy",
    "target",
    "trace_expression",
    "where",
]
