"""Claims about what a place of the image can see."""

from itertools import pairwise

from vitexplain.compare.distance import uniform_distance
from vitexplain.facts.claims.entry import (
    ARTICLE,
    HERE,
    PAGE,
    SLIDES,
    TRAINING,
    Claim,
    Measured,
    Published,
    interval,
    percent,
)
from vitexplain.facts.claims.measured import (
    ADDING,
    SIDE,
    covering,
    distances,
    fields,
    first_distances,
)

_FAR = "long-range"
_DIGITS = {"family": "vit", "images": 1097, "augment": True}


def _sizes() -> str:
    deep = ("ResNet-50", "ResNet-101", "ResNet-152")
    sizes = ", ".join(str(fields(name)[-1].size) for name in deep)
    return f"The last layers of ResNet-50, 101 and 152 see {sizes} pixels; images have {SIDE}."


def _far() -> str:
    near, wide = (interval(_FAR, family=f"cnn, field {n}") for n in (17, 49))
    return (
        f"Two shapes at opposite edges, alike or not? CNN with a field of 17 pixels "
        f"{percent(near)}, of 49 {percent(wide)}. Without comparing, {ADDING:.0%} at most."
    )


def _far_holds() -> bool:
    """Only who sees both shapes beats who adds up opinions about each."""
    near, wide, vit = (
        interval(_FAR, family=name).mean for name in ("cnn, field 17", "cnn, field 49", "vit")
    )
    return near < ADDING + 0.02 < ADDING + 0.1 < min(wide, vit)


def _distant() -> str:
    return (
        f"The same task: ViT {percent(interval(_FAR, family='vit'))}, hybrid "
        f"{percent(interval(_FAR, family='hybrid'))}."
    )


def _depth() -> str:
    resnet, vgg = covering("ResNet-50"), fields("VGG-16")[-1].size
    return (
        f"ResNet-50's field covers {SIDE} pixels after {resnet} of its {len(fields('ResNet-50'))} "
        f"layers; all of VGG-16 makes {vgg}."
    )


def _growth() -> str:
    layers = fields("ResNet-50")
    after = {field.name.partition(".")[0]: field.size for field in layers}
    sizes = ", ".join(str(size) for size in after.values())
    return f"Field of ResNet-50 after its stem, pool and four stages: {sizes} pixels."


def _growing() -> bool:
    sizes = [field.size for field in fields("ResNet-50")]
    return all(a <= b for a, b in pairwise(sizes)) and sizes[0] < 10


def _from_the_start() -> str:
    first = first_distances()[0]
    even = uniform_distance((14, 14), 16)
    return (
        f"Untrained ViT-S/16, block 0: heads look {min(first):.0f} to {max(first):.0f} pixels far "
        f"on average; even attention makes {even:.0f}."
    )


def _near_even() -> bool:
    even = uniform_distance((14, 14), 16)
    return all(abs(value / even - 1) < 0.1 for value in first_distances()[0])


def _unbiased() -> str:
    before, after = (distances("data-hunger-digits", when, **_DIGITS)[0]
                     for when in ("before", "after"))  # fmt: skip
    even = uniform_distance((4, 4), 2)
    return (
        f"Small ViT on digits, block 0: before training {min(before):.2f} to {max(before):.2f} "
        f"pixels (even: {even:.2f}), after it {min(after):.2f} to {max(after):.2f}."
    )


def _unbiased_holds() -> bool:
    before, after = (distances("data-hunger-digits", when, **_DIGITS)[0]
                     for when in ("before", "after"))  # fmt: skip
    even = uniform_distance((4, 4), 2)
    return max(abs(d - even) for d in before) < 0.1 and max(after) < min(before)


SIGHT = (
    Claim(
        "near",
        f"{PAGE}, {SLIDES}",
        "A CNN sees nearby pixels only; far regions of the image never meet.",
        "wrong",
        "True of one layer. Layers add up, and deep CNNs see more than the image.",
        (
            Measured(
                _sizes,
                lambda: fields("ResNet-50")[-1].size > 2 * SIDE,
                f"{HERE}#what-a-place-can-see",
            ),
            Measured(_far, _far_holds, f"{TRAINING}#two-far-places"),
        ),
        (
            Published(
                "Fields of many CNNs exceed their images.", "receptive-field", "table of networks"
            ),
        ),
    ),
    Claim(
        "deep",
        ARTICLE,
        "Unless it is extremely deep, a CNN is limited to local features.",
        "half right",
        "Strides widen the field fast. But a place uses its centre most.",
        (
            Measured(
                _depth,
                lambda: covering("ResNet-50") < len(fields("ResNet-50")),
                f"{HERE}#what-a-place-can-see",
            ),
        ),
        (
            Published(
                "What is used is a fraction of the theoretical field, shaped like a Gaussian.",
                "effective-field",
                "abstract",
            ),
        ),
    ),
    Claim(
        "levels",
        PAGE,
        "A CNN builds its picture level by level; each layer sees more than the last.",
        "right",
        "The field never shrinks.",
        (Measured(_growth, _growing, f"{HERE}#what-a-place-can-see"),),
    ),
    Claim(
        "global",
        PAGE,
        "A ViT has the whole image in view from its first layer.",
        "right",
        "It can look everywhere. Whether it does is learned, head by head.",
        (Measured(_from_the_start, _near_even, f"{HERE}#how-far-attention-looks"),),
        (
            Published(
                "In the lowest layers some heads look across the image, others stay near.",
                "vit",
                "section 4.5",
            ),
            Published("More global early on than a ResNet.", "see-alike", "abstract, introduction"),
        ),
    ),
    Claim(
        "distant",
        f"{PAGE}, {SLIDES}",
        "For distant relations take a ViT; a CNN is not suited to them.",
        "half right",
        "What counts is whether the field covers both places.",
        (Measured(_distant, _far_holds, f"{TRAINING}#two-far-places"),),
        (
            Published(
                "The way between two places is one layer of attention, several of convolution.",
                "attention",
                "Table 1",
            ),
        ),
    ),
    Claim(
        "bias",
        f"{PAGE}, {ARTICLE}",
        "A CNN assumes that neighbours belong together; a ViT must learn it.",
        "right",
        "At the start a ViT's heads prefer nothing; training brings them closer.",
        (Measured(_unbiased, _unbiased_holds, f"{TRAINING}#how-far-trained-heads-look"),),
        (Published("A ViT has much less built-in bias than a CNN.", "vit", "section 3.1"),),
    ),
)
