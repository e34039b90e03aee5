"""Evidence: the statistics by which a strategy is judged, each by itself (`b4.stats`).

Above `backtest`: it reads returns and run records and knows neither orders nor the engine. Order: `stats` (numbers, no verdict).
"""

from . import stats as stats
