"""The parts of four hybrids that this package does not build, as their authors' code has them.

CvT: Wu et al., ICCV 2021, arXiv 2103.15808, Table 2. MaxViT: Tu et al., ECCV 2022, arXiv
2204.01697, Table 1. LeViT: Graham et al., ICCV 2021, arXiv 2104.01136, Table 2. MobileViT: Mehta
and Rastegari, ICLR 2022, arXiv 2110.02178, Table 4.
"""

from vitexplain.figures.architecture.parts import Part

_CONVOLUTION, _ATTENTION = ("convolution",), ("attention",)
_BOTH = ("convolution", "attention")
_MAXVIT = ("convolution", "windowed attention", "attention")


def _square(side: int) -> tuple[int, int]:
    return side, side


def _cvt(stage: int, side: int, dim: int, blocks: int, kernel: int) -> Part:
    note = f"{kernel} × {kernel} embedding; queries, keys and values by depthwise 3 × 3"
    return Part(f"stage {stage}", _BOTH, _square(side), dim, blocks, note)


def _maxvit(stage: int, side: int, dim: int, blocks: int) -> Part:
    note = "MBConv, attention in windows of 7 × 7, attention on a sparse 7 × 7 grid"
    return Part(f"stage {stage}", _MAXVIT, _square(side), dim, blocks, note)


def _levit(stage: int, side: int, dim: int, heads: int) -> Part:
    note = f"all places, {heads} heads, a learned bias for each offset"
    return Part(f"stage {stage}", _ATTENTION, _square(side), dim, 4, note)


def _mobilevit(stage: int, side: int, dim: int, layers: int, width: int) -> Part:
    note = f"MobileNetV2 block, 3 × 3, then {layers} Transformer layers {width} wide"
    return Part(f"stage {stage}", _BOTH, _square(side), dim, layers, note)


_IMAGE = Part("image", ("image",), _square(224), 3)
_LOGITS = Part("logits", ("readout",), (1, 1), 1000)

PUBLISHED: dict[str, list[Part]] = {
    "CvT-13": [
        _IMAGE,
        _cvt(1, 56, 64, 1, 7),
        _cvt(2, 28, 192, 2, 3),
        _cvt(3, 14, 384, 10, 3),
        _LOGITS,
    ],
    "MaxViT-T": [
        _IMAGE,
        Part("stem", _CONVOLUTION, _square(112), 64, 2, "3 × 3"),
        _maxvit(1, 56, 64, 2),
        _maxvit(2, 28, 128, 2),
        _maxvit(3, 14, 256, 5),
        _maxvit(4, 7, 512, 2),
        _LOGITS,
    ],
    "LeViT-256": [
        _IMAGE,
        Part("stem", _CONVOLUTION, _square(14), 256, 4, "3 × 3, channels 32, 64, 128, 256"),
        _levit(1, 14, 256, 4),
        _levit(2, 7, 384, 6),
        _levit(3, 4, 512, 8),
        _LOGITS,
    ],
    "MobileViT-S": [
        Part("image", ("image",), _square(256), 3),
        Part("stem", _CONVOLUTION, _square(128), 16, 1, "3 × 3"),
        Part("stage 1", _CONVOLUTION, _square(128), 32, 1, "MobileNetV2 block"),
        Part("stage 2", _CONVOLUTION, _square(64), 64, 3, "MobileNetV2 block"),
        _mobilevit(3, 32, 96, 2, 144),
        _mobilevit(4, 16, 128, 4, 192),
        _mobilevit(5, 8, 160, 3, 240),
        Part("last", _CONVOLUTION, _square(8), 640, 1, "1 × 1"),
        _LOGITS,
    ],
}
"""At the image size of the paper; blocks of a MobileViT stage are its Transformer layers."""
