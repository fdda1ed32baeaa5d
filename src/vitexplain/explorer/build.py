"""From maps, tokens and pictures to the explorer's data."""

import json
import os
import sys
import tempfile
import webbrowser
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from vitexplain.explorer.fallback import fallback
from vitexplain.explorer.maps import Map
from vitexplain.explorer.numbers import MIME, VERSION, weights_of
from vitexplain.explorer.page import document, element, framed
from vitexplain.explorer.tour import Guide, Step, map_place, require_token
from vitexplain.pixels import png_uri


@dataclass(frozen=True, eq=False)
class Example:
    """One picture or sentence of several: its name, tokens, and the same maps as the others.

    The maps of all examples agree in number, names, layers, heads and columns; only their
    numbers and how many tokens there are differ. The rest is as in `explorer`.
    """

    name: str
    tokens: Sequence[str]
    maps: Sequence[Map]
    image: Any = None
    grid: tuple[int, int] | None = None
    short: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Explorer:
    """An explorer ready to be shown: `data` for the page's element, a static picture without it."""

    data: dict[str, Any]

    @property
    def json(self) -> str:
        """The data as `<attention-explorer src="….json">` reads it."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def save(self, path: str | Path) -> Path:
        """Write the JSON, for any page, and return where."""
        path = Path(path)
        path.write_text(self.json, encoding="utf-8")
        return path

    def tag(self, src: str) -> str:
        """Return the element, its JSON at `src`, with what is read without scripts inside."""
        return f'<attention-explorer src="{escape(src)}">{self.still}</attention-explorer>'

    @property
    def still(self) -> str:
        """What is read without scripts: the chosen row, as a picture and a table."""
        return fallback(self.data)

    def html(self) -> str:
        """Return one HTML document that holds all it shows: it works offline and from a file."""
        return document(f"<main>{element(self.data)}</main>", title=self.data["title"])

    def write_html(self, path: str | Path) -> Path:
        """Write the document, some 150 KB and the data, and return where."""
        path = Path(path)
        path.write_text(self.html(), encoding="utf-8")
        return path

    def show(self) -> None:
        """Show the explorer: in a notebook as the cell's output, elsewhere in the browser."""
        if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
            from IPython.display import display

            display(self)
            return
        folder = Path(tempfile.mkdtemp(prefix="vitexplain-"))
        webbrowser.open(self.write_html(folder / "explorer.html").as_uri())

    def weights(self, map: int = 0, example: int = 0) -> np.ndarray:
        """Return the weights (query, key) of a map, as a reader sees them."""
        return weights_of(self.data, map, example)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """What a notebook shows: the live explorer; for the site, its data and what stands still.

        The site asks for data with VITEXPLAIN_RENDERER=data.
        """
        if os.environ.get("VITEXPLAIN_RENDERER") == "data":
            return {MIME: self.data, "text/html": self.still}
        return {"text/html": framed(self.data)}


def explorer(
    maps: Sequence[Map] = (),
    *,
    title: str,
    tokens: Sequence[str] = (),
    image: Any = None,
    grid: tuple[int, int] | None = None,
    short: Sequence[str] = (),
    examples: Sequence[Example] = (),
    query: int | None = None,
    map: str | int | tuple[int, Any] | None = None,
    tour: Sequence[Step] = (),
    url: bool = False,
    compact: bool = False,
    rounds: Sequence[int] = (),
) -> Explorer:
    """Return the explorer of `maps` over `tokens`, the patches of a picture or a sentence's words.

    Args:
        maps: at least one; their arrays have one row a token. All have a layer and a head, or
            none has.
        tokens: a label each; equal labels are told apart by their place. With a grid, tokens
            that come before its rows * cols patches (a class token) stand above the picture.
        image: (row, col) or (row, col, channel), floats in [0, 1] or uint8; or "#id" of a picture
            that the page has.
        grid: rows and columns of patches, in row-major order; None for a sentence.
        short: labels for the matrix's margins; defaults to `tokens`.
        examples: several pictures or sentences to choose from, instead of `maps`, `tokens`,
            `image`, `grid` and `short`.
        query: the first token chosen; defaults to that of the first step of the tour, or 0.
        map: the first map, by name, number, or (layer, head); likewise.
        url: keep the state in the page's address (one explorer a page).
        compact: picture and readout alone, without the three views.
        rounds: the tokens a compact one visits until it is touched; defaults to those whose
            largest weight in the first map is at least the median of the tokens'.

    Raises:
        ValueError: shapes or names that do not fit, numbers that are not finite, weights
            that are not the softmax of the scaled scores, or a step that does not hold.
    """
    if examples and (maps or tokens or image is not None or grid is not None or short):
        raise ValueError("an explorer takes examples, or maps and tokens of one, not both")
    shown = list(examples) or [Example("", tokens, maps, image, grid, short)]
    metas = _metas(shown)
    written = [_example(one) for one in shown]
    counts = [len(one.tokens) for one in shown]
    guide = Guide(metas, [one.name for one in shown], counts, lambda e, m: shown[e].maps[m].weights)
    start = map_place(map, metas, "the explorer")
    guide.map = start or 0
    steps = [guide.step(step) for step in tour]
    first = steps[0] if steps else {"query": None, "map": None, "example": None}
    if first["example"]:
        raise ValueError("the first step of the tour must show the first example")
    asks = shown[0].maps[start or first["map"] or 0].queries or range(counts[0])
    chosen: int = (first["query"] or asks.start) if query is None else query
    if first["query"] not in (None, chosen):
        raise ValueError(f"query {chosen} is not that of the tour's first step, {first['query']}")
    if start is not None and first["map"] not in (None, start):
        raise ValueError(f"map {map!r} is not that of the tour's first step, {first['map']}")
    require_token(chosen, counts[0], "query")
    if chosen not in asks:
        raise ValueError(f"query {chosen} does not ask in the first map, {asks} do")
    return Explorer(
        {
            "version": VERSION,
            "title": title,
            "examples": written,
            "maps": metas,
            "query": int(chosen),
            "map": start if start is not None else first["map"] or 0,
            "tour": steps,
            "url": url,
            "compact": compact,
            "rounds": _rounds(rounds, shown[0].maps[0], counts[0]) if compact else [],
        }
    )


def _metas(examples: Sequence[Example]) -> list[dict[str, Any]]:
    """Return what the JSON says of the maps, the same for all examples."""
    names = [one.name for one in examples]
    if len(set(names)) < len(names):
        raise ValueError(f"examples need different names, got {names}")
    if not all(one.maps and one.tokens for one in examples):
        raise ValueError("an explorer needs at least one map and one token")
    metas = [one.meta() for one in examples[0].maps]
    names = [one["name"] for one in metas]
    if len(set(names)) < len(names):
        raise ValueError(f"maps need different names, got {names}")
    places = [(one["layer"], one["head"]) for one in metas if one["layer"] is not None]
    if len(places) not in (0, len(metas)):
        raise ValueError("either all maps have a layer and a head, or none has")
    if len(set(places)) < len(places):
        raise ValueError(f"maps need different layers or heads, got {places}")
    for one in examples[1:]:
        if [other.meta() for other in one.maps] != metas:
            raise ValueError(
                f"the maps of example {one.name!r} must agree with those of "
                f"{examples[0].name!r} in number, names, layers, heads, columns and notes"
            )
    return metas


def _example(one: Example) -> dict[str, Any]:
    """Return one example's tokens, picture and numbers."""
    count = len(one.tokens)
    if one.grid is not None and (one.image is None or one.grid[0] * one.grid[1] > count):
        raise ValueError(
            f"a grid of {one.grid} needs an image and as many tokens, got {count} tokens"
        )
    if one.short and len(one.short) != count:
        raise ValueError(f"short needs a label for each of {count} tokens, got {len(one.short)}")
    labels = _distinct(one.tokens, one.grid)
    drawn = one.image is not None and not isinstance(one.image, str)
    return {
        "name": one.name,
        "tokens": [
            {"label": label, "short": short}
            for label, short in zip(labels, one.short or one.tokens, strict=True)
        ],
        "grid": None if one.grid is None else list(one.grid),
        "image": png_uri(one.image) if drawn else one.image,
        "arrays": [each.arrays(count) for each in one.maps],
    }


def _rounds(given: Sequence[int], first: Map, tokens: int) -> list[int]:
    for token in given:
        require_token(token, tokens, "rounds")
    most = first.weights.max(axis=-1)
    asks = first.queries or range(tokens)
    return list(given) or [asks[i] for i in np.flatnonzero(most >= np.median(most))]


def _distinct(tokens: Sequence[str], grid: tuple[int, int] | None) -> list[str]:
    """Return the labels, with the place added to those that occur more than once."""
    times = Counter(tokens)
    before = 0 if grid is None else len(tokens) - grid[0] * grid[1]

    def place(i: int) -> str:
        if grid is None or i < before:
            return f"{i + 1}"
        row, col = divmod(i - before, grid[1])
        return f"{row}, {col}"  # from 0, as everywhere

    return [
        label if times[label] == 1 else f"{label} ({place(i)})" for i, label in enumerate(tokens)
    ]
