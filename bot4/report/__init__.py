"""Statistics, the summary table and the HTML report of a run.

Reads plain columns (`columns.RunColumns`) and knows neither the engine nor how a run is started. Order: `columns` -> `stats`
-> `table` or `html`.
"""
