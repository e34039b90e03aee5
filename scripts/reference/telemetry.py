"""docs/reference/telemetry.md: the metrics of a running pipeline, its stages and counters, and the metrics of an exchange."""

from __future__ import annotations

from bot4.observe.catalogue import EXCHANGE, METRICS, QUANTILES, counters, stages
from scripts.reference.markdown import code, table

INTRO = """# Metrics

## The pipeline

What `bot4 rehearse --metrics FILE` writes each second, in Prometheus' text format: point the text file collector of a node exporter at the
folder. Times are seconds. Buckets of histograms count everything since the start and add up over machines; gauges show the last second.
"""


def page() -> str:
    """Returns the page."""
    metrics = [(code(m.name), m.kind, ", ".join(map(code, m.labels)), m.meaning) for m in METRICS]
    quantiles = ", ".join(code(part) for part, _ in QUANTILES)
    return (
        INTRO
        + "\n"
        + table(["metric", "kind", "labels", "meaning"], metrics)
        + f"\nQuantiles are {quantiles}.\n\n## Stages\n\n"
        + table(["stage", "what it measures"], [(code(name), meaning) for name, meaning in stages()])
        + "\n## Counters of the engine\n\n"
        + table(["counter", "what it counts"], [(code(name), meaning) for name, meaning in counters()])
        + "\n## The exchange\n\nWhat `bot4 exchange serve` tells at `/metrics`, in the same format.\n\n"
        + table(["metric", "kind", "meaning"], [(code(m.name), m.kind, m.meaning) for m in EXCHANGE])
    )
