"""Claims about what each costs."""

from vitexplain.compare.cost import global_attention_macs
from vitexplain.facts.claims.entry import ARTICLE, PAGE, PRICE, VIT, Claim, Measured, Published
from vitexplain.facts.claims.measured import SIDE, kept, parameters_of, seconds
from vitexplain.facts.published import CLAIMS, FAMILIES
from vitexplain.vit import PRESETS, count_macs, mac_shares

_B = PRESETS["B/16"]
_LISTED = {listed.model: listed for listed in FAMILIES}
_TOKENS = 3136


def _parameters() -> str:
    resnet, vit = (parameters_of(name) / 1e6 for name in ("ResNet-50", "S/16"))
    growth = parameters_of("B/16", 384) / parameters_of("B/16") - 1
    return (
        f"ResNet-50 {resnet:.1f} M, ViT-S/16 {vit:.1f} M. From {SIDE} to 384 pixels a CNN's number "
        f"stays, ViT-B/16's grows by {growth:.1%}."
    )


def _pairs() -> str:
    share = mac_shares(_B)["attention products"] / count_macs(_B)
    return (
        f"{_B.patches} patches make {_B.patches**2:,} pairs a head. At {SIDE} pixels their "
        f"products are {share:.1%} of ViT-B/16's multiply-adds."
    )


def _quadratic() -> bool:
    side, dim = 14, _B.dim
    rest = 4 * side**2 * dim**2
    once, twice = (global_attention_macs(n, side, dim) for n in (side, 2 * side))
    return twice - 2 * rest == 4 * (once - rest)


def _compute() -> str:
    small, base = (count_macs(PRESETS[name]) / 1e9 for name in ("S/16", "B/16"))
    resnets = (f"{name} {_LISTED[name].gmacs:.1f}" for name in ("ResNet-50", "ResNet-152"))
    return f"G multiply-adds: ViT-S/16 {small:.1f}, ViT-B/16 {base:.1f}; {', '.join(resnets)}."


def _cheaper() -> str:
    least, most = (CLAIMS[f"ViT's pre-training, {end}"].value for end in ("least", "most"))
    return f"For equal accuracy {least:g} to {most:g} times less pre-training than ResNets."


def _memory() -> str:
    naive, fused = (kept(_TOKENS // 2, fused=f) for f in (False, True))
    return (
        f"Twice the tokens, to {_TOKENS:,}: memory for training grows {2**naive:.1f}-fold if the "
        f"weights are stored, {2**fused:.1f}-fold with a fused kernel."
    )


def _fast() -> str:
    names = ("ConvNeXt-T", "ResNet-50", "ViT-S/16", "Swin-T")
    rows = ", ".join(f"{name} {1000 * seconds(name):.0f}" for name in names)
    return f"Milliseconds an image, one thread: {rows}."


def _mixed() -> bool:
    times = [seconds(name) for name in ("ConvNeXt-T", "ResNet-50", "ViT-S/16", "Swin-T")]
    return max(times) < 2 * min(times)


COST = (
    Claim(
        "parameters",
        PAGE,
        "For small or standard images a CNN needs fewer parameters.",
        "wrong",
        "Neither family is the smaller one, and the image hardly matters.",
        (
            Measured(
                _parameters,
                lambda: parameters_of("S/16") < parameters_of("ResNet-50"),
                f"{VIT}#every-parameter-every-multiply-add",
            ),
        ),
        (
            Published(
                lambda: f"{_LISTED['ResNet-50'].parameters:g} M, listed.",
                "resnet-50",
                _LISTED["ResNet-50"].result.where,
            ),
        ),
    ),
    Claim(
        "pairs",
        f"{PAGE}, {ARTICLE}",
        "Attention compares all pairs of patches: its cost is quadratic in their number.",
        "right",
        "The products are. At usual sizes they are a small part of the whole.",
        (Measured(_pairs, _quadratic, f"{PRICE}#what-is-quadratic-and-what-is-not"),),
        (Published("Quadratic in the tokens.", "swin", "section 3.2, equation 1"),),
    ),
    Claim(
        "compute",
        PAGE,
        "A ViT is computationally intensive; with little compute take a CNN.",
        "half right",
        "A large ViT is. A small one costs about what a ResNet-50 does.",
        (
            Measured(
                _compute,
                lambda: count_macs(PRESETS["S/16"]) < 1.2e9 * (_LISTED["ResNet-50"].gmacs or 0),
                f"{PRICE}#time",
            ),
        ),
        (Published(_cheaper, "vit", "section 4.4"),),
    ),
    Claim(
        "memory",
        ARTICLE,
        "With resolution, attention's memory explodes.",
        "half right",
        "Only if the weights are stored. They need not be.",
        (
            Measured(
                _memory,
                lambda: kept(_TOKENS // 2, fused=False) > 1.8 and kept(784, fused=True) < 1.01,
                f"{PRICE}#another-way-out-never-store-the-weights",
            ),
        ),
        (Published("Exact attention in memory linear in the tokens.", "flash", "abstract"),),
    ),
    Claim(
        "real-time",
        PAGE,
        "For real time take a CNN.",
        "half right",
        "The model and the machine decide, not the family.",
        (Measured(_fast, _mixed, f"{PRICE}#time"),),
        (
            Published(
                f"A hybrid, {CLAIMS['LeViT'].value} times as fast as EfficientNet on a CPU at "
                "80% top-1.",
                "levit",
                "abstract",
            ),
        ),
    ),
)
