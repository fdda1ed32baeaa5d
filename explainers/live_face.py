# ---
# title: The face, live
# description: Paint a face, move its eyes, erase one, shuffle all patches. Two small models run in your browser and answer every change.
# order: 61
# section: Live
# nav_title: The face, live
# page: live/face.md
# given:
#   "256 levels": of a byte
# ---

# %% [markdown]
# # The face, live
#
# Two models look at one picture: the [designed one](../lessons/face.md), whose numbers we chose, and the
# [learned one](../lessons/learned-face.md), which was trained to say whether two eyes match. Change the picture and
# see what each makes of it. **Guess first, every time.**

# %% tags=["remove-code"]
from dataclasses import replace

import numpy as np
import torch

from vitexplain.attention import Attention
from vitexplain.designed import HEADS, QUERY_DIMS, VALUE_DIMS
from vitexplain.experiments import weights
from vitexplain.experiments.face_tasks import IRISES, LEFT_EYE, RIGHT_EYE, TAGS
from vitexplain.explorer import Map, explorer
from vitexplain.explorer.live import live
from vitexplain.export import face_params, face_steps
from vitexplain.faces import GRID, PATCH, Look, draw_face
from vitexplain.pixels import png_uri
from vitexplain.writing import number

torch.set_grad_enabled(False)
PARTNERS, NEIGHBOURS = range(2)
MOUTH, BELOW = 6, 13  # a patch below the face, two rows under its left cheek
COLOURS = ("teal", "brown", "green", "blue", "purple")  # of the irises
TEAL, BLUE = COLOURS.index("teal"), COLOURS.index("blue")
MOODS = {"smile": "smiling", "calm": "calm", "sad": "sad", "surprise": "surprised"}
BRUSHES = (1.2, 3.3, 6.3)  # radii in pixels; a little more than whole, for round dabs
params, tagger = face_params(), weights.load("face-tag")


def rounded(image):
    """Return a picture as a screen has it: 256 levels of red, green and blue."""
    return np.round(255 * image) / 255


def rgb(colour):
    """Return a colour, "#rrggbb" or three shares, as three numbers to 255."""
    if isinstance(colour, str):
        return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return [round(255 * float(x)) for x in colour]


def iris(i):
    """Return one of the colours of irises as "#rrggbb"."""
    return "#" + "".join(f"{x:02x}" for x in rgb(IRISES[i]))


def two_eyed(expression, look, left, right):
    """Return a face, and its picture with an iris of its own in each half."""
    one, other = (draw_face(expression=expression, look=replace(look, iris=iris(i))) for i in (left, right))  # fmt: skip
    picture = one.image.copy()
    middle = picture.shape[1] // 2
    picture[:, middle:] = other.image[:, middle:]
    return one, picture


def call(face):
    """Name each patch, with its side or its number where a name alone is not unique."""
    sides = ["left" if i % GRID[1] < GRID[1] // 2 else "right" for i in range(len(face.labels))]
    return [
        f"background {i}" if label == "background"
        else f"{side} {label.replace('skin', 'cheek')}" if label in ("hair", "skin")
        else label
        for i, (label, side) in enumerate(zip(face.labels, sides, strict=True))
    ]  # fmt: skip


def shorten(name):
    """Shorten a patch's name for the margin of a matrix."""
    side, _, what = name.partition(" ")
    return what if side == "background" else f"{what} {side[0].upper()}" if what else side


def entry(name, face, picture):
    """Return what the widget is told of a face."""
    names = call(face)
    assert [names[i] for i in (LEFT_EYE, RIGHT_EYE)] == ["left eye", "right eye"]
    return {
        "name": name, "image": png_uri(picture), "names": names,
        "short": [shorten(one) for one in names], "eyes": [LEFT_EYE, RIGHT_EYE],
        "skin": rgb(face.look.skin), "background": rgb(face.look.background),
    }  # fmt: skip


def other(seed, left, right):
    """Return another face, its eyes in their patches as in all faces that the model learned from."""
    rng = np.random.default_rng(seed)
    look = replace(Look.random(rng), size=1.0, shift=(float(rng.uniform(-2, 2)), float(rng.uniform(-1, 1))))  # fmt: skip
    mood = str(rng.choice(list(MOODS)))
    name = f"{MOODS[mood]}, eyes {'match' if left == right else 'differ'}"
    return entry(name, *two_eyed(mood, look, left, right))


face = draw_face()
image = rounded(face.image)
faces = [
    entry("as in the lessons", face, face.image),
    entry("the same, eyes differ", *two_eyed("smile", Look(), TEAL, BLUE)),
    other(0, 1, 1), other(1, 0, 3), other(2, 2, 2), other(6, 4, 1),
]  # fmt: skip


def designed(picture, positions=True):
    """Return the weights of the designed heads on a picture, (head, query, key)."""
    return face_steps(params, np.moveaxis(picture, -1, 0), float(positions))["weights"]


def learned(picture):
    """Return the logits of the learned model for each patch of a picture."""
    return tagger(torch.tensor(2 * np.moveaxis(picture, -1, 0)[None] - 1, dtype=torch.float32))[0]


def says(picture, patch=LEFT_EYE):
    """Return what a patch of a picture says, in the learned model."""
    return TAGS[int(learned(picture)[patch].argmax())]


def ahead(picture, patch=LEFT_EYE):
    """Return how far the largest logit of a patch is ahead of the next."""
    best = learned(picture)[patch].topk(2).values
    return f"{float(best[0] - best[1]):.1f}"


def cut(patch):
    """Return where a patch is in a picture."""
    row, col = (PATCH * place for place in divmod(patch, GRID[1]))
    return slice(row, row + PATCH), slice(col, col + PATCH)


def swapped(picture, a, b):
    """Return a picture with two patches in each other's place."""
    made = picture.copy()
    made[cut(a)], made[cut(b)] = picture[cut(b)], picture[cut(a)]
    return made


def dabbed(picture, row, col, radius, colour):
    """Return a picture with one dab of the brush."""
    made = picture.copy()
    rows, cols = np.ogrid[: picture.shape[0], : picture.shape[1]]
    made[(rows - row) ** 2 + (cols - col) ** 2 <= radius**2] = np.array(rgb(colour)) / 255
    return made


steps = face_steps(params, np.moveaxis(image, -1, 0))
fields = {name: steps["head_outputs" if name == "output" else name] for name in Attention.__annotations__}  # fmt: skip
notes = ("Looks for parts of the same kind, facial features first, on the other side.",
         "Compares places and nothing else.")  # fmt: skip
live(
    "face",
    explorer=explorer(
        [
            Map(name, Attention(**{field: x[i] for field, x in fields.items()}), QUERY_DIMS[i], VALUE_DIMS[i], note=notes[i])
            for i, name in enumerate(HEADS)
        ],
        tokens=faces[0]["names"], short=faces[0]["short"], title="The face, live", image=image,
        grid=GRID, query=LEFT_EYE,
    ),
    models={"designed": "face-designed", "learned": "face-learned"},
    config={
        "shape": {"rows": GRID[0], "cols": GRID[1], "patch": PATCH}, "faces": faces,
        "colours": [{"name": name, "colour": None} for name in ("skin", "background")]
        + [{"name": name, "colour": rgb(colour)} for name, colour in zip(COLOURS, IRISES, strict=True)]
        + [{"name": "white", "colour": [255] * 3}, {"name": "black", "colour": [0] * 3}],
        "brushes": list(BRUSHES),
    },
)  # fmt: skip

# %% tags=["remove-code"]
base, blind = designed(image), designed(image, positions=False)
names = faces[0]["names"]
bald = image.copy()
bald[cut(RIGHT_EYE)] = np.array(faces[0]["background"]) / 255  # as the button does
alone = designed(bald)
instead = int(alone[PARTNERS, LEFT_EYE].argmax())
moved = swapped(image, RIGHT_EYE, BELOW)
far, far_blind = designed(moved), designed(moved, positions=False)
order = np.arange(GRID[0] * GRID[1])
order[[RIGHT_EYE, BELOW]] = BELOW, RIGHT_EYE
assert np.allclose(far_blind, blind[:, order][:, :, order], atol=1e-12)
assert not np.allclose(
    far[PARTNERS, LEFT_EYE, BELOW], base[PARTNERS, LEFT_EYE, RIGHT_EYE], rtol=0.1
)
row, col = 13, 40  # the middle of the right iris
blue = dabbed(image, row, col, BRUSHES[1], iris(BLUE))
near = [dabbed(image, row + i, col + j, BRUSHES[1], iris(BLUE)) for i in (-1, 0, 1) for j in (-1, 0, 1)]  # fmt: skip
assert {says(one) for one in near} == {TAGS[2]}
assert np.array_equal(blue[cut(LEFT_EYE)], image[cut(LEFT_EYE)])
mirrored = image[:, ::-1]
assert says(image) == TAGS[1]
assert says(mirrored) == says(mirrored, RIGHT_EYE) == TAGS[2]

# %% [markdown]
# - **Move** makes two patches change places, and **Stamp** copies one. Both keep the patches whole: a Vision Transformer
#   reads patches, so you move what it reads. **Paint** changes single pixels.
# - **Designed** has two heads, **Learned** {eval}`tagger.config.depth` layers of {eval}`tagger.config.heads`. The map you
#   choose stays while you edit, and the query goes where its patch goes.
# - *Untouched* is the face as it was drawn, with positions; *Now* is yours. Your picture has 256 levels of each colour, so
#   that a last digit may differ from the lessons.
#
# ## Four experiments
#
# Press **Reset** before each, and pick the left eye as the query.
#
# ### Erase an eye
#
# *Designed, map “{eval}`HEADS[PARTNERS]`”.* The left eye gives the right eye {eval}`number(base[PARTNERS, LEFT_EYE, RIGHT_EYE], 4)`, most
# of all. Now **Erase right eye**: its patch becomes plain background. Who takes its place?
#
# <details markdown="1"><summary>Answer</summary>
#
# The {eval}`names[instead]`, with {eval}`number(alone[PARTNERS, LEFT_EYE, instead], 4)`: the feature that is left on the other side. The
# erased place keeps {eval}`number(alone[PARTNERS, LEFT_EYE, RIGHT_EYE], 4)`. Switch to *Learned*: the right place says
# “{eval}`says(bald, RIGHT_EYE)`”, and the left eye, quite alone, “{eval}`says(bald)`”. It never met one eye, and nobody taught it
# what to say.
#
# </details>
#
# ### Move an eye
#
# *Designed.* **Move** the right eye to the second place of the bottom row. Does the left eye still find it? And with **Positions** off?
#
# <details markdown="1"><summary>Answer</summary>
#
# With positions its weight falls from {eval}`number(base[PARTNERS, LEFT_EYE, RIGHT_EYE], 4)` to {eval}`number(far[PARTNERS, LEFT_EYE, BELOW], 4)`: it
# is on the left side now, and this head asks for the other one. Without positions it has
# {eval}`number(far_blind[PARTNERS, LEFT_EYE, BELOW], 4)` there and had {eval}`number(blind[PARTNERS, LEFT_EYE, RIGHT_EYE], 4)` before. Every weight
# just goes with its patch. Try **Shuffle**.
#
# </details>
#
# ### Paint one iris
#
# *Learned.* **Paint** the right iris blue: one dab of the medium brush does. What will the *left* eye's patch say, whose own pixels
# you leave alone?
#
# <details markdown="1"><summary>Answer</summary>
#
# “{eval}`says(blue)`”, ahead by {eval}`ahead(blue)`; before it said “{eval}`says(image)`”, ahead by {eval}`ahead(image)`. Only attention
# can have told it. Then **Stamp** the left eye over the blue one, and it changes its mind again.
#
# </details>
#
# ### Mirror the face
#
# *Learned.* **Mirror** it. Both eyes still have one colour. What does the model say?
#
# <details markdown="1"><summary>Answer</summary>
#
# “{eval}`says(mirrored)`”, ahead by {eval}`ahead(mirrored)`: wrong, and sure of it. In every face that it learned from, the light in the eye,
# the nose and the parting lay on one side; here they lie on the other. And *Designed*: from the same eye to the other
# {eval}`number(designed(mirrored)[PARTNERS, RIGHT_EYE, LEFT_EYE], 4)` instead of {eval}`number(base[PARTNERS, LEFT_EYE, RIGHT_EYE], 4)`. Its
# embedding was solved for one face and knows eyes by their very pixels.
#
# </details>
