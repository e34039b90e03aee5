"""The language: expressions, `@strategy` and `@portfolio`, targets, entries, orders, stops, parameters.

A strategy is a function that is traced once into a `Program`, a flat list of nodes; the engine runs that. This package holds
no data and computes no values. Reading order: `expr` and `nodes/` (what one can write), `target`, `definition`,
then `lowering`, `canonical` and `program` (how it becomes a program).
"""

from . import clock, ladder, order, size, stop, take
from .build import trace_expression
from .catalogue import CATALOGUE
from .definition import Strategy, portfolio, strategy
from .entries import Entries, entries
from .errors import ParameterError, RequirementError, StrategyError
from .events import Events, EventStrategy
from .expr import Expr, State
from .functions import column, latch, maximum, minimum, state, where
from .kinds import Clock, Kind, Scope
from .legs import Legs, legs
from .order import Order
from .orders import Orders, orders
from .parameters import Parameter, choice, param, require
from .program import Condition, NodeRow, Program, SourceLine
from .quotes import quotes
from .schedule import Bars, Schedule, bars, every
from .size import Size
from .sleeves import Sleeve, Sleeves, sleeve, sleeves
from .stop import Stop
from .switch import switch
from .take import Take
from .target import Target, target
from .ticks import Ticks, book, trades
from .view import Position, View, account, asset, market

__all__ = [
    "CATALOGUE",
    "Bars",
    "Clock",
    "Condition",
    "Entries",
    "EventStrategy",
    "Events",
    "Expr",
    "Kind",
    "Legs",
    "NodeRow",
    "Order",
    "Orders",
    "Parameter",
    "ParameterError",
    "Position",
    "Program",
    "RequirementError",
    "Schedule",
    "Scope",
    "Size",
    "Sleeve",
    "Sleeves",
    "SourceLine",
    "State",
    "Stop",
    "Strategy",
    "StrategyError",
    "Take",
    "Target",
    "Ticks",
    "View",
    "account",
    "asset",
    "bars",
    "book",
    "choice",
    "clock",
    "column",
    "entries",
    "every",
    "ladder",
    "latch",
    "legs",
    "market",
    "maximum",
    "minimum",
    "order",
    "orders",
    "param",
    "portfolio",
    "quotes",
    "require",
    "size",
    "sleeve",
    "sleeves",
    "state",
    "stop",
    "strategy",
    "switch",
    "take",
    "target",
    "trace_expression",
    "trades",
    "where",
]
