# ---
# title: Without labels
# description: "How a model can learn from pictures that nobody named: play the game of DINO with twelve made-up words, see two ways to cheat, and what stops them."
# can: explain how a model learns from pictures without names, and how it can cheat
# needs: [vit]
# order: 36
# section: Lessons
# page: lessons/no-labels.md
# notebook: true
# extra: experiments
# given:
#   "4,000 grey scenes": "`SCENES` of studies/crops.py"
#   "about 500 new ones": "`NUMBER` of studies/segments.py"
#   "1,097 of scikit-learn's digits": "the training part of `datasets.digits`"
# ---

# %% [markdown]
# # Without labels
#
# You have never seen these six things before. Still, you could cut each of them out with scissors, and you could sort a hundred
# more into six heaps. Nobody told you their names. **Could a model learn that, from pictures alone?**

# %% tags=["remove-code", "figure"]
import numpy as np
import torch

from vitexplain.experiments import results, weights
from vitexplain.experiments.families import build
from vitexplain.experiments.scene_reading import (
    MASS,
    YARDSTICKS,
    class_attention,
    inside,
    kept,
    overlap,
)
from vitexplain.experiments.scenes import KINDS, draw_scenes
from vitexplain.experiments.tasks import generator_of
from vitexplain.facts import DINO, DINOV2, QUOTED, SOURCES, bibliography
from vitexplain.figures import Bar, Series, bars, lines, maps_side_by_side, slider
from vitexplain.figures.base import blank_axis, finish, font, frame
from vitexplain.figures.marks import heat
from vitexplain.figures.panels import Panels
from vitexplain.figures.theme import LIGHT
from vitexplain.writing import count, number, percent, share, table

torch.set_grad_enabled(False)
scenes = draw_scenes(300, generator_of(7, 0))
firsts = [int((scenes.labels == kind).nonzero()[0]) for kind in range(len(KINDS))]


def as_seen(images):
    """Return pictures to look at."""
    return (images / 2 + 0.5).clamp(0, 1).expand(*images.shape[:-3], 3, -1, -1).numpy()


def side_by_side(pictures, alt, header, rows):
    """Show named pictures, each in a panel."""
    panels = Panels(len(pictures), columns=3, side=110)
    for name, one in pictures.items():
        panels.picture(one, name)
    return finish(panels.figure, alt=alt, header=header, rows=rows)


side_by_side(
    {kind.split()[0]: as_seen(scenes.images[i]) for kind, i in zip(KINDS, firsts, strict=True)},
    f"Six scenes, each with one thing before blotches: {', '.join(KINDS)}.",
    ["scene", "thing", "share of the picture"],
    [
        [i, kind, percent(scenes.masks[place].double().mean(), 0)]
        for i, (kind, place) in enumerate(zip(KINDS, firsts, strict=True), start=1)
    ],
)

# %% [markdown]
# DINO ({eval}`SOURCES["dino"]`) gave that question a famous answer: a Vision Transformer that learned from unlabelled photographs,
# and whose attention turned out to find objects. On this page you play its game in miniature, learn how to cheat at it,
# and prepare a fair test for the claim about attention.
#
# ## A game for two
#
# Take one scene and cut out six pieces, two large ones and four small ones. **Could you tell that they belong together?**

# %% tags=["remove-code", "figure"]
CUTS = {  # the first row and column, and the side
    "large, 1": (0, 6, 38), "large, 2": (10, 2, 36),
    "small, 1": (4, 10, 22), "small, 2": (22, 24, 20), "small, 3": (18, 4, 24), "small, 4": (8, 26, 21),
}  # fmt: skip
whole = as_seen(scenes.grey[firsts[3]])
side_by_side(
    {name: whole[:, row : row + side, col : col + side] for name, (row, col, side) in CUTS.items()},
    "Six square pieces of one scene in grey, two large and four small.",
    ["piece", "first row", "first column", "side in pixels"],
    [[name, *cut] for name, cut in CUTS.items()],
)

# %% [markdown]
# You could, because some of them share a *thing*. The blotches change from place to place, and the thing stays. (Why grey? Pieces of
# one scene also share its colours. A player who matched colours would win, and learn nothing about things.)
#
# So here is the game. Two players look at different pieces of one scene. Each answers with one of a number of made-up words, and they win if
# they say the same. The words mean nothing at first. They come to mean something only by being used alike.
#
# Both players are one and the same network. The **teacher** sees the large pieces, the **student** sees all of them, and only the
# student learns. The teacher follows it slowly: after every round each of its weights moves a little towards the student's,
#
# $$
# \theta_t \leftarrow \lambda\,\theta_t + (1 - \lambda)\,\theta_s ,
# $$
#
# which makes it an average of all the students so far, and steadier than any one of them. The model learns from itself. Hence
# *self-distillation*.
#
# **How is a round scored?** Each player spreads its bet over the words: the teacher's shares are $P_t$, the student's $P_s$. The score is
# their cross-entropy, for every pair of pieces $x \ne x'$ of which the teacher sees the first. The student makes it small:
#
# $$
# H\big(P_t(x),\, P_s(x')\big) = -\sum_{w} P_t(x)_w\, \log P_s(x')_w
# $$
#
# The shares come from a player's raw answers *g*, one number a word:
#
# $$
# P_s = \operatorname{softmax}\!\Big(\frac{g_s}{\tau_s}\Big),\quad
# P_t = \operatorname{softmax}\!\Big(\frac{g_t - C}{\tau_t}\Big)
# $$
#
# Two things in there look odd. The teacher's answers $g_t$ are divided by a *smaller* temperature than the student's, which makes its bets
# bolder: **sharpening**. And a **centre** $C$ is taken off first, the running mean of all its answers: **centring**. What are
# they for? Take them away and you will see.
#
# ## The whole game in twenty lines
#
# Here is the smallest player that can play: one matrix, from what it sees to {eval}`count(12)` words. A thing is a list of twenty numbers,
# and each look at it is blurred differently. One of the twenty is the same in all things, as it is in any two pictures: both have edges, both have light.


# %%
def softmax(x):
    """Return shares that add up to 1, row by row."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def play(seed=0, centring=True, tau_t=0.04, tau_s=0.1, rounds=400, words=12):
    """Return what each of six things is called in the end, and how the game went."""
    rng = np.random.default_rng(seed)
    things = rng.normal(size=(6, 20)) / np.sqrt(20)
    things[:, 0] = 1.0  # the same in all of them
    blur = 0.8 * (np.arange(20) > 0) / np.sqrt(20)  # of the other numbers
    student = 0.01 * rng.normal(size=(20, words))
    teacher, centre, course = student.copy(), np.zeros(words), []
    for _ in range(rounds):
        seen = things[rng.integers(6, size=64)]  # both look at the same 64 things, each in its way
        one, other = (seen + blur * rng.normal(size=seen.shape) for _ in range(2))
        says = other @ teacher
        P_s, P_t = softmax(one @ student / tau_s), softmax((says - centre) / tau_t)
        student -= 0.2 * one.T @ (P_s - P_t) / 64  # down the slope of the cross-entropy
        teacher += 0.1 * (student - teacher)  # λ = 0.9
        centre += 0.1 * centring * (says.mean(0) - centre)
        apart = (P_t * np.log((P_t + 1e-12) / P_s)).sum(-1)  # how far they still differ
        course.append(apart.mean())
    return softmax((things @ teacher - centre) / tau_t), np.array(course)


GAMES = {
    "both": play(),
    "no centring": play(centring=False),
    "no sharpening": play(tau_t=0.1),  # as bold as the student, and no bolder
}
{name: called.argmax(-1) for name, (called, course) in GAMES.items()}  # each thing's word

# %% tags=["remove-code", "figure"]
panels = Panels(len(GAMES), side=150)
for name, (called, _) in GAMES.items():
    panels.heatmap(called, name, "", most=1.0)
rows = [
    [name, f"thing {i}", int(row.argmax()), f"{row.max():.2f}"]
    for name, (called, _) in GAMES.items()
    for i, row in enumerate(called, start=1)
]
finish(
    panels.figure,
    alt="Three games: six things in rows, twelve words in columns, the teacher's bet on each.",
    header=["game", "thing", "its word", "bet on it"],
    rows=rows,
)

# %% tags=["remove-code"]
again = {
    name: [play(seed, **options) for seed in range(8)]
    for name, options in {
        "both": {},
        "no centring": {"centring": False},
        "no sharpening": {"tau_t": 0.1},
    }.items()
}
words = {
    name: [len(set(called.argmax(-1))) for called, _ in games] for name, games in again.items()
}
bets = {name: [called.max(-1).mean() for called, _ in games] for name, games in again.items()}
one_word = words["no centring"].count(1)
assert max(words["no centring"]) <= 2
assert one_word >= 6
assert min(words["both"]) >= 4
assert min(bets["both"]) > 0.8
assert max(bets["no sharpening"]) < 0.15

# %% [markdown]
# Each row is a thing, each column a word, and strong colour is where the teacher puts its bet. On the left both odd steps are in place, and nearly every thing
# has found a word of its own, although nobody said that there are six. Two may end up sharing one. From eight starts the players
# use {eval}`min(words["both"])` to {eval}`max(words["both"])` words for the six things.
#
# ## Two ways to cheat
#
# The other two games were won by cheats.
#
# **Always say the same word.** You never miss, and you never look. Without centring that is what happens: from {eval}`one_word` of the eight
# starts a single word is left for everything. Whatever all pictures have in common has grown into it. Subtract the mean of all answers, and a
# word that is always said is worth nothing.
#
# **Shrug.** Bet the same on all words, every time. That wins as well, and centring even invites it. A bold teacher never shrugs: with
# {eval}`number(0.04, 2)` instead of {eval}`number(0.1, 1)` for its temperature it exaggerates each small preference, and the student has to
# follow. Without it the best word gets {eval}`number(np.mean(bets["no sharpening"]), 2)`, when an even share is {eval}`number(1 / 12, 2)`.
#
# Each cure alone drives you into the other trap. How can you tell that a real model has fallen in? Watch how far student and teacher still
# differ. Once the answer stops depending on the picture, there is nothing left to disagree about:

# %% tags=["remove-code", "figure"]
steps = list(range(0, 400, 8))
lines(
    [
        Series(name, steps, course.reshape(-1, 8).mean(1), family=family)
        for (name, (_, course)), family in zip(
            GAMES.items(), ("vit", "weight", "muted"), strict=True
        )
    ],
    x="rounds",
    y="how far they differ",
    height=280,
)

# %% [markdown]
# The paper draws the same curves for its Vision Transformer, and finds the same two collapses ({eval}`SOURCES["dino"]`, section 5.3).
#
# ## Does attention find the object?
#
# Now replace the matrix by a Vision Transformer, and the blurred lists by pieces of photographs. The class token answers for the picture,
# so you can ask where it looks in the last block. The paper keeps the patches that hold {eval}`percent(MASS, 0)` of its weight and compares
# them with the object's outline. The measure is their *overlap*: what both have, divided by what either has.

# %% tags=["remove-code"]
table(
    ["ViT-S/16, best head", "overlap with the object"],
    [
        [name, f"{QUOTED[key].value:g}%"]
        for name, key in (
            ("DINO, no labels", "DINO, overlap"),
            ("its twin, trained with labels", "DINO, overlap with labels"),
            ("not trained", "DINO, overlap untrained"),
        )
    ],
    words=(0,),
)

# %% [markdown]
# Those are photographs of Pascal VOC ({eval}`QUOTED["DINO, overlap"].cited`). The gap is wide. Yet look at the last row: a network that has
# learned *nothing* already gets {eval}`number(QUOTED["DINO, overlap untrained"].value)`%. **How much is an overlap worth?** That depends on the pictures.
# In ours the outline is known, because we drew it. So measure what needs no learning at all:

# %%
fresh = build("scenes", "dino", seed=0).eval()  # a small ViT, not trained
looks = class_attention(fresh, scenes)
found = {"untrained ViT, mean of its heads": looks.mean(1)}
found |= {name: ask(scenes, looks.shape[-1]) for name, ask in YARDSTICKS.items()}
overlaps = {name: overlap(kept(one)[:, None], scenes.masks).mean() for name, one in found.items()}

# %% tags=["remove-code", "figure"]
CALLED = {"chance": "any patches", "the object itself": "the object, cut into patches"}
bars(
    [Bar(CALLED.get(name, name), round(float(one), 4)) for name, one in overlaps.items()],
    x="overlap with the object",
)

# %% tags=["remove-code"]
most = float(overlaps["the object itself"])
blind = {n: float(one) for n, one in overlaps.items() if n != "the object itself"}
assert max(blind.values()) < most / 2
by_head = overlap(kept(looks), scenes.masks)
lucky = float(by_head.max(1).values.mean())
assert lucky > float(by_head.mean())

# %% [markdown]
# Blind guesses get {eval}`percent(min(blind.values()), 0)` to {eval}`percent(max(blind.values()), 0)`, and not even a perfect map reaches
# more than {eval}`percent(most, 0)`, for patches are coarse and {eval}`percent(MASS, 0)` of the object is not all of it. And mind “best head”:
# if you may choose for every picture the head that fits *its* outline, the untrained model rises from {eval}`percent(by_head.mean(), 0)`
# to {eval}`percent(lucky, 0)`. Choose the head on other pictures, once.
#
# So a claim that attention segments needs four companions: a twin with labels, an untrained twin, a map that asks no model, and the best that any map
# could do. The paper gives the first two. For a small ViT, here are all four.
#
# ## Ours plays

# %% tags=["remove-code", "figure"]
own = results.read("dino")
players = {"no labels": weights.load("scenes-dino"), "labels": weights.load("scenes-labels")}
chosen_on = draw_scenes(300, generator_of(7, 1))  # to choose a head on
best = {
    name: int(overlap(kept(class_attention(vit, chosen_on)), chosen_on.masks).mean(0).argmax())
    for name, vit in players.items()
}
six = scenes[torch.tensor(firsts)]
found = {
    name: class_attention(vit, six)[:, best[name]].double().round(decimals=4)
    for name, vit in players.items()
}
grid = inside(six.masks, found["labels"].shape[-1])
slider(
    {
        kind.split()[0]: maps_side_by_side(
            {**{name: maps[i] for name, maps in found.items()}, "the object": grid[i]},
            image=as_seen(six.images[i]),
        )
        for i, kind in enumerate(KINDS)
    },
    label="scene",
    alt="A scene, where the class token of either model looks, and where the object is.",
)

# %% [markdown]
# Where the class token looks, in the head that covered objects best on *other* scenes: on the left in a ViT that played DINO's game, then in its twin
# that was told the kinds. **Would you say that either segments?** Count before you answer. Three of each learned for
# {eval}`own.cells[0]["steps"]` steps from the same pieces of 4,000 grey scenes, and were asked about 500 new ones:


# %% tags=["remove-code"]
def told(measure, digits=1):
    """Return one measure of the player, its twin and both before they learned."""
    return [
        share(own.of(name, learner=learner), digits)
        for name, learner in (
            (measure.replace(":", ""), "dino"),
            (measure.replace(":", ""), "labels"),
            (measure.replace(":", ", untrained"), "dino"),
        )
    ]


def spread(measure, **keys):
    """Return the interval of a measure that is a mapping's part in each run."""
    return own.of(measure, learner="dino", **keys)


seen = {
    name: own.of("overlap: best head".replace(":", ""), learner=name) for name in ("dino", "labels")
}
before = own.of("overlap, untrained best head", learner="dino")
assert seen["dino"].low < before.high  # no better than before it learned
contrast, bits = spread("overlap, yardstick contrast"), spread("words bits")
apart = [spread(f"course divergence {tenth}").mean for tenth in (1, 10)]
assert max(one.high for one in seen.values()) < contrast.mean
table(
    ["asked of new scenes", "no labels", "labels", "untrained"],
    [
        ["overlap with the object, best head", *told("overlap: best head")],
        ["weight on the object, best head", *told("weight on object: best head")],
        ["kind right, by its nearest neighbours", *told("kind by neighbours:")],
    ],
    words=(0,),
)

# %% [markdown]
# **Neither segments.** The player without labels looks at objects no better than it did before it learned, and nor do its features sort them better. Its twin
# heard {eval}`own.cells[0]["steps"]` times {eval}`own.cells[0]["recipe"]["batch"]` names, and its neighbours tell the kinds. Yet its attention covers less of the object than
# something that nobody trained: the patches of most *contrast* reach {eval}`percent(contrast.mean)`.
#
# So did the player cheat? Student and teacher did come to agree: how far they differ fell from {eval}`number(apart[0], 2)` to {eval}`number(apart[-1], 2)` (of the most
# that is possible for a word). But listen to what they say: the word tells {eval}`number(bits.mean, 2)` bits about the picture, and to tell six kinds apart takes
# {eval}`number(np.log2(len(KINDS)), 2)`. Our guess, which we did not measure: nearly all pictures get one answer at a time, the centre makes it worthless, a new one takes its place, and round they go.
# Both cures are in, and still they found it easier to follow each other than to look.
#
# That does not refute the paper, whose model played far longer, with more pictures, more words and more patience. It does say that the game is not a
# recipe. We tried over a dozen temperatures, paces of the teacher and ways to cut in short runs on other scenes; in none did the player come near its twin. **Labels
# are a loud teacher.** Without them, much hangs on scale and on care.
#
# ## What DINOv2 adds
#
# **The same game, with more of everything.** DINOv2 ({eval}`SOURCES["dinov2"]`) learns from {eval}`number(QUOTED["DINOv2, images"].value)` million pictures
# ({eval}`QUOTED["DINOv2, images"].cited`), and its smaller models learn from its largest. Freeze the features, put one linear layer on
# top, and let it name ImageNet's classes:

# %% tags=["remove-code"]
table(
    ["features of", "trained by", "right on ImageNet"],
    [
        [
            one.model,
            one.regime.recipe + ", distilled" * ("distilled" in one.regime.data),
            f"{one.value:g}%",
        ]
        for one in (*DINO, *DINOV2)
        if one.model in ("ViT-S/16", "ViT-B/16", "ViT-S/14", "ViT-B/14", "ViT-L/14", "ViT-g/14")
    ],
    words=(0, 1),
)

# %% [markdown]
# The numbers are those of {eval}`DINO[0].cited` and {eval}`DINOV2[0].cited`. They differ in data, in patch size and in recipe, so they do
# not tell which addition is worth what.
#
# And better features are not better *maps*. Without registers, large DINOv2 models have noisy attention: a few patches of plain background draw
# it to themselves, and registers take that over ({eval}`SOURCES["registers"]`). We looked for such patches in
# [small models of our own](reading-attention.md#low-weight-to-the-grass), and found none.

# %% [markdown]
# ## Another game: paint what is hidden
#
# One player is enough for the other famous game. Hide most of a picture, and ask for the rest. To paint the missing half of a nine you must know what
# nines look like, and nobody had to say that it is one. That is a **masked autoencoder** ({eval}`SOURCES["mae"]`). Ours saw
# 1,097 of scikit-learn's digits without their labels. These four it had never seen. **Move the slider**: how little is enough for you?
# And for the model?

# %% tags=["remove-code", "figure"]
mae = results.read("mae")
[painter] = [cell for cell in mae.cells if not cell["labels"]]
painted = painter["runs"][0]["painted"]
GREYS = [(0, LIGHT["line"]), (1 / 18, LIGHT["line"]), (1 / 18, LIGHT["paper"]), (1, LIGHT["ink"])]


def sheet(hidden):
    """Show digits with so many patches hidden, painted by the model, and as they are."""
    columns = {
        "it sees": painted[hidden]["seen"],
        "it paints": painted[hidden]["filled"],
        "the digit": painted["whole"],
    }
    figure = frame(400)
    pixels = np.full((4 * 9 - 1, 3 * 9 - 1), np.nan)
    for place, (title, digits) in enumerate(columns.items()):
        for row, one in enumerate(digits):
            square = np.array([-1 if x is None else x for x in one]).reshape(8, 8)
            pixels[9 * row : 9 * row + 8, 9 * place : 9 * place + 8] = square
        figure.add_annotation(
            x=3.5 + 9 * place, y=-0.8, text=title, showarrow=False, yanchor="bottom", font=font()
        )
    heat(figure, pixels, low=-1, high=17, scale=GREYS)
    figure.update_layout(
        margin={"t": 30, "b": 4},
        xaxis=blank_axis(constrain="domain"),
        yaxis=blank_axis(autorange="reversed", scaleanchor="x"),
    )
    error = painter["measures"][f"hidden model {hidden}"]["mean"]
    return finish(figure, alt="", header=["error where hidden"], rows=[[f"{error:.3f}"]])


slider(
    {hidden: sheet(hidden) for hidden in painted if hidden != "whole"},
    label="patches hidden",
    first=3,
    alt="Four digits: the patches that are left, what the autoencoder paints, and the digits.",
)

# %% [markdown]
# Each guess differs from the digit, and the square of that is its error, pixel by pixel where it could not see. Two painters to compare with: one who paints
# the mean digit whatever is there, and one straight line from what is seen to what is not, fitted separately for *every* way to hide:

# %% tags=["remove-code", "figure"]
PAINTERS = {"autoencoder": "model", "mean digit": "mean image", "straight line": "straight line"}
HIDDEN = [int(hidden) for hidden in painted if hidden != "whole"]
errors = {
    name: [painter["measures"][f"hidden {called} {hidden}"]["mean"] for hidden in HIDDEN]
    for name, called in PAINTERS.items()
}
trained = 12


def error(name, hidden):
    """Return a painter's error with so many patches hidden."""
    return errors[name][HIDDEN.index(hidden)]


unasked = [run["hidden"]["model"]["4"] for run in painter["runs"]]
assert min(unasked) > error("straight line", 4)
assert error("autoencoder", 12) < error("straight line", 12) < error("mean digit", 12)
assert error("autoencoder", 4) > error("autoencoder", 12) > error("straight line", 4)
lines(
    [
        Series(name, HIDDEN, found, family=family)
        for (name, found), family in zip(errors.items(), ("vit", "muted", "weight"), strict=True)
    ],
    x="patches hidden",
    y="squared error",
    height=280,
)

# %% [markdown]
# With {eval}`trained` patches hidden, as in training, the autoencoder errs by {eval}`number(error("autoencoder", 12), 2)`. The mean digit gets
# {eval}`number(error("mean digit", 12), 2)`, the line {eval}`number(error("straight line", 12), 2)`, although there is a line for every way to hide and one autoencoder for all.
# Now go to four. **It sees more, and paints worse**: {eval}`number(error("autoencoder", 4), 2)`, where the line gets
# {eval}`number(error("straight line", 4), 2)`. (Means of three seeds, which differ a good deal there: {eval}`", ".join(number(x, 2) for x in unasked)`.) It never met
# so whole a digit while it learned, and does not know what to do with one. What a model can do is what it was asked to do.
#
# **Does it help with names?** Keep the encoder, throw the painter's part away, and show it a hundred labelled digits; and show them to a ViT that starts
# from nothing:


# %% tags=["remove-code", "figure"]
def named(start, rate):
    """Return how often new digits are named right after a hundred labels."""
    return mae.of("accuracy", start=start, labels=100, rate=rate)


STARTS = {
    "painted before": named("autoencoder", 0.001),
    "from nothing, as slowly": named("random", 0.001),
    "from nothing, its best rate": named("random", 0.004),
}
bars(
    [
        Bar(
            name, 100 * one.mean, 100 * one.cut.low, 100 * one.cut.high,
            family="vit" if name == "painted before" else "muted",
        )
        for name, one in STARTS.items()
    ],
    x="right on new digits, %",
    interval="95% interval over three seeds",
)  # fmt: skip

# %% [markdown]
# **Yes.** Who painted before is right {eval}`share(STARTS["painted before"])` of the time. From nothing it is {eval}`share(STARTS["from nothing, its best rate"])`, with the
# learning rate that suits such a ViT best, and less with the slow one. The pictures and the labels are the same. What helped is having looked at many digits whose names
# nobody told. (A teacher that has names for them helps [more](distillation.md).)
#
# ## What this page does not show
#
# - Our players are tiny, and so was their time: hundreds of steps, where the paper has hundreds of epochs. What they miss, a longer game may bring.
# - Our scenes have one thing each, all of it in view. Photographs are not so kind.
# - Overlap asks for a filled outline. A head may have good reason to look at a part.
#
# ## What to remember
#
# - **A model can learn without labels** from a game: say the same about different pieces of one picture.
# - It learns *what the pieces share*. How the pieces are cut decides what that is.
# - Two lazy answers win every round. Centring blocks the one, sharpening the other.
# - “Attention segments” is a claim that can be measured. Ask for its yardsticks.
#
# ## Your turn
#
# Guess first, then open the answer.

# %% tags=["remove-code"]
few = [len(set(play(seed, words=3)[0].argmax(-1))) for seed in range(4)]
short_bets = np.mean([play(seed, rounds=40)[0].max(-1).mean() for seed in range(4)])
assert max(few) <= 3

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, calculate, choose

ours, thing = np.zeros((4, 4), dtype=bool), np.zeros((4, 4), dtype=bool)
ours[:3, :2], thing[1:3, :2], thing[1, 2:] = True, True, True
common, either = (ours & thing).sum(), (ours | thing).sum()
both_of = float(overlap(torch.tensor(ours)[None, None], torch.tensor(thing)[None]))
old, new, keep = 2.0, 4.0, 0.9
said = {
    "no centring": "All things get one word",
    "no sharpening": "Every word gets an even bet",
    "both": "Most things get a word of their own",
}


def came_of(game):
    """Say which outcomes a game had, from eight starts."""
    one, sure = np.mean(words[game]) < 2, np.mean(bets[game]) > 0.5
    return {
        said["no centring"]: one and sure,
        said["no sharpening"]: not sure,
        said["both"]: not one and sure,
    }


Exercises(
    choose("The teacher's answers are **not centred**. What becomes of the game?", came_of("no centring"),
           slips={said["no sharpening"]: "That is the other trap: it opens when the teacher is not bold enough.", said["both"]: "For that both odd steps must be in place."},
           because=f"From {one_word} of eight starts a single word is left. Whatever all pictures share grows into it, and nobody needs to look."),
    choose("The teacher's answers are centred but **not sharpened**. What becomes of the game?", came_of("no sharpening"),
           slips={said["no centring"]: "That is the other trap. Centring has closed it.", said["both"]: "For that both odd steps must be in place."},
           because=f"The best word gets {np.mean(bets['no sharpening']):.2f}, hardly more than an even share of 1/12. Who shrugs always agrees."),
    calculate(f"A weight of the teacher is {number(old)}, the student's is {number(new)}, and λ is {number(keep)}. What is the **teacher's weight** after the round?",
              keep * old + (1 - keep) * new, hints=["λ says how much the teacher keeps of itself."],
              slips=[(keep * new + (1 - keep) * old, "You gave the student the larger part. The teacher follows slowly."), ((old + new) / 2, "That is their mean. The teacher follows more slowly than that.")],
              because=f"{number(keep)} × {number(old)} + {number(1 - keep)} × {number(new)} = {number(keep * old + (1 - keep) * new)}."),
    calculate(f"A map keeps {count(int(ours.sum()))} patches, the thing has {count(int(thing.sum()))}, and {count(int(common))} are in both. What is their **overlap**?",
              both_of, hints=["What both have, divided by what either has.", "Do not count a common patch twice."],
              slips=[(common / ours.sum(), "That is the part of the *map* that lies on the thing."), (common / (ours.sum() + thing.sum()), "You counted the common patches twice.")],
              because=f"{count(int(either)).capitalize()} patches are in one or the other, so it is {common}/{either} = {common / either:.2f}. A map twice as large as the thing cannot get more than a half."),
)  # fmt: skip

# %% [markdown]
# **1.** There are six things, and you allow only three words: `play(words=3)`. What will the players do?
#
# <details markdown="1"><summary>Answer</summary>
#
# They share. From four starts they use {eval}`", ".join(map(str, few))` words. The game asks for agreement, not for six groups: how fine the groups are
# is for the words to decide. DINO itself offers many thousands.
#
# </details>
#
# **2.** Stop after forty rounds: `play(rounds=40)`. How sure is the teacher by then?
#
# <details markdown="1"><summary>Answer</summary>
#
# It bets {eval}`number(short_bets, 2)` on its best word, mean over four starts, and {eval}`number(np.mean(bets["both"]), 2)` at the end. Small preferences come
# first; sharpening makes them grow.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
bibliography(("dino", "dino-code", "dinov2", "dinov2-code", "mae", "registers"), ordered=True)
