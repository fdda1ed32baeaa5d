"""The parts of two hybrids that this package does not build, as their authors' code has them.

CvT: Wu et al., ICCV 2021, arXiv 2103.15808, Table 2. MobileViT: Mehta and Rastegari, ICLR 2022,
arXiv 2110.02178, Table 4.
"""

from vitexplain.figures.architecture.parts import Part

_CONVOLUTION = ("convolution",)
_BOTH = ("convolution", "attention")


def _network(side: int, *rows: tuple[str, tuple[str, ...], int, int, int, str]) -> list[Part]:
    """Return the parts of a network: name, kinds, side of the grid, channels, blocks, note."""
    return [
        Part("image", ("image",), (side, side), 3),
        *(
            Part(name, kinds, (grid, grid), dim, blocks, note)
            for name, kinds, grid, dim, blocks, note in rows
        ),
        Part("logits", ("readout",), (1, 1), 1000),
    ]


_CVT = "{0} × {0} embedding; queries, keys and values by depthwise 3 × 3".format
_MOBILE, _MOBILEVIT = (
    "MobileNetV2 block",
    ("MobileNetV2 block, 3 × 3, then {} Transformer layers {} wide".format),
)

PUBLISHED: dict[str, list[Part]] = {
    "CvT-13": _network(
        224,
        ("stage 1", _BOTH, 56, 64, 1, _CVT(7)),
        ("stage 2", _BOTH, 28, 192, 2, _CVT(3)),
        ("stage 3", _BOTH, 14, 384, 10, _CVT(3)),
    ),
    "MobileViT-S": _network(
        256,
        ("stem", _CONVOLUTION, 128, 16, 1, "3 × 3"),
        ("stage 1", _CONVOLUTION, 128, 32, 1, _MOBILE),
        ("stage 2", _CONVOLUTION, 64, 64, 3, _MOBILE),
        ("stage 3", _BOTH, 32, 96, 2, _MOBILEVIT(2, 144)),
        ("stage 4", _BOTH, 16, 128, 4, _MOBILEVIT(4, 192)),
        ("stage 5", _BOTH, 8, 160, 3, _MOBILEVIT(3, 240)),
        ("last", _CONVOLUTION, 8, 640, 1, "1 × 1"),
    ),
}
"""At the image size of the paper; blocks of a MobileViT stage are its Transformer layers."""
