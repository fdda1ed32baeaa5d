# ---
# title: Hybrids
# description: "Networks that convolve and attend: what eight of them really are, drawn from code, what they cost, and whether mixing pays, as published and as measured."
# can: say what eight well-known hybrids really are, and what mixing brings
# needs: [cnn_vs_vit]
# order: 43
# section: Comparisons
# page: lessons/hybrids.md
# notebook: true
# extra: experiments
# ---

# %% [markdown]
# # Hybrids
#
# Convolution looks at neighbours, with the same kernel everywhere. Attention looks everywhere, and
# decides afresh for each image. Why choose? A **hybrid** does both: some layers convolve, others attend.
#
# Here you look inside eight of them, see what they cost, and
# find out whether mixing pays.
#
# ## Two that are not
#
# The interactive page names ConvNeXt and Swin as networks that combine convolution with self-attention
# ([errata](../errata.md)). Do they? Build them, beside a ResNet and a ViT, and count two things: layers that attend, and convolutions whose
# windows **overlap**. (A convolution whose windows do not overlap only cuts an image into
# patches. Every plain ViT begins with one.)


# %% tags=["remove-code"]
from dataclasses import replace

import torch
from torch import nn

from vitexplain.compare.coatnet import COATNETS, CoAtNet
from vitexplain.compare.convnext import CONVNEXTS, ConvNeXt
from vitexplain.compare.cost import multiply_adds, parameters
from vitexplain.compare.hybrid import HYBRIDS, HybridViT
from vitexplain.compare.levit import LEVITS, LeViT
from vitexplain.compare.maxvit import MAXVITS, MaxViT
from vitexplain.compare.resnet import RESNETS, ResNet
from vitexplain.compare.swin import SWINS, Swin
from vitexplain.experiments import results
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.families import build
from vitexplain.experiments.weights import load
from vitexplain.explorer import Start, Step, explore
from vitexplain.facts import FAMILIES, HYBRID_GAINS, QUOTED, SOURCES, TABLE_6, bibliography
from vitexplain.figures import Bar, Point, Series, architectures, bars, lines, scatter, stages_of
from vitexplain.figures.architecture import PUBLISHED
from vitexplain.vit import PRESETS, ViT
from vitexplain.writing import interval, table


# %%
def census(model):
    """Return how many convolutions overlap, and how many layers attend."""
    convolutions = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    overlap = [m for m in convolutions if m.kernel_size > m.stride]
    attend = [name for name, _ in model.named_modules() if name.endswith("attn")]
    return len(overlap), len(attend)


# %% tags=["remove-code"]
def meta(model, config):
    """Build a model of shapes without numbers: enough to look inside and to count."""
    with torch.device("meta"):
        return model(config)


CONFIGS = {
    "ResNet-50": (ResNet, RESNETS["resnet50"]),
    "ConvNeXt-T": (ConvNeXt, CONVNEXTS["convnext_t"]),
    "Swin-T": (Swin, SWINS["swin_t"]),
    "ViT-S/16": (ViT, PRESETS["S/16"]),
    "CoAtNet-0": (CoAtNet, COATNETS["coatnet_0"]),
    "R50+ViT-B/16": (HybridViT, HYBRIDS["r50_vit_b16"]),
    "MaxViT-T": (MaxViT, MAXVITS["maxvit_t"]),
    "LeViT-256": (LeViT, LEVITS["levit_256"]),
}
REAL = ("R50+ViT-B/16", "CoAtNet-0", "MaxViT-T", "LeViT-256")
models = {name: meta(*made) for name, made in CONFIGS.items()}
counted = {name: census(model) for name, model in models.items()}
kinds = {(True, False): "CNN", (False, True): "Transformer", (True, True): "hybrid"}
verdicts = {name: kinds[c > 0, a > 0] for name, (c, a) in counted.items()}
assert verdicts["ConvNeXt-T"] == verdicts["ResNet-50"] == "CNN"
assert verdicts["Swin-T"] == verdicts["ViT-S/16"] == "Transformer"
assert {verdicts[name] for name in REAL} == {"hybrid"}
table(
    ["network", "overlap", "attend", "so it is a"],
    [(name, *counts, verdicts[name]) for name, counts in counted.items()],
    words=(0, 3),
)

# %% [markdown]
# **ConvNeXt has no attention.** It is a ResNet, brought up to date with what Transformers had taught: patches at the
# start, large kernels, LayerNorm, GELU ({eval}`SOURCES["convnext"]`). **Swin has no overlapping
# convolution.** It is a Transformer whose tokens attend inside windows, which shift from block to block
# ({eval}`SOURCES["swin"]`). What it shares with a CNN is the shape: large maps first, small maps last.

# %% tags=["remove-code"]
windowed, test = load("digits-windowed"), digits().test
WINDOW, (SIDE, _) = windowed.config.window, windowed.config.grid(0)
assert windowed.config.relative

# %% [markdown]
# ### Swin: windows that shift
#
# How can an image hold together if each patch attends only to its own window? See for yourself. This is a small
# Swin of {eval}`windowed.config.depths[0]` blocks that reads handwritten digits; you meet its scores
# [below](#measured-here). A window holds {eval}`WINDOW` × {eval}`WINDOW` patches.

# %% tags=["remove-code"]
digit = test.images[int((test.labels == 3).nonzero()[0])]
asking = SIDE + 1  # second row, second column: the corner of the first window
corner = {asking - SIDE - 1, asking - SIDE, asking - 1, asking}
moved = {asking, asking + 1, asking + SIDE, asking + SIDE + 1}


def heard(row):
    """Return the patches with any weight."""
    return set(row.nonzero()[0])


tour = [
    Step("A window of four", "The patch in the second row and column asks. Its window is the corner at the top left.",
         ask=f"How many of the {SIDE**2} patches can it hear?",
         answer=f"**{WINDOW**2}**, those of its window. With the others it was never compared: they have no score.",
         query=asking, map=(0, 0),
         holds=lambda w: {"its window alone": heard(w[asking]) == corner, "so do all": all(len(heard(row)) == WINDOW**2 for row in w)}),
    Step("The windows shift", "In the next block every window has moved by one patch, down and to the right. The same patch asks.",
         ask="How many patches of its old window does it still attend to?",
         answer="**None but itself.** The other three are new. And a corner of the image is now alone in its window: it attends to itself and nothing else.",
         query=asking, map=(1, 0),
         holds=lambda w: {"moved by one": heard(w[asking]) == moved, "itself alone is left": corner & moved == {asking},
                          "a corner is alone": heard(w[0]) == {0}}),
    Step("Two blocks reach far", "Rollout multiplies both blocks: what a neighbour heard in the first, it passes on in the second.",
         ask=f"How many of the {SIDE**2} patches reach it now?",
         answer=f"**All {SIDE**2}**: the four patches of its window, each with a window of its own behind it.",
         query=asking, map=(1, "rollout"),
         holds=lambda w: {"all of them": len(heard(w[asking])) == SIDE**2, "four windows": len(moved) * len(corner) == SIDE**2}),
]  # fmt: skip
explore(
    windowed.walk(digit[None]), 1 - (digit[0] + 1) / 2, title="A small Swin reads a digit", tour=tour,
    start=Start(url=True),
)  # fmt: skip

# %% [markdown]
# The scores have an addition here, the learned **bias** of each offset between two patches: Swin adds no
# positions to its tokens. Between windows there is nothing, not even a small weight.
#
# ### Drawn from code
#
# The pictures are drawn from the same configurations that build the models. A box is as tall as its map,
# as wide as its channels; below it stand both.

# %% tags=["remove-code", "figure"]
first = ("ResNet-50", "ConvNeXt-T", "Swin-T", "ViT-S/16")
architectures(
    {name: stages_of(CONFIGS[name][1]) for name in first},
    notes={name: f"{parameters(models[name]) / 1e6:.1f} M parameters" for name in first},
)

# %% tags=["remove-code"]
*_, last, _ = stages_of(SWINS["swin_t"])
assert last.kinds == ("attention",)
assert last.grid == (SWINS["swin_t"].window,) * 2
at_least, at_most = (QUOTED[f"conv stem, {end}"].value for end in ("least", "most"))

# %% [markdown]
# A detail that the picture shows: in Swin's last stage the map of {eval}`last.grid[0]` × {eval}`last.grid[1]`
# *is* one window. There it attends to everything, as a ViT does.
#
# ## Four places to mix
#
# Real hybrids differ in *where* they mix:
#
# - **In front.** Convolutions make the tokens, a Transformer reads them. The **R50+ViT** of the ViT paper puts the blocks of a
#   ResNet-50 there ({eval}`SOURCES["vit"]`); a few 3 × 3 convolutions in place of the patches are worth
#   {eval}`f"{at_least:g} to {at_most:g}"` points of ImageNet
#   ({eval}`SOURCES["conv-stem"]`). **LeViT** has such a stem too. Then attention itself shrinks the map:
#   every second place asks, all answer ({eval}`SOURCES["levit"]`).
# - **Stage by stage.** **CoAtNet** convolves on large maps and attends on small ones ({eval}`SOURCES["coatnet"]`).
# - **In every block.** A block of **MaxViT** convolves, attends inside windows, then across a sparse grid,
#   one place from every cell ({eval}`SOURCES["maxvit"]`). **MobileViT** cuts the map in the same sparse way
#   between two convolutions, so a place attends to those at its own position in other patches
#   ({eval}`SOURCES["mobilevit"]`).
# - **Inside attention.** **CvT** makes queries, keys and values by convolution, the keys and values a
#   quarter as many, and can then do without position embeddings ({eval}`SOURCES["cvt"]`).

# %% tags=["remove-code", "figure"]
drawn = {name: stages_of(CONFIGS[name][1]) for name in REAL} | PUBLISHED
architectures(drawn)

# %% tags=["remove-code"]
mixed = {name: [p for p in parts if p.kinds[0] not in ("image", "readout", "patches")]
         for name, parts in drawn.items()}  # fmt: skip
assert all(len(p.kinds) > 1 for p in mixed["CvT-13"])
assert all(len(p.kinds) > 1 for p in mixed["MaxViT-T"][1:])
assert [p.kinds for p in mixed["LeViT-256"]] == [("convolution",)] + [("attention",)] * 3

# %% [markdown]
# (Striped boxes do several things in each block. The first four you can run: `MaxViT(MAXVITS["maxvit_t"])`
# is a model whose steps you can walk through. The last two are drawn from their authors' tables. Tests
# compare all six with public code.)
#
# ## How early may attention start?
#
# Nearly all hybrids convolve first. Cost is one reason. Here is CoAtNet-0 with each stage a choice:
# C for convolution, T for attention. Only the letters change. (`meta` builds a model of shapes without
# numbers, enough to count with.)

# %%
layouts = {}
for letters in ("CCCC", "CCCT", "CCTT", "CTTT", "TTTT"):
    config = replace(COATNETS["coatnet_0"], kinds=letters)
    layouts[letters] = multiply_adds(meta(CoAtNet, config), (3, 224, 224))
print("\n".join(f"{letters} {macs / 1e9:.2f} G" for letters, macs in layouts.items()))

# %% tags=["remove-code"]
assert sorted(layouts.values()) == list(layouts.values())
places = [stage.grid[0] for stage in stages_of(COATNETS["coatnet_0"])[2:6]]

# %% [markdown]
# Attention in the last two stages adds {eval}`f"{layouts['CCTT'] / layouts['CCCC'] - 1:.0%}"` to the
# multiply-adds. Attention in all four more than doubles them
# ({eval}`f"{layouts['TTTT'] / layouts['CCCC']:.1f}"` times): the first map has
# {eval}`f"{places[0]} × {places[0]} = {places[0] ** 2:,}"` places, and [each asks each](price.md). CoAtNet's authors
# settled on CCTT.
#
# ## What they cost
#
# Our models, counted part by part, each beside what its authors publish, with its accuracy on ImageNet alone:

# %% tags=["remove-code"]
listed = {f.model: f for f in FAMILIES}
ours = {name: (parameters(m), multiply_adds(m, (3, 224, 224))) for name, m in models.items()}
chosen = [*CONFIGS, "CvT-13", "MobileViT-S"]


def top_1(published):
    """Write the published accuracy with a link to where it stands."""
    result = published.result
    return f'[{result.value:g}%]({result.source.url} "{result.source.short}, {result.where}")'


def cost_row(name):
    """Write what we count and what is published, a dash where there is none."""
    count, macs = ours.get(name, (None, None))
    published = listed.get(name)
    return (
        name,
        f"{count:,}" if count else "–",
        f"{published.parameters:g} M" if published else "–",
        f"{macs / 1e9:.2f} G" if macs else "–",
        f"{published.gmacs:g} G" if published and published.gmacs else "–",
        top_1(published) if published else "–",
    )


for name, (count, macs) in ours.items():
    if name in listed:
        assert abs(count / 1e6 / listed[name].parameters - 1) < 0.03
        assert abs(macs / 1e9 / listed[name].gmacs - 1) < 0.03 or name == "CoAtNet-0"
table(
    ["network", "parameters", "published", "multiply-adds", "published", "top-1"],
    [cost_row(name) for name in chosen],
)  # fmt: skip

# %% tags=["remove-code"]
strided = meta(CoAtNet, replace(COATNETS["coatnet_0"], stride_in="expand"))
strided_macs = multiply_adds(strided, (3, 224, 224))
vit_macs = multiply_adds(meta(ViT, PRESETS["B/16"]), (3, 224, 224))
front_macs = ours["R50+ViT-B/16"][1] - vit_macs
odd = meta(CoAtNet, replace(COATNETS["coatnet_0"], kinds="TTCC"))
odd_macs = multiply_adds(odd, (3, 224, 224))

# %% [markdown]
# (Of R50+ViT the paper gives no accuracy from ImageNet alone; see below.) They agree, but for one: our CoAtNet-0 follows public code, which takes the stride of a convolution block in its
# depthwise layer. The paper's appendix takes it one layer earlier; with `stride_in="expand"` ours has
# {eval}`f"{strided_macs / 1e9:.2f}"` G.
#
# ### At the same cost
#
# Who wins at about {eval}`f"{listed['Swin-T'].gmacs:g}"` G multiply-adds, on ImageNet alone?

# %% tags=["remove-code", "figure"]
near = [f for f in FAMILIES if f.gmacs and 4 <= f.gmacs <= 4.7]
near = sorted(
    [f for f in near if f.result.regime.method == "scratch"], key=lambda f: -f.result.value
)
bars(
    [
        Bar(f.model, f.result.value, family=f.kind,
            note=f"{f.gmacs:g} G; {f.result.regime}; {f.result.source.short}, {f.result.where}")
        for f in near
    ],
    x="ImageNet top-1, %",
    start=78,
    note_title="multiply-adds; regime; source",
)  # fmt: skip

# %% tags=["remove-code"]
best = near[0]
assert best.kind == "CNN"
assert {f.kind for f in near} == {"CNN", "ViT", "hybrid", "windowed"}
dearer = listed["MaxViT-T"]
assert dearer.result.value > best.result.value
spread = best.result.value - min(f.result.value for f in near if f.kind != "CNN")

# %% [markdown]
# No family dominates. The first is {eval}`best.model`, a {eval}`best.kind`, and from it to the last
# network that attends it is {eval}`f"{spread:.1f}"` points. Each bar has its own recipe, and
# [a recipe alone is worth more](published.md#one-architecture-many-recipes). So this chart cannot say that one design is
# better. And the limit of the cost chooses the winner: {eval}`dearer.model`, a {eval}`dearer.kind`, has
# {eval}`dearer.result.value`% for {eval}`dearer.gmacs` G. (“iso” is a ConvNeXt in the shape of a ViT: one width, one resolution.)
#
# ## Does it pay?
#
# For that, the recipe must be held still. The ViT paper does: {eval}`len(TABLE_6)` networks, the same
# {eval}`TABLE_6[0].imagenet.regime.data`, the same protocol, with the compute of pre-training.

# %% tags=["remove-code", "figure"]
family = {"ViT": "ViT", "ResNet": "CNN", "hybrid": "hybrid"}
LABELS = {"ViT-B/32": "bottom right", "ViT-H/14": "top left", "R50x1+ViT-B/32": "top center",
          "ResNet-200x3": "bottom center"}  # fmt: skip
scatter(
    [
        Point(row.model, row.exaflops, row.imagenet.value, family[row.family],
              note=f"{row.epochs} epochs")
        for row in TABLE_6
    ],
    x="pre-training, exaFLOPs",
    y="ImageNet top-1, %",
    log_x=True,
    joined=True,
    label=LABELS,
    note_title="epochs",
)  # fmt: skip

# %% tags=["remove-code"]
gains = sorted(HYBRID_GAINS.items(), key=lambda item: item[1].vit.exaflops)
points = [gain.points for _, gain in gains]
assert points[0] == max(points)
assert points[-2] < 0.5 < min(points[:-2])
assert points[-1] == 0
smallest, largest = gains[0], gains[-1]
table(
    ["ViT", "alone", "hybrid", "gain", "compute"],
    [
        (name.replace(" trained", ","), f"{gain.vit.imagenet.value:.2f}%", f"{gain.hybrid.imagenet.value:.2f}%",
         f"{gain.points:+.2f}" if gain.points else "0", f"{gain.compute:.2f}")
        for name, gain in gains
    ],
)  # fmt: skip

# %% [markdown]
# ({eval}`SOURCES["vit"]`, Table 6; gain in points, compute as a multiple of the ViT's.) **The gain vanishes with size.** A ResNet-50 in front of ViT-{eval}`smallest[0]` gains
# {eval}`f"{smallest[1].points:.2f}"` points, at {eval}`f"{smallest[1].compute:.1f}"` times the compute. In front of
# {eval}`largest[0]` it gains {eval}`f"{largest[1].points:g}"`, and costs
# {eval}`f"{largest[1].compute - 1:.0%}"` more. In the chart the hybrids begin above the ViTs and end among them. A small ViT
# gains from convolutions; a large one with this much data no longer needs them.

# %% [markdown]
# ## Measured here
#
# JFT-300M is private. But the question fits a small machine: put two overlapping convolutions in place of a ViT's
# patches, make its MLPs narrower to pay for them, and train both on the same images with the same
# tuning effort. Here with a CNN and a Transformer with windows beside them, on scikit-learn's digits of 8 × 8 pixels:

# %% tags=["remove-code", "figure"]
study = results.read("data-hunger-digits")
NAMES = {"cnn": "CNN", "hybrid": "hybrid", "vit": "ViT", "windowed": "windowed"}
sizes = study.values("images")
most = study.cell(family="hybrid", images=sizes[-1], augment=True)
weights = [study.cell(family=f, images=sizes[-1], augment=True)["parameters"] for f in NAMES]
assert max(weights) / min(weights) < 1.02
work = {f: study.cell(family=f, images=sizes[-1], augment=True)["multiply_adds"] for f in NAMES}
assert work["hybrid"] < 1.02 * work["vit"]


def scores(family, images, augment=True, study=study):
    """Return the accuracies in percent, seed by seed."""
    runs = study.cell(family=family, images=images, augment=augment)["runs"]
    return [100 * run["accuracy"] for run in sorted(runs, key=lambda run: run["seed"])]


def gap(one, other, images, **which):
    """Return the interval of the difference, in points, over seeds that saw the same images."""
    pairs = zip(scores(one, images, **which), scores(other, images, **which), strict=True)
    return results.interval([a - b for a, b in pairs])


def learning_curve(family):
    """Return the accuracy of a family over the images it learned from."""
    found = [study.of("accuracy", family=family, images=n, augment=True).cut for n in sizes]
    means, lows, highs = ([100 * getattr(i, end) for i in found] for end in ("mean", "low", "high"))
    return Series(NAMES[family], sizes, means, lows, highs)


small = {name: build("digits", family, seed=0) for family, name in NAMES.items()}
architectures(
    {name: stages_of(model, image_size=8) for name, model in small.items()},
    notes={name: f"{parameters(model) / 1e3:.1f} k parameters" for name, model in small.items()},
)

# %% tags=["remove-code", "figure"]
seeds = len(most["runs"])
lines(
    [learning_curve(family) for family in NAMES],
    x="training images",
    y="test accuracy, %",
    log_x=True,
    interval=f"95% intervals of the mean of {seeds} seeds",
)

# %% tags=["remove-code"]
wins = [
    h > v
    for augment in (True, False)
    for n in sizes
    for h, v in zip(scores("hybrid", n, augment), scores("vit", n, augment), strict=True)
]
few, many = (gap("hybrid", "vit", n) for n in (sizes[0], sizes[-1]))
longer = results.read("longer-digits")
late = gap("hybrid", "vit", sizes[-1], study=longer)
assert 0 < late.mean < many.mean
closed = [gap("hybrid", "vit", n).mean / gap("cnn", "vit", n).mean for n in sizes]
assert sum(wins) > 0.8 * len(wins)
assert few.mean > many.mean > 0
assert all(gap("cnn", "hybrid", n).mean > 0 for n in sizes)
assert min(closed) > 0.5


table(
    ["training images", "hybrid less ViT, points", "CNN less hybrid, points"],
    [
        (
            f"{n:,}",
            interval(gap("hybrid", "vit", n), 1, sign=True),
            interval(gap("cnn", "hybrid", n), 1, sign=True),
        )
        for n in sizes
    ],
    words=(),
)

# %% [markdown]
# (With augmentation; {eval}`seeds` seeds, test set never used for a choice, {eval}`most["steps"]` steps, the
# {eval}`study.scale` scale of the study. Intervals are those of Student's *t*. Parameters are matched; so is compute between
# hybrid and ViT, but the CNN does {eval}`f"{work['cnn'] / work['vit']:.1f}"` times their multiply-adds.)
#
# **The stem pays here.** With the same images and seed the hybrid beats the ViT in {eval}`sum(wins)` of {eval}`len(wins)` runs. It
# closes {eval}`f"{min(closed):.0%} to {max(closed):.0%}"` of the ViT's distance to the CNN. In points it gains
# most where images are few: {eval}`f"{few.mean:.1f}"` with {eval}`sizes[0]` of them, {eval}`f"{many.mean:.1f}"` with
# {eval}`f"{sizes[-1]:,}"`. With {eval}`longer.cells[0]["steps"]` steps in place of
# {eval}`most["steps"]` those {eval}`f"{many.mean:.1f}"` become {eval}`f"{late.mean:.1f}"`: what the stem
# gives, a ViT can learn, later. But see how wide the intervals are with so few seeds: of one size alone you
# could seldom be sure. And the plain CNN is still ahead, with more compute and on small pictures where everything is near.
# More of this kind is in [CNN and ViT, measured](cnn-vs-vit.md).
#
# ## What to remember
#
# - ConvNeXt is a CNN. Swin is a Transformer. Neither mixes.
# - Hybrids mix in front, stage by stage, in every block, or inside attention.
# - Convolve where maps are large, attend where they are small: early attention is expensive.
# - At equal cost no family dominates; most published comparisons change the recipe too.
# - In front of a small ViT, or with few images, convolution helps. With size, data and time the gain fades.
#
# ## Your turn

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, calculate, choose

whole_macs = ours["R50+ViT-B/16"][1]
Exercises(
    choose("Which of these **are hybrids**: layers that attend *and* convolutions that overlap?",
           {name: verdicts[name] == "hybrid" for name in ("CoAtNet-0", "ConvNeXt-T", "LeViT-256", "Swin-T")}, several=True,
           slips={"ConvNeXt-T": "It borrows much from Transformers, but nothing in it attends: a pure CNN.", "Swin-T": "It has stages as a CNN has, but its only convolution cuts the picture into patches."},
           because="We counted. Looks deceive: four stages make no CNN, and large kernels make no attention."),
    calculate(f"R50+ViT-B/16 takes {whole_macs / 1e9:.1f} G multiply-adds, ViT-B/16 alone {vit_macs / 1e9:.1f}. **What share** of the hybrid's work is the ResNet's?",
              front_macs / whole_macs, hints=["First: what does the ResNet take?"],
              slips=[(vit_macs / whole_macs, "That is the share of the ViT."), (front_macs / vit_macs, "You compared with the ViT. The share is of the whole.")],
              because=f"The ResNet takes {front_macs / 1e9:.2f} of {whole_macs / 1e9:.2f} G multiply-adds."),
    choose("A ResNet in front of a ViT: what happens to its **gain** as model and training grow (Table 6 of the paper)?",
           {"It vanishes": points[-1] == 0 and points[0] == max(points), "It grows": points[-1] > points[0], "It stays about the same": abs(points[-1] - points[0]) < 0.5},
           slips={"It grows": "A large model with much data finds out by itself what a convolution knows beforehand.", "It stays about the same": "Compare the smallest model with the largest."},
           because=f"From {points[0]:.1f} points for the smallest down to {points[-1]:.1f} for the largest."),
)  # fmt: skip

# %% [markdown]
# **1.** A colleague calls any network with four stages “a hybrid of CNN and Transformer”. Which count settles it?
#
# <details markdown="1"><summary>Answer</summary>
#
# `census(model)`: a hybrid has overlapping convolutions *and* layers that attend. Stages say
# nothing: Swin-T has four and counts {eval}`counted["Swin-T"]`.
#
# </details>
#
# **2.** How much of R50+ViT-B/16's cost is the ResNet?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`f"{ours['R50+ViT-B/16'][1] / 1e9:.2f}"` G less the {eval}`f"{vit_macs / 1e9:.2f}"` G of ViT-B/16 is
# {eval}`f"{front_macs / 1e9:.2f}"` G, {eval}`f"{front_macs / ours['R50+ViT-B/16'][1]:.0%}"`.
#
# </details>
#
# **3.** Draw a hybrid of your own. What does `architectures({"mine": stages_of(config)})` show for
# `replace(COATNETS["coatnet_0"], kinds="TTCC")`, and why does nobody build it?
#
# <details markdown="1"><summary>Answer</summary>
#
# Attention on the largest maps and convolution on the smallest: {eval}`f"{odd_macs / 1e9:.2f}"` G,
# {eval}`f"{odd_macs / layouts['CCTT']:.1f}"` times CCTT. It pays most where neighbours would do.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
keys = {"vit", "convnext", "swin", "cvt", "coatnet", "maxvit", "levit", "mobilevit", "conv-stem"}
keys |= {"resnet", "digits"} | {f.result.source.key for f in (*near, *map(listed.get, chosen)) if f}
bibliography(keys)
