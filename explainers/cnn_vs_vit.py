# ---
# title: CNN and ViT, measured
# description: "Two networks of one size, side by side; then every claim of the usual comparison with our measurement, the published evidence and a verdict."
# can: judge the usual claims about CNNs and ViTs one by one
# needs: [vit, convolution]
# order: 40
# section: Comparisons
# page: lessons/cnn-vs-vit.md
# notebook: true
# extra: experiments
# given:
#   "32 in ResNet-50": its five strides of 2 multiplied
#   "each layer adds 2": a kernel of 3 × 3 less its centre
#   "patches of 32 pixels": of ViT-B/32
#   "patches of 16": of ViT-B/16
# ---

# %% [markdown]
# # CNN and ViT, measured
#
# “A CNN only sees nearby pixels. A ViT is hungry for data.” You have read such sentences, perhaps as a list
# of ticks and crosses. Are they true? Most can be measured. So let us measure them.
#
# On this page no network has learned anything, with one exception that says so: you see **what the
# architecture alone decides**. What learning adds is on the next page, [What training
# decides](training.md).
#
# ## Two networks of one size
#
# ResNet-50 is a CNN, ViT-S/16 a Vision Transformer, with
# {eval}`f"{parameters_of('ResNet-50') / 1e6:.1f}"` and {eval}`f"{parameters_of('S/16') / 1e6:.1f}"` million
# parameters. A box is as tall as its map and as wide as its channels, on logarithmic scales.

# %% tags=["remove-code"]
from collections import Counter

import torch
from IPython.display import Markdown

from vitexplain.compare import RESNETS, receptive_field
from vitexplain.compare.distance import farthest_distance, uniform_distance
from vitexplain.compare.effective import effective_field, field_size
from vitexplain.experiments import results
from vitexplain.facts import SOURCES, bibliography, told, topics
from vitexplain.facts.numbers.counted import FIELDS, SIDE, covering, fields, parameters_of
from vitexplain.facts.numbers.untrained import face, first_distances, mixing, shifts, untrained
from vitexplain.figures import (
    Field,
    Reference,
    Series,
    architectures,
    dots,
    effective_fields,
    lines,
    stages_of,
    static_and_dynamic_weights,
)
from vitexplain.vit import PRESETS
from vitexplain.writing import table

s16 = PRESETS["S/16"]

# %% tags=["remove-code", "figure"]
stages = {"ResNet-50": stages_of(RESNETS["resnet50"]), "ViT-S/16": stages_of(s16)}
architectures(
    stages,
    notes={
        name: f"{parameters_of(key) / 1e6:.1f} M parameters"
        for name, key in (("ResNet-50", "ResNet-50"), ("ViT-S/16", "S/16"))
    },
)

# %% tags=["remove-code"]
_, stem, *maps, _ = stages["ResNet-50"]
assert [part.grid[0] for part in maps] == [56, 28, 14, 7]
assert {part.kinds for part in maps} == {("convolution",)}
assert stages["ViT-S/16"][2].grid == s16.grid

# %% [markdown]
# The CNN starts with large maps and few channels and ends with {eval}`maps[-1].grid[0]` ×
# {eval}`maps[-1].grid[1]` places of {eval}`f"{maps[-1].dim:,}"` channels. Between them nothing but small
# kernels, the same at each place. The ViT cuts the image into {eval}`s16.grid[0]` × {eval}`s16.grid[1]`
# patches once and keeps that grid through all {eval}`s16.depth` blocks; in each block every patch may take from
# every other. **A pyramid and a tower.** Everything below follows from that.

# %% tags=["remove-code"]
counts = Counter(claim.verdict for claim in told("claims"))
ours = [
    cell for study in ("data-hunger-digits", "long-range") for cell in results.read(study).cells
]
[about] = {round(cell["parameters"], -4) for cell in ours}

# %% [markdown]
# ## Every claim, checked
#
# Here are {eval}`len(told("claims"))` claims from three sources, in our words: {eval}`counts["right"]` are right,
# {eval}`counts["half right"]` half right, {eval}`counts["wrong"]` wrong, and for {eval}`counts["no source"]` we
# found no source. Beside each stands what we measure and what others have published. Where a number comes from
# small models that we trained ourselves (about {eval}`f"{about:,}"` parameters on digits of 8 × 8 pixels or on generated
# pictures, three seeds), it has its 95% interval, cut off at 0 and 100. When a measurement no longer bears its
# verdict out, this page cannot be built.
#
# ### What each can see

# %% tags=["remove-code"]
MARKS = {"right": "●", "half right": "◐", "wrong": "○", "no source": "?"}
NAMES = {
    "lessons/cnn-vs-vit.md": "",
    "lessons/training.md": "training.md",
    "lessons/price.md": "price.md",
    "lessons/hybrids.md": "hybrids.md",
    "lessons/vit.md": "vit.md",
}


def row(claim):
    """Write a claim as a row: what is said and the verdict; what we measure; what is published."""
    measured = []
    for one in claim.measured:
        assert one.holds(), claim.key
        page, _, anchor = one.see.partition("#")
        measured.append(f"<p>{one.says} [Details]({NAMES[page]}#{anchor})</p>")
    published = [f"<p>{one.says} {one.sources[0]}, {one.place}</p>" for one in claim.published]
    by = claim.by.replace("the ", "")
    return (
        f"| {claim.says} <small>{by[0].upper()}{by[1:]}</small> "
        f"{MARKS[claim.verdict]} **{claim.verdict.capitalize()}.** {claim.right} "
        f"| {''.join(measured) or '–'} | {''.join(published) or '–'} |"
    )


def claims(topic):
    """Show the claims of a topic."""
    head = "| The claim, and the verdict | Measured here | Published |\n|---|---|---|"
    rows = [row(claim) for claim in topics("claims")[topic]]
    return Markdown(
        "\n".join(['<div class="vx-told vx-claims" markdown>\n', head, *rows, "\n</div>"])
    )


claims("What each can see")

# %% [markdown]
# ### How each computes

# %% tags=["remove-code"]
claims("How each computes")

# %% [markdown]
# ### What each costs

# %% tags=["remove-code"]
claims("What each costs")

# %% [markdown]
# ### What each needs, and which to take

# %% tags=["remove-code"]
claims("What each needs, and which to take")

# %% [markdown]
# What follows for your own choice is in [When to use which](which.md).
#
# ## What a place can see
#
# Take one number in the last map of a CNN. Which pixels can change it? The **receptive field** *r* grows with each
# kernel *k*, and the faster the more strides *s* came before:
#
# $$r_l = r_{l-1} + (k_l - 1)\, j_{l-1}, \qquad j_l = j_{l-1}\, s_l, \qquad r_0 = j_0 = 1$$
#
# ({eval}`SOURCES["receptive-field"]`)

# %%
[receptive_field(name) for name in ("resnet50", "resnet101", "resnet152", "vgg16", "alexnet")]

# %% tags=["remove-code", "figure"]
DRAWN = {"AlexNet": 2, "VGG-16": 1, "ResNet-50": 0}


def ends(name):
    """Return the last layer of each block, with its number: stem and pool are blocks as well."""
    layers = list(enumerate(fields(name), start=1))
    if not name.startswith("ResNet"):
        return layers
    blocks = {field.name.rpartition(".conv")[0] or field.name: (i, field) for i, field in layers}
    return list(blocks.values())


last = {name: fields(name)[-1].size for name in FIELDS}
assert last["VGG-16"] < SIDE < last["ResNet-50"]
assert last["ResNet-152"] > 6 * SIDE
first_conv = fields("ResNet-50")[0]
lines(
    [
        Series(
            name,
            [i for i, _ in ends(name)],
            [field.size for _, field in ends(name)],
            family="CNN",
            variant=variant,
        )
        for name, variant in DRAWN.items()
    ],
    x="layer",
    y="receptive field, pixels along a side",
    log_y=True,
    reference=Reference(SIDE, "an image", side="left"),
)

# %% tags=["remove-code"]
table(
    ["network", "receptive field", f"covers {SIDE} pixels after layer", "stride in the 3 × 3"],
    [
        (
            name,
            last[name],
            f"{covering(name)} of {len(fields(name))}" if last[name] >= SIDE else "–",
            receptive_field(key, variant="v1.5") if name.startswith("ResNet") else "–",
        )
        for name, key in FIELDS.items()
    ],
)

# %% [markdown]
# Poolings count as layers. The last column is for the ResNets of common libraries, which stride in another
# convolution of the block. The first layer of ResNet-50 sees {eval}`first_conv.size` pixels. Its last sees
# {eval}`last["ResNet-50"]`, more than twice the image: **in a deep CNN far regions do meet.** In a ViT they may meet
# in block 0.
#
# The limit of this number: it says which pixels *can* matter, not how much they do.
#
# ## What it really uses
#
# So ask for derivatives. How strongly does each pixel change the middle place of the last map? The mean of the
# absolute gradients is the **effective receptive field** ({eval}`SOURCES["effective-field"]`). Here are both networks on the
# same image, with random weights. The dashed square would be the receptive field; both are larger than the picture.

# %% tags=["remove-code", "figure"]
effective = {name: effective_field(untrained(name), face()) for name in ("ResNet-50", "ViT-S/16")}
half = {name: field_size(field, share=0.5) for name, field in effective.items()}
even = SIDE * 0.5**0.5
vit_field = effective["ViT-S/16"]
own = float(vit_field[112:128, 112:128].sum())
corner = {name: float(f[:16, :16].sum() / f.sum()) for name, f in effective.items()}
assert half["ResNet-50"] < 0.75 * even
assert own > 20 * s16.patch**2 / SIDE**2
assert corner["ViT-S/16"] > 2 * corner["ResNet-50"]
effective_fields(
    [
        Field("ResNet-50", effective["ResNet-50"], last["ResNet-50"], caption="a hill"),
        Field("ViT-S/16", vit_field, centre=(120, 120), caption="a peak on a plain"),
    ],
    image=face()[0],
)

# %% [markdown]
# Two shapes. The CNN's field is **a hill**: half of it lies on pixels that would fill a square of
# {eval}`f"{half['ResNet-50']:.0f}"` pixels, where an even field needs {eval}`f"{even:.0f}"`. The outermost pixels count for
# little, though each can reach the unit. The ViT's is **a peak on a plain**: its own patch, through the residual
# connections, makes {eval}`f"{own:.1%}"` of it; the rest is spread over all patches, near or far.
#
# The limits: one image, one seed, nothing learned. Training changes both; [see how](training.md#two-far-places).

# %% [markdown]
# ## How far attention looks
#
# A ViT has no field that grows. But you can ask each head how far it looks: the distance from a patch to the
# others, each counted by its weight ({eval}`SOURCES["vit"]`, Figure 11).

# %% tags=["remove-code", "figure"]
distance = first_distances()
uniform, farthest = (f(s16.grid, s16.patch) for f in (uniform_distance, farthest_distance))
every = [value for block in distance for value in block]
assert max(abs(value / uniform - 1) for value in every) < 0.1
dots(
    {"ViT-S/16, untrained": distance},
    x="block",
    y="mean attention distance, pixels",
    reference=Reference(uniform, "even attention"),
    families={"ViT-S/16, untrained": "ViT"},
    height=220,
)

# %% [markdown]
# Attention that is spread evenly over {eval}`s16.grid[0]` × {eval}`s16.grid[1]` patches has a distance of
# **{eval}`f"{uniform:.2f}"` pixels**; from corner to corner it is
# {eval}`f"{farthest:.0f}"`. All heads of the untrained ViT lie between
# {eval}`f"{min(every):.1f}"` and {eval}`f"{max(every):.1f}"`. So “global from the first layer” is true at the start: it
# looks everywhere because it **prefers nothing**. Heads that look near have to be learned. After training on much data the low layers have
# both kinds ({eval}`SOURCES["vit"]`, section 4.5; {eval}`SOURCES["see-alike"]`). [Ours](training.md#how-far-trained-heads-look), after little, are on
# the next page.

# %% [markdown]
# ## Move the image
#
# A convolution does the same everywhere: move its input, and its output moves along. That is **equivariance**. We
# measure by how much it fails: 0 is exact, about {eval}`f"{2**0.5:.1f}"` nothing in common.

# %% tags=["remove-code"]
errors = shifts()
convolution, resnet, bag, vit = errors.values()
with torch.no_grad():
    still, moved = (
        untrained("ResNet-50").features(x) for x in (face(), face().roll((0, 32), (2, 3)))
    )
stays = float((moved - still).norm() / (still - still.mean((2, 3), keepdim=True)).norm())


ROUNDING = 1e-4


def size(x):
    """Write an error: what is rounding alone as 0."""
    return f"{x:.2f}" if x > ROUNDING else "0"


assert convolution.pixel < 1e-4 < 0.5 < convolution.shuffled
assert bag.place < 1e-4
assert bag.shuffled < 1e-4 < 0.1 < bag.pixel
assert vit.place > 0.1
assert vit.shuffled > 0.1
assert resnet.place > 0.5
assert stays < 0.5 * resnet.place
assert resnet.pixel > 1e-3
table(
    ["error, random weights", "moved by 1 pixel", "moved by a place", "patches shuffled"],
    [(name, *(size(v) for v in vars(error).values())) for name, error in errors.items()],
)

# %% [markdown]
# (What leaves the image on one side enters on the other. A place is {eval}`s16.patch` pixels in the ViTs and 32 in
# ResNet-50. What is below {eval}`ROUNDING` is rounding and shown as 0.)
#
# - **One convolution** is exact for every shift, and shuffling its places destroys its answer. It knows
#   neighbours, not positions.
# - **A whole CNN is not exact.** Its strides make a pixel matter ({eval}`SOURCES["shift-invariant"]`). And its zero padding is
#   felt at every place of so wide a field, so that it can tell where the border is
#   ({eval}`SOURCES["padding-positions"]`). As the face moves by a place, the pattern of the untrained map rather stays
#   than moves along: compared with itself, unmoved, its error is {eval}`f"{stays:.2f}"`.
# - **A ViT without positions** is exact for whole patches, in *any* order: neighbours mean nothing to it. For one pixel it
#   is not exact at all.
# - **Positions** break that on purpose.
#
# The limit: in an untrained ViT positions are weak, and this error small. [Trained networks](training.md#shuffled-covered-moved) show what it comes to.

# %% [markdown]
# ## A kernel stays, attention changes
#
# Here is the exception: two small models that have [learned digits](training.md), a CNN and a ViT. With what weights does each
# take in one place and its surroundings? For the convolution we do not look up the kernel. We measure it, on each image, as a
# derivative.

# %% tags=["remove-code", "figure"]
digits, both = mixing()
assert both.static_change == 0 < 0.1 < both.dynamic_change
rows, cols = (both.static[0] != 0).nonzero(as_tuple=True)  # the rest of the image has no part
kernels = both.static[:, rows.min() : rows.max() + 1, cols.min() : cols.max() + 1]
assert kernels.shape[1:] == (3, 3)
static_and_dynamic_weights(
    kernels,
    both.dynamic,
    (digits.repeat(1, 3, 1, 1) + 1) / 2,
    names=["one digit", "another"],
    query=5,
)

# %% [markdown]
# The kernel's weights differ by {eval}`f"{both.static_change:.0f}"` between the images, those of the head by up to
# {eval}`f"{both.dynamic_change:.2f}"`. A convolution mixes with weights that it *has*, attention with weights that it
# *computes*. (One head of one block; other heads change more or less. A CNN, too, answers differently to different
# images. But it does so by what it multiplies, not by how it mixes.)

# %% [markdown]
# ## What to remember
#
# - A deep CNN can see the whole image. It uses the middle most.
# - A ViT can look anywhere from the first block, and at first it looks everywhere alike. Near and far are learned.
# - A convolution knows what neighbours are; a ViT without positions does not know.
# - Neither is the smaller, the faster or the better one by nature.
#
# ## Your turn
#
# Guess first, then open the answer.

# %% tags=["remove-code"]
ten = 1 + 10 * 2
thirty_two = uniform_distance((7, 7), 32)

# %% tags=["remove-code"]
from dataclasses import replace

from vitexplain.compare.receptive import Layer, field_of
from vitexplain.exercises import Exercises, arrange, calculate, choose
from vitexplain.vit import count_parameters

begins = [Layer("stem", 7, 2), Layer("pool", 3, 2), Layer("next", 3)]
sizes = [one.size for one in field_of(begins)]
doubled = replace(s16, image_size=2 * SIDE)
grew = count_parameters(doubled) - count_parameters(s16)
by_positions = (doubled.tokens - s16.tokens) * s16.dim
Exercises(
    calculate("A ResNet begins with a kernel of 7 × 7 and a stride of two, a pooling of 3 × 3 with a stride of two, then a kernel of 3 × 3. **How many pixels** along a side does a place see after that?",
              sizes[-1], digits=0, hints=[f"After the pooling it is {sizes[1]}.", "Behind two such strides, one step is four pixels wide."],
              slips=[(7 + 2 + 2, "You left the strides out. Behind a stride each step is wider."), (7 + 4 + 4, "The two strides multiply: behind both, one step is four pixels wide.")],
              because=f"{sizes[0]}, then {sizes[1]}, then {sizes[2]}: each further step adds what the strides before it have made of one pixel."),
    arrange("How far can the **last convolution** see, in theory? Order the networks.", {name: last[name] for name in ("AlexNet", "VGG-16", "ResNet-50", "ResNet-152")},
            slips=[({name: -last[name] for name in ("AlexNet", "VGG-16", "ResNet-50", "ResNet-152")}, "That begins with the farthest.")],
            because=", ".join(f"{name} {last[name]:,}" for name in ("AlexNet", "VGG-16", "ResNet-50", "ResNet-152")) + f" pixels, on pictures of {SIDE}. What a place *uses* of it is much less."),
    choose("You give a network pictures with twice the side. What has **more parameters** now?",
           {"The positions of a ViT": grew == by_positions, "The kernels of a CNN": False, "The attention of a ViT": grew != by_positions},
           slips={"The kernels of a CNN": "A kernel has as many numbers as before. It is only used at more places.", "The attention of a ViT": "There are more weights, but those are computed. Its matrices are the same."},
           because=f"ViT-S/16 needs {doubled.tokens - s16.tokens:,} more positions of {s16.dim} numbers. Nothing else grows, in either family."),
    choose("A CNN and a ViT see one picture, then another. Which **coefficients of their sums** change?",
           {"Those of attention": both.dynamic_change > 0.1 and both.static_change == 0, "Those of a convolution": both.static_change > 0, "Both": both.static_change > 0 and both.dynamic_change > 0},
           slips={"Both": "A kernel is the same on every picture.", "Those of a convolution": "A kernel is the same on every picture. That is what it is known for."},
           because=f"Between two digits the weights of a trained head move by up to {both.dynamic_change:.2f}, those of a kernel not at all."),
)  # fmt: skip

# %% [markdown]
# **1.** Ten 3 × 3 convolutions, no stride. How large is the field? And when is {eval}`SIDE` reached?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`ten` pixels: each layer adds 2. It takes {eval}`-(-(SIDE - 1) // 2)` layers. Strides are what makes fields large.
#
# </details>
#
# **2.** ViT-S/32 has 7 × 7 patches of 32 pixels. How far does even attention look?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`f"{thirty_two:.1f}"` pixels, hardly less than with patches of 16: it is a matter of the image, not of the patch.
#
# </details>
#
# **3.** You add circular padding to a CNN without strides. Which error in the table becomes 0?
#
# <details markdown="1"><summary>Answer</summary>
#
# Both shifts, at every place. The border was all that told one place from another.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
keys = dict.fromkeys(
    key for claim in told("claims") for one in claim.published for key in one.cites
)
keys |= dict.fromkeys(["shift-invariant", "padding-positions"])
bibliography(keys)
