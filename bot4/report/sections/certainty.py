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


def ratios(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds the ratios of daily returns under the names that quantstats made common."""
    r = tear.ratios
    if tear.series.days < 2:
        return
    rows: list[tuple[object, object]] = [
        ("Smart Sharpe, Sortino", f"{text.ratio(r.smart_sharpe)}, {text.ratio(r.smart_sortino)}"),
        ("Sortino/√2", text.ratio(r.sortino_sqrt2)),
        ("Omega, profit factor by day", f"{text.ratio(r.omega)}, {text.ratio(r.profit_factor)}"),
        ("Gain to pain by day, by month", f"{text.ratio(r.gain_to_pain)}, {text.ratio(r.gain_to_pain_monthly)}"),
        ("Martin ratio, serenity", f"{text.ratio(r.martin)}, {text.ratio(r.serenity)}"),
        ("Return over time in market", text.percent(r.risk_adjusted_return, signed=True)),
        ("Common sense ratio, CPC", f"{text.ratio(r.common_sense)}, {text.ratio(r.cpc)}"),
        ("Mean day", text.percent(r.avg_return, 3, signed=True)),
        ("Mean day up, down", f"{text.percent(r.avg_win, 2, signed=True)}, {text.percent(r.avg_loss, 2, signed=True)}"),
        ("Payoff, days won", f"{text.ratio(r.payoff)}, {text.percent(r.win_rate)}"),
        ("Expected by day", text.percent(r.expected_daily, 3, signed=True)),
        ("Expected by month", text.percent(r.expected_monthly, 2, signed=True)),
        ("Expected by year", text.percent(r.expected_yearly, signed=True)),
        ("Kelly fraction", text.percent(r.kelly)),
        ("Risk of ruin", chance(r.risk_of_ruin)),
        ("Outliers up, down", f"{text.ratio(r.outlier_win)}, {text.ratio(r.outlier_loss)}"),
    ]
    half = len(rows) // 2
    note = "Of daily returns, as quantstats names them; days of exactly 0 are not counted among those won or lost."
    page.section("Ratios", aside(pairs(page, rows[:half]), pairs(page, rows[half:])), note)


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
