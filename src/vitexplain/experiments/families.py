"""The models of the studies: for each kind of image, four families of about the same size.

Built from the parts of `vitexplain.vit` and `vitexplain.compare`. CNNs have GroupNorm, so that an
answer does not depend on what else is in the batch. Where the receptive field is the question they
have BatchNorm, which is the same for every place once training is over: GroupNorm hears of the
whole map. No model has dropout.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn

from vitexplain.compare.lenet import EVERY, DigitsLeNet5
from vitexplain.compare.resnet import ResNet, ResNetConfig
from vitexplain.compare.stem import ConvStemViT
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.experiments.face_tasks import TAGS
from vitexplain.experiments.mae import MaskedAutoencoder
from vitexplain.experiments.scenes import KINDS
from vitexplain.experiments.translator import LENGTH, Translator
from vitexplain.faces import EXPRESSIONS
from vitexplain.positions import sinusoidal_1d, sinusoidal_2d
from vitexplain.vit import ViT, ViTConfig
from vitexplain.vit.drawing import drawing
from vitexplain.vit.module import TransformerBlock

FAMILIES = ("cnn", "vit", "hybrid", "windowed")

POSITION_SPREAD = 0.1  # standard deviation of a fresh position table; 0.02 is small at these dims


def cnn(
    depths: tuple[int, ...],
    widths: tuple[int, ...],
    *,
    channels: int,
    classes: int,
    norm: Literal["batch", "group"] = "group",
) -> ResNet:
    """Return a residual network of two 3×3 convolutions a block, its stem at full resolution."""
    return ResNet(
        ResNetConfig(
            depths, widths, block="basic", stem="small", norm=norm,
            channels=channels, classes=classes,
        )
    )  # fmt: skip


def vit(config: ViTConfig, positions: str = "learned") -> ViT:
    """Return a ViT with positions "none", "learned", "sinusoidal 1-D" or "sinusoidal 2-D".

    All but "learned" stay as they are while the model learns.
    """
    model = ViT(config)
    table = model.pos_embed
    rows, cols = config.grid
    match positions:
        case "learned":
            nn.init.normal_(table, std=POSITION_SPREAD)
        case "none":
            nn.init.zeros_(table)
        case "sinusoidal 1-D":
            table.data[0] = torch.as_tensor(sinusoidal_1d(config.patches, config.dim))
        case "sinusoidal 2-D":
            table.data[0] = torch.as_tensor(sinusoidal_2d(rows, cols, config.dim))
        case _:
            raise ValueError(f"unknown positions {positions!r}")
    table.requires_grad_(positions == "learned")
    return model


far_cnn = partial(cnn, channels=1, classes=2, norm="batch")  # it sees only its field


def small_spread(model: ViT) -> ViT:
    """Return the model with every matrix and table drawn anew, normal, standard deviation 0.02."""
    for parameter in model.parameters():
        if parameter.ndim > 1:
            nn.init.normal_(parameter, std=0.02)
    return model


def even_attention(model: ViT) -> ViT:
    """Return the model with queries and keys of zero that stay zero: every weight is 1/tokens.

    The uniform baseline of Wiegreffe and Pinter (EMNLP 2019), held in every block.
    """

    def keep(gradient: Tensor) -> Tensor:
        gradient = gradient.clone()
        gradient[: 2 * model.config.dim] = 0
        return gradient

    for block in model.blocks:
        assert isinstance(block, TransformerBlock)
        for parameter in block.attn.qkv.parameters():
            parameter.data[: 2 * model.config.dim] = 0
            parameter.register_hook(keep)
    return model


def hybrid(
    config: ViTConfig,
    channels: tuple[int, ...],
    strides: tuple[int, ...],
    *,
    norm: Literal["batch", "group"] = "group",
) -> ConvStemViT:
    """Return a ViT on a stem of convolutions, with learned positions."""
    model = ConvStemViT(config, channels=channels, strides=strides, norm=norm)
    nn.init.normal_(model.pos_embed, std=POSITION_SPREAD)
    return model


def windowed(config: ViTConfig, window: int, *, shift: bool = True) -> Swin:
    """Return a Swin of one stage: the blocks of that ViT, each attending within windows.

    Positions are relative, one bias an offset. With the window as large as the grid it is a ViT
    with relative positions.
    """
    assert isinstance(config.patch, int)
    return Swin(
        SwinConfig(
            image_size=config.image_size, patch=config.patch, dim=config.dim,
            depths=(config.depth,), heads=(config.heads,), window=window,
            mlp_ratio=config.mlp_dim / config.dim, classes=config.classes,
            channels=config.channels, shift=shift,
        )
    )  # fmt: skip


def autoencoder(config: ViTConfig, **decoder: int) -> MaskedAutoencoder:
    """Return a masked autoencoder: a ViT of that config without a head, and a decoder of sizes."""
    bare = replace(config, classes=0, readout="class")
    model = MaskedAutoencoder(vit(bare), replace(bare, **decoder))
    nn.init.normal_(model.pos_embed, std=POSITION_SPREAD)
    return model


DIGITS = ViTConfig(
    image_size=8, patch=2, dim=48, depth=4, heads=4, mlp_dim=96,
    classes=10, channels=1, readout="mean",
)  # fmt: skip
COLOURS = ViTConfig(
    image_size=32, patch=4, dim=64, depth=4, heads=4, mlp_dim=128, classes=10, readout="mean",
)  # fmt: skip
PHOTOGRAPHS = replace(COLOURS, dim=128, depth=6, mlp_dim=256, readout="class")
PLACES = ViTConfig(
    image_size=32, patch=8, dim=48, depth=4, heads=4, mlp_dim=96,
    classes=2, channels=1, readout="mean",
)  # fmt: skip
FACES = ViTConfig(image_size=64, patch=16, dim=64, depth=3, heads=4, mlp_dim=128)
FIND = ViTConfig(
    image_size=28, patch=4, dim=48, depth=3, heads=4, mlp_dim=96, classes=10, channels=1,
)  # fmt: skip
SCENES = ViTConfig(
    image_size=24, patch=6, dim=48, depth=3, heads=4, mlp_dim=96, classes=0, channels=1,
)  # fmt: skip

MODELS: dict[str, dict[str, Callable[[], nn.Module]]] = {
    "digits": {
        "cnn": lambda: cnn((1, 1), (32, 64), channels=1, classes=10),
        "vit": lambda: vit(DIGITS),
        "hybrid": lambda: hybrid(replace(DIGITS, mlp_dim=72), (16, 48), (1, 2)),
        "windowed": lambda: windowed(DIGITS, 2),
        "no positions": lambda: vit(DIGITS, "none"),
        "sinusoidal 1-D": lambda: vit(DIGITS, "sinusoidal 1-D"),
        "sinusoidal 2-D": lambda: vit(DIGITS, "sinusoidal 2-D"),
        "relative": lambda: windowed(DIGITS, 4),
        "small spread": lambda: small_spread(vit(DIGITS)),
        "class token": lambda: vit(replace(DIGITS, readout="class")),
        "two tokens": lambda: vit(replace(DIGITS, readout="class", distillation=True)),
        "lenet": DigitsLeNet5,
        "lenet, every map": lambda: DigitsLeNet5(EVERY),
        "lenet, linear": lambda: DigitsLeNet5(code=False),
        "autoencoder": lambda: autoencoder(DIGITS, dim=32, depth=1, mlp_dim=64),
    },
    "cifar10": {
        "cnn": lambda: cnn((1, 1, 1), (16, 32, 98), channels=3, classes=10),
        "vit": lambda: vit(COLOURS),
        "hybrid": lambda: hybrid(replace(COLOURS, mlp_dim=104), (24, 48), (2, 2)),
        "windowed": lambda: windowed(COLOURS, 4),
    },
    "photographs": {
        "patches": lambda: vit(PHOTOGRAPHS),
        "stem": lambda: hybrid(
            replace(PHOTOGRAPHS, depth=5, mlp_dim=272, readout="mean"),
            (32, 64, 128),
            (1, 2, 2),
            norm="batch",
        ),
    },
    "far-places": {
        "cnn, field 17": lambda: far_cnn((2, 1), (20, 74)),
        "cnn, field 17, group norm": lambda: far_cnn((2, 1), (20, 74), norm="group"),
        "cnn, field 33": lambda: far_cnn((1, 2, 1), (16, 32, 52)),
        "cnn, field 49": lambda: far_cnn((1, 2, 2), (16, 28, 37)),
        "vit": lambda: vit(PLACES),
        "hybrid": lambda: hybrid(replace(PLACES, mlp_dim=72), (12, 24, 32), (2, 2, 2)),
        "windowed": lambda: windowed(PLACES, 2),
        "windowed, no shift": lambda: windowed(PLACES, 2, shift=False),
    },
    "faces": {
        "tag": lambda: vit(replace(FACES, classes=len(TAGS), readout="patches")),
        "fill": lambda: vit(replace(FACES, classes=FACES.patch_dim, readout="patches")),
        "expression": lambda: vit(replace(FACES, classes=len(EXPRESSIONS))),
    },
    "find": {
        "vit": lambda: vit(FIND),
        "registers": lambda: vit(replace(FIND, registers=4)),
        "even attention": lambda: even_attention(vit(FIND)),
    },
    "scenes": {
        "labels": lambda: vit(replace(SCENES, classes=len(KINDS))),
        **dict.fromkeys(("dino", "no centring", "no sharpening"), lambda: vit(SCENES)),
    },
    "sentences": {
        "translator": Translator,
        "no encoder": lambda: Translator((0, 2)),
    },
}
"""For each kind of image, the models by name; within a kind they have about as many parameters."""


SHAPES = {
    "digits": (1, 8, 8),
    "cifar10": (3, 32, 32),
    "photographs": (3, 32, 32),
    "far-places": (1, 32, 32),
    "faces": (3, 64, 64),
    "find": (1, 28, 28),
    "scenes": (1, 24, 24),
    "sentences": (1, 2, LENGTH),  # what is read and what is written
}
"""One image of each kind: channels, rows, columns."""


def build(setting: str, family: str, *, seed: int) -> Any:
    """Return the model of that name with fresh weights; the same seed gives the same.

    Raises:
        ValueError: an unknown setting or family.
    """
    try:
        make = MODELS[setting][family]
    except KeyError:
        known = "; ".join(f"{name}: {', '.join(models)}" for name, models in MODELS.items())
        raise ValueError(f"no model {family!r} for {setting!r}; there are {known}") from None
    with drawing(seed):
        return make()
