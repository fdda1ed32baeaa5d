"""All heads of all layers at once."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import plotly.graph_objects as go

from vitexplain.figures.base import as_numpy, finish, require_index
from vitexplain.figures.mosaic import mosaic
from vitexplain.figures.theme import colour_scale


def head_layer_overview(
    attentions: Iterable[Any],
    *,
    query: int | None = None,
    grid: tuple[int, int] | None = None,
    prefix: int = 1,
) -> go.Figure:
    """Return one small map for each head (across) of each layer (down).

    With a query and a grid, a map is that token's weights on the patches, as in the image;
    otherwise it is the whole token × token matrix. Each map runs from 0 to its own largest weight.

    Args:
        attentions: each layer's weights, (head, token, token), first layer first.
        query: a token's index, counted with the prefix: 0 is the class token.
        grid: rows and columns of patches.
        prefix: tokens before the patches (class token, registers), left out of a map on the grid.

    Raises ValueError if shapes do not fit or cells are too many, IndexError for no such query.
    """
    layers = [as_numpy(layer, name="each layer's weights", rank=3) for layer in attentions]
    if not layers or len({layer.shape for layer in layers}) != 1:
        raise ValueError("attentions must be at least one layer, all (head, token, token)")
    weights = np.stack(layers)  # (layer, head, token, token)
    tokens = weights.shape[-1]
    if weights.shape[-2] != tokens:
        raise ValueError(f"weights must be (head, token, token), got {layers[0].shape}")
    if (query is None) != (grid is None):
        raise ValueError("query and grid go together: a query's map on the grid of patches")
    if query is not None and grid is not None:
        require_index(query, tokens, name="query")
        if prefix + grid[0] * grid[1] != tokens:
            raise ValueError(f"{prefix} tokens and a grid of {grid} do not make {tokens} tokens")
        maps = weights[:, :, query, prefix:].reshape(*weights.shape[:2], *grid)
        what = f"where token {query} looks, on the {grid[0]} by {grid[1]} grid of patches"
    else:
        maps = weights
        what = f"the {tokens} by {tokens} matrix of weights"
    peaks = maps.max(axis=(2, 3))
    tiles = maps / np.where(peaks > 0, peaks, 1)[..., None, None]
    figure = mosaic(tiles, low=0.0, scale=colour_scale(), across="head", down="layer")

    depth, heads = peaks.shape
    layer, head = np.unravel_index(peaks.argmax(), peaks.shape)
    alt = (
        f"{depth} layers by {heads} heads of small maps: {what}, each from 0 to its own largest "
        f"weight. The largest of all is {peaks.max():.4f}, in layer {layer}, head {head}."
    )
    if peaks.size <= 280:
        header = ["largest weight", *(f"head {h}" for h in range(heads))]
        table = [[f"layer {i}", *(f"{p:.4f}" for p in line)] for i, line in enumerate(peaks)]
    else:
        header = ["layer", "largest weight of any head", "smallest of the heads' largest"]
        table = [[i, f"{p.max():.4f}", f"{p.min():.4f}"] for i, p in enumerate(peaks)]
    return finish(figure, alt=alt, header=header, rows=table)
