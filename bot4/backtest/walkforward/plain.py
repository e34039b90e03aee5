"""Walk-forwards and cross-validations as plain data with stable keys (their types: `bot4 schema walkforward`)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot4.report import text

if TYPE_CHECKING:
    from ..setup import Setup
    from .cpcv_result import CpcvResult, Fold
    from .result import WalkForwardResult
    from .window import Window

JSON_VERSION = 1


def walk_dict(result: WalkForwardResult) -> dict[str, Any]:
    """Returns a walk-forward as plain data; what cannot be computed is None."""
    times, returns = result.daily_returns
    found: dict[str, Any] = _finite(
        {
            **_head("walkforward", result),
            "lengths_ms": asdict(result.lengths),
            "stats": dict(result.stats),
            "windows": [_window(window) for window in result.steps],
            "daily": {"ts_ms": times.tolist(), "daily": returns.tolist()},
            **_tail(result),
        }
    )
    return found


def cpcv_dict(result: CpcvResult) -> dict[str, Any]:
    """Returns a cross-validation as plain data; what cannot be computed is None."""
    paths = [row | {"daily": daily.tolist()} for row, daily in zip(result.paths.to_dicts(), result.daily, strict=True)]
    found: dict[str, Any] = _finite(
        {
            **_head("cpcv", result),
            "groups_ms": [[block.start_ms, block.end_ms] for block in result.groups.blocks],
            "tested": result.groups.tested,
            "purge_ms": result.groups.purge_ms,
            "embargo_ms": result.groups.embargo_ms,
            "stats": dict(result.stats),
            "splits": [_fold(fold, result) for fold in result.folds],
            "paths": paths,
            "days_ms": result.times.tolist(),
            **_tail(result),
        }
    )
    return found


def as_json(found: Mapping[str, Any]) -> str:
    """Returns plain data as JSON text."""
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)


def _head(kind: str, result: WalkForwardResult | CpcvResult) -> dict[str, Any]:
    return {
        "version": JSON_VERSION,
        "kind": kind,
        "strategy": result.name,
        "data": _data(result.setup),
        "settings": result.setup.config.as_dict(),
        **result.plan.as_spec(),
        "combinations": len(result.tried.programs),
        "refused": result.tried.refused,
        "evaluations": result.evaluations,
    }


def _data(setup: Setup) -> dict[str, Any]:
    market = setup.market
    return {
        "instruments": list(setup.instrument_names),
        "interval_ms": market.interval_ms,
        "start_ms": market.start_ms,
        "end_ms": market.end_ms,
        "currency": market.quote,
        "hash": setup.data_hash,
    }


def _tail(result: WalkForwardResult | CpcvResult) -> dict[str, Any]:
    trials = result.trials
    return {
        "trials": None if trials is None else {"runs": trials.runs, "distinct": trials.distinct},
        "notes": [_ordinary(sentence) for sentence in result.notes],
        "caveats": [_ordinary(sentence) for sentence in result.caveats],
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "window": window.number,
        "train_ms": [window.train.start_ms, window.train.end_ms],
        "test_ms": [window.test.start_ms, window.test.end_ms],
        "params": dict(window.params),
        "has_choice": window.has_choice,
        "in_sample": dict(window.inside.stats),
        "out_of_sample": dict(window.outside.stats),
        "default_out_of_sample": None if window.default is None else dict(window.default.stats),
        "growth_in": window.growth_inside,
        "growth_out": window.growth_outside,
        "efficiency": window.efficiency,
        "beats_default": window.beats_default,
    }


def _fold(fold: Fold, result: CpcvResult) -> dict[str, Any]:
    names = ("train_days", "test_days", "sharpe_in", "sharpe_out", "return_out", "rank")
    blocks = result.groups.blocks
    return {
        "split": fold.number,
        "tested": [blocks.index(span) + 1 for span in fold.split.test],
        "params": dict(fold.params),
        "has_choice": fold.has_choice,
        **{name: getattr(fold, name) for name in names},
    }


def _ordinary(sentence: str) -> str:
    """Returns a sentence with ordinary spaces: no-break spaces are for eyes, not for programs."""
    return sentence.replace(text.NBSP, " ")


def _finite(value: Any) -> Any:
    """Returns plain data with None for numbers that JSON has no word for."""
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
