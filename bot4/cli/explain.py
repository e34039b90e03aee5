"""`bot4 explain`: the traced graph of a strategy as text, SVG, page or JSON: what it computes, in which part, from which bar on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .backtest import Param
from .output import Json, check_target, emit
from .settings import File, Timeframe

if TYPE_CHECKING:
    from bot4.report.layers import Box
    from bot4.strategy.graph import Graph, GraphNode

Data = Annotated[
    list[str] | None,
    typer.Option(metavar="PATH...", help="Bars, where symbols or timeframe come from the data. Read for these alone."),
]
Svg = Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Draw the graph as SVG.")]
HtmlFile = Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the graph as a page.")]


def command(
    file: File,
    data: Data = None,
    timeframe: Timeframe = None,
    param: Param = None,
    svg: Svg = None,
    html: HtmlFile = None,
    json: Json = None,
) -> None:
    """Show the graph a strategy is traced to: nodes, static and feedback part, what is shared, warm-up, identity.

    Example: bot4 explain trend.py --svg trend.svg
    """
    from bot4.backtest.setup import load_for
    from bot4.backtest.source import load_strategy
    from bot4.data.timeframe import parse_interval
    from bot4.strategy.graph import graphs_of

    for option, target in (("--json", json), ("--svg", svg), ("--html", html)):
        check_target(option, target)
    strategy = load_strategy(file)
    market = None if data is None else load_for(strategy, data, timeframe, None)
    symbols = () if market is None else market.symbols
    interval_ms = market.interval_ms if market is not None else None if timeframe is None else parse_interval(timeframe)
    graphs = graphs_of(strategy.trace(strategy.parse_parameters(param or []), symbols, interval_ms), symbols)
    written = _draw(graphs, svg, html)
    emit(
        {"graphs": [graph.to_dict() for graph in graphs]},
        json,
        lambda: print("\n\n".join([*map(text_of, graphs), *written])),
    )


def _draw(graphs: Sequence[Graph], svg: Path | None, html: Path | None) -> list[str]:
    """Writes the drawings asked for and returns a line about each."""
    from bot4.report.files import write_whole

    lines = []
    if svg is not None:
        if len(graphs) == 1:
            write_whole(svg, drawn(graphs[0]) + "\n")
            lines.append(f"SVG: {svg}")
        else:
            for graph in graphs:
                own = svg.with_name(f"{svg.stem}-{graph.sleeve}{svg.suffix}")
                write_whole(own, drawn(graph) + "\n")
                lines.append(f"SVG: {own}")
    if html is not None:
        _page(graphs).write(html)
        lines.append(f"Page: {html}")
    return lines


def text_of(graph: Graph) -> str:
    """Returns the graph as lines: title, roots with their trees by number, then one line for each node."""
    return "\n".join(_lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    sleeve = f" · sleeve {graph.sleeve}" if graph.sleeve else ""
    parameters = ", ".join(f"{name}={value}" for name, value in graph.parameters.items())
    yield f"{graph.name}{sleeve} · {graph.kind} on {graph.clock} bars{f' · {parameters}' if parameters else ''}"
    yield f"identity {graph.identity}"
    feedback = sum(node.part == "feedback" for node in graph.nodes)
    shared = sum(node.users > 1 for node in graph.nodes if node.op not in ("const", "col"))
    parts = f"{len(graph.nodes) - feedback} static, {feedback} feedback"
    yield f"{len(graph.nodes)} nodes: {parts}; {shared} computed once and used several times"
    rows = sorted(set(graph.settled.values()))
    needed = f"{rows[0]:,}" if len(rows) == 1 else f"{rows[0]:,} to {rows[-1]:,}" if rows else "no"
    yield f"warm-up: {needed} bars before the first decision"
    yield ""
    yield f"{'':>5}  {'part':8}  {'valid':>7}  {'settled':>7}  {'used':>4}  node"
    for node in graph.nodes:
        clock = f" @{node.clock}" if node.clock != graph.clock else ""
        used = f"{node.users}×" if node.users > 1 else ""
        yield f"{node.node:5d}  {node.part:8}  {node.valid:7,}  {node.settled:7,}  {used:>4}  {node.label}{clock}  ({node.line})"
    yield ""
    for name, at in graph.roots.items():
        yield f"{at:5d}  decides {name}"


def drawn(graph: Graph) -> str:
    """Returns the graph as SVG. Constants stand in the text of who uses them."""
    from bot4.report.layers import Box, drawing

    shown = [node for node in graph.nodes if node.op != "const" and node.text != "missing"]
    place = {node.node: at for at, node in enumerate(shown)}
    boxes = [_box(graph, node) for node in shown]
    edges: list[tuple[int, int]] = []
    back: list[tuple[int, int]] = []
    for node in shown:
        for i in node.inputs:
            if i in place:
                (back if node.op == "state" else edges).append((place[i], place[node.node]))
    for name, at in graph.roots.items():
        boxes.append(Box(name, _warm_up(graph.nodes[at]), f"{name}: {graph.nodes[at].text}", "root"))
        if at in place:
            edges.append((place[at], len(boxes) - 1))
    return drawing(boxes, edges, back, label=f"Graph of {graph.name}: {len(graph.nodes)} nodes")


def _box(graph: Graph, node: GraphNode) -> Box:
    from bot4.report.layers import Box

    kinds = ["column"] if node.op == "col" else []
    kinds += ["condition"] if node.is_condition else []
    kinds += ["feedback"] if node.part == "feedback" else []
    parts = [f"@{node.clock}"] if node.clock != graph.clock and "@" not in node.label else []
    parts += [f"used {node.users}×"] if node.users > 1 else []
    parts += [_warm_up(node)] if node.settled else []
    tip = f"{node.node}: {node.text}\n{node.part}, first value after {node.valid} bars, settled after {node.settled}\n{node.line}"
    return Box(
        node.label if len(node.label) <= 60 else node.label[:59] + "…",
        " · ".join(parts),
        tip,
        " ".join(kinds) or "plain",
    )


def _warm_up(node: GraphNode) -> str:
    return f"settled {node.settled:,}" if node.settled else ""


def _page(graphs: Sequence[Graph]) -> Any:
    """Returns the page of the graphs: drawing and table of nodes for each."""
    from bot4.report.page import Html, Page

    first = graphs[0]
    named = [Html(f'<span style="overflow-wrap:anywhere">identity {escape(graph.identity)}</span>') for graph in graphs]
    page = Page(f"{first.name}: the graph", f"{first.kind} on {first.clock} bars", named)
    headers = ("#", "Node", "Part", "Valid", "Settled", "Used", "Clock", "Line")
    for graph in graphs:
        rows = [
            (n.node, n.label, n.part, f"{n.valid:,}", f"{n.settled:,}", n.users, n.clock, n.line.rpartition("/")[2])
            for n in graph.nodes
        ]
        note = "Inputs left, what decides right. Orange dashes: looks at position or account, row by row. Round: a condition."
        table = page.table(headers, rows, left=3, tall=True, filterable=True, name="Nodes")
        # A drawing keeps its size and is scrolled: on a phone its text would be too small to read.
        picture = f'<div class="scroll" tabindex="0"><div style="width:max-content">{drawn(graph)}</div></div>'
        page.section(f"Graph of {graph.sleeve or graph.name}", picture + table, note)
    return page
