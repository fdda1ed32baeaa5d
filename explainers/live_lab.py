# ---
# title: The lab
# description: A small Vision Transformer runs in your browser on your own picture. Look into every layer and head, hide patches, switch heads off.
# order: 62
# section: Live
# nav_title: The lab
# page: live/lab.md
# given:
#   "45,000 pictures": "CIFAR-10's 50,000, less 5,000 for validation"
#   "128 test pictures": as many as the study measured
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
from PIL import Image

from vitexplain import export
from vitexplain.experiments import results, weights
from vitexplain.experiments.fetched import fetched
from vitexplain.explorer import Keep, Start, explore
from vitexplain.explorer.live import live
from vitexplain.export import answers
from vitexplain.facts import SOURCES, bibliography
from vitexplain.images.drawings import drawings, halved
from vitexplain.images.photographs import PHOTOGRAPHS, credits
from vitexplain.vit import PRESETS, count_parameters
from vitexplain.writing import count, listed, number, share, table

torch.set_grad_enabled(False)
MODELS = {"plain": "photo-patches", "stem": "photo-stem"}
HOMES = {"plain": weights.FOLDER, "stem": "studies/weights"}
CALLED = {"plain": "patches alone", "stem": "convolutions first"}
models = {name: weights.load(file, HOMES[name]) for name, file in MODELS.items()}
abouts = {name: export.about(export.graph(file)) for name, file in MODELS.items()}
about, config = abouts["plain"], models["plain"].config
labels, (seen, _) = about["labels"], about["image_size"]
samples = drawings()


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


def as_input(picture):
    """Return a sample as the models' input, (1, channel, row, col)."""
    pixels = np.moveaxis(halved(picture, seen), -1, 0)[None]
    mean, std = (np.array(about[name])[:, None, None] for name in ("mean", "std"))
    return torch.tensor((pixels - mean) / std, dtype=torch.float32)


def ask(images, name="plain", gates=None):
    """Return a model's logits, (image, class), its heads multiplied by gates."""
    model = models[name]
    if name == "stem":
        images = model.backbone(images)
    return answers(export.stored(model), images, model.config, ["logits"], gates=gates)["logits"]


def call(logits):
    """Name the class of the largest logit."""
    return labels[int(logits.argmax())]


def shares(logits, name="plain"):
    """Return the probabilities that the page shows: the logits divided by the model's temperature."""
    return (logits / abouts[name]["temperature"]).softmax(-1)


def strange(logits, name="plain"):
    """Say whether the page doubts that the picture shows any of the classes."""
    return bool(-logits.logsumexp(-1) > abouts[name]["energy_limit"])


inputs = {name: as_input(picture) for name, picture in samples.items()}
inputs |= {
    name: as_input(np.moveaxis(255 * photo.square(seen), 0, -1)) for name, photo in PHOTOGRAPHS.items()
}  # fmt: skip
others = list(fetched().values())  # none, unless `make models` has run
image = inputs["a ship"]
LAST, HEAD = config.depth - 1, 1
live(
    "lab",
    explorer=explore(
        models["plain"].walk(image), halved(samples["a ship"], seen), title="The lab", grid=config.grid,
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
study, short = results.read("photographs"), results.read("teacher")
parameters = {name: sum(p.numel() for p in model.parameters()) for name, model in models.items()}
times = count_parameters(PRESETS["B/16"]) / parameters["plain"]
OFF = [(layer, head) for layer in range(config.depth) for head in range(config.heads)]
FAMILY = {"plain": "patches", "stem": "stem"}


def one(name, taught="teacher"):
    """Return what was found of the model that ships, or of its twin that learned from labels."""
    return study.cell(**{"model": FAMILY[name], "taught by": taught})["runs"][0]


def over(name, taught="teacher"):
    """Return the accuracy after the shorter training, over seeds."""
    return short.of("accuracy", **{"model": FAMILY[name], "taught by": taught})


def rows():
    """Yield a row for each model: how it learned, how often it is right, and after fewer steps."""
    for name, taught in (("stem", "teacher"), ("plain", "teacher"), ("plain", "labels")):
        found = one(name, taught)
        yield (
            CALLED[name], taught, f"{found['accuracy']:.1%}", f"{found['validation']:.1%}",
            share(over(name, taught)),
        )  # fmt: skip


def hidden(image, patches):
    """Return an image with those patches at 0, the mean."""
    side, image = about["patch"][0], image.clone()
    for row, col in (divmod(int(patch), about["grid"][1]) for patch in patches):
        image[..., row * side : (row + 1) * side, col * side : (col + 1) * side] = 0
    return image


def place(patch):
    """Name a patch as the page does."""
    row, col = divmod(int(patch), about["grid"][1])
    return f"patch ({row}, {col})"


def without(head):
    """Return gates that switch a head off."""
    gates = torch.ones(config.depth, config.heads)
    gates[head] = 0
    return gates


def needed(name):
    """Hide patches, each time the one that costs the answer most, until it changes; return them."""
    start, gone = call(ask(inputs[name])[0]), []
    while call(now := ask(hidden(inputs[name], gone))[0]) == start:
        left = [patch for patch in range(PATCHES) if patch not in gone]
        tries = ask(torch.cat([hidden(inputs[name], [*gone, patch]) for patch in left]))
        gone.append(left[int(shares(tries)[:, labels.index(start)].argmin())])
    return gone, call(now)


def sure(name, model="plain"):
    """Write what a model says of a sample, and how sure it is."""
    logits = ask(inputs[name], model)[0]
    return f"{call(logits)}, {float(shares(logits, model).max()):.0%}"


# %% tags=["remove-code"]
found = one("plain")
worth = found["accuracy"] - one("plain", "labels")["accuracy"]
more = one("stem")["accuracy"] - found["accuracy"]
many, few = (each.cell(**{"model": "stem"})["recipe"]["steps"] for each in (study, short))
assert worth > 0.02 < more
assert over("stem").low > over("plain").high
assert over("plain").low < over("plain", "labels").high
assert over("plain", "labels").low < over("plain").high
refused = found["refused"]
fresh = list(found["distance before"].values())
near, far = (
    [away for head, away in found["distance after"].items() if head.startswith(f"block {layer},")]
    for layer in (0, LAST)
)
assert found["high-norm patches"] < 0.001
assert min(near + far) > 0.8 * min(fresh)  # none became near-sighted
assert refused["digits"] < 0.02 < refused["noise"] < refused["drawn faces"]
off = one("plain")["calibration error"]
frog, ship_ = ask(inputs["a frog"])[0], ask(inputs["a ship"])[0]
frogs, then = needed("a frog")
SHIP = labels.index(call(ship_))
without_one = shares(ask(torch.cat([hidden(image, [patch]) for patch in range(PATCHES)])))[:, SHIP]
looks = answers(export.stored(models["plain"]), image, config, [f"weights.{LAST}"])
attended = looks[f"weights.{LAST}"][0, HEAD, 0, config.prefix :]
favourite = int(attended.argmax())
harder = int((without_one < without_one[favourite]).sum())
assert attended.max() > 1.2 * attended.topk(2).values[1]
assert harder > PATCHES // 8


def fallen(name):
    """Return by how much each head, switched off, lowers the probability of what the model says."""
    before = shares(ask(inputs[name])[0])
    said = int(before.argmax())
    after = [shares(ask(inputs[name], gates=without(head))[0]) for head in OFF]
    changed = [labels[int(a.argmax())] for a in after]
    return before[said] - torch.stack(after)[:, said], [c for c in changed if c != labels[said]]


def heads_that_turn(turned):
    """Write how many heads change the answer alone."""
    return f"{count(len(turned))} of {len(OFF)} can" if turned else "none can"


horse_falls, horse_turned = fallen("a horse")
cat_falls, cat_turned = fallen("cat")
assert len(cat_turned) > len(horse_turned)
assert abs(horse_falls.max() - cat_falls.max()) < 0.1
UNKNOWN = ("a face", "astronaut", "coffee", "rocket", "temple")

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
# - **Two small models.** The first cuts the picture into patches and has nothing but attention and MLPs: {eval}`f"{parameters['plain']:,}"`
#   parameters, {eval}`config.depth` layers of {eval}`config.heads` heads. A [B/16](../lessons/vit.md) ({eval}`SOURCES["vit"]`) has
#   {eval}`f"{times:.0f}"` times as many. The second, *convolutions first*, looks through a few small kernels before it attends.
# - **They had a teacher.** A CNN learned 45,000 pictures of CIFAR-10 ({eval}`SOURCES["cifar"]`), recompressed as JPEG, and
#   told the two what it saw in them; [A teacher for a ViT](../lessons/distillation.md) explains why that helps. They know {eval}`len(labels)` classes: {eval}`listed(labels)`.
# - **They see little.** Your picture becomes {eval}`seen` × {eval}`seen` pixels, in {eval}`PATCHES` patches of
#   {eval}`about["patch"][0]` × {eval}`about["patch"][1]`. Switch to **Its patches** to see what is left of it.
# - **These are its numbers.** Your browser makes the picture small, not quite as Pillow does in our Python. From those pixels on,
#   every number is that of the tested Python functions, exported as they are; tests compare them, to one part in a hundred thousand.
#
# How often are they right on pictures that they have not learned from? And what was the teacher worth? The last model learned the same
# pictures in as many steps from their labels alone.

# %% tags=["remove-code"]
table(
    ["model", "taught by", "test", "validation", "test, short training, three seeds"],
    rows(),
    words=(0, 1),
)

# %% [markdown]
# (The test pictures were never used for a choice.) In the long run the teacher was worth {eval}`f"{100 * worth:.1f}"` points to the patches, and
# convolutions another {eval}`f"{100 * more:.1f}"`. Those are single models, the ones you play with. The last column is a run of {eval}`few` steps instead of {eval}`f"{many:,}"`, three
# times, with its 95% interval: there convolutions help as clearly, and of the teacher one sees nothing yet. Expect them to be wrong on your own picture: it is not from CIFAR-10.
#
# **How sure is sure?** The bars are probabilities: logits divided by a *temperature*, then softmax. It is chosen on validation pictures, so that
# where it claims four in five it is right about four times in five. For patches alone the mean gap between the two is {eval}`f"{off['as trained']:.1%}"`
# as trained and {eval}`f"{off['with the temperature']:.1%}"` with it. ({eval}`SOURCES["calibration"]`)
#
# **Not one of my classes.** There is no class for anything else, and softmax has to spend all of its probability somewhere. So the page also looks at the
# *energy*, minus the log of the sum of all exp(logit): it is high where no logit is large ({eval}`SOURCES["energy"]`). The limit was set on
# validation pictures; of the test pictures it lets {eval}`f"{1 - refused['test']:.0%}"` pass. It turns away
# {eval}`f"{refused['drawn faces']:.0%}"` of drawn faces and {eval}`f"{refused['noise']:.0%}"` of pure noise, but hardly any handwritten digit
# ({eval}`f"{refused['digits']:.1%}"`). It is a hint, no guard.
#
# **What its maps look like.** Before training every head looked {eval}`f"{min(fresh):.0f}"` to {eval}`f"{max(fresh):.0f}"` pixels far, on average over 128 test pictures.
# Now the heads of layer 0 lie between {eval}`f"{min(near):.0f}"` and {eval}`f"{max(near):.0f}"`, those of layer {eval}`LAST` between {eval}`f"{min(far):.0f}"` and {eval}`f"{max(far):.0f}"`. No head has become
# near-sighted, as some do in large ViTs ({eval}`SOURCES["vit"]`, Figure 7). And there are none of the dead spots that large ViTs have ({eval}`SOURCES["registers"]`): the longest patch token of a picture has {eval}`f"{found['largest norm']:.1f}"` times the median's length.
#
# ## Five experiments
#
# Take the sample that is named, press **As at first**, and **guess before you try**. The numbers below are Python's; yours may
# differ in the last digit.
#
# ### Hide the frog
#
# It says {eval}`sure("a frog")`. *Its patches.* There are {eval}`PATCHES`. How few must you hide until it says something else?
#
# <details markdown="1"><summary>Answer</summary>
#
# We hid, one after the other, whichever patch cost the frog most. After {eval}`len(frogs)` it says {eval}`then`: {eval}`listed([place(patch) for patch in frogs])`.
# Perhaps you find fewer; ours is the greedy way, not the best one.
#
# </details>
#
# ### Does it rest on what it looks at?
#
# *The ship; layer {eval}`LAST`, head {eval}`HEAD`, query: the class token.* The answer is read from this token. Here it looks most at
# {eval}`place(favourite)`. Is this the patch whose loss would hurt the ship most?
#
# <details markdown="1"><summary>Answer</summary>
#
# No. Without it the ship has {eval}`f"{float(without_one[favourite]):.1%}"`, before it had {eval}`f"{float(shares(ship_).max()):.1%}"`. Of the {eval}`PATCHES` patches, {eval}`harder` cost it more when you
# hide them. Where a head looks is not what the answer rests on: [Reading attention](../lessons/reading-attention.md) measures it.
#
# </details>
#
# ### Two models, one truck
#
# *The truck, “Other model” beside it.* Same pictures, same teacher, same steps. Do they agree?
#
# <details markdown="1"><summary>Answer</summary>
#
# Patches alone: {eval}`sure("a truck")`. Convolutions first: {eval}`sure("a truck", "stem")`. One picture says nothing about which is
# better. The table above does.
#
# </details>
#
# ### Switch one head off
#
# *The horse, then the cat. The heads.* There are {eval}`len(OFF)`. For which of the two pictures can one head alone change the answer?
#
# <details markdown="1"><summary>Answer</summary>
#
# For the horse, {eval}`heads_that_turn(horse_turned)`. For the cat (it says {eval}`sure("cat")`), {eval}`heads_that_turn(cat_turned)`. The most that a single head takes is about the same,
# {eval}`number(100 * horse_falls.max(), 0)` points of the horse's probability and {eval}`number(100 * cat_falls.max(), 0)` of the cat's. The horse can afford it. Where a model wavers, one
# vote decides.
#
# </details>
#
# ### Show it what it does not know
#
# *The face, the astronaut, the coffee, the rocket, the temple.* There is no class for any of them. What will it say, how sure will it
# be, and when will the page doubt it?
#
# <details markdown="1"><summary>Answer</summary>

# %% tags=["remove-code"]
table(
    ["picture", "patches alone", "doubted", "convolutions first", "doubted"],
    [
        (
            name,
            *(
                cell
                for model in MODELS
                for cell in (
                    sure(name, model),
                    "yes" if strange(ask(inputs[name], model)[0], model) else "no",
                )
            ),
        )
        for name in UNKNOWN
    ],
    words=None,
)

# %% [markdown]
# It has to choose one of the classes that it has, and may be quite sure of nonsense. Then take a picture of yourself.
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
# size in memory; phones may refuse. The models that come with this page have {eval}`f"{max(export.graph(file).stat().st_size for file in MODELS.values()) / 1e6:.1f}"` MB each, at most.
#
# ## The photographs

# %% tags=["remove-code"]
credits()

# %% [markdown]
# ## Sources

# %% tags=["remove-code"]
bibliography(("calibration", "cifar", "energy", "registers", "vit"))
