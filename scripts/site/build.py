"""Builds the site into site/ and looks it over: `python -m scripts.site.build`.

`--strict` makes every warning of MkDocs an error: a broken link or anchor, a page without a place. Afterwards no page may load anything
from another host.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from scripts.shell import ROOT, environment, stop

LOADS = re.compile(
    r"""<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=["']?(?P<url>(?:https?:)?//[^"'\s>]+)""", re.IGNORECASE
)
CSS_LOADS = re.compile(r"""(?:@import\s+|url\()\s*["']?(?P<url>(?:https?:)?//[^"')\s]+)""", re.IGNORECASE)
CANONICAL = re.compile(r"""<link\b[^>]*\brel=["']?canonical\b[^>]*>""", re.IGNORECASE)


def build(out: Path = ROOT / "site") -> None:
    """Builds the site. Raises SystemExit where MkDocs warns or a page loads something from another host."""
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "--site-dir", str(out)]
    env = environment({"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)})
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        stop(
            "\n".join(
                line
                for line in (done.stdout + done.stderr).splitlines()
                if not line.startswith(("INFO", "[IPKernelApp]"))
            )
        )
    if found := outside(out):
        stop(
            "These pages load something from elsewhere, and the site must work without a network:\n" + "\n".join(found)
        )
    print(f"{len(list(out.rglob('*.html')))} pages in {out.relative_to(ROOT) if out.is_relative_to(ROOT) else out}")


def outside(folder: Path) -> list[str]:
    """Returns a line for everything a built page or style would load from another host."""
    found = []
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.css")]):
        text = CANONICAL.sub("", path.read_text(encoding="utf-8"))
        pattern = CSS_LOADS if path.suffix == ".css" else LOADS
        found += [f"{path.relative_to(folder)}: {match['url']}" for match in pattern.finditer(text)]
    return found


if __name__ == "__main__":
    build()
