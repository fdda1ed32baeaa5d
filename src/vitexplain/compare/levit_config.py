"""The sizes of LeViTs.

Source: Graham et al., "LeViT", ICCV 2021, arXiv 2104.01136, Table 2.
"""

from dataclasses import dataclass
from typing import ClassVar

from vitexplain.compare.sizes import Staged


@dataclass(frozen=True)
class LeViTConfig(Staged):
    """The sizes of a LeViT; the defaults are LeViT-128S's.

    Raises:
        ValueError: as `Staged`, or the stem's stride is no power of two.
    """

    stem_stride: int = 16  # of its 3×3 convolutions of stride 2, each twice as wide as the last
    strides: tuple[int, ...] = (1, 2, 2)  # of each stage; where it is 2, attention shrinks the map
    dims: tuple[int, ...] = (128, 256, 384)  # channels of each stage
    depths: tuple[int, ...] = (2, 3, 4)  # blocks of each stage
    heads: tuple[int, ...] = (4, 6, 8)  # of each stage
    key_dim: int = 16  # numbers in a query and in a key
    readouts: int = 2  # of which the second learns from a teacher

    by_stage: ClassVar = ("strides", "depths", "heads")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.stem_stride < 2 or self.stem_stride.bit_count() > 1:
            raise ValueError(f"stem_stride must be a power of two, got {self.stem_stride}")

    @property
    def whole(self) -> int:
        return self.stem_stride  # attention shrinks maps of odd sides too


_FOUR = (4, 4, 4)
LEVITS = {
    "levit_128s": LeViTConfig(),
    "levit_128": LeViTConfig(depths=_FOUR, heads=(4, 8, 12)),
    "levit_192": LeViTConfig(dims=(192, 288, 384), depths=_FOUR, heads=(3, 5, 6), key_dim=32),
    "levit_256": LeViTConfig(dims=(256, 384, 512), depths=_FOUR, key_dim=32),
    "levit_384": LeViTConfig(dims=(384, 512, 768), depths=_FOUR, heads=(6, 9, 12), key_dim=32),
}
"""The published sizes at 224 pixels and 1000 classes; `dataclasses.replace` changes any."""
