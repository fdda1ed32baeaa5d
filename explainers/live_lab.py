# ---
# title: The lab
# description: A small Vision Transformer runs in your browser on your own picture. Look into every layer and head, hide patches, switch heads off.
# order: 62
# section: Live
# nav_title: The lab
# page: live/lab.md
# ---

# %% [markdown]
# # The lab
#
# Bring a picture. A real, trained Vision Transformer looks at it here, in your browser, and shows you every number on
# the way to its answer. **Nothing leaves your machine**: no picture is uploaded, there is no server behind this page.

# %% tags=["remove-code"]
import io
from base64 import b64encode

import numpy as np
import torch
from PIL import Image, ImageDraw

from vitexplain import export
from vitexplain.experiments import results, weights
from vitexplain.experiments.fetched import fetched
from vitexplain.explorer import Keep, Start, explore
from vitexplain.explorer.live import live
from vitexplain.export import answers
from vitexplain.faces import draw_face
from vitexplain.facts import SOURCES, bibliography
from vitexplain.images.photographs import PHOTOGRAPHS, credits
from vitexplain.vit import PRESETS, count_parameters
from vitexplain.writing import listed, number

torch.set_grad_enabled(False)
MODELS = {"class": "lab-class", "mean": "lab-mean"}
STUDY = {"class": "class token", "mean": "mean of patches"}
SIDE, FINE = 256, 4  # pixels of a sample, and how much finer it is drawn
models = {name: weights.load(file) for name, file in MODELS.items()}
abouts = {name: export.about(export.graph(file)) for name, file in MODELS.items()}
about, config = abouts["class"], models["class"].config
labels, (seen, _) = about["labels"], about["image_size"]
LAST, HEAD, CLEAR = (
    config.depth - 1,
    1,
    0.1,
)  # CLEAR: a lead that the last digits of pixels do not change


def ground(*stops):
    """Return a square of colours that run from the first, at the top, to the last."""
    colours = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in stops], float)
    rows, places = np.linspace(0, 1, SIDE * FINE), np.linspace(0, 1, len(stops))
    column = np.stack([np.interp(rows, places, colours[:, i]) for i in range(3)], 1)
    return Image.fromarray(np.repeat(column[:, None], SIDE * FINE, 1).astype(np.uint8))


def draw(picture, *shapes):
    """Return a picture with shapes drawn on it: "polygon", "ellipse" or "rectangle", a colour, places."""
    brush = ImageDraw.Draw(picture)
    for kind, colour, *places in shapes:
        getattr(brush, kind)([place * FINE for place in places], fill=colour)
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX)


def windows(colour, top, bottom, *left):
    """Return windows, ten pixels wide."""
    return [("rectangle", colour, x, top, x + 10, bottom) for x in left]


P, E, R = "polygon", "ellipse", "rectangle"
ship = draw(
    ground("#9cc4e4", "#d6e6ef"),
    (R, "#27597d", 0, 165, 256, 256), (R, "#336a90", 0, 165, 256, 180),
    (P, "#8c2f2b", 22, 140, 236, 140, 206, 186, 52, 186),
    (P, "#e9e9e4", 60, 140, 64, 112, 196, 112, 204, 140), (R, "#f4f4f0", 88, 86, 176, 112),
    *windows("#2f3d4a", 94, 102, 96, 116, 136, 156),
    (R, "#c8402f", 112, 48, 136, 86), (R, "#222a30", 112, 48, 136, 58), (R, "#3a3a3a", 190, 60, 194, 112),
)  # fmt: skip
wheels = [(E, "#1c1c1e", x, 162, x + 46, 208) for x in (34, 96, 180)]
hubs = [(E, "#b5b8bc", x, 174, x + 22, 196) for x in (46, 108, 192)]
truck = draw(
    ground("#bcd3e2", "#e9eceb", "#a09f99"),
    (R, "#6e6d69", 0, 186, 256, 256), (R, "#e8e4da", 14, 60, 166, 176), (R, "#2f6db0", 160, 96, 240, 178),
    (P, "#bfe0ef", 190, 104, 224, 104, 234, 136, 190, 136), (R, "#44464a", 14, 170, 240, 186),
    *wheels, *hubs,
)  # fmt: skip
legs = [(R, "#7a4a26", x, 138, x + 14, 220) for x in (74, 98, 150, 172)]
horse = draw(
    ground("#b9d6ea", "#dbe9d8", "#7fa651"),
    (R, "#6d9a45", 0, 170, 256, 256), (E, "#7a4a26", 62, 92, 190, 156), *legs,
    (P, "#7a4a26", 160, 120, 200, 50, 226, 64, 190, 140), (P, "#7a4a26", 196, 56, 240, 76, 232, 96, 206, 88),
    (P, "#7a4a26", 204, 36, 214, 58, 198, 58), (P, "#2d1a0e", 158, 110, 192, 46, 204, 50, 176, 120),
    (P, "#2d1a0e", 66, 104, 40, 170, 52, 172, 78, 120),
)  # fmt: skip
eyes = [
    (kind, colour, x + inset, 44 + down, x + inset + wide, 44 + down + high)
    for kind, colour, inset, down, wide, high in (
        (E, "#5d9a35", 0, 0, 44, 48), (E, "#f5f0c8", 9, 8, 26, 28), (E, "#17170f", 17, 14, 12, 16),
    )
    for x in (72, 140)
]  # fmt: skip
frog = draw(
    ground("#8a6d45", "#6d5534"),
    (E, "#4a7d2a", 30, 150, 226, 226), (E, "#5d9a35", 56, 92, 200, 206), (E, "#5d9a35", 70, 64, 186, 150), *eyes,
    (E, "#c9d98a", 90, 130, 166, 200), (E, "#5d9a35", 40, 180, 104, 226), (E, "#5d9a35", 152, 180, 216, 226),
    (R, "#33591a", 88, 116, 168, 120),
)  # fmt: skip
face = Image.fromarray(np.rint(255 * draw_face().image).astype(np.uint8)).resize((SIDE, SIDE), 0)
samples = {"a ship": ship, "a truck": truck, "a frog": frog, "a horse": horse, "a face": face}


def uri(picture):
    """Return a picture as an address that holds it, a PNG."""
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + b64encode(file.getvalue()).decode()


def thumb(photo):
    """Return the middle of a photograph, 112 pixels wide, as an address that holds it."""
    file = io.BytesIO()
    pixels = np.rint(255 * np.moveaxis(photo.square(112), 0, -1)).astype(np.uint8)
    Image.fromarray(pixels).save(file, "WEBP", quality=70)
    return "data:image/webp;base64," + b64encode(file.getvalue()).decode()


def shrunk(picture):
    """Return a sample as the page shows it to the model, (row, col, channel) in [0, 1]: halved again and again."""
    pixels = np.asarray(picture, float)
    while len(pixels) > seen:
        pixels = np.floor(pixels.reshape(len(pixels) // 2, 2, -1, 2, 3).mean((1, 3)) + 0.5)
    return pixels / 255


def as_input(picture):
    """Return a sample as the models' input, (1, channel, row, col)."""
    pixels = np.moveaxis(shrunk(picture), -1, 0)[None]
    mean, std = (np.array(about[name])[:, None, None] for name in ("mean", "std"))
    return torch.tensor((pixels - mean) / std, dtype=torch.float32)


def ask(images, name="class", gates=None):
    """Return a model's logits, (image, class), its heads multiplied by gates."""
    params = export.stored(models[name])
    return answers(params, images, config if name == "class" else models[name].config, ["logits"], gates=gates)["logits"]  # fmt: skip


def call(logits):
    """Name the class of the largest logit."""
    return labels[int(logits.argmax())]


inputs = {name: as_input(picture) for name, picture in samples.items()}
others = list(fetched().values())  # none, unless `make models` has run
image = inputs["a ship"]
live(
    "lab",
    explorer=explore(
        models["class"].walk(image), shrunk(ship), title="The lab", grid=config.grid,
        keep=Keep(layers=(LAST,), steps=((LAST, HEAD),)),
        start=Start(query=0, map=(LAST, HEAD), url=True),
    ),
    models=MODELS,
    config={
        "abouts": abouts,
        "offers": [
            {"name": one.title, "size": one.bytes, "url": f"../../../models/{one.graph.name}"}
            for one in others
        ],
        "first": {name: [round(float(x), 4) for x in ask(image, name)[0]] for name in MODELS},
        "samples": [
            *({"name": name, "image": uri(picture)} for name, picture in samples.items()),
            *(
                {"name": name, "image": photo.uri, "thumb": thumb(photo), "alt": photo.alt}
                for name, photo in PHOTOGRAPHS.items()
            ),
        ],
    },
)  # fmt: skip

# %% tags=["remove-code"]
PATCHES = config.patches
learned = {name: results.read("lab").of("accuracy", readout=STUDY[name]) for name in MODELS}
assert learned["class"].high > learned["mean"].low
parameters = count_parameters(config)
times = count_parameters(PRESETS["B/16"]) / parameters
OFF = [(layer, head) for layer in range(config.depth) for head in range(config.heads)]


def accuracy(name):
    """Write how often a model is right on images it has not learned from, and over seeds."""
    own, found = weights.describe(MODELS[name])["measured"]["accuracy"], learned[name].cut
    return f"{own:.1%} (over {found.seeds} seeds {found.mean:.1%}, {found.low:.1%} to {found.high:.1%})"


def hidden(image, patches):
    """Return an image with those patches at 0, the mean."""
    side, image = about["patch"][0], image.clone()
    for row, col in (divmod(patch, about["grid"][1]) for patch in patches):
        image[..., row * side : (row + 1) * side, col * side : (col + 1) * side] = 0
    return image


def each_hidden(name):
    """Return the logits of a sample with each patch hidden in turn, (patch, class)."""
    return ask(torch.cat([hidden(inputs[name], [patch]) for patch in range(PATCHES)]))


def without(heads):
    """Return gates that switch heads off."""
    gates = torch.ones(config.depth, config.heads)
    for head in heads:
        gates[head] = 0
    return gates


def place(patch):
    """Name a patch as the page does."""
    row, col = divmod(int(patch), about["grid"][1])
    return f"patch ({row}, {col})"


first = {name: ask(x)[0] for name, x in inputs.items()}
other = {name: ask(x, "mean")[0] for name, x in inputs.items()}
assert call(first["a frog"]) == "frog"
assert call(first["a ship"]) == "ship"
assert call(first["a horse"]) == "horse"
assert call(first["a truck"]) != "truck" == call(other["a truck"])

SHIP, FROG, HORSE = map(labels.index, ("ship", "frog", "horse"))
frogs = each_hidden("a frog")
rivals = frogs[:, [i for i in range(len(labels)) if i != FROG]].max(1).values
gone = [patch for patch in range(PATCHES) if rivals[patch] - frogs[patch, FROG] > CLEAR]
hardest = int(frogs[:, FROG].argmin())
assert 0 < len(gone) < PATCHES // 4
assert hardest in gone

ships = each_hidden("a ship")
assert (ships.argmax(-1) == SHIP).all()
ships = ships[:, SHIP]
looks = answers(export.stored(models["class"]), image, config, [f"weights.{LAST}"])[
    f"weights.{LAST}"
]
attended = looks[0, HEAD, 0, config.prefix :]
assert attended.max() > 1.2 * attended.topk(2).values[1]
favourite = int(attended.argmax())
harder = int((ships < ships[favourite]).sum())
assert harder > PATCHES // 2

horses = {head: ask(inputs["a horse"], gates=without([head]))[0] for head in OFF}
turned = {head: call(logits) for head, logits in horses.items() if call(logits) != "horse"}
lost = [float(first["a horse"][HORSE] - horses[head][HORSE]) for head in OFF]
by_layer = np.reshape(lost, (config.depth, config.heads)).max(1)
assert {layer for layer, _ in turned} == {0}
assert by_layer.argmax() == 0


def middle(photo):
    """Return the middle of a photograph as the models' input."""
    return as_input(np.moveaxis(255 * photo.square(seen), 0, -1))


astronaut, rocket = (call(ask(middle(PHOTOGRAPHS[name]))[0]) for name in ("astronaut", "rocket"))

there = listed(f"{one.title} ({one.bytes / 1e6:.0f} MB)" for one in others) if others else ""
larger = (
    "Models that others have trained are in the menu above **Open your ONNX model**: "
    f"{there}. Each is downloaded from this site when you ask for it, and opens like your own."
    if others
    else "This copy of the site has only the two small models. Where there is a network, "
    "`make models` fetches some that others have trained: DeiT, DINO, DINOv2 and ViT-B/16. Built "
    "again, this page offers them in a menu, each with its size."
)

# %% [markdown]
# ## What it is
#
# - **A small model.** {eval}`f"{parameters:,}"` parameters, {eval}`config.depth` layers of {eval}`config.heads` heads; a
#   [B/16](../lessons/vit.md) ({eval}`SOURCES["vit"]`) has {eval}`f"{times:.0f}"` times as many. It learned from {eval}`f"{weights.describe(MODELS['class'])['images']:,}"`
#   pictures of CIFAR-10 ({eval}`SOURCES["cifar"]`), recompressed as JPEG, and knows {eval}`len(labels)` classes: {eval}`listed(labels)`.
# - **Not a good one.** On pictures that it has not learned from it is right in {eval}`accuracy("class")`. The other model
#   reads the mean of the patches: {eval}`accuracy("mean")`. In brackets are 95% intervals. Expect it to be wrong on yours.
# - **It sees little.** Your picture becomes {eval}`seen` × {eval}`seen` pixels, in {eval}`PATCHES` patches of
#   {eval}`about["patch"][0]` × {eval}`about["patch"][1]`. Switch to **Its patches** to see what is left of it.
# - **It cannot say no.** There is no class for anything else.
# - **These are its numbers.** Your browser makes the picture small, not quite as Pillow does in our Python. From those pixels on,
#   every number is that of the tested Python functions, exported as they are; tests compare them, to one part in a hundred thousand.
#
# ## Five experiments
#
# Take the sample that is named, press **As at first**, and **guess before you try**. The logits below are Python's; yours may
# differ in the last digit.
#
# ### Hide one patch of the frog
#
# It says {eval}`call(first["a frog"])`, with {eval}`number(first["a frog"][FROG], 2)`. *Its patches.* You may hide one of {eval}`PATCHES`. Can you
# make it say something else, and with which one?
#
# <details markdown="1"><summary>Answer</summary>
#
# These do, and clearly: {eval}`listed([place(patch) for patch in gone])`. Hide {eval}`place(hardest)`, and the frog falls to
# {eval}`number(frogs[hardest, FROG], 2)`; the model then says {eval}`call(frogs[hardest])`. No single patch of the ship changes its answer.
#
# </details>
#
# ### Does it rest on what it looks at?
#
# *The ship; layer {eval}`LAST`, head {eval}`HEAD`, query: the class token.* The answer is read from this token. Here it looks most at
# {eval}`place(favourite)`. What does the logit of the ship do when you hide just that patch?
#
# <details markdown="1"><summary>Answer</summary>
#
# It goes from {eval}`number(first["a ship"][SHIP], 2)` to {eval}`number(ships[favourite], 2)`. Of the {eval}`PATCHES` patches, {eval}`harder` cost it more when you hide them. Where a
# head looks is not what the answer rests on: [Reading attention](../lessons/reading-attention.md) measures it.
#
# </details>
#
# ### Two readers, one truck
#
# *The truck, “Other model” beside it.* Both models learned from the same pictures in the same steps. One reads its answer from the class
# token, the other from the mean of all patches. Do they agree?
#
# <details markdown="1"><summary>Answer</summary>
#
# The class token says {eval}`call(first["a truck"])` ({eval}`number(first["a truck"].max(), 2)`), the mean {eval}`call(other["a truck"])`
# ({eval}`number(other["a truck"].max(), 2)`). One picture says nothing about which is better, and the
# accuracies above do not tell them apart either: their intervals overlap.
#
# </details>
#
# ### Switch one head off
#
# *The horse. The heads.* There are {eval}`len(OFF)`. In which layer does one head matter most, the first or the last?
#
# <details markdown="1"><summary>Answer</summary>
#
# The first. Off, {eval}`listed([f"head {head} of layer {layer} makes the horse a {name}" for (layer, head), name in turned.items()])`; no
# other head alone changes the answer. The most that one head of the last layer takes from the horse's logit is {eval}`number(by_layer[LAST], 2)`, and of
# the first {eval}`number(by_layer[0], 2)`. Now switch off several.
#
# </details>
#
# ### Show it what it does not know
#
# *A face. Then two photographs, the astronaut and the rocket.* There is no class for any of them. What will it say, and how sure
# will it be?
#
# <details markdown="1"><summary>Answer</summary>
#
# {eval}`call(first["a face"]).capitalize()`, with {eval}`number(first["a face"].max(), 2)`; for the ship it had {eval}`number(first["a ship"].max(), 2)`. It has to choose one
# of the classes that it has: the astronaut is a {eval}`astronaut` to it, and the rocket a {eval}`rocket`. Then take a picture of yourself.
#
# </details>
#
# ## Larger models
#
# {eval}`larger`
#
# ## Your own model
#
# Any checkpoint that [the command line](../command-line.md) opens can come here, as one ONNX file:
#
# ```console
# $ vitexplain export-onnx CHECKPOINT --outputs weights,scores,logits --out mine.onnx
# ```
#
# Drop it on the lab, or press **Open your ONNX model**. The file says how its pictures are made: their size, mean and spread, its
# patches, its classes. Add `query,key,value,scaled,head_outputs` to follow **Step by Step**, and `rollout` or `mean` for those maps. A model
# of the size of B/16 works. It is a large file, it takes some seconds to open and longer for each change, and it wants about three times its
# size in memory; phones may refuse. The models that come with this page have about half a megabyte each.
#
# ## The photographs

# %% tags=["remove-code"]
credits()

# %% [markdown]
# ## Sources

# %% tags=["remove-code"]
bibliography(("cifar", "vit"))
