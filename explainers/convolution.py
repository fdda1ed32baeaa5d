# ---
# title: What a convolution does
# description: Nine numbers slide over a face, every product shown. Then stride, pooling, two layers, and LeNet-5 of 1998, built by its table and trained.
# can: slide a kernel by hand, and tell what a convolution can and cannot see
# needs: [face]
# order: 22
# section: Lessons
# page: lessons/convolution.md
# notebook: true
# extra: experiments
# given:
#   "a *stride* of 2": an example
#   "= 7 × 12 numbers": the paper's bitmaps
#   "three layers of 3 × 3": the exercise's
#   "a stride of 2": the exercise's
# ---

# %% [markdown]
# # What a convolution does
#
# Lay nine numbers over nine pixels. Multiply each pair, add up, write the sum down, move on. **Drag the slider**
# and watch a new picture grow.

# %% tags=["remove-code", "figure"]
from typing import Any

import numpy as np
import torch

from vitexplain.compare import field_of
from vitexplain.compare.lenet import TABLE, enlarged
from vitexplain.compare.receptive import Layer
from vitexplain.convolution import convolve, slide
from vitexplain.experiments import results, weights
from vitexplain.experiments.datasets import digits
from vitexplain.faces import Look, draw_face
from vitexplain.facts import SOURCES, bibliography
from vitexplain.figures import Bar, bars, convolution_steps, maps_side_by_side, slider
from vitexplain.figures.base import finish
from vitexplain.figures.panels import Panels
from vitexplain.writing import between, count, number, percent, products, share, table

torch.set_grad_enabled(False)
np.set_printoptions(precision=2, suppress=True)
AT = (6, 12)  # the position to begin with: the left eye's right edge


def shrunk(face):
    """Return the top half of a face in greys, two pixels made one along each side."""
    return slide(face.image.mean(-1)[:32], 2, stride=2).mean((-2, -1))


face = draw_face()
image = shrunk(face)
kernel = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
walk = convolve(image, kernel)
rows, cols = walk.output.shape
assert walk.output[AT] > 0.5 > 0 > walk.output[6, 9] < -1
convolution_steps(image, kernel, every=2, first=AT)

# %% [markdown]
# The nine numbers are a *kernel*. It stays the same all the way; only the pixels under it change. The new picture is a *map*. It is red
# where the face gets brighter from left to right, grey where it gets darker. Skin and background fade away, for on an even patch the
# right column cancels the left. What is left is the outline of hair, eyes and smile. Nobody told the kernel what an eye is.
#
# That is a convolution: **one small sum, the same everywhere**. Everything else on this page is made of it, up to a network that read
# handwriting in 1998.
#
# ## Nine products, one sum

# %%
import numpy as np

from vitexplain.convolution import convolve, slide
from vitexplain.faces import draw_face

grey = draw_face().image.mean(-1)[:32]  # the top half, in greys
image = slide(grey, 2, stride=2).mean((-2, -1))  # two pixels become one: 16 × 32
kernel = np.array([[-1.0, 0, 1], [-1, 0, 1], [-1, 0, 1]])
walk = convolve(image, kernel)
walk.windows[6, 12], walk.products[6, 12], walk.output[6, 12]

# %% tags=["remove-code"]
seen, made = walk.windows[AT], walk.products[AT]
stronger = convolve(image + 0.1, kernel).output
assert np.allclose(stronger, walk.output)

# %% [markdown]
# You know this sum. It is the [goat's dot product](goat.md#how-alike-are-two-tokens): number times number, then add. The goat compared itself with
# every other word. Here a square of pixels is compared with one fixed pattern, and the sum says how alike they are. The middle row alone
# gives {eval}`products(kernel[1], seen[1].round(2), " × ")` = {eval}`number(made[1].sum(), 2)`; all three together {eval}`number(walk.output[AT], 2)`.
#
# **What does this kernel ask?** *Is it brighter on my right than on my left?* Its numbers add up to zero, so it does not care how bright the
# picture is as a whole. Make every pixel brighter by the same amount, and not one number of the map changes.
#
# The map has {eval}`rows` × {eval}`cols` numbers, the picture {eval}`image.shape[0]` × {eval}`image.shape[1]`, because a kernel of three cannot stand
# on the outermost pixels without hanging over. Those {eval}`f"{rows * cols}"` numbers come from **{eval}`count(kernel.size)` weights**. A layer that joins every pixel
# to every number of the map would need {eval}`f"{rows * cols * image.size:,}"`. That is the bargain: look at neighbours only, and use the same weights
# everywhere.
#
# ## Other numbers, other questions

# %% tags=["remove-code", "figure"]
KERNELS = {
    "brighter to the right": kernel,
    "brighter below": kernel.T,
    "a dark spot": np.array([[1.0, 1, 1], [1, -8, 1], [1, 1, 1]]) / 8,
    "the mean": np.full((3, 3), 1 / 9),
}
maps = maps_side_by_side(
    {
        name: np.abs(x) if "brighter" in name else x
        for name, one in KERNELS.items()
        for x in [convolve(image, one).output]
    },
    image=image,
)
finish(
    maps,
    alt="Four kernels on one face: upright edges, level edges, dark spots, and a blur.",
    **maps.layout.meta["table"],
)

# %% [markdown]
# Turn the kernel on its side, and it finds the edges between above and below. (These two maps show how strong an edge is, whichever way it
# goes.) Ask whether the middle is darker than its eight neighbours, and pupils and outlines light up. Nine equal numbers blur. A convolutional
# network has dozens of kernels in its first layer, and **nobody chooses their numbers: they are learned**.
#
# A colour picture has three channels. Then a kernel has three squares, one for each, and all products go into the same sum.
#
# ## Steps and rims: stride and padding
#
# A kernel may jump. With a *stride* of 2 it stops at every other pixel, and the map gets half as wide. It may also be allowed to hang over the edge: then
# you put a rim of zeros around the picture, the *padding*. From *n* pixels, a kernel of *k*, a stride of *s* and a padding of *p*, a side of the map has
#
# $$
# \left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1
# $$
#
# numbers ({eval}`SOURCES["conv-guide"]`). On our face:

# %% tags=["remove-code"]
table(
    ["stride", "padding", "the map"],
    [
        [s, p, f"{found[0]} × {found[1]}"]
        for s, p in ((1, 0), (1, 1), (2, 0), (2, 1), (3, 0))
        for found in [convolve(image, kernel, stride=s, padding=p).output.shape]
    ],
    words=None,
)

# %% [markdown]
# The zeros are made up, and the kernel cannot know. Along the rim it sees edges that are not there.
#
# **Now take the stride as large as the kernel.** No pixel is seen twice: the picture falls into squares. You have met that with
# [the face](face.md#from-many-numbers-to-ten), where a Vision Transformer cut the face into patches and multiplied each by one matrix $W_E$.
# Ten numbers a patch were ten kernels all along:

# %%
from vitexplain.designed import designed_attention
from vitexplain.patches import patchify

W_E = designed_attention().w_embed  # (numbers of a patch, 10)
colours = draw_face().pixels  # (3, 64, 64)
tokens = patchify(colours, 16) @ W_E
maps = [convolve(colours, one.reshape(3, 16, 16), stride=16).output for one in W_E.T]
np.abs(np.stack(maps, axis=-1).reshape(16, 10) - tokens).max()

# %% tags=["remove-code"]
gap = np.abs(np.stack(maps, axis=-1).reshape(16, 10) - tokens).max()
assert gap < 1e-12

# %% [markdown]
# The difference is rounding. So a ViT begins with a convolution. It just never takes a second one.
#
# ## Pooling: keep the strongest
#
# Often you do not need to know *exactly* where an edge was. *Pooling* cuts the map into squares and keeps one number of each: the largest, or the mean. It has no weights.

# %%
edges = walk.output
strongest = slide(edges, 2, stride=2).max((-2, -1))
edges.shape, strongest.shape

# %% [markdown]
# ## Two layers see farther
#
# One number of the map depends on three pixels along a side. Slide a second kernel over the *map*. What does one of its numbers depend on?
# Ask it: change one pixel at a time, and see whether it moves.

# %%
nine = np.ones((3, 3))


def twice(x):
    return convolve(convolve(x, nine).output, nine).output


poke = [[twice(one.reshape(9, 9))[2, 2] for one in row] for row in np.eye(81).reshape(9, 9, 81)]
np.array(poke)

# %% tags=["remove-code"]
poked = np.array(poke)
side = int((poked > 0).any(0).sum())
assert side == field_of([Layer("one", 3), Layer("two", 3)])[-1].size
LENET = [Layer("C1", 5), Layer("S2", 2, 2), Layer("C3", 5), Layer("S4", 2, 2), Layer("C5", 5)]
fields = field_of(LENET)
assert fields[-1].size == 32

# %% [markdown]
# {eval}`count(side).capitalize()` pixels along a side: its *receptive field*. And look at the numbers: the pixel in the middle has {eval}`number(poked.max())` ways to be heard, a
# corner only {eval}`number(poked[poked > 0].min())`. Each further layer of three adds two more. A stride or a pooling makes the field grow faster, for after it one step in the map is two in the
# picture. Here is how far each layer sees of a digit, in the network that we build below.

# %% tags=["remove-code", "figure"]
data = digits()
lenet = weights.load("digits-lenet")
answers = lenet(data.test.images).argmax(-1)
wrong = (answers != data.test.labels).nonzero().flatten().tolist()
right = (answers == data.test.labels).nonzero().flatten().tolist()
first = next(i for i in right if data.test.labels[i] == 4)


def ink(index):
    """Return a digit as the network sees it, white on black."""
    shown = enlarged(data.test.images[[index]])[0, 0].numpy()
    return (shown - shown.min()) / (shown.max() - shown.min())


grown = Panels(len(fields), columns=len(fields), side=84)
for field in fields:
    grown.picture(ink(first), field.name, f"{field.size} × {field.size}")
    corner = 16 - field.size // 2
    grown.outline((corner, corner, field.size, field.size), width=3)
finish(
    grown.figure,
    alt="A square that grows from layer to layer, until it holds the whole digit.",
    header=["layer", "receptive field"],
    rows=[[field.name, field.size] for field in fields],
)

# %% [markdown]
# That is how a network of small kernels sees large things: step by step, each layer from the one below. (How far *deep* networks see, and how much of it they use:
# [CNN and ViT, measured](cnn-vs-vit.md#what-a-place-can-see).)
#
# ## Move the face
#
# Move the face one pixel to the right. What happens to the map?

# %% tags=["remove-code"]
moved = {n: shrunk(draw_face(look=Look(shift=(2.0 * n, 0)))) for n in (0, 1, 2)}
for n in (1, 2):
    assert np.array_equal(moved[n][:, n:], moved[0][:, :-n])


def apart(one, other):
    """Return the largest difference of two maps."""
    return float(np.abs(one - other).max())


def tell(x):
    """Write a largest difference."""
    return "0" if x < 1e-12 else number(x, 2)


def shifts(layer):
    """Compare the map of a moved face with the moved map: by one pixel, and by two."""
    still, one, two = (layer(x) for x in moved.values())
    if still.shape == walk.output.shape:
        return apart(one[:, 1:], still[:, :-1]), apart(two[:, 2:], still[:, :-2])
    return min(apart(one, still), apart(one[:, 1:], still[:, :-1])), apart(
        two[:, 1:], still[:, :-1]
    )


MOVED = {
    "a convolution": lambda x: convolve(x, kernel).output,
    "with stride 2": lambda x: convolve(x, kernel, stride=2).output,
    "with pooling after it": lambda x: slide(convolve(x, kernel).output, 2, stride=2).max((-2, -1)),
}
drift = {name: shifts(layer) for name, layer in MOVED.items()}
assert max(drift["a convolution"]) < 1e-12
assert all(one > 0.5 > 1e-12 > two for name, (one, two) in drift.items() if name != "a convolution")
table(
    ["largest difference to the moved map", "by one pixel", "by two"],
    [[name, *map(tell, found)] for name, found in drift.items()],
)

# %% [markdown]
# The map moves with the face, to the last digit. That is *equivariance*: move in, move out. [The face](face.md#shuffle-the-patches) had it for shuffling, a convolution has it for
# moving. It need not learn that an eye on the left is an eye on the right.
#
# A stride breaks it. Moved by two pixels, the map moves by one place, exactly. Moved by *one* pixel there is no half place to move to: the kernel stops at pixels that it skipped before, and
# sees something else. Pooling does no better ({eval}`SOURCES["shift-invariant"]` says what helps). Often you read that pooling makes a network
# *invariant*, so that nothing changes when things move. This one does not. Only if you pool over the *whole* map does the place no longer matter.
#
# ## A kernel or attention?
#
# Both mix what they see by weights and add up. **Where do the weights come from?**

# %% tags=["remove-code"]
table(
    ["", "a convolution", "attention"],
    [
        ["takes from", "the neighbours under the kernel", "all tokens, near or far"],
        ["weights", "learned, then fixed: the same at every place, on every picture", "computed from this picture, afresh for each token"],
        ["add up to 1, none negative", "no", "yes"],
        ["knows left from right", "by the order in the kernel", "only by positions that are added"],
        ["moves with the picture", "yes, but for strides", "patch by patch, if positions allow"],
    ],
    words=None,
)  # fmt: skip

# %% [markdown]
# A kernel says *neighbours, always*. Attention asks *who matters to me, here?* The first knows something true about pictures before it has seen one. The second must find it out. And it can: the head
# [*neighbours*](face.md#two-heads-side-by-side) of the face compared places alone. Erase an eye, and not one of its weights moved. It was a soft kernel. Heads of attention can learn to
# behave as a convolution ({eval}`SOURCES["attention-convolution"]`); a convolution cannot learn to behave as attention.

# %% [markdown]
# ## LeNet-5, the network of 1998
#
# Now stack what you have seen. LeNet-5 reads handwritten digits ({eval}`SOURCES["mnist"]`, section II-B): convolution, pooling, convolution, pooling, convolution, and two layers in which everything is
# joined with everything. We built it from the paper's text, and every number comes out as printed there:

# %%
from vitexplain.compare.lenet import LeNet5

built = LeNet5().rows()
sum(row.parameters for row in built)

# %% tags=["remove-code"]
WHAT = {
    "C1": "5 × 5 kernels", "S2": "2 × 2 pooling", "C3": "5 × 5 kernels, by Table I",
    "S4": "2 × 2 pooling", "C5": "5 × 5 kernels", "F6": "all with all",
}  # fmt: skip
used = {row.name: row.connections // row.parameters for row in built}
total = sum(row.parameters for row in built)
wired = sum(row.connections for row in built)
table(
    ["layer", "what", "maps", "parameters", "connections"],
    [
        [row.name, WHAT[row.name], f"{row.maps} of {row.side} × {row.side}", f"{row.parameters:,}",
         f"{row.connections:,}"]
        for row in built
    ],
    words=(0, 1, 2),
)  # fmt: skip

# %% [markdown]
# A *connection* is one use of a weight. Read the first row: {eval}`built[0].parameters` weights are used {eval}`used["C1"]` times each. All in all {eval}`f"{total:,}"` parameters do the work of
# {eval}`f"{wired:,}"` connections. Four fifths of the parameters are in C5, where nothing is shared any more. Three things look odd today:
#
# - **The pooling learns.** It adds up four neighbours, and each map has a factor and a bias of its own.
# - **C3 is not joined with everything.** Each of its {eval}`len(TABLE)` maps takes from {eval}`count(min(map(len, TABLE)))` to {eval}`count(max(map(len, TABLE)))` maps of S2. Fewer connections, say the
#   authors, and maps that get different inputs have to find different things.
# - **The answer is a drawing.** F6 has {eval}`built[-1].maps` = 7 × 12 numbers. Each digit has a small bitmap of that size, and the network answers with the digit whose bitmap F6 comes nearest to.
#
# The first two we keep. For the third we put what is usual today: a last layer with ten more rows of weights. (Below you see what that is worth.) So built, it has learned from {eval}`f"{len(data.train):,}"`
# of scikit-learn's digits, 8 × 8 pixels each, enlarged to what the paper used. **Move the slider** to see what it makes of new ones. Grey is 0, white more, black less.


# %% tags=["remove-code", "figure"]
def grey(x, most):
    """Return signed numbers as greys: 0 in the middle, `most` white."""
    return np.clip(0.5 + np.asarray(x, float) / (2 * most), 0, 1)


def tiled(x, columns):
    """Return maps side by side in one picture, with a line between them."""
    ruled = np.pad(x, ((0, 0), (0, 1), (0, 1)), constant_values=1)
    high, wide = ruled.shape[1:]
    sheet = ruled.reshape(-1, columns, high, wide).swapaxes(1, 2)
    return sheet.reshape(-1, columns * wide)[:-1, :-1]


def drawn(index):
    """Show a digit, what C1 and C3 make of it, and what comes out."""
    seen = dict(lenet.walk(data.test.images[[index]]))
    said = seen["output"][0].softmax(-1)
    panels: Any = Panels(3, columns=3, side=124)
    panels.picture(ink(index), f"a {int(data.test.labels[index])}", f"it says {int(said.argmax())}")
    panels.picture(tiled(grey(seen["C1"][0], 1.72), 3), "C1", "6 maps")
    panels.picture(tiled(grey(seen["C3"][0], 1.72), 4), "C3", "16 maps")
    rows = [[digit, number(x, 4)] for digit, x in enumerate(said.tolist())]
    return finish(panels.figure, alt="", header=["digit", "probability"], rows=rows)


CHOSEN = [next(i for i in right if data.test.labels[i] == digit) for digit in (2, 4, 7)]
slider(
    {
        **{f"a {int(data.test.labels[i])}": drawn(i) for i in CHOSEN},
        **{name: drawn(i) for name, i in zip(("misread", "too"), wrong, strict=False)},
    },
    label="it gets",
    alt="Six maps that still look like the digit, sixteen that no longer do, one answer.",
)

# %% [markdown]
# ## From edges to parts?
#
# A CNN, one reads, finds edges first, then parts, then things. Does this one? Here are its six kernels and what they make of a digit.

# %% tags=["remove-code", "figure"]
kernels = lenet.layers["C1"].weight[:, 0].numpy()
started = weights.untrained("digits-lenet").layers["C1"].weight[:, 0].numpy()
seen = dict(lenet.walk(data.test.images[[first]]))
panels: Any = Panels(12, columns=6, side=58)
for i, one in enumerate(kernels):
    panels.picture(grey(one, np.abs(kernels).max()), f"kernel {i}")
for i, one in enumerate(seen["C1"][0].numpy()):
    panels.picture(grey(one, 1.72), f"map {i}")
finish(
    panels.figure,
    alt="Six learned kernels, and below each the map that it makes of a digit.",
    header=["kernel", *(f"column {j}" for j in range(5))],
    rows=[
        [f"{i}, row {r}", *(number(x, 2) for x in line)]
        for i, one in enumerate(kernels)
        for r, line in enumerate(one)
    ],
)

# %% tags=["remove-code"]
ramp = np.c_[np.ones(25), *(x.ravel() for x in np.mgrid[-2:3, -2:3])]


def edge(one):
    """Return how much of a kernel is a slope from dark to bright, in one direction."""
    flat = one.ravel()
    left = flat - ramp @ np.linalg.lstsq(ramp, flat, rcond=None)[0]
    return 1 - (left**2).sum() / ((flat - flat.mean()) ** 2).sum()


sloping = {
    name: [edge(x) for x in which] for name, which in (("at first", started), ("then", kernels))
}
stayed = [
    float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))
    for a, b in zip(started, kernels, strict=True)
]

# %% [markdown]
# Before training the kernels were noise. A plain slope from dark to bright, in whatever direction, made up {eval}`percent(np.mean(sloping["at first"]), 0)` of their pattern on average. Now it makes up
# {eval}`percent(np.mean(sloping["then"]), 0)`. **So yes, edges, but untidy ones:** {eval}`between(sloping["then"], lambda x: percent(x, 0))` from kernel to kernel, and with much of the first noise still in them (their cosine to how they began
# is {eval}`between(stayed, lambda x: number(x, 2))`). Two of the maps simply fill the stroke, one in white, one in black. The others answer to its sides.
#
# And parts? Look at the sixteen maps of C3 again. They answer to pieces of strokes, each from another mix of maps. We cannot give them names, and we would not trust ours: what a picture of a map seems to
# show is not what the network uses it for.
#
# ## How well does it read?

# %% tags=["remove-code", "figure"]
study, families = results.read("lenet"), results.read("data-hunger-digits")
FEW, ALL = min(study.values("images")), max(study.values("images"))
[steps] = study.values("steps")


def got(name, images):
    """Return the interval of a network's accuracy on the test digits."""
    if name in study.values("family"):
        return study.of("accuracy", family=name, images=images)
    return families.of("accuracy", family=name, images=images, augment=True)


NAMES = {
    "lenet": "LeNet-5",
    "lenet, every map": "C3 takes every map",
    "lenet, linear": "an ordinary last layer",
    "cnn": "a CNN of today",
    "vit": "a ViT",
}
chart: Any = bars(
    [
        Bar(NAMES[name], *(round(100 * x, 1) for x in (one.mean, one.low, one.high)),
            group=f"{images:,} digits to learn from", family="ViT" if name == "vit" else "CNN")
        for images in (FEW, ALL)
        for name in NAMES
        for one in [got(name, images).cut]
    ],
    x="right on the test digits, %",
    interval=f"95% interval over {count(got('lenet', ALL).seeds)} seeds",
)  # fmt: skip
finish(
    chart,
    alt="An ordinary last layer lifts LeNet-5 above the ViT, with few digits and with all.",
    **chart.layout.meta["table"],
)

# %% tags=["remove-code"]
plain = {n: got("lenet, linear", n) for n in (FEW, ALL)}
sizes = {
    name: study.cell(family="lenet, linear", images=ALL)[name]
    for name in ("parameters", "multiply_adds")
}
vit = families.cell(family="vit", images=ALL, augment=True)

# %% [markdown]
# All got the same digits, moved by up to a pixel at random, and {eval}`steps` steps.
#
# - **C3's table costs nothing that we can see.** With {eval}`f"{ALL:,}"` digits it gets {eval}`share(got("lenet", ALL))`, every map joined {eval}`share(got("lenet, every map", ALL))`.
# - **The bitmaps cost a lot here.** An ordinary last layer gets {eval}`share(plain[ALL])`. It is learned together with the rest. The bitmaps stand where they are, and the layers below
#   must come to them. Our loss asks no more than that the right one be nearest, and our training is short.
# - **Kernels are worth most when there is little to learn from.** From {eval}`FEW` digits LeNet-5 with an ordinary last layer reads {eval}`share(plain[FEW])`, the ViT {eval}`share(got("vit", FEW))`. From all of them it is
#   {eval}`share(plain[ALL])` against {eval}`share(got("vit", ALL))`. It has {eval}`f"{sizes['parameters']:,}"` parameters, the ViT {eval}`f"{vit['parameters']:,}"`, and it takes {eval}`number(vit["multiply_adds"] / sizes["multiply_adds"], 1)` times fewer multiply-adds.
#
# What the ViT can do about it: [a teacher](distillation.md), more pictures, more steps ([What training decides](training.md)).

# %% [markdown]
# ## What this page does not show
#
# Our digits are small and few, and the same writers are in all parts of the data. The paper trained on sixty thousand of MNIST's; its accuracies are not to be compared with these. We kept its
# network but not its way of learning: the loss is the usual cross-entropy of minus the distances, AdamW takes the steps, and the bitmaps are drawn by us. Each network got its best of {eval}`count(len(results.read("tuning-lenet").values("rate")))` learning rates, judged on other digits than
# these; for the bitmaps that was the smallest, so a smaller one might do better. And kernels with such plain jobs as ours at the top of the page are rare: most kernels of large networks have no name.
#
# ## What to remember
#
# - A convolution is a **dot product with one small pattern, at every place**. The sums make a map.
# - Few weights, used often: **neighbours only, the same everywhere**.
# - Stride skips, padding adds a rim, pooling keeps one number of several. A patch embedding is a convolution whose stride is its width.
# - Layers see farther and farther: the receptive field grows.
# - Move the picture, and the map moves along, **unless a stride is in the way**.
# - A kernel's weights are learned and stay. Attention computes its weights from what it sees.
#
# ## Your turn

# %% tags=["remove-code"]
blank = np.zeros((5, 5))
blank[:, 3:] = 1
stripe = convolve(blank, kernel).output
assert np.array_equal(stripe, [[0, 3, 3]] * 3)
three = field_of([Layer("", 3)] * 3)[-1].size
strided = field_of([Layer("", 3, 2), Layer("", 3)])[-1].size

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, arrange, calculate, choose, repair

n, k, s, p = 32, 5, 2, 2
made = convolve(np.zeros((n, n)), np.ones((k, k)), stride=s, padding=p).output.shape[0]
ramp_window = np.array([[1.0, 2, 3]] * 3)
fits = convolve(ramp_window, kernel).output.item()
layers = {
    "one layer of 9 × 9": [Layer("", 9)],
    "two layers of 3 × 3": [Layer("", 3)] * 2,
    "three layers of 3 × 3, the first with stride 2": [Layer("", 3, 2), Layer("", 3), Layer("", 3)],
}
seen_by = {name: field_of(one)[-1].size for name, one in layers.items()}
without_stride = {
    name: field_of([Layer("", one.kernel) for one in some])[-1].size
    for name, some in layers.items()
}
still, by_one, _ = (MOVED["with stride 2"](x) for x in moved.values())
loop = """
y = np.zeros((4, 4))
for i in range(4):
    for j in range(4):
        y[i, j] = (x[i:i+3, j:j+3] @ w).sum()
"""
mends = [
    f"        y[i, j] = {do}"
    for do in (
        "(x[i:i+3, j:j+3] + w).sum()",
        "(x[i:i+3, j:j+3] * w).max()",
        "(x[i:i+3, j:j+3] * w).sum()",
    )
]
pixels = np.random.default_rng(0).random((6, 6))

Exercises(
    calculate(f"A kernel has the rows [−1, 0, 1], three times. It lies on pixels whose rows are {' '.join(map(number, ramp_window[0]))}, three times. What is the **sum**?",
              fits, digits=0, hints=["Nine products, then add them up.", f"One row alone gives {number(fits / 3)}."],
              slips=[(-fits, "You turned the kernel round, as mathematicians do. Networks lay it down as it is."),
                     (ramp_window.sum(), "You added the pixels. Each must first be multiplied by its weight."), (fits / 3, "That is one row. There are three.")],
              because=f"Each row gives (−1) × 1 + 0 × 2 + 1 × 3 = {number(fits / 3)}, and three rows make {number(fits)}: it gets brighter to the right."),
    calculate(f"A picture is {n} pixels wide, a kernel {k}; the stride is {s}, the padding {p}. **How wide** is the map?",
              made, digits=0, hints=["A rim goes on both sides, so the padding counts twice.", "How many steps can the kernel take? It also stands somewhere before its first step."],
              slips=[(made - 1, "You forgot one of two things: the place where the kernel begins, or the second rim."),
                     (n + 2 * p - k + 1, "That is the map with a stride of 1."), (n + 2 * p - k, "That is without the stride, and without the place where the kernel begins.")],
              because=f"With a rim on both sides the picture is {n + 2 * p} pixels wide. The kernel can move {n + 2 * p - k} pixels, which is {(n + 2 * p - k) // s} whole steps of {s}, and one place to start from: {made}."),
    calculate("The first layer of LeNet-5 has six kernels of 5 × 5 on one grey channel, and a bias for each. **How many parameters** are that?",
              built[0].parameters, digits=0, hints=["They are the same at every place, so the size of the picture does not matter."],
              slips=[(6 * 25, "You forgot the biases, one for each kernel."), (25 + 1, "That is one kernel. There are six."), (built[0].connections, "Those are the connections. The same weights are used at every place.")],
              because=f"{built[0].maps} × ({k * k} + 1) = {built[0].parameters}, used {used['C1']} times each."),
    arrange("Who sees **farthest**? Order by receptive field.", seen_by,
            slips=[(without_stride, "You left the stride out: behind it, each step of the next kernels is two pixels wide.") ,
                   ({name: -size for name, size in seen_by.items()}, "That begins with the largest field.")],
            because=f"{seen_by['two layers of 3 × 3']}, {seen_by['one layer of 9 × 9']} and {seen_by['three layers of 3 × 3, the first with stride 2']} pixels along a side. A stride makes everything behind it see farther."),
    choose("A face moves by one pixel. What happens to its map under a kernel with a **stride of two**?",
           {"It changes": min(apart(by_one, still), apart(by_one[:, 1:], still[:, :-1])) > 0.1, "It moves by one place": apart(by_one[:, 1:], still[:, :-1]) < 1e-12, "It stays as it is": apart(by_one, still) < 1e-12},
           slips={"It moves by one place": "One place of this map is *two* pixels of the picture.", "It stays as it is": "That would be invariance. The kernel now stops on other pixels."},
           because="There is no half place to move to. The kernel stops at pixels that it skipped before, and finds other sums."),
    choose("You show another picture. Which of these are still the **same numbers**?",
           {"A kernel": True, "The map that it makes": bool(np.array_equal(still, by_one)), "The matrix `W_Q` of an attention layer": True, "The attention weights": False},
           several=True, slips={"The map that it makes": "A map is what the kernel finds, and there is something else to find.",
                                "The attention weights": "They are computed from the picture, through `W_Q` and `W_K`."},
           because="What was learned stays: kernels and matrices. What is computed from the picture changes, and attention weights are computed."),
    repair("Four loops made short: this should be a convolution with stride 1, but the numbers are wrong.", loop, 3, mends,
           given={"np": np, "x": pixels, "w": kernel}, makes=convolve(pixels, kernel).output, hints=["Which product does `@` compute?"],
           slips={mends[0]: "The weights should multiply the pixels.", mends[1]: "Largest of the products? A convolution adds them up; pooling takes the largest."},
           because="`@` multiplies the two squares as matrices, rows by columns. A convolution multiplies number by number and adds up."),
)  # fmt: skip

# %% [markdown]
# **1.** A picture is white on its two right columns and black on the other three. What map does the kernel from the top of the page make of it?
#
# <details markdown="1"><summary>Answer</summary>
#
# Three equal rows: {eval}`", ".join(map(number, stripe[0]))`. Where the kernel lies on black alone it finds nothing. Where its right column is white and its left one black, it adds up three ones.
#
# </details>
#
# **2.** How far does one number see after three layers of 3 × 3? And after two, of which the first has a stride of 2?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`three` pixels along a side, and {eval}`strided`: behind the stride each step of the second kernel is two pixels wide. Three layers of 3 × 3 see as far as one of {eval}`three` × {eval}`three`, with
# {eval}`3 * 9` weights in place of {eval}`three**2`.
#
# </details>
#
# **3.** Write a kernel that moves the picture by one pixel.
#
# <details markdown="1"><summary>Answer</summary>
#
# Zeros, and a single one beside the middle: each place of the map copies its neighbour. Put the one in the middle, and nothing happens at all.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
bibliography(("mnist", "digits", "conv-guide", "shift-invariant", "attention-convolution"))
