"""What goes wrong in a rehearsal: on its wire by shares, all drawn from one seed, and on the disk of its journal (docs/rehearse.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .errors import LiveError
from .observed import Spell, read_observed

PER_MILLE = 1_000
MOST_ROWS = 1_000
MOST_MS = 3_600_000
DISKS = ("full", "sync", "read_only", "slow")
"""How the journal's disk fails: no room, one sync that fails, nothing can be written, every operation takes `disk_ms`."""
FORM = (
    "faults are duplicate, late, reordered and lost (fractions from 0 to 1), rows, seed, disk_after and disk_ms (whole numbers), "
    f"disk ({', '.join(DISKS)}), and [[observed]]"
)


@dataclass(frozen=True)
class Faults:
    """Fractions of reports that arrive twice, late (by at most `rows` rows of the time grid) or out of their turn, and of acknowledgements
    that are lost, in thousandths. `disk` is how the journal's disk fails after `disk_after` of its operations; `observed` is what the desk
    sees beside the bars.

    Raises LiveError, naming the key, for a value out of range.
    """

    duplicate: float = 0.0
    late: float = 0.0
    rows: int = 3
    reordered: float = 0.0
    lost: float = 0.0
    seed: int = 0
    disk: str | None = None
    disk_after: int = 0
    disk_ms: int = 3_000
    observed: tuple[Spell, ...] = ()

    def __post_init__(self) -> None:
        """Checks every value."""
        for name in ("duplicate", "late", "reordered", "lost"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise LiveError(f"{name} is {value!r}; it is a fraction from 0 to 1.")
        for name, most in (("rows", MOST_ROWS), ("seed", 2**63 - 1), ("disk_after", 2**53), ("disk_ms", MOST_MS)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
                raise LiveError(f"{name} is {value!r}; it is a whole number from 0 to {most}.")

        if self.disk is not None and self.disk not in DISKS:
            raise LiveError(f"disk is {self.disk!r}; it is {', '.join(DISKS[:-1])} or {DISKS[-1]}.")

    def disk_fault(self) -> tuple[str, int, int] | None:
        """Returns how the journal's disk fails, after how many operations, and how long each takes then, ms; None where it does not."""
        return None if self.disk is None else (self.disk, self.disk_after, self.disk_ms)

    def shares(self) -> tuple[int, int, int, int, int, int]:
        """Returns what the engine takes: seed, duplicates, late ones, rows, out of turn, lost; shares in thousandths."""
        mille = [round(share * PER_MILLE) for share in (self.duplicate, self.late, self.reordered, self.lost)]
        return (self.seed, mille[0], mille[1], self.rows, mille[2], mille[3])


def read_faults(source: Any) -> Faults:
    """Returns faults given as themselves, as a dict, or as the path of a TOML file. Raises LiveError: one sentence with place and fix."""
    if isinstance(source, Faults):
        return source
    where = "the faults"
    if isinstance(source, (str, Path)):
        where = str(source)
        try:
            source = tomllib.loads(Path(source).read_text(encoding="utf-8"))
        except OSError as error:
            raise LiveError(
                f"{where}: {(error.strerror or str(error)).lower()}; give the path of a TOML file."
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LiveError(f"{where} is not TOML: {error}; {FORM}.") from error
    if not isinstance(source, Mapping):
        raise LiveError(f"{where}: {source!r} is no table; {FORM}.")
    if unknown := set(source) - {field.name for field in fields(Faults)}:
        raise LiveError(f"{where}: there is no key {min(unknown)}; {FORM}.")
    try:
        return Faults(**{**source, "observed": read_observed(source.get("observed", []), where)})
    except LiveError as error:
        text = str(error)
        raise LiveError(text if text.startswith(where) else f"{where}: {text}") from None
