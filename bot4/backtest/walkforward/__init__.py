"""Walk-forward and combinatorial cross-validation: what a choice of parameters is worth on data it has not seen.

Order of operations: `layout` finds the span, `splits` cuts it, `candidates` traces the combinations, `run` goes through the windows,
`stitch` joins the tests, `result` says it. Not here: one run (`bot4.backtest`), the engine.
"""

from .combinatorial import cpcv
from .cpcv_result import CpcvResult
from .result import WalkForwardResult
from .run import walkforward

__all__ = ["CpcvResult", "WalkForwardResult", "cpcv", "walkforward"]
