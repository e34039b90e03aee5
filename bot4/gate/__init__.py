"""Evidence: the statistics by which a strategy is judged, each by itself (`b4.stats`), and the boundary they are held against.

Above `backtest`: it reads returns and run records and knows neither orders nor the engine. Order: `stats` (numbers, no verdict) ->
`evidence` (z of returns against a sequential boundary).
"""

from . import evidence as evidence
from . import stats as stats
