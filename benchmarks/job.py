"""Runs one measurement in this process and prints its figures as one JSON line.

    python benchmarks/job.py peers.vectorbt_ema '{"rows": 100000, "repeat": 5}'

Every measured module has one function `run(**settings) -> dict`. The repository root goes to the *end* of the module path: an
installed `bot4` wins over the source tree beside this folder.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Runs the module named first with the JSON settings named second; prints figures to stdout, all other output to stderr."""
    if len(arguments) != 2:
        print(
            "Usage: job.py MODULE JSON, for instance: job.py peers.vectorbt_ema '{\"rows\": 100000}'.", file=sys.stderr
        )
        return 2
    module_name, settings = arguments
    with contextlib.redirect_stdout(sys.stderr):
        figures = importlib.import_module(f"benchmarks.{module_name}").run(**json.loads(settings))
    print(json.dumps(figures, default=float))
    return 0


if __name__ == "__main__":
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [entry for entry in sys.path if entry != here] + [str(Path(__file__).resolve().parents[1])]
    sys.exit(main(sys.argv[1:]))
