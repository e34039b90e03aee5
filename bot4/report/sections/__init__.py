"""The sections of the report, each a function that adds itself to a page: `(page, view, tear) -> None`; empty ones are left out.

`head` what happened in a glance; `returns` equity, months, periods; `certainty` errors and intervals; `risk` drawdowns, moving windows,
tails, crises; `market` against the benchmark; `activity` exposure and costs; `ticks` making and taking;
`trades` trades and orders; `about` limits, settings.
"""
