"""A run as one picture (PNG) to be shared: key numbers, equity and drawdown.

The picture is a small page of its own, photographed by Chromium (`browser`): the same plots, the same words, no second way to draw.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from html import escape
from pathlib import Path

from . import browser, text
from .page import Page
from .plots import curves
from .view import RunView

WIDTH, HEIGHT = 1200, 675
"""CSS pixels: 16 to 9."""
SCALE = 2
PATIENCE_S = 60
STYLE = """
.contents, .round, figcaption, h2 { display: none; } main { padding: 26px 36px 0; max-width: none; } section { margin: 0; }
.small { white-space: nowrap; } .cards { grid-template-columns: repeat(6, 1fr); margin: 14px 0 4px; } .figure { margin: 4px 0 0; }
.foot { display: flex; justify-content: space-between; font-size: 0.8rem; color: var(--soft); margin-top: 6px; }
html, body { overflow: hidden; }
"""


class PictureError(RuntimeError):
    """A picture that cannot be drawn here: one sentence with the fix."""


def write_picture(view: RunView, path: str | Path, *, dark: bool = False) -> Path:
    """Writes the picture as PNG (2,400 × 1,350 pixels) and returns its path. Raises PictureError without a Chromium, OSError where it
    cannot be written."""
    program = chromium()
    target = Path(path)
    with tempfile.TemporaryDirectory(prefix="bot4-picture-") as folder:
        page, made = picture_page(view, dark=dark).write(Path(folder) / "page.html"), Path(folder) / "made.png"
        photograph(program, page, made, Path(folder) / "profile")
        partial = target.with_name(f".{target.name}.part")
        try:
            partial.write_bytes(made.read_bytes())
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)
    return target


def chromium() -> str:
    """Returns the path of a Chromium. Raises PictureError where there is none."""
    path = browser.found()
    if path is None:
        raise PictureError(
            f"A PNG is drawn by Chromium, and {browser.missing()}: install it (Debian: apt-get install chromium), "
            "or write the HTML report."
        )
    return path


def photograph(program: str, page: Path, made: Path, profile: Path) -> None:
    """Runs Chromium once, without a window, to write a page of the picture's size as PNG. Raises PictureError if it does not."""
    words = [
        program,
        "--headless",
        "--hide-scrollbars",
        "--disable-gpu",
        "--no-first-run",
        f"--user-data-dir={profile}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--no-sandbox")  # Chromium refuses to run as root with it
    words += [f"--force-device-scale-factor={SCALE}", f"--window-size={WIDTH},{HEIGHT}", f"--screenshot={made}"]
    try:
        run = subprocess.run([*words, page.as_uri()], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise PictureError(f"{program} did not finish the picture within {PATIENCE_S} seconds; try again.") from None
    if not made.exists():
        last = (run.stderr.strip().splitlines() or ["no word"])[-1]
        raise PictureError(f"{program} wrote no picture ({last}); write the HTML report instead.")


def picture_page(view: RunView, *, dark: bool = False) -> Page:
    """Returns the page that is photographed."""
    s = view.stats
    page = Page(view.title, view.period, theme="dark" if dark else "light", style=STYLE)
    cards = (
        ("Return", text.percent(s.total_return, signed=True), f"holding {text.percent(s.holding_return, signed=True)}"),
        ("CAGR", text.percent(s.cagr, signed=True), f"holding {text.percent(s.holding_cagr, signed=True)}"),
        ("Sharpe", text.ratio(s.sharpe), f"± {text.ratio(s.sharpe_se)}, holding {text.ratio(s.holding_sharpe)}"),
        ("Max drawdown", text.percent(s.max_drawdown), f"holding {text.percent(s.holding_max_drawdown)}"),
        ("Trades", text.count(s.trades), f"{text.percent(s.win_rate)} won"),
        ("Costs", text.amount(s.total_cost), f"turnover {text.ratio(s.turnover, 0)} × a year"),
    )
    made = "".join(
        f'<div class="card"><div class="soft small">{name}</div><div class="value">{value}</div>'
        f'<div class="soft small">{below}</div></div>'
        for name, value, below in cards
    )
    page.lead(f'<div class="cards">{made}</div>')
    page.lead(page.figure(curves.equity(view.run), 290) + page.figure(curves.drawdown(view.run), 126))
    page.lead(f'<div class="foot"><span>{escape(_foot(view))}</span><span>Bot4</span></div>')
    return page


def _foot(view: RunView) -> str:
    tries = "" if view.trials is None else f" · try number {view.trials[0] + 1}"
    costs = f" · {view.costs}" if view.costs else ""
    return f"Backtest on one past, {view.realism} fills{costs}{tries}"
