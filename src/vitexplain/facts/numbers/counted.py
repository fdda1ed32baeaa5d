"""What can be counted: parameters, multiply-adds, pairs, bytes and the fields of layers."""

from dataclasses import dataclass, replace
from functools import cache

from vitexplain.compare.cost import global_attention_macs, window_attention_macs
from vitexplain.compare.distance import uniform_distance
from vitexplain.compare.receptive import Field, field_of, layers_of
from vitexplain.facts.numbers.number_rows import Rows
from vitexplain.vit import PRESETS, count_macs, count_parameters, mac_shares, parameter_shares

SIDE = 224  # pixels, the usual image
FIELDS = {"AlexNet": "alexnet", "VGG-16": "vgg16", "ResNet-50": "resnet50",
          "ResNet-101": "resnet101", "ResNet-152": "resnet152"}  # fmt: skip
_B = PRESETS["B/16"]
_STAGE = (56, 56, 96)  # Swin-T's first stage: rows, columns, channels
_WINDOW = 7


@cache
def fields(name: str) -> tuple[Field, ...]:
    """Return the receptive field after every layer of a network of `FIELDS`."""
    return tuple(field_of(layers_of(FIELDS[name])))


def covering(name: str) -> int:
    """Return after how many layers the field first covers an image of 224 pixels."""
    return 1 + next(i for i, field in enumerate(fields(name)) if field.size >= SIDE)


def stage_fields() -> list[int]:
    """Return the field of ResNet-50 after its stem, pool and four stages."""
    after = {one.name.partition(".")[0]: one.size for one in fields("ResNet-50")}
    return list(after.values())


@cache
def parameters_of(name: str, side: int = SIDE) -> int:
    """Return the parameters of ResNet-50, or of a size of ViT at that image side."""
    if name != "ResNet-50":
        return count_parameters(replace(PRESETS[name], image_size=side))
    import torch

    from vitexplain.compare.cost import parameters
    from vitexplain.compare.resnet import RESNETS, ResNet

    with torch.device("meta"):
        return parameters(ResNet(RESNETS["resnet50"]))


def parameters() -> dict[str, int]:
    """Return the parameters of models for 1000 classes and 224 pixels."""
    return {name: parameters_of(name) for name in ("ResNet-50", *PRESETS)}


@dataclass(frozen=True)
class Cost:
    """Parameters and multiply-adds of one model."""

    parameters: int
    macs: int

    @property
    def gmacs(self) -> float:
        """Multiply-adds in 10⁹."""
        return self.macs / 1e9


def heads() -> dict[int, Cost]:
    """Return what ViT-B/16 costs with one head, and with twelve."""
    configs = {count: replace(_B, heads=count) for count in (1, 12)}
    return {n: Cost(count_parameters(one), count_macs(one)) for n, one in configs.items()}


def products() -> dict[str, int]:
    """Return the multiply-adds of attention's products on 14 × 14 patches, and on twice as many."""
    rows, dim = 14, _B.dim
    projections = 4 * rows**2 * dim**2
    return {
        "once": global_attention_macs(rows, rows, dim) - projections,
        "twice": global_attention_macs(2 * rows, rows, dim) - 2 * projections,
    }


def memory_growth() -> dict[str, float]:
    """Return how many times the memory of attention grows when the tokens double, to 56 × 56."""
    from vitexplain.compare.memory import attention_bytes

    def growth(*, fused: bool) -> float:
        small, large = (attention_bytes(n, _B.heads, fused=fused) for n in (28 * 56, 56 * 56))
        return large / small

    return {"stored": growth(fused=False), "fused": growth(fused=True)}


@cache
def _layers(name: str) -> dict[str, int]:
    """Return how many convolutions with overlapping windows, and layers of attention, it has."""
    import torch
    from torch import nn

    from vitexplain.compare import CONVNEXTS, SWINS, ConvNeXt, Swin

    with torch.device("meta"):
        model = ConvNeXt(CONVNEXTS["convnext_t"]) if name == "ConvNeXt-T" else Swin(SWINS["swin_t"])
    overlap = [m for m in model.modules() if isinstance(m, nn.Conv2d) and m.kernel_size > m.stride]
    attend = [n for n, _ in model.named_modules() if n.endswith("attn.qkv")]
    return {"convolutions": len(overlap), "attentions": len(attend)}


NUMBERS: Rows = {
    # The side of the usual image, in pixels, and the published sizes of ViT.
    "side": lambda: SIDE,
    "presets": lambda: PRESETS,
    # The receptive field of the last layer, in pixels along a side.
    "field": lambda: {name: fields(name)[-1].size for name in FIELDS},
    # How many layers each network has, poolings included.
    "layers": lambda: {name: len(fields(name)) for name in FIELDS},
    # After how many layers the field first covers an image of 224 pixels.
    "covers_after": lambda: {n: covering(n) for n in FIELDS if fields(n)[-1].size >= SIDE},
    # The field after each layer of ResNet-50, and after each of its stages.
    "resnet_fields": lambda: [one.size for one in fields("ResNet-50")],
    "stage_fields": stage_fields,
    # How far attention looks that is even: 14 × 14 patches of 16 pixels, 4 × 4 of 2.
    "even_224": lambda: uniform_distance((14, 14), 16),
    "even_8": lambda: uniform_distance((4, 4), 2),
    "parameters": parameters,
    "millions": lambda: {name: count / 1e6 for name, count in parameters().items()},
    # The share by which ViT-B/16's parameters grow from 224 to 384 pixels.
    "growth_at_384": lambda: parameters_of("B/16", 384) / parameters_of("B/16") - 1,
    # The parameters of ViT-B/16's patch projection.
    "projection": lambda: parameter_shares(_B)["patch projection"],
    # The multiply-adds of a ViT on one image, in 10⁹.
    "gmacs": lambda: {name: count_macs(config) / 1e9 for name, config in PRESETS.items()},
    "heads": heads,
    # The share of attention's products in ViT-B/16's multiply-adds.
    "products_share": lambda: mac_shares(_B)["attention products"] / count_macs(_B),
    # The pairs of patches of ViT-B/16, by the side of the image.
    "pairs": lambda: {s: replace(_B, image_size=s).patches ** 2 for s in (SIDE, 448, 896)},
    "products": products,
    # How many times the multiply-adds of Swin-T's windows attention of all to all takes.
    "without_windows": lambda: (
        global_attention_macs(*_STAGE) / window_attention_macs(*_STAGE, _WINDOW)
    ),
    "memory_growth": memory_growth,
    # The layers of ConvNeXt-T and of Swin-T that mix places.
    "census": lambda: {name: _layers(name) for name in ("ConvNeXt-T", "Swin-T")},
}
