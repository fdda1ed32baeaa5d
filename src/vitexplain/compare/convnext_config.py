"""A ConvNeXt's sizes.

Source: Liu et al., "A ConvNet for the 2020s", CVPR 2022, arXiv 2201.03545, section 3.
"""

from dataclasses import dataclass

from vitexplain.compare.sizes import Sizes


@dataclass(frozen=True)
class ConvNeXtConfig(Sizes):
    """The sizes of a ConvNeXt; the defaults are ConvNeXt-T's.

    Raises:
        ValueError: a size is less than 1, the kernel is even, or depths and widths differ in
            number.
    """

    depths: tuple[int, ...] = (3, 3, 9, 3)  # blocks of each stage
    widths: tuple[int, ...] = (96, 192, 384, 768)  # channels of each stage
    classes: int = 1000  # logits
    channels: int = 3
    patch: int = 4  # pixels: side and stride of the stem's convolution
    kernel: int = 7  # side of the depthwise convolutions
    mlp_ratio: int = 4  # hidden numbers of the MLP, as a multiple of the width
    scale: float = 1e-6  # what every layer scale starts at
    eps: float = 1e-6  # of every LayerNorm

    def __post_init__(self) -> None:
        super().__post_init__()
        self.equally_many("depths", "widths")
        self.odd("kernel")

    @property
    def dim(self) -> int:
        """Channels of the last feature map."""
        return self.widths[-1]


CONVNEXTS = {
    "convnext_t": ConvNeXtConfig(),
    "convnext_s": ConvNeXtConfig(depths=(3, 3, 27, 3)),
    "convnext_b": ConvNeXtConfig(depths=(3, 3, 27, 3), widths=(128, 256, 512, 1024)),
    "convnext_l": ConvNeXtConfig(depths=(3, 3, 27, 3), widths=(192, 384, 768, 1536)),
}
"""The published sizes; `dataclasses.replace` changes any of them."""
