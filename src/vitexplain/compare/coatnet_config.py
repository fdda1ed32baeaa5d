"""The sizes of CoAtNets and MaxViTs, and the map of each of their stages.

Sources: Dai et al., "CoAtNet: Marrying Convolution and Attention for All Data Sizes", NeurIPS
2021, arXiv 2106.04803, Table 3; Tu et al., "MaxViT: Multi-Axis Vision Transformer", ECCV 2022,
arXiv 2204.01697, Table 1.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from vitexplain.compare.sizes import Staged


@dataclass(frozen=True)
class CoAtNetConfig(Staged):
    """The sizes of a CoAtNet; the defaults are CoAtNet-0's.

    Raises:
        ValueError: a size is less than 1, the stages' sizes differ in number, a stage is neither
            "C" nor "T", the head dim does not divide the dim of a "T" stage, the strides do
            not divide the image, or a choice is unknown.
    """

    stem: int = 64  # channels of the two 3×3 convolutions before the stages
    dims: tuple[int, ...] = (96, 192, 384, 768)  # channels of each stage
    depths: tuple[int, ...] = (2, 3, 5, 2)  # blocks of each stage
    kinds: str = "CCTT"  # convolution or attention (Transformer), of each stage
    head_dim: int = 32  # channels of an attention head
    expansion: int = 4  # hidden channels of a block, as a multiple of its dim
    stride_in: Literal["depthwise", "expand"] = "depthwise"  # convolution that has it, in "C"
    norm: Literal["batch", "group"] = "batch"  # of the convolutions
    pre_logits: bool = True  # a tanh layer, as wide as the map, before the head

    known: ClassVar[str] = "CT"  # kinds of stages
    eps: ClassVar[tuple[float, float]] = (1e-5, 1e-6)  # of convolutions' norms, of LayerNorms
    activation: ClassVar[str] = "gelu"  # of `vitexplain.vit.forward.ACTIVATIONS`
    same: ClassVar[bool] = False  # convolutions pad as TensorFlow's, and the stem has biases

    def __post_init__(self) -> None:
        for name in ("dims", "depths", "strides"):
            sizes = getattr(self, name)
            if not sizes or min(sizes) < 1 or len(sizes) != len(self.kinds):
                raise ValueError(
                    f"{name} must be a size of at least 1 for each stage of {self.kinds!r}, "
                    f"got {sizes}"
                )
        super().__post_init__()
        if set(self.kinds) - {*self.known}:
            known = " and ".join(map(repr, self.known))
            raise ValueError(f"kinds must be made of {known}, got {self.kinds!r}")
        if max(self.strides) > 2:
            raise ValueError(f"strides must be 1 or 2, got {self.strides}")
        for dim, kind in zip(self.dims, self.kinds, strict=True):
            if kind != "C" and dim % self.head_dim:
                raise ValueError(
                    f"the dim of a {kind!r} stage must be a multiple of head_dim, "
                    f"got dim {dim} and head_dim {self.head_dim}"
                )


@dataclass(frozen=True)
class MaxViTConfig(CoAtNetConfig):
    """The sizes of a MaxViT, each stage of kind "M"; the defaults are MaxViT-T's.

    Raises:
        ValueError: as `CoAtNetConfig`, or windows do not tile a stage's map.
    """

    dims: tuple[int, ...] = (64, 128, 256, 512)
    depths: tuple[int, ...] = (2, 2, 5, 2)
    kinds: str = "MMMM"
    window: int = 7  # places along a window, and along a grid

    known: ClassVar = "M"
    eps: ClassVar = (1e-3, 1e-5)
    activation: ClassVar = "gelu tanh"
    same: ClassVar = True

    def __post_init__(self) -> None:
        super().__post_init__()
        for stage in range(len(self.kinds)):
            if any(side % self.window for side in self.grid(stage)):
                raise ValueError(
                    f"windows of {self.window}×{self.window} do not tile the map of "
                    f"{self.grid(stage)} of stage {stage}"
                )


COATNETS = {
    "coatnet_0": CoAtNetConfig(),
    "coatnet_1": CoAtNetConfig(depths=(2, 6, 14, 2)),
    "coatnet_2": CoAtNetConfig(stem=128, dims=(128, 256, 512, 1024), depths=(2, 6, 14, 2)),
    "coatnet_3": CoAtNetConfig(stem=192, dims=(192, 384, 768, 1536), depths=(2, 6, 14, 2)),
}
"""The published sizes at 224 pixels and 1000 classes; `dataclasses.replace` changes any."""

MAXVITS = {
    "maxvit_t": MaxViTConfig(),
    "maxvit_s": MaxViTConfig(dims=(96, 192, 384, 768)),
    "maxvit_b": MaxViTConfig(dims=(96, 192, 384, 768), depths=(2, 6, 14, 2)),
    "maxvit_l": MaxViTConfig(stem=128, dims=(128, 256, 512, 1024), depths=(2, 6, 14, 2)),
}
"""The published sizes at 224 pixels and 1000 classes."""
