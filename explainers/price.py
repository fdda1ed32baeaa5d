# ---
# title: The price of attention
# description: Attention compares all tokens with all. What that costs in multiply-adds, memory and time, measured beside CNNs, windows and fused attention.
# can: estimate what attention costs in work, memory and time
# needs: [vit]
# order: 42
# section: Comparisons
# page: lessons/price.md
# notebook: true
# given:
#   "At 448": twice the usual side
#   "at 448 pixels": twice the usual side
#   "224 and 448 pixels": the sides compared
#   "448 and 896": the sides compared
#   "at 896": four times the usual side
#   "896 pixels": four times the usual side
#   "exponent 2": of a cost in proportion to the pixels
#   "less than 4": the exponent of the square of the pixels
#   "patches of 4 pixels": Swin's
#   "the 49 of its own window": 7 × 7
#   "from 16 to 8 pixels": the exercise's
# ---

# %% [markdown]
# # The price of attention
#
# In attention every token asks every other. With *N* tokens that makes *N*² questions. “Attention
# is quadratic, so Vision Transformers are expensive”: you have read that somewhere. It is true of
# a formula. Is it true of a model?
#
# This page counts before it judges: multiply-adds, memory, and time. Then it looks at two ways
# to pay less.
#
# ## What is quadratic, and what is not
#
# A block of a ViT does two kinds of work. Projections and the MLP treat each token **alone**.
# Two matrix products, *QK*<sup>T</sup> and the mixing of the values, put all tokens **together**:
#
# $$\underbrace{12\,T D^2}_{\text{each token alone}} \;+\; \underbrace{2\,T^2 D}_{\text{all with all}}$$
#
# multiply-adds a block, for *T* tokens of *D* numbers. The second part is *T* / (6*D*) of the
# first. For the two to be equal you need as many as 6*D* tokens: in ViT-B/16
# {eval}`f"{6 * b16.dim:,}"`, an image of {eval}`f"{16 * (6 * b16.dim) ** 0.5:,.0f}"` pixels a side.
# What share is it below that?

# %% tags=["remove-code"]
from dataclasses import replace

import torch

from vitexplain.compare import CONVNEXTS, RESNETS, SWINS, ConvNeXt, ResNet, Swin
from vitexplain.compare.cost import (
    exponent,
    global_attention_macs,
    multiply_adds,
    parameters,
    window_attention_macs,
)
from vitexplain.compare.memory import activation_bytes, attention_bytes
from vitexplain.experiments import results
from vitexplain.facts import SOURCES, bibliography
from vitexplain.figures import Reference, Series, lines, window_reach
from vitexplain.vit import PRESETS, ViT, count_macs, mac_shares
from vitexplain.writing import table


def resized(preset, side):
    """Return a ViT's config for images of another side, in pixels."""
    return replace(PRESETS[preset], image_size=side)


b16 = PRESETS["B/16"]

# %%
sides = [112, 224, 336, 448, 672, 896]


def share(preset, side):
    macs = mac_shares(resized(preset, side))
    return macs["attention products"] / sum(macs.values())


presets = ("Ti/16", "S/16", "B/16", "L/16")
shares = {name: [share(name, side) for side in sides] for name in presets}
[f"{s:.2%}" for s in shares["B/16"]]

# %% tags=["remove-code", "figure"]
at = dict(zip(sides, shares["B/16"], strict=True))
assert at[224] < 0.05
assert shares["Ti/16"][-1] > 0.5 > shares["L/16"][-1]
assert all(a > b for a, b in zip(shares["Ti/16"], shares["L/16"], strict=True))

lines(
    [
        Series(f"ViT-{name}", sides, [100 * s for s in shares[name]], family="ViT", variant=i)
        for i, name in enumerate(shares)
    ],
    x="side of the image, pixels",
    y="QKᵀ and mixing, % of all multiply-adds",
    reference=Reference(50, "half of the work", side="left"),
    y_range=(0, 80),
)

# %% [markdown]
# At {eval}`b16.image_size` pixels the quadratic part of ViT-B/16 is **{eval}`f"{at[224]:.2%}"`**. At
# 448 it is {eval}`f"{at[448]:.2%}"`, at 896 {eval}`f"{at[896]:.2%}"`. The wider the model, the later
# it matters: *D* is in the denominator.
#
# ## Twice the side
#
# Pixels grow with the square of the side, so the tokens do. Whatever is quadratic in tokens is
# *bi*-quadratic in the side: an image twice as wide and high has {eval}`2**2` times the tokens and
# {eval}`2**4` times the questions. The whole model lies between. How steep is it really? We count
# five models, as they run, at three sizes each.

# %%
MODELS = {
    "ResNet-50": lambda side: ResNet(RESNETS["resnet50"]),
    "ConvNeXt-T": lambda side: ConvNeXt(CONVNEXTS["convnext_t"]),
    "ViT-S/16": lambda side: ViT(resized("S/16", side)),
    "ViT-B/16": lambda side: ViT(resized("B/16", side)),
    "Swin-T": lambda side: Swin(replace(SWINS["swin_t"], image_size=side)),
}
SIDES = (224, 448, 896)
costs = {}
for name, build in MODELS.items():
    for side in SIDES:
        with torch.device("meta"):  # shapes only, so that no size is too large
            model = build(side)
        image = (3, side, side)
        costs[name, side] = (
            parameters(model),
            multiply_adds(model, image),
            activation_bytes(model, image),
        )

# %% tags=["remove-code", "figure"]
FAMILY = {"ResNet-50": ("CNN", 0), "ConvNeXt-T": ("CNN", 1), "ViT-S/16": ("ViT", 1),
          "ViT-B/16": ("ViT", 0), "Swin-T": ("windowed", 0)}  # fmt: skip
assert costs["ViT-B/16", 224][1] == count_macs(b16)
latency = results.read("latency")
timed = [c for c in latency.cells if c["kind"] == "model"]
seconds = {(c["name"], c["side"]): c["median"] for c in timed}
TIMED = [side for name, side in seconds if name == "Swin-T"]  # windows of 7 tile no others
macs = {name: [costs[name, side][1] for side in SIDES] for name in MODELS}
slopes = {name: exponent(SIDES, macs[name]) for name in MODELS}
lines(
    [
        Series(name, SIDES, [m / 1e9 for m in macs[name]], family=family, variant=variant)
        for name, (family, variant) in FAMILY.items()
    ],
    x="side of the image, pixels",
    y="multiply-adds of one image, G",
    log_x=True,
    log_y=True,
)

# %% [markdown]
# On logarithmic axes a power law is a straight line, and its slope is the exponent. Here are the
# slopes in the side, fitted by least squares from {eval}`SIDES[0]` to {eval}`SIDES[-1]` pixels; those of the
# measured times, of which more below, from {eval}`TIMED[0]` to {eval}`TIMED[-1]`. *Activations* are
# what training keeps of the forward pass for the backward pass, in bytes.

# %% tags=["remove-code"]
rows = []
fitted = {}
for name in MODELS:
    counts = [[costs[name, side][i] for side in SIDES] for i in range(3)]
    times = [seconds[name, side] for side in TIMED]
    fitted[name] = [exponent(SIDES, column) for column in counts] + [exponent(TIMED, times)]
    rows.append([name, *(f"{abs(p):.2f}" for p in fitted[name])])
assert all(abs(fitted[name][1] - 2) < 0.02 for name in ("ResNet-50", "ConvNeXt-T", "Swin-T"))
assert 2.1 < fitted["ViT-B/16"][1] < fitted["ViT-S/16"][1] < 3
assert all(abs(fitted[name][2] - 2) < 0.02 for name in MODELS)

first, last = (exponent(SIDES[i : i + 2], macs["ViT-B/16"][i : i + 2]) for i in (0, 1))
table_growth = parameters(ViT(resized("B/16", 448))) - parameters(ViT(b16))

table(
    ["exponent", "parameters", "multiply-adds", "activations", "time"],
    rows,
)

# %% [markdown]
# **The CNNs and Swin pay for pixels: exponent 2.** The ViTs pay more, but far less than 4. Between
# 224 and 448 pixels ViT-B/16 has {eval}`f"{first:.2f}"`, between 448 and 896
# {eval}`f"{last:.2f}"`: a power law whose power grows. The ViT paper saw the same on real hardware;
# bi-quadratic scaling “only barely starts happening for the largest models at the largest
# resolutions” ({eval}`SOURCES["vit"]`, section D.5).
#
# And the parameters? A kernel is the same at every place, and so is an MLP. Only the table of
# positions has a row for each token: at 448 pixels ViT-B/16 has {eval}`f"{table_growth:,}"` parameters
# more, {eval}`f"{table_growth / costs['ViT-B/16', 224][0]:.1%}"`.
#
# In *tokens* each exponent is half of that in the side: doubling the tokens of ViT-B/16 costs
# 2<sup>{eval}`f"{fitted['ViT-B/16'][1] / 2:.2f}"`</sup> =
# {eval}`f"{2 ** (fitted['ViT-B/16'][1] / 2):.2f}"` times the multiply-adds.

# %% [markdown]
# ## A way out: windows
#
# Swin starts from patches of 4 pixels: {eval}`f"{56**2:,}"` tokens at 224 pixels, where ViT-B/16
# has {eval}`b16.patches`. All with all would hurt. So each token asks only the 49 of its own
# window of 7 × 7; in every second block the windows move by half, so that news gets round
# ({eval}`SOURCES["swin"]`).

# %% tags=["remove-code", "figure"]
window_reach((56, 56), 7, (25, 31))

# %% [markdown]
# The price, on *h* × *w* tokens of *C* numbers, with windows of *M* × *M*:
#
# $$\begin{aligned}
# \Omega(\text{all}) &= 4\,hw\,C^2 + 2\,(hw)^2\,C\\
# \Omega(\text{windows}) &= 4\,hw\,C^2 + 2\,M^2\,hw\,C
# \end{aligned}$$
#
# Here are the four stages of Swin-T. From one to the next, the sides are halved and *C* doubles.

# %%
stages = [(56 >> stage, 96 << stage) for stage in range(4)]
full = [global_attention_macs(side, side, dim) for side, dim in stages]
windows = [window_attention_macs(side, side, dim, 7) for side, dim in stages]

# %% tags=["remove-code"]
tokens, dim = stages[0][0] ** 2, stages[0][1]
alone = 4 * tokens * dim**2
quadratic = (full[0] - alone) / (windows[0] - alone)
assert quadratic == tokens / 49
assert round(full[3] / windows[3], 2) == 1
grids = [56, 112, 224]
everywhere = [global_attention_macs(g, g, dim) for g in grids]
nearby = [window_attention_macs(g, g, dim, 7) for g in grids]
opens = exponent(grids, everywhere), exponent(grids, nearby)
assert 3.9 < opens[0] < 4
assert abs(opens[1] - 2) < 1e-9

table(
    ["stage", "tokens", "all with all", "in windows", "ratio"],
    [
        (i + 1, f"{side}²", f"{a:,}", f"{b:,}", f"{a / b:.2f}×")
        for i, ((side, _), a, b) in enumerate(zip(stages, full, windows, strict=True))
    ],
    words=(),
)

# %% [markdown]
# In the first stage windows save a factor of {eval}`f"{full[0] / windows[0]:.2f}"`, and of the product
# terms alone {eval}`f"{quadratic:.0f}"` = *hw* / *M*². In the last stage a window **is** the whole map.
# So a Swin sees everything at the end, and only its neighbourhood at the start: a price paid in
# reach. With larger images the gap opens, for here all with all has exponent
# {eval}`f"{opens[0]:.2f}"` in the side, windows {eval}`f"{opens[1]:.2f}"`:

# %% tags=["remove-code", "figure"]
lines(
    [
        Series(name, [4 * g for g in grids], [m / 1e9 for m in macs], family=family)
        for name, macs, family in (
            ("all with all", everywhere, "ViT"),
            ("in windows", nearby, "windowed"),
        )
    ],
    x="side of the image, pixels",
    y="one attention of stage 1, G multiply-adds",
    log_x=True,
    log_y=True,
    height=300,
)

# %% [markdown]
# ## Another way out: never store the weights
#
# Multiply-adds are one price, memory another. To train, the backward pass needs what the forward
# pass computed. Written as in the formula, attention keeps its *N* × *N* weights, for each head.
# **It need not.** *FlashAttention* ({eval}`SOURCES["flash"]`) computes them block by block, keeps one
# number a row, and computes them again when they are needed. The result is the same attention,
# exactly; no approximation. torch's `scaled_dot_product_attention` does so, and our ViT calls it.
#
# We ask autograd what it keeps, for one attention of ViT-B/16 with its {eval}`b16.heads` heads:

# %%
counts = [grid**2 for grid in (7, 14, 28, 42, 56)]  # tokens; at 16 pixels, images to 896
naive = [attention_bytes(n, b16.heads, fused=False) for n in counts]
fused = [attention_bytes(n, b16.heads, fused=True) for n in counts]

# %% tags=["remove-code", "figure"]
memory = exponent(counts[-3:], naive[-3:]), exponent(counts[-3:], fused[-3:])
assert 1.8 < memory[0] < 2
assert abs(memory[1] - 1) < 1e-9
assert naive[0] < fused[0]
assert naive[1] > fused[1]
with torch.device("meta"):
    large = ViT(resized("B/16", 896))
unfused = activation_bytes(large, (3, 896, 896), fused=False)
whole = costs["ViT-B/16", 896][2]


def timing(name, tokens):
    """Return the median and the quartiles of one attention's seconds."""
    return latency.cell(kind="attention", name=name, tokens=tokens)


took = {(name, n): timing(name, n)["median"] for name in ("naive", "fused") for n in counts}
spread = [timing("naive", counts[-1])[end] for end in ("low", "high")]
time_slope = [exponent(counts[2:], [took[k, n] for n in counts[2:]]) for k in ("naive", "fused")]
gain = took["naive", 3136] / took["fused", 3136]
assert unfused > 3 * whole
assert gain > 2
assert time_slope[1] > 1.7

lines(
    [
        Series("naive", counts, [x / 1e6 for x in naive], family="ink"),
        Series("fused", counts, [x / 1e6 for x in fused], family="ViT"),
    ],
    x="tokens",
    y="kept for the backward pass, MB",
    log_x=True,
    log_y=True,
    height=320,
)

# %% [markdown]
# Naive memory grows with exponent {eval}`f"{memory[0]:.2f}"` in the tokens, fused memory with
# {eval}`f"{memory[1]:.2f}"`. At {eval}`counts[0]` tokens there is nothing to save; at
# {eval}`f"{counts[-1]:,}"` it is {eval}`f"{naive[-1] / 1e6:,.0f}"` MB against
# {eval}`f"{fused[-1] / 1e6:,.0f}"`. For the whole ViT-B/16 and one image of 896 pixels, all that
# autograd keeps is {eval}`f"{unfused / 1e9:.1f}"` GB without fused attention and
# {eval}`f"{whole / 1e9:.1f}"` GB with it.
#
# That is why the activations in the table above have exponent 2 for ViTs, too. **Memory became
# linear in the tokens; the work did not.** Here is the time of one attention, measured:

# %% tags=["remove-code", "figure"]
lines(
    [
        Series(
            name,
            counts,
            *([1e3 * timing(name, n)[end] for n in counts] for end in ("median", "low", "high")),
            family=family,
        )
        for name, family in (("naive", "ink"), ("fused", "ViT"))
    ],
    x="tokens",
    y="one attention, milliseconds",
    log_x=True,
    log_y=True,
    interval="quartiles over the rounds",
    height=320,
)

# %% [markdown]
# Fused attention is {eval}`f"{gain:.1f}"` times as fast at {eval}`f"{counts[-1]:,}"` tokens: it has
# less to send to memory and back, its authors say. (Half of the naive times lie between
# {eval}`f"{1e3 * spread[0]:.0f}"` and {eval}`f"{1e3 * spread[1]:.0f}"` ms: on this processor the number is steady;
# another has its own.) But from {eval}`counts[2]` tokens on its time still grows with exponent
# {eval}`f"{time_slope[1]:.2f}"`.

# %% [markdown]
# ## Time
#
# Multiply-adds are counted; time is measured, and depends on the machine. Ours:
# {eval}`latency.provenance["processor"]`, {eval}`latency.provenance["threads"]` thread, float32,
# torch {eval}`latency.provenance["torch"].split("+")[0]`, one image at a time, without gradients. Each
# point is the median of {eval}`len(timed[0]["runs"])` rounds, with its quartiles. We count the
# processor's time, so that waiting for other work on the machine is left out.

# %% tags=["remove-code", "figure"]
series = []
for name, (family, variant) in FAMILY.items():
    cells = [c for c in timed if c["name"] == name]
    series.append(
        Series(name, [c["side"] for c in cells], [1e3 * c["median"] for c in cells],
               low=[1e3 * c["low"] for c in cells], high=[1e3 * c["high"] for c in cells],
               family=family, variant=variant)
    )  # fmt: skip
lines(
    series,
    x="side of the image, pixels",
    y="one image, milliseconds",
    log_x=True,
    log_y=True,
    interval="quartiles over the rounds",
    height=400,
)

# %% tags=["remove-code"]
kept = {name: costs[name, 224][2] / 1e6 for name in MODELS}
assert kept["ViT-S/16"] < kept["ResNet-50"]
lighter = (
    f"So it holds at this size, too: {1 - kept['ViT-S/16'] / kept['ResNet-50']:.0%} less. "
    f"(ViT-B/16, {costs['ViT-B/16', 224][1] / costs['ResNet-50', 224][1]:.1f} times the work, keeps "
    f"{kept['ViT-B/16']:.0f}.)"
)
pace = {name: seconds[name, 224] / costs[name, 224][1] * 1e12 for name in MODELS}
ratio = costs["ViT-S/16", 224][1] / costs["ResNet-50", 224][1]
slower = seconds["ViT-S/16", 224] / seconds["ResNet-50", 224]
cheapest, *_, dearest = sorted(pace, key=lambda name: pace[name])
assert ratio < 1.25
assert slower < 1.6
assert pace[dearest] > 1.15 * pace[cheapest]
table(
    ["at 224 pixels", "G multiply-adds", "milliseconds", "ms for each G"],
    [
        (
            name,
            f"{costs[name, 224][1] / 1e9:.2f}",
            f"{1e3 * seconds[name, 224]:.0f}",
            f"{pace[name]:.0f}",
        )
        for name in MODELS
    ],
)

# %% [markdown]
# Compare like with like. ViT-S/16 has about as many parameters as ResNet-50
# ({eval}`f"{costs['ViT-S/16', 224][0] / 1e6:.1f}"` M and
# {eval}`f"{costs['ResNet-50', 224][0] / 1e6:.1f}"` M), {eval}`f"{ratio:.2f}"` times the multiply-adds,
# and takes {eval}`f"{slower:.2f}"` times as long. And look at the last column: **a multiply-add has no
# fixed price.** For each G, {eval}`dearest` takes {eval}`f"{pace[dearest] / pace[cheapest]:.2f}"` times as
# long as {eval}`cheapest`. That is our machine; we measured no other, and no GPU.

# %% [markdown]
# ## Three sentences, checked
#
# | You read | We measure |
# |---|---|
# | “ViTs are computationally intensive.” ([errata](../errata.md)) | At 224 pixels all-with-all is {eval}`f"{at[224]:.1%}"` of ViT-B/16. It is expensive because it is *large*: ViT-S/16 costs about what ResNet-50 does. |
# | “With resolution, the memory of attention explodes.” ([errata](../errata.md)) | If the weights are stored: exponent {eval}`f"{memory[0]:.2f}"` in the tokens. Fused: {eval}`f"{memory[1]:.2f}"`. |
# | ViTs are “more memory-efficient than ResNets” ({eval}`SOURCES["vit"]`, section D.5, of large models on TPUs) | A forward pass in training keeps {eval}`f"{kept['ViT-S/16']:.0f}"` MB of an image in ViT-S/16 and {eval}`f"{kept['ResNet-50']:.0f}"` in ResNet-50, at about the same multiply-adds. {eval}`lighter` |
# | “Attention is quadratic.” | In the tokens its work and its time are, the memory of a fused kernel is not. ViT-B/16 as a whole has exponent {eval}`f"{fitted['ViT-B/16'][1] / 2:.2f}"` in the tokens to 896 pixels. |
#
# ## What to remember
#
# - Attention's products are *T* / (6*D*) of a block's other work. Below a few hundred pixels they are a
#   small part.
# - Quadratic in tokens is bi-quadratic in the side. CNNs and windows are quadratic in the side.
# - Windows save work and pay in reach. Fused attention saves memory and pays nothing in the result.
# - Multiply-adds compare models on paper. Time compares them on a machine.
#
# ## Your turn
#
# Guess first, then compute, then open the answer.

# %% tags=["remove-code"]
thirty_two = share("B/32", 448)
h14 = PRESETS["H/14"]
even = round(14 * (6 * h14.dim) ** 0.5)
eight = replace(b16, patch=8)
growth = count_macs(eight) / count_macs(b16)
small_window = window_attention_macs(56, 56, 96, 14) / windows[0]

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, arrange, calculate, choose

by_cnn = costs["ResNet-50", 448][1] / costs["ResNet-50", 224][1]
by_pairs = (resized("B/16", 448).tokens / b16.tokens) ** 2
of_products = {f"ViT-{name}": share(name, 896) for name in presets}
Exercises(
    calculate("You double the side of a picture. **How many times as much work** has a ResNet-50, about?", by_cnn, digits=0,
              hints=["A kernel has the same work at every place. How many places are there now?"],
              slips=[(2, "Both sides are twice as long."), (16, "That would be attention, which looks at pairs of places.")],
              because=f"Four times the places, and {by_cnn:.2f} times the multiply-adds."),
    calculate("And the work of *QK*ᵀ in a ViT, about?", by_pairs, digits=0, hints=["How many times as many tokens? And how many pairs?"],
              slips=[(4, "So many times as many tokens. Every token meets every other."), (2, "Both sides are twice as long.")],
              because=f"Four times the patches make sixteen times the pairs; with the class token it is {by_pairs:.1f}."),
    choose("“With a fused kernel, our attention is linear in the number of tokens.” **What** is linear?",
           {"Its memory": abs(memory[1] - 1) < 0.05, "Its time": abs(time_slope[1] - 1) < 0.2, "Its multiply-adds": abs(opens[0] / 2 - 1) < 0.2},
           slips={"Its time": "It is faster, but every token still meets every other.", "Its multiply-adds": "It computes the same products. It only keeps none of them."},
           because="The weights are computed block by block and never stored. The work stays quadratic, only on a faster path."),
    calculate("In the first stage of Swin-T 56 × 56 tokens attend in windows of 7 × 7. **How many times fewer pairs** are there than if all met all?", quadratic, digits=0,
              hints=["A token meets only its window.", "How many windows does the grid hold?"],
              slips=[(stages[0][0] // 7, "That is the number of windows along one side."), (49, "So many tokens does each one meet. How many would it meet without windows?")],
              because=f"A token meets {7 * 7} keys in place of {stages[0][0] ** 2:,}: {quadratic:.0f} times fewer, one for each window."),
    arrange("At 896 pixels, which ViT spends the **largest part** of its work on *QK*ᵀ and the mixing?", of_products,
            slips=[({name: -x for name, x in of_products.items()}, "The other way round: those products grow with *D*, all other work with *D* squared. So in a wide model they are the smaller part.")],
            because=", ".join(f"{name} {x:.0%}" for name, x in sorted(of_products.items(), key=lambda one: one[1])) + "."),
)  # fmt: skip

# %% [markdown]
# **1.** You halve the patch of ViT-B/16 from 16 to 8 pixels, at 224 pixels. How many times the
# multiply-adds?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`f"{growth:.2f}"` times: {eval}`eight.patches` patches in place of {eval}`b16.patches`. To the model it is
# just as if the image had twice the side.
#
# </details>
#
# **2.** For which side of the image are the two kinds of work equal in ViT-H/14?
#
# <details markdown="1"><summary>Answer</summary>
#
# *D* is {eval}`h14.dim`, so for {eval}`f"{6 * h14.dim:,}"` tokens: about {eval}`f"{even:,}"` pixels.
#
# </details>
#
# **3.** Windows of 14 × 14 in place of 7 × 7, in the first stage of Swin-T: four times the cost?
#
# <details markdown="1"><summary>Answer</summary>
#
# Four times the products, but the projections stay: {eval}`f"{small_window:.2f}"` times in all.
#
# </details>
#
# **4.** A colleague says: “With FlashAttention our ViT is linear now.” What do you answer?
#
# <details markdown="1"><summary>Answer</summary>
#
# Its memory is. Its work is what it was: every token still asks every other.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
bibliography(("vit", "swin", "flash", "resnet", "convnext"), ordered=True)
