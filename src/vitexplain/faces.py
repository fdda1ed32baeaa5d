"""A face drawn by code, 64 × 64 pixels on a 4 × 4 grid of patches that know what they show.

The picture and its segmentation are painted together, shape by shape, on a grid eight times finer,
then averaged (the picture) and put to the vote (the segmentation). The face fills the top half of
the image, rows 0 and 1 of the patches; rows 2 and 3 are plain background. "Left" and "right" are
the viewer's.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float64, Int64

PATCH = 16
GRID = (4, 4)
PARTS = ("background", "skin", "hair", "left eye", "right eye", "nose", "mouth")
EXPRESSIONS = ("smile", "laugh", "surprise", "wink", "calm", "sad")

FEATURES = PARTS[3:]
FEATURE_SHARE = 0.04  # of a patch: enough to tell an eye, the nose or the mouth
SURFACE_SHARE = 0.20  # of a patch: enough to tell hair or skin from the background

_FINE = 8  # samples along each side of a pixel
_COLOURS = {  # of a random look, in the order in which they are drawn
    "skin": ("#f7cfae", "#f2b98f", "#dd9a6c", "#b97850", "#8d5637"),
    "hair": ("#3b2a57", "#2a2730", "#5e3121", "#b4572c", "#d9a441", "#7a7f8c"),
    "iris": ("#1f7a7a", "#5b3a24", "#3f7d3b", "#3a6ea8", "#6d5a9c"),
    "ribbon": ("#d0569b", "#e8845c", "#e3b23c", "#5d9bd3"),
    "background": ("#cfe3ea", "#f3e2bd", "#d9e6c8", "#e3d9ee", "#f4d7d2", "#dfe1e6"),
}


@dataclass(frozen=True)
class Look:
    """Where a face is and how it is coloured, colours as "#rrggbb".

    The face is scaled by `size` (at most 1) about the middle of the top half of the image, then
    moved by `shift` pixels (right, down).
    """

    size: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    skin: str = "#f2b98f"
    hair: str = "#3b2a57"
    iris: str = "#1f7a7a"
    ribbon: str = "#d0569b"
    background: str = "#cfe3ea"

    @classmethod
    def random(cls, generator: np.random.Generator) -> "Look":
        """Return a look with every property drawn at random; the face stays in the top half."""
        size = float(generator.uniform(0.78, 1.0))
        right, down = (float(generator.uniform(-1, 1) * room * (1 - size)) for room in (32, 16))
        colours = {name: str(generator.choice(every)) for name, every in _COLOURS.items()}
        return cls(size=size, shift=(right, down), **colours)


@dataclass(frozen=True)
class Face:
    """A drawn face: the picture, the part that every pixel shows, and what each patch shows.

    `image` is (row, col, channel) in [0, 1]; `segments` is (row, col), an index into `PARTS`;
    `parts` and `labels` have one entry a patch, patches row by row from the top left.
    """

    image: Float64[np.ndarray, "row col 3"]
    segments: Int64[np.ndarray, "row col"]
    expression: str
    look: Look

    @cached_property
    def parts(self) -> tuple[dict[str, float], ...]:
        """The share of each patch that shows each part."""
        return part_shares(self.segments)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The part that says most about each patch."""
        return tuple(map(most_telling, self.parts))

    @property
    def pixels(self) -> Float64[np.ndarray, "3 row col"]:
        """The picture channel-first, as `vitexplain.patches` and `vitexplain.vit` take it."""
        return np.ascontiguousarray(np.moveaxis(self.image, -1, 0))


def part_shares(segments: Int64[np.ndarray, "row col"]) -> tuple[dict[str, float], ...]:
    """Return, for each patch in row-major order, the share of its pixels that shows each part."""
    rows, cols = segments.shape[0] // PATCH, segments.shape[1] // PATCH
    if segments.shape != (rows * PATCH, cols * PATCH):
        raise ValueError(f"segments must divide into {PATCH}-pixel patches, not {segments.shape}")
    patches = segments.reshape(rows, PATCH, cols, PATCH).swapaxes(1, 2).reshape(rows * cols, -1)
    shares = np.stack([(patches == part).mean(axis=1) for part in range(len(PARTS))], axis=1)
    return tuple(dict(zip(PARTS, map(float, row), strict=True)) for row in shares)


def most_telling(shares: dict[str, float]) -> str:
    """Return the part that says most about a patch, from the share of it that each part covers.

    1. An eye, the nose or the mouth, if it covers at least `FEATURE_SHARE`; the largest of them.
    2. Otherwise hair or skin, whichever is larger, if it covers at least `SURFACE_SHARE`.
    3. Otherwise the background.
    """
    for names, least in ((FEATURES, FEATURE_SHARE), (("hair", "skin"), SURFACE_SHARE)):
        largest = max(names, key=lambda name: shares[name])
        if shares[largest] >= least:
            return largest
    return "background"


def draw_face(
    seed: int | None = None, *, expression: str | None = None, look: Look | None = None
) -> Face:
    """Draw a face; the same arguments always give the same face.

    Without a seed it is the canonical face of every lesson: smiling, in the middle of the top half.
    With a seed, `numpy.random.default_rng(seed)` draws place, size, colours and expression.
    `expression` (one of `EXPRESSIONS`) and `look` override what the seed would choose.

    Raises ValueError if the expression is unknown.
    """
    if expression is not None and expression not in EXPRESSIONS:
        raise ValueError(f"expression must be one of {', '.join(EXPRESSIONS)}, not {expression!r}")
    if seed is None:
        drawn, chosen = Look(), EXPRESSIONS[0]
    else:
        generator = np.random.default_rng(seed)
        drawn, chosen = Look.random(generator), str(generator.choice(EXPRESSIONS))
    look, expression = look or drawn, expression or chosen
    canvas = _Canvas(look)
    _paint_head(canvas)
    _paint_eyes(canvas, expression)
    _paint_nose(canvas)
    _paint_mouth(canvas, expression)
    return Face(canvas.image(), canvas.segments(), expression, look)


_Mask = Bool[np.ndarray, "row col"]


class _Canvas:
    """Paints shapes over one another, colours into a picture, parts into a segmentation."""

    def __init__(self, look: Look) -> None:
        self.look = look
        side = GRID[0] * PATCH * _FINE
        place = (np.arange(side) + 0.5) / _FINE
        x, y = place - 32 - look.shift[0], place - 16 - look.shift[1]
        self.x, self.y = (x / look.size)[None, :], (y / look.size)[:, None]  # face coordinates
        self.colours = np.tile(_rgb(look.background), (side, side, 1))
        self.part = np.zeros((side, side), dtype=np.int64)

    def paint(self, mask: _Mask, colour: str, part: str) -> None:
        self.colours[mask] = _rgb(colour)
        self.part[mask] = PARTS.index(part)

    def ellipse(self, x: float, y: float, rx: float, ry: float, power: float = 2.0) -> _Mask:
        """|dx / rx|^power + |dy / ry|^power <= 1: an ellipse, squarer as `power` grows past 2."""
        return np.abs((self.x - x) / rx) ** power + np.abs((self.y - y) / ry) ** power <= 1

    def stroke(
        self, start: tuple[float, float], end: tuple[float, float], bend: float, width: float
    ) -> _Mask:
        """A round-ended line from `start` to `end` (x, y) whose middle hangs `bend` lower."""
        near = np.zeros(self.part.shape, dtype=bool)
        for t in np.linspace(0, 1, 33):
            x = start[0] + t * (end[0] - start[0])
            y = start[1] + t * (end[1] - start[1]) + 4 * bend * t * (1 - t)
            near |= (self.x - x) ** 2 + (self.y - y) ** 2 <= (width / 2) ** 2
        return near

    def image(self) -> Float64[np.ndarray, "row col 3"]:
        side = self.part.shape[0] // _FINE
        return self.colours.reshape(side, _FINE, side, _FINE, 3).mean(axis=(1, 3))

    def segments(self) -> Int64[np.ndarray, "row col"]:
        side = self.part.shape[0] // _FINE
        blocks = self.part.reshape(side, _FINE, side, _FINE)
        votes = [(blocks == part).sum(axis=(1, 3)) for part in range(len(PARTS))]
        return np.argmax(votes, axis=0).astype(np.int64)


def _rgb(colour: str) -> Float64[np.ndarray, "3"]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def _blend(colour: str, other: str, share: float) -> str:
    mixed = np.round(255 * ((1 - share) * _rgb(colour) + share * _rgb(other))).astype(int)
    return "#" + "".join(f"{value:02x}" for value in mixed)


def _paint_head(canvas: _Canvas) -> None:
    skin, hair = canvas.look.skin, canvas.look.hair
    inner_ear, blush = _blend(skin, "#7a2e2e", 0.22), _blend(skin, "#e4576b", 0.38)
    shine = _blend(hair, "#ffffff", 0.16)
    for side in (-1, 1):
        canvas.paint(canvas.ellipse(side * 23, -7.5, 7.8, 7.4), hair, "hair")  # a bun
        canvas.paint(canvas.ellipse(side * 23 - 1.5, -9.7, 3.4, 2.3), shine, "hair")
        canvas.paint(canvas.ellipse(side * 25.6, 4, 4.2, 4.4), skin, "skin")  # an ear
        canvas.paint(canvas.ellipse(side * 26.2, 4, 2, 2.4), inner_ear, "skin")
    canvas.paint(canvas.ellipse(0, -1, 25, 14.4, 2.3), hair, "hair")
    for side in (-1, 1):
        canvas.paint(canvas.ellipse(side * 17.2, -10.2, 1.9, 2.7), canvas.look.ribbon, "hair")
    head = canvas.ellipse(0, 1.3, 24.5, 14.2, 2.45)
    parting = canvas.x - 7
    fringe = np.where(parting < 0, 0.0125, 0.028) * parting**2 - 9.6
    canvas.paint(head & (canvas.y > fringe), skin, "skin")
    for side in (-1, 1):
        canvas.paint(canvas.ellipse(side * 17.5, 6.6, 3.6, 2.4), blush, "skin")


def _paint_eyes(canvas: _Canvas, expression: str) -> None:
    ink = "#2a2033"
    for side, part in ((-1, "left eye"), (1, "right eye")):
        x, y = side * 8.5, -2.5
        if expression == "laugh" or (expression == "wink" and side == 1):
            canvas.paint(canvas.stroke((x - 4, y + 1.2), (x + 4, y + 1.2), -3.4, 1.9), ink, part)
            continue
        height = 5.4 if expression == "surprise" else 4.7
        canvas.paint(canvas.ellipse(x, y, 4.4, height), "#ffffff", part)
        canvas.paint(canvas.ellipse(x + 0.4, y + 0.5, 3.3, 3.7), canvas.look.iris, part)
        canvas.paint(canvas.ellipse(x + 0.4, y + 0.5, 2.0, 2.4), ink, part)
        canvas.paint(canvas.ellipse(x + 1.6, y - 1.2, 1.1, 1.2), "#ffffff", part)


def _paint_nose(canvas: _Canvas) -> None:
    skin = canvas.look.skin
    canvas.paint(canvas.ellipse(-3.6, 5.2, 3.1, 2.5), _blend(skin, "#a8352f", 0.38), "nose")
    canvas.paint(canvas.ellipse(-4.4, 4.4, 1.1, 0.8), _blend(skin, "#ffffff", 0.45), "nose")


def _paint_mouth(canvas: _Canvas, expression: str) -> None:
    lip, inside, tongue = _blend(canvas.look.skin, "#5e0f2c", 0.82), "#6e1f35", "#ef8a8f"
    if expression in ("smile", "wink"):
        canvas.paint(canvas.stroke((-1.2, 8.6), (13, 6.4), 4.2, 1.8), lip, "mouth")
    elif expression == "laugh":
        bowl = canvas.ellipse(5.5, 6.8, 7, 6.4) & (canvas.y > 6.8)
        canvas.paint(bowl, inside, "mouth")
        canvas.paint(bowl & canvas.ellipse(6, 13.0, 4.2, 3), tongue, "mouth")
    elif expression == "surprise":
        canvas.paint(canvas.ellipse(5.5, 9.6, 2.8, 3.6), inside, "mouth")
    elif expression == "calm":
        canvas.paint(canvas.stroke((-0.5, 9.4), (11.5, 9), 0.8, 1.8), lip, "mouth")
    else:
        canvas.paint(canvas.stroke((-0.5, 11.2), (11.5, 10.6), -3, 1.8), lip, "mouth")
