"""docs/reference/reasons.md: the codes that orders and fills carry, with their names and meanings."""

from __future__ import annotations

from collections.abc import Mapping

from bot4.backtest import reasons
from scripts.reference.markdown import code, table

INTRO = """# Reason codes

Orders and fills carry codes that say why. The numbers are stable and stand in records; people and frames see the names.
`result.why(order)` tells them in sentences.
"""
SECTIONS: tuple[tuple[str, str, Mapping[int, str], Mapping[str, str]], ...] = (
    (
        "Reasons",
        "Why an order was sent or a fill happened: `orders.reason`, `fills.reason`.",
        reasons.REASONS,
        reasons.REASON_MEANINGS,
    ),
    ("Causes", "Why an order was cut, cancelled or rejected: `orders.cause`.", reasons.CAUSES, reasons.MEANINGS),
    ("Statuses", "How an order ended: `orders.status`.", reasons.STATUSES, {}),
    ("Rules", "Which rule of the venue filled: `fills.rule`.", reasons.RULES, reasons.RULE_MEANINGS),
    (
        "Evidence",
        "What kept a reached order from filling: `orders.evidence`.",
        reasons.EVIDENCE,
        reasons.EVIDENCE_MEANINGS,
    ),
    ("Kinds", "What kind of order was sent: `orders.kind`.", reasons.KINDS, {}),
    ("Times in force", "How long an order works: `orders.tif`.", reasons.TIFS, {}),
    ("Guard states", "What the guard of a policy lets through: `guard.from`, `guard.to`.", reasons.GUARD_STATES, {}),
    ("Layers", "Why the guard acted: `guard.layer`.", reasons.LAYERS, reasons.LAYER_MEANINGS),
)


def page() -> str:
    """Returns the page."""
    parts = []
    for title, sentence, numbers, meanings in SECTIONS:
        rows = [(str(number), code(name), meanings.get(name, "")) for number, name in sorted(numbers.items())]
        headers = ["code", "name", "meaning"]
        if not meanings:
            headers, rows = headers[:2], [row[:2] for row in rows]  # type: ignore[misc]
        parts.append(f"\n## {title}\n\n{sentence}\n\n{table(headers, rows)}")
    return INTRO + "".join(parts)
