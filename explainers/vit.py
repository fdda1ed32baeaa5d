# ---
# title: The whole Vision Transformer
# description: Class token, positions, twelve blocks, readout. Every shape, parameter and multiply-add of ViT-B/16, computed, run and checked.
# order: 30
# section: Lessons
# page: lessons/vit.md
# notebook: true
# ---

# %% tags=["remove-code"]
import platform
import time
from dataclasses import replace

import numpy as np
import torch
from IPython.display import Markdown
from torch import nn
from torch.nn import functional as F

from vitexplain.attention import merge_heads, split_heads
from vitexplain.facts import POSITION_ABLATION, SOURCES, TABLE_1_PARAMETERS
from vitexplain.faces import draw_face
from vitexplain.layers import gelu
from vitexplain.figures import (
    cost_shares,
    head_layer_overview,
    patch_attention,
    patch_grid,
    position_similarity,
    vit_shapes,
)
from vitexplain.patches import patchify, unpatchify
from vitexplain.positions import sinusoidal_1d
from vitexplain.reading import rollout, rollout_of
from vitexplain.vit import (
    PRESETS,
    ViT,
    ViTConfig,
    attention_weights,
    count_macs,
    count_parameters,
    mac_shares,
    parameter_shares,
    walk,
)

torch.set_grad_enabled(False)  # we read models here; the one that is trained turns it on
torch.backends.cudnn.allow_tf32 = False  # full float32 on a GPU too
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
device_name = torch.cuda.get_device_name() if device.type == "cuda" else "cpu"


def table(header, rows):
    """Show a Markdown table, numbers to the right."""
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return Markdown("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))


def largest(x):
    """Return the largest absolute entry."""
    return float(abs(x).max())


def tiny(x):
    """Write a very small number as a power of ten."""
    if x == 0:
        return "0.0"
    digits, power = f"{x:.0e}".split("e")
    return f"{digits} × 10<sup>{int(power)}</sup>".replace("-", "−")


def shape(x):
    """Write an array's shape."""
    return " × ".join(map(str, x.shape))


# %% [markdown]
# # The whole Vision Transformer
#
# You have seen one word choose between two meanings, and one face cut into 16 patches. Both
# times a few numbers were enough. Now comes the real thing: **ViT-B/16**, the model of the paper
# *An Image is Worth 16x16 Words* ({eval}`SOURCES["vit"]`). It has
# {eval}`f"{count_parameters(PRESETS['B/16']):,}"` parameters.
#
# Do not let the size frighten you. You know its heart already, and the same function
# `attend` runs inside. Five things are new: a class token, learned positions, several heads,
# a small network after each attention, and a readout. By the end of this page you will have
# seen every shape, counted every parameter, and mended somebody's broken ViT.
#
# **What is trained here, and what is not.** This page has no pretrained weights. ViT-B/16 runs
# with *random* weights: it shows how the machine is built, and nothing that a machine has
# learned. Where learning matters, we train a tiny ViT, on this page, on a task that we can check.

# %% [markdown]
# ## From 16 patches to 196
#
# ViT-B/16 takes an image of 224 × 224 pixels. The “16” in its name is the side of a patch. So we
# enlarge our face and cut it up, just as before.

# %%
face = draw_face().pixels  # (channel, row, col) = (3, 64, 64)
face = np.kron(face, np.ones((1, 7, 7))).reshape(3, 224, 2, 224, 2).mean(axis=(2, 4))
image = torch.tensor(face, dtype=torch.float32, device=device)[None]
patches = patchify(image, 16)
tuple(patches.shape)  # (batch, patch, numbers in a patch)

# %% tags=["remove-code", "figure"]
patch_grid(face, grid=(14, 14))

# %% [markdown]
# There are 224 / 16 = {eval}`224 // 16` patches in a row and as many in a column:
# {eval}`patches.shape[1]` patches. Each is 16 × 16 pixels in 3 colours, flattened to
# {eval}`patches.shape[2]` numbers. One linear map $E$ turns each into a *token* of $D$ numbers.
#
# In ViT-B, $D$ is {eval}`PRESETS["B/16"].dim` too. **That is a coincidence.** ViT-S/16 cuts the
# same {eval}`PRESETS["S/16"].patch_dim` numbers and keeps {eval}`PRESETS["S/16"].dim`;
# ViT-L/16 makes {eval}`PRESETS["L/16"].dim` of them.
#
# From here to the last layer, one picture holds: a matrix with one row a token.

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
# the patches. So ViT puts one more in front, the **class token**. It is a parameter: $D$ numbers,
# learned like any weight. It shows no patch, and **it is the same for every image** until
# attention first lets it look at the others. Compare our face with pure noise:

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
order = torch.randperm(x.shape[1], generator=torch.Generator().manual_seed(0)).to(device)
moves_along = largest(attention(x[:, order]) - attention(x)[:, order])
stays_put = largest(attention(x[:, order]) - attention(x))

# %% [markdown]
# The output is shuffled in the same way, and otherwise the same:
# {eval}`tiny(moves_along)` apart, which is rounding. It is *not* unchanged:
# place by place it differs by up to {eval}`f"{stays_put:.2f}"`. The right word is **permutation
# equivariant**, $f(PX) = P f(X)$. The article that we correct on this page says *invariant*; that
# is true only of what a readout makes of the tokens. A class token, or a mean, does not care
# in which order the others stand.
#
# So without help a ViT sees a *bag of patches*. The help is a table $E_\text{pos}$ with one row a
# token. It is **added**, once, before block 0:
#
# $$z_0 = [\,x_\text{class};\; x_1 E;\; x_2 E;\; \dots;\; x_N E\,] + E_\text{pos} \tag{1}$$
#
# The paper's equation has no bias after $E$; its code, and ours, has one.
#
# ### Does it matter? Let us train two
#
# Here is a task in which *where* is everything. A red and a blue square lie on a 6 × 6 grid of
# light tiles. Where is red, seen from blue: above, below, left or right?

# %% tags=["hide-code"]
GRID, SIDE = 6, 4  # tiles in a row; pixels along a tile, which is also a patch
RED, BLUE = torch.tensor([0.8, 0.2, 0.2]), torch.tensor([0.2, 0.3, 0.8])
ANSWERS = ("above", "below", "left", "right")


def pictures(number, generator):
    """Draw pictures; return them, the answers, and the tiles that are red and blue."""
    red = torch.randint(0, GRID**2, (number,), generator=generator)
    blue = (red + torch.randint(1, GRID**2, (number,), generator=generator)) % GRID**2
    down, right = red // GRID - blue // GRID, red % GRID - blue % GRID
    clear = down.abs() != right.abs()  # no ties
    red, blue, down, right = red[clear], blue[clear], down[clear], right[clear]
    upright, sideways = (down > 0).long(), 2 + (right > 0).long()
    answers = torch.where(down.abs() > right.abs(), upright, sideways)
    tiles = 0.85 + 0.1 * torch.rand(len(red), GRID**2, 1, generator=generator).repeat(1, 1, 3)
    each = torch.arange(len(red))
    tiles[each, red], tiles[each, blue] = RED, BLUE
    return paint(tiles), answers, red, blue


def paint(tiles):
    """Turn tile colours (batch, tile, 3) into images (batch, 3, row, col)."""
    grid = tiles.mT.unflatten(2, (GRID, GRID))
    return grid.repeat_interleave(SIDE, 2).repeat_interleave(SIDE, 3)


toy = ViTConfig(
    image_size=GRID * SIDE, patch=SIDE, dim=32, depth=2, heads=2, mlp_dim=64, classes=4
)


@torch.enable_grad()
def train(*, positions, steps=400):
    """Train a tiny ViT from scratch; without positions its table is zero and stays zero."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    model = ViT(toy)
    if not positions:
        nn.init.zeros_(model.pos_embed).requires_grad_(False)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=5e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    for _ in range(steps):
        images, answers, *_ = pictures(64, generator)
        loss = F.cross_entropy(model(images), answers)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


def accuracy(model, images, answers):
    """Return the share of right answers."""
    return float((model(images).argmax(-1) == answers).float().mean())


# %%
start = time.perf_counter()
with_positions = train(positions=True)
without_positions = train(positions=False)
seconds_training = time.perf_counter() - start

tests, answers, red, blue = pictures(4000, torch.Generator().manual_seed(2))
right = {
    "with positions": accuracy(with_positions, tests, answers),
    "without": accuracy(without_positions, tests, answers),
}

# %% tags=["remove-code"]
guess = float(torch.bincount(answers).max() / len(answers))
shuffle = torch.randperm(GRID**2, generator=torch.Generator().manual_seed(3))
shuffled = unpatchify(patchify(tests, SIDE)[:, shuffle], (GRID, GRID))
moved = {
    name: largest(model(shuffled) - model(tests))
    for name, model in (("with", with_positions), ("without", without_positions))
}

# %% [markdown]
# Both have {eval}`toy.depth` blocks, {eval}`toy.heads` heads and
# {eval}`f"{count_parameters(toy):,}"` parameters; training both took
# {eval}`f"{seconds_training:.0f}"` seconds. On {eval}`f"{len(answers):,}"` new pictures:
#
# - **with positions: {eval}`f"{right['with positions']:.1%}"` right.**
# - **without: {eval}`f"{right['without']:.1%}"` right**, where always naming the commonest answer
#   gives {eval}`f"{guess:.1%}"`.
#
# More training would not help. “Red above blue” and “blue above red” are the same bag
# of tiles. Shuffle the tiles, and the logits of the model without positions change by
# {eval}`tiny(moved['without'])`: rounding. With positions they change by up to
# {eval}`f"{moved['with']:.1f}"`.
#
# Our task was made to need positions. Photographs are kinder, as a bag of patches
# already tells you much about them. In the paper's own test, ViT-B/16 gets
# {eval}`f"{100 * POSITION_ABLATION['none'].value:.1f}"` % without positions and
# {eval}`f"{100 * POSITION_ABLATION['learned, 1-D'].value:.1f}"` % with them:
# {eval}`f"{100 * (POSITION_ABLATION['learned, 1-D'].value - POSITION_ABLATION['none'].value):.1f}"`
# points, not everything, and not nothing
# ({eval}`POSITION_ABLATION['none'].source`, {eval}`POSITION_ABLATION['none'].where`;
# {eval}`POSITION_ABLATION['none'].unit`). And other designs can do without: CvT, whose
# convolutions carry place, reports that its positions can be removed ({eval}`SOURCES["cvt"]`).
#
# ### What did it learn?
#
# Nobody told our tiny ViT that tiles lie in rows and columns. It got
# {eval}`with_positions.pos_embed.shape[1] - 1` unrelated random rows. Take the trained rows,
# and compare each with all others (by cosine, their mean taken off first). Each small map is one
# tile's:

# %% tags=["remove-code", "figure"]
codes = with_positions.pos_embed[0, 1:]
codes = codes - codes.mean(0)
position_similarity(codes, grid=(GRID, GRID))

# %% [markdown]
# **Neighbours have become alike.** The grid is in the table now, because the task needs it. The
# paper's Figure 7 shows the same for ViT-L/32, learned from photographs. That is why a plain
# list of positions, 1, 2, 3, …, is ViT's choice: codes that know of rows and columns gave “no
# significant gains”, in its words.
#
# ### Or compute them
#
# The first Transformer had no table but a formula:
#
# $$\mathrm{PE}(p, 2i) = \sin\!\left(p / 10000^{2i/d}\right), \qquad
# \mathrm{PE}(p, 2i+1) = \cos\!\left(p / 10000^{2i/d}\right)$$

# %%
sinusoidal_1d(tokens=4, dim=4).round(4)

# %% [markdown]
# Read it down a column: one wave. The first two columns swing fast, the next two a hundred times
# slower. One blog post has it that every position gets its own frequencies. It is the other
# way round: **the frequency belongs to the pair of columns, and all positions share it.**
# Position 0 is {eval}`", ".join(f"{v:g}" for v in sinusoidal_1d(1, 4)[0])`, the row of all
# zero angles.

# %% [markdown]
# ## A block: look around, then think
#
# Now $L$ blocks follow, all alike, each with its own weights:
#
# $$\begin{aligned}
# z'_l &= \mathrm{MSA}(\mathrm{LN}(z_{l-1})) + z_{l-1} \qquad &(2)\\
# z_l &= \mathrm{MLP}(\mathrm{LN}(z'_l)) + z'_l \qquad &(3)
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
# **Several heads.** The $D$ channels of $Q$, $K$ and $V$ are cut into $h$ parts, and each part
# runs `attend` alone:
#
# $$\mathrm{head}_i = \mathrm{softmax}\!\left(\tfrac{1}{\sqrt{D/h}}\,
# X W_Q^i (X W_K^i)^\top\right) X W_V^i, \qquad
# \mathrm{MSA}(X) = [\,\mathrm{head}_1, \dots, \mathrm{head}_h\,]\, W_O$$
#
# One softmax gives a token one way to look around. {eval}`PRESETS["B/16"].heads` heads give it
# {eval}`PRESETS["B/16"].heads` ways. People say that this is expensive. Count:

# %%
b16 = PRESETS["B/16"]
{
    heads: (count_parameters(c), count_macs(c))
    for heads in (1, 12, 768)
    if (c := replace(b16, heads=heads))
}

# %% [markdown]
# **Heads cost no parameter and no multiply-add more**, as each is narrower by just as much. And
# nothing tells a head to look for shape, colour or texture, as is sometimes claimed: what the paper documents is
# that some heads look near and some far.
#
# **The MLP.** Two linear layers, {eval}`b16.dim` → {eval}`f"{b16.mlp_dim:,}"` → {eval}`b16.dim`, with a GELU
# between them, $\mathrm{GELU}(x) = x\,\Phi(x)$. It resembles ReLU, smoothed:
# GELU(1) = {eval}`f"{gelu(torch.ones(1)).item():.3f}"`,
# GELU(−1) = {eval}`f"{gelu(-torch.ones(1)).item():.3f}".replace("-", "−")`. It works on **each token alone**. We change
# one token and count who notices:

# %%
block, other = vit.blocks[0], x.clone()
other[:, 42] += 1.0 * torch.randn(768, generator=torch.Generator().manual_seed(0)).to(device)


def who_notices(part, norm):
    change = abs(part(norm(other)) - part(norm(x))).amax(dim=-1)
    return int((change > 1e-6).sum())


who_notices(block.attn, block.norm1), who_notices(block.mlp, block.norm2)

# %% [markdown]
# Through attention, {eval}`who_notices(block.attn, block.norm1)` of {eval}`x.shape[1]` tokens
# change. Through the MLP, {eval}`who_notices(block.mlp, block.norm2)`: its own. So the MLP learns
# no relation *between* patches. **Only attention moves information from token to token.**
# A block looks around, then thinks.

# %% [markdown]
# ## The readout
#
# After the last block comes one more LayerNorm, then the class token alone is read:
#
# $$y = \mathrm{LN}(z_L)_\text{class} \qquad (4) \qquad\qquad \text{logits} = y\, W_\text{head} + b$$
#
# {eval}`f"{b16.classes:,}"` classes, {eval}`f"{b16.classes:,}"` logits. The other
# {eval}`b16.patches` tokens are dropped; they have served. In pre-training the paper has a
# hidden tanh layer before the head (`pre_logits` in `ViTConfig`); for fine-tuning one
# linear layer is left.
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
    ("`projected`", first.projected, "times $E$"),
    ("`tokens`", first.tokens, "with class token and positions, $z_0$"),
    ("`normed`", one.normed, "LN"),
    ("`attention…query`, `key`, `value`", heads.query, "head, token, channels of a head"),
    ("`attention…scores`, `weights`", heads.weights, "head, query, key"),
    ("`attention.merged`", one.attention.merged, "heads side by side"),
    ("`residual`", one.residual, "$z'_l$"),
    ("`hidden`, `activated`", one.hidden, "inside the MLP"),
    ("`output`", one.output, "$z_l$"),
    ("`pooled`", last.pooled, "the class token, normed"),
    ("`logits`", last.logits, "one a class"),
]
table(["step", "shape", "what it is"], [(name, shape(x[0]), what) for name, x, what in shapes])

# %% [markdown]
# The rows from `normed` to `output` repeat in each of {eval}`b16.depth` blocks.
#
# ## Every parameter, every multiply-add
#
# Count with a pencil. A linear map from $a$ to $b$ numbers has $ab + b$ parameters; in a block with
# an MLP of $4D$ that makes $12D^2 + 13D$. In all:
#
# $$(P^2C + 1)D + D + (N+1)D + L\,(12D^2 + 13D) + 2D + (D+1)K$$
#
# A multiply-add is one multiplication and one addition, $ab$ of them a token. With
# $T = N + 1$ tokens and an MLP of $M$:
#
# $$N P^2 C D + L\,[\,T(4D^2 + 2DM) + 2T^2D\,] + DK$$

# %%
P, C, D, L, M, K, N = 16, 3, 768, 12, 3072, 1000, 196
T = N + 1
parameters = (P * P * C + 1) * D + D + (N + 1) * D + L * (12 * D**2 + 13 * D) + 2 * D + (D + 1) * K
macs = N * P * P * C * D + L * (T * (4 * D**2 + 2 * D * M) + 2 * T**2 * D) + D * K
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
    ("attention: $QK^\\top$ and weights × $V$", 0, costs["attention products"]),
    ("MLP", own["MLP"], costs["MLP"]),
    ("LayerNorm", own["LayerNorm"], 0),
    ("head", own["head"], costs["head"]),
]
assert sum(p for _, p, _ in parts) == parameters
assert sum(m for _, _, m in parts) == macs
table(
    ["part", "parameters", "share", "multiply-adds", "share"],
    [
        (name, f"{p:,}", f"{p / parameters:.2%}", f"{m:,}", f"{m / macs:.2%}")
        for name, p, m in parts
    ]
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
table(
    ["", "patch", "$L$", "$D$", "MLP", "heads", "tokens", "parameters", "G multiply-adds"],
    [
        (f"ViT-{name}", c.patch, c.depth, c.dim, c.mlp_dim, c.heads, c.tokens)
        + (f"{count_parameters(c):,}", f"{count_macs(c) / 1e9:.3f}")
        for name, c in PRESETS.items()
    ],
)

# %% [markdown]
# The paper rounds these to
# {eval}`", ".join(f"{n.value / 1e6:.0f} M for {size}" for size, n in TABLE_1_PARAMETERS.items())`. Its
# {eval}`f"{TABLE_1_PARAMETERS['L'].value / 1e6:.0f}"` M is the L/32; larger patches give a larger $E$ but fewer tokens,
# hence more parameters and less work. Ti and S are later sizes ({eval}`SOURCES["deit"]`).
#
# ### Larger images
#
# Double the side of an image: 4 times the patches, **16 times the attention weights**.

# %% tags=["remove-code"]
larger = {side: replace(b16, image_size=side) for side in (224, 448, 896)}
work = {side: mac_shares(c) for side, c in larger.items()}
product_shares = {side: w["attention products"] / sum(w.values()) for side, w in work.items()}
table(
    ["side", "patches $N$", "pairs $N^2$", "G multiply-adds", "of which $QK^\\top$ and weights × $V$"],
    [
        (f"{side} px", f"{c.patches:,}", f"{c.patches**2:,}")
        + (f"{count_macs(c) / 1e9:.1f}", f"{product_shares[side]:.2%}")
        for side, c in larger.items()
    ],
)

# %% [markdown]
# So the fear of the quadratic is right and often early: at 224 pixels it costs
# {eval}`f"{product_shares[224]:.2%}"`, at 896 pixels {eval}`f"{product_shares[896]:.2%}"`. As for memory, a
# fused kernel need never store the weights ({eval}`SOURCES["flash"]`); `vit(images)` uses torch's, and
# only `walk` keeps them, because you want to look.

# %% [markdown]
# ## Run it
#
# One forward pass, three ways: `vit(images)`, plain and fast; `vit.walk(images)`, which names every
# step; and the same `walk` on NumPy arrays, without torch.

# %%
logits = vit(image)
named = steps[-1].logits
state = {name: p.cpu().numpy() for name, p in vit.state_dict().items()}
*_, in_numpy = walk(state, image.cpu().numpy(), b16)

largest(named - logits), largest(in_numpy.logits - logits.cpu().numpy())

# %% tags=["remove-code"]
def seconds(run, repeats=2):
    """Return the best time of some runs; a GPU is waited for."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return best


def walk_through(params, images):
    for _ in walk(params, images, b16):
        pass


threads = torch.get_num_threads()
where = device_name if device.type == "cuda" else f"cpu, {threads} thread{'s' * (threads > 1)}"
numbers = image.cpu().numpy()
times = [
    ("`vit(images)`", where, seconds(lambda: vit(image)), "—"),
    ("`vit.walk(images)`", where, seconds(lambda: walk_through(dict(vit.named_parameters()), image)), tiny(largest(named - logits))),
    ("`walk` on NumPy", "cpu", seconds(lambda: walk_through(state, numbers)), tiny(largest(in_numpy.logits - logits.cpu().numpy()))),
]
table(
    ["forward pass of one image", "device", "milliseconds", "largest difference in the logits"],
    [(name, place, f"{1000 * s:,.0f}" if s > 0.02 else f"{1000 * s:.1f}", apart) for name, place, s, apart in times],
)

# %% tags=["remove-code"]
del state, in_numpy

# %% [markdown]
# The logits are about ±{eval}`f"{float(logits.std()):.1f}"`, so all three agree to float32's last digits. This page was
# built on **{eval}`where`** ({eval}`platform.machine()`). The code is the same on a GPU: it takes
# the one that torch finds.
#
# Here is every attention map of that pass: {eval}`b16.depth` blocks, {eval}`b16.heads` heads. Each little square shows
# how much the class token takes from each patch.

# %% tags=["remove-code", "figure"]
maps = [step.attention.attention.weights[0] for step in steps[1:-1]]
head_layer_overview(maps, query=0, grid=b16.grid)

# %% tags=["remove-code"]
class_rows = torch.stack([m[:, 0] for m in maps])  # (layer, head, key)
entropy = -(class_rows * class_rows.log()).sum(-1) / np.log(b16.tokens)

# %% [markdown]
# **These maps belong to an untrained model.** You see the face through them, as random maps
# of different pixels differ. You see no understanding. The class token's weights lie between
# {eval}`f"{float(class_rows.min()):.4f}"` and {eval}`f"{float(class_rows.max()):.4f}"`, where an even spread would give
# each token 1/{eval}`b16.tokens` = {eval}`f"{1 / b16.tokens:.4f}"`. So keep it in mind when a handsome
# map is shown to you: some of the outline comes free.
#
# ### And after learning?
#
# For that we have the tiny ViT that was trained above. Averaged over
# {eval}`f"{len(answers):,}"` test pictures, how does the class token share its attention out?

# %% tags=["remove-code"]
toy_maps = torch.stack(list(attention_weights(with_positions.walk(tests))))
every, class_token = torch.arange(len(tests)), torch.zeros_like(red)
pairs = {
    "class → red": (class_token, red + 1),
    "class → blue": (class_token, blue + 1),
    "red → blue": (red + 1, blue + 1),
    "blue → red": (blue + 1, red + 1),
}
taken = {  # (layer, head), the mean over pictures
    pair: toy_maps.transpose(2, 3)[:, every, query].transpose(2, 3)[:, every, key].mean(1)
    for pair, (query, key) in pairs.items()
}
table(
    ["", *pairs],
    [
        [f"block {layer}, head {head}", *(f"{float(taken[pair][layer, head]):.3f}" for pair in pairs)]
        for layer in range(toy.depth)
        for head in range(toy.heads)
    ]
    + [["an even spread", *[f"{1 / toy.tokens:.3f}"] * len(pairs)]],
)


# %% tags=["remove-code"]
def strongest(pair):
    """Return the block and head with the largest mean weight of a pair."""
    layer, head = divmod(int(taken[pair].argmax()), toy.heads)
    return f"block {layer}, head {head}"


far = int(((red // GRID - blue // GRID).abs() + (red % GRID - blue % GRID).abs()).argmax())
peak = {pair: float(weights.max()) for pair, weights in taken.items()}

# %% [markdown]
# Now there is something to see. In {eval}`strongest("class → red")` the class token takes
# {eval}`f"{peak['class → red']:.1%}"` of its mixture from the red tile, wherever that lies. In
# {eval}`strongest("red → blue")` the red tile takes {eval}`f"{peak['red → blue']:.1%}"` from the blue one. No
# one wrote that rule. But do not read too much into it: another random start finds another
# division of labour. And notice how evenly the last block spreads.

# %% [markdown]
# ## Attention rollout: one map for all blocks
#
# Two blocks and two heads made four maps. ViT-B/16 has {eval}`b16.depth * b16.heads`. **Rollout**
# folds them into one ({eval}`SOURCES["rollout"]`). Average the heads of block $l$ to $W_l$. Give
# the residual its half, as a token keeps what it had. Multiply from the first block to the last:
#
# $$A_l = \tfrac12 W_l + \tfrac12 I, \qquad \tilde A_l = A_l\, \tilde A_{l-1}, \qquad \tilde A_0 = I$$
#
# Each $A_l$ has rows that sum to 1, so their product has too. Try it with three tokens and two blocks:

# %%
A1 = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
A2 = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
example = rollout([A1[None], A2[None]])  # one head each; first block first
example.round(4)

# %% [markdown]
# Check one number by hand. Row 1 of $A_2$ is
# {eval}`", ".join(f"{v:g}" for v in (A2[0] + np.eye(3)[0]) / 2)`; column 1 of $A_1$ is
# {eval}`", ".join(f"{v:g}" for v in (A1[:, 0] + np.eye(3)[:, 0]) / 2)`. Their dot product is
# {eval}`f"{example[0, 0]:.4f}"`. Without the residual it would be {eval}`f"{(A2 @ A1)[0, 0]:.4f}"`.
#
# And if attention were perfectly even? Then each block keeps half of a token and spreads half over
# all. After {eval}`b16.depth` blocks of {eval}`b16.tokens` tokens, a token's share of itself is

# %%
even = np.full((1, b16.tokens, b16.tokens), 1 / b16.tokens)
self_share = rollout([even] * b16.depth)[0, 0]
assert np.isclose(self_share, 0.5**12 + (1 - 0.5**12) / 197)
round(float(self_share), 6)

# %% [markdown]
# hardly more than 1/{eval}`b16.tokens` = {eval}`f"{1 / b16.tokens:.6f}"`. Our untrained ViT-B/16 is close to that: its
# class token's share of itself is {eval}`f"{float(rollout_of(vit, image)[0, 0, 0]):.6f}"`. The trained tiny ViT is not.
# Here is the rollout of its class token, on one picture:

# %%
rolled = rollout_of(with_positions, tests)

# %% tags=["remove-code", "figure"]
patch_attention(rolled[far, 0, 1:], image=tests[far], grid=(GRID, GRID))

# %% tags=["remove-code"]
rolled_share = {
    "red": float(rolled[every, 0, red + 1].mean()),
    "blue": float(rolled[every, 0, blue + 1].mean()),
}
plain = (red + 1) % GRID**2
plain = torch.where(plain == blue, (blue + 1) % GRID**2, plain)
plain = torch.where(plain == red, (red + 2) % GRID**2, plain)
assert not ((plain == red) | (plain == blue)).any()
rolled_share["a light tile"] = float(rolled[every, 0, plain + 1].mean())
painted_right = {}
for name, tile in {"red": red, "blue": blue, "a light tile": plain}.items():
    tiles = patchify(tests, SIDE)
    tiles[every, tile] = 0.9
    painted = unpatchify(tiles, (GRID, GRID))
    painted_right[name] = accuracy(with_positions, painted, answers)

# %% [markdown]
# It finds both tiles. So is it an explanation? **Test it: paint a tile over and see
# whether the answer survives.**

# %% tags=["remove-code"]
table(
    ["tile", "its share in the rollout", "right answers once it is painted over"],
    [(name, f"{rolled_share[name]:.3f}", f"{painted_right[name]:.1%}") for name in rolled_share],
)

# %% [markdown]
# The model needs red and blue alike. The rollout gives them unlike shares. It
# left out the values $V$, $W_O$, the MLPs and LayerNorm, and it is the same for all classes.
#
# An attention weight is a mixing coefficient in one head of one layer, and studies of language
# models found such weights often at odds with gradients ({eval}`SOURCES["not-explanation"]`);
# when they may still explain something is disputed ({eval}`SOURCES["not-not-explanation"]`).
# Rollout inherits this, and so a map of it says where information *could* have come from, until
# a test like the one above says more.

# %% [markdown]
# ## A module mended line by line
#
# Many articles print a ViT in forty lines. Here is the structure of one, written anew and
# shortened; the faults are the article's. It looks right. Read it, and guess how many there are.

# %%
class Article(nn.Module):
    def __init__(self, image=224, patch=16, dim=768, depth=12, classes=1000):
        super().__init__()
        self.embed = nn.Linear(3 * patch * patch, dim)
        self.class_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.positions = nn.Parameter(torch.zeros(1, (image // patch) ** 2 + 1, dim))
        self.encoder = self.make_encoder(dim, depth)
        self.head = nn.Linear(dim, classes)

    def make_encoder(self, dim, depth):
        layer = nn.TransformerEncoderLayer(d_model=dim, nhead=8)
        return nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)

    def cut(self, images):
        p = self.patch_size
        windows = images.unfold(2, p, p).unfold(3, p, p).contiguous()
        return windows.view(len(images), self.num_patches, -1)

    def forward(self, images):
        tokens = self.embed(self.cut(images))
        class_token = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([class_token, tokens], dim=1) + self.positions
        return self.head(self.encoder(tokens)[:, 0])


two = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))

# %% [markdown]
# ### 1. It does not run

# %%
try:
    Article().eval()(two)
except AttributeError as error:
    print(error)

# %% [markdown]
# `__init__` never keeps the patch size nor the number of patches. Mended:

# %%
class Runs(Article):
    def __init__(self):
        super().__init__()
        self.patch_size, self.num_patches = 16, 196

# %% [markdown]
# ### 2. The patches are not patches
#
# Now it runs. Does a token hold the pixels of a patch? Compare with `patchify`, as sets of pixels,
# in any order:

# %%
def right_tokens(cut):
    same = cut.sort(-1).values == patchify(two, 16).sort(-1).values
    return int(same.all(-1).sum()), same.shape[0] * same.shape[1]


cut = Runs().cut(two)
right_tokens(cut)

# %% tags=["remove-code"]
glued = cut[0, 0]
three = patchify(two, 16)[0, :3, :256].reshape(-1)
assert torch.equal(glued, three)

# %% [markdown]
# {eval}`right_tokens(cut)[0]` of {eval}`right_tokens(cut)[1]`. After the two
# `unfold`s the axes are (batch, **channel**, row of patches, column of patches, row, column), and `view` glues
# together whatever lies side by side in memory. Token 0 is made of the red channel of patches 0, 1
# *and* 2. Nothing complains: {eval}`glued.numel()` numbers are {eval}`glued.numel()` numbers. The channel must move
# behind the patches first:

# %%
class Cuts(Runs):
    def cut(self, images):
        p = self.patch_size
        windows = images.unfold(2, p, p).unfold(3, p, p).permute(0, 2, 3, 1, 4, 5)
        return windows.reshape(len(images), self.num_patches, -1)


article = Cuts().eval()
right_tokens(article.cut(two)), largest(article.cut(two) - patchify(two, 16))

# %% [markdown]
# ### 3. It never looks at the image
#
# The worst fault makes no noise at all. Show it the two images, which have nothing in common:

# %%
blind = article(two)
largest(blind[0] - blind[1])

# %% [markdown]
# **{eval}`largest(blind[0] - blind[1])`.** Not small: zero. Its logits are the same for any image whatever.
#
# `nn.TransformerEncoderLayer` expects (token, batch, dim) unless told `batch_first=True`. Given
# (batch, token, dim), it takes the batch for the sentence: token 17 of one image attends to
# token 17 *of the other images*. The class token stands at place 0. There it meets class tokens only,
# all alike, and never a patch. And such a model still trains, in a way: the loss falls until it
# has learned how frequent each class is.

# %%
class Looks(Cuts):
    def make_encoder(self, dim, depth):
        layer = nn.TransformerEncoderLayer(d_model=dim, nhead=8, batch_first=True)
        return nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)


article = Looks().eval()
sighted = article(two)
largest(sighted[0] - sighted[1])

# %% [markdown]
# ### 4. It is not a ViT
#
# It runs, on patches, on the image. But these are the defaults of 2017, for language:

# %% tags=["remove-code"]
layer = article.encoder.layers[0]
article_parameters = sum(p.numel() for p in article.parameters())
twins = torch.equal(layer.linear1.weight, article.encoder.layers[1].linear1.weight)
table(
    ["", "the article", "ViT-B/16"],
    [
        ("LayerNorm", "before" if layer.norm_first else "after", "before"),
        ("activation", layer.activation.__name__.upper().replace("RELU", "ReLU"), "GELU"),
        ("MLP", f"{layer.linear1.out_features:,}", f"{b16.mlp_dim:,}"),
        ("heads", layer.self_attn.num_heads, b16.heads),
        ("dropout", layer.dropout.p, "a choice of recipe; ours 0"),
        ("last LayerNorm", "none" if article.encoder.norm is None else "yes", "yes"),
        ("class token, positions at the start", "0" if not article.positions.any() else "random", "random"),
        ("**parameters**", f"**{article_parameters:,}**", f"**{count_parameters(b16):,}**"),
    ],
)

# %% [markdown]
# One more, that you would not see by reading: `nn.TransformerEncoder` copies the layer that it is given, so
# at the start all twelve blocks have the same weights (equal: {eval}`str(twins).lower()`).

# %% tags=["remove-code"]
del article, blind, sighted, layer

# %% [markdown]
# ### Mended

# %%
class Mended(Cuts):
    def make_encoder(self, dim, depth):
        layer = nn.TransformerEncoderLayer(
            dim, nhead=12, dim_feedforward=3072, dropout=0.0, activation="gelu",
            layer_norm_eps=1e-6, batch_first=True, norm_first=True,
        )  # fmt: skip
        norm = nn.LayerNorm(dim, eps=1e-6)
        return nn.TransformerEncoder(layer, depth, norm, enable_nested_tensor=False)


RENAMED = {
    "patch_embed.proj": "embed", "cls_token": "class_token", "pos_embed": "positions",
    "blocks": "encoder.layers", "attn.qkv.": "self_attn.in_proj_", "attn.proj": "self_attn.out_proj",
    "mlp.fc1": "linear1", "mlp.fc2": "linear2",
}  # fmt: skip

# %% tags=["remove-code"]
def rename(name):
    """Return torch's name for one of our parameters."""
    for ours, theirs in RENAMED.items():
        name = name.replace(ours, theirs)
    return name if not name.startswith("norm.") else f"encoder.{name}"


# %% [markdown]
# Is it right? Give it the random weights of our ViT-B/16, under torch's names, and compare.

# %%
with torch.device("meta"):  # shapes only: the weights come from ours
    mended = Mended().eval()
weights = {rename(name): p for name, p in vit.state_dict().items()}
weights["embed.weight"] = weights["embed.weight"].flatten(1)  # the kernel as a matrix
mended.load_state_dict(weights, assign=True)

two = two.to(device)
ours, theirs = vit(two), mended(two)
alone = mended(two[:1])

# %% tags=["remove-code"]
table(
    ["", ""],
    [
        ("parameters", f"{sum(p.numel() for p in mended.parameters()):,}"),
        ("largest difference from our logits", tiny(largest(theirs - ours))),
        ("between two images", f"{largest(theirs[0] - theirs[1]):.2f}"),
        ("an image alone, and beside another", tiny(largest(alone[0] - theirs[0]))),
    ],
)

# %% [markdown]
# {eval}`f"{sum(p.numel() for p in mended.parameters()):,}"` parameters, our logits, and eyes that see. Nothing in
# the broken module raised an error once line 1 was mended. **What would have caught it? Three
# questions that you can ask of any model:** does the output change with the input? Does an image
# get the same answer alone and in a batch? Has it as many parameters as the paper says?

# %% [markdown]
# ## What to remember
#
# - An image becomes 196 patches, a class token joins them, positions are added: 197 tokens, one matrix.
# - A block looks around (attention) and thinks (MLP). Only attention moves information between tokens.
# - Both halves add to the road. Norms come before.
# - Attention alone is permutation equivariant: without positions, a ViT sees a bag of patches.
# - At 224 pixels the MLPs do most of the work; attention's own products grow with the fourth power of the side.
# - A map of an untrained model shows the architecture. A map of a trained one shows a mixture, and
#   must be tested before you call it a reason.
#
# ## Exercises

# %% tags=["remove-code"]
s14 = ViTConfig(patch=14, dim=384, heads=6, mlp_dim=1536)
large = replace(b16, image_size=384)
mean = replace(b16, readout="mean")
both = patchify(tests, SIDE)
both[every, red] = 0.9
both[every, blue] = 0.9
neither = accuracy(with_positions, unpatchify(both, (GRID, GRID)), answers)
swap = patchify(tests, SIDE)
swap[every, red], swap[every, blue] = swap[every, blue], swap[every, red].clone()
opposite = answers ^ 1
swapped = accuracy(with_positions, unpatchify(swap, (GRID, GRID)), opposite)

# %% [markdown]
# **1.** A ViT-S with patches of 14 pixels at 224: how many tokens, and how many parameters more or
# fewer than ViT-S/16?
#
# <details markdown="1"><summary>Answer</summary>
#
# (224/14)² + 1 = {eval}`s14.tokens` tokens. Parameters: {eval}`f"{count_parameters(s14):,}"` against
# {eval}`f"{count_parameters(PRESETS['S/16']):,}"`, a difference of
# {eval}`f"{count_parameters(s14) - count_parameters(PRESETS['S/16']):+,}".replace("-", "−")`. A smaller $E$, a longer table of positions.
#
# </details>
#
# **2.** You fine-tune ViT-B/16 at 384 pixels. Which parameters change their number?
#
# <details markdown="1"><summary>Answer</summary>
#
# The positions alone: {eval}`large.tokens` rows instead of {eval}`b16.tokens`, so
# {eval}`f"{count_parameters(large) - count_parameters(b16):,}"` more,
# {eval}`f"{count_parameters(large):,}"` in all. `vitexplain.positions.interpolate` stretches the old table. The work
# grows from {eval}`f"{count_macs(b16) / 1e9:.2f}"` to {eval}`f"{count_macs(large) / 1e9:.2f}"` G.
#
# </details>
#
# **3.** Read out by the mean instead of the class token. How many parameters do you save?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`f"{count_parameters(b16) - count_parameters(mean):,}"`: the class token and its row of positions, {eval}`b16.dim` each.
#
# </details>
#
# **4.** In the test pictures, exchange red and blue. How often does our tiny ViT turn its answer round? And how
# often is it right if both are painted over?
#
# <details markdown="1"><summary>Answer</summary>
#
# It gives the opposite of the old answer in {eval}`f"{swapped:.1%}"` of the pictures. With both tiles gone,
# {eval}`f"{neither:.1%}"` are right: a guess.
#
# </details>
#
# **5.** A module has fault 3. You evaluate it with a batch of one, then of 64. Do you notice?
#
# <details markdown="1"><summary>Answer</summary>
#
# No. With one image the class token attends to itself; with 64, to 64 copies of itself. A mixture of equal
# vectors is that vector. It is the *input* that you must change.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
Markdown("\n".join(f"- {SOURCES[key].authors} ({SOURCES[key].year}), [{SOURCES[key].title}]({SOURCES[key].url}), {SOURCES[key].where}." for key in ("vit", "attention", "deit", "cvt", "flash", "rollout", "not-explanation", "not-not-explanation")))
