"""Find a Chromium for the browser tests; run as a script, say how to get one."""

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW = """\
The tests of the site need Chromium or Chrome, and none was found.
  Debian, Ubuntu   apt-get install chromium
  macOS            install Google Chrome
  elsewhere        set CHROMIUM to the path of the program
To run the other tests alone: .venv/bin/python -m pytest --ignore tests/browser"""


def find_chromium() -> str | None:
    """Return the path of Chromium: the variable CHROMIUM, else the usual names."""
    given = os.environ.get("CHROMIUM")
    if given:
        return given if Path(given).exists() else shutil.which(given)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((path for path in APPLICATIONS if Path(path).exists()), None)


if __name__ == "__main__" and find_chromium() is None:
    sys.exit(HOW)
