"""How a family of models looks, on every page: its colour, its marker; and the key to them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from vitexplain.figures.theme import LIGHT

_GLYPHS = {"circle": "●○", "square": "■□", "diamond": "◆◇", "triangle-up": "▲△", "x": "✕✕"}
_DASHES = ("solid", "dash", "dot", "dashdot")
_KEY_WIDTH = 42  # characters that fit on a phone


@dataclass(frozen=True)
class Look:
    """A colour of the palette, a marker and a dash: any one of them tells two series apart."""

    role: str
    marker: str
    dash: str = "solid"

    @property
    def colour(self) -> str:
        return LIGHT[self.role]

    def marks(self, size: float, **changes: Any) -> dict[str, Any]:
        """Return the marker as Plotly takes it, of that many pixels."""
        return {"color": self.colour, "symbol": self.marker, "size": size, "opacity": 1} | changes

    @property
    def glyph(self) -> str:
        """The marker as a letter, open if the line is dashed."""
        shape, is_open = self.marker.removesuffix("-open"), self.marker.endswith("-open")
        return _GLYPHS[shape][is_open]


FAMILIES = {
    "CNN": Look("cnn", "circle"),
    "ViT": Look("vit", "square"),
    "hybrid": Look("hybrid", "diamond"),
    "windowed": Look("windowed", "triangle-up"),
}
"""The four families; a series that belongs to none is grey or takes the colour of a role."""

_NEUTRAL = (Look("ink", "circle"), Look("muted", "square"), Look("muted", "x"))


def look(family: str, *, variant: int = 0, order: int = 0) -> Look:
    """Return the look of a family, of a role of the palette ("ink"), or, without one, a grey.

    Args:
        family: a key of `FAMILIES` or of the palette, or "".
        variant: 0 is drawn solid, 1 dashed, 2 dotted, 3 both; all but 0 with open markers.
        order: which grey, where there is no family.

    Raises ValueError for another family or variant.
    """
    if not 0 <= variant < len(_DASHES):
        raise ValueError(f"variant must be 0 to {len(_DASHES) - 1}, got {variant}")
    if family in FAMILIES:
        plain = FAMILIES[family]
    elif family in LIGHT:
        plain = Look(family, "circle")
    elif not family:
        plain = _NEUTRAL[order % len(_NEUTRAL)]
    else:
        known = ", ".join([*FAMILIES, *LIGHT])
        raise ValueError(f"family must be one of {known}, got {family!r}")
    if not variant:
        return plain
    marker = plain.marker if plain.marker == "x" else f"{plain.marker}-open"
    return replace(plain, marker=marker, dash=_DASHES[variant])


def key(entries: Sequence[tuple[str, Look]]) -> list[str]:
    """Return lines of text that name each look: they fit on a phone, and stand above a chart."""
    rows: list[list[str]] = [[]]
    width = 0
    for name, one in entries:
        size = len(name) + 4
        if rows[-1] and width + size > _KEY_WIDTH:
            rows.append([])
            width = 0
        width += size
        rows[-1].append(f'<span style="color:{one.colour}">{one.glyph} {name}</span>')
    return ["   ".join(row) for row in rows if row]
