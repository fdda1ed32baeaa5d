# ---
# title: Published results
# description: "Published accuracies of CNNs, ViTs and hybrids, each with its data, image size, method, recipe and source: what may be compared, and what may not."
# can: compare published accuracies only where they may be compared
# needs: [cnn_vs_vit]
# order: 44
# section: Comparisons
# page: lessons/published.md
# notebook: true
# given:
#   "90 epochs": Table 1 of Beyer et al.
#   "150": epochs, of the same table
#   "300": epochs, of the same table
#   "1000 images each": how VTAB is defined
#   "85.2% on ImageNet": the exercise's, from the article's chart
#   "78.3%": the exercise's, from the article's chart
#   "alone at 224": the recipe's pixels
#   "300 epochs of ImageNet": the exercise's
# ---

# %% [markdown]
# # Published results
#
# “ViT-L/16 reaches {eval}`find(facts.TABLE_5, "ViT-L/16", task="ImageNet", data="ImageNet-21k").value`% on ImageNet.”
# Is that good? You cannot tell yet. Ask four questions first:
#
# 1. **Data.** What did the model see before, and was it labelled?
# 2. **Pixels.** How large were the images in the test?
# 3. **Method.** Trained from scratch, fine-tuned, or frozen with a linear layer on top?
# 4. **Recipe.** How long, with which augmentation, with which teacher?
#
# The four together are the **regime** of a number. On this page no number goes without it, and
# each names the table that it comes from. (They are all in `vitexplain.facts`, for your own charts.)
#
# ## A bar chart, sorted by regime
#
# One article shows six models in six bars, side by side. Here are the same six, sorted. Each
# point is the published value nearest to the bar, of the model that the bar names:


# %% tags=["remove-code"]
import torch
from IPython.display import Markdown

from vitexplain import facts
from vitexplain.compare import HYBRIDS, HybridViT
from vitexplain.compare.cost import multiply_adds
from vitexplain.facts import SOURCES, bibliography, exaflops, find, told
from vitexplain.figures import Bar, Point, Series, bars, lines, scatter
from vitexplain.vit import PRESETS, count_macs
from vitexplain.writing import percent, table


# %% tags=["remove-code", "figure"]
def family(model):
    return "CNN" if model.startswith("ResNet") else "ViT"


def short(result):
    """Name the recipe of a result in a word or two."""
    name = result.regime.recipe.partition(",")[0]
    return name.removeprefix("torchvision ").removeprefix("the ")


def regime_of(result):
    """Say a regime in a line, short enough for a heading."""
    regime = result.regime
    if regime.method == "linear probe":
        return f"{regime.data.replace('without', 'no')}; frozen; {regime.pixels} px"
    if regime.method == "fine-tuned":
        return f"{regime.data} first; {regime.pixels} px"
    age = "first recipe" if regime.recipe == "torchvision V1" else "newer recipes"
    return f"{regime.data} alone; {age}; {regime.pixels} px"


def sorted_bar(name, result, note):
    note = f"{note}; {result.regime}; {result.source.short}, {result.where}"
    return Bar(name, result.value, group=regime_of(result), family=family(name), note=note)


slip = next(bar for bar in facts.BARS if bar.kind == "slip")
large = find(facts.DINOV2, "ViT-g/14", recipe="DINOv2")
bars(
    [
        *(sorted_bar(bar.model, bar.result, f"the article: {bar.printed}") for bar in facts.BARS),
        sorted_bar("DINOv2-g", large, f"what the article gives {slip.model}"),
    ],
    x="ImageNet top-1, %",
    start=74,
    note_title="the article; regime; source",
)

# %% tags=["remove-code"]
charts = [one for one in told("errata") if one.place == "bar chart"]


def bold(text):
    """Set the number bold with which a text begins."""
    number, _, rest = text.partition(" ")
    return f"**{number}** {rest}"


Markdown(
    "\n".join(
        f"- **{bar.model}**, the article: {bar.printed}%. "
        f"{bold(str(one.right)) if bar is slip else one.right} {one.why} ({bar.result.cited})"
        for bar, one in zip(facts.BARS, charts, strict=True)
    )
)

# %% tags=["remove-code"]
recipes = {bar.result.regime for bar in facts.BARS}
at_1k = find(facts.TABLE_5, "ViT-L/16", task="ImageNet", data="ImageNet")
at_21k = find(facts.TABLE_5, "ViT-L/16", task="ImageNet", data="ImageNet-21k")
assert slip.printed == large.value
assert len(recipes) == 5
assert at_1k.value < facts.LADDERS["ResNet-50"][-1].value
assert {bar.model for bar in facts.BARS if abs(bar.printed - bar.result.value) > 0.1} == {
    slip.model
}

# %% [markdown]
# Six bars, {eval}`len(recipes)` regimes. One bar shows another model: {eval}`slip.printed`% is
# {eval}`large.model`, and {eval}`slip.result.model` has {eval}`slip.result.value`%. The other five
# are within a tenth of a point of a published one. It is the chart that misleads. “ViT-L beats ResNet” is read from it at once; but that ViT-L
# had seen {eval}`f"{facts.IMAGES['ImageNet-21k'] / facts.IMAGES['ImageNet']:.0f}"` times as many images. From
# ImageNet alone the same paper has it at {eval}`at_1k.value`%, below a ResNet-50 with a newer recipe.

# %% [markdown]
# ## One architecture, many recipes
#
# How much is a recipe worth? Hold the architecture and the data (ImageNet alone), and change
# how the model is trained. (V1 and V2 are torchvision's recipes for ResNets, an early one and
# a later one; DeiT III is a later DeiT.)

# %% tags=["remove-code", "figure"]
bars(
    [
        Bar(
            short(result),
            result.value,
            group=model,
            family=family(model),
            note=f"{result.regime}; {result.source.short}, {result.where}",
        )
        for model, ladder in facts.LADDERS.items()
        for result in ladder
    ],
    x="ImageNet top-1, %",
    start=64,
    note_title="regime; source",
)

# %% tags=["remove-code"]
TEACHING = (("ViT-B/16", "scratch"), ("DeiT-B", "distilled"))
span = {model: ladder[-1].value - ladder[0].value for model, ladder in facts.LADDERS.items()}
best = {model: ladder[-1].value for model, ladder in facts.LADDERS.items()}
between = abs(best["ViT-S/16"] - best["ResNet-50"])
assert between < 1 < min(span.values())
assert all(
    result.regime.data == "ImageNet" for ladder in facts.LADDERS.values() for result in ladder
)
bare, whole = facts.PLAIN_VIT["improved, not augmented"], facts.PLAIN_VIT["improved"]
assert bare[2].value == bare[1].value
assert whole[2].value > whole[1].value + 1
larger = find(facts.TORCHVISION_VITS, "ViT-L/16")
deit_b, taught = (find(facts.DEIT, name, method=how) for name, how in TEACHING)
assert larger.value < facts.TORCHVISION_VITS[0].value
assert taught.value > deit_b.value + 1

# %% [markdown]
# A recipe is worth {eval}`f"{min(span.values()):.1f}"` to {eval}`f"{max(span.values()):.1f}"` points. And the best
# ResNet-50 and the best ViT-S/16 here, of similar size, are {eval}`f"{between:.1f}"` points apart. **A
# difference that you read in a chart may be all recipe.** (Some rows are not pure. The later plain ViT-S/16 averages its
# patches and computes its positions; DeiT III scales its branches. And the ViT paper
# fine-tunes its B/16 once more, on the same images, at {eval}`facts.LADDERS["ViT-B/16"][0].regime.pixels` pixels.)
#
# A teacher is part of a recipe, too: DeiT-B learns from a CNN and goes from {eval}`deit_b.value`% to
# {eval}`taught.value`% ({eval}`taught.cited`). Size is no substitute: with torchvision's recipe ViT-L/16
# has {eval}`f"{larger.value:.1f}"`%, less than ViT-B/16.
#
# What is in a recipe? Beyer et al. took theirs apart, for a ViT-S/16 on ImageNet alone:

# %% tags=["remove-code"]
table(
    ["ViT-S/16, 224 pixels", "90 epochs", "150", "300"],
    [
        (setup, *(f"{result.value:.1f}%" for result in results))
        for setup, results in facts.PLAIN_VIT.items()
    ],
)

# %% [markdown]
# ({eval}`whole[0].cited`. “Augmented” is RandAugment and Mixup: images recoloured, distorted and blended.
# “Improved” also averages the patches, computes positions, and takes smaller batches.)
#
# Read the last two rows. Without augmentation, twice the training brings **nothing**:
# {eval}`f"{bare[1].value}"`% and {eval}`f"{bare[2].value}"`%. With it, training goes on to pay. So “a ViT needs
# millions of images” is half the story: augmentation makes new images out of old ones. Steiner et al.
# find that augmentation, regularisation and compute together can stand in for ten times the
# data ({eval}`SOURCES["augreg"]`, abstract).

# %% [markdown]
# ## One recipe, more data
#
# Now the other way round. The ViT paper trained five ViTs on three sets of images, and
# fine-tuned each at {eval}`facts.TABLE_5[0].regime.pixels` pixels. The line of the CNN is BiT, a ResNet-152 four times
# as wide; it is dashed as it has a protocol of its own (other recipe, {eval}`facts.BIT[0].regime.pixels` pixels).

# %% tags=["remove-code", "figure"]
VITS = {"L/16": ("vit", 0), "L/32": ("vit", 1), "B/16": ("ink", 0), "B/32": ("ink", 1)}
on_imagenet = {
    model: {
        r.regime.data: r.value for r in facts.TABLE_5 if (r.model, r.task) == (model, "ImageNet")
    }
    for model in dict.fromkeys(r.model for r in facts.TABLE_5)
}


def against_images(name, values, role, variant):
    return Series(
        name, [facts.IMAGES[d] for d in values], [*values.values()], family=role, variant=variant
    )


lines(
    [
        against_images("H/14", on_imagenet["ViT-H/14"], "weight", 0),
        *(
            against_images(name, on_imagenet[f"ViT-{name}"], role, variant)
            for name, (role, variant) in VITS.items()
        ),
        against_images("BiT", {r.regime.data: r.value for r in facts.BIT}, "CNN", 1),
    ],
    x="images in pre-training",
    y="ImageNet top-1, %",
    log_x=True,
    height=420,
)

# %% tags=["remove-code"]
b32, l16, b16 = (on_imagenet[f"ViT-{name}"] for name in ("B/32", "L/16", "B/16"))
bit = {r.regime.data: r.value for r in facts.BIT}
assert b32["JFT-300M"] < b32["ImageNet-21k"]
assert l16["ImageNet"] < b16["ImageNet"]
assert l16["JFT-300M"] > b16["JFT-300M"] + 2
assert bit["ImageNet"] > max(v["ImageNet"] for v in on_imagenet.values() if "ImageNet" in v)
assert bit["JFT-300M"] < on_imagenet["ViT-H/14"]["JFT-300M"]

# %% [markdown]
# (Table 5 of {eval}`SOURCES["vit"]`; BiT: {eval}`facts.BIT[0].cited`, and {eval}`facts.BIT[-1].cited`. The paper's
# own curves of ResNets, its Figures 3 and 4, are printed as pictures only. We read no numbers off pictures.)
#
# Three things to see:
#
# - **On ImageNet alone the CNN leads**, {eval}`f"{bit['ImageNet']:.1f}"`% to
#   {eval}`f"{b16['ImageNet']:.1f}"`%, and the larger ViT is the worse one: L/16 has {eval}`f"{l16['ImageNet']:.1f}"`%.
#   After JFT-300M it is L/16 before B/16, and H/14 before the CNN.
# - **More data does not help every model.** B/32 has {eval}`b32["ImageNet-21k"]`% after ImageNet-21k and
#   {eval}`b32["JFT-300M"]`% after JFT-300M. A small model can be full.
# - **The crossing belongs to these recipes.** The section above shows
#   what a later recipe does on ImageNet alone. And with JFT-4B and as much compute, a
#   CNN gets to {eval}`facts.AT_SCALE.value`%: its authors see “no strong evidence” that pre-trained ViTs are
#   better when both are evaluated fairly ({eval}`facts.AT_SCALE.source`).
#
# <details markdown="1"><summary>The other tasks of Table 5</summary>

# %% tags=["remove-code"]
TASKS = list(dict.fromkeys(r.task for r in facts.TABLE_5))
table(
    ["pre-training", "task", *on_imagenet],
    [
        (
            dataset.name,
            task,
            *(
                next(
                    (
                        f"{r.value:.2f}"
                        for r in facts.TABLE_5
                        if (r.model, r.task, r.regime.data) == (model, task, dataset.name)
                    ),
                    "–",
                )
                for model in on_imagenet
            ),
        )
        for dataset in facts.DATASETS
        for task in TASKS
    ],
    words=(0, 1),
)

# %% [markdown]
# </details>
#
# ### How many images are these?

# %% tags=["remove-code"]
table(
    ["set", "classes", "images", "exactly", "public"],
    [
        (
            d.name,
            f"{d.classes:,}",
            f"{d.images / 1e6:g} M",
            f"{d.exact.value:,.0f}" if d.exact else "–",
            "yes" if d.public else "no",
        )
        for d in facts.DATASETS
    ],
    words=(0, 4),
)

# %% tags=["remove-code"]
exact = facts.DATASETS[0].exact.value
in_slides, rounded = (f"{number / 1e6:.1f}" for number in (facts.SLIDES_IMAGENET.value, exact))
assert in_slides < rounded

# %% [markdown]
# (Rounded as in {eval}`SOURCES["vit"]`; exactly: {eval}`SOURCES["imagenet"]`, {eval}`SOURCES["imagenet-21k"]`.)
# The slides give ImageNet {eval}`in_slides` M images. So does the paper that made it
# famous, “roughly” ({eval}`SOURCES["alexnet"]`). Rounded it is {eval}`rounded` M, and one epoch is
# {eval}`f"{exact:,.0f}"` images.
#
# ### And few images?
#
# A pre-trained model needs little. VTAB is a set of tasks with 1000 images each:

# %% tags=["remove-code"]
vtab = [r for r in facts.TABLE_2 if r.task.startswith("VTAB")]
days = dict(zip(vtab, facts.CORE_DAYS.values(), strict=True))
table(
    ["model", "pre-training", "VTAB, mean", "TPU days"],
    [
        (
            r.model.partition(" (")[0],
            r.regime.data,
            f"{r.value:.2f} ± {r.spread:.2f}%",
            f"{days[r].value:,.0f}",
        )
        for r in vtab
    ],
    words=(0, 1),
)

# %% tags=["remove-code"]
vit_h, vit_l, vit_21k, cnn = vtab
assert abs(vit_l.value - cnn.value) < vit_l.spread < cnn.spread
assert vit_21k.value < vit_l.value - 3
CHIP = facts.QUOTED["TPU v3, mean"]
WATTS, CORES = CHIP.value, facts.QUOTED["TPU v3, cores"].value


def megawatt_hours(result):
    """Return what the chips took for a model's pre-training, in MWh: core-days × 24 h × watts."""
    return days[result].value / CORES * 24 * WATTS / 1e6


# %% [markdown]
# ({eval}`vit_h.cited`; days of one TPUv3 core, for the pre-training.) On so few images a ViT is no worse than the CNN: “thousands of images, so a CNN” is
# a rule for training from scratch. What counts is the pre-training: the same L/16 loses
# {eval}`f"{vit_l.value - vit_21k.value:.1f}"` points with the smaller set.
#
# **And in energy?** The paper does not say. An estimate: a TPU v3 chip has {eval}`f"{CORES:.0f}"` cores and draws
# {eval}`f"{WATTS:.0f}"` W on average ({eval}`CHIP.cited`), so H/14 took about {eval}`f"{megawatt_hours(vit_h):.1f}"` MWh, L/16 about
# {eval}`f"{megawatt_hours(vit_l):.1f}"`, and the CNN about {eval}`f"{megawatt_hours(cnn):.0f}"`. That is the chips alone; the machines around
# them and the cooling come on top. Fetching weights that somebody has trained costs next to nothing.

# %% [markdown]
# ## More compute
#
# Table 6 of the ViT paper holds all regimes equal: JFT-300M, the same images, epochs that are
# stated. [Hybrids](hybrids.md) draws it. Here we check its last column, the operations of training. A
# multiply-add is two operations, and the backward pass costs about two forward passes. So with *M*
# multiply-adds for an image, *N* images and *E* epochs
#
# $$C = 2 \cdot 3 \cdot M \cdot N \cdot E$$
#
# Our own count of multiply-adds goes in, {eval}`f"{facts.IMAGES['JFT-300M'] / 1e6:.0f}"` M images, and nothing else:

# %%
multiply_adds_of_l16 = count_macs(PRESETS["L/16"])
round(exaflops(multiply_adds_of_l16, epochs=14), 1)

# %% tags=["remove-code"]
with torch.device("meta"):  # shapes are enough to count with
    r50_vit_b16 = HybridViT(HYBRIDS["r50_vit_b16"])
hybrid_macs = multiply_adds(r50_vit_b16, (3, 224, 224))
hybrid = next(row for row in facts.TABLE_6 if row.model == "R50x1+ViT-B/16")


checked = [*facts.RECOMPUTED, (hybrid, exaflops(hybrid_macs, hybrid.epochs))]
off = [ours / row.exaflops - 1 for row, ours in checked]
assert max(map(abs, off)) < 0.025
table(
    ["model", "epochs", "printed", "ours", "apart"],
    [
        (
            row.model,
            row.epochs,
            f"{row.exaflops:,.0f}",
            f"{ours:,.1f}",
            percent(d, sign=True),
        )
        for (row, ours), d in zip(checked, off, strict=True)
    ],
)

# %% tags=["remove-code"]
in_5, in_6 = (
    find(facts.TABLE_5, "ViT-H/14", task="ImageNet", data="JFT-300M"),
    next(row.imagenet for row in facts.TABLE_6 if row.model == "ViT-H/14"),
)
assert in_5.value != in_6.value

# %% [markdown]
# (In exaFLOPs, 10<sup>18</sup>; {eval}`in_6.cited`.) All within {eval}`f"{max(map(abs, off)):.0%}"`: when this literature says FLOPs of a *model* it means
# multiply-adds, but these exaFLOPs of *training* do count both operations. Look out for the factor
# of two. One slip of the paper's own: H/14 has {eval}`in_5.value`% in Table 5 and {eval}`in_6.value`% in
# Table 6.

# %% [markdown]
# ## No labels at all
#
# A model can learn from images alone, and be judged afterwards:

# %% tags=["remove-code"]
groups = {}
for r in (*facts.DINO, *facts.DINOV2, *facts.MAE):
    groups.setdefault((r.regime, r.cited), []).append(f"{r.model} {r.value:.1f}")
Markdown(
    "\n".join(
        f"- **{regime.recipe}**, on {regime.data.replace('without', 'no')}; then {regime.method}, "
        f"{regime.pixels} px: {', '.join(models)} ({source})"
        for (regime, source), models in groups.items()
    )
)

# %% tags=["remove-code"]
dino = {r.model: r.value for r in facts.DINO}
assert 0 < dino["ViT-S/16"] - dino["ResNet-50"] < 2

# %% [markdown]
# DINO is a rare case of one method for both families: ResNet-50 {eval}`dino["ResNet-50"]`%, ViT-S/16
# {eval}`dino["ViT-S/16"]`%. Its abstract says that the ViT's features show the outlines of objects more
# clearly than those of supervised ViTs or of CNNs ({eval}`SOURCES["dino"]`). DINOv2's README shows principal
# components of its patch features, not attention maps; in its large models, without registers, the latter are noisy
# ({eval}`SOURCES["registers"]`).

# %% [markdown]
# ## The same cost
#
# Last, all the models that compete on ImageNet alone. One dot is one model of its authors' list, at
# 224 pixels; point at it for the recipe.

# %% tags=["remove-code", "figure"]
drawn = [f for f in facts.FAMILIES if f.gmacs and f.result.regime.method == "scratch"]
LABELS = {
    "ResNet-50": "bottom center", "ConvNeXt-S-iso": "bottom center", "MaxViT-T": "top center",
    "ViT-B/16": "middle right", "MaxViT-L": "top left", "ConvNeXt-L-iso": "bottom left",
}  # fmt: skip
scatter(
    [
        Point(
            f.model,
            f.gmacs,
            f.result.value,
            family=f.kind,
            note=f"{f.parameters:g} M parameters; {f.result.regime}; "
            f"{f.result.source.short}, {f.result.where}",
        )
        for f in drawn
    ],
    x="multiply-adds of one image, 10⁹",
    y="ImageNet top-1, %",
    log_x=True,
    label=LABELS,
    note_title="parameters; regime; source",
    height=440,
)

# %% tags=["remove-code"]
front = [
    f
    for f in sorted(drawn, key=lambda f: (f.gmacs, -f.result.value))
    if all(f.result.value > g.result.value for g in drawn if g.gmacs <= f.gmacs and g is not f)
]
by_name = {f.model: f for f in facts.FAMILIES}
iso, cnn_b, vit_b, vit_deit = (
    by_name[name] for name in ("ConvNeXt-B-iso", "ConvNeXt-B", "ViT-B/16", "DeiT-B")
)
assert {f.kind for f in front} == {"CNN", "hybrid"}
assert all(f.kind == "hybrid" for f in front[-4:])
assert cnn_b.result.value == vit_b.result.value
assert vit_deit.result.value < iso.result.value < vit_b.result.value

# %% [markdown]
# **Hybrids lead this list, by a little.** These are the models that nothing cheaper beats:
# {eval}`", ".join(f"{f.model} ({f.result.value:.1f})" for f in front)`. Below
# {eval}`f"{front[-4].gmacs:g}"` G there are CNNs among them. A plain CNN and a plain ViT tie: {eval}`cnn_b.model` and
# {eval}`vit_b.model` have {eval}`vit_b.result.value`% each, at {eval}`cnn_b.gmacs` G and {eval}`vit_b.gmacs` G.
#
# But do not crown anybody: each dot has its own recipe, and you know by now what a recipe is worth.
# {eval}`iso.model`, a CNN in the shape of a ViT-B, has {eval}`iso.result.value`%, between two trainings
# of that ViT ({eval}`vit_deit.result.value`% and {eval}`vit_b.result.value`%). For a comparison in which only
# the model and its learning rate change, see [what we trained ourselves](cnn-vs-vit.md), on a small scale.
#
# <details markdown="1"><summary>Listed, but not in the chart: distilled, other image sizes, or cost not given</summary>

# %% tags=["remove-code"]
table(
    ["model", "family", "top-1", "parameters", "multiply-adds", "regime", "source"],
    [
        (f.model, f.kind, f"{f.result.value:.1f}%", f"{f.parameters:g} M",
         f"{f.gmacs:g} G" if f.gmacs else "–", f.result.regime, f.result.cited)
        for f in facts.FAMILIES
        if f not in drawn
    ],
    words=(0, 1, 5, 6),
)  # fmt: skip

# %% [markdown]
# </details>

# %% [markdown]
# ## What to remember
#
# - A number without data, pixels, method and recipe says little.
# - A better recipe can be worth more than the choice between a CNN and a ViT of the same size.
# - From scratch on ImageNet with little augmentation CNNs lead; with more data or augmentation that fades.
# - More data helps large models. A small one may be full.
# - At equal cost the families are close: hybrids lead a little, and a plain ViT-B ties with a CNN.
#
# ## Your turn

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, calculate, choose

old_recipe, new_recipe = (facts.LADDERS["ResNet-152"][i].value for i in (0, -1))
fewer = (new_recipe - old_recipe) / (100 - old_recipe)
Exercises(
    choose("From **ImageNet alone**, by the ViT paper's recipe: which ends higher?",
           {"The smaller ViT-B/16": b16["ImageNet"] > l16["ImageNet"], "The larger ViT-L/16": l16["ImageNet"] > b16["ImageNet"]},
           slips={"The larger ViT-L/16": "It has more to learn, and too few pictures to learn it from."},
           because=f"{b16['ImageNet']:.1f}% against {l16['ImageNet']:.1f}% (Table 5). From JFT it is the other way round: {b16['JFT-300M']:.1f}% against {l16['JFT-300M']:.1f}%."),
    choose("ViT-B/32 was trained on ImageNet-21k, then another on JFT-300M, which is far larger. What happened to its **accuracy on ImageNet**?",
           {"It fell a little": b32["JFT-300M"] < b32["ImageNet-21k"], "It rose": b32["JFT-300M"] > b32["ImageNet-21k"]},
           slips={"It rose": "More data help who has room for them."},
           because=f"From {b32['ImageNet-21k']:.1f}% to {b32['JFT-300M']:.1f}%. Data, size and training must grow together."),
    calculate(f"With a newer recipe the same ResNet-152 goes from {old_recipe:.1f}% to {new_recipe:.1f}% right. **What share of its mistakes** is gone?",
              fewer, hints=["How many of a hundred were wrong before, and how many are now?"],
              slips=[((new_recipe - old_recipe) / 100, "Those are points of accuracy. Compare them with the mistakes there were.")],
              because=f"{100 - old_recipe:.1f} wrong of a hundred became {100 - new_recipe:.1f}: {fewer:.0%} fewer, and not a layer was changed."),
)  # fmt: skip

# %% [markdown]
# **1.** A shop offers “ViT-L/16, 85.2% on ImageNet” against “ResNet-152, 78.3%”. What do you ask?
#
# <details markdown="1"><summary>Answer</summary>
#
# The four questions. The first was pre-trained on ImageNet-21k and tested at
# {eval}`at_21k.regime.pixels` pixels, the second has an old recipe on ImageNet alone at 224; the same
# ResNet reaches {eval}`facts.LADDERS["ResNet-152"][-1].value`% with a new one, and that ViT has
# {eval}`at_1k.value`% from ImageNet alone.
#
# </details>
#
# **2.** How many exaFLOPs does ViT-S/16 take for 300 epochs of ImageNet? Compare with ViT-B/16 on JFT-300M.
#
# <details markdown="1"><summary>Answer</summary>
#
# `exaflops(count_macs(PRESETS["S/16"]), 300, images=1.281167e6)` is
# {eval}`f"{exaflops(count_macs(PRESETS['S/16']), 300, facts.DATASETS[0].exact.value):.1f}"`. Table 6 prints
# {eval}`f"{facts.RECOMPUTED[1][0].exaflops:.0f}"` for {eval}`facts.RECOMPUTED[1][0].model`, in {eval}`facts.RECOMPUTED[1][0].epochs` epochs.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
shown = [
    taught,
    larger,
    *facts.TABLE_5,
    *facts.TABLE_2,
    *facts.BIT,
    *facts.DINO,
    *facts.DINOV2,
    *facts.MAE,
    facts.AT_SCALE,
    *(f.result for f in facts.FAMILIES),
]
shown += [r for results in (*facts.LADDERS.values(), *facts.PLAIN_VIT.values()) for r in results]
keys = {r.source.key for r in shown}
keys |= {"alexnet", "augreg", "dino", "registers", "imagenet", "imagenet-21k", CHIP.source.key}
bibliography(sorted(keys))  # works of one author and year in one order, whatever the hash
