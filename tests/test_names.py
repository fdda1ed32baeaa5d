"""A file is named by its one idea: no name stands for two, but for those that are listed here."""

from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOMES = ("builder", "src", "studies", "docs/javascripts", "tests")
EACH_FOLDER = {"__init__.py", "__main__.py", "conftest.py", "index.js", "element.js", "types.js"}
"""What a folder may have whatever its idea: its names, command, fixtures, element and types."""

TWICE = {
    "datasets.py": "of our studies; of published results",
    "drawing.py": "of networks; of random numbers",
    "explain.py": "the command, and the page that it writes",
    "explorers.py": "of the browser's tests and the figures'",
    "families.py": "of our studies; of published models",
    "files.py": "of checkpoints; any, whole or not at all",
    "flow.py": "of data through code; of attention through layers",
    "folder.py": "of a checkpoint; of a job",
    "maps.py": "captured; shown",
    "models.py": "shown; exported",
    "numbers.py": "of a trace; of a report",
    "pages.py": "as a browser sees them; as lessons make them",
    "picture.js": "of the face; of the reader",
    "pictures.py": "in figures; in reports; for tests",
    "recipes.py": "of graphs; of published trainings",
    "running.py": "of a watched model; of a graph",
    "runtime.js": "and what stands for it in tests",
    "steps.py": "of a ViT, and their figure",
    "weights.py": "of attention; of trained models",
}
"""What is not yet apart, and what each of them is of. The list may only grow shorter."""


def of_another(path: Path) -> bool:
    """Whether a file is named by another: the words of a script, a test, what is timed."""
    return bool({"strings", "benchmarks"} & set(path.parts)) or path.name.startswith("test_")


def test_no_name_stands_for_two_ideas():
    places = defaultdict(list)
    for home in HOMES:
        for path in sorted((ROOT / home).rglob("*.[pj][ys]")):
            if path.name not in EACH_FOLDER and not of_another(path):
                places[path.name].append(str(path.parent.relative_to(ROOT)))
    twice = {name: folders for name, folders in places.items() if len(folders) > 1}
    assert {name: twice[name] for name in twice.keys() - TWICE} == {}, "name one by its own idea"
