"""The tables of the ViT paper (Dosovitskiy et al., ICLR 2021), all but the scaling study."""

from dataclasses import dataclass, replace

from vitexplain.facts.published.number import PRINTED, Result, number, score

__all__ = ["CORE_DAYS", "POSITION_ABLATION", "SIZES", "TABLE_1_PARAMETERS", "TABLE_2", "TABLE_5",
           "Size"]  # fmt: skip

TABLE_1_PARAMETERS = {
    size: number(millions * 1e6, "parameters", "vit", "Table 1")
    for size, millions in PRINTED["table_1"].items()
}
"""Sizes as the paper rounds them; 307 M is the L with patches of 32 pixels."""


@dataclass(frozen=True)
class Size:
    """Parameters, and multiply-adds at 224 pixels, of a ViT with 1000 classes."""

    parameters: int
    gmacs: float


SIZES = {name: Size(*counts) for name, counts in PRINTED["sizes"].items()}
"""What `vitexplain.vit` must count; B/32 to L/16 are also in torchvision's model metadata."""

_HIGH = "the ViT paper, larger images and Polyak averaging"


def _table_2() -> tuple[Result, ...]:
    results = []
    for name, (data, pixels, *printed, _) in PRINTED["table_2"].items():
        model = name.removesuffix(", 21k")
        high = "the BiT paper" if model.startswith("BiT") else _HIGH
        for task, side, recipe, value, spread in (
            ("ImageNet", pixels, high, *printed[:2]),
            ("VTAB, 19 tasks", 384, "1000 images a task", *printed[2:]),
        ):
            one = score(
                model, value, "vit", "Table 2",
                recipe=recipe, data=data, pixels=side, method="fine-tuned", task=task,
            )  # fmt: skip
            results.append(replace(one, spread=spread))
    return tuple(results)


TABLE_2 = _table_2()
"""The largest models against the best CNN of the day, on ImageNet and on VTAB."""

CORE_DAYS = {
    name: number(row[-1], "TPUv3-core-days of pre-training", "vit", "Table 2")
    for name, row in PRINTED["table_2"].items()
}
"""What pre-training them took."""

TABLE_5 = tuple(
    score(
        f"ViT-{model}", value, "vit", "Table 5",
        recipe="the ViT paper, pre-trained at 224 px",
        data=data, pixels=384, method="fine-tuned", task=task,
    )
    for data, tasks in PRINTED["table_5"].items()
    for task, values in tasks.items()
    for model, value in zip(("B/16", "B/32", "L/16", "L/32", "H/14"), values, strict=False)
)  # fmt: skip
"""Five models, pre-trained on three sets of images, fine-tuned on six tasks at 384 pixels.

Those pre-trained on ImageNet are fine-tuned on ImageNet again, with larger images.
"""

POSITION_ABLATION = {
    kind: number(value, "top-1 accuracy, ImageNet 5-shot linear, ViT-B/16", "vit", "Table 8")
    for kind, value in PRINTED["table_8"].items()
}
"""What positions are worth: accuracy with each kind of position embedding, added once."""
