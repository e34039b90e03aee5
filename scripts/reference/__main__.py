"""`python -m scripts.reference`: writes the pages; with `--check` it says which are not as the code is."""

from __future__ import annotations

import sys

from scripts.reference.pages import differing, write
from scripts.shell import stop

if __name__ == "__main__":
    if "--check" in sys.argv:
        if names := differing():
            stop(f"Not as the code is: {', '.join(names)}; run `python -m scripts.reference` and commit them.")
    else:
        print("\n".join(write()) or "All pages are as the code is.")
