"""A directed graph drawn in layers, as SVG: inputs left, what they lead to right. For some hundred nodes; no program outside is called.

Order of operations, after Sugiyama, Tagawa and Toda (1981): each node gets a layer by its longest way to an end → an edge over several
layers is cut by points that take part in everything → layers are ordered by the mean place of their neighbours, a few times to and fro →
heights are the nearest to their neighbours' mean that keep the order and a distance (isotonic regression, exact) → boxes and curves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

BOX_HEIGHT, ROW_GAP, LAYER_GAP, PADDING = 38.0, 14.0, 46.0, 12.0
CHARACTER, LEAST_WIDTH = 6.75, 72.0
"""Width of a character of 11 px in a monospaced face, and of the narrowest box."""
POINT_HEIGHT = 8.0
SWEEPS = 8


@dataclass(frozen=True)
class Box:
    """One node: two lines, a tool tip, and a kind that the style sheet knows (`plain`, `column`, `condition`, `feedback`, `root`)."""

    title: str
    below: str = ""
    tip: str = ""
    kind: str = "plain"

    @property
    def width(self) -> float:
        """Returns the width that holds both lines, px."""
        return max(LEAST_WIDTH, CHARACTER * max(len(self.title), 0.9 * len(self.below)) + 16)


LIGHT = "--ink:#1c2430;--soft:#687385;--box:#fff;--rim:#b9c2cf;--column:#eaf1fb;--root:#1f6feb;--feed:#b45309;--true:#0f766e"
DARK = "--ink:#e6eaf0;--soft:#95a1b3;--box:#171c24;--rim:#465064;--column:#1b2a40;--root:#6ea8fe;--feed:#f0a04b;--true:#3cc7b6"
STYLE = (
    f".layers{{{LIGHT};--paper:#fff;background:var(--paper);font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}}"
    f"@media (prefers-color-scheme:dark){{.layers{{{DARK};--paper:#0f1319}}}}"
    f":root[data-theme=light] .layers{{{LIGHT};--paper:transparent}}:root[data-theme=dark] .layers{{{DARK};--paper:transparent}}"
    ".layers text{fill:var(--ink)}.layers .below{fill:var(--soft);font-size:10px}.layers rect{fill:var(--box);stroke:var(--rim)}"
    ".layers .column rect{fill:var(--column)}.layers .condition rect{stroke:var(--true)}"
    ".layers .feedback rect{stroke:var(--feed);stroke-dasharray:5 3}.layers .root rect{stroke:var(--root);stroke-width:2}"
    ".layers .root .title{font-weight:700}.layers path{fill:none;stroke:var(--rim);stroke-width:1.2}"
    ".layers path.back{stroke:var(--feed);stroke-dasharray:4 3}"
)
"""Own colours, for a file by itself (by the reader's preference) and in a page (by its `data-theme`)."""


def drawing(
    boxes: Sequence[Box], edges: Sequence[tuple[int, int]], back: Sequence[tuple[int, int]] = (), label: str = ""
) -> str:
    """Returns the SVG of a graph without cycles; `back` are edges that lead backwards (dashed), `label` is for those who cannot see.

    Boxes and edges `(from, to)` are numbered by position. It has its own style for light and dark, and follows a page's `data-theme`.
    """
    plan = _Plan(boxes, edges)
    plan.order()
    plan.place()
    width, height = plan.size()
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="layers" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" '
        f'height="{height:.0f}" role="img" aria-label="{escape(label)}"><style>{STYLE}</style>'
    ]
    parts += [f'<path d="{plan.curve(chain)}"/>' for chain in plan.chains]
    parts += [f'<path class="back" d="{plan.return_curve(start, end)}"/>' for start, end in back]
    parts += [plan.box(number) for number in range(len(boxes))]
    return "".join([*parts, "</svg>"])


class _Plan:
    """Layers, order and places of boxes and of the points of long edges, which are numbered behind the boxes."""

    def __init__(self, boxes: Sequence[Box], edges: Sequence[tuple[int, int]]) -> None:
        self.boxes = boxes
        layer = _layers(len(boxes), edges)
        self.chains: list[list[int]] = []
        self.layer = list(layer)
        for start, end in dict.fromkeys(edges):
            chain = [start]
            for between in range(layer[start] + 1, layer[end]):
                self.layer.append(between)
                chain.append(len(self.layer) - 1)
            self.chains.append([*chain, end])
        self.rows: list[list[int]] = [[] for _ in range(max(self.layer, default=0) + 1)]
        for number, at in enumerate(self.layer):
            self.rows[at].append(number)
        self.before: dict[int, list[int]] = {n: [] for n in range(len(self.layer))}
        self.after: dict[int, list[int]] = {n: [] for n in range(len(self.layer))}
        for chain in self.chains:
            for start, end in pairwise(chain):
                self.after[start].append(end)
                self.before[end].append(start)
        self.x: list[float] = []
        self.y = [0.0] * len(self.layer)

    def height(self, number: int) -> float:
        return BOX_HEIGHT if number < len(self.boxes) else POINT_HEIGHT

    def order(self) -> None:
        """Orders every layer by the mean place of its neighbours, to and fro."""
        place = {number: float(at) for row in self.rows for at, number in enumerate(row)}
        for sweep in range(SWEEPS):
            rows = self.rows if sweep % 2 == 0 else self.rows[::-1]
            for row in rows:
                near = self.before if sweep % 2 == 0 else self.after
                row.sort(key=lambda n: (_mean([place[m] for m in near[n]], place[n]), place[n]))  # used at once
                place |= {number: float(at) for at, number in enumerate(row)}

    def place(self) -> None:
        """Sets where everything stands: layers by their widest box, heights near to those of the neighbours."""
        at = PADDING
        for row in self.rows:
            self.x.append(at)
            at += max((self.boxes[n].width for n in row if n < len(self.boxes)), default=0.0) + LAYER_GAP
        for row in self.rows:
            self._spread(row, [self.y[n] for n in row])
        for sweep in range(SWEEPS):
            near = (self.before, self.after)[sweep % 2]
            for row in self.rows if sweep % 2 == 0 else self.rows[::-1]:
                self._spread(row, [_mean([self.y[m] for m in near[n]], self.y[n]) for n in row])
        top = min((self.y[n] - self.height(n) / 2 for n in range(len(self.y))), default=0.0)
        self.y = [y - top + PADDING for y in self.y]

    def _spread(self, row: list[int], wished: list[float]) -> None:
        """Sets heights of a layer nearest to those wished for that keep order and distance."""
        if not row:
            return
        offsets = [0.0]
        for above, below in pairwise(row):
            offsets.append(offsets[-1] + (self.height(above) + self.height(below)) / 2 + ROW_GAP)
        for number, y, offset in zip(
            row, rising([w - o for w, o in zip(wished, offsets, strict=True)]), offsets, strict=True
        ):
            self.y[number] = y + offset

    def size(self) -> tuple[float, float]:
        right = max((self.x[self.layer[n]] + box.width for n, box in enumerate(self.boxes)), default=0.0)
        below = max((y + self.height(n) / 2 for n, y in enumerate(self.y)), default=0.0)
        return right + PADDING, below + PADDING + 4

    def _right(self, number: int) -> float:
        own = self.boxes[number].width if number < len(self.boxes) else 0.0
        return self.x[self.layer[number]] + own

    def curve(self, chain: list[int]) -> str:
        """Returns the way of an edge through its points."""
        parts = [f"M{self._right(chain[0]):.1f} {self.y[chain[0]]:.1f}"]
        for start, end in pairwise(chain):
            x0, x1 = self._right(start), self.x[self.layer[end]]
            middle = (x0 + x1) / 2
            parts.append(f"C{middle:.1f} {self.y[start]:.1f} {middle:.1f} {self.y[end]:.1f} {x1:.1f} {self.y[end]:.1f}")
        return "".join(parts)

    def return_curve(self, start: int, end: int) -> str:
        """Returns the way of an edge that leads back, below the boxes."""
        x0, y0 = self._right(start) - 8, self.y[start] + BOX_HEIGHT / 2
        x1, y1 = self.x[self.layer[end]] + 8, self.y[end] + BOX_HEIGHT / 2
        dip = max(y0, y1) + ROW_GAP / 2
        return f"M{x0:.1f} {y0:.1f}C{x0:.1f} {dip:.1f} {x1:.1f} {dip:.1f} {x1:.1f} {y1:.1f}"

    def box(self, number: int) -> str:
        box, x, y = self.boxes[number], self.x[self.layer[number]], self.y[number] - BOX_HEIGHT / 2
        round_ = BOX_HEIGHT / 2 if "condition" in box.kind else 5
        below = f'<text class="below" x="{x + 8:.1f}" y="{y + 30:.1f}">{escape(box.below)}</text>' if box.below else ""
        title_y = y + (17 if box.below else 23)
        return (
            f'<g class="{escape(box.kind)}"><title>{escape(box.tip or box.title)}</title>'
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{box.width:.1f}" height="{BOX_HEIGHT:.0f}" rx="{round_:.0f}"/>'
            f'<text class="title" x="{x + 8:.1f}" y="{title_y:.1f}">{escape(box.title)}</text>{below}</g>'
        )


def _layers(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Returns each node's layer from the left: the longest way to an end decides, so that inputs stand next to what needs them."""
    users: Mapping[int, list[int]] = {n: [end for start, end in edges if start == n] for n in range(count)}
    depth: dict[int, int] = {}

    def settle(first: int) -> None:
        stack = [(first, False)]
        while stack:
            node, is_ready = stack.pop()
            if node in depth:
                continue
            if is_ready:
                depth[node] = max((depth[user] + 1 for user in users[node]), default=0)
                continue
            stack.append((node, True))
            stack.extend((user, False) for user in users[node])

    for node in range(count):
        settle(node)
    deepest = max(depth.values(), default=0)
    return [deepest - depth[node] for node in range(count)]


def rising(values: Sequence[float]) -> list[float]:
    """Returns the numbers that never fall and are nearest to the given ones (least squares): pool adjacent violators."""
    pools: list[tuple[float, int]] = []
    for value in values:
        total, count = float(value), 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            more, others = pools.pop()
            total, count = total + more, count + others
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
