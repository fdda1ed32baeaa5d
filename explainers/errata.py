# ---
# title: Errata of the sources
# description: What the slides, articles and pages behind this site say, what is right, and why. Computed where it can be, with a source where it cannot.
# order: 60
# section: Reference
# page: errata.md
# notebook: false
# given:
#   "all 16 alike": the tokens of the sample
# ---

# %% [markdown]
# # Errata of the sources
#
# This site grew out of five sources: a set of lecture slides by K. Patwari (2024), an interactive
# page, two articles and a blog post. They gave it its examples, its questions and its tone: the
# goat, the face on a grid, the idea that you should be able to click a patch and see what happens.
# We are grateful for them.
#
# Working through every number and every claim, we found {eval}`len(ERRATA)` places where a reader
# could be led astray: {eval}`counts["slip"]` slips, {eval}`counts["imprecise"]` statements that need
# a little more precision and {eval}`counts["no source"]` for which we found no source. We list them
# because students compare their own results with what is printed, and deserve to know who is right
# when the two differ. Everybody makes slips like these. So do we: if you find one of ours, please
# say so in the repository.
#
# What a source says is told in our words. What is right is computed while this page is built, by
# the same tested functions as the lessons, in {eval}`computed` of the {eval}`len(ERRATA)` rows; the
# other rows name the work they rest on.

# %% tags=["remove-code"]
import re
from collections import Counter

import numpy as np

from vitexplain.attention import attend
from vitexplain.facts import Statement, told, topics
from vitexplain.writing import Markdown

LESSONS = {
    "lessons/goat.md": "goat",
    "lessons/face.md": "face",
    "lessons/vit.md": "ViT",
    "lessons/vit-at-work.md": "ViT at work",
    "lessons/cnn-vs-vit.md": "CNN and ViT",
    "lessons/price.md": "price",
    "lessons/hybrids.md": "hybrids",
    "lessons/published.md": "published results",
    "lessons/which.md": "which",
}
ERRATA = told("errata")
counts = Counter(e.verdict for e in ERRATA)
computed = sum(e.computed for e in ERRATA)


def subscripts(text: str) -> str:
    """Return text with a_ij, W_Q and head_i set with subscripts, code left alone."""
    pieces = re.split("(`[^`]*`)", text)
    return "".join(
        piece
        if piece.startswith("`")
        else re.sub(r"(?<!\w)(\w|head)_(\w+)", r"\1<sub>\2</sub>", piece)
        for piece in pieces
    )


def row(e: Statement) -> str:
    source = e.by.replace("the lecture slides", "the slides")
    source = ", ".join(part.removeprefix("the ") for part in source.split(", "))
    links = [str(s) for s in e.sources]
    if e.see:
        links.append(f"[lesson: {LESSONS[e.see.partition('#')[0]]}]({e.see})")
    return (
        f"| {subscripts(str(e.says))} <small>{source[0].upper()}{source[1:]}: {e.place} · {e.verdict}</small> "
        f"| {subscripts(str(e.right))} | {subscripts(str(e.why))} <small>{' · '.join(links)}</small> |"
    )


def table(topic: str) -> Markdown:
    first, second = (
        ("The sample", "What happens") if topic == "Code" else ("A source says", "What is right")
    )
    head = f"| {first} | {second} | Why |\n|---|---|---|"
    rows = [row(e) for e in topics("errata")[topic]]
    return Markdown(
        "\n".join(['<div class="vx-told vx-errata" markdown>\n', head, *rows, "\n</div>"])
    )


# %% [markdown]
# ## Mathematics and arithmetic
#
# All from the worked examples of the slides. The idea of each example is sound; the differences
# come from rounding early, from notation, and from a few slips.

# %% tags=["remove-code"]
table("Mathematics and arithmetic")

# %% [markdown]
# ## Code
#
# Two samples: a function for self-attention, and a module for a whole ViT. We rebuild the lines
# that matter and run them.

# %% tags=["remove-code"]
table("Code")

# %% [markdown]
# Two of these you can try yourself. A body that starts in column 0 does not compile:

# %%
try:
    compile("def attention(x):\nreturn x\n", "sample", "exec")
except IndentationError as error:
    print("IndentationError:", error.msg)

# %% [markdown]
# And random matrices need the right spread. The entropy says over how many tokens attention is
# spread out: 0 means one token, {eval}`f"{np.log(16):.2f}"` nats all 16 alike.

# %%
rng = np.random.default_rng(0)
x = rng.standard_normal((16, 64))
w_q, w_k = rng.standard_normal((2, 64, 64))

for spread in (1, 1 / 8):
    weights = attend(x @ w_q * spread, x @ w_k * spread, x).weights
    largest = weights.max(axis=-1).mean()
    entropy = -(weights * np.log(weights + 1e-300)).sum(axis=-1).mean()
    print(f"matrices × {spread:<5}  largest weight {largest:.2f}, entropy {entropy:.2f}")

# %% [markdown]
# ## Attention and its meaning

# %% tags=["remove-code"]
table("Attention and its meaning")

# %% [markdown]
# ## CNN and ViT

# %% tags=["remove-code"]
table("CNN and ViT")

# %% [markdown]
# ## Hybrids

# %% tags=["remove-code"]
table("Hybrids")

# %% [markdown]
# ## Published results
#
# One chart sets six models side by side. Each bar is close to a published number, but they come
# from about five ways of training: with other data, other recipes, other image sizes, and once
# with a frozen model. Such bars should not be compared with each other.

# %% tags=["remove-code"]
table("Published results")

# %% [markdown]
# ## Applications

# %% tags=["remove-code"]
table("Applications")

# %% [markdown]
# ## References

# %% tags=["remove-code"]
table("References")

# %% [markdown]
# ## Works cited

# %% tags=["remove-code"]
cited = {s.key: s for e in ERRATA for s in e.sources if s.url}
Markdown(
    "\n".join(
        f"- {s.authors}, [{s.title}]({s.url}), {s.where}{'' if str(s.year) in s.where else f', {s.year}'}"
        for s in sorted(cited.values(), key=lambda s: (s.authors, s.year, s.title))
    )
)
