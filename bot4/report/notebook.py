"""A result in a notebook: the summary beside a small picture of equity that needs no script, in the notebook's own colours."""

from __future__ import annotations

from html import escape

import numpy as np

from . import text
from .plots.spec import thin
from .view import RunView, caveats

WIDTH, HEIGHT = 560, 120
MOST_POINTS = 600


def notebook_html(view: RunView) -> str:
    """Returns title, key numbers, curve, and what the number is not, as HTML for `_repr_html_`."""
    s = view.stats
    rows = (
        ("Return", text.part(s.total_return, signed=True), text.part(s.holding_return, signed=True)),
        ("CAGR", text.percent(s.cagr, signed=True), text.percent(s.holding_cagr, signed=True)),
        ("Sharpe", f"{text.ratio(s.sharpe)} ± {text.ratio(s.sharpe_se)}", text.ratio(s.holding_sharpe)),
        ("Volatility", text.percent(s.volatility), text.percent(s.holding_volatility)),
        ("Max drawdown", text.part(s.max_drawdown), text.part(s.holding_max_drawdown)),
        ("Trades", text.count(s.trades), ""),
        ("Costs", f"{text.amount(s.total_cost)} {escape(view.run.currency)}", ""),
    )
    body = "".join(
        f'<tr><th style="text-align:left;font-weight:normal">{name}</th><td>{own}</td><td>{held}</td></tr>'
        for name, own, held in rows
    )
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in [*view.notes, *caveats(view)])
    return (
        f"<div><b>{escape(view.title)}</b><br><small>{escape(view.period)}</small>"
        '<div style="display:flex;flex-wrap:wrap;gap:24px;align-items:center">'
        f"<table><thead><tr><th></th><th>strategy</th><th>buy &amp; hold</th></tr></thead><tbody>{body}</tbody></table>{curve(view)}</div>"
        f"<details><summary>What to look at, and what this number is not</summary><ul>{said}</ul></details></div>"
    )


def curve(view: RunView) -> str:
    """Returns equity as an SVG line, thinned; nothing for a run of one mark."""
    equity = view.run.equity
    if len(equity) < 2:
        return ""
    at = thin(equity, MOST_POINTS)
    values = equity[at].astype(np.float64)
    low, high = float(values.min()), float(values.max())
    x = at / (len(equity) - 1) * WIDTH
    y = HEIGHT - 4 - (values - low) / ((high - low) or 1.0) * (HEIGHT - 8)
    path = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x, y, strict=True))
    name = f"Equity from {text.amount(view.stats.start_equity)} to {text.amount(view.stats.final_equity)}"
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}" '
        f'style="max-width:100%"><path d="M{path}" fill="none" stroke="#1f6feb" stroke-width="1.5"/></svg>'
    )
