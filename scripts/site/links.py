"""Links of a page as the site needs them: pages of the tree outside docs/ have a place in it, and what has none is plain text."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

LINK = re.compile(r"(?<!\!)\[(?P<text>[^\]]+)\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)]*)?\)")
FENCE = re.compile(r"^(?P<fence> *`{3,}\w*) no-run[^\n`]*$", re.MULTILINE)
MOVED: Mapping[str, str] = {
    "README.md": "docs/index.md",
    "CONTRIBUTING.md": "docs/contributing.md",
    "CHANGELOG.md": "docs/changelog.md",
}
"""Files of the project's root and where they are in the site (as a path in the tree)."""


def place(path: str) -> str | None:
    """Returns where a file of the tree is in the site, below docs/; None where it has no page."""
    path = MOVED.get(path, path)
    if path.startswith("examples/") and path.endswith(".py"):
        path = f"docs/examples/{path[len('examples/') : -3]}.md"
    if path.startswith("docs/notebooks/") and path.endswith(".ipynb"):
        path = path[: -len(".ipynb")] + ".md"
    return path[len("docs/") :] if path.startswith("docs/") else None


def for_site(text: str, path: str) -> str:
    """Returns a page's Markdown, written at `path` in the tree, for the site."""
    here = place(path)
    assert here is not None, f"{path} has no page"

    def moved(match: re.Match[str]) -> str:
        target = match["target"]
        if "://" in target or target.startswith("mailto:"):
            return match[0]
        there = place(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))
        if there is None:
            return match["text"]
        return f"[{match['text']}]({posixpath.relpath(there, posixpath.dirname(here) or '.')}{match['anchor'] or ''})"

    text = re.sub(r"\]\(docs/img/", "](img/", text) if path == "README.md" else text
    return FENCE.sub(r"\g<fence>", LINK.sub(moved, text))
