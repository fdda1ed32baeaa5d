"""Five photographs that anybody may show, small, each with its author and licence.

`PHOTOGRAPHS["cat"].pixels()` is one as `load_image` gives it; `credits()` is the table that a page
with some of them shows. Decoding needs Pillow, from the extra `vitexplain[cli]`.
"""

import tomllib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from vitexplain.images.decode import load_image
from vitexplain.images.preprocessing import Preprocessing, fit
from vitexplain.writing import Markdown, table

FOLDER = Path(__file__).parent
LICENCES = {
    "CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC BY 2.0": "https://creativecommons.org/licenses/by/2.0/",
}


@dataclass(frozen=True)
class Photograph:
    """A photograph, what it shows in words, and whom to thank for it."""

    name: str
    alt: str
    author: str
    licence: str
    source: str  # where the photograph was published
    package: str  # that ships it: ours is a smaller copy

    @property
    def path(self) -> Path:
        """Its file, an AVIF."""
        return FOLDER / f"{self.name}.avif"

    @property
    def uri(self) -> str:
        """Its file as an address that holds it; a page of the site makes a file of it again."""
        return "data:image/avif;base64," + b64encode(self.path.read_bytes()).decode()

    def pixels(self) -> Float[np.ndarray, "3 row col"]:
        """Return the photograph as floats in [0, 1]; 288 pixels is its shorter side."""
        return load_image(self.path)

    def square(self, side: int) -> Float[np.ndarray, "3 side side"]:
        """Return the middle of it, as many pixels high and wide as `side` says."""
        return fit(self.pixels(), Preprocessing(size=side))


def _read() -> dict[str, Photograph]:
    rows = tomllib.loads((FOLDER / "photographs.toml").read_text(encoding="utf-8"))
    return {name: Photograph(name, package=row.pop("from"), **row) for name, row in rows.items()}


PHOTOGRAPHS = _read()
"""All of them, by name."""


def credits(names: Iterable[str] = ()) -> Markdown:
    """Return the table of authors and licences, of all photographs or those named.

    Raises:
        KeyError: there is no photograph of that name.
    """
    rows = []
    for one in (PHOTOGRAPHS[name] for name in names or PHOTOGRAPHS):
        address = LICENCES.get(one.licence)
        licence = f"[{one.licence}]({address})" if address else one.licence
        by = f"[{one.author}]({one.source}), by way of {one.package}"
        rows.append((f"the {one.name}", by, licence, "made smaller"))
    return table(["photograph", "by", "licence", "here"], rows, words=None)
