# ---
# title: Pitfalls
# description: Seventeen ways to go wrong with Vision Transformers, in words, code, readings and numbers. Each is an experiment that you can copy and run.
# can: avoid seventeen mistakes in words, code and figures
# needs: [vit_at_work]
# order: 46
# section: Comparisons
# page: lessons/pitfalls.md
# notebook: true
# extra: experiments
# given:
#   "16 tokens, 200 draws": as `random_heads` makes them
#   "standard deviation of 0.02": as ViT's code draws weights
#   "768 dims": of ViT-B
#   "At 48?": the width of the example
#   "weight 0.1": of the example above it
# ---

# %% [markdown]
# # Pitfalls
#
# Most mistakes with Vision Transformers raise no error. The code runs, the sentence sounds right,
# the bar is taller. So each pitfall on this page is an **experiment**: what people do, what
# happens, how to do it right. Copy this cell once; after it, every block runs alone, in seconds.

# %%
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from vitexplain.attention import attend, mix
from vitexplain.compare import ResNet, ResNetConfig, receptive_field
from vitexplain.compare.effective import effective_field, field_extent
from vitexplain.compare.symmetry import static_and_dynamic
from vitexplain.experiments import results
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.families import build
from vitexplain.experiments.tasks import accuracy
from vitexplain.experiments.weights import load
from vitexplain.faces import draw_face
from vitexplain.facts import LADDERS, TABLE_5, find
from vitexplain.patches import patchify
from vitexplain.tokens import GOAT_ANIMAL
from vitexplain.vit import PRESETS, ViT, attention_weights, count_macs

_ = torch.manual_seed(0), torch.set_grad_enabled(False)  # we train nothing here

# %% tags=["remove-code"]

from vitexplain.facts import POSITION_ABLATION, SOURCES, bibliography
from vitexplain.facts.numbers.samples import random_heads, right_tokens
from vitexplain.figures import Bar, Field, bars, effective_fields
from vitexplain.writing import power, share, table


def gap(a, b):
    """Return the largest difference."""
    return float((a - b).abs().max())


# %% [markdown]
# ## Sentences that sound right
#
# The first four are an article's own list of misunderstandings.
#
# ### 1. “ViTs are always better”
#
# Ask: with how many images? Two models with as many parameters, tuned with the same effort, on scikit-learn's
# handwritten digits:

# %%
hunger, right = results.read("data-hunger-digits"), {}
for images in (100, 1097):
    for family in ("cnn", "vit"):
        found = hunger.of("accuracy", family=family, images=images, augment=True)
        right[images, family] = f"{found.mean:.1%}"  # the mean over seeds
right

# %% tags=["remove-code"]
fewest, most = min(hunger.values("images")), max(hunger.values("images"))
few, many = (
    {f: hunger.of("accuracy", family=f, images=n, augment=True) for f in ("cnn", "vit")}
    for n in (fewest, most)
)
lead = {n: 100 * (row["cnn"].mean - row["vit"].mean) for n, row in (("few", few), ("many", many))}
assert few["cnn"].low > few["vit"].high
assert lead["few"] > 2 * lead["many"] > 0
longer = results.read("longer-digits")
after = 100 * (longer.of("accuracy", family="cnn").mean - longer.of("accuracy", family="vit").mean)
assert abs(after) < lead["many"]
places = results.read("long-range")
far = {family: places.of("accuracy", family=family) for family in places.values("family")}
narrow, normed = far["cnn, field 17"], far["cnn, field 17, group norm"]
assert min(far["vit"].mean, normed.mean) > narrow.mean + 0.15

# %% [markdown]
# **What happens.** The CNN leads by {eval}`f"{lead['few']:.0f}"` points with {eval}`fewest` images, by
# {eval}`f"{lead['many']:.1f}"` with {eval}`most`, and after longer training by {eval}`f"{after:.1f}"`. Change the task,
# and the order turns round: where two [far
# places](training.md#two-far-places) must be compared, a CNN with a small receptive field gets
# {eval}`f"{narrow.mean:.0%}"` (half is a guess), the ViT {eval}`f"{far['vit'].mean:.0%}"`.
#
# **Do.** Say on which data, with which recipe, at what size. [Which to choose](which.md) is a
# question about your task, and [what training decides](training.md) a matter of measuring.
#
# ### 2. “Attention is just a fancy filter”
#
# Take the weights with which one place sums up the others: in a convolution, and in a trained
# head. Now change the image.

# %%
two = digits().test.images[:2]
maps = next(attention_weights(load("digits-vit").walk(two)))  # first block
mixing = static_and_dynamic(nn.Conv2d(1, 1, 3, padding=1), two, maps[:, 0], query=5, grid=(4, 4))
mixing.static_change, mixing.dynamic_change

# %% tags=["remove-code"]
zero, bias = torch.zeros(2, 16, 8), torch.randn(16, 16)
placed = attend(zero, zero, torch.randn(2, 16, 8), bias=bias).weights
assert mixing.static_change == gap(placed[0], placed[1]) == 0
assert mixing.dynamic_change > 0.05

# %% [markdown]
# **What happens.** The kernel stays the same; a weight of the head moves by
# {eval}`f"{mixing.dynamic_change:.2f}"`. But beware of the opposite, too. Let the scores see places alone, by a
# `bias`, with queries and keys of zero: the weights change by {eval}`f"{gap(placed[0], placed[1]):.0f}"`, and
# attention *is* a filter. With enough such heads it can be any convolution
# ({eval}`SOURCES["attention-convolution"]`).
#
# **Do.** Say “weights computed from the image”. Whether that helps is for the task to say.
#
# ### 3. “Positional embeddings are optional”
#
# Two ways to test it. Switch them off in a trained model:

# %%
model, test = load("digits-vit"), digits().test
before = accuracy(model, test)
model.pos_embed.zero_()
before, accuracy(model, test)

# %% [markdown]
# Or train without them, from the start:

# %% tags=["remove-code", "figure"]
positions = results.read("positions")
kinds = {kind: positions.of("accuracy", positions=kind) for kind in positions.values("positions")}

off = accuracy(model, test)
lost = 100 * (kinds["learned"].mean - kinds["none"].mean)
guess = 1 / model.config.classes
assert off < 3 * guess < 5 * guess < kinds["none"].mean
assert kinds["none"].high < min(one.low for kind, one in kinds.items() if kind != "none")
none, learned = (100 * POSITION_ABLATION[kind].value for kind in ("none", "learned, 1-D"))

bars(
    [
        Bar(
            kind.replace("sinusoidal", "sines"),
            *(100 * x for x in (one.mean, one.cut.low, one.cut.high)),
            family="ViT",
        )
        for kind, one in kinds.items()
    ],
    x="test accuracy on digits, %",
    interval="95 % confidence over seeds",
)

# %% [markdown]
# **What happens.** Switched off, {eval}`f"{before:.1%}"` become {eval}`f"{off:.1%}"`, hardly more than a guess. Trained
# without, it is {eval}`share(kinds["none"])`. The first number says how much this model came to *rely* on
# positions, the second what they are *worth*: {eval}`f"{lost:.0f}"` points here, where a patch of
# {eval}`f"{model.config.patch} × {model.config.patch}"` pixels says little by itself. For ViT-B/16 on photographs the paper found
# {eval}`f"{learned - none:.1f}"`, with five images a class: {eval}`f"{none:.1f}"`% without, {eval}`f"{learned:.1f}"`% with ({eval}`POSITION_ABLATION["none"].cited`). CvT, with
# convolutions inside, does without ({eval}`SOURCES["cvt"]`).
#
# **Do.** Keep them, unless something else carries the place. Ablate by training.
#
# ### 4. “Transformers are only for text”

# %%
words, face = GOAT_ANIMAL.embeddings, patchify(draw_face().pixels, 16)
attend(words, words, words).weights.shape, attend(face, face, face).weights.shape

# %% [markdown]
# **What happens.** The same function takes words and patches. But the article's reply, that the
# Transformer paper *proved* it for everything, is a pitfall as well: the paper translated and parsed
# sentences, and named images as a plan ({eval}`SOURCES["attention"]`, section 7).
#
# **Do.** “Attention takes any set of vectors.” That it works *well* must be shown for each kind.
#
# ## Code that runs and is wrong
#
# ### 5. Random weights that are too large
#
# `randn(64, 64)` for *W*<sub>Q</sub> and *W*<sub>K</sub>, as in many a demonstration:

# %%
x, largest = torch.randn(16, 64), {}
for spread in (1, 1 / 8):
    w_q, w_k = spread * torch.randn(2, 64, 64)
    weights = attend(x @ w_q, x @ w_k, x).weights
    largest[spread] = float(weights.max(-1).values.mean())
largest

# %% tags=["remove-code"]
heads = {name: random_heads(spread) for name, spread in (("`randn`", 1.0), ("`randn / 8`", 1 / 8))}
assert heads["`randn`"][1] > 0.95 > 0.3 > heads["`randn / 8`"][1]
table(
    ["16 tokens, 200 draws", "spread of the scaled scores", "largest weight", "entropy, nats"],
    [[name, *(f"{x:.3f}" for x in row)] for name, row in heads.items()],
)

# %% [markdown]
# **What happens.** Softmax picks one token and ignores the rest, before anything is learned. √*d*<sub>k</sub>
# is not at fault: it expects queries and keys of spread 1, and these have {eval}`f"{64**0.5:g}"`.
#
# **Do.** Divide by √64, or use `nn.Linear`.
#
# ### 6. Random weights that are too small
#
# Many a ViT starts from a standard deviation of 0.02. At 768 dims that is fair. At 48?

# %%
spreads = {}
for dim in (768, 48):
    x = torch.randn(1000, dim)  # spread 1
    spreads[dim] = float((x @ (0.02 * torch.randn(dim, dim))).std())
spreads

# %% tags=["remove-code"]
start = results.read("initialisation")
rows = {
    n: [start.of("accuracy", spread=s, images=n) for s in start.values("spread")]
    for n in start.values("images")
}

each = {
    n: [
        [r["accuracy"] for r in start.cell(spread=s, images=n)["runs"]]
        for s in start.values("spread")
    ]
    for n in (100, 1097)
}
shaped, small = rows[1097]
assert all(a > b for a, b in zip(*each[1097], strict=True))
assert {a > b for a, b in zip(*each[100], strict=True)} == {True, False}

table(
    ["images", *(f"spread {s}" for s in start.values("spread"))],
    [[n, *map(share, row)] for n, row in rows.items()],
)

# %% [markdown]
# **What happens.** The narrower the model, the more each layer mutes its input. Trained on {eval}`most` digits, our ViT of
# {eval}`model.config.dim` dims ends lower with every seed, by {eval}`f"{100 * (shaped.mean - small.mean):.1f}"` points on
# average; both have one learning rate, which was chosen for the first. With {eval}`fewest` digits the seeds disagree: there
# we could show no effect.
#
# **Do.** Let the spread follow the shape (Xavier), as `vitexplain.vit` does.
#
# ### 7. Attention over the batch
#
# `nn.TransformerEncoderLayer` expects (token, batch, dim). Give it (batch, token, dim):

# %%
batch = torch.randn(8, 17, 32)  # eight images; the class token comes first
new_patches, new_others = batch.clone(), batch.clone()
new_patches[0, 1:] = torch.randn(16, 32)
new_others[1:] = torch.randn(7, 17, 32)
moved = {}
for first in (False, True):
    layer = nn.TransformerEncoderLayer(32, 4, batch_first=first).eval()
    out = layer(batch)[0, 0]  # the class token of image 0
    changes = [layer(x)[0, 0] - out for x in (new_patches, new_others)]
    moved[first] = [round(float(change.abs().max()), 3) for change in changes]
moved

# %% tags=["remove-code"]
assert moved[False][0] == 0 < 0.1 < moved[False][1]
assert moved[True][1] < 1e-5 < 0.1 < moved[True][0]

# %% [markdown]
# **What happens.** By default the class token changes by {eval}`f"{moved[False][0]:.0f}"` when its own patches do,
# and by {eval}`f"{moved[False][1]:.1f}"` when *other images* do. No error, [and it even trains](vit-at-work.md#3-it-never-looks-at-the-image).
#
# **Do.** `batch_first=True`. Then change one image, and see that its answer changes and no other.
#
# ### 8. Patches that are not patches

# %%
image = torch.randn(1, 3, 224, 224)
cut = image.unfold(2, 16, 16).unfold(3, 16, 16)  # (batch, channel, row, col, 16, 16)
wrong = cut.reshape(1, 196, -1)
right = cut.permute(0, 2, 3, 1, 4, 5).reshape(1, 196, -1)
[int((tokens == patchify(image, 16)).all(-1).sum()) for tokens in (wrong, right)]

# %% tags=["remove-code"]
good = right_tokens()
assert good[0] == 0
assert torch.equal(right, patchify(image, 16))
assert not (wrong == patchify(image, 16)).all(-1).any()

# %% [markdown]
# **What happens.** Without `permute` {eval}`good[0]` of {eval}`wrong.shape[1]` tokens are right, yet every shape is. The
# channel still stands first, so a token is [three patches of one colour](vit-at-work.md#2-the-patches-are-not-patches).
#
# **Do.** Compare with `patchify`, or with a convolution whose stride is its width.
#
# ### 9. A mask inside out
#
# Each token may look back, not ahead. `True` means *may* here and in
# `scaled_dot_product_attention`:

# %%
may = torch.ones(6, 6, dtype=torch.bool).tril()
x = torch.randn(1, 6, 32)
fused = F.scaled_dot_product_attention(x, x, x, attn_mask=may)
module = nn.MultiheadAttention(32, 4, batch_first=True).eval()
_, given = module(x, x, x, attn_mask=may)
_, turned = module(x, x, x, attn_mask=~may)
given[0].round(decimals=2)

# %% tags=["remove-code"]
same = gap(attend(x, x, x, mask=may).output, fused)
assert same < 1e-5
assert not given[0, :5].tril().any()
assert given[0, 5].isnan().all()
assert not turned[0].triu(1).any()

# %% [markdown]
# **What happens.** In `nn.MultiheadAttention` `True` means *must not*. Every token looks ahead
# only, and the last may look at nothing: `nan`. A mask that leaves every row something gives no such
# sign.
#
# **Do.** Turn it round, `~may`. And look: the weights above the diagonal must be 0. (`attend`
# refuses a row that may look at nothing.)
#
# ### 10. Maps that are not there

# %%
x = torch.randn(1, 6, 32)
encoder = nn.TransformerEncoderLayer(32, 4, batch_first=True).eval()
caught = []
encoder.self_attn.register_forward_hook(lambda *call: caught.append(call[2][1]))
encoder(x)
module = nn.MultiheadAttention(32, 4, batch_first=True).eval()
caught, module(x, x, x)[1].shape

# %% tags=["remove-code"]
assert caught == [None]
assert module(x, x, x)[1].shape == (1, 6, 6)
assert module(x, x, x, average_attn_weights=False)[1].shape == (1, 4, 6, 6)

# %% [markdown]
# **What happens.** Fused attention is fast *because* it keeps no weights: a hook gets `None`. Ask the
# module itself, and it returns one map, the mean of its four heads.
#
# **Do.** `need_weights=True, average_attn_weights=False`; or `vit.walk`, which yields each head and
# has [the logits of the fast pass](vit-at-work.md#one-pass-three-ways).
#
# ### 11. A model left in training mode

# %%
resnet = ResNet(ResNetConfig((1, 1), (8, 16), block="basic", stem="small", classes=10))
images = torch.randn(8, 3, 32, 32)
apart = {}
for training in (True, False):
    resnet.train(training)
    apart[training] = float((resnet(images)[0] - resnet(images[:1])[0]).abs().max())
apart

# %% tags=["remove-code"]
assert apart[False] < 1e-5 < 0.01 < apart[True]

# %% [markdown]
# **What happens.** BatchNorm in training takes mean and variance from the batch: the same image gets other logits
# alone than in company, by up to {eval}`f"{apart[True]:.2f}"`. After `eval()`: rounding.
#
# **Do.** `model.eval()` before you measure anything, attention maps included.
#
# ## Readings
#
# ### 12. Invariant, or equivariant?
#
# “Self-attention is permutation-invariant.” Shuffle sixteen tokens:

# %%
x, order = torch.randn(16, 8), torch.randperm(16)
out, shuffled = attend(x, x, x).output, attend(x[order], x[order], x[order]).output
((shuffled - out[order]).abs().max(), (shuffled - out).abs().max(),
 (shuffled.mean(0) - out.mean(0)).abs().max())  # fmt: skip

# %% tags=["remove-code"]
assert max(gap(shuffled, out[order]), gap(shuffled.mean(0), out.mean(0))) < 1e-5 < 0.1
assert gap(shuffled, out) > 0.1

# %% [markdown]
# **What happens.** The outputs are the same vectors, *shuffled alike*: equivariant. They are not the same outputs
# ({eval}`f"{gap(shuffled, out):.1f}"` apart). Invariant is only what treats all tokens alike afterwards: the mean
# ({eval}`power(gap(shuffled.mean(0), out.mean(0)))`), or a class token.
#
# **Do.** Attention: equivariant. Prediction without positions: invariant.
#
# ### 13. A receptive field from kernels alone
#
# Two CNNs with the same kernels; `receptive_field` says {eval}`receptive_field(build("far-places", "cnn, field 17", seed=0).config)`
# pixels for both. Which pixels do really move one unit in the middle?

# %%
fields, extents = {}, {}
for family in ("cnn, field 17", "cnn, field 17, group norm"):
    cnn = build("far-places", family, seed=0).eval()
    fields[family] = effective_field(cnn, torch.randn(8, 1, 32, 32))
    extents[family] = receptive_field(cnn.config), field_extent(fields[family])
extents

# %% tags=["remove-code", "figure"]
norms = {"batch": "BatchNorm, evaluating", "group": "GroupNorm"}
names = [norms[build("far-places", family, seed=0).config.norm] for family in fields]

assert list(extents.values()) == [(17, (17, 17)), (17, (32, 32))]

effective_fields(
    [
        Field(name, field, theory=17, centre=(16.5, 16.5))
        for name, field in zip(names, fields.values(), strict=True)
    ]
)

# %% [markdown]
# **What happens.** GroupNorm divides by the spread *of the whole map*: a little news from every pixel reaches
# every place. (BatchNorm does so in training; in evaluation its numbers are fixed.) It is enough. On
# the [task of the far places](training.md#two-far-places) the first CNN gets {eval}`share(narrow)`, the second
# {eval}`share(normed)`. Squeeze-and-excitation is another such
# path. (Pooling before a linear readout, which both have, only adds up what each place says.) The other way round, a unit uses
# [only a part](cnn-vs-vit.md#what-it-really-uses) of its field ({eval}`SOURCES["effective-field"]`).
#
# **Do.** Measure the field by gradients, and name every layer that sees the whole map.
#
# ### 14. Weights read as reasons

# %%
weights, value = torch.tensor([[0.9, 0.1]]), torch.tensor([[0.0, 0.0], [3.0, -5.0]])
mix(weights, value)

# %% [markdown]
# **What happens.** All of the output comes from the token with weight 0.1; the other hands over nothing.
# Layers mix further ({eval}`SOURCES["rollout"]`), and in large ViTs background can draw the attention
# ({eval}`SOURCES["registers"]`).
#
# **Do.** Take a map as a guess; [change the input](vit-at-work.md#attention-rollout-one-map-for-all-blocks), then believe it. [Reading attention](reading-attention.md) shows how.
#
# ## Numbers
#
# ### 15. FLOPs, or multiply-adds?

# %%
with torch.device("meta"):  # shapes only
    b16, image = ViT(PRESETS["B/16"]), torch.empty(1, 3, 224, 224)
with FlopCounterMode(display=False) as counter:
    b16(image)
counter.get_total_flops() / 1e9, count_macs(PRESETS["B/16"]) / 1e9

# %% tags=["remove-code"]
times = counter.get_total_flops() / count_macs(PRESETS["B/16"])
assert abs(times - 2) < 1e-3

# %% [markdown]
# **What happens.** A multiplication and an addition: one operation or two? The two counts of one model differ by
# a factor of {eval}`f"{times:.0f}"`. Many papers print multiply-adds under the name FLOPs.
#
# **Do.** Say which you count, and count both models with one program. [Neither is a time](price.md).
#
# ### 16. Two regimes in one chart

# %%
b16s = [find(TABLE_5, "ViT-B/16", task="ImageNet", data="JFT-300M"), *LADDERS["ViT-B/16"]]
r50s = LADDERS["ResNet-50"]
[r.value for r in b16s], [r.value for r in r50s]

# %% tags=["remove-code"]
lowest = {name: min(r.value for r in rows) for name, rows in (("vit", b16s), ("cnn", r50s))}
highest = {name: max(r.value for r in rows) for name, rows in (("vit", b16s), ("cnn", r50s))}
assert highest["cnn"] > lowest["vit"]
assert highest["vit"] > lowest["cnn"]
table(
    ["model", "top-1, %", "learned from; pixels; source"],
    [
        [
            r.model.replace("-", "‑"),
            f"{r.value:.1f}",
            f"{r.regime.data}; {r.regime.pixels}; {r.cited}",
        ]
        for r in sorted([*b16s, *r50s], key=lambda r: (r.model, r.value))
    ],
    words=(0, 2),
)

# %% [markdown]
# **What happens.** Choose {eval}`f"{lowest['cnn']:.1f}"` and {eval}`f"{highest['vit']:.1f}"`, and the ViT wins by
# {eval}`f"{highest['vit'] - lowest['cnn']:.1f}"` points; choose {eval}`f"{highest['cnn']:.1f}"` and
# {eval}`f"{lowest['vit']:.1f}"`, and the CNN wins by {eval}`f"{highest['cnn'] - lowest['vit']:.1f}"`. All are
# published and true.
#
# **Do.** Compare within one [regime](published.md): data, pixels, method and recipe.
#
# ### 17. One seed

# %%
hunger, runs = results.read("data-hunger-digits"), {}
for family in ("vit", "windowed"):
    cell = hunger.cell(family=family, images=100, augment=True)
    runs[family] = [run["accuracy"] for run in cell["runs"]]
runs

# %% tags=["remove-code"]
ahead = [100 * (a - b) for a, b in zip(runs["vit"], runs["windowed"], strict=True)]
assert min(ahead) < 0 < max(ahead)

# %% [markdown]
# **What happens.** With one seed the ViT is {eval}`f"{max(ahead):.1f}"` points ahead of its windowed twin, with another
# {eval}`f"{-min(ahead):.1f}"` behind. Nothing changed but the first random numbers, and what follows from them.
#
# **Do.** Several seeds, an interval, and the same tuning effort for each side.
#
# ## What to remember
#
# - **A sentence:** ask “on which data, with which recipe?”
# - **Code:** change the input, and see that the right output changes, and no other.
# - **A reading:** a map is computed from part of a model. Test it on the whole.
# - **A number:** its unit, its regime, its interval.
#
# The article's own statements, one by one: [Errata](../errata.md).
#
# ## Your turn

# %% tags=["remove-code"]
import numpy as np

from vitexplain.exercises import Exercises, calculate, choose, repair

printed = count_macs(PRESETS["B/16"]) / 1e9
blind_code = """
may = torch.ones(6, 6, dtype=torch.bool).tril()
_, weights = module(x, x, x, attn_mask=may)
y = weights[0]
"""
mends = [f"_, weights = module(x, x, x, attn_mask={mask})" for mask in ("~may", "may.T", "~may.T")]
six, wide = torch.randn(1, 6, 32), 64
seen_back = module(six, six, six, attn_mask=~torch.ones(6, 6, dtype=torch.bool).tril())[1][0]
company = torch.randn(8, 4, 6, 6)
norms_in_training = {
    "BatchNorm": nn.BatchNorm2d(4).train(),
    "GroupNorm": nn.GroupNorm(2, 4).train(),
    "LayerNorm": nn.LayerNorm(6).train(),
}
Exercises(
    calculate(f"A paper prints {printed:.1f} G “FLOPs” for ViT-B/16 and means multiply-adds. Your profiler counts each multiplication and each addition. **What does it print**, in G?",
              counter.get_total_flops() / 1e9, digits=1, hints=["A multiply-add is one multiplication and one addition."],
              slips=[(printed, "That is what the paper prints. Your profiler counts both halves of a multiply-add."), (printed / 2, "The other way round: it counts more, not less.")],
              because=f"Twice as much: {counter.get_total_flops() / 1e9:.1f}. Both counts are right, and only together with their name do they mean anything."),
    calculate(f"A token has {wide} numbers of spread 1, and you draw `W_Q` with `randn({wide}, {wide})`. What is the **spread of a query's numbers**?",
              np.sqrt(wide), digits=1, hints=[f"Each number of the query adds up {wide} products, each of variance 1."],
              slips=[(wide, "That is the variance. The spread is its root."), (1, "So it should be. For that, divide the matrix by this root.")],
              because=f"√{wide} = {np.sqrt(wide):g}, and so for the keys. The scores get {wide} times too large, and softmax picks one token before anything is learned."),
    choose("A network was left in training mode. Which of these layers gives the same picture **another answer in company** than alone?",
           {name: float((norm(company)[:1] - norm(company[:1])).abs().max()) > 1e-3 for name, norm in norms_in_training.items()},
           slips={"GroupNorm": "It takes its mean and variance from one picture, always.", "LayerNorm": "It takes its mean and variance from one token, always."},
           because="In training, BatchNorm takes mean and variance from the whole batch. After `eval()` they are fixed."),
    repair("Each token should look back and not ahead. `module` is an `nn.MultiheadAttention`, and the last row is `nan`.", blind_code, 1, mends,
           given={"torch": torch, "module": module, "x": six}, makes=seen_back,
           hints=["What does `True` mean to this module?"],
           slips={mends[1]: "Turned over, not turned round: now the first row may look at nothing.", mends[2]: "Now each token sees itself and what is still to come."},
           because="Here `True` means *must not*. In `scaled_dot_product_attention`, and in our `attend`, it means *may*."),
)  # fmt: skip

# %% [markdown]
# ## Sources

# %% tags=["remove-code"]
keys = (
    "vit", "cvt", "attention", "attention-convolution", "effective-field", "group-norm", "rollout",
    "registers", "squeeze-excitation", "encoder-layer",
)  # fmt: skip
bibliography(keys, ordered=True)
