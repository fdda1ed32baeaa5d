"""Write the graphs that ship: `python -m vitexplain.export [NAME …]`."""

import sys

from vitexplain.export.recipes import RECIPES
from vitexplain.export.running import save
from vitexplain.export.shipped import FOLDER


def main(names: list[str]) -> int:
    """Write the named graphs, by default all, and say how large each one is."""
    if unknown := set(names) - set(RECIPES):
        print(f"no graph {', '.join(sorted(unknown))}; there are {', '.join(RECIPES)}")
        return 2
    FOLDER.mkdir(exist_ok=True)
    for name in names or RECIPES:
        path = save(RECIPES[name](), FOLDER / f"{name}.onnx")
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
