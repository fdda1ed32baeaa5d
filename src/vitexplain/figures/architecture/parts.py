"""The parts of a network, in order: read from its configuration, not drawn by hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vitexplain.compare.coatnet_config import CoAtNetConfig, MaxViTConfig
from vitexplain.compare.convnext_config import ConvNeXtConfig
from vitexplain.compare.levit_config import LeViTConfig
from vitexplain.compare.resnet_config import ResNetConfig
from vitexplain.compare.sizes import Staged
from vitexplain.compare.swin_config import SwinConfig
from vitexplain.figures.charts.looks import Look
from vitexplain.patches import sides
from vitexplain.vit.config import ViTConfig

KINDS = {
    "convolution": Look("cnn", "square"),
    "attention": Look("vit", "square"),
    "windowed attention": Look("windowed", "square"),
    "patches": Look("muted", "square"),
    "image": Look("line", "square"),
    "readout": Look("ink", "square"),
}
"""What a part can do, and its colour: that of the family which does it everywhere.

"patches" is a linear map of patches that do not overlap; "readout" pools and classifies.
"""


@dataclass(frozen=True)
class Part:
    """One part of a network: what its blocks do, and the map that they give.

    Raises:
        ValueError: an unknown kind, or a size less than 1.
    """

    name: str
    kinds: tuple[str, ...]  # of `KINDS`; a block that does several things has several
    grid: tuple[int, int]  # rows and columns of places
    dim: int  # channels of each place
    blocks: int = 1
    note: str = ""

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or not self.kinds:
            raise ValueError(f"kinds must be one or more of {', '.join(KINDS)}, got {self.kinds}")
        if min(*self.grid, self.dim, self.blocks) < 1:
            raise ValueError(
                f"grid, dim and blocks must be at least 1, got {self.grid}, {self.dim} and "
                f"{self.blocks} of {self.name}"
            )


def stages_of(model: Any, *, image_size: int | tuple[int, int] = 224) -> list[Part]:
    """Return the parts of a model of `vitexplain.vit` or `vitexplain.compare`, or of its config.

    Args:
        model: the config, or a model that was built from it.
        image_size: pixels of the image, where the config does not say: ResNet and ConvNeXt.

    Raises:
        TypeError: a model of another kind.
    """
    config = model
    for name in ("hybrid", "image", "config"):  # the whole before the part that is a ViT
        if hasattr(model, name) and not isinstance(model, ViTConfig | SwinConfig | Staged):
            config = getattr(model, name)
            break
    size = sides(getattr(config, "image_size", image_size))
    if isinstance(config, ViTConfig):
        height, width = sides(config.patch)
        patches = _patches(config.grid, config.dim, f"{height} × {width} pixels")
        middle = [
            *(_conv_stem(model) if hasattr(model, "backbone") else [patches]),
            *_blocks(config),
        ]
    elif isinstance(config, ResNetConfig):
        middle = _resnet(config, size)
    elif isinstance(config, ConvNeXtConfig):
        middle = _convnext(config, size)
    elif isinstance(config, SwinConfig):
        middle = _swin(config)
    elif isinstance(config, CoAtNetConfig):
        middle = _coatnet(config)
    elif isinstance(config, LeViTConfig):
        middle = _levit(config)
    elif hasattr(config, "vit"):  # a `HybridConfig`, whose module needs torch
        vit, size = config.vit, sides(config.vit.image_size)
        patches = _patches(vit.grid, vit.dim, "1 × 1 places")
        middle = [*_resnet(config.resnet, size), patches, *_blocks(vit)]
        config = vit
    else:
        raise TypeError(f"there are no parts known of a {type(model).__name__}")
    image = Part("image", ("image",), size, config.channels)
    return [image, *middle, Part("logits", ("readout",), (1, 1), config.classes)]


Stage = tuple[str, tuple[int, int], int, int, str]  # kinds, grid, dim, blocks, note


def _numbered(stages: Iterable[Stage]) -> list[Part]:
    return [
        Part(f"stage {number}", tuple(kinds.split(" + ")), grid, dim, blocks, note)
        for number, (kinds, grid, dim, blocks, note) in enumerate(stages, 1)
    ]


def _shrink(grid: tuple[int, int], stride: int) -> tuple[int, int]:
    """Return the grid after padded convolutions with that stride in all."""
    return -(-grid[0] // stride), -(-grid[1] // stride)


def _patches(grid: tuple[int, int], dim: int, note: str) -> Part:
    return Part("patches", ("patches",), grid, dim, note=note)


def _stem(grid: tuple[int, int], dim: int, blocks: int, note: str) -> Part:
    return Part("stem", ("convolution",), grid, dim, blocks, note)


def _blocks(config: ViTConfig) -> list[Part]:
    note = f"all {config.tokens} tokens, {config.heads} heads, MLP {config.mlp_dim}"
    return [Part("blocks", ("attention",), config.grid, config.dim, config.depth, note)]


def _conv_stem(model: Any) -> list[Part]:
    grid, widths = model.image.grid, [conv.out_channels for conv in model.backbone.convs]
    note = f"3 × 3, channels {', '.join(map(str, widths))}"
    stem = _stem(grid, widths[-1], len(widths), note)
    return [stem, _patches(grid, model.image.dim, "1 × 1 places")]


def _resnet(config: ResNetConfig, image: tuple[int, int]) -> list[Part]:
    big = config.stem == "imagenet"
    grid, note = _shrink(image, 4 if big else 1), "7 × 7, then a pool" if big else "3 × 3"
    stem = _stem(grid, config.widths[0], 1, note)
    note = f"{config.block} of {config.kernel} × {config.kernel}"
    sizes = enumerate(zip(config.widths, config.depths, strict=True))
    return [stem, *_numbered(
        ("convolution", _shrink(grid, config.stride**i), width * config.expansion, depth, note)
        for i, (width, depth) in sizes
    )]  # fmt: skip


def _convnext(config: ConvNeXtConfig, image: tuple[int, int]) -> list[Part]:
    rows, cols = (side // config.patch for side in image)
    pixels = f"{config.patch} × {config.patch} pixels"
    note = f"depthwise {config.kernel} × {config.kernel}, then an MLP at each place"
    sizes = enumerate(zip(config.widths, config.depths, strict=True))
    return [_patches((rows, cols), config.widths[0], pixels), *_numbered(
        ("convolution", (rows >> i, cols >> i), width, depth, note) for i, (width, depth) in sizes
    )]  # fmt: skip


def _swin(config: SwinConfig) -> list[Part]:
    stages: list[Stage] = []
    for stage, (heads, depth) in enumerate(zip(config.heads, config.depths, strict=True)):
        grid, window = config.grid(stage), config.window_of(stage)
        whole = window == grid
        note = "all places" if whole else f"windows of {window[0]} × {window[1]}"
        kind = "attention" if whole else "windowed attention"
        stages.append((kind, grid, config.dims[stage], depth, f"{note}, {heads} heads"))
    pixels = f"{config.patch} × {config.patch} pixels"
    return [_patches(config.grid(0), config.dim, pixels), *_numbered(stages)]


def _coatnet(config: CoAtNetConfig) -> list[Part]:
    notes = {"C": "MBConv", "T": "all places, relative positions, {} heads"}
    kinds = {"C": "convolution", "T": "attention", "M": _MAXVIT}
    if isinstance(config, MaxViTConfig):
        area = f"{config.window} × {config.window}"
        notes["M"] = f"MBConv, attention in windows of {area}, attention on a sparse {area} grid"
    sizes = enumerate(zip(config.kinds, config.dims, config.depths, strict=True))
    return [_stem(config.grid(-1), config.stem, 2, "3 × 3"), *_numbered(
        (kinds[kind], config.grid(i), dim, depth, notes[kind].format(dim // config.head_dim))
        for i, (kind, dim, depth) in sizes
    )]  # fmt: skip


def _levit(config: LeViTConfig) -> list[Part]:
    halvings = config.stem_stride.bit_length() - 1
    note = "all places, {} heads, a learned bias for each distance".format
    sizes = enumerate(zip(config.heads, config.dims, config.depths, strict=True))
    return [_stem(config.grid(-1), config.dims[0], halvings, "3 × 3"), *_numbered(
        ("attention", config.grid(i), dim, depth, note(heads)) for i, (heads, dim, depth) in sizes
    )]  # fmt: skip


_MAXVIT = "convolution + windowed attention + attention"
