"""Advice that turns on what there is to learn from."""

from vitexplain.experiments import results
from vitexplain.facts.advice.entry import (
    PUBLISHED,
    TRAINED,
    Advice,
    Evidence,
    measured,
    written,
)
from vitexplain.facts.published import (
    AT_SCALE,
    DINO,
    DINOV2,
    LADDERS,
    TABLE_2,
    TABLE_5,
    find,
)

_VTAB = {
    (r.model.partition(" ")[0], r.regime.data): r for r in TABLE_2 if r.task.startswith("VTAB")
}
_VIT, _VIT_21K, _BIT = (
    _VTAB[key]
    for key in (("ViT-L/16", "JFT-300M"), ("ViT-L/16", "ImageNet-21k"), ("BiT-L", "JFT-300M"))
)
_HUNGER = "data-hunger-digits"


def _vtab() -> str:
    rows = (
        f"{r.model.partition(' ')[0]} from {r.regime.data} {r.value:.2f} ± {r.spread:.2f}%"
        for r in (_VIT, _BIT, _VIT_21K)
    )
    return f"On tasks of 1000 images each: {', '.join(rows)}."


def _few() -> str:
    rows = (
        f"{name} {written(measured(_HUNGER, family=key, images=100, augment=True))}"
        for key, name in (("cnn", "CNN"), ("hybrid", "hybrid"), ("vit", "ViT"))
    )
    return f"Digits, 100 training images: {', '.join(rows)}."


def _few_holds() -> bool:
    cnn, hybrid, vit = (
        measured(_HUNGER, family=key, images=100, augment=True) for key in ("cnn", "hybrid", "vit")
    )
    return cnn.low > vit.high and hybrid.mean > vit.mean


def _gap(study: str = _HUNGER, images: int = 1097) -> float:
    cnn, vit = (
        measured(study, family=key, images=images, augment=True).mean for key in ("cnn", "vit")
    )
    return 100 * (cnn - vit)


def _gaps() -> str:
    steps = results.read("longer-digits").values("steps")[0]
    return (
        f"The CNN's lead over the ViT: {_gap(images=100):.1f} points from 100 images, {_gap():.1f} "
        f"from 1097, {_gap('longer-digits'):.1f} after {steps} steps instead of {_steps()}."
    )


def _steps() -> int:
    return results.read(_HUNGER).values("steps")[0]


def _recipes() -> str:
    span = [ladder[-1].value - ladder[0].value for ladder in LADDERS.values()]
    resnet, vit = (LADDERS[name][-1].value for name in ("ResNet-50", "ViT-S/16"))
    return (
        f"On ImageNet alone a recipe is worth {min(span):.1f} to {max(span):.1f} points; the best "
        f"ResNet-50 ({resnet:.1f}%) and ViT-S/16 ({vit:.1f}%) are {abs(vit - resnet):.1f} apart."
    )


def _recipes_hold() -> bool:
    span = [ladder[-1].value - ladder[0].value for ladder in LADDERS.values()]
    resnet, vit = (LADDERS[name][-1].value for name in ("ResNet-50", "ViT-S/16"))
    return abs(vit - resnet) < min(span)


_JFT = {r.model: r.value for r in TABLE_5 if (r.regime.data, r.task) == ("JFT-300M", "ImageNet")}
_21K = {
    r.model: r.value for r in TABLE_5 if (r.regime.data, r.task) == ("ImageNet-21k", "ImageNet")
}


def _large() -> str:
    gains = (f"{name} {_JFT[name] - _21K[name]:+.2f}" for name in ("ViT-H/14", "ViT-B/32"))
    return f"From ImageNet-21k to JFT-300M, in points: {', '.join(gains)}.".replace("-0", "−0")


def _unlabelled() -> str:
    resnet, vit = (find(DINO, name).value for name in ("ResNet-50", "ViT-S/16"))
    frozen = find(DINOV2, "ViT-L/14", recipe="DINOv2")
    return (
        f"By one method, without labels: ResNet-50 {resnet}%, ViT-S/16 {vit}%. "
        f"DINOv2's {frozen.model}, distilled from g, frozen, with a linear layer: {frozen.value}%."
    )


DATA = (
    Advice(
        "You can start from a pre-trained model",
        "A CNN or a ViT; look at what it has seen",
        "Its pre-training counts for more than its family, even for a thousand images of your own.",
        (
            Evidence(
                _vtab,
                f"{PUBLISHED}#and-few-images",
                ("vit",),
                lambda: abs(_VIT.value - _BIT.value) < 1 < _VIT.value - _VIT_21K.value,
            ),
        ),
    ),
    Advice(
        "You train from scratch on hundreds or thousands of images",
        "A CNN, or a ViT behind a few convolutions",
        "A CNN knows from the start that neighbours belong together. A ViT must learn it; more "
        "images and longer training narrow the gap.",
        (
            Evidence(_few, f"{TRAINED}#does-the-gap-close", holds=_few_holds),
            Evidence(
                _gaps,
                f"{TRAINED}#does-the-gap-close",
                holds=lambda: _gap(images=100) > _gap() > _gap("longer-digits") > 0,
            ),
        ),
    ),
    Advice(
        "You train from scratch on a million images",
        "Either; spend your time on the recipe",
        "Augmentation, regularisation and length of training move more than the family does.",
        (
            Evidence(
                _recipes,
                f"{PUBLISHED}#one-architecture-many-recipes",
                ("plain-vit", "deit-3", "resnet-strikes-back"),
                _recipes_hold,
            ),
        ),
    ),
    Advice(
        "You pre-train on hundreds of millions of images",
        "A large ViT; a large CNN holds its own",
        "Large models can use so many images, small ones cannot. Both families go on improving.",
        (
            Evidence(
                _large,
                f"{PUBLISHED}#one-recipe-more-data",
                ("vit",),
                lambda: _JFT["ViT-H/14"] > _21K["ViT-H/14"] and _JFT["ViT-B/32"] < _21K["ViT-B/32"],
            ),
            Evidence(
                lambda: f"A CNN after {AT_SCALE.regime.data}: {AT_SCALE.value}% on ImageNet.",
                cites=("convnets-scale",),
                holds=lambda: AT_SCALE.value > max(_JFT.values()),
            ),
        ),
    ),
    Advice(
        "You have many images and no labels",
        "A ViT, trained without labels; use it frozen",
        "Its features serve many tasks with a linear layer on top.",
        (
            Evidence(
                _unlabelled,
                f"{PUBLISHED}#no-labels-at-all",
                ("dino", "dinov2-code"),
                lambda: find(DINO, "ViT-S/16").value > find(DINO, "ResNet-50").value,
            ),
        ),
    ),
)
