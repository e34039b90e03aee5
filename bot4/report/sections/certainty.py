"""How sure the numbers are: bootstrap intervals, errors of the Sharpe ratio, probabilities."""

from __future__ import annotations

from .. import text
from ..page import Page
from ..tear import TearSheet
from ..view import RunView
from .cells import aside, chance, pairs, titled


def certainty(page: Page, view: RunView, tear: TearSheet) -> None:
    """Adds intervals and probabilities; nothing where there are too few days for any."""
    s = tear.significance
    if s.days < 2:
        return
    page.section(
        "How sure this is",
        aside(
            titled("Intervals", _intervals(page, tear)),
            titled("The Sharpe ratio", pairs(page, _sharpe(tear), "Errors of the Sharpe ratio")),
        ),
        "Errors are of this one past: they know nothing of tries that were not kept, nor of times that are unlike it.",
    )


def _intervals(page: Page, tear: TearSheet) -> str:
    b = tear.bootstrap
    rows = [
        ["Sharpe", *(text.ratio(v) for v in (b.sharpe.estimate, b.sharpe.low, b.sharpe.high))],
        ["Sortino", *(text.ratio(v) for v in (b.sortino.estimate, b.sortino.low, b.sortino.high))],
        ["CAGR", *(text.percent(v, signed=True) for v in (b.cagr.estimate, b.cagr.low, b.cagr.high))],
        ["Volatility", *(text.percent(v) for v in (b.volatility.estimate, b.volatility.low, b.volatility.high))],
        [
            "Max drawdown, by day",
            *(text.percent(v) for v in (b.max_drawdown.estimate, b.max_drawdown.low, b.max_drawdown.high)),
        ],
    ]
    said = (
        f"{text.percent(b.level, 0)} intervals of {text.count(b.resamples)} resamples of the days in blocks of "
        f"{text.ratio(b.block_days, 1)} on average (Politis and Romano 1994); "
        f"{chance(b.loss_probability)} of them end with a loss."
    )
    return page.table(["", "measured", "from", "to"], rows, name="Bootstrap intervals") + _small(said)


def _sharpe(tear: TearSheet) -> list[tuple[object, object]]:
    s = tear.significance
    return [
        ("Sharpe ratio", text.ratio(s.sharpe)),
        ("± for non-normal returns (Mertens)", text.ratio(s.sharpe_se)),
        ("± for autocorrelated returns (Lo)", text.ratio(s.sharpe_se_hac)),
        ("with autocorrelation (Lo)", text.ratio(s.sharpe_lo)),
        ("Probability that it is above 0 (PSR)", chance(s.psr)),
        ("… above that of holding", chance(s.psr_benchmark)),
        ("Track record needed for 95 %", _days(s.min_track_record_days)),
        ("t of the mean daily return", text.ratio(s.mean_t)),
        ("p of a mean that is not positive", text.ratio(s.mean_p, 3)),
        ("Autocorrelation by day", text.ratio(s.autocorrelation, 3)),
    ]


def _days(days: float) -> str:
    return text.span(days) if days == days else text.MISSING


def _small(sentence: str) -> str:
    return f'<p class="soft small">{sentence}</p>'
