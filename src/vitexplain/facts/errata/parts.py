"""The parts of a Vision Transformer: embedding, positions, heads, blocks, readout."""

from dataclasses import replace
from functools import partial

from vitexplain.facts.computed import vector
from vitexplain.facts.errata.entry import (
    BLOG,
    CONQUERED,
    FACE,
    MECHANISMS,
    PAGE,
    SLIDES,
    VIT,
    Erratum,
)
from vitexplain.facts.published import CLAIMS, POSITION_ABLATION
from vitexplain.positions import sinusoidal_1d
from vitexplain.vit import PRESETS, count_macs, parameter_shares

_about = partial(Erratum, "Attention and its meaning")
_B = PRESETS["B/16"]


def _head_cost() -> str:
    one, twelve = (count_macs(replace(_B, heads=heads)) / 1e9 for heads in (1, 12))
    return f"ViT-B/16 takes {one:.2f} G multiply-adds with 1 head and {twelve:.2f} G with 12."


def _projection() -> str:
    return (
        f"One linear map of {_B.patch_dim} numbers to {_B.dim}: "
        f"{parameter_shares(_B)['patch projection']:,} parameters, equal to a convolution of "
        "stride P."
    )


def _nothing_aggregated() -> str:
    return f"{_B.patches} patches stay {_B.patches} tokens; with the class token {_B.tokens}."


def _ablation() -> str:
    none, learned = (POSITION_ABLATION[kind].value for kind in ("none", "learned, 1-D"))
    return (
        f"Mostly. ViT-B/16 has {100 * learned:.1f}% with them and {100 * none:.1f}% without: "
        f"{100 * (learned - none):.1f} points less, not chance. CvT does leave them out."
    )


def _robust() -> str:
    right, covered = (CLAIMS[key].value for key in ("right when covered", "covered"))
    return (
        f"Trained ViTs are robust all the same: up to {right:g}% top-1 with {covered:g}% of the "
        "image covered."
    )


def _frequencies() -> str:
    first, second = (vector(row, 4) for row in sinusoidal_1d(3, 4)[1:])
    return (
        "The frequency changes from dimension to dimension and is the same for all positions: "
        f"p = 1 is {first}, p = 2 is {second}. ViT learns its table."
    )


PARTS = (
    _about(
        f"{MECHANISMS}, {BLOG}",
        "heads",
        "Heads specialise in shape, colour, texture; several aspects at once.",
        "The split that is documented is local against global heads in the low layers.",
        "We found no evidence for the other one.",
        "unsourced",
        f"{VIT}#a-block-look-around-then-think",
        ("vit",),
    ),
    _about(
        MECHANISMS,
        "heads",
        "Many heads are expensive.",
        _head_cost,
        "Each head has D / h channels, so that the cost does not change (appendix A).",
        "slip",
        f"{VIT}#a-block-look-around-then-think",
        ("vit",),
    ),
    _about(
        BLOG,
        "feed-forward network",
        "Two layers with ReLU find relations between patches.",
        "GELU, and each token for itself.",
        "In a block only attention mixes tokens. ReLU is the Transformer of 2017.",
        "slip",
        f"{VIT}#a-block-look-around-then-think",
        ("vit", "attention"),
    ),
    _about(
        BLOG,
        "the whole model",
        "Repeat the layers, then a linear layer on the output.",
        "z′ = MSA(LN(z)) + z, z = MLP(LN(z′)) + z′, y = LN(class token): LayerNorm first, a skip "
        "connection around each half, and a readout.",
        "The post leaves these out.",
        "imprecise",
        f"{VIT}#a-block-look-around-then-think",
        ("vit",),
    ),
    _about(
        BLOG,
        "order of patches",
        "The order of the patches is not necessarily important.",
        "The arrangement matters; attention cannot see it. That is why positions are added.",
        _robust,
        "slip",
        f"{FACE}#shuffle-the-patches",
        ("vit", "intriguing"),
    ),
    _about(
        MECHANISMS,
        "positions",
        "It is a mistake to think that position embeddings can be left out.",
        _ablation,
        "Table 8: ImageNet, 5-shot linear. CvT's convolutions carry the position instead.",
        "imprecise",
        f"{VIT}#does-it-matter-let-us-train-two",
        ("vit", "cvt"),
    ),
    _about(
        BLOG,
        "positions",
        "Sinusoids have other frequencies and phases for each position.",
        _frequencies,
        "PE(p, 2i) = sin(p / 10000<sup>2i/d</sup>), PE(p, 2i+1) = cos of the same.",
        "slip",
        f"{VIT}#or-compute-them",
        ("attention", "vit"),
    ),
    _about(
        BLOG,
        "positions",
        "With positions ViT is state of the art on many tasks, without handcrafted features.",
        "One does not follow from the other, and rankings age: CNNs have matched ViTs since.",
        "CNNs have learned their features, too, since long before.",
        "imprecise",
        "",
        ("alexnet", "convnets-scale"),
    ),
    _about(
        CONQUERED,
        "class token",
        "It is the semantic nucleus of the image.",
        "It is one learned vector, the same for every image before the first block.",
        "The mean of the patches does as well (appendix D.3).",
        "imprecise",
        f"{VIT}#the-class-token",
        ("vit", "plain-vit"),
    ),
    _about(
        CONQUERED,
        "patches",
        "Patches are embedded and aggregated.",
        _nothing_aggregated,
        "Nothing is pooled until the readout.",
        "imprecise",
        f"{VIT}#from-16-patches-to-196",
    ),
    _about(
        PAGE,
        "embedding",
        "It distils the visual essence of a patch.",
        _projection,
        "A linear map distils nothing. What it keeps is learned.",
        "imprecise",
        f"{FACE}#from-many-numbers-to-ten",
    ),
    _about(
        SLIDES,
        "multi-head attention",
        "The slide repeats the formula of one query.",
        "Concat(head_1, …, head_h) W_O: each head is softmax(Q Kᵀ / √d_h) V with its own Q, K "
        "and V, of d_h = D / h channels.",
        "The concatenation and W_O are what makes it multi-head (section 3.2.2).",
        "slip",
        f"{FACE}#two-heads-side-by-side",
        ("attention",),
    ),
)
