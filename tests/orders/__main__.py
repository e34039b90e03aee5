"""`python -m tests.orders --streams 1000000 --jobs 2`: as many random streams as asked for through the engine and the slow model.

Prints what they came to and how long it took; stops with the seed where anything differs.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor

from .streams import Told, follow

CHUNK = 20_000


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1_000_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    begun = time.monotonic()
    told = Told()
    firsts = range(asked.first, asked.first + asked.streams, CHUNK)
    counts = [min(CHUNK, asked.first + asked.streams - first) for first in firsts]
    with ProcessPoolExecutor(asked.jobs) as pool:
        for part in pool.map(follow, firsts, counts):
            told.add(part)
            print(
                f"{told.streams:>10,} streams  {told.submitted:>10,} orders submitted  {told.rows:>12,} events",
                flush=True,
            )
    print(f"0 position errors, 0 doubled orders, 0 differences; {len(told.pairs)} of 220 pairs of event and state met")
    print(f"effects: {dict(sorted(told.effects.items()))}")
    print(f"{time.monotonic() - begun:,.0f} s with {asked.jobs} jobs")


if __name__ == "__main__":
    main()
