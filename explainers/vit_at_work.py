# ---
# title: A Vision Transformer at work
# description: Run ViT-B/16 three ways, see its 144 attention maps, roll them into one, test what they say, and mend a broken ViT fault by fault.
# can: run a ViT, look at each of its maps, and find what is wrong with a broken one
# needs: [vit]
# order: 31
# section: Lessons
# page: lessons/vit-at-work.md
# notebook: true
# extra: cli
# given:
#   "patches 0, 1 *and* 2": the first three
#   "token 17": an example
#   "then of 64": the exercise's batch
#   "64 to 64 copies": the exercise's batch
# ---

# %% [markdown]
# # A Vision Transformer at work
#
# You have [counted every part](vit.md) of ViT-B/16. Now switch it on. This page runs it, looks at
# each of its attention maps, folds them into one, and asks what such a map is worth. Then you
# mend the Vision Transformer of an article, one fault at a time.
#
# As before, **ViT-B/16 has random weights here**: it shows the architecture and nothing learned.
# What learning does, you see in the tiny ViT that was trained on red and blue tiles.
#
# ## One pass, three ways
#
# `vit(images)` is the plain, fast forward pass. `vit.walk(images)` yields each step by name. And
# the same `walk` runs on NumPy arrays, without torch. Do they agree?

# %% tags=["remove-code"]
import platform
import time

import numpy as np
import torch
from torch import nn

from vitexplain.experiments.fetched import fetched
from vitexplain.explorer import Start, Step, explore
from vitexplain.facts import SOURCES, bibliography
from vitexplain.figures import head_layer_overview, patch_attention, patch_grid
from vitexplain.images.photographs import PHOTOGRAPHS, credits
from vitexplain.patches import patchify, unpatchify
from vitexplain.reading import rollout, rollout_of
from vitexplain.vit import PRESETS, ViT, attention_weights, count_parameters, walk
from vitexplain.vit.toy import GRID, SIDE, TOY, accuracy, draw_pictures, paint_over, train
from vitexplain.writing import listed, power, table

torch.set_grad_enabled(False)  # we read models here; training turns it on for itself
torch.backends.cudnn.allow_tf32 = False  # full float32 on a GPU too


# %%
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
coffee = PHOTOGRAPHS["coffee"].square(224)  # the same photograph, (channel, row, col) from 0 to 1
image = torch.tensor(coffee, device=device)[None]

torch.manual_seed(0)
b16 = PRESETS["B/16"]
vit = ViT(b16).eval().to(device)
params = {name: p.cpu().numpy() for name, p in vit.state_dict().items()}

logits = vit(image)
*steps, named = vit.walk(image)
*_, in_numpy = walk(params, image.cpu().numpy(), b16)


# %% tags=["remove-code"]
def largest(x):
    """Return the largest absolute entry."""
    return float(abs(x).max())


apart = largest(named.logits - logits), largest(in_numpy.logits - logits.cpu().numpy())
assert max(apart) < 1e-4


def milliseconds(run, repeats=2):
    """Return the best time of some runs; a GPU is waited for."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return f"{1000 * best:,.0f}" if best > 0.02 else f"{1000 * best:.1f}"


def run_through(steps):
    """Take every step and keep none."""
    for _ in steps:
        pass


threads = torch.get_num_threads()
cpu = f"cpu ({platform.machine()}), {threads} thread{'s' * (threads > 1)}"
where = torch.cuda.get_device_name() if device.type == "cuda" else cpu
numbers = image.cpu().numpy()
times = [
    ("`vit(images)`", where, milliseconds(lambda: vit(image)), "—"),
    (
        "`vit.walk(images)`",
        where,
        milliseconds(lambda: run_through(vit.walk(image))),
        power(apart[0]),
    ),
    (
        "`walk` on NumPy",
        cpu,
        milliseconds(lambda: run_through(walk(params, numbers, b16))),
        power(apart[1]),
    ),
]
table(
    ["one image", "device", "milliseconds", "largest difference in the logits"], times, words=(0, 1)
)

# %% tags=["remove-code"]
del params, in_numpy

# %% [markdown]
# The logits have a standard deviation of {eval}`f"{float(logits.std()):.1f}"`, so the three agree to the last
# digits of float32. The device that built this page is **{eval}`where`**. The code takes a GPU where torch finds
# one; nothing else changes.
#
# ## Every attention map
#
# {eval}`b16.depth` blocks of {eval}`b16.heads` heads. Each little square shows the photograph's patches, and how much
# the class token takes from each.

# %% tags=["remove-code", "figure"]
maps = [step.attention.attention.weights[0] for step in steps[1:]]
head_layer_overview(maps, query=0, grid=b16.grid)

# %% tags=["remove-code"]
class_rows = torch.stack([m[:, 0, 1:] for m in maps])  # (layer, head, patch)

trained = fetched().get("b16")  # none, unless `make models` has run
if trained:
    best = listed(f"*{label}* ({chance:.0%})" for label, chance in trained.says["coffee"])
    b16_said = (
        f"This copy of the site has a trained one, {trained.title}, taught "
        f"{trained.taught} (`{trained.repo}`). Of the coffee it says {best}. These are its maps, drawn "
        "as those above. Compare: which heads follow the outline, and which look at one place?"
    )
    whole = head_layer_overview(trained.class_rows("coffee"), query=0, grid=trained.grid)
else:
    b16_said = (
        "This copy of the site has no trained B/16 to set beside these maps. Where there is a "
        "network, `make models` fetches one, and this page then shows what it makes of the "
        "coffee. Meanwhile [the lab](../live/lab.md) has small models that were trained on photographs."
    )
    whole = None

# %% [markdown]
# **These maps belong to an untrained model.** They show the architecture, and nothing learned. You
# can make out the cup all the same: patches that differ get different weights, even from random
# numbers. The class token's weights on them lie between {eval}`f"{float(class_rows.min()):.4f}"` and
# {eval}`f"{float(class_rows.max()):.4f}"`, where an even spread gives each token
# 1/{eval}`b16.tokens` = {eval}`f"{1 / b16.tokens:.4f}"`. Remember it when somebody shows you a convincing map: some of
# the outline comes free.
#
# ### And after learning?
#
# {eval}`b16_said`

# %% tags=["remove-code"]
whole


# %% [markdown]
# Now a model that is small enough to understand. Here is the tiny ViT that [learned to say](vit.md#does-it-matter-let-us-train-two) whether the red tile lies above, below, left or
# right of the blue one. We take the mean over many pictures. Who looks at whom?

# %%
tiny_vit = train()
tests = draw_pictures(2000, seed=2)
maps_of_all = torch.stack(list(attention_weights(tiny_vit.walk(tests.images))))
tuple(maps_of_all.shape)  # (block, picture, head, query, key)

# %% tags=["remove-code"]
right = accuracy(tiny_vit, tests.images, tests.answers)
every = torch.arange(len(tests.answers))
tokens = {"class": torch.zeros_like(tests.red), "red": tests.red + 1, "blue": tests.blue + 1}
pairs = [("class", "red"), ("class", "blue"), ("red", "blue"), ("blue", "red")]
taken = {
    (query, key): maps_of_all.movedim(2, -1)[:, every, tokens[query], tokens[key]].mean(1)
    for query, key in pairs
}  # each (block, head)
table(
    ["block, head", *(f"{query} → {key}" for query, key in pairs)],
    [
        [f"{block}, {head}", *(f"{float(taken[pair][block, head]):.4f}" for pair in pairs)]
        for block in range(TOY.depth)
        for head in range(TOY.heads)
    ]
    + [["*even spread*", *[f"*{1 / TOY.tokens:.4f}*"] * len(pairs)]],
)


# %% tags=["remove-code"]


def strongest(query, key):
    """Return where the mean weight of a pair is largest."""
    block, head = divmod(int(taken[query, key].argmax()), TOY.heads)
    return f"block {block}, head {head}"


assert strongest("class", "red") != strongest("class", "blue")
peak = {key: float(taken["class", key].max()) for key in ("red", "blue")}
assert min(peak.values()) > 0.9

# %% [markdown]
# Now there is something to see. It is right in {eval}`f"{right:.1%}"` of the pictures, and in
# {eval}`strongest("class", "red")` its class token takes {eval}`f"{peak['red']:.2%}"` of its mixture from the red
# tile, wherever that lies; in {eval}`strongest("class", "blue")` it takes {eval}`f"{peak['blue']:.2%}"` from
# the blue one. A tile carries its position with it. So after one look the class token holds
# both places: **two questions, two heads.** Nobody wrote that rule.
#
# Try it on two pictures. The box above the picture is the class token. Choose a layer, which is a
# block, and a head, or the mean of the heads. (The fourth choice, rollout, comes below.)


# %% tags=["remove-code"]
def distance(pictures):
    """Return how many rows and columns red is from blue."""
    down = pictures.red // GRID[1] - pictures.blue // GRID[1]
    along = pictures.red % GRID[1] - pictures.blue % GRID[1]
    return down.abs() + along.abs()


far, near = int(distance(tests).argmax()), int(distance(tests).argmin())
shown = {"far apart": far, "side by side": near}
images = {name: tests.images[i] for name, i in shown.items()}
labels = {name: ["light"] * TOY.patches for name in shown}
for name, i in shown.items():
    labels[name][tests.red[i]], labels[name][tests.blue[i]] = "red", "blue"
tile = {
    (name, key): 1 + labels[name].index(key) for name in shown for key in ("red", "blue")
}  # the class token stands before the patches
asked = {key: int(taken["class", key][0].argmax()) for key in ("red", "blue")}
seen = {
    name: next(attention_weights(tiny_vit.walk(image[None])))[0] for name, image in images.items()
}
here, there = shown
folded = rollout_of(tiny_vit, images[there][None])[0, 0].numpy()  # the class token's row
both = [tile[there, key] for key in ("red", "blue")]


def look(title, text, key, picture, example=None):
    """Return a step that asks one head for the class token's tile on a picture."""
    place = tile[picture, key]
    weight = float(seen[picture][asked[key], 0, place])
    return Step(
        title,
        text,
        ask="From which tile does it take most?",
        answer=f"From the {key} tile: **{weight:.4f}**.",
        query=0,
        map=(0, asked[key]),
        example=example,
        choices=[tile[picture, "red"], tile[picture, "blue"]],
        holds=lambda w: {
            f"the {key} tile wins": w[0].argmax() == place,
            "with that weight": np.isclose(w[0, place], weight),
        },
    )


tour = [
    look(
        f"The class token asks head {asked['red']}",
        "It shows no patch, and it must answer.",
        "red",
        here,
    ),
    look(
        f"It asks head {asked['blue']}",
        "In the same block, beside the other head.",
        "blue",
        here,
    ),
    look(
        "The tiles have moved",
        f"Another picture, and head {asked['red']} again.",
        "red",
        there,
        example=there,
    ),
    Step(
        "Both blocks, all heads",
        "The last map folds them into one. How, you read below.",
        ask="Besides itself, from what does the class token have most?",
        answer=f"From both tiles: red {folded[both[0]]:.4f}, blue {folded[both[1]]:.4f}. No light tile has a tenth as much.",
        query=0,
        map=(TOY.depth - 1, "rollout"),
        example=there,
        highlight=both,
        holds=lambda w: {
            "with those weights": np.allclose(w[0], folded, atol=1e-5),
            "no light tile has a tenth": np.delete(w[0], [0, *both]).max() < w[0, both].min() / 10,
        },
    ),
]
explore(
    tiny_vit, images, tokens=labels, title="A trained tiny ViT, layer by layer", tour=tour,
    start=Start(url=True),
)  # fmt: skip

# %% [markdown]
# Do not read too much into it. Another random start solves the task as well and shares the work
# otherwise. And a weight says where a head looks, not what it takes from there. A larger model, on
# your own picture, is in [the lab](../live/lab.md).

# %% [markdown]
# ## Attention rollout: one map for all blocks
#
# Two blocks of two heads make four maps. ViT-B/16 has {eval}`b16.depth * b16.heads`. **Rollout** folds them
# into one ({eval}`SOURCES["rollout"]`). Average the heads of block *l* to *W*<sub>l</sub>. The skip connection
# carries each token through unchanged, so average with the identity matrix. Multiply, from the first block to the last:
#
# $$\begin{aligned}
# A_l &= \tfrac12 W_l + \tfrac12 I\\
# \tilde A_l &= A_l\, \tilde A_{l-1}, \qquad \tilde A_0 = I
# \end{aligned}$$
#
# The rows of each factor sum to 1, so those of the product do. Three tokens and two blocks:

# %%
W1 = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
W2 = np.array([[0.5, 0.25, 0.25], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
rolled = rollout([W1[None], W2[None]])  # one head each, first block first
rolled.round(4)

# %% tags=["remove-code"]
row, column = (W2[0] + np.eye(3)[0]) / 2, (W1[:, 0] + np.eye(3)[:, 0]) / 2
assert np.isclose(row @ column, rolled[0, 0])
product = " + ".join(f"{a:g} × {b:g}" for a, b in zip(row, column, strict=True))

# %% [markdown]
# Check the first by hand. The first row of *A*<sub>2</sub> meets the first column of *A*<sub>1</sub>:
# {eval}`product` = {eval}`f"{rolled[0, 0]:.4f}"`. Without the residual it would be
# {eval}`f"{(W2 @ W1)[0, 0]:.4f}"`.
#
# And if attention were perfectly even? Each block keeps half of a token and spreads half over
# all *T*. After *L* blocks a token's share of itself is $2^{-L} + (1 - 2^{-L})/T$:

# %%
even = np.full((1, 197, 197), 1 / 197)  # one head
own = float(rollout([even] * 12)[0, 0])
assert np.isclose(own, 2**-12 + (1 - 2**-12) / 197)
round(own, 6)

# %% [markdown]
# That is hardly more than 1/{eval}`b16.tokens` = {eval}`f"{1 / b16.tokens:.6f}"`. In our untrained ViT-B/16 the class
# token's share of itself is {eval}`f"{float(rollout_of(vit, image)[0, 0, 0]):.6f}"`: nearly even. The trained
# tiny ViT is another matter. Here is its class token's rollout, on one picture:

# %%
rolled = rollout_of(tiny_vit, tests.images)

# %% tags=["remove-code", "figure"]
patch_attention(rolled[far, 0, 1:], image=tests.images[far], grid=GRID)

# %% tags=["remove-code"]
light = (tests.red + 1) % TOY.patches
for _ in range(2):  # the first tile after red that is neither red nor blue
    light = (
        torch.where((light == tests.blue) | (light == tests.red), light + 1, light) % TOY.patches
    )
assert not ((light == tests.red) | (light == tests.blue)).any()
tiles = {"red": tests.red, "blue": tests.blue, "a light tile": light}
shares = {name: float(rolled[every, 0, tile + 1].mean()) for name, tile in tiles.items()}
left = {
    name: accuracy(tiny_vit, paint_over(tests.images, tile), tests.answers)
    for name, tile in tiles.items()
}

assert min(shares["red"], shares["blue"]) > 5 * shares["a light tile"]
assert max(left["red"], left["blue"]) < 0.8 < 0.95 < left["a light tile"]

# %% [markdown]
# It marks both tiles. Is that an explanation? **Test it: paint a tile over, and see whether the
# answer survives.**

# %% tags=["remove-code"]
table(
    ["painted over", "share in the rollout", "right without it"],
    [(name, f"{shares[name]:.3f}", f"{left[name]:.1%}") for name in tiles],
)

# %% [markdown]
# Here the map passes: the answers break with the tiles that it marks, and with no other. It could
# have failed. Rollout never looks at the values *V*, at *W*<sub>O</sub>, at the MLPs or LayerNorms,
# and it is one map for all classes. [Reading attention](reading-attention.md) puts such readings
# to the test, and not all pass.
#
# An attention weight is a mixing coefficient of one head in one layer, and studies of language
# models found such weights often uncorrelated with what gradients call important
# ({eval}`SOURCES["not-explanation"]`), while others dispute what follows from that
# ({eval}`SOURCES["not-not-explanation"]`). So read a map, rollout included, as where information *may*
# have come from, and change the input before you call it a reason.

# %% [markdown]
# ## A module mended line by line
#
# Many articles print a ViT in forty lines. Here is the structure of one, rewritten and
# shortened; the faults are the article's. It looks right. Read it, and guess: how many?


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


# %% [markdown]
# ### 1. It does not run

# %%
two = torch.rand(2, 3, 224, 224)  # two images of noise
try:
    Article(depth=1)(two)
except AttributeError as error:
    print(error)

# %% [markdown]
# `__init__` keeps neither the patch size nor the number of patches. This one does:


# %%
class Runs(Article):
    def __init__(self, **sizes):
        super().__init__(**sizes)
        self.patch_size, self.num_patches = 16, 196


# %% [markdown]
# ### 2. The patches are not patches
#
# Now it runs. But does a token hold the pixels of a patch? Compare with `patchify`, in any order of
# the pixels:


# %%
def right_tokens(cut):
    same = cut.sort(-1).values == patchify(two, 16).sort(-1).values
    return int(same.all(-1).sum()), same.shape[0] * same.shape[1]


cut = Runs(depth=1).cut(two)
right_tokens(cut)

# %% tags=["remove-code"]
assert right_tokens(cut)[0] == 0
glued = cut[0, 0]
three = patchify(two, 16)[0, :3, :256].reshape(-1)
assert torch.equal(glued, three)

# %% [markdown]
# **{eval}`right_tokens(cut)[0]` of {eval}`right_tokens(cut)[1]` tokens are right.** After the two `unfold`s the
# axes are (batch, *channel*, row of patches, column of patches, row, column), and `view` glues together
# whatever lies side by side in memory. Token 0 is the red channel of patches 0, 1 *and* 2. Nothing
# complains: {eval}`glued.numel()` numbers are {eval}`glued.numel()` numbers. Put the tokens back on
# their grid, and this is the cup that the model gets:

# %% tags=["remove-code", "figure"]
seen = unpatchify(Runs(depth=1).cut(image.cpu()), b16.grid)[0]
figure = patch_grid(seen, grid=b16.grid)
alt = (
    "The tokens of the broken cut on their grid of 14 by 14: three squeezed cups in false "
    "colours, one below the other, one from each colour channel."
)
figure.update_layout(meta=figure.layout.meta | {"alt": alt})

# %% [markdown]
# First the channel must move behind the patches:


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
# The worst fault makes no noise at all. Show it two images that have nothing in common:

# %%
blind = article(two)
largest(blind[0] - blind[1])

# %% tags=["remove-code"]
gap = largest(blind[0] - blind[1])
assert gap < 1e-5
verdict = "Not small, but **zero**" if gap == 0 else "**Rounding**, and no more"

# %% [markdown]
# {eval}`verdict`. Its logits are the same for any image whatever.
#
# `nn.TransformerEncoderLayer` expects (token, batch, dim), unless you say `batch_first=True`. Given
# (batch, token, dim), it takes the batch for the sentence: token 17 of one image attends to
# token 17 *of every image*, and to no other. The class token stands at place 0. There it meets class tokens
# alone, all the same, and never a patch. Such a model even trains, in a way: the loss falls until
# it knows how frequent each class is.


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
# It runs, it has patches, it sees. But its sizes and defaults are those of 2017, for language:

# %% tags=["remove-code"]
assert largest(sighted[0] - sighted[1]) > 1000 * gap
layer = article.encoder.layers[0]
article_parameters = sum(p.numel() for p in article.parameters())
twins = torch.equal(layer.linear1.weight, article.encoder.layers[1].linear1.weight)
table(
    ["setting", "the article", "ViT-B/16"],
    [
        ("LayerNorm", "before" if layer.norm_first else "after", "before"),
        ("activation", layer.activation.__name__.upper().replace("RELU", "ReLU"), "GELU"),
        ("MLP", f"{layer.linear1.out_features:,}", f"{b16.mlp_dim:,}"),
        ("heads", layer.self_attn.num_heads, b16.heads),
        ("dropout", layer.dropout.p, "up to the recipe"),
        ("last LayerNorm", "none" if article.encoder.norm is None else "yes", "yes"),
        (
            "class token, positions at the start",
            "0" if not article.positions.any() else "random",
            "random",
        ),
        ("**parameters**", f"**{article_parameters:,}**", f"**{count_parameters(b16):,}**"),
    ],
)

# %% [markdown]
# And one thing that you do not see by reading: `nn.TransformerEncoder` copies the layer that it is
# given, so all twelve blocks start with the same weights (blocks 0 and 1 equal:
# {eval}`str(twins).lower()`).

# %% tags=["remove-code"]
del article, blind, sighted, layer

# %% [markdown]
# ### Mended


# %%
class Mended(Cuts):
    def make_encoder(self, dim, depth):
        layer = nn.TransformerEncoderLayer(
            dim,
            nhead=12,  # was 8
            dim_feedforward=3072,  # was 2048
            dropout=0.0,  # was 0.1
            activation="gelu",  # was ReLU
            layer_norm_eps=1e-6,
            batch_first=True,  # (batch, token, dim)
            norm_first=True,  # before each half
        )
        norm = nn.LayerNorm(dim, eps=1e-6)
        return nn.TransformerEncoder(layer, depth, norm, enable_nested_tensor=False)


# %% tags=["remove-code"]
RENAMED = {
    "patch_embed.proj": "embed", "cls_token": "class_token", "pos_embed": "positions",
    "blocks": "encoder.layers", "attn.qkv.": "self_attn.in_proj_", "attn.proj": "self_attn.out_proj",
    "mlp.fc1": "linear1", "mlp.fc2": "linear2",
}  # fmt: skip


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
assert largest(theirs - ours) < 1e-4
table(
    ["the mended module", "result"],
    [
        ("parameters", f"{sum(p.numel() for p in mended.parameters()):,}"),
        ("largest difference from our logits", power(largest(theirs - ours))),
        ("largest difference between two images", f"{largest(theirs[0] - theirs[1]):.2f}"),
        ("… between an image alone and in a batch", power(largest(alone[0] - theirs[0]))),
    ],
)

# %% [markdown]
# The right number of parameters, our logits, and eyes that see. After the first fault was mended,
# nothing raised an error again. **What would have caught the rest?** Three questions that you can ask of any
# model. Does the output change with the input? Does each step give what you get another way? Has it
# as many parameters as the paper says? More faults of this kind are among the [pitfalls](pitfalls.md).

# %% [markdown]
# ## What to remember
#
# - One `walk` names every step, and gives the same logits as the fast pass, in torch and in NumPy.
# - A map of an untrained model shows its architecture. The outline of a cup comes free.
# - Rollout multiplies the blocks' mean attention, half of it the residual. It reads weights, not values.
# - A map is a guess about reasons. Change the input, and test it.
# - So with code: a model that runs may never have looked at the image.
#
# ## Your turn
#
# Guess first, then compute, then open the answer.

# %% tags=["remove-code"]
gone = paint_over(paint_over(tests.images, tests.red), tests.blue)
neither = accuracy(tiny_vit, gone, tests.answers)
swap = patchify(tests.images, SIDE).clone()
swap[every, tests.red], swap[every, tests.blue] = (
    swap[every, tests.blue],
    swap[every, tests.red].clone(),
)
turned = accuracy(tiny_vit, unpatchify(swap, GRID), tests.answers ^ 1)
no_residual = rollout([W1[None], W2[None]], residual=0.0)
harder = rollout([W1[None], W2[None]], residual=0.9)

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, calculate, choose, repair

A1, A2 = np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([[0.6, 0.4], [0.3, 0.7]])
halves = [(one + np.eye(2)) / 2 for one in (A1, A2)]
folded_up = rollout([A1[None], A2[None]])[0, 0]


def rows(matrix):
    """Write a matrix row by row."""
    return " and ".join(f"[{', '.join(f'{x:g}' for x in row)}]" for row in matrix)


torch.manual_seed(0)
said = torch.randn(2, 5, 8)  # (batch, token, dim)
another = said.clone()
another[:, 1:] = torch.randn(2, 4, 8)  # other patches, the same class token
looks = {
    well: nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=well).eval()
    for well in (True, False)
}
looks[False].load_state_dict(looks[True].state_dict())


def tells(test):
    """Whether a test says something else of the faulty layer than of the sound one."""
    return test(looks[False]) != test(looks[True])


def sees(layer):
    """Whether another picture changes the class token."""
    return largest(layer(another)[:, 0] - layer(said)[:, 0]) > 1e-6


def counts(layer):
    """Count the parameters."""
    return sum(p.numel() for p in layer.parameters())


cutting = """
windows = images.unfold(2, p, p).unfold(3, p, p)
y = windows.reshape(len(images), n, -1)
"""
mends = {
    "right": "y = windows.permute(0, 2, 3, 1, 4, 5).reshape(len(images), n, -1)",
    "down": "y = windows.permute(0, 3, 2, 1, 4, 5).reshape(len(images), n, -1)",
    "last": "y = windows.permute(0, 2, 3, 4, 5, 1).reshape(len(images), n, -1)",
}
little = torch.rand(2, 3, 8, 8)

Exercises(
    calculate("**How many attention maps** does ViT-B/16 make of one picture?", b16.depth * b16.heads, digits=0,
              hints=["Every block has several heads, and every head makes one map."],
              slips=[(b16.depth, "That is one for each block. A block has several heads."), (b16.depth * b16.heads * b16.tokens, "That counts the rows: each map has one for every token.")],
              because=f"{b16.depth} blocks with {b16.heads} heads each make {b16.depth * b16.heads} maps. It is easy to find a beautiful one among so many."),
    calculate(f"Two tokens, two blocks with one head. The first block's weights have the rows {rows(A1)}, the second's {rows(A2)}. What is the **rollout** of token 0 to itself?",
              folded_up, digits=3, hints=["First take half of each matrix and half of the identity.", f"The rows become {rows(halves[0])}, then {rows(halves[1])}. The later block stands on the left."],
              slips=[((A2 @ A1)[0, 0], "You left out the skip connection. Average each matrix with the identity first."),
                     ((halves[0] @ halves[1])[0, 0], "You multiplied in the wrong order: the later block stands on the left."),
                     (((A1 + A2) / 2)[0, 0], "You took the mean of the two matrices. Rollout multiplies them, for the second block attends to what the first has mixed.")],
              because=f"{halves[1][0, 0]:g} × {halves[0][0, 0]:g} + {halves[1][0, 1]:g} × {halves[0][1, 0]:g} = {folded_up:g}."),
    choose("In the pictures of the tiny ViT you paint **both** the red and the blue tile over. How often is it right?",
           {"Nearly always": neither > 0.9, "Half of the time": abs(neither - 0.5) < 0.1, "A quarter of the time": abs(neither - 0.25) < 0.05, "Never": neither < 0.01},
           slips={"Never": "To be wrong every time it would have to know the answer.", "Nearly always": "It would have to know without having seen.",
                  "Half of the time": "There are four answers: above, below, left and right."},
           because=f"It can only guess between four answers: {neither:.0%} right. So it did use these two tiles."),
    choose("And with one **light** tile painted over?",
           {"Nearly always": left["a light tile"] > 0.9, "Half of the time": abs(left["a light tile"] - 0.5) < 0.1, "A quarter of the time": abs(left["a light tile"] - 0.25) < 0.05},
           slips={"A quarter of the time": "That would be a guess. Both tiles that matter are still there."},
           because=f"{left['a light tile']:.0%} right. Rollout gave that tile next to nothing, and changing the picture agrees."),
    choose("A ViT was built on `nn.TransformerEncoderLayer` without `batch_first=True`, so it attends across the batch. Which tests **find it out**?",
           {"Change the picture: does the answer change?": tells(sees), "Count the parameters": tells(counts),
            "Look at the shape of the output": tells(lambda layer: layer(said).shape),
            "Compute an image alone, then in a batch": tells(lambda layer: largest(layer(said)[:1] - layer(said[:1])) < 1e-4)},
           several=True, slips={"Count the parameters": "It has every parameter that it should. It uses them along the wrong axis.",
                                "Look at the shape of the output": "Attention returns the shape it was given, whichever axis it runs along."},
           because="We ran all four on a sound layer and on a faulty one. The class token never meets a patch, so no change of the picture reaches it; what stands beside it in the batch does."),
    repair("This should cut pictures (image, channel, row, column) into `n` patches with sides of `p`. It runs, and every token is glued together from three patches.",
           cutting, 1, list(mends.values()), given={"images": little, "p": 4, "n": 4}, makes=patchify(little, 4).numpy(),
           hints=["After `unfold` the axes are image, channel, patch row, patch column, row, column."],
           slips={mends["down"]: "Now each token is one patch, but they come column by column.", mends["last"]: "Now each token is one patch, but the colours come last. The weights expect whole channels."},
           because="The channel must stand behind the two counts of patches before `reshape` joins anything. A `reshape` never complains: it takes numbers in the order in which they lie."),
)  # fmt: skip

# %% [markdown]
# **1.** In every test picture, exchange red and blue. How often does the tiny ViT turn its answer
# round? How often is it right if both tiles are painted over?
#
# <details markdown="1"><summary>Answer</summary>
#
# It gives the opposite answer in {eval}`f"{turned:.1%}"` of the pictures. With both tiles gone,
# {eval}`f"{neither:.1%}"` are right: a guess.
#
# </details>
#
# **2.** In the example with three tokens, let the residual keep nine tenths. What is token 1's share
# of itself? And with no residual at all?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`f"{harder[0, 0]:.4f}"` and {eval}`f"{no_residual[0, 0]:.4f}"`. The paper's half is a choice, and the map
# depends on it.
#
# </details>
#
# **3.** A model has fault 3. You evaluate it with batches of one, then of 64. Do you notice?
#
# <details markdown="1"><summary>Answer</summary>
#
# No. With one image the class token attends to itself, with 64 to 64 copies of itself. A mixture
# of equal vectors is that vector. It is the *image* that you must change.
#
# </details>
#
# **4.** Somebody mends fault 3 but not fault 2. Does the model see the image?
#
# <details markdown="1"><summary>Answer</summary>
#
# Yes, every number of it. But each token is glued together from three patches, so it does not stand
# for one place, and its position says little.
#
# </details>
#
# ## The photograph

# %% tags=["remove-code"]
credits(["coffee"])

# %% [markdown]
# ## Sources

# %% tags=["remove-code"]
bibliography(("vit", "rollout", "not-explanation", "not-not-explanation"), ordered=True)
