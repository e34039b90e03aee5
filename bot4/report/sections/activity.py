"""What was at stake and what it cost: exposure, turnover, costs, assets."""

from __future__ import annotations

from .. import text
from ..page import Html, Page
from ..periods import AssetResult, by_asset
from ..plots import curves
from ..tear import TearSheet
from ..view import RunView, extra_costs
from .cells import aside, couple, money, pairs, titled


def exposure(page: Page, _view: RunView, tear: TearSheet) -> None:
    """Adds exposure, positions and turnover over time."""
    e = tear.exposure
    if len(e.times) < 2 or not e.max_gross:
        return
    made = [
        page.figure(
            curves.exposure(tear), 240, "Gross and net exposure", caption="Exposure at each day's close, of equity"
        ),
        page.figure(curves.turnover(tear), 240, "Turnover by month", caption="Traded by month, times equity"),
    ]
    if len(e.assets) > 1:
        made.append(
            page.figure(curves.weights(tear), 240, "Weights of assets", caption="Weights of the largest assets")
        )
        made.append(page.figure(curves.positions(tear), 240, "Number of positions", caption="Assets with a position"))
    left: list[tuple[object, object]] = [
        ("Long, short", f"{text.percent(e.time_long)}, {text.percent(e.time_short)} of the time"),
        ("Mean gross, highest", f"{text.percent(e.mean_gross)}, {text.percent(e.max_gross)}"),
    ]
    right: list[tuple[object, object]] = [
        ("Mean net", text.percent(e.mean_net, signed=True)),
        ("Positions, at most", f"{text.ratio(e.mean_positions, 1)}, {text.count(e.max_positions)}"),
    ]
    table = ""
    if len(e.assets) > 1:
        head = ["Asset", "Time in market", "Mean gross", "Highest", "Mean net"]
        rows = [
            [one.symbol, *(text.percent(v) for v in (one.time_in_market, one.mean_gross, one.max_gross, one.mean_net))]
            for one in sorted(e.assets, key=lambda one: -one.mean_gross)
            if one.max_gross
        ]
        table = titled("By asset", page.table(head, rows, sortable=True, tall=len(rows) > 14, name="Exposure by asset"))
    page.section("Exposure and turnover", couple(*made) + aside(pairs(page, left), pairs(page, right)) + table)


def assets(page: Page, view: RunView, _tear: TearSheet) -> None:
    """Adds what each asset brought, best first."""
    rows = sorted(by_asset(view.run), key=lambda row: -row.pnl)
    held = any(row.funding for row in rows)
    funding = ["Funding, interest"] if held else []
    head = ["Asset", "P&L", "Trades", "Won", "Fees", *funding, "Traded", "Open position", "Its price"]
    many = len(rows) > 12
    cells = [_asset_row(row, held) for row in rows]
    page.section("Assets", page.table(head, cells, sortable=len(rows) > 1, tall=many, filterable=many, name="Assets"))


def _asset_row(row: AssetResult, has_funding: bool) -> list[object]:
    return [
        row.symbol,
        money(row.pnl),
        text.count(row.trades),
        text.percent(row.win_rate),
        text.amount(row.fees),
        *([money(row.funding)] if has_funding else []),
        text.amount(row.traded),
        text.amount(row.open_value) if row.open_value else text.MISSING,
        text.percent(row.price_return, signed=True),
    ]


def costs(page: Page, view: RunView, tear: TearSheet) -> None:
    """Adds the costs split by kind, in money and as a share of what was traded, and how they add up over time."""
    s, c = view.stats, tear.costs
    rows = [("Fees", s.fees), ("Half the spread", s.spread_cost), ("Market impact", s.impact_cost)]
    rows += [*extra_costs(s), ("In all", s.total_cost)]
    if view.run.has("funding"):
        rows.append(("Funding, received less paid", s.funding))
    cells = [
        [_bold(name), text.amount(value), _bps(value, s.traded), _share(value, s.start_equity)] for name, value in rows
    ]
    table = page.table(["Costs", view.run.currency, "bp of traded", "of starting cash"], cells, name="Costs")
    figure = ""
    if s.traded and len(c.times) > 1:
        figure = page.figure(curves.costs(tear), 240, "Costs so far", caption=f"Costs so far, {view.run.currency}")
        figure += f'<p class="soft small">{_said(tear)}</p>'
    by_asset = ""
    if len(c.assets) > 1:
        head = ["Asset", "Traded", "Fees", "Spread", "Impact", "Interest", "Funding", "All costs", "bp of traded"]
        parts = [
            [
                one.symbol,
                *map(text.amount, (one.traded, one.fees + one.liquidation_fees, one.spread, one.impact, one.interest)),
                money(one.funding),
                text.amount(one.total),
                _bps(one.total, one.traded),
            ]
            for one in sorted(c.assets, key=lambda one: -one.total)
            if one.traded
        ]
        by_asset = titled(
            "By asset", page.table(head, parts, sortable=True, tall=len(parts) > 14, name="Costs by asset")
        )
    page.section("Costs", table + figure + by_asset)


def _said(tear: TearSheet) -> str:
    c = tear.costs
    said = f"Before costs and funding the run made {text.amount(c.gross_profit, signed=True)}"
    if c.share_of_gross == c.share_of_gross:
        said += f", of which costs took {text.percent(c.share_of_gross)}"
    if c.maker_share > 0:
        said += f"; {text.percent(c.maker_share)} of what was traded rested in the book"
    return f"{said}."


def _bold(name: str) -> object:
    return Html(f"<b>{name}</b>") if name == "In all" else name


def _bps(value: float, traded: float) -> str:
    return text.ratio(value / traded * 1e4, 2) if traded else text.MISSING


def _share(value: float, whole: float) -> str:
    return text.percent(value / whole) if whole else text.MISSING
