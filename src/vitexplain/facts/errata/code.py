"""The two code samples: what each line does when it is run."""

from functools import partial
from math import sqrt

from vitexplain.facts.computed import (
    SAMPLE_DIM,
    batch_mixing,
    random_heads,
    right_tokens,
    sample_parameters,
    unindented,
    unset_attribute,
)
from vitexplain.facts.errata.entry import AT_WORK, CONQUERED, MECHANISMS, Erratum
from vitexplain.vit import PRESETS, count_parameters

_attention = partial(Erratum, "Code", MECHANISMS)
_module = partial(Erratum, "Code", CONQUERED)


def _saturated() -> str:
    deviation, largest, entropy = random_heads(1.0)
    tamed, tamed_largest, tamed_entropy = random_heads(1 / sqrt(SAMPLE_DIM))
    return (
        f"The scores' standard deviation is {deviation:.0f}; the largest weight is "
        f"{largest:.2f} on average, the entropy {entropy:.2f} nats. Divide both matrices by "
        f"√{SAMPLE_DIM} and they are {tamed:.2f}, {tamed_largest:.2f} and {tamed_entropy:.2f}."
    )


def _glued() -> str:
    right, tokens = right_tokens()
    return f"{right} of {tokens} tokens are right; with `permute(0, 2, 3, 1, 4, 5)` all are."


def _same_logits() -> str:
    return (
        f"New patches change the class token's output by {batch_mixing():.1f}: "
        "the logits are the same for every image."
    )


def _sizes() -> str:
    return (
        f"{sample_parameters():,} parameters; ViT-B/16 has {count_parameters(PRESETS['B/16']):,}."
    )


CODE = (
    _attention(
        "the function",
        "The body of the function starts in column 0.",
        lambda: f"`{unindented()}`",
        "Indented, it runs: one head, no batch axis, no output projection W_O.",
        "slip",
        "",
    ),
    _attention(
        "the example",
        "W_Q, W_K and W_V are drawn from a standard normal distribution.",
        _saturated,
        "The shape is right, but almost all weight falls on one token. "
        f"√d_k is not at fault: the matrices are {sqrt(SAMPLE_DIM):g} times too large.",
        "imprecise",
        "",
    ),
    _module(
        "forward pass",
        "`forward` reads `self.patch_size` and `self.num_patches`.",
        lambda: f"`{unset_attribute()}`",
        "`__init__` never sets them.",
        "slip",
        f"{AT_WORK}#1-it-does-not-run",
    ),
    _module(
        "patches",
        "`unfold` twice, then `view(B, 196, -1)`.",
        _glued,
        "The channel axis still stands before the grid, so each token is three patches of one "
        "channel, glued together.",
        "slip",
        f"{AT_WORK}#2-the-patches-are-not-patches",
    ),
    _module(
        "the encoder",
        "The module shows the essence of a ViT.",
        _same_logits,
        "`batch_first` is False by default: attention mixes the images of the batch and never "
        "the patches.",
        "slip",
        f"{AT_WORK}#3-it-never-looks-at-the-image",
        ("encoder-layer",),
    ),
    _module(
        "the encoder",
        "`TransformerEncoderLayer` with its defaults is ViT's block.",
        _sizes,
        "The defaults are post-norm, ReLU, an MLP of 2048 and no last LayerNorm; "
        "8 heads are chosen where ViT-B has 12.",
        "slip",
        f"{AT_WORK}#4-it-is-not-a-vit",
        ("encoder-layer", "vit"),
    ),
)
