"""The parameters of a Vision Transformer: names, shapes, how they begin; and what a pass costs."""

from math import prod, sqrt
from typing import Literal

import numpy as np

from vitexplain.patches import sides
from vitexplain.vit.config import ViTConfig


def parameter_shapes(config: ViTConfig) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every parameter, in the order of the forward pass.

    Names and shapes are those of timm's `VisionTransformer`, so that its state dict is ours:
    weights of linear layers are (out, in), the patch projection is a (D, C, P, P) kernel.
    """
    dim, hidden, head = config.dim, config.mlp_dim, (config.classes, config.width)
    first = 2 * hidden if config.activation == "swiglu" else hidden
    block = {"norm1": (dim,), "attn.qkv": (3 * dim, dim), "attn.proj": (dim, dim)}
    block |= {"norm2": (dim,), "mlp.fc1": (first, dim), "mlp.fc2": (dim, hidden)}
    block |= {"ls1.gamma": (dim,), "ls2.gamma": (dim,)} if config.layer_scale else {}
    parts: dict[str, tuple[int, ...] | None] = {
        "patch_embed.proj": (dim, config.channels, *sides(config.patch)),
        "cls_token": (1, 1, dim) if config.has_class_token else None,
        "dist_token": (1, 1, dim) if config.distillation else None,
        "reg_token": (1, config.registers, dim) if config.registers else None,
        "pos_embed": (1, config.tokens - config.registers, dim),
        **{f"blocks.{i}.{name}": block[name] for i in range(config.depth) for name in block},
        "fc_norm" if config.norm_mean else "norm": (dim,),
        "pre_logits.fc": None if config.pre_logits is None else (config.pre_logits, dim),
        "head": head if config.classes else None,
        "head_dist": head if config.classes and config.distillation else None,
    }
    shapes: dict[str, tuple[int, ...]] = {}
    for name, shape in parts.items():
        if shape and name.endswith(("token", "pos_embed", "gamma")):
            shapes[name] = shape
        elif shape:
            shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return shapes


def count_parameters(config: ViTConfig) -> int:
    """Return the number of parameters, each entry of `parameter_shapes` counted."""
    return sum(parameter_shares(config).values())


def parameter_shares(config: ViTConfig) -> dict[str, int]:
    """Return the number of parameters in each part: patches, positions, attention, MLP, …"""
    shares: dict[str, int] = {}
    for name, shape in parameter_shapes(config).items():
        part = next(part for key, part in _PARTS.items() if key in name)
        shares[part] = shares.get(part, 0) + prod(shape)
    return shares


_PARTS = {
    "patch_embed": "patch projection",
    "cls_token": "class token and registers",
    "dist_token": "class token and registers",
    "reg_token": "class token and registers",
    "pos_embed": "positions",
    "attn": "attention",
    "mlp": "MLP",
    "norm": "LayerNorm",
    ".ls": "LayerScale",
    "pre_logits": "head",
    "head": "head",
}


def count_macs(config: ViTConfig) -> int:
    """Return the multiply-adds of one forward pass of one image.

        N P²C D + L [T (4 D² + 2 D M) + 2 T² D] + head

    What this literature calls FLOPs. Biases, softmax, LayerNorm and GELU are not counted.
    """
    return sum(mac_shares(config).values())


def mac_shares(config: ViTConfig) -> dict[str, int]:
    """Return the multiply-adds of each part; attention's products apart from its projections."""
    tokens, dim, depth = config.tokens, config.dim, config.depth
    head = config.width * config.classes * (1 + config.distillation)
    head += dim * config.pre_logits if config.pre_logits else 0
    first = 2 if config.activation == "swiglu" else 1
    if config.readout == "patches":
        head *= config.patches
    return {
        "patch projection": config.patches * config.patch_dim * dim,
        "attention projections": depth * tokens * 4 * dim * dim,
        "attention products": depth * 2 * tokens * tokens * dim,
        "MLP": depth * tokens * (first + 1) * dim * config.mlp_dim,
        "head": head,
    }


def init_params(
    config: ViTConfig, *, seed: int = 0, dtype: type[np.floating] = np.float32
) -> dict[str, np.ndarray]:
    """Return random parameters as NumPy arrays, for a forward pass without torch.

    Weights are uniform with variance 2 / (in + out) (Glorot and Bengio 2010), position table,
    class token and registers normal with standard deviation 0.02, biases 0, LayerNorm
    and LayerScale weights 1.
    """
    rng = np.random.default_rng(seed)

    def drawn(name: str, shape: tuple[int, ...]) -> np.ndarray:
        bound = sqrt(6 / (shape[0] + prod(shape[1:])))
        match drawn_as(name):
            case "zeros":
                return np.zeros(shape)
            case "ones":
                return np.ones(shape)
            case "normal":
                return 0.02 * rng.standard_normal(shape)
            case "glorot":
                return rng.uniform(-bound, bound, shape)

    return {
        name: drawn(name, shape).astype(dtype) for name, shape in parameter_shapes(config).items()
    }


def drawn_as(name: str) -> Literal["zeros", "ones", "normal", "glorot"]:
    """Return how a parameter of that name begins, see `init_params`."""
    if name.endswith("bias"):
        return "zeros"
    if "norm" in name or ".ls" in name:
        return "ones"
    return "normal" if "token" in name or "pos_embed" in name else "glorot"
