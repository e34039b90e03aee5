"""The three realisms of docs/semantics.md, section 6: how strictly the venue reads a bar.

Only their names and what they do to the settings a user gave; the rules themselves are the engine's.
"""

from __future__ import annotations

from typing import Literal, get_args

Realism = Literal["strict", "neutral", "naive"]

REALISMS: tuple[Realism, ...] = get_args(Realism)
"""From the least to the most flattering."""

WHOLE_BAR = 1.0

SENTENCES: dict[Realism, str] = {
    "strict": "Fills are strict: whatever a bar leaves open goes against the strategy; no order book was seen.",
    "neutral": "Fills are neutral: a bar is read along its likeliest path, without impact; no order book was seen.",
    "naive": (
        "Fills are naive: no spread, impact, latency or limit of volume, and a bar's extremes come in the best order; no market fills "
        "like this."
    ),
}
"""What a reader must know about the fills, one sentence for each realism."""
