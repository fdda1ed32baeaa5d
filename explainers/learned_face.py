# ---
# title: A face, learned
# description: Small Vision Transformers learn from drawn faces. Does attention go from eye to eye by itself? It depends on the task. Measured, over seeds.
# can: say when attention goes from eye to eye, and when it does not
# needs: [face, vit]
# order: 32
# section: Lessons
# page: lessons/learned-face.md
# notebook: true
# ---

# %% [markdown]
# # A face, learned
#
# In the [designed face](face.md) the left eye looks at the right eye because we chose every number.
# Here nobody chose. Small Vision Transformers learned from drawn faces, each with a task. **Do their
# eyes find each other, too?** The first map is ours; the others are learned.

# %% tags=["remove-code"]
from dataclasses import replace

import numpy as np
import torch

from vitexplain.attention import Attention
from vitexplain.designed import designed_attention
from vitexplain.experiments import face_reading, results, weights
from vitexplain.experiments.face_reading import erase, eye_weights
from vitexplain.experiments.face_tasks import (
    IRISES,
    LEFT_EYE,
    OPEN,
    RIGHT_EYE,
    TAGS,
    Expression,
    Faces,
    Fill,
    Tag,
    draw_faces,
    hide,
    lowered,
    tags,
)
from vitexplain.experiments.tasks import generator_of
from vitexplain.explorer import Map, Step, explorer
from vitexplain.faces import EXPRESSIONS, GRID, Look, draw_face
from vitexplain.facts import SOURCES
from vitexplain.figures import Bar, Reference, bars, head_layer_overview, patch_attention
from vitexplain.patches import patchify, unpatchify
from vitexplain.vit import attention_weights, count_parameters
from vitexplain.writing import interval, table

torch.set_grad_enabled(False)
HAIR, FAR_HAIR, NOSE, MOUTH, THIRD = 0, 3, 5, 6, 9  # THIRD: below the face
PATCHES = GRID[0] * GRID[1]
EVEN = 1 / PATCHES


def picture(image):
    """Return an image of the models, in [-1, 1], as one to look at."""
    return ((image[0] + 1) / 2).clamp(0, 1)


def call(head):
    """Name a head by its place."""
    return f"block {head[0]}, head {head[1]}"


def canonical():
    """Return the canonical face, its irises apart, so that each can be coloured."""
    black, white = (draw_face(look=replace(Look(), iris=c)).pixels for c in ("#000000", "#ffffff"))
    cover = np.repeat((white - black)[:1], 2, axis=0)  # one for each eye
    middle = cover.shape[-1] // 2
    cover[0, :, middle:], cover[1, :, :middle] = 0, 0
    images, iris = (torch.tensor(x, dtype=torch.float32)[None] for x in (black, cover))
    return Faces(images, iris, torch.tensor([0]))


face = draw_face()
image = 2 * torch.tensor(face.pixels, dtype=torch.float32)[None] - 1
tagger = weights.load("face-tag")
blocks = [step.attention.attention for step in tagger.walk(image) if hasattr(step, "attention")]
learned = torch.stack([block.weights[0] for block in blocks])  # (block, head, query, key)


def place(values):
    """Return the block and head of the largest value."""
    return divmod(int(values.argmax()), values.shape[1])


def one(head):
    """Return one learned head's attention."""
    return Attention(**{name: part[0, head[1]] for name, part in vars(blocks[head[0]]).items()})


finder = place(learned[:, :, LEFT_EYE, RIGHT_EYE])
keeper = place(learned[:, :, LEFT_EYE, LEFT_EYE])
avoider = place(-learned[:, :, LEFT_EYE, RIGHT_EYE])
sides = ["left" if i % GRID[1] < GRID[1] // 2 else "right" for i in range(PATCHES)]
names = [
    f"background {i}" if label == "background"
    else f"{side} {label.replace('skin', 'cheek')}" if label in ("hair", "skin")
    else label
    for i, (label, side) in enumerate(zip(face.labels, sides, strict=True))
]  # fmt: skip
short = [
    n.split()[-1] if "background" in n else n.replace("left", "L").replace("right", "R")
    for n in names
]
designed = designed_attention()
P, found = designed.head(0).weights, learned[finder]
elsewhere = int(learned[avoider][LEFT_EYE].argmax())
back = found[RIGHT_EYE, LEFT_EYE]
best_back = int(found[RIGHT_EYE].argmax())
answers_most = best_back == LEFT_EYE
tour = [
    Step("By design", "You know this map: we wrote its matrices. The **left eye** asks.",
         ask="Whom does it hear most?", choices=(LEFT_EYE, RIGHT_EYE, MOUTH),
         answer=f"The **right eye**, with {P[LEFT_EYE, RIGHT_EYE]:.4f}. It keeps {P[LEFT_EYE, LEFT_EYE]:.4f} for itself.",
         query=LEFT_EYE, map=0, holds=lambda w: {"the right eye wins": w[LEFT_EYE].argmax() == RIGHT_EYE}),
    Step("By learning", f"The same face in a model that learned. This is its {call(finder)}. The left eye asks again.",
         ask="How much goes to the right eye: less than by design, or more?",
         answer=f"**{found[LEFT_EYE, RIGHT_EYE]:.4f}**. Of its twelve heads, this one gives the other eye most.",
         query=LEFT_EYE, map=1,
         holds=lambda w: {"more than by design": w[LEFT_EYE, RIGHT_EYE] > P[LEFT_EYE, RIGHT_EYE], "twelve heads": learned.shape[:2].numel() == 12,
                          "this one gives most": np.isclose(w[LEFT_EYE, RIGHT_EYE], learned[:, :, LEFT_EYE, RIGHT_EYE].max())}),
    Step("And back?", "In the same head, the **right eye** asks.",
         ask="Does it return the look?", choices=(LEFT_EYE, RIGHT_EYE),
         answer=f"It gives the left eye {back:.4f}" + (", most of all." if answers_most else f"; most goes to the {names[best_back]}."),
         query=RIGHT_EYE, map=1,
         holds=lambda w: {"what most goes to": w[RIGHT_EYE].argmax() == (LEFT_EYE if answers_most else best_back), "so much comes back": np.isclose(w[RIGHT_EYE, LEFT_EYE], back)}),
    Step("Another head keeps", f"Now {call(keeper)}. The left eye asks.",
         ask="Whom does it hear most?", choices=(LEFT_EYE, RIGHT_EYE),
         answer=f"**Itself**: {learned[keeper][LEFT_EYE, LEFT_EYE]:.4f}. To compare two eyes, a patch needs both.",
         query=LEFT_EYE, map=2, holds=lambda w: {"itself most": w[LEFT_EYE].argmax() == LEFT_EYE}),
    Step("A third looks elsewhere", f"And {call(avoider)}, of all heads the one with the least for the other eye.",
         ask="What is left for the right eye?",
         answer=f"{learned[avoider][LEFT_EYE, RIGHT_EYE]:.4f}. Most goes to {names[elsewhere]}. Had you been shown this head alone, you would tell another story.",
         query=LEFT_EYE, map=3,
         holds=lambda w: {"the least of all heads": np.isclose(w[LEFT_EYE, RIGHT_EYE], learned[:, :, LEFT_EYE, RIGHT_EYE].min()),
                          "next to nothing": w[LEFT_EYE, RIGHT_EYE] < EVEN / 4, "most goes elsewhere": w[LEFT_EYE].argmax() == elsewhere != RIGHT_EYE}),
]  # fmt: skip
explorer(
    [
        Map("designed: partners", designed.head(0), designed.query_dims[0], designed.value_dims[0],
            note="Chosen by hand: other side, same kind."),
        Map(f"learned: {call(finder)}", one(finder), note="Most for the other eye."),
        Map(f"learned: {call(keeper)}", one(keeper), note="Most for the eye itself."),
        Map(f"learned: {call(avoider)}", one(avoider), note="Least for the other eye."),
    ],
    tokens=names, title="The same face: designed and learned", image=face.image, grid=GRID,
    short=short, tour=tour, url=True,
)  # fmt: skip

# %% [markdown]
# Side by side, what the left eye attends to: by design, in the learned {eval}`call(finder)`, and in the mean of all
# {eval}`learned.shape[:2].numel()` learned heads:

# %% tags=["remove-code"]
together = learned.mean((0, 1))[LEFT_EYE]
background = [i for i, name in enumerate(names) if name.startswith("background")]
groups = {
    "right eye": [RIGHT_EYE], "itself": [LEFT_EYE], "nose and mouth": [NOSE, MOUTH],
    "hair and cheeks": [HAIR, FAR_HAIR, 4, 7], f"background, {len(background)} patches": background,
}  # fmt: skip
assert sorted(i for where in groups.values() for i in where) == list(range(PATCHES))
table(
    ["the left eye attends to", "designed", "one learned head", "all learned heads"],
    [
        [
            name,
            *(f"{float(row[where].sum()):.4f}" for row in (P[LEFT_EYE], found[LEFT_EYE], together)),
        ]
        for name, where in groups.items()
    ],
)

# %% [markdown]
# ## Three tasks, one architecture

# %% tags=["remove-code"]
study = results.read("faces")
config = tagger.config
size, number = count_parameters(config), face_reading.NUMBER
seeds = study.of("eye to eye", task="tag").seeds
tag, fill, control = (
    {name: study.of(name, task=task) for name in study.cell(task=task)["measures"]}
    for task in ("tag", "fill", "expression")
)
assert min(tag["accuracy"].mean, control["accuracy"].mean) > 0.99
assert fill["error"].high < fill["error without looking"].low / 5

# %% [markdown]
# Each model is a ViT of {eval}`config.depth` blocks and {eval}`config.heads` heads on the same {eval}`PATCHES` patches
# ({eval}`f"{size:,}"` parameters in the first). The faces differ in hair, skin, iris,
# ribbon, mouth and background, and each is lowered by whole rows of patches at random.
#
# - **Tag.** Every patch says what it is: {eval}`"; ".join(TAGS)` (in the colour of the iris). *This task asks to compare
#   the eyes*, so some patch has to. Nobody says which, or how. On new faces
#   {eval}`f"{tag['accuracy'].mean:.1%}"` of the eyes are tagged rightly.
# - **Fill.** Three patches at random are hidden, and in half of the images one eye; the model paints them. Nobody tells it
#   where to look; but both irises have one colour, so that the other eye tells that colour. The squared error on a hidden eye is
#   {eval}`f"{fill['error'].mean:.3f}"`; painting the mean of all eyes would make it
#   {eval}`f"{fill['error without looking'].mean:.3f}"`.
# - **Expression.** The class token names one of {eval}`len(EXPRESSIONS)` expressions. That is the control: it
#   does not ask for a pair. {eval}`f"{control['accuracy'].mean:.1%}"` right.
#
# You can train them yourself: `python -m studies faces`.
#
# ## Every head at once
#
# The model has {eval}`learned.shape[:2].numel()` heads, and the explorer shows three. The best-looking head is the weakest evidence: here is
# what the left eye attends to in every head of the tagging model.

# %%
tagger = weights.load("face-tag")
learned = torch.stack([block[0] for block in attention_weights(tagger.walk(image))])
learned[:, :, LEFT_EYE, RIGHT_EYE].numpy().round(3)  # left eye to right eye: block, head

# %% tags=["remove-code", "figure"]
to_right, to_itself = learned[:, :, LEFT_EYE, RIGHT_EYE], learned[:, :, LEFT_EYE, LEFT_EYE]
above = int((to_right > EVEN).sum())
assert to_right.numel() / 2 < above < to_right.numel()
assert to_right.mean() > 4 * EVEN
untrained = weights.untrained("face-tag")
start = torch.stack([block[0] for block in attention_weights(untrained.walk(image))])
begun = float(start[:, :, LEFT_EYE, RIGHT_EYE].mean())
assert abs(begun - EVEN) < 0.1 * EVEN

head_layer_overview(list(learned), query=LEFT_EYE, grid=GRID, prefix=0)

# %% [markdown]
# {eval}`above` of {eval}`to_right.numel()` heads give the other eye more than an even share, 1/{eval}`PATCHES` =
# {eval}`f"{EVEN:.4f}"`. The mean is {eval}`f"{float(to_right.mean()):.3f}"`; the eye's own patch gets
# {eval}`f"{float(to_itself.mean()):.3f}"`. Before training the other eye got {eval}`f"{begun:.3f}"`. So much for one face and one
# model.
#
# ## How strong, and how reliable?
#
# Now {eval}`seeds` models for each task, each from another random start, on {eval}`number` new faces. The mean over all heads and
# blocks:

# %% tags=["remove-code", "figure"]
TASKS = {
    "tag": "tag: do the eyes match?",
    "fill": "fill: the hidden eye asks",
    "expression": "expression (control)",
}
shown = {"eye to eye": "other eye", "eye to itself": "itself", "eye to background": "background",
         "eye to erased eye": "erased eye"}  # fmt: skip
rows = []
for task, group in TASKS.items():
    for measure, name in shown.items():
        found = study.of(measure, task=task).cut
        rows.append(
            Bar(
                name,
                *(round(x, 4) for x in (found.mean, found.low, found.high)),
                group=group,
                family="vit",
            )
        )

assert tag["eye to eye"].low > fill["eye to eye"].high
assert fill["eye to eye"].low > EVEN
assert control["eye to eye"].low < EVEN < control["eye to eye"].high
for found in (tag, fill):
    assert found["eye to background"].high < EVEN
    assert found["eye to erased eye"].high < min(EVEN, found["eye to eye"].low / 2)
assert tag["eye to itself"].low > 2 * EVEN
strong = {task: [r["strongest head"] for r in study.cell(task=task)["runs"]] for task in TASKS}
assert min(strong["tag"]) > 0.5


def variation(runs):
    """Return the range over the seeds, as a share of their mean."""
    return np.ptp(runs) / np.mean(runs)


means = {task: [r["eye to eye"] for r in study.cell(task=task)["runs"]] for task in TASKS}
assert all(variation(strong[task]) > 2 * variation(means[task]) for task in ("fill", "expression"))

bars(
    rows,
    x="weight from the left eye's patch",
    reference=Reference(EVEN, "even"),
    interval=f"95 % confidence over {seeds} seeds",
)

# %% [markdown]
# - **Tag:** {eval}`interval(tag["eye to eye"].cut, 3)` for the other eye, {eval}`f"{tag['eye to eye'].mean / EVEN:.1f}"` times an even
#   share, and nearly as much for itself, {eval}`interval(tag["eye to itself"].cut, 3)`. It takes two to compare.
# - **Fill:** {eval}`interval(fill["eye to eye"].cut, 3)`, {eval}`f"{fill['eye to eye'].mean / EVEN:.1f}"` times even. Clear, and much weaker;
#   its first choice is [something else](#a-weight-is-not-a-reason).
# - **Expression:** {eval}`interval(control["eye to eye"].cut, 3)`. Over these seeds we cannot tell it from even.
#
# **Attention follows the task.** It is not the face that makes eyes look at eyes. And it follows content: put
# background where the other eye was, and that place gets less than an even share,
# {eval}`interval(tag["eye to erased eye"].cut, 3)` in tag and {eval}`interval(fill["eye to erased eye"].cut, 3)` in fill.
#
# How reliable is a single head? The strongest one gives the other eye, by seed,
# {eval}`", ".join(f"{x:.2f}" for x in strong["tag"])` (tag), {eval}`", ".join(f"{x:.2f}" for x in strong["fill"])` (fill) and
# {eval}`", ".join(f"{x:.2f}" for x in strong["expression"])` (expression). In the last two tasks
# it varies more from seed to seed than the mean of all heads does.
#
# ## Change the picture
#
# A map is a guess about what matters. Test it on the tagging model: change the right eye, and ask the
# *left* eye's patch. Its own pixels stay as they are.

# %% tags=["remove-code"]
base = canonical()


def coloured(left, right):
    """Return the canonical face with its irises in two of the five colours."""
    return base.coloured(IRISES[torch.tensor([[left, right]])])


# %%
same, other = coloured(left=0, right=0), coloured(left=0, right=3)
erased = erase(same, torch.tensor([RIGHT_EYE]), by=torch.tensor([PATCHES - 1]))


# %% tags=["remove-code"]
def answers(image, patches=(LEFT_EYE, RIGHT_EYE)):
    """Return what the tagging model says of patches of an image."""
    return [TAGS[int(best)] for best in tagger(image)[0, list(patches)].argmax(-1)]


LEFT = torch.tensor([LEFT_EYE])


def mean_weight(image, key=RIGHT_EYE, query=LEFT, model=tagger):
    """Return the weight between two patches, the mean over blocks and heads."""
    return float(eye_weights(model, image, query)[0, :, :, key].mean())


cases = {"one colour": same, "another colour": other, "erased": erased}
said = {name: answers(x) for name, x in cases.items()}
assert said["one colour"] == [TAGS[1], TAGS[1]]
assert said["another colour"] == [TAGS[2], TAGS[2]]
assert said["erased"] == [TAGS[1], TAGS[0]]
assert torch.equal(patchify(same, 16)[0, LEFT_EYE], patchify(other, 16)[0, LEFT_EYE])
assert mean_weight(erased) < EVEN < mean_weight(other)
table(
    ["the right eye is", "the left eye's patch says", "the right eye's patch says", "weight left → right"],
    [[name, *said[name], f"{mean_weight(x):.3f}"] for name, x in cases.items()],
    words=(0, 1, 2),
)  # fmt: skip

# %% tags=["remove-code"]
faces = draw_faces(12, seed=8)
is_open = torch.tensor([EXPRESSIONS[i] in OPEN for i in faces.expression])
every = torch.arange(300)


def drawn(task):
    """Return variations of the faces that a task may see."""
    chosen = faces if task is Expression else faces[is_open]
    return task(chosen, 1).draw(len(every), generator_of(1, 0))


def without_positions(name):
    """Return a trained model whose positions are all zero."""
    model = weights.load(name)
    model.pos_embed.zero_()
    return model


def tagged(model, images, right):
    """Return the share of the eyes that are tagged rightly."""
    return float((model(images).argmax(-1) == right)[right > 0].double().mean())


mixed = drawn(Tag)
truth = tags(mixed)
order = torch.stack([torch.randperm(PATCHES, generator=generator_of(2, i)) for i in range(300)])
pieces = patchify(mixed.images, 16)
jumbled = unpatchify(pieces.gather(1, order[:, :, None].expand_as(pieces)), GRID)
blind_tagger, blind_filler = without_positions("face-tag"), without_positions("face-fill")
scores = {
    "as drawn": tagged(tagger, mixed.images, truth),
    "positions zero": tagged(blind_tagger, mixed.images, truth),
    "patches shuffled": tagged(tagger, jumbled, truth.gather(1, order)),
}

filler = weights.load("face-fill")
half = drawn(Fill)
eye = half.eye(LEFT_EYE)
hidden = torch.zeros(len(every), PATCHES, dtype=torch.bool)
hidden[every, eye] = True
target = patchify(half.images, 16)[every, eye]
plain = half.eye(2 * GRID[1]) % PATCHES


def painted_wrong(images, model=filler):
    """Return the mean squared error on the hidden eye."""
    return float((model(hide(images, hidden))[every, eye] - target).square().mean())


errors = {
    "as drawn": painted_wrong(half.images),
    "positions zero": painted_wrong(half.images, blind_filler),
}
assert min(scores.values()) > 0.99
assert errors["positions zero"] > 5 * errors["as drawn"]
without = designed_attention(positions=False).head(0).weights[LEFT_EYE]
assert np.isclose(without[LEFT_EYE], without[RIGHT_EYE])
third = {}
for colour in range(len(IRISES)):
    eyes = patchify(coloured(0, colour), 16)[:, RIGHT_EYE]
    three = patchify(same, 16).clone()
    three[:, THIRD] = eyes
    third[colour] = answers(unpatchify(three, GRID), (LEFT_EYE, RIGHT_EYE, THIRD))
assert set(third[0]) == {TAGS[1]}
assert all(set(third[colour]) == {TAGS[2]} for colour in third if colour)
twins = patchify(same, 16).clone()
twins[:, RIGHT_EYE] = twins[:, LEFT_EYE]
twins = unpatchify(twins, GRID)
best = float(eye_weights(tagger, twins, LEFT)[0, *finder, RIGHT_EYE])
assert answers(twins) == [TAGS[1], TAGS[1]]
assert best < 0.7 * float(found_weight := eye_weights(tagger, same, LEFT)[0, *finder, RIGHT_EYE])
down = lowered(same, torch.tensor([1]))
row = GRID[1]
lower = mean_weight(down, RIGHT_EYE + row, LEFT + row)
stayed = mean_weight(same)
assert abs(lower - stayed) < 0.1 * stayed
assert mean_weight(down) < EVEN

# %% [markdown]
# The left patch changes its answer with the colour of an iris that it does not hold.
# Only attention carries anything from patch to patch, so the news came that way. And with the other eye gone? The
# weight drops below an even share, and the patch says “{eval}`said["erased"][0]`”. There is no other eye. It never met
# such a face in training, and nobody taught it what to say.
#
# ## Without positions, and out of order
#
# The designed head *needed* positions: without them the left eye gave both eyes the same. Does the learned one? Take
# {eval}`len(faces)` new faces, those of them with open eyes, in
# {eval}`len(every)` variations. Set the positions to zero, or shuffle all patches.

# %% tags=["remove-code"]
table(
    ["tagging model", *scores],
    [["eyes tagged rightly", *(f"{x:.1%}" for x in scores.values())]],
)

# %% [markdown]
# It does not need them, nor the order. Our rule was “an eye, on the *other side*”. What it learned is closer to
# “**all eyes in sight: do they agree?**”. Paint a third eye below the face, in another colour, and all three patches
# say “{eval}`third[1][0]`”; in the same colour, “{eval}`third[0][0]`”.
#
# Move the face down a row, and the attention moves with it: {eval}`f"{stayed:.3f}"` before,
# {eval}`f"{lower:.3f}"` after, from the left eye's new patch to the right eye's. The filling model is another
# matter: a hidden patch shows nothing, so its position is all it has. With positions at zero its error grows from {eval}`f"{errors['as drawn']:.3f}"` to
# {eval}`f"{errors['positions zero']:.3f}"`.
#
# ## A weight is not a reason
#
# What does the hidden eye of the filling model hear? Here the mean over all its heads, on the canonical face:

# %% tags=["remove-code", "figure"]
cover = torch.arange(PATCHES)[None] == LEFT_EYE
asked = hide(image, cover)
heard = eye_weights(filler, asked, LEFT)[0].mean((0, 1))
patch_attention(heard, image=picture(asked), grid=GRID, query=LEFT_EYE, labels=names)

# %% tags=["remove-code"]
seen = eye_weights(filler, hide(half.images, hidden), eye).mean((1, 2))
others = {"the hair beside it": HAIR, "the other eye": RIGHT_EYE, "the hair beyond": FAR_HAIR}
heard_of = {name: float(seen[every, half.eye(p)].mean()) for name, p in others.items()}
without = {
    name: painted_wrong(erase(half.images, half.eye(p), plain)) for name, p in others.items()
}
costs = {name: error - errors["as drawn"] for name, error in without.items()}
by_weight = sorted(range(GRID[1] * 2), key=lambda p: -float(seen[every, half.eye(p)].mean()))
assert by_weight[:2] == [HAIR, RIGHT_EYE]
eye_share = heard_of["the other eye"] / heard_of["the hair beside it"]
eye_effect = costs["the other eye"] / costs["the hair beside it"]
assert 0 < eye_effect < eye_share / 3
without_eye = without["the other eye"]
both_hidden = hidden.clone()
both_hidden[every, half.eye(RIGHT_EYE)] = True
wrong = filler(hide(half.images, both_hidden))[every, eye] - target
both = float(wrong.square().mean())
table(
    ["in the filling model", "weight", "error without it", "more error"],
    [
        [
            name,
            f"{heard_of[name]:.3f}",
            f"{without[name]:.4f}",
            f"+{costs[name] / errors['as drawn']:.0%}",
        ]
        for name in others
    ],
)

# %% [markdown]
# Over all variations it attends most to the hair beside it, and second to the other eye. Then we erase each and see how much
# worse it paints. **The eye has {eval}`f"{eye_share:.0%}"` of the hair's weight, and {eval}`f"{eye_effect:.0%}"` of its
# effect.** A likely reason: hair and skin fill most of the hidden patch, an iris few of its pixels. A weight counts
# neither pixels nor what is done with them. So take a map as a guess, and change the picture.
#
# In the control, weight and effect agree. Its class token attends most to the mouth:

# %% tags=["remove-code"]
reader = weights.load("face-expression")
posed = drawn(Expression)


def named(images):
    """Return the share of expressions named rightly."""
    return float((reader(images).argmax(-1) == posed.expression).double().mean())


parts = {"mouth": MOUTH, "right eye": RIGHT_EYE, "left eye": LEFT_EYE, "nose": NOSE}
above_all = eye_weights(reader, posed.images, torch.full((len(every),), -1)).mean((1, 2))
plain = posed.eye(2 * GRID[1]) % PATCHES
hears = {name: float(above_all[every, posed.eye(p)].mean()) for name, p in parts.items()}
stays = {name: named(erase(posed.images, posed.eye(p), plain)) for name, p in parts.items()}
assert max(hears, key=hears.get) == min(stays, key=stays.get) == "mouth"
table(
    ["expression model", "weight from the class token", "right without it"],
    [[name, f"{hears[name]:.3f}", f"{stays[name]:.1%}"] for name in parts],
)

# %% [markdown]
# ## What this does not show
#
# - These are tiny models on drawings, {eval}`PATCHES` patches, each eye always whole in a patch of its own, and {eval}`seeds`
#   seeds a task, so that the intervals are wide. Nothing follows for photographs.
# - The tagging task *asks* for the pair. That attention delivers it shows that it can, not that faces make it so.
# - A head is one path of many. Blocks mix, values and MLPs decide what is done with what was heard
#   ({eval}`SOURCES["rollout"]`).
# - The weights are those of seed 0, stored as float16. Load them: `weights.load("face-tag")`.
#
# ## What to remember
#
# - **Attention follows the task.** Eyes look at eyes where the answer needs both.
# - The learned way is not the designed way: no side, no position, several heads.
# - One head tells any story. Show all, or a mean, over seeds.
# - The weight says where a patch listens. Only a changed picture says what it was for.
#
# ## Your turn
#
# Guess first, then open the answer.

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, arrange, calculate, choose, look

quarter = 0.25
Exercises(
    look("The filling model has to paint the **left eye**, which is hidden. Before you look: which patch does it attend to most, in the mean of all its heads?",
         names, heard.numpy(), query=LEFT_EYE, image=picture(asked).permute(1, 2, 0).numpy(), grid=GRID, hints=["What fills most of the patch that it has to paint?"],
         slips={names[RIGHT_EYE]: "The other eye tells the colour of the iris. But an iris is few pixels.", names[LEFT_EYE]: "That patch is hidden: it can say nothing but where it is."},
         because=f"Hair and skin fill most of an eye's patch, and the {names[int(heard.argmax())]} shows both: weight {float(heard.max()):.2f}."),
    calculate(f"There are {PATCHES} patches, and a head gives the other eye a weight of {quarter}. **How many times an even share** is that?",
              quarter / EVEN, digits=0, hints=["An even share is what each patch gets if all get the same."],
              slips=[(EVEN, "That is the even share itself. Now divide the weight by it.")],
              because=f"An even share is 1/{PATCHES}, and {quarter} is {quarter / EVEN:g} times that. Always compare a weight with the even share: what is much among sixteen patches is little among four."),
    choose("Three tasks, three models. In which can the weight from eye to eye **not be told from an even share**?",
           {name: found["eye to eye"].low < EVEN < found["eye to eye"].high for name, found in (("Tag: do the eyes match?", tag), ("Fill: paint the hidden eye", fill), ("Expression: name it", control))},
           slips={"Tag: do the eyes match?": "This task has to compare two eyes, so some patch must attend from one to the other.", "Fill: paint the hidden eye": "Here the other eye shows the colour that is missing. It helps, and attention goes there."},
           because="An expression does not ask for a pair. The faces and the architecture are the same: attention follows the task."),
    choose("Paint a **third eye** below the face, in another colour. What does the tagging model say of each of the three?",
           {f"“{TAGS[1]}”": set(third[1]) == {TAGS[1]}, f"“{TAGS[2]}”": set(third[1]) == {TAGS[2]}, f"“{TAGS[0]}”": set(third[1]) == {TAGS[0]}, "Two match, one differs": len(set(third[1])) > 1},
           slips={"Two match, one differs": "That would be sensible, but it has not learned to find pairs.", f"“{TAGS[0]}”": "It needs no face around it to know an eye."},
           because="What it has learned is “all eyes in sight: do they agree?”. It never saw three, and nobody told it that eyes come in twos."),
    choose("All **positions** of the tagging model are set to zero. What happens to its answers about eyes?",
           {"Nearly all stay right": scores["positions zero"] > 0.95, "Half of them are right": abs(scores["positions zero"] - 0.5) < 0.1, "It no longer finds the eyes": scores["positions zero"] < 0.3},
           slips={"It no longer finds the eyes": "That was our designed head, which asks for the *other side*. This one asks for eyes.", "Half of them are right": "To compare two colours it need not know where they are."},
           because=f"{scores['positions zero']:.1%} are tagged rightly. The learned way is not the designed way."),
    arrange("You erase one patch, and the filling model paints the hidden eye without it. **What does it miss least?** Order by how much worse it paints.", costs,
            slips=[({name: -x for name, x in costs.items()}, "That begins with what it misses most.")],
            because="Erased, each makes the error larger: " + "; ".join(f"{name} by {costs[name] / errors['as drawn']:.0%}, with a weight of {heard_of[name]:.2f}" for name in sorted(costs, key=costs.get))+ ". A weight does not tell how much a patch is missed."),
)  # fmt: skip

# %% [markdown]
# **1.** Put a copy of the left eye's patch where the right eye was: two equal patches. What happens in
# {eval}`call(finder)`, which gave the other eye {eval}`f"{float(found_weight):.3f}"`? And does the model still answer?
#
# <details markdown="1"><summary>Answer</summary>
#
# It gives the copy {eval}`f"{best:.3f}"`: but for positions the two are one token, as in the designed head without
# them. The answer stays: “{eval}`answers(twins)[0]`”.
#
# </details>
#
# **2.** The filling model with *both* eyes hidden: is it worse off than with the other eye erased?
#
# <details markdown="1"><summary>Answer</summary>
#
# Its error is {eval}`f"{both:.4f}"`, against {eval}`f"{without_eye:.4f}"` with the other eye erased and
# {eval}`f"{errors['as drawn']:.4f}"` with it in sight.
#
# </details>
#
# ## Sources
#
# - {eval}`SOURCES["rollout"]`, {eval}`SOURCES["rollout"].title`.
# - {eval}`SOURCES["mae"]`, {eval}`SOURCES["mae"].title`: filling in hidden patches as a task.
