"""A Vision Transformer's sizes, its tokens, and what its answer is read from.

Source: Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR 2021, arXiv 2010.11929,
section 3.1 and Table 1. Ti and S are the sizes of DeiT (Touvron et al. 2021, arXiv 2012.12877).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from vitexplain.arrays import Array
from vitexplain.moved import tell
from vitexplain.patches import sides

Params = Mapping[str, Array]
Readouts = Literal["class", "mean", "class+mean", "patches"]
Activations = Literal["gelu", "gelu tanh", "swiglu"]


@dataclass(frozen=True)
class ViTConfig:
    """The sizes of a Vision Transformer, in the paper's terms.

    Raises:
        ValueError: a size is less than 1, the patch does not tile the image, the heads do
            not divide the dim, a choice is unknown, or two choices contradict each other.
    """

    image_size: int | tuple[int, int] = 224  # pixels: one side, or (rows, columns)
    patch: int | tuple[int, int] = 16  # pixels, P
    dim: int = 768  # numbers in a token, D
    depth: int = 12  # blocks, L
    heads: int = 12
    mlp_dim: int = 3072  # hidden numbers in the MLP
    classes: int = 1000  # logits, K; 0: no head, the pooled features are the answer
    channels: int = 3  # C
    readout: Readouts = "class"  # class token, mean of the patches, both side by side, or each
    class_token: bool | None = None  # None: if the readout needs it
    distillation: bool = False  # a second such token with a head (Touvron et al. 2021, DeiT)
    registers: int = 0  # extra tokens without position (Darcet et al. 2024, arXiv 2309.16588)
    pre_logits: int | None = None  # width of the tanh layer before the head (section 3.1)
    activation: Activations = "gelu"  # of the MLP
    layer_scale: bool = False  # a factor a channel on each branch (Touvron et al. 2021, CaiT)
    norm_mean: bool = False  # the last norm follows the mean instead of preceding it
    eps: float = 1e-6  # of every LayerNorm

    def __post_init__(self) -> None:
        for name in ("dim", "depth", "heads", "mlp_dim", "channels"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        for name in ("classes", "registers"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be at least 0, got {getattr(self, name)}")
        if self.pre_logits is not None and self.pre_logits < 1:
            raise ValueError(f"pre_logits must be None or at least 1, got {self.pre_logits}")
        for name, known in (("readout", get_args(Readouts)), ("activation", get_args(Activations))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {known}, got {getattr(self, name)!r}")
        if self.class_token is False and self.readout in ("class", "class+mean"):
            raise ValueError(f"readout {self.readout!r} needs the class token")
        if self.distillation and self.readout != "class":
            raise ValueError("a distillation token is read beside the class token: readout 'class'")
        if self.distillation and self.pre_logits:
            raise ValueError("a distillation token has its own head, and no pre_logits")
        if self.norm_mean and self.readout != "mean":
            raise ValueError("norm_mean norms the mean of the patches: readout 'mean'")
        if self.dim % self.heads:
            raise ValueError(
                f"dim must be a multiple of heads, got dim {self.dim} and {self.heads} heads"
            )
        rows, cols = sides(self.image_size)
        height, width = sides(self.patch)
        if rows % height or cols % width:
            raise ValueError(
                f"patches of {height}×{width} do not tile an image of {rows}×{cols} pixels"
            )

    @property
    def grid(self) -> tuple[int, int]:
        """Patches in a column and in a row of the image."""
        rows, cols = sides(self.image_size)
        height, width = sides(self.patch)
        return rows // height, cols // width

    @property
    def patches(self) -> int:
        """Number of patches, N."""
        return prod(self.grid)

    @property
    def patch_dim(self) -> int:
        """Numbers in a flattened patch, P² C."""
        return prod(sides(self.patch)) * self.channels

    @property
    def has_class_token(self) -> bool:
        """Whether the first token is a class token."""
        if self.class_token is None:
            return self.has_answer_token
        return self.class_token

    @property
    def prefix(self) -> int:
        """Tokens before the patches: class token and distillation token, if any; registers."""
        return self.has_class_token + self.distillation + self.registers

    @property
    def first(self) -> tuple[str, ...]:
        """Names of the tokens before the patches."""
        names = ["class token"] * self.has_class_token
        names += ["distillation token"] * self.distillation
        return (*names, *(f"register {i}" for i in range(self.registers)))

    @property
    def read(self) -> int | None:
        """Number of first tokens that the answer is read from; None: it takes patches, too."""
        return 1 + self.distillation if self.readout == "class" else None

    @property
    def answer_is(self) -> str:
        """What the answer is read from, as far as one row of weights can show it."""
        if self.distillation:
            return "the mean of class and distillation token"
        return "the class token" if self.has_answer_token else "the mean of the patches"

    @property
    def answer_shares(self) -> Float[np.ndarray, " token"]:
        """Each last token's share in the answer, as far as one row of weights can show it.

        Of readout "class+mean", whose head weighs its two halves, the class token's alone; of
        "patches", which has an answer a patch, their mean.
        """
        shares = np.zeros(self.tokens)
        read = slice(1 + self.distillation) if self.has_answer_token else slice(self.prefix, None)
        shares[read] = 1 / len(shares[read])
        return shares

    @property
    def has_answer_token(self) -> bool:
        """Whether the answer is read from the class token, if perhaps not from it alone."""
        return self.readout in ("class", "class+mean")

    def place(self, layer: int, head: int | None = None) -> tuple[int, int | None]:
        """Return a layer and a head counted from 0; negative ones count from the last.

        Raises:
            IndexError: the model has no such layer or head.
        """
        for name, index, count in (("layer", layer, self.depth), ("head", head, self.heads)):
            if index is not None and not -count <= index < count:
                raise IndexError(
                    f"{name} must be from 0 to {count - 1}, or -1 for the last, got {index}"
                )
        return layer % self.depth, None if head is None else head % self.heads

    @property
    def tokens(self) -> int:
        """Number of tokens in the sequence, T."""
        return self.prefix + self.patches

    @property
    def width(self) -> int:
        """Numbers that the head reads."""
        return self.pre_logits or self.dim * (1 + (self.readout == "class+mean"))


PRESETS = {
    "Ti/16": ViTConfig(dim=192, depth=12, heads=3, mlp_dim=768),
    "S/16": ViTConfig(dim=384, depth=12, heads=6, mlp_dim=1536),
    "B/32": ViTConfig(patch=32),
    "B/16": ViTConfig(),
    "L/32": ViTConfig(patch=32, dim=1024, depth=24, heads=16, mlp_dim=4096),
    "L/16": ViTConfig(dim=1024, depth=24, heads=16, mlp_dim=4096),
    "H/14": ViTConfig(patch=14, dim=1280, depth=32, heads=16, mlp_dim=5120),
}
"""The published sizes, at 224 pixels and 1000 classes; `dataclasses.replace` changes either."""


tell(globals())
