"""A CoAtNet's sizes, and the map of each of its stages.

Source: Dai et al., "CoAtNet: Marrying Convolution and Attention for All Data Sizes", NeurIPS
2021, arXiv 2106.04803, Table 3.
"""

from dataclasses import dataclass
from math import prod
from typing import Literal

from vitexplain.compare.sizes import Sizes
from vitexplain.patches import sides


@dataclass(frozen=True)
class CoAtNetConfig(Sizes):
    """The sizes of a CoAtNet; the defaults are CoAtNet-0's.

    Raises:
        ValueError: a size is less than 1, the stages' sizes differ in number, a stage is neither
            "C" nor "T", the head dim does not divide the dim of a "T" stage, the strides do
            not divide the image, or a choice is unknown.
    """

    image_size: int | tuple[int, int] = 224  # pixels: one side, or (rows, columns)
    stem: int = 64  # channels of the two 3×3 convolutions before the stages
    dims: tuple[int, ...] = (96, 192, 384, 768)  # channels of each stage
    depths: tuple[int, ...] = (2, 3, 5, 2)  # blocks of each stage
    kinds: str = "CCTT"  # convolution or attention (Transformer), of each stage
    head_dim: int = 32  # channels of an attention head
    expansion: int = 4  # hidden channels of a block, as a multiple of its dim
    classes: int = 1000  # logits
    channels: int = 3
    stem_stride: int = 2
    strides: tuple[int, ...] = (2, 2, 2, 2)  # 1 or 2, of each stage's first block
    stride_in: Literal["depthwise", "expand"] = "depthwise"  # convolution that has it, in "C"
    norm: Literal["batch", "group"] = "batch"  # of the convolutions
    pre_logits: bool = True  # a tanh layer, as wide as the map, before the head

    def __post_init__(self) -> None:
        for name in ("dims", "depths", "strides"):
            sizes = getattr(self, name)
            if not sizes or min(sizes) < 1 or len(sizes) != len(self.kinds):
                raise ValueError(
                    f"{name} must be a size of at least 1 for each stage of {self.kinds!r}, "
                    f"got {sizes}"
                )
        super().__post_init__()
        if set(self.kinds) - {"C", "T"}:
            raise ValueError(f"kinds must be made of 'C' and 'T', got {self.kinds!r}")
        if max(self.strides) > 2:
            raise ValueError(f"strides must be 1 or 2, got {self.strides}")
        for dim, kind in zip(self.dims, self.kinds, strict=True):
            if kind == "T" and dim % self.head_dim:
                raise ValueError(
                    f"the dim of a 'T' stage must be a multiple of head_dim, "
                    f"got dim {dim} and head_dim {self.head_dim}"
                )
        stride = self.stem_stride * prod(self.strides)
        if any(side % stride for side in sides(self.image_size)):
            raise ValueError(f"strides of {stride} in all must divide the image, {self.image_size}")

    def grid(self, stage: int) -> tuple[int, int]:
        """Return the places in a column and in a row of a stage's map."""
        rows, cols = sides(self.image_size)
        stride = self.stem_stride * prod(self.strides[: stage + 1])
        return rows // stride, cols // stride


COATNETS = {
    "coatnet_0": CoAtNetConfig(),
    "coatnet_1": CoAtNetConfig(depths=(2, 6, 14, 2)),
    "coatnet_2": CoAtNetConfig(stem=128, dims=(128, 256, 512, 1024), depths=(2, 6, 14, 2)),
    "coatnet_3": CoAtNetConfig(stem=192, dims=(192, 384, 768, 1536), depths=(2, 6, 14, 2)),
}
"""The published sizes at 224 pixels and 1000 classes; `dataclasses.replace` changes any."""
