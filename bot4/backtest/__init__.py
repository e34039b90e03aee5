"""One run over history: `backtest`, its `Result`, and `peek` at an expression's column.

Order of operations: load the data, trace the strategy, run the engine, record the run; frames, statistics, diagnosis and report
are made from the engine's records when first asked for. Not here: what a rule means (docs/semantics.md), layout (`bot4.report`).
"""

from .errors import BacktestError
from .result import Result
from .run import backtest, peek

__all__ = ["BacktestError", "Result", "backtest", "peek"]
