"""Advice that turns on what the task asks for."""

from vitexplain.compare.receptive import receptive_field
from vitexplain.experiments import results
from vitexplain.experiments.results import Interval
from vitexplain.facts.advice.entry import (
    AT_WORK,
    COMPARED,
    TRAINED,
    VIT,
    Advice,
    Evidence,
    measured,
    written,
)
from vitexplain.facts.published import CLAIMS, DETECTION, POSITION_ABLATION

_SIDE = 224  # pixels, the usual image
_KINDS = ("sinusoidal 1-D", "sinusoidal 2-D", "relative")
_FAR = {
    "cnn, field 17": "CNN with a receptive field of 17 pixels",
    "cnn, field 33": "of 33",
    "cnn, field 49": "of 49",
    "vit": "ViT",
}


def _far() -> str:
    rows = (f"{name} {written(measured('long-range', family=key))}" for key, name in _FAR.items())
    return f"Two shapes at opposite edges of 32 pixels, alike or not: {', '.join(rows)}."


def _far_holds() -> bool:
    """The narrow fields guess, one answer in two; the wide one and the ViT know."""
    *narrow, wide, vit = (measured("long-range", family=key) for key in _FAR)
    guess = all(one.low <= 0.5 <= one.high for one in narrow)
    return guess and min(wide.low, vit.low) > max(one.high for one in narrow)


def _published_positions() -> str:
    none, learned = (100 * POSITION_ABLATION[key].value for key in ("none", "learned, 1-D"))
    return f"ViT-B/16, 5 images a class: {none:.1f}% without positions, {learned:.1f}% with them."


def _positions() -> str:
    kinds = results.read("positions").values("positions")
    rows = (f"{kind} {written(measured('positions', positions=kind))}" for kind in kinds)
    return f"A small ViT on digits: {', '.join(rows)}."


def _positions_hold() -> bool:
    none, learned = (measured("positions", positions=kind) for kind in ("none", "learned"))
    others = (measured("positions", positions=kind) for kind in _KINDS)
    return none.high < 0.7 * learned.low and all(learned.high > other.low for other in others)


_CHANGED = {"cnn": "CNN", "hybrid": "hybrid", "vit": "ViT", "windowed": "windows"}


def _changed(change: str) -> dict[str, Interval]:
    """Return each family's accuracy on digits, all images to learn from, tested under a change."""
    keys = {"images": 1097, "augment": True}
    return {
        name: measured("data-hunger-digits", change, family=key, **keys)
        for key, name in _CHANGED.items()
    }


def _rows(change: str) -> str:
    return ", ".join(f"{name} {written(found)}" for name, found in _changed(change).items())


def _shifted() -> str:
    vit = written(_changed("shift 1")["ViT"])
    return (
        f"Digits, trained with shifts of 1 pixel, tested at 2: {_rows('shift 2')}; at 1, the "
        f"ViT has {vit}."
    )


def _shift_holds() -> bool:
    found = _changed("shift 2")
    others = max(found["ViT"].high, found["windows"].high)
    learned = _changed("shift 1")["ViT"].low > found["ViT"].high
    return learned and min(found["CNN"].low, found["hybrid"].low) > others


def _cover_holds() -> bool:
    found = _changed("occlude 0.25")
    return found["ViT"].low > max(found[name].high for name in ("CNN", "hybrid", "windows"))


def _covered() -> str:
    covered, right = (CLAIMS[key].value for key in ("covered", "right when covered"))
    return f"Trained ViTs keep up to {right}% on ImageNet with {covered}% of the image covered."


_AP = {result.model: result.value for result in DETECTION}


def _detect() -> str:
    rows = (f"{model} {value}" for model, value in _AP.items())
    return f"One detector, one code, COCO box AP: {', '.join(rows)}."


TASK = (
    Advice(
        "The answer lies in two places far apart",
        "A ViT, or a CNN that sees well beyond both places",
        "What decides is how far a place can see, not the family. A field that hardly covers the "
        "image was not enough.",
        (
            Evidence(_far, f"{TRAINED}#two-far-places", holds=_far_holds),
            Evidence(
                lambda: (
                    f"A ResNet-50's last layer sees {receptive_field('resnet50')} pixels, more "
                    f"than an image of {_SIDE}; the centre counts most."
                ),
                f"{COMPARED}#what-a-place-can-see",
                ("receptive-field", "effective-field"),
                lambda: receptive_field("resnet50") > _SIDE,
            ),
        ),
    ),
    Advice(
        "The answer depends on where things are",
        "Keep the positions; a plain learned table will do",
        "Without them a ViT sees a bag of patches.",
        (
            Evidence(_positions, f"{TRAINED}#what-positions-are-worth", holds=_positions_hold),
            Evidence(
                _published_positions,
                f"{VIT}#does-it-matter-let-us-train-two",
                ("vit",),
                lambda: (
                    max(POSITION_ABLATION, key=lambda kind: POSITION_ABLATION[kind].value)
                    == "learned, 1-D"
                ),
            ),
        ),
    ),
    Advice(
        "Objects may be shifted against the training images",
        "A CNN, or a ViT behind a few convolutions; else train with such shifts",
        "A convolution answers a shifted image with a shifted map. A ViT has to learn each place.",
        (
            Evidence(
                _shifted,
                f"{TRAINED}#shuffled-covered-moved",
                holds=_shift_holds,
            ),
        ),
    ),
    Advice(
        "Parts of the image may be covered",
        "A ViT",
        "In our trial it loses least, though it starts lower; published ViTs, too, bear much. Our "
        "trial is small, and fair to no CNN: the tiles we darken are the ViT's own patches.",
        (
            Evidence(
                lambda: (
                    f"Digits of 8 × 8 pixels, a quarter of the tiles dark: {_rows('occlude 0.25')}."
                ),
                f"{TRAINED}#shuffled-covered-moved",
                holds=_cover_holds,
            ),
            Evidence(_covered, cites=("intriguing",)),
        ),
    ),
    Advice(
        "You find or outline objects",
        "Swin or ConvNeXt, which give maps at several resolutions",
        "Detectors want them, and windows and a CNN serve about equally well. A plain ViT needs a "
        "pyramid built on its last map.",
        (
            Evidence(
                _detect,
                cites=("swin-code", "convnext-code"),
                holds=lambda: (
                    _AP["Swin-T"] == _AP["ConvNeXt-T"] and _AP["Swin-B"] < _AP["ConvNeXt-B"]
                ),
            ),
            Evidence(
                lambda: "A plain ViT as the backbone of a detector, with a simple pyramid.",
                cites=("plain-detection",),
            ),
        ),
    ),
    Advice(
        "You must explain the answers",
        "Neither, for that reason",
        "“A CNN when interpretability matters”, says one of our sources. We found nothing that it "
        "could rest on, and leave it out. An attention map is no explanation either, until you "
        "test it.",
        (
            Evidence(
                lambda: "A map that we put to the test: paint over what it marks, and ask again.",
                f"{AT_WORK}#attention-rollout-one-map-for-all-blocks",
                ("rollout",),
            ),
            Evidence(
                lambda: "Two views on attention weights as explanations, from language models.",
                cites=("not-explanation", "not-not-explanation"),
            ),
        ),
    ),
)
