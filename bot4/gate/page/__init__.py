"""The page of a verdict: one self-contained HTML file, the verdict first, then what it rests on. `sections` and `plots` make the parts."""

from __future__ import annotations

from pathlib import Path

from bot4.report import text
from bot4.report.page import Page

from ..evidence import Evidence
from ..verdict import Verdict
from .sections import SECTIONS

STYLE = """
.mark { color: var(--mark); }
.verdict { display: flex; gap: 20px; align-items: center; background: var(--panel); border-radius: 10px; padding: 18px 22px;
  margin: 20px 0 6px; border-left: 6px solid var(--soft); }
.verdict.good { border-color: var(--good); } .verdict.mark { border-color: var(--mark); } .verdict.bad { border-color: var(--bad); }
.verdict p { color: var(--ink); font-size: 1.02rem; } .verdict p.small { color: var(--soft); font-size: 0.87rem; }
.stamp { font-size: 1.5rem; font-weight: 700; letter-spacing: 0.04em; }
.words { min-width: 340px; } .words b { font-weight: 600; }
.cards .value { font-size: 1.2rem; }
@media (max-width: 600px) {
  .verdict { flex-direction: column; align-items: flex-start; gap: 6px; padding: 14px 16px; } .words { min-width: 220px; }
}
"""


def write_page(evidence: Evidence, verdict: Verdict, path: str | Path) -> Path:
    """Writes the page and returns its path; an interrupted write leaves no half file. Raises OSError."""
    return verdict_page(evidence, verdict).write(path)


def verdict_page(evidence: Evidence, verdict: Verdict) -> Page:
    """Returns the page of a verdict and the evidence that it was made of."""
    made = evidence.registration
    assets = made.universe[0] if len(made.universe) == 1 else f"{len(made.universe)} assets"
    first, last = int(evidence.out.days[0]), int(evidence.out.days[-1])
    span = f"{text.date(first)} to {text.date(last)} out of sample · {made.design} · registered {text.minute(made.created_ms)} as {made.id}"
    name = made.strategy.rpartition(":")[2] or made.strategy
    page = Page(f"Gate · {name} · {assets} · {made.interval}", span, style=STYLE)
    for add in SECTIONS:
        add(page, evidence, verdict)
    return page
