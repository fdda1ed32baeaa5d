"""The JSON beside a checkpoint: read with a limit, and asked for values of the right kind."""

import json
from pathlib import Path
from typing import Any

from vitexplain.checkpoints.errors import CheckpointError, one_line

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
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError, OSError) as error:
        raise CheckpointError(f"{path.name} is no JSON: {one_line(error, 120)}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path.name} holds a {type(content).__name__}; expected an object")
    return content


def number(about: dict[str, Any], key: str, default: float) -> float:
    """Return a number, not negative, or the default where the key or its value is missing."""
    value = about.get(key)
    if value is None:
        return default
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= LARGEST_NUMBER:
        raise CheckpointError(
            f"{key} must be a number from 0 to {LARGEST_NUMBER:,}, found {one_line(value, 60)}"
        )
    return value


def text(about: dict[str, Any], key: str, default: str) -> str:
    """Return a text, or the default where the key or its value is missing."""
    value = about.get(key)
    if value is None:
        return default
    if not isinstance(value, str):
        raise CheckpointError(f"{key} must be a text, found {one_line(value, 60)}")
    return value


def record(about: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object inside, or an empty one where there is none."""
    value = about.get(key)
    return value if isinstance(value, dict) else {}


def numbers(about: dict[str, Any], key: str, default: tuple[float, ...]) -> tuple[float, ...]:
    """Return a list of numbers as a tuple, or the default where it is missing."""
    value = about.get(key)
    if value is None:
        return default
    if not isinstance(value, list) or not value or len(value) > 64:
        raise CheckpointError(f"{key} must be a list of numbers, found {one_line(value, 60)}")
    return tuple(float(number({key: item}, key, 0.0)) for item in value)


def size(about: dict[str, Any], key: str) -> tuple[int, int] | None:
    """Return a size in pixels, (rows, columns), however it is written; None where it is missing.

    A number is a square; a list is [rows, columns] or [channels, rows, columns]; an object has
    `height` and `width`, or `shortest_edge` for a square.
    """
    value = about.get(key)
    if value is None:
        return None
    if isinstance(value, dict):
        edge = value.get("shortest_edge")
        value = [value.get("height", edge), value.get("width", edge)]
    elif not isinstance(value, list):
        value = [value, value]
    sides = [side for side in value[-2:] if isinstance(side, int) and 0 < side <= LARGEST_SIDE]
    if len(sides) != 2 or len(value) > 3:
        raise CheckpointError(f"{key} must be a size in pixels, found {one_line(value, 60)}")
    return sides[0], sides[1]
