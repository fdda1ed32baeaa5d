"""CNNs, ViTs, windowed attention and hybrids, as their authors list them on ImageNet alone."""

from dataclasses import dataclass
from typing import Literal

from vitexplain.facts.published.number import Method, Regime, Result
from vitexplain.facts.published.recipes import imagenet
from vitexplain.facts.sources import SOURCES

Kind = Literal["CNN", "ViT", "windowed", "hybrid"]


@dataclass(frozen=True)
class Listed:
    """One model of a published list; parameters and multiply-adds are as printed there."""

    kind: Kind
    parameters: float  # millions
    gmacs: float | None  # multiply-adds of one image at the regime's pixels, in 10⁹
    result: Result

    @property
    def model(self) -> str:
        """The model's name."""
        return self.result.model


def _listed(
    kind: Kind,
    key: str,
    where: str,
    rows: str,
    *,
    recipe: str,
    pixels: int = 224,
    method: Method = "scratch",
) -> tuple[Listed, ...]:
    """Read lines of: model, millions of parameters, 10⁹ multiply-adds (or -), top-1."""
    listed = []
    for line in rows.strip().splitlines():
        model, parameters, gmacs, top_1 = line.split()
        result = imagenet(
            model, float(top_1), key, where, recipe=recipe, pixels=pixels, method=method
        )
        macs = None if gmacs == "-" else float(gmacs)
        listed.append(Listed(kind, float(parameters), macs, result))
    return tuple(listed)


FAMILIES: tuple[Listed, ...] = (
    *_listed("CNN", "torchvision", "IMAGENET1K_V2", recipe="torchvision V2", rows="""
        ResNet-50   25.6   4.09  80.858
        ResNet-101  44.5   7.80  81.886
        ResNet-152  60.2  11.51  82.284
    """),
    *_listed("CNN", "convnext-code", "README", recipe="ConvNeXt", rows="""
        ConvNeXt-T   28   4.5  82.1
        ConvNeXt-S   50   8.7  83.1
        ConvNeXt-B   89  15.4  83.8
        ConvNeXt-L  198  34.4  84.3
    """),
    *_listed("CNN", "convnext-code", "README, isotropic", recipe="ConvNeXt", rows="""
        ConvNeXt-S-iso   22   4.3  78.7
        ConvNeXt-B-iso   87  16.9  82.0
        ConvNeXt-L-iso  306  59.7  82.6
    """),
    *_listed("ViT", "deit-code", "README", recipe="DeiT, 300 epochs", rows="""
        DeiT-Ti   5  -  72.2
        DeiT-S   22  -  79.9
        DeiT-B   86  -  81.8
    """),
    *_listed("ViT", "deit-code", "README of DeiT III", recipe="DeiT III", rows="""
        ViT-S/16  22.0   4.6  81.4
        ViT-B/16  86.6  17.5  83.8
    """),
    *_listed("windowed", "swin-code", "README", recipe="Swin", rows="""
        Swin-T  28   4.5  81.2
        Swin-S  50   8.7  83.2
        Swin-B  88  15.4  83.5
    """),
    *_listed("hybrid", "cvt-code", "README", recipe="CvT", rows="""
        CvT-13  20  4.5  81.6
        CvT-21  32  7.1  82.5
    """),
    *_listed("hybrid", "coatnet", "Table 4", recipe="CoAtNet, 300 epochs", rows="""
        CoAtNet-0   25   4.2  81.6
        CoAtNet-1   42   8.4  83.3
        CoAtNet-2   75  15.7  84.1
        CoAtNet-3  168  34.7  84.5
    """),
    *_listed("hybrid", "maxvit-code", "README", recipe="MaxViT", rows="""
        MaxViT-T   31   5.6  83.62
        MaxViT-S   69  11.7  84.45
        MaxViT-B  119  24.2  84.95
        MaxViT-L  212  43.9  85.17
    """),
    # Of the README of the release: a pre-release that went before it has lower numbers.
    *_listed("hybrid", "levit-code", "README", recipe="LeViT", method="distilled", rows="""
        LeViT-128S   7.8  0.305  76.6
        LeViT-128    9.2  0.406  78.6
        LeViT-192   11    0.658  80.0
        LeViT-256   19    1.120  81.6
        LeViT-384   39    2.353  82.6
    """),
    *_listed("hybrid", "mobilevit-code", "model zoo", recipe="MobileViT", pixels=256, rows="""
        MobileViT-XXS  1.3  -  69.0
        MobileViT-XS   2.3  -  74.7
        MobileViT-S    5.6  -  78.3
    """),
)  # fmt: skip
"""All at 224 pixels but MobileViT; recipes differ from family to family.

"Isotropic" ConvNeXts keep one width and one resolution, as a ViT does.
"""

AT_4_5_GMACS = {
    listed.model: listed.result
    for listed in FAMILIES
    if listed.model in ("Swin-T", "CvT-13", "ConvNeXt-T")
}
"""Three models of 4.5 G multiply-adds, ImageNet-1k at 224 pixels; the recipes differ."""


def _detection(key: str, where: str, values: dict[str, float]) -> tuple[Result, ...]:
    regime = Regime("ImageNet", 800, "fine-tuned", "Cascade Mask R-CNN, 3x, Swin's code")
    return tuple(
        Result(model, ap, regime, SOURCES[key], where, "COCO, box AP")
        for model, ap in values.items()
    )


DETECTION = (
    *_detection("swin-code", "README", {"Swin-T": 50.4, "Swin-S": 51.9, "Swin-B": 51.9}),
    *_detection(
        "convnext-code",
        "object_detection/README",
        {"ConvNeXt-T": 50.4, "ConvNeXt-S": 51.9, "ConvNeXt-B": 52.7},
    ),
)
"""Windows and a CNN as the backbone of one detector, trained with the same code."""
