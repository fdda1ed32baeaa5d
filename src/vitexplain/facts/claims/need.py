"""Claims about what each needs, and which to take."""

from vitexplain.facts.claims.entry import (
    ARTICLE,
    PAGE,
    TRAINING,
    Claim,
    Measured,
    Published,
    interval,
    percent,
)
from vitexplain.facts.published import (
    AT_SCALE,
    BIT,
    LADDERS,
    POSITION_ABLATION,
    TABLE_2,
    TABLE_5,
    find,
)
from vitexplain.facts.sources import SOURCES

_HUNGER, _LONGER, _POSITIONS = "data-hunger-digits", "longer-digits", "positions"


def gap(images: int, *, study: str = _HUNGER) -> float:
    """Return by how many points the CNN leads the ViT, with augmentation."""
    cnn, vit = (
        interval(study, family=name, images=images, augment=True).mean for name in ("cnn", "vit")
    )
    return 100 * (cnn - vit)


def _hungry() -> str:
    return (
        f"Digits: the CNN leads by {gap(100):.1f} points with 100 images, {gap(1097):.1f} with "
        f"1097, and {gap(1097, study=_LONGER):.1f} after longer training."
    )


def _hungry_holds() -> bool:
    return gap(100) > gap(1097) > gap(1097, study=_LONGER) > 0


def _recipes() -> str:
    plain, _, deit, _ = (result.value for result in LADDERS["ViT-B/16"])
    return (
        f"ViT-B/16 from ImageNet alone: {plain}% by the first recipe, {deit}% by DeiT's. "
        f"A CNN after JFT-4B: {AT_SCALE.value}%."
    )


def _few() -> str:
    rows = (
        f"{label} {percent(interval(_HUNGER, family=name, images=100, augment=True))}"
        for name, label in (("cnn", "CNN"), ("hybrid", "hybrid"), ("vit", "ViT"))
    )
    return f"100 digits, from scratch: {', '.join(rows)}."


def _few_holds() -> bool:
    cnn, vit = (interval(_HUNGER, family=n, images=100, augment=True) for n in ("cnn", "vit"))
    return cnn.low > vit.high


def _vtab() -> str:
    vit, bit = (
        find(TABLE_2, model, task="VTAB, 19 tasks").value
        for model in ("ViT-H/14", "BiT-L (ResNet-152x4)")
    )
    return f"Pre-trained, on tasks of 1000 images: ViT-H/14 {vit}%, BiT-L, a CNN, {bit}%."


def _leads() -> str:
    vit = find(TABLE_5, "ViT-B/16", task="ImageNet", data="ImageNet").value
    return (
        f"From ImageNet alone BiT, a CNN, has {BIT[0].value:.1f}%, ViT-B/16 {vit:.1f}%; after "
        "JFT-300M the order turns."
    )


def _positions() -> str:
    none, learned = (percent(interval(_POSITIONS, positions=kind)) for kind in ("none", "learned"))
    return f"Small ViT on digits: {none} without, {learned} with learned ones."


def _positions_hold() -> bool:
    none, learned = (interval(_POSITIONS, positions=kind) for kind in ("none", "learned"))
    return learned.low > none.high


def _ablation() -> str:
    none, learned = (100 * POSITION_ABLATION[key].value for key in ("none", "learned, 1-D"))
    return f"ViT-B/16, 5 images a class: {none:.1f}% without, {learned:.1f}% with."


def _years() -> str:
    since, until = SOURCES["alexnet"].year, SOURCES["vit"].year
    return f"AlexNet is of {since}, ViT of {until} (first posted a year earlier)."


NEED = (
    Claim(
        "hungry",
        PAGE,
        "ViTs are hungry for data, CNNs less so.",
        "half right",
        "From scratch, and with the same short recipe. Data, training and recipe close the gap.",
        (Measured(_hungry, _hungry_holds, f"{TRAINING}#does-the-gap-close"),),
        (
            Published(_recipes, "deit", "DeiT-B; ViT paper, Table 5"),
            Published(
                "Augmentation and compute stand in for ten times the data.", "augreg", "abstract"
            ),
        ),
    ),
    Claim(
        "thousands",
        PAGE,
        "Thousands of images: a CNN. Millions: a ViT.",
        "half right",
        "From scratch. With pre-training, a thousand images are enough for either.",
        (Measured(_few, _few_holds, f"{TRAINING}#does-the-gap-close"),),
        (Published(_vtab, "vit", "Table 2"),),
    ),
    Claim(
        "always",
        ARTICLE,
        "It is a mistake to think that ViTs are always better.",
        "right",
        "On few images they are worse, and at any scale a good CNN keeps up.",
        (Measured(_few, _few_holds, f"{TRAINING}#does-the-gap-close"),),
        (Published(_leads, "bit", "Table 2; ViT paper, Tables 2 and 5"),),
    ),
    Claim(
        "positions",
        ARTICLE,
        "It is a mistake to think that position embeddings are optional.",
        "half right",
        "Without them a plain ViT loses much on digits, less on photographs.",
        (Measured(_positions, _positions_hold, f"{TRAINING}#what-positions-are-worth"),),
        (
            Published(_ablation, "vit", "Table 8"),
            Published("With convolutions inside they can go.", "cvt", "abstract"),
        ),
    ),
    Claim(
        "interpretable",
        PAGE,
        "When you must interpret the model, take a CNN.",
        "no source",
        "We found none, and one that points the other way.",
        (),
        (
            Published(
                "Self-supervised ViTs show what belongs together in an image more clearly than "
                "CNNs do.",
                "dino",
                "abstract",
            ),
        ),
    ),
    Claim(
        "decades",
        ARTICLE,
        "CNNs dominated vision for decades.",
        "wrong",
        "They existed for decades. They dominated for about eight years.",
        (),
        (
            Published("Reading digits with a CNN.", "mnist", "1998"),
            Published(_years, "alexnet", "the start"),
        ),
    ),
)
