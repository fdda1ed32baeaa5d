"""The JSON beside a checkpoint: read with a limit, and asked for values of the right kind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vitexplain.checkpoints.errors import CheckpointError, one_line, refused

LARGEST = 20 * 2**20  # bytes; the labels of ImageNet-21k take 2 MB
LARGEST_SIDE = 2**16  # pixels
LARGEST_NUMBER = 10**6


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file, or an empty one where there is no file.

    Raises:
        CheckpointError: the file is too large, no JSON, or holds no object.
    """
    if not path.is_file():
        return {}
    if path.stat().st_size > LARGEST:
        raise CheckpointError(
            f"{path.name} has {path.stat().st_size:,} bytes; expected at most {LARGEST:,}"
        )
    with refused(f"{path.name} is no JSON", (ValueError, RecursionError, OSError)):
        content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.name} holds a {type(content).__name__}; expected an object")
    return content


def number(about: dict[str, Any], key: str, default: float) -> float:
    """Return a number, not negative, or the default where the key or its value is missing."""
    return _value(about, key, default, f"a number from 0 to {LARGEST_NUMBER:,}", _is_number)


def numbers(about: dict[str, Any], key: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """Return a list of numbers as a tuple, or the default where it is missing."""

    def fits(value: Any) -> bool:
        return isinstance(value, list) and 0 < len(value) <= 64 and all(map(_is_number, value))

    return tuple(map(float, _value(about, key, default, "a list of numbers", fits)))


def text(about: dict[str, Any], key: str, default: str) -> str:
    """Return a text, or the default where the key or its value is missing."""
    return _value(about, key, default, "a text", lambda value: isinstance(value, str))


def record(about: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object inside, or an empty one where there is none."""
    value = about.get(key)
    return value if isinstance(value, dict) else {}


def size(about: dict[str, Any], key: str) -> tuple[int, int] | None:
    """Return a size in pixels, (rows, columns), however it is written; None where it is missing.

    A number is a square; a list is [rows, columns] or [channels, rows, columns]; an object has
    `height` and `width`, or `shortest_edge` for a square.
    """
    value = about.get(key)
    if value is None:
        return None
    sides: list[Any] = value if isinstance(value, list) else [value, value]
    if isinstance(value, dict):
        edge = value.get("shortest_edge")
        sides = [value.get("height", edge), value.get("width", edge)]
    pixels = [side for side in sides[-2:] if isinstance(side, int) and 0 < side <= LARGEST_SIDE]
    if len(pixels) != 2 or len(sides) > 3:
        raise _wrong(key, "a size in pixels", value)
    return pixels[0], pixels[1]


def _value(
    about: dict[str, Any], key: str, default: Any, wanted: str, fits: Callable[[Any], bool]
) -> Any:
    value = about.get(key)
    if value is None:
        return default
    if not fits(value):
        raise _wrong(key, wanted, value)
    return value


def _wrong(key: str, wanted: str, value: Any) -> CheckpointError:
    return CheckpointError(f"{key} must be {wanted}, found {one_line(value, 60)}")


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value <= LARGEST_NUMBER
