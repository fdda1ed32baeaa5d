# ---
# title: A face on a grid
# description: Sixteen squares of a drawn face look at one another. Touch it, then take it apart, from pixels to queries, keys, values and two heads.
# can: cut a picture into tokens, say why positions matter, and read an attention matrix
# needs: [goat]
# order: 20
# section: Lessons
# page: lessons/face.md
# notebook: true
# given:
#   "strides of 16": the width of a patch
#   "patches of 16": the exercise's
#   "patches of 8": the exercise's
#   "row 3, column 5": the exercise's
# ---

# %% [markdown]
# # A face on a grid
#
# In the first lesson words asked words. Here the squares of a picture ask one another. Pick one:
# the brighter a square, the more it is heard. **Nobody trained this.** We designed the weights by
# hand, so that you can follow every number by eye.

# %% tags=["remove-code"]
import numpy as np

from vitexplain.attention import attend, multi_head
from vitexplain.designed import designed_attention, kinds, solve_embedding
from vitexplain.explorer import Map, Step, explorer
from vitexplain.faces import GRID, PATCH, draw_face
from vitexplain.facts import POSITION_ABLATION, SOURCES
from vitexplain.figures import (
    attention_matrix,
    attention_steps,
    number_matrix,
    patch_attention,
    patch_grid,
)
from vitexplain.patches import patchify, project, unpatchify
from vitexplain.vit import PRESETS
from vitexplain.writing import count, number, products, table, vector

np.set_printoptions(precision=4, suppress=True)
b16 = PRESETS["B/16"]

LEFT_HAIR, LEFT_EYE, RIGHT_EYE, RIGHT_HAIR, LEFT_CHEEK, NOSE, MOUTH, RIGHT_CHEEK = range(8)
EYES = [LEFT_EYE, RIGHT_EYE]


def w(x):
    """Write a weight."""
    return number(x, 4)


def tiny(x):
    """Write how far rounding took two equal things apart, as a power of ten."""
    return "exactly 0" if x == 0 else f"less than 10<sup>−{int(np.floor(-np.log10(x)))}</sup>"


def call(face):
    """Name each patch of a face, with its side or its number where a name alone is not unique."""
    names = []
    for i, label in enumerate(face.labels):
        side = "left" if i % GRID[1] < GRID[1] // 2 else "right"
        names.append(
            f"background {i}" if label == "background"
            else f"{side} {label.replace('skin', 'cheek')}" if label in ("hair", "skin")
            else label
        )  # fmt: skip
    return names


def shorten(name):
    """Shorten a patch's name for the margin of a matrix."""
    side, _, what = name.partition(" ")
    return what if side == "background" else f"{what} {side[0].upper()}" if what else side


designed = designed_attention()
blind = designed_attention(positions=False)
partners, neighbours, lost = designed.head(0), designed.head(1), blind.head(0)
names = call(designed.face)
P, N, U = partners.weights, neighbours.weights, lost.weights
background = [i for i, name in enumerate(names) if name.startswith("background")]
ground = P[background][:, background].sum(axis=1)
low = background[GRID[1] + 1]  # the second square of the bottom row
across = [i for i in background if i % GRID[1] == GRID[1] - 1]
maps = (
    Map("partners", partners, designed.query_dims[0], designed.value_dims[0],
        note="Looks for parts of the same kind, facial features first, on the other side."),
    Map("neighbours", neighbours, designed.query_dims[1], designed.value_dims[1],
        note="Compares places and nothing else."),
    Map("partners without positions", lost, designed.query_dims[0], designed.value_dims[0],
        note="The first map again, with tokens that do not know where they are."),
)  # fmt: skip


def top(row):
    """Return the token with the largest weight."""
    return int(row.argmax())


def opposite(i):
    """Return the square on the other side of the face, in the same row."""
    return i - i % GRID[1] + GRID[1] - 1 - i % GRID[1]


def half(i):
    """Return which half of the face a square is in."""
    return i % GRID[1] < GRID[1] // 2


def near(i):
    """Return how many squares touch a square."""
    row, column = divmod(i, GRID[1])
    return sum(max(abs(row - j // GRID[1]), abs(column - j % GRID[1])) == 1 for j in range(16))


kept = {i: N[i, i] for i in (LEFT_HAIR, NOSE)}
same_score = np.ptp(np.diag(neighbours.scaled)) < 1e-9
different_rows = len(np.unique(P[background].round(9), axis=0))
tour = [
    Step("Start anywhere",
         "Each square compares itself with all sixteen, itself included. Its sixteen weights add up to 1. Now the **hair on the left** asks.",
         ask="Who gets the most of its attention?", choices=(LEFT_EYE, RIGHT_HAIR, low),
         answer=f"The **hair on the right**, with {P[LEFT_HAIR, RIGHT_HAIR]:.4f}. This map looks for parts of the same kind, on the other side of the face.",
         query=LEFT_HAIR, map="partners",
         holds={"sixteen weights": P.shape == (16, 16), "they add up to 1": np.allclose(P.sum(axis=1), 1),
                "the right hair wins": top(P[LEFT_HAIR]) == RIGHT_HAIR,
                "the same kind on the other side wins for hair, eyes and cheeks": all(
                    top(P[i]) == opposite(i) for i in range(8) if designed.face.labels[i] not in ("nose", "mouth"))}),
    Step("Eye to eye", "Now the **left eye** asks. (Left and right as you see them.)",
         ask="Which square does it hear most?", choices=(LEFT_EYE, RIGHT_EYE, NOSE, MOUTH),
         answer=f"The **right eye**: {P[LEFT_EYE, RIGHT_EYE]:.4f}. For itself it keeps {P[LEFT_EYE, LEFT_EYE]:.4f}, {P[LEFT_EYE, RIGHT_EYE] / P[LEFT_EYE, LEFT_EYE]:.1f} times less.",
         query=LEFT_EYE, map="partners",
         holds={"the right eye wins": top(P[LEFT_EYE]) == RIGHT_EYE,
                "it keeps less": P[LEFT_EYE, LEFT_EYE] < P[LEFT_EYE, RIGHT_EYE] / 2}),
    Step("Eye to mouth", "The left eye also attends to the nose, just below it, and to the mouth, which is farther away.",
         ask="Which of the two does it attend to more?", choices=(NOSE, MOUTH),
         answer=f"The **mouth**: {P[LEFT_EYE, MOUTH]:.4f} against {P[LEFT_EYE, NOSE]:.4f}. It is on the other side, and that is what this map asks for. Near and far do not matter.",
         query=LEFT_EYE, map="partners", highlight=(NOSE, MOUTH),
         holds={"the nose is just below, the mouth farther": LEFT_EYE + GRID[1] == NOSE == MOUTH - 1,
                "the mouth is heard more": P[LEFT_EYE, MOUTH] > 2 * P[LEFT_EYE, NOSE],
                "the mouth is on the other side, the nose is not": half(MOUTH) != half(LEFT_EYE) == half(NOSE),
                "near and far do not matter: the same in every row": np.allclose(P[LEFT_EYE, background].reshape(-1, GRID[1]), P[LEFT_EYE, background[: GRID[1]]])}),
    Step("Not a handshake", f"The **nose** gives the right eye {P[NOSE, RIGHT_EYE]:.4f}, its largest weight.",
         ask="How much does the right eye give back: more, less or the same?",
         answer=f"Less: {P[RIGHT_EYE, NOSE]:.4f}. Whom you listen to does not decide who listens to you. Attention need not be symmetric.",
         query=RIGHT_EYE, map="partners", highlight=(NOSE,),
         holds={"the right eye is the nose's largest": top(P[NOSE]) == RIGHT_EYE, "less comes back": P[RIGHT_EYE, NOSE] < P[NOSE, RIGHT_EYE] / 2,
                "it is not symmetric": not np.allclose(P, P.T)}),
    Step("Nothing to see", "A plain square of **background** asks. There is nothing in it.",
         ask="Can it give its attention to nobody?",
         answer=f"No. Its weights must add up to 1, so they go somewhere: {P[low, background].sum():.4f} of the total to background, most to the far side. No weight is exactly zero either: the face still gets {1 - P[low, background].sum():.4f}.",
         query=low, map="partners",
         holds={"it adds up to 1": np.isclose(P[low].sum(), 1), "most goes to background": ground.min() > 0.8,
                "most of that to the far side": set(np.argsort(-P[low])[:2]) == set(across), "no weight is zero": (P > 0).all()}),
    Step("Another head, another question", "Attention can run several times side by side, each time with other matrices. Each run is a *head*. This one is called **neighbours**. The left eye asks again.",
         ask="Whom does it hear now?", choices=(LEFT_EYE, RIGHT_EYE, NOSE, LEFT_HAIR),
         answer=f"**Itself**, with {N[LEFT_EYE, LEFT_EYE]:.4f}. Then the squares next to it: hair and nose, {N[LEFT_EYE, NOSE]:.4f} each. The other eye drops to {N[LEFT_EYE, RIGHT_EYE]:.4f}.",
         query=LEFT_EYE, map="neighbours",
         holds={"itself first": top(N[LEFT_EYE]) == LEFT_EYE, "then hair and nose": set(np.argsort(-N[LEFT_EYE])[1:3]) == {LEFT_HAIR, NOSE},
                "as much each": np.isclose(N[LEFT_EYE, NOSE], N[LEFT_EYE, LEFT_HAIR]),
                "the other eye drops": N[LEFT_EYE, RIGHT_EYE] < P[LEFT_EYE, RIGHT_EYE]}),
    Step("Squares that attend to themselves", f"In this head every square attends most to itself. Each scores {neighbours.scaled[0, 0]:.0f} with itself, and none scores higher.",
         ask="Who keeps more for itself: the hair in the corner, or the nose in the middle?", choices=(LEFT_HAIR, NOSE),
         answer=f"The **corner**: {kept[LEFT_HAIR]:.4f} against {kept[NOSE]:.4f}. The scores are equal, but softmax shares out, and the nose has more close neighbours to share with.",
         query=LEFT_HAIR, map="neighbours", highlight=(LEFT_HAIR, NOSE),
         holds={"each hears itself most": all(top(N[i]) == i for i in range(16)), "the same score with itself": same_score,
                "none scores higher": np.isclose(neighbours.scaled.max(), neighbours.scaled[0, 0]), "the corner keeps more": kept[LEFT_HAIR] > kept[NOSE],
                "the nose has more close neighbours": near(NOSE) > near(LEFT_HAIR)}),
    Step("Forget where you are", "Back to the first map, but nobody knows where they are any more: the positions are gone. The left eye asks.",
         ask="Can it still find the other eye?", choices=(LEFT_EYE, RIGHT_EYE),
         answer=f"It finds **eyes**, but not the *other* one: {U[LEFT_EYE, LEFT_EYE]:.4f} for each. Without positions both eyes are the same token, itself included.",
         query=LEFT_EYE, map="partners without positions", highlight=EYES,
         holds={"eyes first": set(np.argsort(-U[LEFT_EYE])[:2]) == set(EYES), "as much each": np.isclose(U[LEFT_EYE, LEFT_EYE], U[LEFT_EYE, RIGHT_EYE]),
                "one token": np.allclose(blind.tokens[LEFT_EYE], blind.tokens[RIGHT_EYE])}),
    Step("All rows at once", "The matrix has one row for each square that asks. The lower half is background asking.",
         ask=f"{count(len(background)).capitalize()} rows of background: how many different ones do you count?",
         answer=f"**{count(different_rows).capitalize()}.** This head asks for the side, never for the height. Squares above one another ask the same question, so they get the same row.",
         query=low, map="partners", view="matrix", highlight=background,
         holds={"the lower half is background": background == list(range(8, 16)), "as many rows as columns of squares": different_rows == GRID[1],
                "the same row above one another": np.allclose(P[8:12], P[12:])}),
    Step("Your turn", "The **mouth** asks. First say it aloud: what kind does it look for, and on which side?",
         ask="So which square wins?", choices=(LEFT_EYE, RIGHT_EYE, NOSE),
         answer=f"The **left eye**, with {P[MOUTH, LEFT_EYE]:.4f}: facial features first, other side first. Now pick any square, in any map, and guess before you look.",
         query=MOUTH, map="partners",
         holds={"the left eye wins": top(P[MOUTH]) == LEFT_EYE, "features first": set(np.argsort(-P[MOUTH])[:2]) <= {LEFT_EYE, RIGHT_EYE, NOSE, MOUTH},
                "of features the other side first": top(P[MOUTH]) in (LEFT_EYE, NOSE) and P[MOUTH, LEFT_EYE] > P[MOUTH, RIGHT_EYE] and P[MOUTH, NOSE] > P[MOUTH, MOUTH]}),
]  # fmt: skip
explorer(
    maps, tokens=names, title="A face on a grid", image=designed.face.image, grid=GRID,
    short=[shorten(name) for name in names], tour=tour, url=True,
)  # fmt: skip

# %% [markdown]
# This machine has learned nothing from any picture. A trained model uses the same formulas with
# other numbers; [what those do not tell you](#what-a-weight-does-not-tell-you) has a section of its
# own. Here there are three ways to look. To change the picture itself, take
# [the face, live](../live/face.md).
#
# - **Tutorial** lets you guess before it shows. Guess boldly: a wrong guess teaches most.
# - **Step by Step** opens one square's question and shows each number on the way, from the dot
#   products to the output.
# - **Attention Matrix** shows all sixteen questions at once, one a row, each weight exact.
#
# Every square has these three views, in each of three maps. The address of the page keeps up with
# what you see, so you can send it to a friend. The rest of the page builds the machine, one piece
# at a time.
#
# ## A picture becomes a list
#
# **What does a computer see of this face?** Numbers between 0 and 1. The picture is
# {eval}`designed.face.pixels.shape[1]` pixels high and {eval}`designed.face.pixels.shape[2]` wide, and
# each pixel has three: how much red, green and blue.

# %%
face = draw_face()
face.pixels.shape  # (channel, row, column)

# %% [markdown]
# That makes {eval}`f"{face.pixels.size:,}"` numbers. One pixel says little, so do as the Vision Transformer
# does: cut the picture into squares that do not overlap. Each square, a *patch*, becomes one token,
# as each word did.

# %%
patches = patchify(face.pixels, 16)
patches.shape  # (patch, numbers in a patch)

# %% tags=["remove-code"]
shown = [name.removesuffix(f" {i}") for i, name in enumerate(names)]
figure = patch_grid(face.image, grid=GRID, labels=shown)
alt = figure.layout.meta["alt"].replace("background, " * (len(background) - 1), "and below only ")
figure.update_layout(meta=figure.layout.meta | {"alt": alt})

# %% tags=["remove-code"]
side = PATCH
corner = {0: (0, 0, 0), 1: (0, 0, 1), side: (0, 1, 0), side**2: (1, 0, 0), 2 * side**2: (2, 0, 0)}
for at, (channel, row, column) in corner.items():
    assert patches[LEFT_EYE, at] == face.pixels[channel, row, side + column]
assert np.array_equal(unpatchify(patches, GRID), face.pixels)
whose = ("red, of the patch's first pixel", "red, one pixel to the right", "red, one row down",
         "green, of the first pixel", "blue, of the first pixel")  # fmt: skip

# %% [markdown]
# **In which order?** The patches come as you read: row by row, from patch 0 at the top left to
# patch {eval}`len(patches) - 1` at the bottom right. Inside a patch the order is channel, row,
# column: all the red numbers row by row, then all the green, then all the blue. Here are some of
# the numbers of patch {eval}`LEFT_EYE`, the left eye.

# %% tags=["remove-code"]
table(["number", "value", "which is"],
      [[i, number(patches[LEFT_EYE, i], 3), what] for i, what in zip(corner, whose, strict=True)], words=None)  # fmt: skip

# %% [markdown]
# Nothing is lost: {eval}`len(patches)` × {eval}`patches.shape[1]` =
# {eval}`f"{patches.size:,}"`, and `unpatchify` gives the picture back to the last digit. (That
# {eval}`patches.shape[1]` = 16 · 16 · 3 is also the token size of ViT-B/16,
# {eval}`b16.dim`, is a coincidence.)
#
# But number {eval}`side` no longer shows that it stood below number 0. Flattened, a patch is a list;
# which pixels were neighbours is left for the weights to find out.
#
# ## From many numbers to ten
#
# **How does a patch become a token?** By one matrix. Multiply, and each patch becomes a short
# vector; ours has ten numbers.
#
# $$
# z_i = x_i W_E
# $$

# %%
W_E = designed.w_embed
content = project(patches, W_E)
W_E.shape, content.shape  # (patch, numbers in a token)

# %% tags=["remove-code"]
alike = np.abs(content[LEFT_EYE] - content[RIGHT_EYE]).max()
apart = np.abs(patches[LEFT_EYE] - patches[RIGHT_EYE]).max()
stranger = draw_face(99)
seen = patchify(stranger.pixels, PATCH) @ W_E
miss = np.abs(seen - kinds(stranger)).max()

# %% [markdown]
# So the left eye is now {eval}`vector(content[LEFT_EYE])`, and the mouth {eval}`vector(content[MOUTH])`.
# The first six of the ten say what a patch shows: {eval}`", ".join(designed.features[:6])`. The other
# four are still zero; you will see what they are kept for. That reads so well because we solved
# for it: $W_E$ is the smallest matrix (by the sum of its squares) that turns these patches into these six
# answers. With
# {eval}`f"{W_E.size:,}"` entries and only {eval}`len(patches)` patches to fit, it has simply memorised them. Show it
# a face that it was not solved for, and where the answer is 0 or 1 it misses by up to
# {eval}`number(miss, 2)`. A trained $W_E$ has to serve every picture, and its numbers carry no names.
#
# Either way this step is one multiplication (in practice with a bias added). It distils nothing and
# understands nothing; it adds up pixels, each with a weight.
#
# **Is that not a convolution?** It is. Slide a window of 16 × 16 pixels over the picture in
# strides of 16, and at each stop take the same ten weighted sums:

# %%
import torch

kernels = torch.tensor(W_E.T.reshape(10, 3, 16, 16))  # ten kernels
image = torch.tensor(face.pixels)[None]
slid = torch.nn.functional.conv2d(image, kernels, stride=16)[0]  # (10, 4, 4)

# %% tags=["remove-code"]
gap = np.abs(slid.flatten(1).T.numpy() - content).max()
assert gap < 1e-12

# %% [markdown]
# The largest difference between the two is {eval}`tiny(gap)`, which is rounding. So a Vision
# Transformer does have a convolution, as its first layer. It works out because we flattened in
# the order channel, row, column, the order in which kernels are stored.
#
# ## What, and where
#
# **Can you tell the two eyes apart?** You can. The tokens cannot: their pixels differ by up to
# {eval}`number(apart, 2)`, their content by {eval}`tiny(alike)`. And attention reads its tokens as a set, as
# you saw with the goat; it has no first and no last. So every token is told where it is: a
# vector for each place is *added* to it.

# %%
tokens = content + designed.positions
tokens.shape  # added, not put beside: still ten numbers

# %% tags=["remove-code"]
columns = designed.positions[: GRID[1], 6:8] @ designed.positions[0, 6:8]
number_matrix(tokens[:8], rows=names[:8], cols=designed.features, decimals=1,
              title="Tokens of the top half: what + where")  # fmt: skip

# %% [markdown]
# Two of the new numbers say how far to the side a patch is, two how far down. Each pair is a point
# on a circle, so the dot product of two columns falls as they move apart:
# {eval}`", ".join(number(x, 2) for x in columns)` for the first column with the first, second, third and
# fourth.
#
# We kept four numbers free for the place, so that *what* and *where* stay apart and you can read
# both. In a trained model nothing is kept free. Position and content share all the numbers of a
# token, and the table of positions is usually learned like every other weight.
#
# ## Three projections
#
# Now the goat's question, asked by patches. Each token goes through three matrices.
#
# $$
# Q = X W_Q, \quad K = X W_K, \quad V = X W_V
# $$
#
# - The <span class="vx-q">query</span>: *what am I looking for?*
# - The <span class="vx-k">key</span>: *what can be found here?*
# - The <span class="vx-v">value</span>: *what do I hand over?*
#
# The questions are a help to memory, no more; these are vectors, and they do not want anything.
# Nor is a token split into three parts, as some texts have it. It is projected three times, whole.

# %%
W_Q, W_K, W_V, W_O = designed.w_q, designed.w_k, designed.w_v, designed.w_o
Q, K, V = tokens @ W_Q, tokens @ W_K, tokens @ W_V
Q.shape, K.shape, V.shape  # eight numbers each: four for each of two heads

# %% [markdown]
# In a trained model these matrices are learned. In ours every entry was chosen. The first head,
# *partners*, uses four columns: {eval}`", ".join(designed.query_dims[0])`. Row by row, this is what each
# number of a token asks for, and what it answers to.

# %% tags=["remove-code"]
used = [i for i, row in enumerate(W_Q[:, :4]) if row.any()]
assert not W_K[[i for i in range(10) if i not in used], :4].any()
table(
    [
        "",
        '<span class="vx-q">asks for</span> (W<sub>Q</sub>)',
        '<span class="vx-k">answers to</span> (W<sub>K</sub>)',
    ],
    [[designed.features[i], vector(W_Q[i, :4]), vector(W_K[i, :4])] for i in used],
    words=None,
)

# %% tags=["remove-code"]
features = list(designed.features)
eye_row, side_row = features.index("eye"), features.index("side")
q, k_right, k_left = Q[LEFT_EYE, :4], K[RIGHT_EYE, :4], K[LEFT_EYE, :4]
assert np.allclose(q @ k_right, partners.scores[LEFT_EYE, RIGHT_EYE])


# %% [markdown]
# Read the row *eye*. An eye asks {eval}`vector(W_Q[eye_row, :4])`: features wanted, no background
# please. It answers to {eval}`vector(W_K[eye_row, :4])`: a feature, and a strong one. Now the row *side*.
# There the query has {eval}`number(W_Q[side_row, 3])` and the key {eval}`number(W_K[side_row, 3])`, opposite in sign:
# each patch looks for the side it is not on.
#
# ## The left eye asks
#
# Take one query through, with pencil if you like. The left eye's query is {eval}`vector(q)`.
#
# **1. Score.** Multiply it by the key of the right eye, {eval}`vector(k_right)`, number by number:
# {eval}`products(q, k_right)` = {eval}`number(q @ k_right)`. With its own key, {eval}`vector(k_left)`, it scores
# {eval}`products(q, k_left)` = {eval}`number(q @ k_left)`. The two keys differ in their side alone.
#
# **2. Scale.** A query of this head has {eval}`len(q)` numbers, so divide by
# √{eval}`len(q)` = {eval}`number(np.sqrt(len(q)))`. That gives {eval}`number(q @ k_right / np.sqrt(len(q)))` and
# {eval}`number(q @ k_left / np.sqrt(len(q)))`.
#
# **3. Softmax** over all sixteen. The right eye gets {eval}`w(P[LEFT_EYE, RIGHT_EYE])`, the left eye
# {eval}`w(P[LEFT_EYE, LEFT_EYE])`. Only the gap between two scaled scores matters for their ratio:
# *e* to the power of {eval}`number((q @ k_right - q @ k_left) / np.sqrt(len(q)))` is
# {eval}`number(np.exp((q @ k_right - q @ k_left) / np.sqrt(len(q))), 2)`, and so, but for rounding, is
# {eval}`w(P[LEFT_EYE, RIGHT_EYE])` / {eval}`w(P[LEFT_EYE, LEFT_EYE])`.
#
# **4. Mix.** Add up the values, each times its weight. All four are the goat's one line,
# $\operatorname{softmax}(QK^\top/\sqrt{d_k})\,V$.

# %%
one = attend(Q[:, :4], K[:, :4], V[:, :4])  # as for the goat
one.output[1].round(4)  # of patch 1, the left eye

# %% tags=["remove-code"]
assert np.allclose(one.weights, P)
assert np.allclose(one.output, partners.output)
went = [number(100 * share, 0) for share in partners.output[LEFT_EYE]]
attention_steps(partners, query=LEFT_EYE, words=names)

# %% [markdown]
# **What comes out?** In this head a value says whether its patch is
# {eval}`", ".join(designed.value_dims[0][:3])` or {eval}`designed.value_dims[0][3]`, with a one for yes. So
# the output says where the left eye's attention went:
# {eval}`went[0]`% to eyes, {eval}`went[1]`% to the nose, {eval}`went[2]`% to the mouth,
# {eval}`went[3]`% to background. (The rest went to hair and skin, for
# which this value has no number.) A patch that knew only itself now knows its company.
#
# All sixteen ask at once, one row each, and each row adds up to 1. Here are the rows of the top
# half. (The others are background; the face at the top of the page has them all.)

# %% tags=["remove-code"]
short = [shorten(name) for name in names]
attention_matrix(P[:8], words=short[:8], key_words=short, query=LEFT_EYE)

# %% [markdown]
# ## Two heads, side by side
#
# A head gives each patch one row of weights. **How can a patch look for its partner and mind its
# neighbours too?** With a second head, which has its own columns of $W_Q$, $W_K$ and $W_V$. Ours
# asks for places alone: each patch's key is its own position, its query {eval}`number(W_Q[side_row, 4])` times that. The value
# is the position too, so the output says where, on average, the patch looked.

# %% tags=["remove-code"]
patch_attention(N[LEFT_EYE], image=face.image, grid=GRID, query=LEFT_EYE, labels=names, strongest=4)

# %% [markdown]
# Both heads run at the same time and know nothing of each other. Their outputs are put side by
# side (*concatenated*), and one more matrix, $W_O$, mixes them into a token of the old length.

# %%
both = multi_head(tokens, W_Q, W_K, W_V, W_O, heads=2)
both.attention.output.shape, both.merged.shape, both.output.shape

# %% tags=["remove-code"]
assert np.allclose(both.output, designed.attention.output)
assert np.allclose([K[:, 4:], V[:, 4:]], designed.positions[:, 6:])
assert np.allclose(Q[:, 4:], W_Q[side_row, 4] * designed.positions[:, 6:])
merged, out = both.merged[LEFT_EYE], both.output[LEFT_EYE]
table(["the left eye", "numbers"],
      [["head *partners*", vector(merged[:4], 4)], ["head *neighbours*", vector(merged[4:], 4)],
       ["side by side, through $W_O$", vector(out, 4)]], words=None)  # fmt: skip

# %% [markdown]
# Our $W_O$ puts each number back where its value was picked. (For hair and skin no value was
# picked: zeros.) A learned $W_O$ mixes all heads into all numbers. Two heads of four numbers take as
# many multiplications as one head of eight. What do trained heads specialise in? The
# Vision Transformer paper measures distance: in low layers some heads look near and some far. Heads
# for “shape” or “colour” are often told of; we know of no measurement that shows them.
#
# ## Erase an eye
#
# **Is the pattern drawn into the head, or does it come from the picture?** Try it. Put plain
# background where the right eye was, and touch no weight.


# %%
def weights_of(patches, W_E):
    x = patches @ W_E + designed.positions
    return multi_head(x, W_Q, W_K, W_V, W_O, heads=2).attention.weights


erased = patches.copy()
erased[2] = patches[15]  # patch 15 is background
after = weights_of(erased, W_E)
names[after[0, 1].argmax()]  # first head: what the left eye attends to most

# %% tags=["remove-code"]
R = after[0]
assert top(R[LEFT_EYE]) == MOUTH
assert np.allclose(after[1], N)
less = ["erased" if i == RIGHT_EYE else name for i, name in enumerate(names)]
patch_attention(R[LEFT_EYE], image=unpatchify(erased, GRID), grid=GRID, query=LEFT_EYE, labels=less)

# %% [markdown]
# The empty place falls from {eval}`w(P[LEFT_EYE, RIGHT_EYE])` to {eval}`w(R[LEFT_EYE, RIGHT_EYE])`. What it
# gives up goes to all others in proportion: itself {eval}`w(P[LEFT_EYE, LEFT_EYE])` →
# {eval}`w(R[LEFT_EYE, LEFT_EYE])`, the mouth {eval}`w(P[LEFT_EYE, MOUTH])` → {eval}`w(R[LEFT_EYE, MOUTH])`, now the
# largest. So content decides. In the other head nothing moves at all (largest change
# {eval}`number(np.abs(after[1] - N).max())`): it never looked at content.
#
# ## Shuffle the patches
#
# **Does this layer know a face from a jumble of its parts?** Shuffle the sixteen patches. First
# without positions:


# %%
def layer(content, positions):
    return multi_head(content + positions, W_Q, W_K, W_V, W_O, heads=2).output


def largest(difference):
    return float(np.abs(difference).max())


order = np.random.default_rng(0).permutation(16)
straight, shuffled = layer(content, 0), layer(content[order], 0)
largest(shuffled - straight[order]), largest(shuffled - straight)

# %% tags=["remove-code"]
moved, changed = largest(shuffled - straight[order]), largest(shuffled - straight)
mean_without = largest(shuffled.mean(axis=0) - straight.mean(axis=0))
assert max(moved, mean_without) < 1e-12 < 1e-3 < changed

# %% [markdown]
# The first number is rounding, {eval}`tiny(moved)`: shuffle the patches, and the outputs are the same
# vectors, shuffled. Nobody noticed. The second, {eval}`number(changed, 2)`, says that the outputs did
# change places. The word for this is *equivariant*: shuffle in, shuffle out. It is often misnamed
# *invariant*, which would mean that nothing changes at all. Invariance comes when you read the
# tokens out in a way that treats them alike. Average them, for one: the average moves by {eval}`tiny(mean_without)`.
#
# Now leave the positions in place and shuffle the patches over them:

# %%
where = designed.positions
placed, jumbled = layer(content, where), layer(content[order], where)
largest(jumbled - placed[order]), largest(jumbled.mean(axis=0) - placed.mean(axis=0))

# %% tags=["remove-code"]
moved_with = largest(jumbled - placed[order])
mean_with = largest(jumbled.mean(axis=0) - placed.mean(axis=0))
assert min(moved_with, mean_with) > 1e-3
none, learned = POSITION_ABLATION["none"], POSITION_ABLATION["learned, 1-D"]

# %% [markdown]
# Neither is rounding now: {eval}`number(moved_with, 2)` and, in the average, {eval}`number(mean_with, 3)`. A
# jumbled face is no longer the same face. **How much is that worth?** The authors of the Vision
# Transformer took the positions away and measured: {eval}`number(100 * none.value, 1)`% right instead of
# {eval}`number(100 * learned.value, 1)`% (ViT-B/16, ImageNet from five examples a class;
# {eval}`none.source`, {eval}`none.where`). Worse, then, but far from blind.
#
# ## The weights stay, the attention moves
#
# Another face, from another seed. It is smaller, and its eyes fall across two rows of patches.
# One $W_E$ can be solved for both faces, so this time *every* matrix is the same for both.

# %%
other = draw_face(2)
pair = np.vstack([patches, patchify(other.pixels, 16)])
W_both = solve_embedding(pair, np.vstack([kinds(face), kinds(other)]))
here = weights_of(patches, W_both)[0, 1]
there = weights_of(patchify(other.pixels, 16), W_both)[0, 1]

# %% tags=["remove-code"]
assert np.allclose(here, P[LEFT_EYE])
other_names = [
    f"{name}, lower part" if 4 <= i < 8 and "eye" in name else name
    for i, name in enumerate(call(other))
]
right_parts = [i for i, label in enumerate(other.labels) if label == "right eye"]
patch_attention(
    there, image=other.image, grid=GRID, query=LEFT_EYE, labels=other_names, strongest=4
)

# %% [markdown]
# The eye across got {eval}`w(here[RIGHT_EYE])` on the first face. Here it is spread over
# {eval}`count(len(right_parts))` patches, with {eval}`" and ".join(w(there[i]) for i in right_parts)`. Same
# matrices, other picture, other weights. A convolution's kernel is the same number for number on
# every image. So are $W_Q$, $W_K$ and $W_V$; but the *attention weights*, the coefficients of the sum,
# are computed afresh from each image. That is what “dynamic” means here. It is not better in
# itself. A kernel that is the same everywhere finds its pattern wherever it lies, and needs no
# examples to learn that.
#
# ## What a weight does not tell you
#
# On this page you know why each weight is what it is: we chose it. With a trained model, be
# careful.
#
# - **Attention is not gaze.** Picture yourself spotting a dog in a park: your eyes go to the ears, then the
#   snout, then the tail. One of the articles explains attention so. But eyes take one place after the other. A head takes all sixteen
#   patches at once and gives none of them zero; it does so for every patch that asks, in every head, in every layer. And
#   nothing tells it to look at ears but the task that it was trained for.
# - An attention weight is a mixing coefficient, in one head of one layer. It says how much of
#   one value goes into one output. It does not say how much a patch mattered for the answer.
# - Values can be small or cancel, and other paths go around attention. From layer to layer the
#   tokens mix, and that makes raw weights unreliable as explanations
#   ({eval}`SOURCES["rollout"]`).
# - In recurrent models of text, weights often disagree with gradient-based importance, and quite
#   different weights can give the same answer ({eval}`SOURCES["not-explanation"]`). That verdict depends on
#   what you ask of an explanation and how you test it, reply {eval}`SOURCES["not-not-explanation"]`. The
#   question is open; a bright patch does not settle it.
# - A trained model's attention serves the task it was trained on, and softmax never says zero. In
#   several large vision transformers, patches of plain background draw much of the attention;
#   the model seems to use them as scratch space ({eval}`SOURCES["registers"]`). Do not expect eyes to
#   look at eyes. When do they? We trained some: [A face, learned](learned-face.md).
#
# The [next lesson](convolution.md) shows what images were looked at with before: a convolution. After that
# comes [the whole model](vit.md), which stacks such a layer {eval}`b16.depth` times.
#
# ## What to remember
#
# - A picture becomes tokens in three moves: **cut, flatten, project**. The projection is a
#   convolution whose stride is its width.
# - Positions are **added**. Without them both eyes are one token.
# - Queries, keys and values are three projections of the same whole token.
# - Each row of weights adds up to 1; none is zero; rows and columns need not agree.
# - Heads run side by side; $W_O$ brings them together.
# - Self-attention is **equivariant**: shuffle in, shuffle out.
# - Weights here were designed. In a trained model a weight is a coefficient, not a reason.
#
# ## Your turn
#
# Guess first, then compute, then open the answer.

# %% tags=["remove-code"]
patches_of = {patch: (224 // patch) ** 2 for patch in (16, 8)}
blue = 2 * side**2 + 3 * side + 5
assert patches[0, blue] == face.pixels[2, 3, 5]


def partners_with(w_q=W_Q, x=tokens):
    """Return the weights of the head "partners" for other queries or tokens."""
    return attend((x @ w_q)[:, :4], (x @ W_K)[:, :4], (x @ W_V)[:, :4]).weights


no_side, same_side = W_Q.copy(), W_Q.copy()
no_side[side_row, 3], same_side[side_row, 3] = 0, -W_Q[side_row, 3]
E3, E3b = partners_with(no_side), partners_with(same_side)
assert np.allclose(E3[LEFT_EYE], U[LEFT_EYE])
E4 = partners_with(10 * W_Q)
empty = np.tile(patches[15], (16, 1)) @ W_E + designed.positions
E5 = partners_with(x=empty)[LEFT_EYE].reshape(GRID)
assert np.allclose(E5, E5[0])

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, calculate, choose, look, repair

high, wide, tile = 64, 96, 8
tiles = patchify(np.zeros((3, high, wide)), tile)
flat = patchify(face.pixels, 16).shape[1]
cut = """
x = image.reshape(3, 4, 16, 4, 16)
x = x.transpose(0, 1, 3, 2, 4)
y = x.reshape(16, -1)
"""
mends = {
    "right": "x = x.transpose(1, 3, 0, 2, 4)",
    "down": "x = x.transpose(3, 1, 0, 2, 4)",
    "last": "x = x.transpose(1, 3, 2, 4, 0)",
}
one_square, another = background[0], background[-1]

Exercises(
    calculate(f"A picture of {high} × {wide} pixels is cut into patches of {tile} × {tile}. **How many tokens** are there?",
              len(tiles), digits=0, hints=["How many patches fit along each side?", "Now multiply the two."],
              slips=[(high // tile + wide // tile, "You added the two sides. Every row holds a patch from every column: multiply."),
                     (high * wide // tile, "You divided the pixels by the side of a patch. A patch holds its side squared."),
                     (high * wide // (3 * tile**2), "The three colours lie on top of each other. They make a token longer, not fewer.")],
              because=f"{high} / {tile} = {high // tile} rows, {wide} / {tile} = {wide // tile} columns, and {high // tile} × {wide // tile} = {len(tiles)}. A Vision Transformer is happy with pictures that are not square."),
    calculate("How many **numbers** does a patch of 16 × 16 pixels in three colours hold, before it is projected?",
              flat, digits=0, hints=["Flattening throws nothing away."],
              slips=[(16 * 16, "That is one colour. There are three."), (3 * 16, "That is one row of pixels. There are as many rows as columns.")],
              because=f"3 × 16 × 16 = {flat}. Flattening only puts them into one line; nothing is lost until $W_E$ makes {tokens.shape[1]} numbers of them.".replace("$W_E$", "`W_E`")),
    look("In the head *partners* the query is the **left cheek**. Before you look: which patch does it attend to most?",
         names, P[LEFT_CHEEK], query=LEFT_CHEEK, image=face.image, grid=GRID, hints=["This head looks for the same kind, on the other side of the face."],
         slips={names[LEFT_CHEEK]: "A patch need not match itself best: its query asks for the *other* side.", names[NOSE]: "The nose is near, but near and far do not matter in this head."},
         because=f"The right cheek is of the same kind and on the other side: weight {P[LEFT_CHEEK, RIGHT_CHEEK]:.2f}."),
    look("Same face, other head: *neighbours*. The query is the **mouth**. Which patch does it attend to most?",
         names, N[MOUTH], query=MOUTH, image=face.image, grid=GRID, hints=["This head compares places and nothing else. Which place is nearest to the mouth?"],
         slips={names[NOSE]: "The nose is beside it, but one place is nearer still.", names[LEFT_EYE]: "That was the other head. This one does not know what an eye is."},
         because=f"No place is nearer than its own, so the mouth attends to itself, with {N[MOUTH, MOUTH]:.2f}."),
    choose("Take the positions away. What is true of two squares of background with the same pixels?",
           {"Their rows of weights are the same": np.allclose(U[one_square], U[another]),
            "They attend only to each other": U[one_square][another] > 0.5, "They get no attention at all": np.allclose(U[:, one_square], 0)},
           slips={"They attend only to each other": "They cannot find each other: a query has nothing to tell two equal keys apart.",
                  "They get no attention at all": "Softmax gives every key a share, however small."},
           because="Without positions the two tokens are one and the same vector. The same query meets the same keys, so the rows are the same."),
    choose("You shuffle the patches before a layer without positions. What happens to its outputs?",
           {"They are shuffled in the same way": moved < 1e-12 and changed > 1e-3, "Nothing changes at all": changed < 1e-12, "Each patch gets another output": moved > 1e-3},
           slips={"Nothing changes at all": "That would be *invariant*. The average of the outputs is; the outputs themselves change places.",
                  "Each patch gets another output": "A patch finds the same keys and values as before, only in another order, and a sum does not mind."},
           because="Shuffle in, shuffle out: the layer is *equivariant*. Positions are what makes a face more than a bag of patches."),
    repair("This code should cut a 64 × 64 picture (channel, row, column) into patches, one a row, channels first. Every patch comes out scrambled.",
           cut, 1, list(mends.values()), given={"image": face.pixels}, makes=patches,
           hints=["The two counts of patches must stand in front, so that `reshape` joins them."],
           slips={mends["down"]: "Now the patches are whole, but read column by column: number 1 lies *below* number 0.",
                  mends["last"]: "Now the patches are whole, but each pixel's three colours lie side by side. We put whole channels first."},
           because="After the first line the axes are channel, patch row, row, patch column, column. The patch axes must come first; only then is each row of `y` one patch."),
)  # fmt: skip

# %% [markdown]
# **1.** A photograph has 224 × 224 pixels and patches of 16. How many patches are there, and how
# many weights in one head's matrix? And with patches of 8?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`patches_of[16]` patches and {eval}`f"{patches_of[16]**2:,}"` weights; then {eval}`patches_of[8]` patches and
# {eval}`f"{patches_of[8]**2:,}"` weights. Half the side, four times the patches, sixteen times the weights.
#
# </details>
#
# **2.** Which number of `patches[0]` is the blue of the pixel in row 3, column 5 (counting from 0)?
#
# <details markdown="1"><summary>Answer</summary>
#
# Number {eval}`f"2 · {side**2} + 3 · {side} + 5 = {blue}"`. Two whole channels come first, then three rows, then
# five pixels.
#
# </details>
#
# **3.** In $W_Q$, change the {eval}`number(W_Q[side_row, 3])` of *side* to 0. Where does the left eye look? And with
# {eval}`number(same_side[side_row, 3])`?
#
# <details markdown="1"><summary>Answer</summary>
#
# With 0 nobody asks for a side: {eval}`w(E3[LEFT_EYE, LEFT_EYE])` for each eye, exactly as without
# positions. With {eval}`number(same_side[side_row, 3])` it looks for its own side, and finds itself:
# {eval}`w(E3b[LEFT_EYE, LEFT_EYE])`, against {eval}`w(E3b[LEFT_EYE, RIGHT_EYE])` for the other eye.
#
# </details>
#
# **4.** Multiply $W_Q$ by ten. What happens to the left eye's row?
#
# <details markdown="1"><summary>Answer</summary>
#
# The order stays, the gaps grow tenfold, and the right eye takes {eval}`number(E4[LEFT_EYE, RIGHT_EYE], 6)`. Large
# scores make softmax choose one. The division by √*d*<sub>k</sub> is there to keep them small.
#
# </details>
#
# **5.** Erase the whole face: sixteen patches of background. What does patch 1 attend to, in *partners*?
#
# <details markdown="1"><summary>Answer</summary>
#
# What differs is the place alone, so the side decides: {eval}`", ".join(w(x) for x in E5[0])` from left to
# right, the same in every row. Attention never has nothing to say.
#
# </details>
#
# ## Sources
#
# - {eval}`SOURCES["vit"]`, {eval}`SOURCES["vit"].title`: patches, positions (Table 8), the distances of heads
#   (section 4.5).
# - {eval}`SOURCES["attention"]`, {eval}`SOURCES["attention"].title`: attention and multi-head attention.
# - {eval}`SOURCES["rollout"]`, {eval}`SOURCES["rollout"].title`.
# - {eval}`SOURCES["not-explanation"]`, {eval}`SOURCES["not-explanation"].title`.
# - {eval}`SOURCES["not-not-explanation"]`, {eval}`SOURCES["not-not-explanation"].title`.
# - {eval}`SOURCES["registers"]`, {eval}`SOURCES["registers"].title`.
#
# The face, its grid and every weight are in `vitexplain.faces` and `vitexplain.designed`: draw your
# own with `draw_face(seed)`.
