"""The sections of the gate's page, each from the evidence and one or two findings."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from bot4.report import text
from bot4.report.page import Html, Page, markup
from bot4.report.sections.cells import chance, couple, pairs, signed

from .. import shown
from ..checks.readings import annual_sharpe, drawdowns, growth, trials
from ..evidence import Evidence
from ..finding import Finding
from ..verdict import Verdict
from . import plots

TALL, MIDDLE = 340, 260
EQUITY = "Growth of 1 from the first day out of sample; before it what was earned in sample."


def verdict(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds the verdict in plain words, what stands in the way, and the key numbers."""
    tone = shown.TONES[judged.outcome]
    lines = "".join(f"<li>{escape(line)}</li>" for line in judged.reasons)
    why = f"<h3>What stands in the way</h3><ul>{lines}</ul>" if lines else ""
    page.lead(
        f'<div class="verdict {tone}"><div class="stamp">{judged.outcome}</div><div><p>{escape(judged.words)}</p>'
        f'<p class="soft small">{escape(shown.counted(judged))}.</p></div></div>{why}'
    )
    page.lead("".join(f'<p class="note">{escape(line)}</p>' for line in judged.warnings))
    page.lead(f'<div class="cards">{"".join(_cards(given, judged))}</div>')


def _cards(given: Evidence, judged: Verdict) -> list[str]:
    proven, own = judged.finding("G2"), given.out.returns
    look = (
        f"look {judged.look} of 12" if judged.look else "the one look" if proven.details["is_only"] else "no look yet"
    )
    digits = shown.digits(proven)
    following = text.date(judged.next_ms) if judged.next_ms is not None else text.MISSING
    odds = f"passes then: {chance(judged.chance)}" if judged.chance is not None else "none is due"
    return [
        _card("Evidence z", shown.value(proven), f"needed {shown.number(proven.bar, proven.unit, digits)}"),
        _card("Out of sample", text.span(len(own)), look),
        _card("Sharpe", text.ratio(annual_sharpe(own)), f"in sample {_inside(given)}"),
        _card("Return", signed(float(growth(own)[-1]) - 1.0), "out of sample, net"),
        _card("Deepest fall", text.percent(-float(drawdowns(own).min())), f"limit {text.percent(_limit(given), 0)}"),
        _card("Closed trades", text.count(len(given.trades.pnl)), f"{text.count(given.rebalances)} rebalances"),
        _card("Trials", f"{trials(given):.3g}", f"{text.plural(given.openings, 'opening')}"),
        _card("Twice the costs", shown.value(judged.finding("G6a")), "Sharpe"),
        _card("One bar later", shown.value(judged.finding("G6b")), "Sharpe"),
        _card("Next look", following, odds),
    ]


def _card(label: str, value: str, below: str) -> str:
    lines = (("soft small", label), ("value", value), ("soft small", below))
    return '<div class="card">' + "".join(f'<div class="{name}">{line}</div>' for name, line in lines) + "</div>"


def _inside(given: Evidence) -> str:
    returns = given.inside.returns
    return text.ratio(annual_sharpe(returns)) if len(returns) > 1 else text.MISSING


def _limit(given: Evidence) -> float:
    return given.registration.settings.max_drawdown


def evidence(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds z against the boundary over time."""
    one = judged.finding("G2")
    figure = page.figure(
        plots.evidence_path(given, one), TALL, "Evidence z and the boundary over the days out of sample"
    )
    note = "The line must be above the dashed one on the day of a look; days in between are shown and decide nothing."
    page.section("Evidence over time", figure + _words(one) + _words(judged.finding("G3")), note)


def equity(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds equity in and out of sample."""
    switch = (
        '<div class="switch scale" role="group" aria-label="Scale">'
        '<button type="button" data-log="false">linear</button><button type="button" data-log="true">log</button></div>'
    )
    figure = page.figure(plots.equity(given), TALL, "Growth of 1 in and out of sample", caption=EQUITY)
    page.section("Equity", f'<div class="right">{switch}</div>{figure}{_words(judged.finding("G5b"))}')


def neighbourhood(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds the cloud of trials and the histogram of CSCV."""
    one = judged.finding("G4")
    made = []
    if "cloud_in" in one.details:
        made.append(
            page.figure(plots.cloud(given, one), MIDDLE + 40, "Sharpe ratios of the neighbourhood in and out of sample")
        )
    if "rank_counts" in one.details:
        made.append(
            page.figure(plots.ranks(one), MIDDLE + 40, "Rank of the configuration chosen in the other half of the time")
        )
    note = "Left: all configurations. Right: how the best of one half of the time ranks in the other, over all halves (CSCV)."
    page.section("Trial cloud and neighbourhood", couple(*made) + _words(one), note if len(made) == 2 else "")


def costs(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds the curves under stress."""
    figure = page.figure(
        plots.stress(given), TALL - 40, "Growth of 1 before costs, as registered, at twice the costs, one bar later"
    )
    said = "".join(_words(judged.finding(id)) for id in ("G6a", "G6b", "G6c"))
    page.section("Costs and delay", figure + said)


def regimes(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds the market by its kind and what was earned in each."""
    one = judged.finding("G1c")
    by_kind: Any = one.details["by_kind"]
    days: Any = one.details["days"]
    rows = [
        [name.capitalize(), text.count(days[name]), signed(_or_nan(row["total"])), text.ratio(_or_nan(row["sharpe"]))]
        for name, row in by_kind.items()
    ]
    figure = page.figure(plots.market(given), MIDDLE, "The market out of sample by its kind")
    table = page.table(["Market", "Days", "Return", "Sharpe"], rows, name="By kind of market")
    page.section(
        "Kinds of market",
        figure + table,
        "By the 90 days before each day, against what a market without trend would do.",
    )


def ruin(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds the fan of the year to come and the histogram of its deepest falls."""
    one = judged.finding("G8d")
    drawn = couple(
        page.figure(plots.fan(one), MIDDLE + 40, "Equity over the next year in resamples"),
        page.figure(plots.falls(one, _limit(given)), MIDDLE + 40, "Deepest falls of the years drawn"),
    )
    details = one.details
    rows: list[tuple[object, object]] = [
        ("Median year", signed(_number(details, "year_median"))),
        ("One year in 20 is below", signed(_number(details, "year_5"))),
        ("Years that lose", chance(_number(details, "losing_years"))),
    ]
    if details["trade_fall_95"] is not None:
        rows += [
            ("Trades drawn: fall, one year in 20", text.percent(_number(details, "trade_fall_95"))),
            ("Trades drawn: years that lose", chance(_number(details, "trade_losing"))),
            ("Losses in a row, one year in 20", f"{_number(details, 'trade_streak_95'):.0f}"),
        ]
    note = "Days out of sample drawn again in blocks. A past that lacks a disaster cannot draw one."
    page.section("What a year may bring", drawn + _words(one) + pairs(page, rows, "A year in numbers"), note)


def concentration(page: Page, _given: Evidence, judged: Verdict) -> None:
    """Adds returns by quarter and profit by coin."""
    one = judged.finding("G7")
    drawn = couple(
        page.figure(plots.quarters(one), MIDDLE, "Returns by quarter", caption="Returns by quarter."),
        page.figure(plots.assets(one), MIDDLE, "Profit by coin", caption="Profit by coin, sum of days."),
    )
    page.section("Concentration", drawn + _words(one))


def findings(page: Page, _given: Evidence, judged: Verdict) -> None:
    """Adds every check with its value, bar and words."""
    rows = [
        [
            Html(f'<span class="soft">{one.id}</span>'),
            Html(f'<span class="{shown.tone(one, judged.outcome)}">{shown.result(one, judged.outcome)}</span>'),
            Html(f'<div class="wrap words"><b>{escape(one.name)}</b><br>{escape(one.words)}</div>'),
            shown.value(one) if one.role != "info" else "",
            shown.bar(one),
            one.role,
        ]
        for one in judged.findings
    ]
    head = ["", "Result", "Check", "Value", "Bar", "Weight"]
    note = "Hard: not met, no pass. Warn: said, and decides nothing. Info: never judged. docs/gate.md explains each."
    page.section("All checks", page.table(head, rows, 3, name="All checks"), note)


def diagnostics(page: Page, _given: Evidence, judged: Verdict) -> None:
    """Adds the p-values of the diagnostics and the correlations with the market."""
    details = judged.finding("G9").details
    p_values: Any = details["p_values"]
    names = {
        "jarque_bera": "Jarque-Bera: normal", "ljung_box": "Ljung-Box: not autocorrelated", "arch_lm": "ARCH-LM: constant variance",
        "adf": "ADF: a unit root", "kpss": "KPSS: stationary", "variance_ratio": "Variance ratio, 5 days: a random walk",
    }  # fmt: skip
    rows: list[tuple[object, object]] = [(name, shown.number(p_values[key], "p")) for key, name in names.items()]
    correlations: list[tuple[object, object]] = [
        (name, shown.number(details[key], "ratio"))
        for key, name in (
            ("correlation", "Correlation with the market"),
            ("correlation_worst", "… on its worst 5 % of days"),
            ("dcc_last", "Changing correlation (cDCC), last"),
            ("dcc_highest", "… highest"),
            ("dcc_worst", "… mean of the market's worst days"),
        )
    ]
    tables = f'<div class="columns"><div>{pairs(page, rows, "p-values")}</div><div>{pairs(page, correlations, "Correlations")}</div></div>'
    note = "p-values of what stands behind the colon. They choose estimators; every real series of returns fails some of them."
    page.section("Diagnostics", tables + _words(judged.finding("G9")), note)


def registered(page: Page, given: Evidence, judged: Verdict) -> None:
    """Adds what was registered and what the verdict rests on."""
    made = given.registration
    rows: list[tuple[object, object]] = [
        ("Registration", Html(f"<code>{escape(made.id)}</code>")),
        ("At", text.minute(made.created_ms)),
        ("Strategy", made.strategy),
        ("Parameters", shown.named(made.parameters) or "none"),
        ("Universe", shown.instruments(made.universe)),
        ("Bars", made.interval),
        ("Design", made.design),
        ("Split", shown.named(made.split)),
        ("Costs", shown.named(made.costs)),
        (
            "Changed settings",
            shown.named({n: v for n, (v, _) in made.settings.changed.items()}) or "none",
        ),
        ("Trials", given.trials.words),
        ("Code", Html(f"<code>{escape(made.identity)}</code>")),
        ("Data", Html(f"<code>{escape(made.data_digest)}</code>")),
        ("Evidence", Html(f"<code>{escape(judged.evidence)}</code>")),
    ]
    wrapped = [(name, Html(f'<div class="wrap">{markup(value)}</div>')) for name, value in rows]
    note = "The verdict is a function of the evidence alone: `bot4 gate verify` computes it again and compares."
    page.section("What was registered", pairs(page, wrapped, "Registration"), note)


def _words(one: Finding) -> str:
    return f"<p>{escape(one.words)}</p>"


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _number(details: dict[str, object], name: str) -> float:
    value = details[name]
    return float(value) if isinstance(value, (int, float)) else float("nan")


SECTIONS: tuple[Callable[[Page, Evidence, Verdict], None], ...] = (
    verdict,
    evidence,
    equity,
    neighbourhood,
    costs,
    regimes,
    ruin,
    concentration,
    findings,
    diagnostics,
    registered,
)
"""In the order of the page."""
