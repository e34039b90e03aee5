"""MkDocs calls these functions: they add the generated pages, order the navigation, and mend links.

Added: the README as the index, contributing and changelog, the examples' sources, the API pages, the notebooks with their outputs.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files, InclusionLevel
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # MkDocs loads a hook by its path

from scripts.site import api, links, notebooks  # noqa: E402  # found by the line above

NAV: dict[str, list[str]] = {
    "Start": ["index.md", "quickstart.md", "notebooks/*"],
    "Strategies": [
        "language.md",
        "language-ticks.md",
        "events.md",
        "sleeves.md",
        "factors.md",
        "strategies/README.md",
        "strategies/*",
    ],
    "Research": [
        "sweep.md",
        "walkforward.md",
        "gate.md",
        "stats.md",
        "one-bar.md",
        "explain.md",
        "report.md",
        "risk.md",
        "crashes.md",
        "operator.md",
        "ticks.md",
        "exchange-venue.md",
        "records.md",
        "journal.md",
        "orders.md",
        "rehearse.md",
        "exchange.md",
        "exchange-clients.md",
        "metrics.md",
    ],
    "Migrate": ["migrate/freqtrade.md", "migrate/vectorbt.md", "migrate/backtesting.md", "migrate/*"],
    "Reference": ["reference/cli.md", "reference/settings.md", "reference/names.md", "reference/api/*", "reference/*"],
    "Inside": [
        "semantics.md",
        "design.md",
        "design-runs.md",
        "design-pages.md",
        "design-choices.md",
        "design-gate.md",
        "design-live.md",
        "design-exchange.md",
        "design-journal.md",
        "contributing.md",
        "changelog.md",
    ],
}
"""Sections and their pages in order; `folder/*` is the rest of a folder. A page that stands nowhere goes to the last section."""
HIDDEN = ("examples/",)
"""Folders whose pages are reached by links alone."""
GENERATED: dict[str, str] = {}
"""Path in the tree of each page that is read from outside docs/."""


def on_config(config: Any) -> Any:
    """Lets MkDocs see changes of the package while it serves."""
    config.watch.append(str(ROOT / "README.md"))
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds the generated pages and sets the navigation."""
    for source, target in links.MOVED.items():
        _add(files, config, target.removeprefix("docs/"), (ROOT / source).read_text(encoding="utf-8"), source)
    for path in sorted((ROOT / "examples").glob("*.py")):
        text = f"# {path.stem}.py\n\n```python\n{path.read_text(encoding='utf-8')}```\n"
        _add(files, config, f"examples/{path.stem}.md", text, f"examples/{path.name}")
    for page, (_, text) in api.pages().items():
        _add(files, config, page, text, f"docs/{page}")
    for path in notebooks.all_notebooks():
        folder = f"notebooks/{path.stem}"
        text, images = notebooks.to_markdown(_executed(path), folder=path.stem)
        _add(files, config, f"{folder}.md", text, f"docs/notebooks/{path.name}")
        for name, data in images.items():
            files.append(File.generated(config, f"{folder}/{name}", content=data))
        if (raw := files.get_file_from_path(f"notebooks/{path.name}")) is not None:
            files.remove(raw)
    config["nav"] = navigation({file.src_uri for file in files.documentation_pages()})
    return files


def _executed(path: Path) -> Any:
    """Returns a notebook with its outputs; a cell that fails stops the build with its last line instead of its whole traceback."""
    try:
        return notebooks.executed(path)
    except CellExecutionError as error:
        raise PluginError(f"{path.name}: a cell failed: {notebooks.last_line(error)}") from None


def _add(files: Files, config: Any, path: str, text: str, source: str) -> None:
    GENERATED[path] = source
    level = InclusionLevel.NOT_IN_NAV if path.startswith(HIDDEN) else InclusionLevel.UNDEFINED
    files.append(File.generated(config, path, content=text, inclusion=level))


def navigation(pages: set[str]) -> list[dict[str, list[str]]]:
    """Returns the navigation over the pages there are."""
    left = {page for page in pages if not page.startswith(HIDDEN)}
    sections: dict[str, list[str]] = {}
    for title, wanted in NAV.items():
        chosen: list[str] = []
        named = [page for pages_of in NAV.values() for page in pages_of if not page.endswith("*")]
        for entry in wanted:
            folder = entry.removesuffix("*")
            fits = {entry} & left if folder == entry else {p for p in left if p.startswith(folder) and p not in named}
            chosen += sorted(fits)
            left -= fits
        sections[title] = chosen
    sections[next(reversed(NAV))] += sorted(left)
    return [{title: chosen} for title, chosen in sections.items() if chosen]


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Mends links and fences for the site."""
    path = page.file.src_uri
    return links.for_site(markdown, GENERATED.get(path, f"docs/{path}"))
