"""CNN against ViT, and the hybrids between."""

from dataclasses import replace
from functools import partial

from vitexplain.compare.receptive import receptive_field
from vitexplain.facts.errata.entry import (
    BLOG,
    COMPARED,
    HYBRIDS,
    MECHANISMS,
    PAGE,
    PRICE,
    PUBLISHED,
    SLIDES,
    VIT,
    WHICH,
    Erratum,
)
from vitexplain.facts.published import (
    AT_4_5_GMACS,
    AT_SCALE,
    CLAIMS,
    FAMILIES,
    HYBRID_GAINS,
    LADDERS,
    TABLE_2,
    find,
)
from vitexplain.vit import PRESETS, count_macs, count_parameters, mac_shares

_versus = partial(Erratum, "CNN and ViT")
_hybrid = partial(Erratum, "Hybrids", PAGE)
_B = PRESETS["B/16"]
_LISTED = {listed.model: listed for listed in FAMILIES}


def _field() -> str:
    return (
        f"ResNet-50's last layer sees {receptive_field('resnet50')} pixels, more than an image "
        "of 224. The centre counts most: the *effective* field is a fraction of that."
    )


def _parameters() -> str:
    larger = replace(_B, image_size=384)
    return (
        f"ResNet-50 has {_LISTED['ResNet-50'].parameters:.1f} M, ViT-S/16 "
        f"{count_parameters(PRESETS['S/16']) / 1e6:.1f} M. From 224 to 384 pixels a CNN's "
        f"number does not change, ViT-B/16's grows by "
        f"{count_parameters(larger) / count_parameters(_B) - 1:.1%}, the position table."
    )


def _compute() -> str:
    share = mac_shares(_B)["attention products"] / count_macs(_B)
    return (
        f"At 224 pixels ViT-B/16 takes {count_macs(_B) / 1e9:.1f} G multiply-adds, ResNet-152 "
        f"{_LISTED['ResNet-152'].gmacs:.1f} G. The products of attention are "
        f"{share:.1%} of ViT's."
    )


def _pretraining() -> str:
    least, most = (CLAIMS[f"ViT's pre-training, {end}"].value for end in ("least", "most"))
    return (
        f"For equal transfer accuracy ViTs took {least} to {most} times less pre-training than "
        "ResNets (section 4.4)."
    )


def _memory() -> str:
    patches = [replace(_B, image_size=side).patches for side in (224, 448, 896)]
    return (
        "N² is "
        + "; ".join(f"{n * n:,}" for n in patches)
        + " for 224, 448 and 896 pixels. A fused kernel never stores it."
    )


def _data() -> str:
    plain, _, deit, _ = (result.value for result in LADDERS["ViT-B/16"])
    return (
        f"From scratch on ImageNet, ViT-B/16 reaches {plain}% with the first recipe and "
        f"{deit}% with DeiT's. CNNs scale too: NFNets reach {AT_SCALE.value}% after JFT-4B."
    )


def _small_sets() -> str:
    vit, bit = (
        find(TABLE_2, model, task="VTAB, 19 tasks").value
        for model in ("ViT-H/14", "BiT-L (ResNet-152x4)")
    )
    return (
        "That holds from scratch. Pre-trained, ViT-H reaches "
        f"{vit}% on tasks of 1000 images, BiT-L, a CNN, {bit}%."
    )


def _gains() -> str:
    gains = ", ".join(f"{gain.points:+.2f}" for gain in HYBRID_GAINS.values())
    rows = ", ".join(f"{name} {result.value}%" for name, result in AT_4_5_GMACS.items())
    return (
        f"A ResNet stem gains {gains} points for {', '.join(HYBRID_GAINS)}. At 4.5 G "
        f"multiply-adds: {rows}."
    )


MODELS = (
    _versus(
        f"{PAGE}, {MECHANISMS}, {SLIDES}",
        "receptive field",
        "CNNs see only nearby pixels; far regions do not interact unless the net is extremely "
        "deep. A ViT is global from the first layer.",
        _field,
        "Far regions do meet, deep down. And ViT's low layers have local heads beside global "
        "ones: it *can* look everywhere.",
        "slip",
        f"{COMPARED}#what-a-place-can-see",
        ("receptive-field", "effective-field", "vit", "see-alike"),
    ),
    _versus(
        PAGE,
        "filters",
        "The same filter everywhere is a weakness.",
        "It gives translation equivariance, also a strength.",
        "Attention with enough heads and relative positions can express a convolution; ViT's "
        "MLPs share their weights over the patches as well.",
        "imprecise",
        f"{COMPARED}#move-the-image",
        ("attention-convolution", "vit"),
    ),
    _versus(
        PAGE,
        "parameters",
        "CNNs need fewer parameters for small or standard images.",
        _parameters,
        "Neither family is the smaller one by nature.",
        "slip",
        f"{VIT}#every-parameter-every-multiply-add",
        ("resnet-50",),
    ),
    _versus(
        f"{PAGE}, the article on how attention conquered vision",
        "data",
        "ViTs are hungry for data, CNNs less so.",
        _data,
        "It depends on the recipe. Compute and augmentation together can stand in for ten "
        "times the data.",
        "imprecise",
        f"{PUBLISHED}#one-architecture-many-recipes",
        ("vit", "deit", "plain-vit", "augreg", "convnets-scale"),
    ),
    _versus(
        PAGE,
        "parallel",
        "All patches at once: an advantage of ViT.",
        "A convolution, too, computes all positions at once.",
        "The advantage is over recurrent networks.",
        "imprecise",
        "",
        ("attention",),
    ),
    _versus(
        PAGE,
        "compute",
        "ViTs are computationally intensive.",
        _compute,
        _pretraining,
        "imprecise",
        f"{PRICE}#time",
        ("vit", "resnet-152"),
    ),
    _versus(
        PAGE,
        "when to use which",
        "CNN for thousands of images, interpretability and real time; ViT for millions.",
        _small_sets,
        f"We found no source for interpretability. And LeViT, a hybrid, is {CLAIMS['LeViT'].value} "
        "times as fast as EfficientNet on a CPU at 80% top-1.",
        "imprecise",
        f"{WHICH}#what-is-there-to-learn-from",
        ("vit", "levit"),
    ),
    _versus(
        MECHANISMS,
        "history",
        "CNNs dominated for decades.",
        "From AlexNet in 2012, for about eight years until ViT.",
        "CNNs are older; their dominance is not.",
        "slip",
        "",
        ("alexnet", "vit"),
    ),
    _versus(
        MECHANISMS,
        "resolution",
        "With resolution, the memory of attention explodes.",
        _memory,
        "Exact attention needs memory linear in N; its time stays quadratic.",
        "imprecise",
        f"{PRICE}#another-way-out-never-store-the-weights",
        ("flash",),
    ),
    _versus(
        BLOG,
        "features",
        "ViT needs no handcrafted features.",
        "Nor does a CNN.",
        "Learning its features is what AlexNet is known for.",
        "imprecise",
        "",
        ("alexnet",),
    ),
    _hybrid(
        "examples",
        "ConvNeXt and Swin combine convolution and attention.",
        "ConvNeXt is a pure CNN. Swin is attention in shifted local windows.",
        "Hybrids are ViT on a ResNet stem, CvT, CoAtNet, LeViT, MaxViT.",
        "slip",
        f"{HYBRIDS}#two-that-are-not",
        ("convnext", "swin", "vit", "cvt", "coatnet", "levit", "maxvit"),
    ),
    _hybrid(
        "benefit",
        "Hybrids are often better and more efficient than pure transformers.",
        _gains,
        "The gain fades as models grow, and costs compute (Table 6). CvT is the hybrid of the "
        "three, ConvNeXt the pure CNN; their recipes differ.",
        "imprecise",
        f"{HYBRIDS}#does-it-pay",
        ("vit", "swin-code", "cvt-code", "convnext-code"),
    ),
)
