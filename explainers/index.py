# ---
# title: Attention you can touch
# description: See how a Vision Transformer looks, from one word to the whole model. Every number is computed by tested code that you can reuse in your own lecture.
# order: 0
# section: ""
# nav_title: Home
# page: index.md
# notebook: false
# hide: [navigation, toc]
# ---

# %% [markdown]
# <div class="vx-hero" markdown>
# <div markdown>
#
# # Attention you can touch
#
# Tap a square. It compares itself with all sixteen, and takes most from those that stay bright.
# {: .vx-hero__lead }
#
# [Start with the goat](lessons/goat.md){ .md-button .md-button--primary }
#
# </div>
# <div markdown class="vx-hero__side">

# %% tags=["remove-code"]
import textwrap
from dataclasses import replace
from importlib.metadata import metadata

import numpy as np
from IPython.display import Markdown

from vitexplain.attention import attend
from vitexplain.designed import designed_attention
from vitexplain.experiments import results
from vitexplain.explorer import Map, explorer
from vitexplain.faces import GRID
from vitexplain.facts import told
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER
from vitexplain.vit import PRESETS, count_macs, count_parameters, mac_shares
from vitexplain.writing import vector

designed, blind = designed_attention(), designed_attention(positions=False)
partners, neighbours = designed.head(0), designed.head(1)
weights, lost = partners.weights, blind.head(0).weights
LEFT, RIGHT = (designed.face.labels.index(f"{side} eye") for side in ("left", "right"))
names = [
    f"{'left' if i % GRID[1] < GRID[1] // 2 else 'right'} {label.replace('skin', 'cheek')}"
    if label in ("hair", "skin")
    else f"background {i}" if label == "background"
    else label
    for i, label in enumerate(designed.face.labels)
]  # fmt: skip


def goat(sentence):
    """Return the goat's vector before and after it has attended to its sentence."""
    x = sentence.embeddings
    word = x[[sentence.words.index("goat")]]
    return word[0], attend(word, x, x).output[0]


before, animal = goat(GOAT_ANIMAL)
footballer = goat(GOAT_FOOTBALLER)[1]
b16 = PRESETS["B/16"]
parameters, macs = count_parameters(b16), count_macs(b16)
products = mac_shares(b16)["attention products"] / macs
corrections = len(told("errata"))
assert weights[LEFT].argmax() == RIGHT
assert np.isclose(lost[LEFT, LEFT], lost[LEFT].max())

# %% tags=["remove-code"]
explorer(
    [
        Map("partners", partners, designed.query_dims[0], designed.value_dims[0],
            note="Weights designed by hand, to be followed by eye."),
        Map("neighbours", neighbours, designed.query_dims[1], designed.value_dims[1],
            note="Weights designed by hand: places only."),
    ],
    tokens=names, title="A face of sixteen squares", image=designed.face.image, grid=GRID,
    query=LEFT, compact=True,
)  # fmt: skip

# %% [markdown]
# </div>
# <div markdown>
#
# That is attention, the idea at the heart of a Vision Transformer. This site takes it apart, from
# the word “goat” through this face to the whole model. If you know what a dot product is, you know
# enough.
#
# [Stay with the face](lessons/face.md){ .md-button }
#
# </div>
# </div>
#
# ## Three lessons
#
# <div class="vx-cards" markdown>
#
# -   ### [What should “goat” be?](lessons/goat.md)
#
#     One word, one vector: {eval}`vector(before, 2)`. Beside a sheep it becomes {eval}`vector(animal, 2)`, an
#     animal. Beside Messi it becomes {eval}`vector(footballer, 2)`, a footballer. Nobody wrote a rule
#     about goats.
#
# -   ### [A face on a grid](lessons/face.md)
#
#     The left eye gives the right eye {eval}`f"{weights[LEFT, RIGHT]:.4f}"` of its attention and
#     keeps {eval}`f"{weights[LEFT, LEFT]:.4f}"`. Take the positions away, and both eyes get
#     {eval}`f"{lost[LEFT, LEFT]:.4f}"`: they have become the same token.
#
# -   ### [The whole Vision Transformer](lessons/vit.md)
#
#     ViT-B/16 has {eval}`f"{parameters:,}"` parameters, counted matrix by matrix. For one picture it
#     multiplies {eval}`f"{macs / 1e9:.1f}"` billion times. Comparing and mixing tokens, the step
#     everybody talks about, takes {eval}`f"{100 * products:.1f}"`% of that. Then see it
#     [at work](lessons/vit-at-work.md).
#
# </div>
#
# [The way through](lessons/index.md) has all lessons in their order, with what each is for and how long it takes.
#
# ## Touch it
#
# <a href="live/vit/"><img src="images/machine-small.webp" width="560" height="326" loading="lazy" alt="A whole Vision Transformer: a drawn truck, six blocks with what their heads look at and all of their matrices, and the answer."></a>
#
# <div class="vx-cards" markdown>
#
# -   ### [The machine](live/vit.md)
#
#     A whole ViT at work on your picture, from pixel to answer. Come near to any number, see how it came to
#     be, take parts out, and watch the answer change.
#
# -   ### [The goat, live](live/goat.md)
#
#     Drag a word, type a number, edit the sentence or the matrices. All of attention is computed
#     again while you drag.
#
# -   ### [The face, live](live/face.md)
#
#     Erase an eye, shuffle the patches, paint. Then ask the designed weights, and the learned ones.
#
# -   ### [The lab](live/lab.md)
#
#     Your own picture in a trained ViT: every layer and head, patches masked, heads switched off.
#     Or your own ViT.
#
# </div>
#
# They run in your browser: no server computes, and nothing that you drop leaves it.
#
# ## Convolution or attention? We measured

# %% tags=["remove-code"]
hunger, longer = results.read("data-hunger-digits"), results.read("longer-digits")


def score(family, images):
    """Return a family's mean accuracy on digits it has not seen, in percent."""
    return 100 * hunger.of("accuracy", family=family, images=images, augment=True).mean


few, every = hunger.values("images")[0], hunger.values("images")[-1]
gaps = [score("cnn", n) - score("vit", n) for n in (few, every)]
trained = [100 * longer.of("accuracy", family=family).mean for family in ("cnn", "vit")]
assert gaps[0] > gaps[1] > trained[0] - trained[1] > 0
eyes = results.read("faces").of("eye to eye", task="tag")
assert eyes.low > 3 / 16
share = [
    macs["attention products"] / sum(macs.values())
    for macs in (mac_shares(b16), mac_shares(replace(b16, image_size=4 * b16.image_size)))
]

# %% [markdown]
# <div class="vx-cards" markdown>
#
# -   ### [CNN and ViT, measured](lessons/cnn-vs-vit.md)
#
#     With {eval}`few` pictures of digits a small CNN gets {eval}`f"{score('cnn', few):.0f}"`% right
#     and a ViT of its size {eval}`f"{score('vit', few):.0f}"`%. With {eval}`f"{every:,}"` and
#     [more training](lessons/training.md) it is {eval}`f"{trained[0]:.1f}"` to
#     {eval}`f"{trained[1]:.1f}"`: the gap nearly closes, and nobody loses.
#
# -   ### [A face, learned](lessons/learned-face.md)
#
#     Nobody tells this model where to look. Asked whether the eyes match, it gives
#     {eval}`f"{eyes.mean:.2f}"` of the left eye's attention to the right eye; spread evenly it
#     would be {eval}`f"{1 / 16:.2f}"`.
#
# -   ### [The price of attention](lessons/price.md)
#
#     All with all takes {eval}`f"{100 * share[0]:.0f}"`% of ViT-B/16's work at
#     {eval}`b16.image_size` pixels, and {eval}`f"{100 * share[1]:.0f}"`% at
#     {eval}`4 * b16.image_size`. Windows and fused kernels pay less.
#
# </div>
#
# Then: what [hybrids](lessons/hybrids.md) really are, [published results](lessons/published.md)
# sorted by how they were obtained, [when to use which](lessons/which.md), and the
# [pitfalls](lessons/pitfalls.md), each as an experiment.
#
# ## Every number on this site is computed by tested code
#
# No result is typed into a sentence. You read
#
# > The left eye gives the right eye {eval}`f"{weights[LEFT, RIGHT]:.4f}"`.
#
# We wrote
#
# ```markdown
# The left eye gives the right eye {eval}`f"{weights[LEFT, RIGHT]:.4f}"`.
# ```
#
# Each lesson is a script. It runs from the top whenever the site is built, and a wrong name or a
# failing line stops the build. If we changed a weight, every sentence would follow.
#
# ## Read it, build it, teach with it

# %% tags=["remove-code"]
python = metadata("vitexplain")["Requires-Python"].removeprefix(">=")
snippet = """\
# The left eye's row, drawn on the face
from vitexplain import designed, figures

d = designed.designed_attention()
figures.patch_attention(
    d.head(0).weights[1], query=1,
    image=d.face.image, grid=(4, 4))
"""
exec(compile(snippet, "snippet", "exec"), {})  # what the page shows has run


def column(title, *blocks):
    """Write one card: a title, then paragraphs and code blocks."""
    inside = textwrap.indent("\n\n".join([f"### {title}", *blocks]), "    ").lstrip()
    return f"-   {inside}"


def code(text, language):
    """Write a code block."""
    return f"```{language}\n{text.strip()}\n```"


read = column(
    "Readers",
    "Go from the [goat](lessons/goat.md) to the [face](lessons/face.md) to the "
    "[whole model](lessons/vit.md). Guess before you look; each page asks you to. Words and tables "
    "are there without JavaScript, too. Each lesson is also a notebook to run and change.",
)
build = column(
    "Builders",
    f"Python {python} and `make` are enough.",
    code("make site   # builds site/\nmake test   # runs all tests", "sh"),
    "The first runs every lesson, strictly. The second checks the package, the lessons and the "
    "pages in a browser.",
)
teach = column(
    "Lecturers",
    "Every figure on this site is a function that you can call. There are "
    "[more recipes](lecture.md).",
    code(snippet, "python"),
)
Markdown("\n\n".join(['<div class="vx-cards" markdown>', read, build, teach, "</div>"]))

# %% [markdown]
# ## What is different here
#
# - **One implementation.** The function that turns the goat into an animal is the one that runs
#   inside the Vision Transformer. It takes NumPy arrays and torch tensors alike.
# - **Nothing is hidden.** A model here hands over each step of its work by name: queries, scores,
#   weights, outputs. You never fish for them.
# - **Checked against others.** The tests compare our model with those of timm, Hugging Face and
#   torchvision, all with the same weights.
# - **Mistakes are shown.** The slides and articles that this site grew from have slips and
#   loose ends, as all have. We list {eval}`corrections` of them, with what is right and why: the
#   [errata](errata.md).
# - **Nobody watches.** No cookies, no trackers, no request to anyone else's server.
