# ---
# title: A teacher for a ViT
# description: A ViT with a hundred labels learns from a CNN. What a teacher says, how a second token listens, and what it really brings, measured over seeds.
# order: 42
# section: Comparisons
# page: lessons/distillation.md
# notebook: true
# given:
#   "500 test digits": of scikit-learn's
#   "A teacher says 0.98, 0.02 and 0": an exercise
#   "average cosine of 0.06": Touvron et al. 2021, the learned tokens of their DeiT
#   "0.93 after the last": the same, after the last layer
# ---

# %% [markdown]
# # A teacher for a ViT
#
# Show a hundred labelled digits to a CNN and to a ViT of the same size. On new digits the CNN is right
# {eval}`percent(alone["cnn"].mean)` of the time, the ViT {eval}`percent(alone["vit"].mean)`. The CNN did not
# work harder. It was built knowing two things that the ViT has to find out: that neighbouring pixels belong together, and that a
# stroke is the same stroke wherever it lies. People call such built-in knowledge an *inductive bias*.
#
# **Can the CNN teach it?** Ask it what it sees, and let the ViT learn from the answers. That is
# *distillation*, and the ViT that made it famous is DeiT ({eval}`SOURCES["deit"]`). Here are its parts,
# small enough to run, and a measurement of which part does the work.
#
# ## What a teacher says
#
# Here is a digit that nobody used for training, and what two teachers say about it: the label, and our CNN. **Move the slider.**

# %% tags=["remove-code"]
import numpy as np
import torch

from vitexplain import facts
from vitexplain.experiments import results, weights
from vitexplain.experiments.datasets import digits
from vitexplain.experiments.deit import TEMPERATURE, hard_loss, soft_loss, two_answers
from vitexplain.facts import SOURCES, bibliography, find
from vitexplain.figures import Bar, bars, maps_side_by_side, slider
from vitexplain.figures.bar_panels import Column, bar_panels
from vitexplain.figures.base import finish
from vitexplain.pixels import png_uri
from vitexplain.vit import attention_weights
from vitexplain.writing import between, count, number, percent, share, table

torch.set_grad_enabled(False)
study = results.read("deit")
FEW, ALL = study.values("pictures")
CNN, VIT = {"pupil": "cnn"}, {"pupil": "vit", "teacher": "none"}
TAUGHT = {
    "the CNN itself": CNN,
    "ViT, no teacher": VIT,
    "ViT, hard": {"teacher": "cnn", "loss": "hard", "pictures": FEW},
    "ViT, soft": {"teacher": "cnn", "loss": "soft", "pictures": FEW},
    "ViT, hard, more": {"teacher": "cnn", "loss": "hard", "pictures": ALL},
    "ViT, soft, more": {"teacher": "cnn", "loss": "soft", "pictures": ALL},
    "a ViT teaches": {"teacher": "vit", "loss": "hard", "pictures": ALL},
}
got = {name: study.of("accuracy", **keys) for name, keys in TAUGHT.items()}
seeds, steps = got["the CNN itself"].seeds, study.cell(**CNN)["recipe"]["steps"]
more, control = got["ViT, hard, more"], got["a ViT teaches"]
assert abs(got["ViT, hard"].mean - got["ViT, no teacher"].mean) < 0.03
assert more.low > max(got["ViT, no teacher"].mean, got["ViT, hard"].mean, control.mean)
assert got["ViT, soft, more"].high > more.low
alone = {"cnn": got["the CNN itself"], "vit": got["ViT, no teacher"]}
deit_b = find(facts.DEIT, "ViT-B/16", method="scratch")
taught = find(facts.DEIT, "DeiT-B", method="distilled")


def measured(measure, name="ViT, hard, more"):
    """Return the interval of a measure of a taught ViT."""
    return study.of(measure, **TAUGHT[name])


teacher, pupil = weights.load("digits-teacher"), weights.load("digits-pupil")
test = digits().test


def shown(index):
    """Show one test picture, its label, and what the teacher says of it, as it is and softened."""
    logits = teacher(test.images[[index]])[0]
    label = torch.eye(10)[test.labels[index]]
    as_is, soft = logits.softmax(-1), (logits / TEMPERATURE).softmax(-1)
    columns = [
        Column(title, x.tolist(), [percent(one, 0) if one > 0.005 else "" for one in x], role)
        for title, x, role in (
            ("label", label, "ink"),
            ("CNN", as_is, "cnn"),
            ("softened", soft, "cnn"),
        )
    ]
    figure = bar_panels([str(digit) for digit in range(10)], columns)
    high = figure.layout.height - 56
    figure.update_layout(height=figure.layout.height + 100, margin={"t": 144})
    pixels = np.repeat((test.images[index].movedim(0, -1).numpy() + 1) / 2, 3, -1)
    figure.add_layout_image(
        source=png_uri(pixels.repeat(12, 0).repeat(12, 1)), xref="paper", yref="paper", x=0.04,
        y=1 + 40 / high, sizex=1, sizey=96 / high, xanchor="left", yanchor="bottom",
    )  # fmt: skip
    rows = [[digit, *(f"{x[digit]:.4f}" for x in (label, as_is, soft))] for digit in range(10)]
    return finish(figure, alt="", header=["digit", "label", "CNN", "softened"], rows=rows)


# %% tags=["remove-code", "figure"]
answers = teacher(test.images).softmax(-1)
right = answers.argmax(-1) == test.labels
doubt = answers.amax(-1).argsort().tolist()  # the least certain first
torn = [i for i in doubt if right[i]][:3]
slip = [i for i in doubt if not right[i]][-1]  # the most certain of its mistakes
chosen = {"sure": doubt[-1], "torn": torn[0], "torn, too": torn[1], "wrong": slip}
slider(
    {name: shown(index) for name, index in chosen.items()},
    label="the CNN is",
    first=1,
    alt="A digit, and bars for what its label, the CNN and the softened CNN say it is.",
)

# %% [markdown]
# A label puts everything on one digit. The CNN spreads its answer, and where it puts the rest is worth knowing: *a
# {eval}`int(test.labels[torn[0]])`, but it could be a {eval}`int(answers[torn[0]].topk(2).indices[1])`*. That second thought
# tells the pupil which digits look alike, and no label ever does.
#
# Usually the CNN is far too sure to let you see it. On half of the test digits its first choice gets more than
# {eval}`percent(answers.amax(-1).median(), 1)`. So we **soften** the answer: divide the logits by a *temperature* τ before the softmax.
# You met it with [the goat](goat.md#how-alike-are-two-tokens), where √*d* did the same. Here τ is
# {eval}`number(TEMPERATURE)`, as usual for soft distillation.

# %%
logits = teacher(test.images[[torn[0]]])
print("as it is", logits.softmax(-1).numpy().round(3))
print("softened", (logits / TEMPERATURE).softmax(-1).numpy().round(3))

# %% [markdown]
# And a teacher can be wrong: it learned from the same hundred labels. The last stop of the slider is its most certain mistake. A
# pupil will believe that, too.
#
# ## Two ways to listen
#
# A pupil is told two things of each picture: the label *y* and what the teacher says, *Z*<sub>t</sub>. DeiT tries two ways to weigh them.
# **Hard**: take only the teacher's first choice *y*<sub>t</sub>, as if it were a second label.
#
# $$
# \mathcal{L}_{\text{hard}} = \tfrac{1}{2}\,\mathrm{CE}(\psi(Z), y) + \tfrac{1}{2}\,\mathrm{CE}(\psi(Z_s), y_t)
# $$
#
# **Soft**: come close to the whole softened answer, as {eval}`SOURCES["distilling"]` do.
#
# $$
# \mathcal{L}_{\text{soft}} = (1-\lambda)\,\mathrm{CE}(\psi(Z), y) + \lambda\tau^2\,\mathrm{KL}\big(\psi(Z_t/\tau)\,\|\,\psi(Z_s/\tau)\big)
# $$
#
# ψ is the softmax, CE the cross-entropy, and KL says how far two answers are apart: nothing if they are the same. These are equations 3 and 2
# of the paper. (It writes the two arguments of KL the other way round; what its code computes, and ours, is this.) The pupil speaks twice,
# *Z* about the label and *Z*<sub>s</sub> about the teacher; how, comes next.

# %%
image = test.images[[torn[0]]]
label, theirs = test.labels[[torn[0]]], teacher(image)
about_label, about_teacher = two_answers(pupil, image)
print(f"hard {hard_loss(about_label, about_teacher, label, theirs):.3f}")
print(f"soft {soft_loss(about_label, about_teacher, label, theirs):.3f}")

# %% [markdown]
# ## A token that listens to the teacher
#
# A ViT answers from its [class token](vit.md#the-class-token). DeiT adds one more token beside it, the **distillation token**. It
# starts as another learned vector, goes through the same blocks, attends to the same patches. Only its homework differs: the class token is
# asked for the label, the distillation token for what the teacher says. At test time both answer, and you take the mean.

# %%
both = two_answers(pupil, test.images)  # (token, picture, digit)
print(
    "mean of the two is the model's answer:",
    torch.allclose(both.mean(0), pupil(test.images), atol=1e-5),
)

# %% [markdown]
# (The paper adds the two softmaxes; the published models, in timm and transformers as here, average the logits.)
#
# ## Does it work?
#
# Now the test. Everybody has the same {eval}`FEW` labels and {eval}`f"{steps:,}"` steps; the CNN learned first, then it taught. In the last three
# rows it also answers on {eval}`ALL - FEW` pictures whose labels nobody knows. **Guess before you look: what will the ViT gain from
# the CNN on the hundred pictures alone?**

# %% tags=["remove-code", "figure"]
bars(
    [
        Bar(
            name.removesuffix(", more"), 100 * one.mean, 100 * one.cut.low, 100 * one.cut.high,
            group=f"{TAUGHT[name].get('pictures', FEW):,} pictures, {FEW} of them with a label",
            family="CNN" if "CNN" in name else "ViT",
        )
        for name, one in got.items()
    ],
    x="right on 500 test digits, %",
    interval=f"95% interval over {count(seeds)} seeds",
)  # fmt: skip

# %% [markdown]
# On the same hundred pictures the teacher brings next to nothing: {eval}`share(got["ViT, hard"])` hard and
# {eval}`share(got["ViT, soft"])` soft, against {eval}`share(got["ViT, no teacher"])` without. Think of what it can add there. It has learned these very
# pictures by heart, so its first choice *is* the label, and you have told the pupil the same thing twice.
#
# **What helps is more to talk about.** Let it name the {eval}`ALL - FEW` other pictures, and the ViT reaches
# {eval}`share(got["ViT, hard, more"])`. Nobody labelled them. The CNN's habits travelled inside its answers: it knows new digits better than the
# ViT could, and says so {eval}`ALL - FEW` times.
#
# Is it just the extra pictures? The last row is the control. There the teacher is a ViT, as weak as the pupil. Same pictures, same loss:
# {eval}`share(got["a ViT teaches"])`. **It takes a teacher that knows something, and pictures on which it can say it.** So “distillation
# replaces an inductive bias” is true here with those two conditions, and not without.
#
# ## Two tokens, one picture
#
# Do the two tokens look at different things? Here is what each attends to in the last block, on the digit the CNN was torn about.

# %% tags=["remove-code", "figure"]
last = list(attention_weights(pupil.walk(image)))[-1][0].mean(0)  # over heads: (query, key)
maps_side_by_side(
    {
        "class token": last[0, 2:].reshape(pupil.config.grid),
        "distillation token": last[1, 2:].reshape(pupil.config.grid),
    },
    image=((image[0] + 1) / 2).expand(3, -1, -1),
)

# %% [markdown]
# It is hard to see a difference. Over the test digits the two tokens share {eval}`percent(measured("overlap 3").mean, 0)` of their attention
# in the last block (all of it would be the same map). What they *become* does differ, less and less as they go up: after the
# first block their cosine is {eval}`number(measured("cosine 0").mean, 2)`, after the last
# {eval}`number(measured("cosine 3").mean, 2)`. Touvron et al. tell of an average cosine of 0.06 between the learned tokens of their DeiT, and
# 0.93 after the last layer.
#
# And their answers?

# %% tags=["remove-code"]
KINDS = {"a hundred pictures": "ViT, hard", "and the others": "ViT, hard, more"}
table(
    [
        "which answers",
        *(f"right, {kind}" for kind in KINDS),
        *(f"as the CNN, {kind}" for kind in KINDS),
    ],
    [
        [
            token,
            *(
                share(measured(f"{what} {token}", name))
                for what in ("right", "agrees")
                for name in KINDS.values()
            ),
        ]
        for token in ("class token", "distillation token", "both")
    ],
)

# %% [markdown]
# With the further pictures the class token, which only ever heard of {eval}`FEW` labels, is right on
# {eval}`share(measured("right class token"))`, the distillation token on {eval}`share(measured("right distillation token"))`, and the
# two together on {eval}`share(measured("right both"))`. The distillation token says what the CNN says on
# {eval}`share(measured("agrees distillation token"))` of the test digits.
#
# ## What this page does not show
#
# Digits of 8 × 8 pixels and {eval}`f"{steps:,}"` steps are not ImageNet. There, DeiT-B goes from {eval}`deit_b.value`% to
# {eval}`taught.value`% with a CNN for a teacher ({eval}`taught.cited`), *on the same pictures*. Where a teacher has not learned every training picture by
# heart, and pictures are cropped and recoloured anew each time, it has more to say about them than ours has about a hundred digits. And DeiT found hard answers better than soft ones; three seeds here cannot tell them
# apart.
#
# ## What to remember
#
# - A teacher's answer says which classes look alike. A label cannot.
# - Hard distillation copies its first choice, soft distillation its softened answer.
# - DeiT gives the teacher a token of its own, beside the class token. At test time you average.
# - A good teacher helps most where there are pictures without labels.
#
# ## Your turn
#
# **1.** A teacher says 0.98, 0.02 and 0 of three classes. What does dividing its logits by a very large τ make of that?
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
# **3.** Your teacher is right on {eval}`percent(alone["cnn"].mean, 0)` of new pictures, and your pupil copies it perfectly. How good can the pupil be?
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
