"""What the two small graphs compute: attention over a sentence, and over a drawn face.

Both run on NumPy arrays and on torch tensors, and a graph is traced from the latter.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float, Float64

from vitexplain import designed
from vitexplain.arrays import Array, as_precise, linear, namespace
from vitexplain.attention import Attention, masked, mix, multi_head, scale, scores, softmax
from vitexplain.faces import PATCH, draw_face
from vitexplain.patches import patchify, project


def steps(
    tokens: Float[Array, "*batch token dim"],
    w_q: Float[Array, "dim dim_k"],
    w_k: Float[Array, "dim dim_k"],
    w_v: Float[Array, "dim dim_v"],
    scaling: bool | Bool[Array, ""] = True,
    temperature: float | Float[Array, ""] = 1.0,
    causal: bool | Bool[Array, ""] = False,
) -> Attention:
    """Return one head's attention over tokens, with what a reader can switch.

        weights = softmax(Q Kᵀ / (√d_k · temperature)),   Q = X W_Q, K = X W_K, V = X W_V

    Args:
        scaling: divide the scores by √d_k.
        temperature: divide them by this as well: below 1 sharper, above 1 more even.
        causal: a token attends to itself and those before it alone.

    Raises:
        TypeError, ValueError: as `attention.scores`, `softmax` and `mix`.
    """
    query, key, value = (linear(tokens, matrix) for matrix in (w_q, w_k, w_v))
    raw = scores(query, key)
    xp = namespace(raw)
    scaled = xp.where(xp.asarray(scaling), scale(raw, query.shape[-1]), raw) / temperature
    places = xp.arange(tokens.shape[-2], device=tokens.device)
    allowed = (places[None, :] <= places[:, None]) | ~xp.asarray(causal)
    weights = as_precise(softmax(masked(scaled, allowed)), value)
    return Attention(query, key, value, raw, scaled, weights, mix(weights, value))


def face_params() -> dict[str, Float64[np.ndarray, "_ _"]]:
    """Return the designed face's matrices: w_embed of the canonical face, where, w_q to w_o."""
    canonical = designed.designed_attention(draw_face())
    params = {name: getattr(canonical, name) for name in ("w_embed", "w_q", "w_k", "w_v", "w_o")}
    return params | {"where": canonical.positions}


def face_steps(
    params: Mapping[str, Array],
    pixels: Float[Array, "3 row col"],
    positions: float | Float[Array, ""] = 1.0,
) -> dict[str, Array]:
    """Return every quantity of the designed attention over any picture, by name.

    The embedding is solved for the canonical face, as `designed.designed_attention` does, and
    stays as it is: another picture is projected with it, seen before or not.

    Args:
        params: those of `face_params`, of the pixels' library and dtype.
        pixels: 64 × 64, in [0, 1].
        positions: what is added for the place is multiplied by this: 1 as designed, 0 without.
    """
    content = project(patchify(pixels, PATCH), params["w_embed"])
    tokens = content + params["where"] * positions
    matrices = (params[name] for name in ("w_q", "w_k", "w_v", "w_o"))
    found = multi_head(tokens, *matrices, heads=len(designed.HEADS))
    head = found.attention
    return {
        "content": content, "tokens": tokens,
        "query": head.query, "key": head.key, "value": head.value,
        "scores": head.scores, "scaled": head.scaled, "weights": head.weights,
        "head_outputs": head.output, "output": found.output,
    }  # fmt: skip
