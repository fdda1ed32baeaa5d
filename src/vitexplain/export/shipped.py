"""The graphs that ship with the package; `python -m vitexplain.export` writes them."""

from pathlib import Path

FOLDER = Path(__file__).parent / "graphs"


def graphs() -> list[str]:
    """Return the names of the graphs that ship with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.onnx"))


def graph(name: str) -> Path:
    """Return the file of a graph that ships with the package.

    Raises:
        FileNotFoundError: there is none of that name; the message lists what there is.
    """
    path = FOLDER / f"{name}.onnx"
    if not path.is_file():
        raise FileNotFoundError(f"no graph {name!r}; there are {', '.join(graphs())}")
    return path
