"""Pictures drawn by code: a ship, a truck, a frog and a horse in flat colours, and the face."""

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageDraw

from vitexplain.faces import draw_face

SIDE, FINE = 256, 4  # pixels of a drawing, and how much finer it is drawn
P, E, R = "polygon", "ellipse", "rectangle"
Shape = tuple  # one of those, a colour, places


def drawings() -> dict[str, Image.Image]:
    """Return each drawing by its name, 256 × 256 pixels."""
    ship = draw(
        ground("#9cc4e4", "#d6e6ef"),
        (R, "#27597d", 0, 165, 256, 256), (R, "#336a90", 0, 165, 256, 180),
        (P, "#8c2f2b", 22, 140, 236, 140, 206, 186, 52, 186),
        (P, "#e9e9e4", 60, 140, 64, 112, 196, 112, 204, 140), (R, "#f4f4f0", 88, 86, 176, 112),
        *windows("#2f3d4a", 94, 102, 96, 116, 136, 156),
        (R, "#c8402f", 112, 48, 136, 86), (R, "#222a30", 112, 48, 136, 58),
        (R, "#3a3a3a", 190, 60, 194, 112),
    )  # fmt: skip
    wheels = [(E, "#1c1c1e", x, 162, x + 46, 208) for x in (34, 96, 180)]
    hubs = [(E, "#b5b8bc", x, 174, x + 22, 196) for x in (46, 108, 192)]
    truck = draw(
        ground("#bcd3e2", "#e9eceb", "#a09f99"),
        (R, "#6e6d69", 0, 186, 256, 256), (R, "#e8e4da", 14, 60, 166, 176),
        (R, "#2f6db0", 160, 96, 240, 178),
        (P, "#bfe0ef", 190, 104, 224, 104, 234, 136, 190, 136), (R, "#44464a", 14, 170, 240, 186),
        *wheels, *hubs,
    )  # fmt: skip
    legs = [(R, "#7a4a26", x, 138, x + 14, 220) for x in (74, 98, 150, 172)]
    horse = draw(
        ground("#b9d6ea", "#dbe9d8", "#7fa651"),
        (R, "#6d9a45", 0, 170, 256, 256), (E, "#7a4a26", 62, 92, 190, 156), *legs,
        (P, "#7a4a26", 160, 120, 200, 50, 226, 64, 190, 140),
        (P, "#7a4a26", 196, 56, 240, 76, 232, 96, 206, 88),
        (P, "#7a4a26", 204, 36, 214, 58, 198, 58),
        (P, "#2d1a0e", 158, 110, 192, 46, 204, 50, 176, 120),
        (P, "#2d1a0e", 66, 104, 40, 170, 52, 172, 78, 120),
    )  # fmt: skip
    eyes = [
        (kind, colour, x + inset, 44 + down, x + inset + wide, 44 + down + high)
        for kind, colour, inset, down, wide, high in (
            (E, "#5d9a35", 0, 0, 44, 48), (E, "#f5f0c8", 9, 8, 26, 28),
            (E, "#17170f", 17, 14, 12, 16),
        )
        for x in (72, 140)
    ]  # fmt: skip
    frog = draw(
        ground("#8a6d45", "#6d5534"),
        (E, "#4a7d2a", 30, 150, 226, 226), (E, "#5d9a35", 56, 92, 200, 206),
        (E, "#5d9a35", 70, 64, 186, 150), *eyes,
        (E, "#c9d98a", 90, 130, 166, 200), (E, "#5d9a35", 40, 180, 104, 226),
        (E, "#5d9a35", 152, 180, 216, 226),
        (R, "#33591a", 88, 116, 168, 120),
    )  # fmt: skip
    face = Image.fromarray(np.rint(255 * draw_face().image).astype(np.uint8)).resize(
        (SIDE, SIDE), 0
    )
    return {"a ship": ship, "a truck": truck, "a frog": frog, "a horse": horse, "a face": face}


def halved(picture: Image.Image, side: int) -> Float[np.ndarray, "row col channel"]:
    """Return a picture in [0, 1], made small as the pages do it: halved again and again."""
    pixels = np.asarray(picture, float)
    while len(pixels) > side:
        pixels = np.floor(pixels.reshape(len(pixels) // 2, 2, -1, 2, 3).mean((1, 3)) + 0.5)
    return pixels / 255


def ground(*stops: str) -> Image.Image:
    """Return a square of colours that run from the first, at the top, to the last."""
    colours = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in stops], float)
    rows, places = np.linspace(0, 1, SIDE * FINE), np.linspace(0, 1, len(stops))
    column = np.stack([np.interp(rows, places, colours[:, i]) for i in range(3)], 1)
    return Image.fromarray(np.repeat(column[:, None], SIDE * FINE, 1).astype(np.uint8))


def draw(picture: Image.Image, *shapes: Shape) -> Image.Image:
    """Return a picture with shapes on it: what each is, its colour, and where."""
    brush = ImageDraw.Draw(picture)
    for kind, colour, *places in shapes:
        getattr(brush, kind)([place * FINE for place in places], fill=colour)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


def windows(colour: str, top: int, bottom: int, *left: int) -> list[Shape]:
    """Return windows, ten pixels wide."""
    return [("rectangle", colour, x, top, x + 10, bottom) for x in left]
