# ---
# title: The whole Vision Transformer
# description: Class token, positions, twelve blocks, readout. Every shape, parameter and multiply-add of ViT-B/16, computed, run and checked.
# can: name every part of a Vision Transformer, and count its parameters and its work
# needs: [face]
# order: 30
# section: Lessons
# page: lessons/vit.md
# notebook: true
# extra: cli
# given:
#   "cut into 16 patches": the drawn face
#   "From 16 patches to 196": the face's 4 × 4, and 14 × 14
#   "“16”": of the name ViT-B/16
#   "3 colours": red, green and blue
#   "1, 2, 3, …": a list
#   "With 1, 12 or 768 heads": the counts compared
#   "4 times the patches, **16 times": 2², and its square
#   "at 896 pixels": four times the usual side
#   "patches of 14 pixels": the exercise's
#   "at 384 pixels": the exercise's
# ---

# %% [markdown]
# # The whole Vision Transformer
#
# You have seen one word choose between two meanings, and one face cut into 16 patches. Both
# times a few numbers were enough. Now comes the real thing: **ViT-B/16**, from the paper
# *An Image is Worth 16x16 Words* ({eval}`SOURCES["vit"]`). It has
# {eval}`f"{count_parameters(PRESETS['B/16']):,}"` parameters.
#
# Do not let the size frighten you. You know its heart: the function `attend` that gave “goat”
# its meaning runs inside, unchanged. Five things are new: a class token, learned positions,
# several heads, a small network after each attention, and a readout. At the end of this page you
# will have seen every shape and counted every parameter. A small one runs in [the machine](../live/vit.md),
# with every number to touch.
#
# **What is trained here, and what is not.** This page has no pretrained weights. ViT-B/16 has
# *random* weights: it shows how the machine is built, and nothing that a machine has learned. Where
# learning matters, we train a tiny ViT, right here, on a task that you can check by eye.

# %% tags=["remove-code"]
import time
from dataclasses import replace

import numpy as np
import torch

from vitexplain.facts import POSITION_ABLATION, SOURCES, TABLE_1_PARAMETERS, bibliography
from vitexplain.figures import cost_shares, patch_grid, position_similarity, vit_shapes
from vitexplain.images.photographs import PHOTOGRAPHS, credits
from vitexplain.layers import gelu
from vitexplain.patches import patchify, unpatchify
from vitexplain.positions import sinusoidal_1d
from vitexplain.vit import PRESETS, ViT, count_macs, count_parameters, mac_shares, parameter_shares
from vitexplain.vit.toy import ANSWERS, GRID, SIDE, TOY, accuracy, draw_pictures, train
from vitexplain.writing import power, table

torch.set_grad_enabled(False)  # we read models here; training turns it on for itself
torch.backends.cudnn.allow_tf32 = False  # full float32 on a GPU too
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def largest(x):
    """Return the largest absolute entry."""
    return float(abs(x).max())


def shape(x):
    """Write an array's shape."""
    return "\u00a0×\u00a0".join(map(str, x.shape))


# %% [markdown]
# ## From 16 patches to 196
#
# So far the face was drawn. Here is a photograph, a cup of coffee. ViT-B/16 takes an image of
# 224 × 224 pixels, and the “16” in its name is the side of a patch. We take the middle of the
# photograph at that size, and cut it up just as before.

# %%
coffee = PHOTOGRAPHS["coffee"].square(224)  # (channel, row, col), from 0 to 1
image = torch.tensor(coffee, device=device)[None]
patches = patchify(image, 16)
tuple(patches.shape)  # (batch, patch, numbers in a patch)

# %% tags=["remove-code", "figure"]
patch_grid(coffee, grid=(14, 14))

# %% [markdown]
# There are 224 / 16 = {eval}`224 // 16` patches in a row and as many in a column:
# {eval}`patches.shape[1]` patches. Each is 16 × 16 pixels in 3 colours, flattened to
# {eval}`patches.shape[2]` numbers. One linear map *E* (the last lesson's *W*<sub>E</sub>) turns
# each into a *token* of *D* numbers.
#
# In ViT-B, *D* is {eval}`PRESETS["B/16"].dim` too. **That is a coincidence.** ViT-S/16 cuts the
# same {eval}`PRESETS["S/16"].patch_dim` numbers and keeps {eval}`PRESETS["S/16"].dim`;
# ViT-L/16 makes {eval}`PRESETS["L/16"].dim` of them.
#
# From here to the last layer, one picture holds: a matrix with one row for each token.

# %% tags=["remove-code", "figure"]
vit_shapes(PRESETS["B/16"])

# %% [markdown]
# We build the model, with random weights, and take its first step.

# %%
torch.manual_seed(0)
vit = ViT(PRESETS["B/16"]).eval().to(device)
embedding = next(vit.walk(image))
tuple(embedding.projected.shape), tuple(embedding.tokens.shape)

# %% [markdown]
# {eval}`embedding.projected.shape[1]` tokens went in, {eval}`embedding.tokens.shape[1]` came out.
# Who is the newcomer?

# %% [markdown]
# ## The class token
#
# At the end the model must name the *whole image*. Which token should speak for it? None of
# the patches. So ViT puts one more in front, the **class token** (in code often *CLS*, as in BERT). It
# is a parameter: *D* numbers, learned like any weight. It shows no patch, and **it is the same for
# every image** until attention first lets it look at the others. Compare the cup with pure noise:

# %%
noise = torch.rand(1, 3, 224, 224, device=device)
here, there = vit.walk(image), vit.walk(noise)
before = next(here).tokens[:, 0] - next(there).tokens[:, 0]
after = next(here).output[:, 0] - next(there).output[:, 0]
largest(before), largest(after)  # before block 0, after block 0

# %% [markdown]
# Before block 0 the difference is exactly {eval}`largest(before)`. After it, the class token has
# gathered something from each image.
#
# It is a choice, no more. The paper finds that the plain mean of the patches' last tokens works
# as well, given a learning rate of its own (appendix D.3). Our `ViTConfig(readout="mean")` does that.

# %% [markdown]
# ## Positions: attention cannot see order
#
# Shuffle the patches of an image. What does attention notice?

# %%
x = embedding.tokens
attention = vit.blocks[0].attn
order = torch.randperm(x.shape[1], device=device)
moves_along = largest(attention(x[:, order]) - attention(x)[:, order])
stays_put = largest(attention(x[:, order]) - attention(x))

# %% [markdown]
# The output is shuffled in the same way, and otherwise the same:
# {eval}`power(moves_along)` apart, which is rounding. It is *not* unchanged:
# place by place it differs by up to {eval}`f"{stays_put:.2f}"`. The right word is **permutation
# equivariant**, $f(PX) = P f(X)$ for every shuffle $P$. One article says *invariant*. That is true of what comes
# after: a class token, or a mean, does not care in which order the others stand.
#
# So without help a ViT sees a *bag of patches*. The help is a table of **position embeddings** (others say
# *positional embeddings*) with one row for each token. It is **added**, once, before block 0:
#
# $$z_0 = [x_\text{class};\, x_1 E;\, \dots;\, x_N E] + E_\text{pos}$$
#
# (The paper's equation (1). It has no bias after *E*; its code, and ours, has one.)
#
# ### Does it matter? Let us train two
#
# Here is a task in which *where* is everything. A red and a blue tile lie on a 6 × 6 grid of
# light ones. Where is red, seen from blue: above, below, left or right? The longer way
# decides, rows or columns; ties are left out. (`vitexplain.vit.toy` has the pictures and the training.)

# %%
tests = draw_pictures(2000, seed=2)
start = time.perf_counter()
with_positions, without_positions = train(), train(positions=False)
seconds = time.perf_counter() - start

# %% tags=["remove-code", "figure"]
coloured = {int(tests.red[0]): "red", int(tests.blue[0]): "blue"}
figure = patch_grid(
    np.kron(tests.images[0], np.ones((1, 4, 4))),  # larger, to leave room for the numbers
    grid=GRID,
    labels=[coloured.get(i, "") for i in range(TOY.patches)],
)
alt = (
    f"A picture of {GRID[0]} by {GRID[1]} light tiles, each a patch of {SIDE} by {SIDE} pixels. "
    f"Patch {tests.red[0]} is red, patch {tests.blue[0]} is blue."
)
figure.update_layout(meta=figure.layout.meta | {"alt": alt})

# %% tags=["remove-code"]
answer = ANSWERS[tests.answers[0]]
right = {
    "with": accuracy(with_positions, tests.images, tests.answers),
    "without": accuracy(without_positions, tests.images, tests.answers),
}
assert right["with"] > 0.95
assert right["without"] < 0.35
shuffle = torch.randperm(TOY.patches, generator=torch.Generator().manual_seed(3))
shuffled = unpatchify(patchify(tests.images, SIDE)[:, shuffle], GRID)
moved = {
    name: largest(model(shuffled) - model(tests.images))
    for name, model in (("with", with_positions), ("without", without_positions))
}
ablation = {name: 100 * number.value for name, number in POSITION_ABLATION.items()}
published = POSITION_ABLATION["none"]

# %% [markdown]
# (Here it is *{eval}`answer`*.) Both models are tiny ViTs of {eval}`TOY.depth` blocks,
# {eval}`TOY.heads` heads and {eval}`f"{count_parameters(TOY):,}"` parameters. Training both took
# {eval}`f"{seconds:.0f}"` seconds. On {eval}`f"{len(tests.answers):,}"` new pictures:
#
# - **with positions: {eval}`f"{right['with']:.1%}"` right;**
# - **without: {eval}`f"{right['without']:.1%}"` right**, a guess among {eval}`len(ANSWERS)`.
#
# More training would not help. “Red above blue” and “blue above red” are the same bag of tiles.
# Shuffle the tiles, and the *logits* (the scores a model gives its answers) change by
# {eval}`power(moved['without'])` without positions: rounding. With positions they change by up to {eval}`f"{moved['with']:.1f}"`.
#
# Our task was made to need positions. A photograph is kinder: a bag of its patches says much
# already. In the paper's own test, ViT-B/16 gets {eval}`f"{ablation['none']:.1f}"`% without positions and
# {eval}`f"{ablation['learned, 1-D']:.1f}"`% with them, {eval}`f"{ablation['learned, 1-D'] - ablation['none']:.1f}"`
# points more: not everything, and not nothing ({eval}`published.source`, {eval}`published.where`;
# {eval}`published.unit`). Other designs can do without: CvT, whose convolutions carry place, reports
# that its positions can be removed ({eval}`SOURCES["cvt"]`).
#
# ### What did it learn?
#
# Nobody told our tiny ViT that tiles lie in rows and columns. It got
# {eval}`with_positions.pos_embed.shape[1] - 1` unrelated random rows. Take the trained rows,
# and compare each with all others (cosine, after taking off their mean). Each small map is one
# tile's:

# %% tags=["remove-code", "figure"]
codes = with_positions.pos_embed[0, 1:]
codes = codes - codes.mean(0)
position_similarity(codes, grid=GRID)

# %% [markdown]
# **Neighbours have become alike.** The grid is in the table now, because the task needs it. The
# paper's Figure 7 shows the same for ViT-L/32, learned from photographs. So ViT is content with a plain
# list of positions, 1, 2, 3, …. Telling it of rows and columns did not help: {eval}`f"{ablation['learned, 2-D']:.2f}"`%
# in the test above, or {eval}`f"{ablation['relative']:.2f}"`% with relative positions, against
# {eval}`f"{ablation['learned, 1-D']:.2f}"`%.
#
# ### Or compute them
#
# The first Transformer had no table but a formula:
#
# $$\begin{aligned}
# \mathrm{PE}(p, 2i) &= \sin(p / 10000^{2i/d})\\
# \mathrm{PE}(p, 2i+1) &= \cos(p / 10000^{2i/d})
# \end{aligned}$$

# %%
sinusoidal_1d(tokens=4, dim=4).round(4)

# %% [markdown]
# Read it down a column: one wave. The first two columns swing fast, the next two a hundred times
# slower. One blog post has it that every position gets its own frequencies. It is the other
# way round: **the frequency belongs to a pair of columns, and all positions share it.** Half of
# the columns for the row and half for the column make a code for images, `sinusoidal_2d`; plain
# ViTs do well with it ({eval}`SOURCES["plain-vit"]`).

# %% [markdown]
# ## A block: look around, then think
#
# Now *L* blocks follow (many say layers), all alike, each with its own weights:
#
# $$\begin{aligned}
# z'_l &= \mathrm{MSA}(\mathrm{LN}(z_{l-1})) + z_{l-1}\\
# z_l &= \mathrm{MLP}(\mathrm{LN}(z'_l)) + z'_l
# \end{aligned}$$
#
# Four ideas, one at a time.
#
# **Residuals.** Each half *adds* to its input and replaces nothing. A token travels
# along a straight road through the model, and each block writes a note on it.
#
# **Pre-norm.** LN is LayerNorm. It gives each token mean 0 and variance 1, then a learned
# scale and shift. ViT puts it *before* each half, so that the road itself stays untouched. (The
# first Transformer had it after the addition.)
#
# **Several heads.** MSA is multi-head self-attention. The *D* channels of *Q*, *K* and *V* are cut into *h* parts, and each part
# runs `attend` alone:
#
# $$\begin{aligned}
# \mathrm{head}_i &= \mathrm{attend}(X W_Q^i,\; X W_K^i,\; X W_V^i)\\
# \mathrm{MSA}(X) &= [\,\mathrm{head}_1, \dots, \mathrm{head}_h\,]\, W_O
# \end{aligned}$$
#
# One softmax gives a token one way to look around; {eval}`PRESETS["B/16"].heads` heads give it
# {eval}`PRESETS["B/16"].heads`. One article calls that expensive. Count:

# %% tags=["remove-code"]
gelu_at = {x: float(gelu(torch.tensor(float(x)))) for x in (-1, 1)}

# %%
b16 = PRESETS["B/16"]
for heads in (1, 12, 768):
    config = replace(b16, heads=heads)
    print(heads, count_parameters(config), count_macs(config))

# %% [markdown]
# With 1, 12 or 768 heads the counts are the same: **more heads cost nothing**, as each is narrower
# by just as much (the paper's appendix A says so too). And nothing tells a head to look for shape, colour or texture, as the article
# has it. What the paper documents is that some heads look near and some far.
#
# **The MLP.** Two linear layers, {eval}`b16.dim` → {eval}`f"{b16.mlp_dim:,}"` → {eval}`b16.dim`, with a GELU
# between them, GELU(*x*) = *x* Φ(*x*) where Φ(*x*) is the share of the standard normal distribution below *x*: a smooth ReLU, with
# GELU(−1) = {eval}`f"{gelu_at[-1]:.3f}".replace("-", "−")` and GELU(1) = {eval}`f"{gelu_at[1]:.3f}"`. It works on **each token alone**. We change
# one token and count who notices:

# %%
block, other = vit.blocks[0], x.clone()
other[:, 42] = -x[:, 42]


def who_notices(part, norm):
    change = part(norm(other)) - part(norm(x))
    return int((abs(change).amax(dim=-1) > 1e-6).sum())


who_notices(block.attn, block.norm1), who_notices(block.mlp, block.norm2)

# %% [markdown]
# Through attention, {eval}`who_notices(block.attn, block.norm1)` of {eval}`x.shape[1]` tokens
# change. Through the MLP, {eval}`who_notices(block.mlp, block.norm2)`: its own. **Only attention moves
# information from token to token.** A block looks around, then thinks. (One blog post gives the MLP a
# ReLU, as the first Transformer had, and lets it relate patches to one another. It cannot: it never
# sees two.)

# %% [markdown]
# ## The readout
#
# After the last block comes one more LayerNorm, then the class token alone is read:
#
# $$\text{logits} = \mathrm{LN}(z_L)_\text{class}\, W_\text{head} + b$$
#
# {eval}`f"{b16.classes:,}"` classes, {eval}`f"{b16.classes:,}"` logits. The other
# {eval}`b16.patches` tokens are dropped; they have served. In pre-training, the long first
# training on many images, the paper has a hidden tanh layer before the head (`pre_logits` in
# `ViTConfig`); for fine-tuning on another task one linear layer is left.
#
# ## Every shape
#
# `vit.walk(images)` yields each step by name, as it is computed. This table *is* that walk:

# %%
steps = list(vit.walk(image))
first, one, last = steps[0], steps[1], steps[-1]

# %% tags=["remove-code"]
heads = one.attention.attention
shapes = [
    ("image", image, "channels, rows, columns"),
    ("`patches`", first.patches, "flattened"),
    ("`projected`", first.projected, "times *E*"),
    ("`tokens`", first.tokens, "with class token and positions"),
    ("`normed`", one.normed, "LN"),
    ("`attention…query`, `key`, `value`", heads.query, "head, token, channels of a head"),
    ("`attention…scores`, `weights`", heads.weights, "head, query, key"),
    ("`attention.merged`", one.attention.merged, "heads side by side"),
    ("`residual`", one.residual, "input + attention"),
    ("`hidden`, `activated`", one.hidden, "inside the MLP"),
    ("`output`", one.output, "residual + MLP"),
    ("`pooled`", last.pooled, "the class token, normed"),
    ("`logits`", last.logits, "one a class"),
]
table(
    ["step", "shape", "what it is"],
    [(name, shape(x[0]), what) for name, x, what in shapes],
    words=(0, 2),
)

# %% [markdown]
# The rows from `normed` to `output` repeat in each of {eval}`b16.depth` blocks.
#
# ## Every parameter, every multiply-add
#
# Count with a pencil. A linear map from *a* to *b* numbers has *ab* + *b* parameters. A block whose
# MLP is 4*D* wide has 12*D*² + 13*D*: attention 4*D*² + 4*D*, MLP 8*D*² + 5*D*, LayerNorms 4*D*. In all, with
# *N* patches of side *P* in *C* colours, and *K* classes:
#
# $$\begin{aligned}
# &(P^2C + 1)D + D + (N+1)D\\
# &+ L\,(12D^2 + 13D) + 2D + (D+1)K
# \end{aligned}$$
#
# A multiply-add is one multiplication and one addition; that linear map needs *ab* of them for each
# token. With *T* = *N* + 1 tokens and an MLP of width *M*:
#
# $$\begin{aligned}
# &N P^2 C D + DK\\
# &+ L\,[\,T(4D^2 + 2DM) + 2T^2D\,]
# \end{aligned}$$

# %%
P, C, N, T, D, L, M, K = 16, 3, 196, 197, 768, 12, 3072, 1000
block = 12 * D**2 + 13 * D
parameters = (P * P * C + 1) * D + D + (N + 1) * D + L * block + 2 * D + (D + 1) * K
block = T * (4 * D**2 + 2 * D * M) + 2 * T**2 * D
macs = N * P * P * C * D + L * block + D * K

assert parameters == count_parameters(b16) == sum(p.numel() for p in vit.parameters())
assert macs == count_macs(b16)
parameters, macs

# %% tags=["remove-code"]
own, costs = parameter_shares(b16), mac_shares(b16)
parts = [
    ("patch projection", own["patch projection"], costs["patch projection"]),
    ("class token", own["class token and registers"], 0),
    ("positions", own["positions"], 0),
    ("attention: projections", own["attention"], costs["attention projections"]),
    ("attention: *QK*ᵀ, weights × *V*", 0, costs["attention products"]),
    ("MLP", own["MLP"], costs["MLP"]),
    ("LayerNorm", own["LayerNorm"], 0),
    ("head", own["head"], costs["head"]),
]
assert sum(p for _, p, _ in parts) == parameters
assert sum(m for _, _, m in parts) == macs
table(
    ["part", "parameters", "share", "multiply-adds", "share"],
    [(name, f"{p:,}", f"{p / parameters:.2%}", f"{m:,}", f"{m / macs:.2%}") for name, p, m in parts]
    + [("**all**", f"**{parameters:,}**", "", f"**{macs:,}**", "")],
)

# %% tags=["remove-code", "figure"]
cost_shares(b16)

# %% [markdown]
# {eval}`f"{parameters:,}"` parameters, {eval}`f"{macs / 1e9:.2f}"` G multiply-adds. (What papers in
# this field call FLOPs are nearly always multiply-adds, and so are these. As everybody does, we leave
# out biases, softmax, LayerNorm and GELU.)
#
# Does it surprise you? The MLP holds {eval}`f"{own['MLP'] / parameters:.0%}"` of the parameters. The part that
# gives attention its name, every query times every key and every weight times every value, owns no
# parameter at all and makes {eval}`f"{costs['attention products'] / macs:.2%}"` of the work.
#
# ### The family

# %% tags=["remove-code"]
rounded = {size: f"{number.value / 1e6:.0f} M" for size, number in TABLE_1_PARAMETERS.items()}
table(
    ["model", "patch", "*L*", "*D*", "MLP", "heads", "tokens", "parameters", "G multiply-adds"],
    [
        (
            *(name, c.patch, c.depth, c.dim, c.mlp_dim, c.heads, c.tokens),
            *(f"{count_parameters(c):,}", f"{count_macs(c) / 1e9:.3f}"),
        )
        for name, c in PRESETS.items()
    ],
)

# %% [markdown]
# The paper's Table 1 gives {eval}`rounded["B"]`, {eval}`rounded["L"]` and {eval}`rounded["H"]`. Its
# {eval}`rounded["L"]` fits the L/32: larger patches have a larger *E*, but there are fewer tokens, hence more
# parameters and less work. Ti and S are later sizes ({eval}`SOURCES["deit"]`).
#
# ### Larger images
#
# Double the side of an image: 4 times the patches, **16 times the attention weights**.

# %% tags=["remove-code"]
larger = {side: replace(b16, image_size=side) for side in (224, 448, 896)}
work = {side: mac_shares(c) for side, c in larger.items()}
product_shares = {side: w["attention products"] / sum(w.values()) for side, w in work.items()}
table(
    [
        "side",
        "patches *N*",
        "pairs *N*²",
        "G multiply-adds",
        "of which *QK*ᵀ, weights × *V*",
    ],
    [
        (
            *(f"{side}\u00a0px", f"{c.patches:,}", f"{c.patches**2:,}"),
            *(f"{count_macs(c) / 1e9:.1f}", f"{product_shares[side]:.2%}"),
        )
        for side, c in larger.items()
    ],
)

# %% [markdown]
# The quadratic cost is real, but hardly matters yet at this size: at 224 pixels it makes
# {eval}`f"{product_shares[224]:.2%}"` of the work, at 896 pixels {eval}`f"{product_shares[896]:.2%}"`. As for memory, a
# fused kernel need never store the weights ({eval}`SOURCES["flash"]`); `vit(images)` uses torch's, and
# only `walk` keeps them, because you want to look.

# %% [markdown]
# ## What to remember
#
# - Patches, a class token, positions: one matrix, a row for each token, from the first layer to the last.
# - A block looks around (attention), then thinks (MLP). Only attention moves information between tokens.
# - Each half reads a normed copy and *adds* its result.
# - Attention alone is permutation equivariant. Without positions a ViT sees a bag of patches.
# - More heads cost nothing. At 224 pixels the MLPs do most of the work.
# - Attention's own products grow with the fourth power of the side.
#
# On the [next page](vit-at-work.md) the model runs: you see all its attention maps, roll them into
# one, and mend a ViT that never looked.
#
# ## Your turn
#
# Guess first, then compute, then open the answer.

# %% tags=["remove-code"]
small, s14 = PRESETS["S/16"], replace(PRESETS["S/16"], patch=14)
fewer = count_parameters(s14) - count_parameters(small)
large, mean = replace(b16, image_size=384), replace(b16, readout="mean")
even = next(n for n in range(1, 400) if 2 * (n * n + 1) > 4 * b16.dim + 2 * b16.mlp_dim)

# %% tags=["remove-code"]
from vitexplain.attention import attend
from vitexplain.exercises import Exercises, arrange, calculate, choose, repair
from vitexplain.layers import layer_norm

tripled = replace(b16, image_size=3 * b16.image_size)
s16 = PRESETS["S/16"]
embed = s16.patch_dim * s16.dim + s16.dim
models = {f"ViT-{name}": PRESETS[name] for name in ("S/16", "B/32", "B/16", "L/16")}
rng = np.random.default_rng(0)
road, thought = rng.normal(size=(5, 8)), rng.normal(size=(8, 8))
parts = {
    "attention": lambda x: attend(x, x, x).output,
    "mlp": lambda x: gelu(x @ thought),
    "norm": lambda x: layer_norm(x, np.ones(8), np.zeros(8)),
}
half_way = road + parts["attention"](parts["norm"](road))
knocked = np.vstack([road[:1] + 1, road[1:]])


def spreads(part):
    """Whether another token notices that the first one has changed."""
    return not np.allclose(part(knocked)[1:], part(road)[1:])


fewer_heads = replace(b16, heads=6)
Exercises(
    calculate("ViT-B/16 gets a picture of 224 × 224 pixels. **How many tokens** run through its blocks?", b16.tokens, digits=0,
              hints=["How many patches of 16 × 16 are there?", "And who stands in front of them?"],
              slips=[(b16.patches, "Those are the patches. One more token stands in front of them."), (224 // 16, "That is one row of patches."),
                     (224 * 224 // 16, "You divided by the side of a patch. Divide each side of the picture by it.")],
              because=f"14 × 14 = {b16.patches} patches, and the class token: {b16.tokens}."),
    calculate("You make the side of a picture three times as long. **How many times as many weights** has an attention map (count the patches alone)?",
              (tripled.patches / b16.patches) ** 2, digits=0, hints=["First: how many times as many patches?", "A map has a weight for every pair."],
              slips=[(tripled.patches // b16.patches, "So many times as many patches. The map has a weight for each *pair* of them."), (3, "Both sides grow.")],
              because=f"Three times the side makes {tripled.patches // b16.patches} times the patches, and {tripled.patches // b16.patches} squared is {(tripled.patches // b16.patches) ** 2}. Attention's own work grows with the fourth power of the side."),
    calculate(f"In ViT-S/16 the matrix *E* turns the {s16.patch_dim} numbers of a patch into {s16.dim}, and adds a bias. **How many parameters** are that?",
              embed, digits=0, hints=["A row for each number that comes in, a column for each that goes out."],
              slips=[(embed - s16.dim, "You forgot the bias: one number for each that goes out."), (embed * s16.patches - 0, "The same matrix serves every patch."),
                     (256 * s16.dim + s16.dim, "A patch has three colours.")],
              because=f"{s16.patch_dim} × {s16.dim} + {s16.dim} = {embed:,}. All patches share it, as all places share a kernel."),
    choose("Which parts of a block carry information **from one token to another**?",
           {"Attention": spreads(parts["attention"]), "The MLP": spreads(parts["mlp"]), "LayerNorm": spreads(parts["norm"]), "The residual": spreads(lambda x: x + x)},
           several=True, slips={"The MLP": "It works on each token alone, with the same weights for all.", "LayerNorm": "It takes the mean over the numbers of *one* token.",
                                "The residual": "It adds to each token what that token was before."},
           because="We changed one token and looked at the others. Only through attention did they notice."),
    arrange("Which model has the **least work** with a picture of 224 pixels? Order by multiply-adds.", {name: count_macs(c) for name, c in models.items()},
            slips=[({name: count_parameters(c) for name, c in models.items()}, "That is the order of their parameters. Larger patches make fewer tokens, so B/32 works less than S/16 with four times its parameters."),
                   ({name: -count_macs(c) for name, c in models.items()}, "That begins with the most work.")],
            because="In G multiply-adds: " + ", ".join(f"{name} {count_macs(c) / 1e9:.1f}" for name, c in sorted(models.items(), key=lambda one: count_macs(one[1]))) + "."),
    choose("You give ViT-B/16 six heads in place of twelve. What happens to its **parameters**?",
           {"Nothing": count_parameters(fewer_heads) == count_parameters(b16), "There are half as many": 2 * count_parameters(fewer_heads) == count_parameters(b16), "Those of attention are halved": count_parameters(fewer_heads) < count_parameters(b16)},
           slips={"There are half as many": "Heads share out the numbers of a token. Fewer heads are wider ones.", "Those of attention are halved": "Each head would now be twice as wide."},
           because=f"Each of the six heads has {b16.dim // 6} numbers in place of {b16.dim // b16.heads}. The matrices keep their size."),
    repair("This should be one block of a ViT, but a token that leaves it no longer carries what it brought.",
           """
x = x + attention(norm(x))
y = mlp(norm(x))
""", 1, ["y = x + mlp(norm(x))", "y = norm(x + mlp(x))", "y = x + mlp(x)"],
           given={"x": road, **parts}, makes=half_way + parts["mlp"](parts["norm"](half_way)),
           hints=["Each half *adds* to what was there."],
           slips={"y = norm(x + mlp(x))": "So the first Transformer had it, with the norm *after* the addition. A ViT puts it before.",
                  "y = x + mlp(x)": "The road is back, but the MLP now reads a copy that was not normed."},
           because="The second half must add its result, too. Without `x +` the straight road through the model ends here."),
)  # fmt: skip

# %% [markdown]
# **1.** ViT-S with patches of 14 pixels, on 224 pixels: how many tokens? More parameters than
# ViT-S/16, or fewer?
#
# <details markdown="1"><summary>Answer</summary>
#
# 16² + 1 = {eval}`s14.tokens` tokens, and {eval}`f"{count_parameters(s14):,}"` parameters against
# {eval}`f"{count_parameters(small):,}"`: {eval}`f"{-fewer:,}"` fewer. *E* shrinks by more than the table of
# positions grows.
#
# </details>
#
# **2.** You fine-tune ViT-B/16 at 384 pixels. Which parameters change their number?
#
# <details markdown="1"><summary>Answer</summary>
#
# The positions, and they alone: {eval}`large.tokens` rows instead of {eval}`b16.tokens`, so
# {eval}`f"{count_parameters(large) - count_parameters(b16):,}"` more, {eval}`f"{count_parameters(large):,}"` in all.
# `vitexplain.positions.interpolate` stretches the old table. The work grows from
# {eval}`f"{count_macs(b16) / 1e9:.2f}"` to {eval}`f"{count_macs(large) / 1e9:.2f}"` G.
#
# </details>
#
# **3.** Read out by the mean of the patches. How many parameters does ViT-B/16 save?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`f"{count_parameters(b16) - count_parameters(mean):,}"`: the class token and its row of positions,
# {eval}`b16.dim` each.
#
# </details>
#
# **4.** In a block of ViT-B/16, from which number of patches a side does attention's own work,
# 2*T*²*D*, exceed all the rest?
#
# <details markdown="1"><summary>Answer</summary>
#
# When 2*T* > 4*D* + 2*M*, hence from {eval}`even` × {eval}`even` patches: an image of
# {eval}`f"{16 * even:,}"` pixels a side.
#
# </details>
#
# ## The photograph

# %% tags=["remove-code"]
credits(["coffee"])

# %% [markdown]
# ## Sources

# %% tags=["remove-code"]
bibliography(("vit", "attention", "deit", "cvt", "plain-vit", "flash"), ordered=True)
