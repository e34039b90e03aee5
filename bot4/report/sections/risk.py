"""What could be lost: drawdowns, moving windows, tails, crises."""

from __future__ import annotations

from .. import text
from ..page import Page
from ..plots import curves, distributions
from ..tear import TearSheet
from ..view import RunView
from .cells import aside, couple, day, pairs, signed, titled


def drawdowns(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds the underwater plot and the ten worst drawdowns."""
    d = tear.drawdowns
    if not d.worst:
        return
    head = [
        "Depth",
        "Amount",
        "Peak",
        "Trough",
        "Back at the peak",
        "Days",
        "to fall",
        "to recover",
        "Return at peak",
        "at trough",
    ]
    rows = [
        [
            text.percent(row.depth),
            text.amount(row.amount),
            text.date(row.start_ms),
            text.date(row.trough_ms),
            "not yet" if row.end_ms is None else text.date(row.end_ms),
            text.ratio(row.days, 1 if row.days < 10 else 0),
            text.ratio(row.fall_days, 1 if row.fall_days < 10 else 0),
            text.ratio(row.recovery_days, 1 if row.recovery_days < 10 else 0),
            text.percent(row.start_return, signed=True),
            text.percent(row.trough_return, signed=True),
        ]
        for row in d.worst
    ]
    numbers: list[tuple[object, object]] = [
        ("Under water", f"{text.percent(d.time_under_water)} of days"),
        ("Ulcer index", text.percent(d.ulcer_index)),
        ("Pain index", text.percent(d.pain_index)),
        ("Recovery factor", text.ratio(d.recovery_factor)),
        ("Pain ratio", text.ratio(d.pain_ratio)),
        ("Drawdowns, mean depth", f"{text.count(d.count)}, {text.percent(d.mean_depth)} by day"),
        ("Highest equity", _mark(d.highest_equity, d.highest_ms)),
        ("Lowest equity", _mark(d.lowest_equity, d.lowest_ms)),
    ]
    figure = page.figure(curves.underwater(tear), 220, "Under water: each day's lowest mark below the peak so far")
    below = page.table(head, rows, left=0, name="The ten worst drawdowns", sortable=True)
    title = "The ten worst drawdowns" if len(rows) == 10 else text.plural(len(rows), "drawdown").capitalize()
    page.section(title, figure + below + aside(pairs(page, numbers[:4]), pairs(page, numbers[4:])))


def _mark(equity: float, ms: int | None) -> str:
    return text.MISSING if ms is None else f"{text.amount(equity)} on {text.date(ms)}"


def rolling(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds Sharpe ratio, volatility and beta over moving windows."""
    known = [window for window in tear.rolling.windows if len(window.times) > 1]
    if not known:
        return
    longest = known[-1]
    words = f"windows of {' and '.join(str(w.days) for w in known[-2:])} days"
    made = [
        page.figure(curves.rolling(known[-2:], "sharpe"), 240, f"Sharpe ratio over {words}", caption="Sharpe ratio"),
        page.figure(
            curves.rolling(known[-2:], "volatility"), 240, f"Volatility over {words}", caption="Volatility a year"
        ),
        page.figure(
            curves.rolling(known[-2:], "beta"),
            240,
            f"Beta over {words}",
            caption=f"Beta to {curves.benchmark_name(tear)}",
        ),
        page.figure(
            curves.against(longest, curves.benchmark_name(tear)),
            240,
            "Sharpe ratio beside the benchmark's",
            caption=f"Sharpe ratio beside the benchmark's, {longest.days} days",
        ),
    ]
    page.section("Moving windows", couple(*made))


def tails(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds histogram, quantiles against a normal distribution, and the measures of the tails."""
    if tear.series.days < 10:
        return
    t = tear.tails
    left: list[tuple[object, object]] = [
        ("Value at risk, 95 %", text.percent(t.var_95, 2)),
        ("Value at risk, 99 %", text.percent(t.var_99, 2)),
        ("Expected shortfall, 95 %", text.percent(t.es_95, 2)),
        ("Expected shortfall, 99 %", text.percent(t.es_99, 2)),
        ("… 95 % (Cornish-Fisher)", text.percent(t.cf_es_95, 2)),
    ]
    right: list[tuple[object, object]] = [
        ("Skewness", text.ratio(t.skewness)),
        ("Kurtosis (normal: 3)", text.ratio(t.kurtosis)),
        ("Tail index of losses (Hill)", f"{text.ratio(t.hill_left)} ± {text.ratio(t.hill_left_se)}"),
        ("Return without the five best days", signed(t.without_best)),
        ("… without the five worst", signed(t.without_worst)),
    ]
    histogram, caption = distributions.histogram(tear)
    quantiles = "Quantiles of daily returns against normal ones: on the line they would be normal."
    made = [
        page.figure(histogram, 260, "Histogram of daily returns", caption=caption),
        page.figure(distributions.quantiles(tear), 260, "Quantiles against a normal distribution", caption=quantiles),
    ]
    days = titled("Best and worst days", _days(page, tear))
    page.section("Tails", couple(*made) + aside(pairs(page, left), pairs(page, right)) + days)


def _days(page: Page, tear: TearSheet) -> str:
    t = tear.tails
    rows = [
        [day(best.ms), signed(best.value, 2), day(worst.ms), signed(worst.value, 2)]
        for best, worst in zip(t.best_days, t.worst_days, strict=False)
    ]
    return page.table(["Best", "", "Worst", ""], rows, name="Best and worst days") if rows else ""


def crises(page: Page, view: RunView, tear: TearSheet) -> None:
    """Adds how the run came through the market's known crises."""
    if not tear.crises.rows:
        return
    head = ["Crisis", "From", "To", "Strategy", curves.benchmark_name(tear), "Max drawdown", "Mean gross"]
    rows = [
        [
            row.name,
            text.date(row.start_ms),
            day(row.end_ms),
            signed(row.total),
            text.percent(row.benchmark, signed=True),
            text.percent(row.max_drawdown),
            text.percent(row.mean_gross),
        ]
        for row in tear.crises.rows
    ]
    page.section("Crises", page.table(head, rows, name="Known crises"), "Only those that the data covers as a whole.")
