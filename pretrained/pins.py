"""Which models there are, and what each file of weights must be: `models.toml`, read."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).parent / "models.toml"


@dataclass(frozen=True)
class Pin:
    """A model, the commit that holds it, and what its weights are."""

    name: str
    title: str
    repo: str
    revision: str
    sha256: str
    megabytes: float  # to download
    taught: str
    size: int | None = None  # of the pictures it is given, where that is not its own


def read_pins(path: Path = LIST) -> list[Pin]:
    """Return the rows of a list of models.

    Raises:
        TypeError: a key that is missing or unknown.
        ValueError: a checksum that is no SHA-256, or a revision that is no commit.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    pins = [Pin(name, **row) for name, row in rows.items()]
    for pin in pins:
        for what, digits, count in (("sha256", pin.sha256, 64), ("revision", pin.revision, 40)):
            if not re.fullmatch(rf"[0-9a-f]{{{count}}}", digits):
                raise ValueError(f"{pin.name}: {what} must be {count} hex digits, got {digits!r}")
    return pins
