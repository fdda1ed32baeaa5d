"""Claims about how each computes."""

from vitexplain.facts.claims.entry import (
    ARTICLE,
    HERE,
    HYBRIDS,
    PAGE,
    PRICE,
    TRAINING,
    VIT,
    Claim,
    Measured,
    Published,
    interval,
    percent,
)
from vitexplain.facts.claims.measured import distances, mixing, one_head, seconds
from vitexplain.facts.published import AT_4_5_GMACS, HYBRID_GAINS

_HUNGER = "data-hunger-digits"
_ALL = {"images": 1097, "augment": True}


def _moved() -> str:
    cnn, vit = (interval(_HUNGER, "shift 2", family=name, **_ALL) for name in ("cnn", "vit"))
    return (
        f"Digits, moved twice as far as in training: CNN {percent(cnn)}, ViT {percent(vit)} right."
    )


def _moved_holds() -> bool:
    cnn, vit = (interval(_HUNGER, "shift 2", family=name, **_ALL) for name in ("cnn", "vit"))
    return cnn.low > vit.high


def _mixed() -> str:
    _, both = mixing()
    return (
        f"Two digits, trained models: the kernel's weights change by {both.static_change:.0f}, "
        f"those of a head by up to {both.dynamic_change:.2f}."
    )


def _mixed_holds() -> bool:
    _, both = mixing()
    return both.static_change == 0 and both.dynamic_change > 0.1


def _times() -> str:
    resnet, vit = (1000 * seconds(name) for name in ("ResNet-50", "ViT-S/16"))
    return f"One image on one thread: ResNet-50 {resnet:.0f} ms, ViT-S/16 {vit:.0f} ms."


def _times_hold() -> bool:
    resnet, vit = (seconds(name) for name in ("ResNet-50", "ViT-S/16"))
    return 0.5 < resnet / vit < 2


def _heads() -> str:
    parameters, macs, *_ = one_head()
    return (
        f"ViT-B/16 with one head or with twelve: {parameters:,} parameters and "
        f"{macs / 1e9:.2f} G multiply-adds, both times."
    )


def _equal_heads() -> bool:
    one_p, one_m, twelve_p, twelve_m = one_head()
    return (one_p, one_m) == (twelve_p, twelve_m)


def _after() -> list[float]:
    blocks = distances("data-hunger-digits", "after", family="vit", **_ALL)
    return [head for block in blocks for head in block]


def _spread() -> str:
    return (
        f"What we can measure is how far heads look: on digits {min(_after()):.2f} to "
        f"{max(_after()):.2f} pixels after training."
    )


def _census(name: str) -> tuple[int, int]:
    """Return how many convolutions with overlapping windows, and layers of attention, there are."""
    import torch
    from torch import nn

    from vitexplain.compare import CONVNEXTS, SWINS, ConvNeXt, Swin

    with torch.device("meta"):
        model = ConvNeXt(CONVNEXTS["convnext_t"]) if name == "ConvNeXt-T" else Swin(SWINS["swin_t"])
    overlap = [m for m in model.modules() if isinstance(m, nn.Conv2d) and m.kernel_size > m.stride]
    attend = [n for n, _ in model.named_modules() if n.endswith("attn.qkv")]
    return len(overlap), len(attend)


def _counted() -> str:
    convnext, swin = _census("ConvNeXt-T"), _census("Swin-T")
    return (
        f"ConvNeXt-T: {convnext[0]} overlapping convolutions, {convnext[1]} layers of attention. "
        f"Swin-T: {swin[0]} and {swin[1]}."
    )


def _pure() -> bool:
    (convolutions, none), (nothing, attentions) = _census("ConvNeXt-T"), _census("Swin-T")
    return min(convolutions, attentions) > 0 == none == nothing


def _stem() -> str:
    hybrid, vit, cnn = (
        percent(interval(_HUNGER, family=name, **_ALL)) for name in ("hybrid", "vit", "cnn")
    )
    return f"All digits: hybrid {hybrid}, ViT {vit}, CNN {cnn}."


def _stem_holds() -> bool:
    hybrid, vit, cnn = (interval(_HUNGER, family=name, **_ALL) for name in ("hybrid", "vit", "cnn"))
    return vit.high < hybrid.low and hybrid.mean < cnn.mean


def _gains() -> str:
    gains = ", ".join(f"{gain.points:+.2f}" for gain in HYBRID_GAINS.values())
    return f"A ResNet stem adds {gains} points, from ViT-B/32 to the longest-trained L/16."


def _even() -> str:
    rows = ", ".join(f"{name} {result.value}%" for name, result in AT_4_5_GMACS.items())
    return f"At 4.5 G multiply-adds: {rows}."


WORK = (
    Claim(
        "fixed",
        PAGE,
        "A CNN's filters are fixed: the same pattern everywhere. A weakness.",
        "half right",
        "The same filter everywhere also means: learned here, known there.",
        (Measured(_moved, _moved_holds, f"{TRAINING}#shuffled-covered-moved"),),
        (
            Published(
                "Attention with enough heads and relative positions can express any convolution.",
                "attention-convolution",
                "abstract",
            ),
        ),
    ),
    Claim(
        "dynamic",
        f"{PAGE}, {ARTICLE}",
        "Attention adapts to the image; a convolution does not.",
        "right",
        "One mixes with what it learned, the other with what it computes.",
        (Measured(_mixed, _mixed_holds, f"{HERE}#a-kernel-stays-attention-changes"),),
    ),
    Claim(
        "parallel",
        PAGE,
        "A ViT handles all patches at once: an advantage over CNNs.",
        "half right",
        "So does a convolution. The advantage is over recurrent networks.",
        (Measured(_times, _times_hold, f"{PRICE}#time"),),
        (
            Published(
                "Attention and convolution: O(1) steps in sequence; recurrence: O(n).",
                "attention",
                "Table 1",
            ),
        ),
    ),
    Claim(
        "multi-head",
        ARTICLE,
        "Several heads make attention computationally intensive.",
        "wrong",
        "Each head is narrower. Only the softmax has more to do.",
        (Measured(_heads, _equal_heads, f"{VIT}#every-parameter-every-multiply-add"),),
        (
            Published(
                "D/k numbers a head keep compute and parameters constant.", "vit", "appendix A"
            ),
        ),
    ),
    Claim(
        "heads",
        ARTICLE,
        "Heads specialise: one in shape, one in colour, one in texture.",
        "no source",
        "Documented is another split: near against far.",
        (
            Measured(
                _spread,
                lambda: max(_after()) - min(_after()) > 0.3,
                f"{TRAINING}#how-far-trained-heads-look",
            ),
        ),
        (Published("Heads sorted by how far they look.", "vit", "section 4.5, Figure 7"),),
    ),
    Claim(
        "names",
        PAGE,
        "ConvNeXt and Swin combine convolution with self-attention.",
        "wrong",
        "One is a CNN, the other a Transformer in windows.",
        (Measured(_counted, _pure, f"{HYBRIDS}#two-that-are-not"),),
        (
            Published("A pure CNN, from standard modules.", "convnext", "abstract"),
            Published("A Transformer with shifted windows.", "swin", "abstract"),
        ),
    ),
    Claim(
        "hybrids",
        PAGE,
        "Hybrids are often better and more efficient than pure Transformers.",
        "half right",
        "For small models and few images. The gain fades with size.",
        (Measured(_stem, _stem_holds, f"{HYBRIDS}#measured-here"),),
        (
            Published(_gains, "vit", "Table 6"),
            Published(_even, "convnext-code", "README, and those of Swin and CvT"),
        ),
    ),
)
