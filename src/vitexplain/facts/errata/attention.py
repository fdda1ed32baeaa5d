"""What attention computes, and what its weights do not say."""

from functools import partial

from vitexplain.facts.computed import (
    choosers,
    equivariance,
    goat,
    power,
    self_attention,
    smallest_weight,
)
from vitexplain.facts.errata.entry import (
    AT_WORK,
    BLOG,
    CONQUERED,
    FACE,
    GOAT,
    MECHANISMS,
    PAGE,
    SLIDES,
    Erratum,
)
from vitexplain.tokens import GOAT_ANIMAL, MESSI

_about = partial(Erratum, "Attention and its meaning")


def _equivariant() -> str:
    rounding, moved = equivariance()
    return (
        "It is *equivariant*: f(Px) = P f(x). Shuffle 16 tokens and the outputs are shuffled "
        f"alike (largest difference {power(rounding, 0)}), not the same (it is {moved:.1f})."
    )


def _never_zero() -> str:
    return f"No weight is 0: the smallest of the goat's five is {power(smallest_weight(), 1)}."


def _shapes() -> str:
    attention = self_attention(MESSI)
    shape = "×".join(str(n) for n in attention.query.shape)
    return f"Q, K and V are matrices with one row a token, here {shape} each."


def _longest_wins() -> str:
    scores = dict(zip(GOAT_ANIMAL.words, goat(GOAT_ANIMAL).scores[0], strict=True))
    alone, shared = choosers("Messi")
    return (
        f"It is a hope, not a theorem: on the slides' own numbers goat scores "
        f"{scores['grazing']:g} with “grazing” and {scores['sheep']:g} with “sheep”, and Messi, "
        f"the longest vector, has the largest weight for {alone + shared} of 7 tokens "
        f"({shared} of them share it with goat)."
    )


ATTENTION = (
    _about(
        f"{PAGE}, {MECHANISMS}, {CONQUERED}",
        "attention maps",
        "A high weight shows what the model has learned to be important: parts of a face, "
        "a dog's ears and snout.",
        "A weight is a mixing coefficient of one head in one layer. It can be a hint and is "
        "not an explanation.",
        "Layers mix, and value vectors, MLPs and skip connections count too. In language "
        "models other weights can give the same prediction; the debate is not closed.",
        "imprecise",
        f"{FACE}#what-a-weight-does-not-tell-you",
        ("rollout", "not-explanation", "not-not-explanation"),
    ),
    _about(
        MECHANISMS,
        "dog and grass",
        "Grass and other background get low weights.",
        "In large ViTs, high-norm tokens sit in plain background and draw attention.",
        "Register tokens remove them in the models first studied; a replication finds that "
        "not every claim extends to other models.",
        "slip",
        f"{FACE}#what-a-weight-does-not-tell-you",
        ("registers", "registers-again"),
    ),
    _about(
        MECHANISMS,
        "order",
        "Self-attention is permutation-invariant.",
        _equivariant,
        "Only a readout such as the class token or the mean makes the prediction invariant.",
        "slip",
        f"{FACE}#shuffle-the-patches",
    ),
    _about(
        BLOG,
        "why attention",
        "The model ignores what is not relevant and so is more efficient.",
        _never_zero,
        "Softmax is positive everywhere, and dense attention computes every pair.",
        "imprecise",
        f"{GOAT}#the-goat-asks-a-question",
    ),
    _about(
        BLOG,
        "weights",
        "Each element is weighted by its relevance to the output, found as the dot product of "
        "the vectors.",
        "The weight is softmax of q·k / √d_k: how well a query and a key match.",
        "The learned W_Q and W_K come first, the scale follows. No output is known yet.",
        "imprecise",
        f"{GOAT}#three-roles-three-matrices",
        ("attention",),
    ),
    _about(
        BLOG,
        "Q, K, V",
        "The sequence is split into three vectors.",
        "Every token is projected three times: Q = X W_Q, K = X W_K, V = X W_V.",
        "What is split, later, are the channels: one part a head.",
        "slip",
        f"{FACE}#three-projections",
        ("attention",),
    ),
    _about(
        SLIDES,
        "Q, K, V",
        "A query is a vector, keys a matrix, and a key a contextual representation.",
        _shapes,
        "In the first block a key is the projection of one token: no context is in it yet.",
        "imprecise",
        f"{GOAT}#three-roles-three-matrices",
    ),
    _about(
        SLIDES,
        "eye and ear",
        "The product of eye and ear is larger than that of eye and background.",
        _longest_wins,
        "Raw products favour long vectors. W_Q and W_K must be learned.",
        "unsourced",
        f"{GOAT}#everybody-looks-at-messi",
    ),
    _about(
        SLIDES,
        "translation",
        "The sentence is translated word for word into three languages.",
        "Translation uses cross-attention between two sentences, which is not shown.",
        "A literal goat loses the sense that the example is about.",
        "imprecise",
        f"{GOAT}#the-formulas-with-their-indices",
        ("attention",),
    ),
    _about(
        MECHANISMS,
        "not only for text",
        "The Transformer paper proved attention universal.",
        "It tested translation and parsing of sentences; images, audio and video were plans.",
        "That attention works on images is a later result, and no proof of universality.",
        "slip",
        "",
        ("attention",),
    ),
    _about(
        CONQUERED,
        "rollout",
        "Rollout uncovers which parts of the input the model attends to.",
        "It multiplies weights. Values, W_O, MLPs, LayerNorm and the class asked for are not "
        "in it.",
        "Its authors offer it as an approximation.",
        "imprecise",
        f"{AT_WORK}#attention-rollout-one-map-for-all-blocks",
        ("rollout", "relevance"),
    ),
    _about(
        CONQUERED,
        "DINO",
        "DINO's and DINOv2's attention maps segment objects.",
        "That is DINO's. DINOv2 without registers has noisy maps; its pictures show principal "
        "components of patch features.",
        "Attention and features are two things.",
        "imprecise",
        "",
        ("dino", "registers", "dinov2-code"),
    ),
)
