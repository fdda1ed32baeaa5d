# ---
# title: "Reading attention: what it shows and what it does not"
# nav_title: Reading attention
# description: Raw weights, rollout, gradients and more, put to the test on pictures whose answer is known. What passes, what fails, and both sides of the debate.
# can: say what a heat map of attention proves, and test one
# needs: [vit_at_work]
# order: 38
# section: Lessons
# page: lessons/reading-attention.md
# notebook: true
# extra: experiments
# given:
#   "less than 0.01": the threshold of the search
# ---

# %% [markdown]
# # Reading attention: what it shows and what it does not
#
# Attention maps look convincing, [even from an untrained model](vit-at-work.md#every-attention-map). When should you trust one?
# Here are {eval}`len(READINGS)` ways to read a Vision Transformer. Each is put to four tests, on pictures where the right
# answer is known because we built them.
#
# ## Pictures whose answer is known

# %% tags=["remove-code"]
import numpy as np
import torch

from vitexplain import writing
from vitexplain.experiments import find_reading, results, weights
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.find_task import GRID, PIECES, Find
from vitexplain.facts import QUOTED, SOURCES, bibliography
from vitexplain.figures import Bar, Reference, Series, bars, dots, lines, maps_side_by_side
from vitexplain.reading import CLASS_AGNOSTIC, READINGS, deletion, pointing, rollout
from vitexplain.vit import attention_weights, count_parameters
from vitexplain.writing import share, table

torch.set_grad_enabled(False)  # a reading turns gradients on for itself
PATCHES = GRID[0] * GRID[1]
CHANCE = 4 / PATCHES


study = results.read("reading")
pieces, per_test = PIECES, find_reading.NUMBER
seeds = study.of("accuracy", family="vit").seeds


def of(test, reading="", family="vit"):
    """Return the interval of one test of one reading."""
    return study.of(f"{test} {reading}".strip(), family=family)


def percent(interval):
    """Write a share as a whole percentage."""
    return writing.percent(interval.mean, 0)


def between(test, names, family="vit"):
    """Return the lowest and the highest mean of some readings as percentages."""
    means = (100 * of(test, name, family).mean for name in names)
    return writing.between(means, "{:.0f}".format) + "%"


GROUPS = {
    "no class is asked for": [name for name in READINGS if name in CLASS_AGNOSTIC],
    "attention and the class's gradient": [
        "gradient × attention", "generic attribution", "transformer attribution",
    ],
    "the model, attention not looked at": ["gradient", "integrated gradients", "occlusion"],
    "yardsticks that know no model": list(find_reading.YARDSTICKS),
}  # fmt: skip
BLIND, ASKING, MODEL, YARDSTICKS = GROUPS.values()
assert [*BLIND, *ASKING, *MODEL] == list(READINGS)

# %%
model = weights.load("find-vit")
task = Find(digits().test, seed=1)  # handwriting the model has never seen
singles = find_reading.right_ones(model, task, 40, two=False)  # it is right about these
pair = find_reading.right_ones(model, task, 1, two=True)
shares = model(pair.images).softmax(-1)[0]
{int(digit): round(float(shares[digit]), 2) for digit in shares.topk(3).indices}

# %% tags=["remove-code"]
one, both = study.of("accuracy", family="vit"), study.of("accuracy, both", family="vit")
size = count_parameters(model.config)
asked, other = pair.labels[0].tolist()
digit = int(singles.labels[0, 0])
assert set(shares.topk(2).indices.tolist()) == {asked, other}

# %% [markdown]
# A picture has {eval}`GRID[0]` × {eval}`GRID[1]` patches. A handwritten digit takes four of them; some pictures have one digit, some
# two of different kinds. The rest is clutter: {eval}`pieces` quarters of other digits, some covered by what came later. So **no patch by
# itself tells what belongs to the answer**, only four together do, and nothing outside a digit's box bears on it
# (the idea is that of cluttered MNIST, {eval}`SOURCES["glimpses"]`).
#
# The model names the digits and shares its probability among them: here is a picture with a {eval}`asked` and a {eval}`other`. It is a ViT of {eval}`model.config.depth` blocks and
# {eval}`model.config.heads` heads, {eval}`f"{size:,}"` parameters, trained {eval}`seeds` times from other random starts. On new handwriting it
# names a single digit in {eval}`share(one, 0)` of the pictures, and both of two in {eval}`share(both, 0)` (95 % confidence over the seeds).
# **All tests below use pictures where it is right.**
#
# ## The readings
#
# This is the first picture of the draw, a {eval}`digit`. It is outlined, and the dot is each map's largest value.

# %%
target = singles.labels[:, 0]
first = singles.images[:1], target[:1]
maps = {name: read(model, *first)[0] for name, read in READINGS.items()}


# %% tags=["remove-code", "figure"]
def to_look_at(canvases):
    """Return the first picture, which the models see in [-1, 1], in [0, 1] and colour."""
    return ((canvases.images[0] + 1) / 2).expand(3, -1, -1).clamp(0, 1)


maps_side_by_side(
    maps, image=to_look_at(singles), inside=singles.inside()[0], called=f"the {digit}"
)

# %% tags=["remove-code"]
FROM = {
    "rollout": "rollout", "attention flow": "rollout", "value norms": "value-norms",
    "generic attribution": "generic-relevance", "transformer attribution": "relevance",
    "integrated gradients": "integrated-gradients", "occlusion": "occlusion",
}  # fmt: skip
table(
    ["reading", "what it is"],
    [
        [
            name,
            READINGS[name].__doc__ + (f" {SOURCES[FROM[name]]}" if name in FROM else ""),
        ]
        for name in READINGS
    ],
    words=(0, 1),
)

# %% [markdown]
# They do not agree, and one picture proves nothing. So: {eval}`per_test` pictures, {eval}`seeds` models, four tests.
#
# ## Test 1: does it point to the digit?
#
# The share of pictures whose largest value lies on the digit ({eval}`SOURCES["pointing-game"]`):

# %% tags=["remove-code", "figure"]
COLOUR = dict(zip(GROUPS, ("weight", "weight", "ink", "muted"), strict=True))


def compared(test, reference=None):
    """Return a bar for each reading with its interval over the seeds."""
    rows = []
    for group, names in GROUPS.items():
        for name in names:
            found = of(test, name).cut
            ends = found.mean, found.low, found.high
            rows.append(Bar(name, *(round(x, 4) for x in ends), group=group, family=COLOUR[group]))
    return rows


points = {name: of("points", name) for names in GROUPS.values() for name in names}
empty_handed = of("points", "brightness")
assert max(points[name].mean for name in BLIND) < min(points[name].mean for name in ASKING)
assert points["gradient"].mean < min(points[n].mean for n in (*ASKING, "occlusion")) - 0.2
assert abs(points["gradient"].mean - max(points[name].mean for name in BLIND)) < 0.05
fresh = {name: of("points, untrained", name).mean for name in READINGS}
assert max(fresh[name] for name in BLIND) > empty_handed.mean > 2 * CHANCE
one_by_one = [run["points"] for run in study.cell(family="vit")["runs"]]
for run in one_by_one:
    blind, asking = ([run[name] for name in names] for names in (BLIND, ASKING))
    assert run["brightness"] < min(blind) <= max(blind) < min(asking) - 0.1
worst = min(run[name] for run in one_by_one for name in BLIND)

bars(
    compared("points"),
    x="share of maps that point to the digit",
    reference=Reference(of("points", "brightness").mean, "brightness", side="left"),
    interval=f"95 % confidence over {seeds} seeds",
)

# %% [markdown]
# - **Chance is {eval}`f"{CHANCE:.0%}"`, and that is the wrong bar.** Brightness alone, which never meets the model, points right in
#   {eval}`percent(empty_handed)`: empty patches drop out. An *untrained* twin reaches up to
#   {eval}`f"{max(fresh[n] for n in BLIND):.0%}"` by attention alone.
# - **Attention without a class** passes the bar with every seed, and is still wrong often: right in
#   {eval}`between("points", BLIND)` on average, and in as few as {eval}`f"{worst:.0%}"` with one seed.
# - **Attention times its gradient** is right in {eval}`between("points", ASKING)`: the gradient tells which looks *count*.
# - **The plain gradient** does not look at attention and fares about as well: {eval}`percent(points["gradient"])`. Integrated
#   gradients and occlusion, which compare with a changed picture, reach {eval}`percent(points["integrated gradients"])` and
#   {eval}`percent(points["occlusion"])`.
#
# ### One head tells any story

# %% tags=["remove-code", "figure"]
depth, heads = model.config.depth, model.config.heads
each = {
    f"seed {run['seed']}": [
        [run["head points"][f"block {i}, head {h}"] for h in range(heads)] for i in range(depth)
    ]
    for run in study.cell(family="vit")["runs"]
}

spread = {name: np.array(shares) for name, shares in each.items()}
lowest, highest = min(a.min() for a in spread.values()), max(a.max() for a in spread.values())
assert highest < min(points[name].mean for name in ASKING) - 0.1

dots(
    each,
    y="share that points to the digit",
    x="block",
    reference=[Reference(CHANCE, "chance"), Reference(empty_handed.mean, "brightness")],
)

# %% [markdown]
# Each dot is one head's row of the class token. They run from {eval}`f"{lowest:.0%}"` to {eval}`f"{highest:.0%}"`. If you may choose the
# head, you may choose the result; and not even the best comes near attention times gradient.
#
# ## Test 2: ask for the other digit
#
# Now both digits are there, and we ask for each in turn. Here for the {eval}`asked`, then for the {eval}`other`:

# %%
moved = {}
for name in ("rollout", "generic attribution"):
    for label in pair.labels.T:
        moved[f"{name}, {int(label)}?"] = READINGS[name](model, pair.images, label)[0]

# %% tags=["remove-code", "figure"]
where = [pair.inside(0)[0], pair.inside(1)[0]]
maps_side_by_side(
    moved, image=to_look_at(pair), inside=dict(zip(moved, 2 * where, strict=True)),
    called="the digit asked for",
)  # fmt: skip

# %% tags=["remove-code"]
table(
    ["points to", "the one asked for", "either digit"],
    [
        [
            name,
            percent(of("points to the one asked for", name)),
            percent(of("points to either", name)),
        ]
        for name in (*BLIND, *ASKING, *MODEL)
    ],
)

# %% [markdown]
# A map that ignores the class cannot tell the digits apart: when it lands on one, it is the right one half the time, **by
# construction**. It does show roughly where digits are ({eval}`between("points to either", BLIND)`, brightness
# {eval}`percent(of("points to either", "brightness"))`). *Why this class* it cannot answer.
#
# ## Test 3: take it away
#
# **Deletion**: empty the patches, the most important first, and watch the probability fall. **Insertion**: start from an
# empty picture and bring them in ({eval}`SOURCES["rise"]`). On {eval}`len(singles)` pictures, for the model above:

# %%
readers = find_reading.readers()  # with those that know no model
chosen = ("rollout", "generic attribution", "occlusion", "brightness", "random")
curves = {
    name: deletion(
        model, singles.images, readers[name](model, singles.images, target), target,
        baseline=find_reading.EMPTY, steps=find_reading.STEPS,
    )
    for name in chosen
}  # fmt: skip

# %% tags=["remove-code", "figure"]
LOOKS = (("weight", 0), ("weight", 1), ("ink", 0), ("muted", 0), ("muted", 1))
half = find_reading.STEPS // 2 + 1  # by then most curves are at their end
lines(
    [
        Series(
            name, curve.shares[:half], curve.probabilities.mean(0)[:half],
            family=family, variant=variant,
        )
        for (name, curve), (family, variant) in zip(curves.items(), LOOKS, strict=True)
    ],
    x="share of the patches taken away",
    y="probability of the digit",
    y_range=(-0.1, 0.9),  # room for names below the lowest
    height=340,
)  # fmt: skip

# %% [markdown]
# The area under the whole curve, mean over pictures and models: for deletion (↓) small is good, for insertion (↑) large.


# %% tags=["remove-code"]
def number(interval, digits=2):
    """Write a mean."""
    return writing.number(interval.mean, digits)


light, dice = (
    [of(test, name) for test in ("deletion", "insertion")] for name in ("brightness", "random")
)
assert light[0].high < dice[0].low
assert light[1].low > dice[1].high
for test, found in zip(("deletion", "insertion"), light, strict=True):
    assert abs(of(test, "rollout").mean - found.mean) < 0.05


table(
    ["area", "deletion ↓", "insertion ↑"],
    [
        [name, number(of("deletion", name)), number(of("insertion", name))]
        for name in (*READINGS, *YARDSTICKS)
    ],
)

# %% [markdown]
# **Any ink will do.** Brightness, which knows no model, scores {eval}`number(light[0])` and {eval}`number(light[1])`, next to rollout's
# {eval}`number(of("deletion", "rollout"))` and {eval}`number(of("insertion", "rollout"))`: if you take the bright patches first, you soon empty
# the digit too. Beating the random order is no merit here. And the tests disagree: gradient × attention points right in
# {eval}`percent(points["gradient × attention"])`, yet for insertion it scores {eval}`number(of("insertion", "gradient × attention"))`. Pointing
# asks for the best patch, these areas for the whole order.
#
# Two cautions. Pictures with holes are unlike those a model learned from, so that a fall may come from strangeness alone
# ({eval}`SOURCES["remove-retrain"]`). Here that is mild: empty patches belong to the task, though half digits do not. And occlusion is
# nearly this test itself: it *should* do well.
#
# ## Test 4: break the model
#
# Re-randomise the weights from the output layer down. If the map does not change, it told you nothing about them
# ({eval}`SOURCES["sanity-checks"]`). Rank correlation with the map before, 1 is “the same”:

# %% tags=["remove-code"]
DOWN = {"head": "head", "… last block": f"block {depth - 1}", "… all": "embedding"}

assert all(of("like without head", name).low > 0.999 for name in BLIND)
assert all(of("like without head", name).high < 0.9 for name in ASKING)
dulled = of(f"like without block {depth - 1}", "rollout")
assert dulled.mean > 0.9

table(
    ["randomised", *DOWN],
    [
        [name, *(number(of(f"like without {part}", name)) for part in DOWN.values())]
        for name in (*READINGS, "brightness")
    ],
)

# %% [markdown]
# With a head of noise the answers are noise, and {eval}`", ".join(BLIND[:-1])` and {eval}`BLIND[-1]` do not notice, **by
# construction**: they never look there. That is no fault, it says what they read. Rollout hardly notices a last block of noise
# either ({eval}`number(dulled)`): it lets half of each token pass every block by. And to change is not to be right: noise changes
# too, and how much the test says depends on the task ({eval}`SOURCES["sanity-revisited"]`).
#
# ## So, is attention explanation?
#
# Two papers gave their answers in their titles. Both studied recurrent networks on text; so this is their question asked of our
# small ViTs, not their experiment again.
#
# **“Attention is not explanation”** ({eval}`SOURCES["not-explanation"]`): weights are frequently uncorrelated with gradient-based
# importance, and very different weights can give the same prediction. Ours, with other weights for the class token of one block,
# {eval}`find_reading.PERMUTATIONS` permutations a picture:

# %% tags=["remove-code"]
blocks = [f"permuted in block {i}" for i in range(depth)]

even = study.of("accuracy", family="even attention")
assert even.high < one.low
kept = {
    block: [run[block]["still right"] for run in study.cell(family="vit")["runs"]]
    for block in blocks
}
wide = max(kept, key=lambda block: np.ptp(kept[block]))
assert np.ptp(kept[wide]) > 0.2

table(
    ["weights", *(f"block {i}" for i in range(depth))],
    [
        [says, *(show(of(block, key)) for block in blocks)]
        for says, key, show in (
            ("permuted: probability moved", "moved", number),
            ("permuted: still right", "still right", percent),
            ("all the same: still right", "even, still right", percent),
            (
                "a permutation was found that moves less than 0.01",
                "found",
                percent,
            ),
        )
    ],
)

# %% [markdown]
# Uncorrelated? Rollout's rank correlation with the gradient is {eval}`number(of("like gradient", "rollout"))`. But brightness has
# {eval}`number(of("like gradient", "brightness"))`: both follow the ink. With occlusion it is {eval}`number(of("like occlusion", "rollout"))`
# (over all patches, and most are empty).
#
# Very different weights, same answer? That is so in some pictures, some blocks, and some models: {eval}`wide` the answer stays right in
# {eval}`f"{max(kept[wide]):.0%}"` with one seed and in {eval}`f"{min(kept[wide]):.0%}"` with another.
#
# **“Attention is not not explanation”** ({eval}`SOURCES["not-not-explanation"]`): it depends on what you call an explanation; first ask
# whether the task needs attention at all, by training with even weights; and see how far seeds differ. Ours, with every weight
# held at 1/{eval}`model.config.tokens`, names the one digit in {eval}`share(even, 0)`, against {eval}`share(one, 0)`: **this task needs attention.**
#
# So both hold here. Learned weights matter: a model that must do without them is {eval}`f"{100 * (one.mean - even.mean):.0f}"` points worse.
# And a map of them alone is a poor answer to “which patches decided”.
#
# ## Low weight to the grass?
#
# It is often said, [in our source too](../errata.md), that attention gives little to what does not matter. In large ViTs (DINOv2, OpenCLIP, DeiT III) some tokens of
# plain background have very large norms and draw much attention; extra tokens, *registers*, take that part over
# ({eval}`SOURCES["registers"]`). A later study confirms several of these claims and finds that some do not extend to all models
# ({eval}`SOURCES["registers-again"]`); another finds such tokens in a small DeiT III too, and registers a help in part
# ({eval}`SOURCES["registers-small"]`). Do ours have them? The class token's weights, mean over the heads:

# %% tags=["remove-code"]
count = {group: of("weight on patches", group).mean for group in ("digit", "clutter", "empty")}
count |= {"itself": 1, "registers": 0}


def where_it_goes(family, title, extra):
    """Show each block's mean weight from the class token to each group of tokens."""
    counts = count | {"registers": extra}
    return table(
        [title, *(f"block {i}" for i in range(depth)), "even"],
        [
            [
                group,
                *(percent(of(f"weight on block {i}", group, family)) for i in range(depth)),
                f"{number_of / (model.config.tokens + extra):.0%}",
            ]
            for group, number_of in counts.items()
            if number_of
        ],
    )


where_it_goes("vit", "weight on", extra=0)

# %% tags=["remove-code"]
plain, registers = (of("largest norm", family=f) for f in ("vit", "registers"))
assert all(of("high-norm patches", family=f).high == 0 for f in ("vit", "registers"))
runs = [run["weight on"] for run in study.cell(family="vit")["runs"]]
each_block = [run[f"block {i}"] for run in runs for i in range(depth)]
tokens = model.config.tokens
assert all(w["empty"] < count["empty"] / tokens for w in each_block)
assert all(w["digit"] > count["digit"] / tokens for w in each_block)
most = [
    max((run[f"block {i}"] for i in range(depth)), key=lambda w: w["empty"] - w["digit"])
    for run in runs
]
assert all(w["empty"] > w["digit"] for w in most)

where_it_goes("registers", "with registers", extra=4)

# %% [markdown]
# **Ours have none.** The longest token of a picture is on average {eval}`number(plain)` times the median
# ({eval}`number(registers)` with four registers), and no patch of any picture reaches three times. So they cannot show what registers
# mend: with them attention points right in {eval}`between("points", BLIND, "registers")`, without in {eval}`between("points", BLIND)`. And our
# grass? In every block of every model an empty patch gets less than an even share and a patch of the digit more. But there are many:
# each model has a block where all empty ones together get more than the digit, up to {eval}`f"{max(w['empty'] for w in most):.0%}"`.
#
# ## Maps that segment: DINO
#
# The paper on DINO found that features of *self-supervised* ViTs contain the segmentation of a scene explicitly, which does not emerge as clearly in
# supervised ViTs or in CNNs ({eval}`SOURCES["dino"]`). That is a statement about one way of training, and shown on photographs. It does not say
# that the maps of *your* supervised ViT segment, nor that a segment is a reason. And DINOv2 without registers is one of the models with noisy
# maps above. The paper measured it: {eval}`f"{QUOTED['DINO, overlap'].value:g}"`% overlap with the object, {eval}`f"{QUOTED['DINO, overlap with labels'].value:g}"`%
# for a twin with labels, {eval}`f"{QUOTED['DINO, overlap untrained'].value:g}"`% for an untrained one, best heads. [Without labels](no-labels.md#does-attention-find-the-object)
# shows how DINO learns, and what an overlap is worth: there an untrained ViT, brightness and chance are measured on scenes whose outlines are known.
#
# ## What this page does not show
#
# - Models of {eval}`f"{size:,}"` parameters on drawn pictures, {eval}`seeds` seeds, {eval}`per_test` pictures a test (test 4: {eval}`find_reading.FEW`). Another task may turn the
#   order of the readings round: run the tests on *your* model.
# - “The digit’s box” is where the answer *is*. A model may also use the dark around it: then a map that says so is right, and counted wrong.
# - One setting of each reading; others are options of the functions.
#
# ## What to remember
#
# - **A map of weights shows where heads listen.** Not why this class, nor what was done with it.
# - Give every map a yardstick that knows no model: brightness, an untrained twin, a random order.
# - Ask for another class. Does the map move? Break the head. Does it notice?
# - If you need “which patches decide”, change patches.
#
# ## Your turn
#
# Guess first, then open the answer.

# %% tags=["remove-code"]
inside = singles.inside()
layers = list(attention_weights(model.walk(singles.images)))


def rolled(**options):
    """Return how often a variant of rollout points to the digit."""
    found = rollout(layers, **options)[:, 0, model.config.prefix :].reshape(-1, *GRID)
    return pointing(found, inside).share


usual, harsh = rolled(), rolled(fusion="max", discard=0.9)
attribute = READINGS["generic attribution"]
every = [attribute(model, singles.images, torch.full_like(target, label)) for label in range(10)]
for_one = pointing(attribute(model, singles.images, target), inside).share
for_all = pointing(sum(every), inside).share

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, arrange, calculate, choose

some = ("rollout", "value norms", "generic attribution", "occlusion")
pointed = {name: points[name].mean for name in ("rollout", "generic attribution", "brightness")}
Exercises(
    choose("There are two digits in the picture, and you ask for the *other* one. Which of these maps **can change**?",
           {name: name not in CLASS_AGNOSTIC for name in some}, several=True,
           slips={"rollout": "It is made of weights alone, and nobody told those which class you ask for.", "value norms": "It knows how much each value brings, but not which class you ask for."},
           because="A map that asks for a class needs something of that class: its gradient, or its probability when a patch is hidden."),
    choose("You randomise the weights of the **last layer** (the head), so its answers mean nothing any more. Which map stays as it was?",
           {name: of("like without head", name).low > 0.999 for name in some if name != "value norms"},
           slips={"generic attribution": "It runs a gradient through that layer, so it notices.", "occlusion": "It watches the probability, which is ruined."},
           because="Rollout never reads that layer. A map that stays the same when the answer is ruined cannot have explained the answer."),
    calculate(f"A picture has {PATCHES} patches, and the digit fills four of them. A map points at random. **How often** does it hit the digit?",
              CHANCE, hints=["How many of all patches count as right?"], digits=3,
              slips=[(1 / PATCHES, "That is the chance of one patch. Four count as right."), (1 / 4, "That is one of the digit's patches. Compare with all patches.")],
              because=f"{CHANCE * PATCHES:g} of {PATCHES} is {CHANCE:.3f}. But brightness alone, which knows no model, gets {percent(points['brightness'])}: that is the yardstick to beat."),
    arrange("How often does a map point to the digit? Order from the least to the most.", pointed,
            slips=[({name: -x for name, x in pointed.items()}, "That begins with the most.")],
            because="; ".join(f"{name} {percent(points[name])}" for name in sorted(pointed, key=lambda one: pointed[one])).capitalize() + ". Asking for the class is worth more than anything that weights alone can tell."),
)  # fmt: skip

# %% [markdown]
# **1.** Many notebooks use rollout with the *largest* head instead of the mean, and drop nine tenths of the weights. Does it
# point better?
#
# <details markdown="1"><summary>Answer</summary>
#
# On {eval}`len(singles)` pictures it points right in {eval}`f"{harsh:.0%}"`, plain rollout in {eval}`f"{usual:.0%}"`. Call
# `rollout(layers, fusion="max", discard=0.9)`. A cleaner map is not a truer one: test it.
#
# </details>
#
# **2.** Sum the maps of generic attribution over all ten classes. It no longer asks for one. How often does it still point right?
#
# <details markdown="1"><summary>Answer</summary>
#
# In {eval}`f"{for_all:.0%}"`; asked for the digit, in {eval}`f"{for_one:.0%}"`.
#
# </details>
#
# Train and test all of it again: `python -m studies reading`.
#
# ## Sources

# %% tags=["remove-code"]
keys = (
    "not-explanation", "not-not-explanation", "rollout", "value-norms", "relevance", "generic-relevance",
    "integrated-gradients", "occlusion", "rise", "pointing-game", "remove-retrain", "sanity-checks",
    "sanity-revisited", "registers", "registers-again", "registers-small", "dino", "glimpses",
)  # fmt: skip
bibliography(keys, ordered=True)
