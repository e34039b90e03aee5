"""Every scenario through the engine, under each realism that it names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from . import accounts, brackets, limits, positions, triggers
from .scene import Scene, ended, evidence, told

SCENES: Sequence[Scene] = [
    *limits.SCENES,
    *triggers.SCENES,
    *brackets.SCENES,
    *positions.SCENES,
    *accounts.SCENES,
]
PLAYED = [(scene, realism, fills) for scene in SCENES for realism, fills in scene.asked()]


@pytest.mark.parametrize(("scene", "realism", "fills"), PLAYED, ids=[f"{s.name} ({r})" for s, r, _ in PLAYED])
def test_the_fills_are_those_a_trader_expects(scene: Scene, realism: str, fills: Sequence[str]) -> None:
    run = scene.run(realism)
    assert told(run) == list(fills)
    if realism != scene.asked()[0][0]:
        return
    if scene.ends:
        assert ended(run) == list(scene.ends)
    if scene.evidence:
        assert evidence(run) == list(scene.evidence)
    if scene.equity is not None:
        assert run["equity"][-1] / 1e8 == pytest.approx(scene.equity, abs=1e-8)


def test_there_are_fifty_and_each_has_its_own_name() -> None:
    names = {scene.name for scene in SCENES}
    assert len(names) == len(SCENES)
    assert len(names) >= 50
