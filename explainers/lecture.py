# ---
# title: Use it in your lecture
# description: Install the package and take its functions and figures into a notebook, a slide deck or an exercise. Five recipes, each run while this page is built.
# order: 50
# section: Teach
# page: lecture.md
# notebook: true
# given:
#   "Python 3.11": what the package needs
# ---

# %% [markdown]
# # Use it in your lecture
#
# Everything on this site comes out of one small Python package. So you can show the same figures
# with your own sentence, your own picture, your own attention maps, and hand out the notebook.
#
# With Python 3.11 or newer:
#
# ```bash
# pip install "vitexplain[torch] @ git+https://github.com/vitexplain/vitexplain"
# ```
#
# or, in a copy of the repository, `pip install ".[torch]"`. Without `[torch]` everything on this
# page still runs: the ViT too, on NumPy alone. To open image files, take `[cli]` instead, which
# brings torch, Pillow and the command `vitexplain`. In Colab or Jupyter put `%pip install …` in the
# first cell; figures appear as the result of a cell, legible on light and dark.
#
# The code is under the MIT licence, lessons and figures are under
# [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/): use them, change them, say where they
# come from.

# %% [markdown]
# ## 1. The goat in six lines

# %%
from vitexplain.attention import attend
from vitexplain.figures import attention_steps
from vitexplain.tokens import GOAT_ANIMAL

x = GOAT_ANIMAL.embeddings  # (token, 2)
goat = attend(x, x, x)  # Q = K = V = X
attention_steps(goat, query=3, words=GOAT_ANIMAL.words)

# %% [markdown]
# `attend` returns every quantity on the way: `goat.scores`, `goat.scaled`, `goat.weights`,
# `goat.output`. The row of the goat is the vector that the
# [first lesson](lessons/goat.md#the-goat-asks-a-question) computes by hand:

# %%
goat.output[3].round(4)

# %% [markdown]
# ## 2. Your own sentence
#
# Tokens are rows of an array. Take any words and any two axes that suit your subject: here a
# *bank* that could be by the water or full of money.

# %%
import numpy as np

from vitexplain.figures import attention_matrix, embedding_plane

words = ("we", "sat", "on", "the", "bank", "of", "the", "river")
x = np.zeros((len(words), 2))  # axes: water, money; most words say nothing of either
x[1], x[4], x[7] = (1, 0), (2, 2), (4, 0)  # sat, bank, river

bank = attend(x, x, x)
moves = {"bank": bank.output[4]}
embedding_plane(x, words=words, axes=("water", "money"), moves=moves)

# %% [markdown]
# The bank moved towards the water because it listened to the river. Every word's row of weights:

# %%
attention_matrix(bank.weights, words=words, query=4)

# %% [markdown]
# **An exercise for the class.** Replace *river* by *vault*, with a vector of your choice. Predict
# the matrix, then run it. Which rows are the same whatever vector you choose, and why?

# %% [markdown]
# ## 3. A picture with your own patches
#
# Any image is an array of rows, columns and colours between 0 and 1. Cut it, show the grid, and
# compute attention between the patches with projections of your choice. Here each patch asks with
# its mean colour, so that patches of like colour find each other.

# %%
from vitexplain.faces import draw_face
from vitexplain.figures import patch_attention, patch_grid
from vitexplain.patches import patchify

image = draw_face(7).image  # or yours, see below: (row, col, 3), from 0 to 1
grid, side = (8, 8), image.shape[0] // 8
patches = patchify(image.transpose(2, 0, 1), side)  # channels first

colour = patches.reshape(64, 3, -1).mean(axis=-1)  # (patch, 3)
colour -= colour.mean(axis=0)
colour *= 3 / np.linalg.norm(colour, axis=-1, keepdims=True)  # direction counts
alike = attend(colour, colour, patches)
patch_attention(alike.weights[19], image=image, grid=grid, query=19)

# %%
patch_grid(image, grid=grid)

# %% [markdown]
# Your own photograph, with `[cli]` installed: these lines turn it upright, cut out the middle and
# make it 224 pixels high and wide, so that 8 × 8 patches tile it.
#
# ```python
# from vitexplain.images import Preprocessing, fit, load_image
#
# image = fit(load_image("mine.jpg"), Preprocessing(size=224)).transpose(1, 2, 0)  # (row, col, 3)
# ```

# %% [markdown]
# The touchable version, with its three views, is one call more. It is alive in a notebook, too, and
# `write_html("eyes.html")` makes one file of it for your slides.

# %%
from vitexplain.designed import designed_attention
from vitexplain.explorer import Map, explorer
from vitexplain.faces import GRID

designed = designed_attention(draw_face(7))
explorer(
    [Map("partners", designed.head(0), designed.query_dims[0], designed.value_dims[0])],
    tokens=designed.face.labels,
    title="Who looks at whom",
    image=designed.face.image,
    grid=GRID,
    query=designed.face.labels.index("nose"),
)

# %% [markdown]
# ## 4. A ViT, block by block, in NumPy
#
# `walk` is the forward pass as a generator: it stops after each step and shows you everything that
# was computed in it. No torch, no download; the parameters are random, so this tells of shapes and
# not of learning.

# %%
from dataclasses import replace

from vitexplain.vit import PRESETS, count_parameters, init_params, walk

config = replace(PRESETS["Ti/16"], image_size=64, classes=10)
params = init_params(config, seed=0)
pixels = draw_face().pixels.astype("float32")[None]  # (batch, channel, row, col)

print(f"{count_parameters(config):,} parameters")
for step in walk(params, pixels, config):
    if step.name.startswith("block"):
        weights = step.attention.attention.weights[0]  # (head, query, key)
        print(f"{step.name:9} {weights.shape}  largest weight {weights.max():.3f}")
print("logits", step.logits.shape)

# %% [markdown]
# With torch the same walk runs on a GPU: `ViT(config).walk(images)`. The parameters have timm's
# names, so `ViT(PRESETS["B/16"]).load_state_dict(model.state_dict())` takes the weights of timm's
# `vit_base_patch16_224`.
#
# To touch all of it, one line: the explorer of every layer and head, their means, and rollout.

# %%
from vitexplain.explorer import explore

touch = explore(walk(params, pixels, config), draw_face().image, grid=config.grid)
print(len(touch.data["maps"]), "maps of", len(touch.data["examples"][0]["tokens"]), "tokens")

# %% [markdown]
# `touch.save("vit.json")` writes its data, and `touch.tag("vit.json")` the element for
# [a page of your own](api/explorer.md).

# %% [markdown]
# ## 5. Rollout of your own attention maps
#
# `rollout` takes a list with one array a layer, each (head, token, token) with rows that sum to 1:
# from this walk, from your model, from a paper's supplement. It returns how much of each first
# token has reached each last one, [if attention were all there is](lessons/vit-at-work.md#attention-rollout-one-map-for-all-blocks).

# %%
from vitexplain.reading import rollout
from vitexplain.vit import attention_weights

maps = [layer[0] for layer in attention_weights(walk(params, pixels, config))]
rolled = rollout(maps)
seen = rolled[0, 1:]  # what the class token has of each patch
patch_attention(seen / seen.sum(), image=draw_face().image, grid=config.grid)

# %% [markdown]
# Random parameters spread almost evenly: the largest share is
# {eval}`f"{(seen / seen.sum()).max():.4f}"`, an even one {eval}`f"{1 / seen.size:.4f}"`. That is worth
# showing to a class before a picture of a trained model: not every pattern is a finding.

# %% [markdown]
# ## Into your slides
#
# A figure is a Plotly figure: `write_html` keeps it alive, `write_json` keeps it as data, and
# `write_image` makes SVG, PDF or PNG, if you also `pip install kaleido` and have Chrome or Chromium.

# %%
import importlib.util
import tempfile
from pathlib import Path

from vitexplain.figures import dark

slides = Path(tempfile.mkdtemp())  # or Path("slides")
figure = attention_matrix(bank.weights, words=words, query=4)
figure.write_html(slides / "bank.html", include_plotlyjs="directory")
dark(figure).write_html(slides / "bank-dark.html", include_plotlyjs="directory")
figure.write_json(slides / "bank.json")
if importlib.util.find_spec("kaleido"):
    figure.write_image(slides / "bank.svg", width=900)

sorted(path.name for path in slides.iterdir())

# %% [markdown]
# `dark(figure)` is the same figure for dark slides. Then:
#
# - **reveal.js, Quarto or any HTML deck:** `<iframe src="bank.html" width="100%" height="480"></iframe>`.
#   It works offline, because `plotly.min.js` lies beside it.
# - **Slides from a notebook:** `jupyter nbconvert --to slides` leaves Plotly's figures out. Save them
#   as above, and embed the files.
# - **PowerPoint, Keynote, LaTeX:** the SVG, PDF or PNG from `write_image`.
# - **A live notebook:** download the one of this page or of any lesson, or open it in Colab, and
#   change a number in front of the class.
#
# Every figure says in words what it shows, for those who cannot see it and for your speaker notes:

# %%
print(figure.layout.meta["alt"])

# %% [markdown]
# Each lesson ends with exercises whose solutions are folded away, and the
# [errata](errata.md) make a good one too: give the class a printed number and let them find out
# whether it is right.
