# ---
# title: A teacher for a ViT
# description: A ViT with a hundred labels learns from a CNN. What a teacher says, how a second token listens, and what it really brings, measured over seeds.
# can: train a small ViT with a teacher, and judge what the teacher was worth
# needs: [vit]
# order: 35
# section: Lessons
# page: lessons/distillation.md
# notebook: true
# extra: experiments
# given:
#   "500 test digits": of scikit-learn's
#   "A teacher says 0.97, 0.02 and 0.01": an exercise
# ---

# %% [markdown]
# # A teacher for a ViT
#
# A label says *{eval}`int(test.labels[torn[0]])`* and nothing else. A teacher says more. **Move the slider** and watch a CNN that is sure,
# torn, and wrong.

# %% tags=["remove-code", "figure"]
from typing import Any

import numpy as np
import torch

from vitexplain import facts
from vitexplain.experiments import results, weights
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.deit import SHARE, TEMPERATURE, hard_loss, soft_loss, two_answers
from vitexplain.facts import QUOTED, SOURCES, bibliography, find
from vitexplain.figures import Bar, bars, maps_side_by_side, slider
from vitexplain.figures.bar_panels import Column, bar_panels
from vitexplain.figures.base import finish
from vitexplain.pixels import png_uri
from vitexplain.vit import attention_weights
from vitexplain.writing import between, count, number, percent, share, table

torch.set_grad_enabled(False)
study = results.read("deit")
(FEW, ALL), (SHORT, LONG) = study.values("pictures"), study.values("steps")
LOUD = 0.9  # λ of the loss "soft 0.9"
VIT = {"pupil": "vit", "teacher": "none"}


def taught(loss, pictures, steps=SHORT):
    """Say which pupil of the CNN is meant."""
    return {"teacher": "cnn", "loss": loss, "pictures": pictures, "steps": steps}


def got(measure="accuracy", **keys):
    """Return the interval of what a pupil got."""
    return study.of(measure, **keys)


LISTENS = taught("soft 0.9", ALL)
cnn, alone, loud = got(pupil="cnn"), got(**VIT, steps=SHORT), got(**LISTENS)
control = got(**LISTENS | {"teacher": "vit"})
ahead = [
    one["accuracy"] - other["accuracy"]
    for one, other in zip(
        study.cell(**LISTENS)["runs"],
        study.cell(**LISTENS | {"teacher": "vit"})["runs"],
        strict=True,
    )
]
batch = study.cell(**LISTENS)["recipe"]["batch"]
distilled = find(facts.DEIT, "DeiT-B", method="distilled")
pupil = weights.load("digits-pupil")
teacher, test = weights.load("digits-teacher"), digits().test
answers = teacher(test.images).softmax(-1)
right = answers.argmax(-1) == test.labels
doubt = answers.amax(-1).argsort().tolist()  # the least certain first
torn = [i for i in doubt if right[i]][:2]
slip = [i for i in doubt if not right[i]][-1]  # the most certain of its mistakes


def shown(index):
    """Show one test picture, its label, and what the teacher says of it, as it is and softened."""
    logits = teacher(test.images[[index]])[0]
    said = {
        "label": torch.eye(10)[test.labels[index]],
        "CNN": logits.softmax(-1),
        "softened": (logits / TEMPERATURE).softmax(-1),
    }
    columns = [
        Column(title, x.tolist(), [percent(one, 0) if one > 0.005 else "" for one in x], role)
        for (title, x), role in zip(said.items(), ("ink", "cnn", "cnn"), strict=True)
    ]
    figure: Any = bar_panels([str(digit) for digit in range(10)], columns)
    high = figure.layout.height - 56
    figure.update_layout(height=figure.layout.height + 100, margin={"t": 144})
    figure.update_xaxes(range=[0, 1])
    pixels = np.repeat((test.images[index].movedim(0, -1).numpy() + 1) / 2, 3, -1)
    figure.add_layout_image(
        source=png_uri(pixels.repeat(12, 0).repeat(12, 1)), xref="paper", yref="paper", x=0.04,
        y=1 + 40 / high, sizex=1, sizey=96 / high, xanchor="left", yanchor="bottom",
    )  # fmt: skip
    rows = [[digit, *(f"{x[digit]:.4f}" for x in said.values())] for digit in range(10)]
    return finish(figure, alt="", header=["digit", *said], rows=rows)


slider(
    {
        name: shown(index)
        for name, index in {
            "sure": doubt[-1], "torn": torn[0], "torn, too": torn[1], "wrong": slip,
        }.items()
    },
    label="the CNN is",
    first=1,
    alt="What is this digit? One answer from the label, many from the CNN, more even when softened.",
)  # fmt: skip

# %% [markdown]
# The label puts everything on one digit. The CNN spreads its answer, and where it puts the rest is worth knowing: *a
# {eval}`int(test.labels[torn[0]])`, but it could be a {eval}`int(answers[torn[0]].topk(2).indices[1])`*. That second thought says
# which digits look alike. A label never does.
#
# Can a pupil learn from second thoughts? That is *distillation*, and here is a pupil in need. Show a hundred labelled digits to this CNN and
# to a ViT of the same size. On new digits the CNN is right {eval}`percent(cnn.mean)` of the time, the ViT
# {eval}`percent(alone.mean)`. The CNN did not work harder. It was built knowing two things that the ViT has to find out:
# that neighbouring pixels belong together, and that a stroke is the same stroke wherever it lies. Such built-in knowledge is called an
# *inductive bias*. **Can the CNN pass it on?** DeiT ({eval}`SOURCES["deit"]`) made that question famous. Here are its parts, small enough
# to run.
#
# ## Soften the answer
#
# Most of the time the CNN is far too sure to show a second thought: on half of the test digits, its first choice gets more than
# {eval}`percent(answers.amax(-1).median(), 1)`. So *soften* the answer: divide the logits by a *temperature* τ before the softmax. You met this
# with [the goat](goat.md#how-alike-are-two-tokens), where √*d* did the same. Here τ is {eval}`number(TEMPERATURE)`, as in DeiT.

# %%
logits = teacher(test.images[[torn[0]]])
print("as it is", logits.softmax(-1).numpy().round(3))
print("softened", (logits / TEMPERATURE).softmax(-1).numpy().round(3))

# %% [markdown]
# Softening keeps the order and lifts what is small ({eval}`SOURCES["distilling"]`). It does not make a wrong answer right. At the last stop of
# the slider the CNN calls a {eval}`int(test.labels[slip])` a {eval}`int(answers[slip].argmax())`, and is {eval}`percent(answers[slip].max(), 1)` sure. It
# learned from the same hundred labels as its pupil, and the pupil will believe this, too.
#
# ## A token that listens to the teacher
#
# A ViT answers from its [class token](vit.md#the-class-token). DeiT adds one more token beside it, the **distillation token**. It, too, starts as a
# learned vector, goes through the same blocks and attends to the same patches. Only its task differs: the class token is asked for the label,
# the distillation token for what the teacher says. Call their logits *Z* and *Z*<sub>s</sub>. At test time both answer, and you take the mean.
# (The paper adds the two softmaxes. The published models average the logits, and so do we.)
#
# ## Two ways to listen
#
# For each picture there are two things to say: the label *y*, and the teacher's logits *Z*<sub>t</sub>. **Hard** distillation takes only the
# teacher's first choice *y*<sub>t</sub>, as if it were a second label:
#
# $$
# \mathcal{L}_{\text{hard}} = \tfrac{1}{2}\,\mathrm{CE}(\psi(Z), y) + \tfrac{1}{2}\,\mathrm{CE}(\psi(Z_s), y_t)
# $$
#
# **Soft** distillation wants the whole softened answer:
#
# $$
# \mathcal{L}_{\text{soft}} = (1-\lambda)\,\mathrm{CE}(\psi(Z), y) + \lambda\tau^2\,\mathrm{KL}\big(\psi(Z_t/\tau)\,\|\,\psi(Z_s/\tau)\big)
# $$
#
# ψ is the softmax, CE the cross-entropy, and KL says how far two answers are apart: 0 if they are the same. These are equations 3 and 2 of the
# paper, with the arguments of KL in the order of its code. A picture without a label has only the second term.

# %%
image, label = test.images[[torn[0]]], test.labels[[torn[0]]]
about_label, about_teacher = two_answers(pupil, image)
print("class token       ", about_label.softmax(-1).numpy().round(3))
print("distillation token", about_teacher.softmax(-1).numpy().round(3))
print(f"hard {hard_loss(about_label, about_teacher, label, logits):.3f}")
print(f"soft {soft_loss(about_label, about_teacher, label, logits):.3f}")

# %% [markdown]
# Look at λ, the teacher's share of the say. Hard distillation gives it one half. In the soft one DeiT takes λ =
# {eval}`number(SHARE)`: the teacher whispers, the labels do the talking. We also try the reverse, λ = {eval}`number(LOUD)`. Keep an eye on it.
#
# ## Does it work?
#
# Everybody gets the same {eval}`FEW` labels and {eval}`SHORT` steps. The CNN learned first and then teaches. In the last two groups the teacher also answers on {eval}`ALL - FEW`
# pictures whose labels nobody tells. **Guess before you look: what will the ViT gain?**

# %% tags=["remove-code", "figure"]
NAMES = {
    "hard": "hard",
    "soft": f"soft, λ {number(SHARE)}",
    "soft 0.9": f"soft, λ {number(LOUD)}",
}
ROWS = [
    ("CNN, alone", f"{FEW} pictures, each with a label", {"pupil": "cnn"}),
    ("ViT, alone", f"{FEW} pictures, each with a label", VIT | {"steps": SHORT}),
    *((NAMES[x], f"{FEW} pictures, a CNN for a teacher", taught(x, FEW)) for x in NAMES),
    *((NAMES[x], f"{ALL - FEW} more pictures, a CNN for a teacher", taught(x, ALL)) for x in NAMES),
    (
        NAMES["soft 0.9"],
        f"{ALL - FEW} more pictures, a ViT for a teacher",
        LISTENS | {"teacher": "vit"},
    ),
]
chart: Any = bars(
    [
        Bar(name, *ends, group=group, family="CNN" if "CNN" in name else "ViT")
        for name, group, keys in ROWS
        for one in [got(**keys).cut]
        for ends in [[round(100 * x, 1) for x in (one.mean, one.low, one.high)]]
    ],
    x="right on 500 test digits, %",
    interval=f"95% interval over {count(cnn.seeds)} seeds",
)
finish(
    chart,
    alt="Only with more pictures and a loud teacher does the ViT come near the CNN.",
    **chart.layout.meta["table"],
)

# %% [markdown]
# **On the same hundred pictures a teacher brings next to nothing.** Hard {eval}`share(got(**taught("hard", FEW)))`, soft
# {eval}`share(got(**taught("soft", FEW)))` and {eval}`share(got(**taught("soft 0.9", FEW)))`; alone, {eval}`share(alone)`. The teacher learned
# these very pictures, and says of them what the labels say already.
#
# **With more to talk about, it matters how loud it is.** It also answers on {eval}`ALL - FEW` pictures that nobody labelled. Give it
# nine tenths of the say, and the ViT reaches {eval}`share(loud)`: nearly all the way to the CNN itself, {eval}`share(cnn)`. The CNN's habits have
# travelled inside its answers. Hard answers, with half of the say, bring {eval}`share(got(**taught("hard", ALL)))`. And with DeiT's λ =
# {eval}`number(SHARE)` the ViT does *worse* than alone: {eval}`share(got(**taught("soft", ALL)))`. Here is a likely reason. Of the
# {eval}`batch` pictures in a batch about {eval}`count(round(batch * FEW / ALL))` have a label, and these few have nine tenths of the say.
#
# **Is it just the extra pictures?** The last row is the control: same pictures, same loss, but the teacher is a ViT that is no better than the pupil
# alone. That gives {eval}`share(control)`. In each of the {eval}`count(cnn.seeds)` seeds the
# CNN's pupil is ahead, by {eval}`between(ahead, lambda x: number(100 * x, 1))` points, and its teacher knew more. With so few seeds the two
# intervals still overlap.
#
# So “distillation replaces an inductive bias” is true here on two conditions: there are pictures on which the teacher has something new to say,
# and it is heard.
#
# ## And with more patience?
#
# You could also let the pupils go on for {eval}`f"{LONG:,}"` steps in place of {eval}`SHORT`:

# %% tags=["remove-code"]
LONGER = {"alone": VIT} | {
    f"taught hard, on {n:,} pictures": {"teacher": "cnn", "loss": "hard", "pictures": n}
    for n in (FEW, ALL)
}
table(
    ["a ViT", f"right, {SHORT} steps", f"right, {LONG:,} steps"],
    [
        [name, *(share(got(**keys, steps=steps)) for steps in (SHORT, LONG))]
        for name, keys in LONGER.items()
    ],
)

# %% [markdown]
# Patience helps most where there is most to learn. With the extra pictures even hard answers now bring the ViT near the CNN. They only take longer: with
# {eval}`count(round(ALL / FEW))` times as many pictures, each comes up {eval}`count(round(ALL / FEW))` times more rarely, and a first choice says less of
# it than a whole answer. Whether a patient pupil gains from a teacher on the hundred pictures alone, {eval}`count(cnn.seeds)` seeds cannot tell: the intervals
# of the first two rows overlap. DeiT saw patience pay on ImageNet, too: with labels alone, longer training came to an end of its use; with a teacher it
# went on helping ({eval}`SOURCES["deit"]`, section 5.2).
#
# ## Two tokens, one picture
#
# Do the two tokens look at different things? Here is what each attends to in the last block, on the digit from the top of the page.

# %% tags=["remove-code", "figure"]
last = list(attention_weights(pupil.walk(image)))[-1][0].mean(0)  # over heads: (query, key)
maps = maps_side_by_side(
    {
        "class token": last[0, 2:].reshape(pupil.config.grid),
        "distillation token": last[1, 2:].reshape(pupil.config.grid),
    },
    image=((image[0] + 1) / 2).expand(3, -1, -1),
)
finish(
    maps,
    alt="The digit, and where the two tokens look: nearly at the same patches.",
    **maps.layout.meta["table"],
)

# %% [markdown]
# It is hard to see a difference, and that is no accident of this digit: over the test digits the two tokens share
# {eval}`percent(got("overlap 3", **LISTENS).mean, 0)` of their attention in the last block. What they *carry* grows alike on the way up. After the
# first block their cosine is {eval}`number(got("cosine 0", **LISTENS).mean, 2)`, after the last
# {eval}`number(got("cosine 3", **LISTENS).mean, 2)`. In DeiT the two learned tokens begin at
# {eval}`number(QUOTED["DeiT, tokens"].value)` and end at {eval}`number(QUOTED["DeiT, tokens at the end"].value)`
# ({eval}`QUOTED["DeiT, tokens"].cited`). And their answers?

# %% tags=["remove-code"]
table(
    ["which answers", "right", "says what the CNN says"],
    [
        [token, *(share(got(f"{what} {token}", **LISTENS)) for what in ("right", "agrees"))]
        for token in ("class token", "distillation token", "both")
    ],
)

# %% [markdown]
# On average the distillation token is a little better, and a little more like the CNN. The paper found the same. More surprising is the class token. It has only ever
# heard of {eval}`FEW` labels, as the ViT alone had, and is right {eval}`percent(got("right class token", **LISTENS).mean, 0)` of the time in place of
# {eval}`percent(alone.mean, 0)`. The two tokens share every block, so what one of them is taught, both can use.
#
# ## What this page does not show
#
# Digits of 8 × 8 pixels are not ImageNet. There, DeiT-B goes from {eval}`find(facts.DEIT, "ViT-B/16", method="scratch").value`% to
# {eval}`distilled.value`% with a CNN for a teacher ({eval}`distilled.cited`), *on the same pictures*: cropped and recoloured differently each time, they give a
# teacher more to say than a hundred digits do. And DeiT's hard answers beat its soft ones, {eval}`f"{QUOTED['DeiT, hard'].value}"`% to
# {eval}`QUOTED["DeiT, soft"].value`% ({eval}`QUOTED["DeiT, soft"].cited`), with λ = {eval}`number(SHARE)` for the soft. At that λ hard wins here, too; at
# {eval}`number(LOUD)` it loses. We tried no third, and one task.
#
# ## What to remember
#
# - A teacher's answer says which classes look alike. A label cannot.
# - Hard distillation copies its first choice, soft distillation its softened answer. λ says how much the teacher counts.
# - DeiT gives the teacher a token of its own, beside the class token. At test time you average.
# - A good teacher helps where there are pictures without labels, and a pupil that listens to it, or has the time.
#
# ## Your turn

# %% tags=["remove-code"]
from vitexplain.attention import softmax
from vitexplain.exercises import Exercises, arrange, calculate, choose

two, heat = np.array([np.log(9), 0.0]), 2
halves, quarter = torch.tensor([[0.5, 0.5]]).log(), torch.tensor([[0.25, 0.75]]).log()
hard = float(hard_loss(halves, quarter, torch.tensor([0]), torch.tensor([[1.0, 0.0]])))
bit = float(np.log(2))
brought = got(**taught("hard", FEW)).mean - alone.mean
whole_way = cnn.mean - alone.mean
pupils = {
    "hard answers": "hard",
    "soft answers, a loud teacher": "soft 0.9",
    "soft answers, a teacher who whispers": "soft",
}
reached = {name: got(**taught(loss, ALL)).mean for name, loss in pupils.items()}
Exercises(
    calculate(f"A teacher's logits for two classes are {number(two[0], 2)} and 0; it gives the first {percent(softmax(two)[0], 0)}. Soften with a **temperature of {heat}**. What does the first get now?",
              softmax(two / heat)[0], hints=["Divide the logits by the temperature, then softmax.", f"*e* to the power of {number(two[0] / heat, 2)} is {number(np.exp(two[0] / heat))}."],
              slips=[(softmax(two)[0], "That is without the temperature."), (softmax(two * heat)[0], "You multiplied by the temperature, which makes the teacher surer still."), (softmax(two)[0] / heat, "You divided the answer. The temperature divides the logits, before the softmax.")],
              because=f"{number(np.exp(two[0] / heat))} to one, in place of {number(np.exp(two[0]))} to one: {number(softmax(two / heat)[0])}."),
    calculate("The class token gives the label one half. The distillation token gives the teacher's first choice one quarter. What is the **hard loss** (natural logarithm)?",
              hard, hints=["The cross-entropy is minus the logarithm of what the right one gets.", f"That is {number(bit, 2)} for one half, and twice that for one quarter. Each token has half of the say."],
              slips=[(2 * hard, "You forgot that each of the two has half of the say."), (bit / 2, "That is the class token's half alone."), (bit, "That is the class token's whole loss.")],
              because=f"½ × {number(bit, 2)} + ½ × {number(2 * bit, 2)} = {number(hard, 2)}."),
    choose(f"A ViT learns from {FEW} labelled digits, with a CNN for a teacher **on the same pictures**. What does the teacher bring?",
           {"Next to nothing": abs(brought) < whole_way / 4, "Most of the way to the CNN": brought > 3 * whole_way / 4, "It does harm": brought < -whole_way / 4},
           slips={"Most of the way to the CNN": "For that it must have something to say that the labels do not."},
           because="The teacher learned these very pictures, and says of them what the labels say already."),
    arrange(f"Now the teacher also answers on {ALL - FEW} pictures that nobody labelled. **Which pupil** does best?", reached,
            slips=[({name: -x for name, x in reached.items()}, "That begins with the best.")],
            because="; ".join(f"{name} {percent(x)}" for name, x in sorted(reached.items(), key=lambda one: one[1])).capitalize() + ". It matters how loud the teacher is."),
)  # fmt: skip

# %% [markdown]
# **1.** A teacher says 0.97, 0.02 and 0.01 of three classes. What does dividing its logits by a very large τ make of that?
#
# <details markdown="1"><summary>Answer</summary>
#
# A third each: all logits become nearly the same number. Softening too much throws away what the teacher knows.
#
# </details>
#
# **2.** Why is soft distillation multiplied by τ²?
#
# <details markdown="1"><summary>Answer</summary>
#
# Softened answers move the logits less: the slope of the KL term shrinks about as 1/τ². The factor gives it back its weight, so that you can
# change τ without changing how much the teacher counts.
#
# </details>
#
# **3.** Your teacher is right on {eval}`percent(cnn.mean, 0)` of new pictures, and your pupil copies it perfectly. How good can the pupil be?
#
# <details markdown="1"><summary>Answer</summary>
#
# Exactly as good, no better. To pass its teacher a pupil must disagree with it somewhere, and be right there. Labels help with that, and so do
# habits that the teacher does not have.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
bibliography(("deit", "deit-code", "distilling", "digits"))
