# ---
# title: The cost of looking
# description: Fused attention returns no weights. What it costs in time and memory to see them all the same, measured beside other libraries, and why.
# can: choose how to get at the attention of a large model without running out of memory
# needs: [vit_at_work]
# order: 37
# section: Lessons
# page: lessons/cost-of-looking.md
# notebook: true
# given:
#   "12 layers and 12 heads": of ViT-B/16
#   "512 pixels": a size that was measured
#   "1024 pixels": a size that was measured
#   "256 images": the largest batch of the benchmark
# ---

# %% [markdown]
# # The cost of looking
#
# You want to see what attention does in your model. The library says no: its attention runs in
# **one fused kernel**, which never writes the weights down. Ask it for them, and you get nothing.

# %% tags=["remove-code"]
from dataclasses import replace

import torch
from torch.nn import functional as F

from vitexplain.experiments import results
from vitexplain.facts import SOURCES
from vitexplain.figures import Bar, Reference, Series, bars, lines
from vitexplain.reading import rollout_of
from vitexplain.vit import PRESETS, ViT, count_macs, count_parameters, mac_shares, packed
from vitexplain.vit.looking import QUANTITIES

torch.set_grad_enabled(False)
found = results.read("looking-cpu-float32")
about = found.provenance
parts = {cell["name"]: cell for cell in found.cells if cell["kind"] == "part"}
OURS = "weight"  # the colour of our bars


def cell(what, name, batch=1):
    """Return one contender's measurement."""
    return found.cell(kind="forward", what=what, name=name, batch=batch)


def rate(part):
    """Return a part's operations a second, in units of 10⁹."""
    return parts[part]["operations"] / parts[part]["median"] / 1e9


# %%
query, key, value = torch.randn(3, 1, 12, 197, 64)
answer = F.scaled_dot_product_attention(query, key, value)
list(answer.shape)  # the mixed values; of 12 × 197 × 197 weights, no trace

# %% [markdown]
# The usual way out is to switch the fused kernel off. Then the model is another one: its logits
# move in the last digits, and you hope that nobody notices.
#
# There is another way. Leave the kernel in its place, and compute the weights **once more beside
# it**, from the same queries and keys. That is one matrix product and one softmax a layer. `look`
# does it:

# %%
vit = ViT(PRESETS["Ti/16"]).eval()
images = torch.randn(1, 3, 224, 224)
looked = vit.look(images, keep=["query", "key", "value", "scaled", "weights"])
torch.equal(looked.logits, vit(images)), list(looked.layers[11].weights.shape)

# %% tags=["remove-code"]
assert torch.equal(looked.logits, vit(images))

# %% [markdown]
# The logits are the same **to the last bit**. So what does it cost?
#
# ## Time
#
# Each bar is the time of a forward pass of ViT-B/16 that **keeps everything its library offers to
# keep**: with all of them the weights of 12 layers and 12 heads; with ours also scores, queries, keys and
# values; with ViT-Prisma and TransformerLens every intermediate. So the work is not quite the same.
# The unit is timm's plain forward pass, which keeps nothing. All ran side by side, in turns, on
# {eval}`about["processor"]`, {eval}`about["threads"]` threads, torch {eval}`about["torch"]`, on
# {eval}`about["date"]`. Medians; the whiskers are quartiles.

# %% tags=["remove-code", "figure"]
exact = cell("everything", "vitexplain, exact")
fast = cell("everything", "vitexplain, fast")
mixed = cell("everything", "vitexplain, mixed")
lazy = cell("everything", "vitexplain, fast and lazy")
forward = [cell for cell in found.cells if cell["kind"] == "forward"]
BATCHES = {1: "One image", 8: "Eight images"}


def bar(name, group, ratio, base, c):
    """Return a contender's bar: its time as a multiple of timm's plain forward pass."""
    low, high = c["low"] / base, c["high"] / base
    return Bar(
        name, round(ratio, 2), round(min(low, ratio), 2), round(max(high, ratio), 2), group=group,
        family=OURS * name.startswith("vitexplain"), note=f"{1e3 * c['median']:.0f} ms",
    )  # fmt: skip


def compared():
    """Return a bar for all that each contender can keep, fastest first, by batch."""
    rows = []
    for batch, group in BATCHES.items():
        base = cell("plain", "timm", batch)["median"]
        inside = [c for c in forward if c["batch"] == batch]
        most = {
            c["name"]: c for what in ("maps", "everything") for c in inside if c["what"] == what
        }
        for name, c in sorted(most.items(), key=lambda item: item[1]["ratio"]):
            rows.append(bar(name, group, c["ratio"], base, c))
    return rows


bars(
    compared(),
    x="time, in plain forward passes of timm",
    reference=Reference(1, "plain", side="left"),
    interval="quartiles",
    note_title="median",
)

# %% [markdown]
# Looking at everything, bit for bit, changes the time by {eval}`f"{exact['ratio'] - 1:+.1%}"` for one image and by
# {eval}`f"{cell('everything', 'vitexplain, exact', 8)['ratio'] - 1:+.1%}"` for eight: the price of a product and a
# softmax that are computed twice. If you let the kept weights mix the values (`exact=False`, “mixed” in the
# figure), they are computed once: {eval}`f"{mixed['ratio'] - 1:+.1%}"` and
# {eval}`f"{cell('everything', 'vitexplain, mixed', 8)['ratio'] - 1:+.1%}"`. Hugging Face's way, without the fused
# kernel, costs as little. On this processor the fused kernel saves memory, and hardly any time.
#
# ## Faster than not looking
#
# Some bars are shorter than 1: they look at everything, and are done before the plain forward
# pass. There is no trick in the attention. Only the linear layers changed. `packed` reorders their
# weights **once** for the processor's vector units, and computes the GELU while the product is
# still in the cache:

# %%
twin = packed(vit)
looked = twin.look(images, keep=QUANTITIES, exact=False)
float((looked.logits - vit(images)).abs().max())  # sums run in another order

# %% tags=["remove-code"]
assert (looked.logits - vit(images)).abs().max() < 1e-4
assert fast["ratio"] < 1
assert mixed["ratio"] < exact["ratio"] < 1.25
assert abs(cell("everything", "Hugging Face")["ratio"] - mixed["ratio"]) < 0.05
assert 0.9 < cell("plain", "timm")["median"] / cell("maps", "timm")["median"] < 1.1
assert lazy["ratio"] < fast["ratio"] + 0.02

# %% [markdown]
# It takes {eval}`f"{fast['ratio']:.2f}"` of timm's plain time for one image, and
# {eval}`f"{cell('everything', 'vitexplain, fast', 8)['ratio']:.2f}"` for eight. The last block can be **lazy** as
# well: only the class token is read, so only the class token needs its MLP
# ({eval}`f"{lazy['ratio']:.2f}"`).
#
# A caution: this is the gain on **this** machine. Its kernels for packed weights do
# {eval}`f"{rate('peak, matrix product, packed'):.0f}"` · 10⁹ operations a second, the usual ones
# {eval}`f"{rate('peak, matrix product'):.0f}"`. On another processor the two may be equal. Measure before you
# believe us:
#
# ```
# python -m tests.benchmarks.looking
# ```
#
# ## Why: the roofline
#
# No computation is faster than the processor multiplies, and none is faster than memory brings the
# numbers. Which of the two limits it? That depends on how many operations it does with each byte:
# its **intensity**. {eval}`SOURCES["roofline"]` draw both limits as a roof. Every
# dot below is one part of a B/16 block, alone, for eight images.

# %% tags=["remove-code", "figure"]
top = max(rate(name) for name in parts if name.startswith("peak, matrix"))
usual = rate("peak, matrix product")
copied = parts["peak, copy"]
speed = copied["bytes"] / copied["median"] / 1e9  # 10⁹ bytes a second
OPS = {
    "MLP": "MLP, first layer",
    "MLP, packed": "MLP, first layer, packed",
    "QKᵀ": "scores",
    "fused": "scores, softmax and mix, fused",
    "softmax": "softmax",
    "LayerNorm": "LayerNorm",
    "GELU": "GELU",
    "skip": "skip connection",
}
dots = {
    short: (parts[name]["operations"] / parts[name]["bytes"], rate(name))
    for short, name in OPS.items()
    if name in parts
}
least, most = min(x for x, _ in dots.values()) / 2, max(x for x, _ in dots.values()) * 3

assert dots["softmax"][0] < top / speed < dots["MLP"][0]

lines(
    [
        Series(
            "roof", [least, top / speed, most], [least * speed, top, top],
            family="muted", markers=False,
        ),
        *(Series(name, [x], [y]) for name, (x, y) in dots.items()),
    ],
    x="operations a byte",
    y="10⁹ operations a second",
    log_x=True,
    log_y=True,
    height=420,
)  # fmt: skip

# %% [markdown]
# The slanted part is memory ({eval}`f"{speed:.0f}"` · 10⁹ bytes a second, measured by a copy), the flat
# part the best matrix product. The layers of the MLP lie far to the right: arithmetic limits
# them, and better arithmetic helps. Softmax, LayerNorm, GELU and the skip connection lie to the left: they
# touch each number once or twice, and only touching **fewer** numbers helps. That is why a fused
# kernel is fast, why keeping the weights is cheap beside an MLP, and why it is not free. (A dot above the slope
# found its numbers in the cache.)
#
# ## Memory
#
# Keeping the weights of every layer takes memory that grows with the square of the tokens. But
# [rollout](vit-at-work.md#attention-rollout-one-map-for-all-blocks) needs them only one layer at a time, and of each layer
# only the mean of the heads. `rollout_of` computes a few heads, adds them up, and forgets them:

# %%
rolled = rollout_of(vit, images)
list(rolled.shape)


# %% tags=["remove-code", "figure"]
def weights_in_gb(preset, side):
    """Return what the weights of all layers and heads take in float32, in 10⁹ bytes."""
    config = replace(PRESETS[preset], image_size=side)
    return config.depth * config.heads * config.tokens**2 * 4 / 1e9


def megabytes(what, name, batch, side):
    """Return the peak memory of one contender, beyond the model's."""
    return found.cell(kind="memory", what=what, name=name, batch=batch, side=side)["megabytes"]


SIZES = {(1, 224): "1 image, 224 px", (8, 224): "8 images, 224 px", (1, 512): "1 image, 512 px"}
WAYS = {
    "timm, plain": ("plain", "timm"),
    "rollout here": ("rollout", "vitexplain"),
    "all kept here": ("everything", "vitexplain, exact"),
    "rollout, Hugging Face": ("rollout", "Hugging Face"),
}

assert megabytes("rollout", "vitexplain", 1, 512) < megabytes("rollout", "Hugging Face", 1, 512) / 4

bars(
    [
        Bar(name, megabytes(*way, *size), group=group, family=OURS * ("here" in name))
        for size, group in SIZES.items()
        for name, way in WAYS.items()
    ],
    x="peak memory beyond the model, in MB",
)

# %% [markdown]
# At 512 pixels that is {eval}`f"{megabytes('rollout', 'vitexplain', 1, 512):.0f}"` MB where the usual way takes
# {eval}`f"{megabytes('rollout', 'Hugging Face', 1, 512):.0f}"`. The three (token, token) matrices of
# an image do not grow with layers or heads. So even ViT-L/16 at 1024 pixels, whose weights would
# fill {eval}`f"{weights_in_gb('L/16', 1024):.0f}"` GB, is rolled out in
# {eval}`f"{megabytes('rollout', 'vitexplain', 1, 1024):.0f}"` MB.
#
# ## What was not measured
#
# A GPU. The same code runs there, and the benchmark with it (half precision, compiled, up to 256 images
# at a time), but we had none to publish numbers from. What you read above is float32 on a CPU.
#
# Every number of this page is in one file with all its rounds:
# [looking-cpu-float32.json](https://github.com/vitexplain/vitexplain/blob/main/src/vitexplain/experiments/results/looking-cpu-float32.json).
#
# ## Your turn
#
# Guess first, then compute, then open the answer.

# %% tags=["remove-code"]
b16 = PRESETS["B/16"]
again = mac_shares(b16)["attention products"] / 2 / count_macs(b16)
gb = 4 * count_parameters(b16) / 1e9
side = next(side for side in range(224, 2000, 16) if weights_in_gb("B/16", side) > gb)

# %% [markdown]
# **1.** `look` computes *QK*<sup>T</sup> a second time. Which share of ViT-B/16's multiply-adds is that?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`f"{again:.1%}"` at 224 pixels: half of what [attention's products](price.md#what-is-quadratic-and-what-is-not)
# take. Softmax and memory are not in that count; they make up the rest of the time.
#
# </details>
#
# **2.** From which side of the image do the kept weights of B/16 take more memory than its parameters?
#
# <details markdown="1"><summary>Answer</summary>
#
# From {eval}`side` pixels: {eval}`f"{weights_in_gb('B/16', side):.2f}"` GB against {eval}`f"{gb:.2f}"`, in float32.
#
# </details>
#
# **3.** Why can the last block be lazy for the class token, but not for the mean of the patches?
#
# <details markdown="1"><summary>Answer</summary>
#
# After attention every token goes its own way: its output projection and its MLP look at no other. The
# head reads the class token alone, so the others' way through the last block ends nowhere. The mean
# reads them all.
#
# </details>
