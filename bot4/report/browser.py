"""Where the browser is that draws PNG files: Chromium or Chrome, named by BOT4_CHROMIUM, else looked for by name on the PATH."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def found() -> str | None:
    """Returns the path of the browser; none where there is none, or where the named one is not there."""
    named = os.environ.get("BOT4_CHROMIUM")
    return next((path for name in ([named] if named else NAMES) if (path := shutil.which(name))), None)


def missing() -> str:
    """Returns why none was found, as half a sentence."""
    named = os.environ.get("BOT4_CHROMIUM")
    return f"BOT4_CHROMIUM is {named}, and there is no such program" if named else "there is none on the PATH"
