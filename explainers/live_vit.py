# ---
# title: The machine
# description: A whole Vision Transformer, live, from pixel to answer. Zoom to any of its million numbers, take parts out, see what changes.
# order: 59
# section: Live
# nav_title: The machine
# page: live/vit.md
# hide: [navigation, toc]
# ---

# %% [markdown]
# # The machine
#
# This is a whole Vision Transformer, working on a picture in your browser. **Every number in it can be touched**: come
# nearer until you see it, click it, and read how it came to be. Take a part out, and watch what that does to the answer.

# %% tags=["remove-code"]
import numpy as np
import torch

from vitexplain import export
from vitexplain.experiments import weights
from vitexplain.explorer import Keep, Start, explore
from vitexplain.explorer.live import live
from vitexplain.export import answers
from vitexplain.export.outputs import BRANCHES
from vitexplain.images.drawings import drawings, halved
from vitexplain.images.photographs import PHOTOGRAPHS, credits
from vitexplain.pixels import png_uri
from vitexplain.vit import count_parameters
from vitexplain.writing import count

torch.set_grad_enabled(False)
NAME = "photo-patches"
model, about = weights.load(NAME), export.about(export.graph(NAME))
config, labels, side = model.config, about["labels"], about["image_size"][0]
params = export.stored(model)
LAST, CLASS = config.depth - 1, 0
CALLED = {
    "cat": "the cat",
    "rocket": "the rocket",
    "astronaut": "the astronaut",
    "coffee": "the coffee",
}


photos = {name: np.moveaxis(PHOTOGRAPHS[name].square(side), 0, -1) for name in PHOTOGRAPHS}
pictures = {name: halved(picture, side) for name, picture in drawings().items()}
pictures |= {name: np.rint(255 * photo) / 255 for name, photo in photos.items()}
names = list(pictures)


def asked(name, outputs=("logits",), hidden=(), **changes):
    """Return what the model answers to a picture with patches hidden, heads or parts out."""
    pixels = np.moveaxis(pictures[name], -1, 0)[None]
    image = torch.tensor((pixels - 0.5) / 0.5, dtype=torch.float32)
    size, cols = about["patch"][0], about["grid"][1]
    for patch in hidden:
        row, col = (size * x for x in divmod(patch, cols))
        image[..., row : row + size, col : col + size] = 0
    return answers(params, image, config, list(outputs), **changes)


def shares(logits):
    """Return probabilities, as the page shows them."""
    return (logits / about["temperature"]).softmax(-1)


def said(logits):
    """Return the class of the largest logit, and its probability."""
    probabilities = shares(logits[0])
    return labels[int(probabilities.argmax())], float(probabilities.max())


def share_of(logits, label):
    return float(shares(logits[0])[labels.index(label)])


def without(kind, *places):
    """Return gates or branches with those places out."""
    factors = torch.ones(config.depth, config.heads if kind == "gates" else len(BRANCHES))
    for place in places:
        factors[place] = 0
    return {kind: factors}


def mission(ask, answers, right, why, **set):
    """Return a mission: its question, the answers offered, the right one, and how it is set up."""
    assert 0 <= right < len(answers)
    return {"ask": ask, "answers": answers, "right": right, "why": why, "set": set}


def percent(share):
    return f"{share:.0%}".replace("%", " %")


def number_of(name):
    return names.index(name)


# %% tags=["remove-code"]
TRUCK, SHIP, HORSE, CAT, FLYER, FROG = "a truck", "a ship", "a horse", "cat", "astronaut", "a frog"
ATTENTION, CARRIED, MLP = (
    BRANCHES.index("attended"),
    BRANCHES.index("carried"),
    BRANCHES.index("mlp"),
)

lens = [said(asked(TRUCK, ["lens"])[f"lens.{layer}"][:, CLASS])[0] for layer in range(config.depth)]
decides = 1 + max(layer for layer, label in enumerate(lens) if label != "truck")
assert lens[decides - 1] == "airplane"

every_head = [(layer, head) for layer in range(config.depth) for head in range(config.heads)]
by_head = {one: said(asked(TRUCK, **without("gates", one))["logits"]) for one in every_head}
[(turning, turned)] = [(one, found) for one, found in by_head.items() if found[0] != "truck"]

by_mlp = [
    said(asked(SHIP, **without("branches", (layer, MLP)))["logits"])
    for layer in range(config.depth)
]
[needed_mlp] = [layer for layer, (label, _) in enumerate(by_mlp) if label != "ship"]
by_attention = [
    said(asked(SHIP, **without("branches", (layer, ATTENTION)))["logits"])
    for layer in range(config.depth)
]
assert all(label == "ship" for label, _ in by_attention)
no_attention = said(
    asked(SHIP, **without("branches", *((layer, ATTENTION) for layer in range(config.depth))))[
        "logits"
    ]
)

cut = asked(HORSE, **without("branches", (LAST, CARRIED)))["logits"]
kept = asked(HORSE, **without("branches", (LAST, ATTENTION)))["logits"]
assert share_of(cut, "horse") < 0.05 < 0.9 < share_of(kept, "horse")

placed, misplaced = (share_of(asked(CAT, positions=x)["logits"], "cat") for x in (1.0, 0.0))
lost = said(asked(TRUCK, positions=0.0)["logits"])
assert misplaced > placed + 0.1
assert lost[0] != "truck"

COLS = about["grid"][1]
by_patch = [asked(FLYER, hidden=[patch])["logits"] for patch in range(config.patches)]
[key_patch] = [patch for patch, logits in enumerate(by_patch) if said(logits)[0] != "truck"]


def place(patch):
    return "patch ({}, {})".format(*divmod(patch, COLS))


activated = asked(FROG, [f"activated.{LAST}"])[f"activated.{LAST}"][0, CLASS]
units = activated.topk(3).indices.tolist()
assert float(activated[units[0]]) > 1.1 * float(activated[units[1]])

whole = asked(SHIP, about["outputs"])
numbers = sum(x.numel() for x in whole.values())

MISSIONS = [
    mission(
        "The truck. Which block decides that it is one? Read the logit lens of the class token, block after block.",
        [f"Block {layer}" for layer in (decides - 2, decides, LAST)],
        1,
        f"After block {decides - 1} it would still say {lens[decides - 1]}; from block {decides} on it says truck.",
        picture=number_of(TRUCK),
    ),
    mission(
        f"The truck again. Of {len(every_head)} heads one alone, switched off, makes the machine change its mind. Find it: under “Heads”.",
        ["head {1} of block {0}".format(*one) for one in ((0, 1), turning, (LAST, 2))],
        1,
        f"Without it the machine says {turned[0]}, {percent(turned[1])}. Each of the other {len(every_head) - 1} can go alone.",
        picture=number_of(TRUCK),
        mode="heads",
    ),
    mission(
        "The ship. Take out one MLP, then another: under “Parts”. Which block’s MLP can it not do without?",
        [f"Block {layer}" for layer in (needed_mlp, 2, LAST)],
        0,
        f"Without it: {by_mlp[needed_mlp][0]}. Without any other one, still ship, {percent(min(x for label, x in by_mlp if label == 'ship'))} at least.",
        picture=number_of(SHIP),
        mode="parts",
    ),
    mission(
        f"The ship. Now take out a whole attention instead. How many of the {count(config.depth)} change the answer when they go alone?",
        ["None", "Two", "All"],
        0,
        f"Each can go, and ship keeps {percent(min(x for _, x in by_attention))} at least. Without all of them at once it says {no_attention[0]}, {percent(no_attention[1])}.",
        picture=number_of(SHIP),
        mode="parts",
    ),
    mission(
        "The horse. In the last block, cut what goes past attention: the residual connection. How much of the horse is left?",
        ["Nearly all", "About half", "Next to nothing"],
        2,
        f"{percent(share_of(cut, 'horse'))} of {percent(share_of(asked(HORSE)['logits'], 'horse'))}. The stream carries the whole message; attention only adds to it. Take out that attention, and {percent(share_of(kept, 'horse'))} remain.",
        picture=number_of(HORSE),
        mode="parts",
    ),
    mission(
        "The cat. Switch the positions off, so that the machine no longer knows where a patch was. What becomes of the cat?",
        ["It is surer", "It wavers", "It says something else"],
        0,
        f"From {percent(placed)} to {percent(misplaced)}: fur is fur, wherever it is. The truck takes it worse: {lost[0]}, {percent(lost[1])}.",
        picture=number_of(CAT),
        mode="parts",
    ),
    mission(
        "The astronaut, who is no truck. Hide one patch, and the truck is gone. Which?",
        [place(patch) for patch in (27, key_patch, 2)],
        1,
        f"Without it the machine says {said(by_patch[key_patch])[0]}. Where to put a picture without a class can hang by {about['patch'][0]} × {about['patch'][1]} pixels.",
        picture=number_of(FLYER),
        mode="patches",
    ),
    mission(
        "The frog. Which unit of the last MLP fires most for the class token? Go to GELU in the last block, row by row it is the first.",
        [f"unit {unit}" for unit in (units[1], units[2], units[0])],
        2,
        f"Unit {units[0]}: {float(activated[units[0]]):.2f}. The next one, unit {units[1]}, has {float(activated[units[1]]):.2f}.",
        picture=number_of(FROG),
        at={"id": f"activated.{LAST}", "row": CLASS, "col": 0},
    ),
]

live(
    "machine",
    explorer=explore(
        model.walk(torch.tensor((np.moveaxis(pictures[SHIP], -1, 0)[None] - 0.5) / 0.5, dtype=torch.float32)),
        pictures[SHIP], title="Its attention", grid=config.grid,
        keep=Keep(layers=(LAST,), steps=((LAST, 1),)), start=Start(query=0, map=(LAST, 1)),
    ),
    models={"vit": NAME},
    config={
        "about": about,
        "first": [round(float(x), 4) for x in whole["logits"][0]],
        "samples": [
            {"name": name, "image": png_uri(picture), **({"alt": PHOTOGRAPHS[name].alt} if name in PHOTOGRAPHS else {})}
            for name, picture in pictures.items()
        ],
        "missions": MISSIONS,
    },
)  # fmt: skip

# %% [markdown]
# ## What you see
#
# - **Your picture** enters on the left, {eval}`side` × {eval}`side` pixels, cut into {eval}`config.patches` patches. Each becomes a token of
#   {eval}`config.dim` numbers. One more token is put in front, the class token, from which the answer is read at the end.
# - **{eval}`count(config.depth).capitalize()` blocks** follow. Each shows its {eval}`config.heads` heads: the brighter a patch, the more attention the token you follow pays to it.
#   Beneath them, on the left, what each patch would say if the machine ended there, and on the right what the token you follow would say. This is the
#   *logit lens*: the last norm and the head, put behind a block that is not the last.
# - **Every matrix** stands below, in the order of computing. One row is one token, one column one number of it. Blue is below zero, orange above; the
#   colour grows with the root of the size, up to the largest of the matrix. There are {eval}`f"{numbers:,}"` numbers, and {eval}`f"{count_parameters(config):,}"` parameters that make them.
#
# A query attends to a key, and information flows from the key to the query. Press **Play** to watch it arrive, stage by stage.
#
# ## Where the numbers come from
#
# Your browser runs the graph of the Python functions that compute every other page here, and tests compare the two, number by number. What a
# formula shows is the graph’s own value, and nothing leaves your machine. The model is [the lab’s](lab.md) *patches alone*. It knows {eval}`len(labels)` classes and nothing else, so it will
# find one of them in any picture.
#
# In Python the same machine is one call, and so is a change. Here the MLP of one block is taken out of the ship's pass:

# %%
from vitexplain.vit import Readout, walk

pixels = np.moveaxis(halved(drawings()["a ship"], side), -1, 0)[None]
ship = torch.tensor((pixels - 0.5) / 0.5, dtype=torch.float32)


def without_mlp(name, block, x):
    """Return 0 in place of what the first MLP adds, and all else as it is."""
    return 0 * x if (name, block) == ("mlp", 0) else x


for edit in (None, without_mlp):
    for step in walk(params, ship, config, edit):
        if isinstance(step, Readout):
            print(labels[int(step.logits.argmax())])

# %% [markdown]
# ## The photographs

# %% tags=["remove-code"]
credits()
