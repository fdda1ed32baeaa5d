"""A file is named by its one idea: no name stands for two, but for those that are listed here."""

from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOMES = ("src", "studies", "docs/javascripts", "tests")
EACH_FOLDER = {"__init__.py", "__main__.py", "conftest.py", "index.js", "element.js", "types.js"}
"""What a folder may have whatever its idea: its names, command, fixtures, element and types."""

TWICE = {}
"""Two sides of one idea, each in its own folder."""


def of_another(path: Path) -> bool:
    """Whether a file is named by another: the words of a script, a test, what is timed."""
    return bool({"strings", "benchmarks"} & set(path.parts)) or path.name.startswith("test_")


def test_no_name_stands_for_two_ideas():
    places = defaultdict(list)
    for home in HOMES:
        for path in sorted((ROOT / home).rglob("*.[pj][ys]")):
            if path.name not in EACH_FOLDER and not of_another(path):
                places[path.name].append(str(path.parent.relative_to(ROOT)))
    twice = {name for name, folders in places.items() if len(folders) > 1}
    assert {name: places[name] for name in twice - set(TWICE)} == {}, "name one by its own idea"
    assert set(TWICE) - twice == set(), "these stand once now: take them off the list"
