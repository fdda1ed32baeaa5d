"""Attention over the drawn face with weights designed by hand, so that the eye can follow.

Nothing here is trained. Every matrix has small round entries (the embedding alone is solved for),
and every quantity comes from the functions of `patches` and `attention`:

    patches -> content = patches W_E -> tokens = content + positions -> two heads of attention

A token has ten numbers, `FEATURES`: what the patch shows (six) and where it is (four).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from vitexplain.attention import Attention, MultiHead, multi_head
from vitexplain.faces import GRID, PATCH, Face, draw_face
from vitexplain.patches import patchify, project

KINDS = ("eye", "nose", "mouth", "skin", "hair", "background")
PLACES = ("side", "mid-side", "height", "mid-height")
FEATURES = KINDS + PLACES
HEADS = ("partners", "neighbours")
QUERY_DIMS = (("feature", "hair or skin", "background", "side"), PLACES)
VALUE_DIMS = (("eye", "nose", "mouth", "background"), PLACES)

# Four places on a line as points of a circle: unit vectors whose dot products fall with distance,
# 1 with itself, 0.6 or 0.28 with a neighbour, -0.6 two steps away, -1 from end to end.
LINE = ((-1.0, 0.0), (-0.6, 0.8), (0.6, 0.8), (1.0, 0.0))

# "partners": what each kind asks for and offers, and the side of the face, asked for reversed.
ASKS = {
    #              feature, hair or skin, background
    "eye": (2, 0, -1),
    "nose": (2, -1, -1),
    "mouth": (2, -1, -1),
    "skin": (1, -2, -1),
    "hair": (0, 2, -1),
    "background": (0, 0, 2),
}
OFFERS = {
    "eye": (2, 0, 0),
    "nose": (1, -1, 0),
    "mouth": (1, -1, 0),
    "skin": (0, -2, 0),
    "hair": (0, 2, 0),
    "background": (0, 0, 2),
}
OTHER_SIDE = -3
# "neighbours": each place asks for itself, this strongly.
SAME_PLACE = 4


@dataclass(frozen=True, eq=False)
class Designed:
    """Every quantity from the face to the output of two heads; token i is patch i, row by row.

    `attention.attention` holds both heads, (head, token, …); `head(i)` is one of them.
    """

    face: Face
    patches: Float64[np.ndarray, "patch 768"]
    w_embed: Float64[np.ndarray, "768 10"]
    content: Float64[np.ndarray, "patch 10"]
    positions: Float64[np.ndarray, "patch 10"]
    tokens: Float64[np.ndarray, "patch 10"]
    w_q: Float64[np.ndarray, "10 8"]
    w_k: Float64[np.ndarray, "10 8"]
    w_v: Float64[np.ndarray, "10 8"]
    w_o: Float64[np.ndarray, "8 10"]
    attention: MultiHead
    features: tuple[str, ...] = FEATURES
    heads: tuple[str, ...] = HEADS
    query_dims: tuple[tuple[str, ...], ...] = QUERY_DIMS
    value_dims: tuple[tuple[str, ...], ...] = VALUE_DIMS

    def head(self, head: int) -> Attention:
        """Return one head's attention, each field (token, …): 0 is "partners", 1 "neighbours"."""
        if not 0 <= head < len(self.heads):
            raise ValueError(f"head must be 0 to {len(self.heads) - 1}, not {head}")
        every = self.attention.attention
        return Attention(**{name: field[head] for name, field in vars(every).items()})


def designed_attention(face: Face | None = None, *, positions: bool = True) -> Designed:
    """Run the designed attention on a face, by default the canonical one.

    Head "partners" asks for parts of the same kind, for facial features first, on the other side
    of the face: eye looks at eye. Head "neighbours" compares places only: each patch looks at
    itself, then around itself. Without positions both eyes are the same token, "partners" cannot
    tell the sides and "neighbours" sees nothing: all its weights are 1/16.
    """
    face = draw_face() if face is None else face
    patches = patchify(face.pixels, PATCH)
    w_embed = solve_embedding(patches, kinds(face))
    content = project(patches, w_embed)
    where = grid_positions() if positions else np.zeros_like(content)
    tokens = content + where
    w_q, w_k, w_v, w_o = weights()
    attention = multi_head(tokens, w_q, w_k, w_v, w_o, heads=len(HEADS))
    return Designed(face, patches, w_embed, content, where, tokens, w_q, w_k, w_v, w_o, attention)


def kinds(face: Face) -> Float64[np.ndarray, "patch 10"]:
    """Return what each patch should become: 1 for its kind (both eyes are "eye"), else 0."""
    names = [label.split()[-1] for label in face.labels]
    return np.array([[float(name == feature) for feature in FEATURES] for name in names])


def solve_embedding(
    patches: Float64[np.ndarray, "patch pixel"], targets: Float64[np.ndarray, "patch feature"]
) -> Float64[np.ndarray, "pixel feature"]:
    """Return the smallest W_E that minimises ‖patches W_E - targets‖, by least squares.

    A face has fewer different patches than a patch has pixels, so the fit is exact.
    """
    return np.linalg.lstsq(patches, targets)[0]


def grid_positions() -> Float64[np.ndarray, "patch 10"]:
    """Return each patch's place: its column's point of `LINE`, then its row's; zero for content."""
    rows, cols = GRID
    table = np.zeros((rows * cols, len(FEATURES)))
    table[:, 6:8] = np.tile(LINE, (rows, 1))
    table[:, 8:10] = np.repeat(LINE, cols, axis=0)
    return table


def weights() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the designed W_Q, W_K, W_V (10 × 8) and W_O (8 × 10); head by head in the eights.

    W_V picks what a patch hands over: in "partners" whether it is an eye, nose, mouth or
    background, so that the output is the share of attention that each of these received; in
    "neighbours" its place, so that the output is the mean place looked at. W_O puts each number
    back where it was picked.
    """
    w_q, w_k, w_v = (np.zeros((len(FEATURES), 8)) for _ in range(3))
    for row, kind in enumerate(KINDS):
        w_q[row, :3], w_k[row, :3] = ASKS[kind], OFFERS[kind]
    w_q[6, 3], w_k[6, 3] = OTHER_SIDE, 1
    w_q[6:, 4:], w_k[6:, 4:] = SAME_PLACE * np.eye(4), np.eye(4)
    for col, feature in enumerate(VALUE_DIMS[0] + VALUE_DIMS[1]):
        w_v[FEATURES.index(feature), col] = 1
    return w_q, w_k, w_v, w_v.T.copy()
