"""The lessons as the site has them: what a build has kept is read, what has changed runs again."""

import functools
from pathlib import Path

from builder.render import Rendered
from builder.store import render_all

ROOT = Path(__file__).parents[1]


@functools.cache
def made(name: str) -> Rendered:
    """Return a lesson of explainers/, rendered; treat it as read-only, for others share it."""
    path = ROOT / "explainers" / f"{name}.py"
    return render_all([path], cache=ROOT / ".cache" / "lessons", say=lambda line: None)[name]
