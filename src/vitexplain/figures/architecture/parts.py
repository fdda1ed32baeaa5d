"""The parts of a network, in order: read from its configuration, not drawn by hand."""

from dataclasses import dataclass
from typing import Any

from vitexplain.compare.coatnet_config import CoAtNetConfig
from vitexplain.compare.convnext_config import ConvNeXtConfig
from vitexplain.compare.resnet_config import ResNetConfig
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
        if hasattr(model, name) and not isinstance(model, ViTConfig | SwinConfig | CoAtNetConfig):
            config = getattr(model, name)
            break
    if isinstance(config, ViTConfig):
        before = _conv_stem(model, config) if hasattr(model, "backbone") else [_patches(config)]
        return [_image(config.image_size, config.channels), *before, *_blocks(config)]
    if isinstance(config, ResNetConfig):
        return _resnet(config, sides(image_size))
    if isinstance(config, ConvNeXtConfig):
        return _convnext(config, sides(image_size))
    if isinstance(config, SwinConfig):
        return _swin(config)
    if isinstance(config, CoAtNetConfig):
        return _coatnet(config)
    if hasattr(config, "vit"):
        return _hybrid(config)
    raise TypeError(f"there are no parts known of a {type(model).__name__}")


def _image(size: int | tuple[int, int], channels: int) -> Part:
    return Part("image", ("image",), sides(size), channels)


def _readout(classes: int) -> Part:
    return Part("logits", ("readout",), (1, 1), classes)


def _shrink(grid: tuple[int, int], stride: int) -> tuple[int, int]:
    """Return the grid after a padded convolution with that stride."""
    return -(-grid[0] // stride), -(-grid[1] // stride)


def _patches(config: ViTConfig) -> Part:
    height, width = sides(config.patch)
    return Part("patches", ("patches",), config.grid, config.dim, note=f"{height} × {width} pixels")


def _blocks(config: ViTConfig) -> list[Part]:
    note = f"all {config.tokens} tokens, {config.heads} heads, MLP {config.mlp_dim}"
    blocks = Part("blocks", ("attention",), config.grid, config.dim, config.depth, note)
    return [blocks, _readout(config.classes)]


def _conv_stem(model: Any, config: ViTConfig) -> list[Part]:
    convolutions = list(model.backbone.convs)
    note = f"3 × 3, channels {', '.join(str(conv.out_channels) for conv in convolutions)}"
    width = convolutions[-1].out_channels
    stem = Part("stem", ("convolution",), config.grid, width, len(convolutions), note)
    return [stem, Part("patches", ("patches",), config.grid, config.dim, note="1 × 1 places")]


def _resnet(config: ResNetConfig, image: tuple[int, int]) -> list[Part]:
    big = config.stem == "imagenet"
    grid = _shrink(image, 4 if big else 1)
    note = "7 × 7, then a pool" if big else "3 × 3"
    parts = [_image(image, config.channels), _convolution("stem", grid, config.widths[0], 1, note)]
    note = f"{config.block} of {config.kernel} × {config.kernel}"
    for stage, (depth, width) in enumerate(zip(config.depths, config.widths, strict=True)):
        grid = _shrink(grid, config.stride) if stage else grid
        name = f"stage {stage + 1}"
        parts.append(_convolution(name, grid, width * config.expansion, depth, note))
    return [*parts, _readout(config.classes)]


def _convolution(name: str, grid: tuple[int, int], dim: int, blocks: int, note: str) -> Part:
    return Part(name, ("convolution",), grid, dim, blocks, note)


def _convnext(config: ConvNeXtConfig, image: tuple[int, int]) -> list[Part]:
    grid = (image[0] // config.patch, image[1] // config.patch)
    parts = [_image(image, config.channels)]
    note = f"{config.patch} × {config.patch} pixels"
    parts.append(Part("patches", ("patches",), grid, config.widths[0], note=note))
    note = f"depthwise {config.kernel} × {config.kernel}, then an MLP at each place"
    for stage, (depth, width) in enumerate(zip(config.depths, config.widths, strict=True)):
        grid = (grid[0] // 2, grid[1] // 2) if stage else grid
        parts.append(_convolution(f"stage {stage + 1}", grid, width, depth, note))
    return [*parts, _readout(config.classes)]


def _swin(config: SwinConfig) -> list[Part]:
    parts = [_image(config.image_size, config.channels)]
    note = f"{config.patch} × {config.patch} pixels"
    parts.append(Part("patches", ("patches",), config.grid(0), config.dim, note=note))
    for stage, depth in enumerate(config.depths):
        grid, window = config.grid(stage), config.window_of(stage)
        whole = window == grid
        kind = "attention" if whole else "windowed attention"
        note = "all places" if whole else f"windows of {window[0]} × {window[1]}"
        note += f", {config.heads[stage]} heads"
        parts.append(Part(f"stage {stage + 1}", (kind,), grid, config.dims[stage], depth, note))
    return [*parts, _readout(config.classes)]


def _coatnet(config: CoAtNetConfig) -> list[Part]:
    parts = [_image(config.image_size, config.channels)]
    grid = _shrink(sides(config.image_size), config.stem_stride)
    parts.append(_convolution("stem", grid, config.stem, 2, "3 × 3"))
    for stage, kind in enumerate(config.kinds):
        grid, dim, depth = config.grid(stage), config.dims[stage], config.depths[stage]
        if kind == "C":
            parts.append(_convolution(f"stage {stage + 1}", grid, dim, depth, "MBConv"))
        else:
            note = f"all places, relative positions, {dim // config.head_dim} heads"
            parts.append(Part(f"stage {stage + 1}", ("attention",), grid, dim, depth, note))
    return [*parts, _readout(config.classes)]


def _hybrid(config: Any) -> list[Part]:
    """Return the parts of a `HybridConfig`, whose module needs torch and is not imported here."""
    vit = config.vit
    *parts, _logits = _resnet(config.resnet, sides(vit.image_size))
    patches = Part("patches", ("patches",), vit.grid, vit.dim, note="1 × 1 places")
    return [*parts, patches, *_blocks(vit)]
