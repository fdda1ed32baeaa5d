# ---
# title: About
# description: What vitexplain is, how its numbers come about, what is designed and what is trained, licences, privacy, and how to cite it.
# order: 70
# section: Reference
# page: about.md
# notebook: false
# ---

# %% [markdown]
# # About
#
# vitexplain is a place to understand attention in Vision Transformers: from one word, *goat*, to
# [the whole model]({eval}`SOURCES["vit"].url`). It is three things at once: a site to read and touch, a repository that builds this site with one command, and a Python package
# whose functions and figures you can use in a notebook, a lecture or an exercise.
#
# It is for students who know a dot product, and for those who teach them.
#
# ## Where the numbers come from
#
# There is one implementation of attention. The function that makes the goat an animal or a
# footballer is the function that runs inside ViT-B/16. It takes NumPy arrays and torch tensors,
# and the tests compare it with PyTorch's own, and the whole model with timm, Hugging Face and
# torchvision.
#
# A lesson is a Python script. It is run from the top each time the site is built, and no result
# is typed into its sentences: a number in the text is an expression, like
# {eval}`f"{eyes:.4f}"` for how much the left eye of the drawn face attends to the right one. Numbers
# that others published are data in the package, each with its source:
# {eval}`works` works in all. If a line fails, or a link leads nowhere, there is no site.
#
# We made mistakes on the way and will have left some. The [errata](errata.md) list
# {eval}`corrections` of the sources' statements with what is right. If you find an error of ours,
# please say so in the repository.
#
# ## Designed, random, trained
#
# Three kinds of weights appear on these pages, and each page says which it shows.
#
# - **Designed.** In the [lesson of the face](lessons/face.md) every weight was chosen by hand so
#   that you can follow the numbers by eye. Nobody trained it; it shows how attention works, not
#   what a model learns.
# - **Random.** In [The whole Vision Transformer](lessons/vit.md), and where it is [at work](lessons/vit-at-work.md),
#   a ViT of full size runs with random parameters. That is right for shapes, costs and times, and says nothing of pictures.
# - **Trained.** In the same two lessons tiny ViTs learn a small task while the pages are built.
#
# In no case is a high weight proof of what a model finds important. The lessons come back to this.
#
# ## Your privacy
#
# This site sets no cookies, counts no visitors and asks nothing of any other server: scripts,
# fonts and formulas come from the place the page came from. Links lead elsewhere only when you
# follow them.
#
# ## Licences
#
# Code is under the MIT licence. Lessons, figures and this text are under
# [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/): use and change them, and say where
# they come from.
#
# ## How to cite
#
# ```bibtex
# @software{vitexplain,
#   title   = {vitexplain: attention and Vision Transformers, step by step},
#   author  = {{The vitexplain authors}},
#   url     = {https://github.com/vitexplain/vitexplain}
# }
# ```
#
# with the version you used; this is {eval}`release`. The repository has the same as
# `CITATION.cff`.
#
# ## Thanks
#
# To K. Patwari, whose lecture slides of 2024 gave us the goat, and to the authors of the
# interactive page, the two articles and the blog post that this site grew out of. To those who
# wrote the papers, and to those who put their code where we could compare ours with it.
#
# And to the people behind the software. This page was built with
# {eval}`used("numpy", "array-api-compat", "jaxtyping", "plotly", "torch")` for what is computed and
# shown, and {eval}`used("mkdocs", "mkdocs-material", "mkdocs-jupyter", "mkdocstrings", "jupytext", "nbclient")`
# for the site; KaTeX sets the formulas, and the letters are Figtree and Source Code Pro.
# %% tags=["remove-code"]
from importlib.metadata import version

import vitexplain
from vitexplain.designed import designed_attention
from vitexplain.facts import SOURCES, told

eyes = designed_attention().head(0).weights[1, 2]
works = sum(bool(source.url) for source in SOURCES.values())
corrections, release = len(told("errata")), vitexplain.__version__


def used(*names):
    """Return the packages with the versions that built this page."""
    return ", ".join(f"{name} {version(name)}" for name in names)
