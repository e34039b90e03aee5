"""`bot4 version`."""

from __future__ import annotations

import typer

from .output import Json, check_target, emit


def command(json: Json = None) -> None:
    """Print the version of Bot4, its engine and Python."""
    import platform

    from bot4 import __version__, _engine

    check_target("--json", json)
    body = {"bot4": __version__, "engine": _engine.__version__, "python": platform.python_version()}
    emit(body, json, lambda: typer.echo(f"bot4 {__version__} (engine {body['engine']}, Python {body['python']})"))
