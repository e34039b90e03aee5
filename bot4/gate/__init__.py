"""The gate: what a strategy has to show before it is more than research, and the statistics it is judged by (`b4.stats`).

Above `backtest`: it reads returns and run records and knows neither orders nor the engine. Order: `stats` (numbers, no verdict) ->
`boundary` (z of returns against a sequential boundary) -> `evidence` (everything a verdict is computed from).
"""

from . import boundary as boundary
from . import evidence as evidence
from . import stats as stats
