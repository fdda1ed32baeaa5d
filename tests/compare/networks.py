"""Small networks of every kind, in every variant: what each is, and the steps of its walk."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from tests.compare.parity import randomise
from vitexplain.compare.coatnet import CoAtNet, CoAtNetConfig
from vitexplain.compare.convnext import ConvNeXt, ConvNeXtConfig
from vitexplain.compare.hybrid import HybridConfig, HybridViT
from vitexplain.compare.levit import LeViT, LeViTConfig
from vitexplain.compare.maxvit import MaxViT, MaxViTConfig
from vitexplain.compare.resnet import ResNet, ResNetConfig
from vitexplain.compare.stem import ConvStemViT
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.patches import sides
from vitexplain.vit import ViTConfig


@dataclass(frozen=True)
class Case:
    """One network: how to make it, its images (channel, row, col), and what its walk tells."""

    config: Any
    make: Callable[[], nn.Module]
    image: tuple[int, int, int]
    names: list[str]  # of the steps
    features: tuple[int, int, int]  # shape of the last map: (dim, row, col)
    pooled: bool = True  # whether the readout is of the mean of that map


def images_for(case: Case, batch: int = 2) -> Tensor:
    return torch.randn(batch, *case.image, generator=torch.Generator().manual_seed(3))


def random_model(case: Case, dtype: torch.dtype = torch.float64) -> Any:
    """A model none of whose parameters is zero or one, so that each of them matters."""
    model = case.make()
    randomise(model, images_for(case))
    return model.to(dtype).eval()


def blocks(depths: tuple[int, ...], between: str = "") -> list[str]:
    """The names of blocks stage by stage, and of what stands before each but the first."""
    names = []
    for stage, depth in enumerate(depths):
        names += [f"{between} {stage}"] * bool(between and stage)
        names += [f"stage {stage} block {index}" for index in range(depth)]
    return names


def of_vit(config: ViTConfig) -> list[str]:
    return ["embedding", *(f"block {i}" for i in range(config.depth)), "readout"]


def resnet(config: ResNetConfig) -> Case:
    rows, cols = (-(-side // (4 if config.stem == "imagenet" else 1)) for side in (12, 16))
    for _ in config.depths[1:]:
        rows, cols = -(-rows // config.stride), -(-cols // config.stride)
    names = ["stem", *blocks(config.depths), "readout"]
    make = partial(ResNet, config)
    return Case(config, make, (config.channels, 12, 16), names, (config.dim, rows, cols))


def convnext(config: ConvNeXtConfig) -> Case:
    small = config.patch * 2 ** (len(config.depths) - 1)
    names = ["stem", *blocks(config.depths, "downsample"), "readout"]
    features = config.dim, 8 // small, 12 // small
    return Case(config, partial(ConvNeXt, config), (config.channels, 8, 12), names, features)


def swin(config: SwinConfig) -> Case:
    names = blocks(config.depths, "merge" * config.merge)
    features = config.dims[-1], *config.grid(len(config.depths) - 1)
    return Case(
        config, partial(Swin, config), (config.channels, *sides(config.image_size)),
        ["embedding", *names, "readout"], features,
    )  # fmt: skip


def coatnet(config: CoAtNetConfig) -> Case:
    names = ["stem", *blocks(config.depths), "readout"]
    return Case(
        config, partial(CoAtNet, config), (config.channels, *sides(config.image_size)), names,
        (config.dims[-1], *config.grid(len(config.kinds) - 1)),
    )  # fmt: skip


def staged(make: Any, config: Any, names: list[str], dim: int, pooled: bool = True) -> Case:
    features = dim, *config.grid(len(config.dims) - 1)
    image = config.channels, *sides(config.image_size)
    return Case(config, partial(make, config), image, names, features, pooled)


def maxvit(config: MaxViTConfig) -> Case:
    parts = ("convolution", "window", "grid")
    names = [f"{block} {part}" for block in blocks(config.depths) for part in parts]
    return staged(MaxViT, config, ["stem", *names, "readout"], config.dims[-1])


def levit(config: LeViTConfig) -> Case:
    depths = zip(config.depths, config.strides, strict=True)
    names = blocks(tuple(depth + (stride > 1) for depth, stride in depths))
    return staged(LeViT, config, ["stem", *names, "readout"], config.dims[-1])


def hybrid(config: HybridConfig) -> Case:
    names, vit = ["stem", *blocks(config.depths), *of_vit(config.vit)], config.vit
    image = vit.channels, config.stride * vit.grid[0], config.stride * vit.grid[1]
    return Case(config, partial(HybridViT, config), image, names, (vit.dim, *vit.grid), False)


def stem(config: ViTConfig, **changes: Any) -> Case:
    names = [f"stem {i}" for i in range(len(changes["channels"]))] + of_vit(config)
    image = config.channels, *sides(config.image_size)
    make = partial(ConvStemViT, config, **changes)
    return Case((config, changes), make, image, names, (config.dim, *config.grid), False)


RESNET = ResNetConfig(
    depths=(1, 2), widths=(8, 12), block="basic", stem="small", norm="group", classes=5
)
CONVNEXT = ConvNeXtConfig(depths=(2, 1), widths=(8, 12), classes=5, patch=2, scale=0.5)
SWIN = SwinConfig(image_size=16, patch=2, dim=12, depths=(2, 2), heads=(2, 3), window=4, classes=5)
COATNET = CoAtNetConfig(
    image_size=16, stem=8, dims=(8, 16), depths=(2, 2), kinds="CT", head_dim=8,
    classes=5, strides=(2, 2), stem_stride=1, norm="group",
)  # fmt: skip
MAXVIT = MaxViTConfig(
    image_size=16, stem=8, dims=(8, 16), depths=(2, 1), kinds="MM", head_dim=8,
    classes=5, strides=(2, 2), stem_stride=1, window=2,
)  # fmt: skip
LEVIT = LeViTConfig(
    image_size=16, stem_stride=4, strides=(1, 2), dims=(16, 24), depths=(1, 2), heads=(2, 3),
    key_dim=4, classes=5,
)  # fmt: skip
VIT = ViTConfig(image_size=32, patch=16, dim=12, depth=2, heads=3, mlp_dim=20, classes=5)
TINY = replace(VIT, image_size=16, patch=4)
SMALL = replace(VIT, image_size=8, patch=2, channels=1, readout="mean")

NETWORKS: dict[str, dict[str, Case]] = {
    "resnet": {
        "basic": resnet(RESNET),
        "bottleneck": resnet(replace(RESNET, block="bottleneck")),
        "bottleneck v1": resnet(replace(RESNET, block="bottleneck", version="v1")),
        "batch norm": resnet(replace(RESNET, norm="batch")),
        "place norm": resnet(replace(RESNET, norm="place")),
        "imagenet stem": resnet(replace(RESNET, stem="imagenet")),
        "5×5 kernels": resnet(replace(RESNET, kernel=5)),
        "one channel, stride 1": resnet(replace(RESNET, channels=1, stride=1)),
        "one stage": resnet(replace(RESNET, depths=(2,), widths=(7,))),
    },
    "convnext": {
        "small": convnext(CONVNEXT),
        "one channel": convnext(replace(CONVNEXT, channels=1)),
        "no patch": convnext(replace(CONVNEXT, patch=1)),
        "3×3 kernels": convnext(replace(CONVNEXT, kernel=3)),
        "one stage": convnext(replace(CONVNEXT, depths=(2,), widths=(6,))),
        "wide MLP": convnext(replace(CONVNEXT, mlp_ratio=6)),
    },
    "swin": {
        "shifts and merges": swin(SWIN),
        "no shift": swin(replace(SWIN, shift=False)),
        "no merge": swin(replace(SWIN, merge=False, depths=(2, 4))),
        "no positions": swin(replace(SWIN, relative=False)),
        "nothing but windows": swin(replace(SWIN, shift=False, relative=False, merge=False)),
        "wide image": swin(replace(SWIN, image_size=(8, 32), channels=1)),
        "one window": swin(replace(SWIN, depths=(3,), heads=(4,), window=8)),
        "odd windows": swin(replace(SWIN, image_size=18, window=3, merge=False)),
        "patches of a pixel": swin(replace(SWIN, image_size=8, patch=1)),
    },
    "coatnet": {
        "convolution, attention": coatnet(COATNET),
        "batch norm": coatnet(replace(COATNET, norm="batch", dims=(12, 16))),
        "stride in the first 1×1": coatnet(replace(COATNET, stride_in="expand")),
        "no tanh layer": coatnet(replace(COATNET, pre_logits=False, channels=1)),
        "attention alone": coatnet(replace(COATNET, kinds="TT", image_size=(8, 16))),
        "convolution alone": coatnet(replace(COATNET, kinds="CC", stem_stride=2)),
        "no strides": coatnet(replace(COATNET, image_size=6, strides=(1, 1), dims=(8, 24))),
    },
    "maxvit": {
        "windows and grids": maxvit(MAXVIT),
        "group norm, wide image": maxvit(replace(MAXVIT, norm="group", image_size=(8, 16))),
        "no tanh layer": maxvit(replace(MAXVIT, pre_logits=False, channels=1)),
    },
    "levit": {
        "shrinks": levit(LEVIT),
        "odd map": levit(replace(LEVIT, image_size=(12, 20))),
        "one readout": levit(replace(LEVIT, readouts=1, channels=1, stem_stride=2)),
    },
    "hybrid": {
        "imagenet": hybrid(HybridConfig(VIT, depths=(1, 2, 1), width=8)),
        "small": hybrid(HybridConfig(SMALL, depths=(1, 2), width=6, stem="small")),
        "odd map": hybrid(
            HybridConfig(replace(VIT, image_size=(36, 20), patch=4), depths=(2,), width=4)
        ),
    },
    "stem": {
        "class": stem(TINY, channels=(8, 12)),
        "mean": stem(replace(TINY, readout="mean", channels=1), channels=(8, 6)),
        "patches, registers": stem(replace(TINY, readout="patches", registers=2), channels=(6, 6)),
        "batch norm": stem(TINY, channels=(8, 12), norm="batch"),
        "strides": stem(TINY, channels=(8, 8, 6), strides=(2, 1, 2)),
        "no down-sampling": stem(replace(TINY, image_size=6, patch=1), channels=(8,), strides=(1,)),
        "wide image": stem(replace(TINY, image_size=(8, 24)), channels=(8, 8)),
    },
}
SMALLEST = {kind: next(iter(variants)) for kind, variants in NETWORKS.items()}
