"""The Transformer of sentences, its norms after each sum: an encoder, and a decoder that asks it.

    y = LN(x + MultiHead(x)),   z = LN(y + MultiHead(y, C)),   x' = LN(z + MLP(z))

The second step is the decoder's alone: its queries come from the sentence being written, keys and
values from C, the encoder's last tokens. Source: Vaswani et al. 2017, arXiv 1706.03762, sections
3.1 to 3.3. The MLP has GELU in place of the paper's ReLU, as BERT has (Devlin et al. 2019, arXiv
1810.04805). Parameters are named as those of `torch.nn.Transformer`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from vitexplain.arrays import Array, linear
from vitexplain.attention import MultiHead, multi_head
from vitexplain.layers import gelu, layer_norm
from vitexplain.trace import Layer

Params = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class PostNormBlock:
    """One block: what its tokens took from each other, what from the context, what they became."""

    name: str  # "encoder 0", "decoder 0", …
    attention: MultiHead
    cross: MultiHead | None  # of a decoder
    output: Float[Array, "*batch token dim"]

    @property
    def layer(self) -> Layer:
        """What self-attention did."""
        return Layer.of(self.attention, self.name)


def causal_mask(tokens: int) -> Bool[np.ndarray, "token token"]:
    """Return which keys each query may see: itself and those before it (section 3.2.3).

    Raises:
        ValueError: fewer than one token.
    """
    if tokens < 1:
        raise ValueError(f"tokens must be at least 1, got {tokens}")
    return np.tri(tokens, dtype=bool)


def post_norm(
    params: Params,
    stack: str,
    x: Float[Array, "*batch token dim"],
    *,
    heads: int,
    mask: Bool[Array, "..."] | None = None,
    context: Float[Array, "*batch source dim"] | None = None,
    context_mask: Bool[Array, "..."] | None = None,
    eps: float = 1e-5,
) -> Iterator[PostNormBlock]:
    """Yield the blocks of a stack in order; the last one's output is the stack's.

    Args:
        params: of `torch.nn.Transformer`, "encoder.layers.0.self_attn.in_proj_weight" and so on.
        stack: "encoder" or "decoder".
        mask: true where a token may attend to another, (..., head, query, key) or what broadcasts.
        context: the encoder's last tokens, for a decoder.
        context_mask: likewise, true where a token may attend to one of the context.

    Raises:
        KeyError: the stack has no block, or a block lacks a parameter.
        TypeError, ValueError: as `multi_head`.
    """
    first = f"{stack}.layers.0.norm1.weight"
    if first not in params:
        raise KeyError(f"a {stack} has at least one block, but there is no parameter {first}")
    index = 0
    while f"{stack}.layers.{index}.norm1.weight" in params:
        path = f"{stack}.layers.{index}"
        part = {k[len(path) + 1 :]: v for k, v in params.items() if k.startswith(f"{path}.")}
        block = _block(
            part, x, f"{stack} {index}", heads, eps, mask=mask, context=context, seen=context_mask
        )
        x = block.output
        yield block
        index += 1


def _block(
    p: Params, x: Array, name: str, heads: int, eps: float, *, mask: Any, context: Any, seen: Any
) -> PostNormBlock:
    def norm(number: int, x: Array) -> Array:
        return layer_norm(x, p[f"norm{number}.weight"], p[f"norm{number}.bias"], eps)

    attention = _attention(p, "self_attn", x, heads, mask=mask)
    x, cross = norm(1, x + attention.output), None
    if context is not None:
        cross = _attention(p, "multihead_attn", x, heads, context=context, mask=seen)
        x = norm(2, x + cross.output)
    hidden = gelu(linear(x, p["linear1.weight"].T, p["linear1.bias"]))
    mlp = linear(hidden, p["linear2.weight"].T, p["linear2.bias"])
    return PostNormBlock(name, attention, cross, norm(2 if cross is None else 3, x + mlp))


def _attention(p: Params, path: str, x: Array, heads: int, **more: Any) -> MultiHead:
    """Return one attention; torch stacks the three matrices of all heads upon each other."""
    weight, bias = p[f"{path}.in_proj_weight"], p[f"{path}.in_proj_bias"]
    dim = weight.shape[1]
    q, k, v = (slice(i * dim, (i + 1) * dim) for i in range(3))
    return multi_head(
        x, weight[q].T, weight[k].T, weight[v].T, p[f"{path}.out_proj.weight"].T,
        heads=heads, b_q=bias[q], b_k=bias[k], b_v=bias[v], b_o=p[f"{path}.out_proj.bias"], **more,
    )  # fmt: skip
