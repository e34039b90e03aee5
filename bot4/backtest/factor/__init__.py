"""What an expression is worth as a signal, before it trades: information coefficient, returns by quantile, turnover, a plot.

Methods of expressions (`x.ic(data)`, `x.quantiles(data)`, `x.turnover(data)`, `x.plot(data)`) lead here. Definitions follow alphalens
(Quantopian, 2016); forward returns are those the engine could trade (`panel`). Expression and data become a `Panel` of times × assets,
statistics read it alone. No feature looks ahead: what is known at a bar's close is compared with what comes after.
"""

from .information import InformationCoefficient, ic
from .panel import Panel
from .plot import plot
from .quantiles import QuantileReturns, quantiles
from .turnover import FactorTurnover, turnover

__all__ = [
    "FactorTurnover",
    "InformationCoefficient",
    "Panel",
    "QuantileReturns",
    "ic",
    "plot",
    "quantiles",
    "turnover",
]
