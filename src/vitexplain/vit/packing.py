"""A twin of a ViT for repeated use on a CPU: weights packed once for the processor's kernels.

oneDNN reorders a weight matrix for its vector units before it multiplies. Done once, and with
the GELU computed while the product is still in the cache, a forward pass takes a good part
less time; `python -m tests.benchmarks.looking` measures it. Sums run in another order, so that
logits move by a few roundings.
"""

import copy

import torch
from torch import Tensor, nn

from vitexplain.vit.module import TransformerBlock, ViT

_FUSED = {"gelu": ("gelu", "none"), "gelu tanh": ("gelu", "tanh")}


def can_pack() -> bool:
    """Return whether this torch has the kernels, and they compute a linear layer rightly.

    They carry private names, so they are tried before they are trusted.
    """
    weight, bias, x = torch.eye(3, 4), torch.arange(3.0), torch.arange(8.0).reshape(2, 4)
    try:
        packed = torch.ops.mkldnn._reorder_linear_weight(weight, len(x))
        found = torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")
        gelu = torch.ops.mkldnn._linear_pointwise(x, packed, bias, "gelu", [], "tanh")
    except (AttributeError, RuntimeError, TypeError):
        return False
    expected = nn.functional.linear(x, weight, bias)
    right = torch.allclose(found, expected)
    return right and torch.allclose(gelu, nn.functional.gelu(expected, approximate="tanh"))


def packed(vit: ViT, *, rows: int | None = None) -> ViT:
    """Return a twin of a float32 ViT on the CPU whose linear layers of the blocks are packed.

    It takes images and `look` as the ViT does, in inference alone; later changes of the ViT's
    weights do not reach it. Where the kernels are missing, it is the ViT itself.

    Args:
        rows: images times tokens of a typical call, which the packing is made for; by default
            those of one image.

    Raises:
        ValueError: the ViT is not in float32 on the CPU.
    """
    first = next(vit.parameters())
    if first.dtype != torch.float32 or first.device.type != "cpu":
        raise ValueError(
            f"only a float32 model on the CPU can be packed, got {first.dtype} on {first.device}"
        )
    if not can_pack():
        return vit
    rows = rows or vit.config.tokens
    twin = copy.deepcopy(vit, {id(p): p for p in vit.parameters()})  # shares the parameters
    fused = _FUSED.get(vit.config.activation, ("none", ""))
    for block in twin.blocks:
        assert isinstance(block, TransformerBlock)
        for part, name in ((block.attn, "qkv"), (block.attn, "proj"), (block.mlp, "fc2")):
            setattr(part, name, PackedLinear(getattr(part, name), rows))
        setattr(block.mlp, "fc1", PackedLinear(block.mlp.fc1, rows, *fused))  # noqa: B010
        if vit.config.activation in _FUSED:
            block.mlp.activation = nn.Identity()
    return twin.eval()


class PackedLinear(nn.Module):
    """A linear layer with its weight reordered, and perhaps its activation."""

    def __init__(self, layer: nn.Linear, rows: int, activation: str = "none", form: str = ""):
        super().__init__()
        weight = layer.weight.detach()
        self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, rows)
        self.bias = layer.bias.detach()
        self.activation = activation
        self.form = form

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(
            x, self.weight, self.bias, self.activation, [], self.form
        )
