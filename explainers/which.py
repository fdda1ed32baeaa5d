# ---
# title: When to use which
# description: CNN, ViT, windows or a hybrid? A guide, situation by situation. Each line links to a measurement on this site or to a published figure.
# can: choose between a CNN, a ViT and a hybrid, and say why
# needs: [cnn_vs_vit]
# order: 45
# section: Comparisons
# page: lessons/which.md
# notebook: true
# ---

# %% [markdown]
# # When to use which
#
# “CNNs for small data, ViTs for large data” is the rule that most sources give. It is short, and
# it hides more than it says. Here is a longer one: {eval}`len(told("advice"))` situations, a choice for each, and
# **under each choice what it rests on**: {eval}`len(evidence)` lines, {eval}`ours` of them our own measurements.
# The numbers are read from results and tables when this page is built, and the build stops if they no longer
# bear out the advice. In brackets are 95% intervals over seeds.
#
# Two warnings. Our own models are small, and so are their images; the published figures have a
# recipe each ([why that matters](published.md#one-architecture-many-recipes)). And no guide replaces a trial: train both, on your data,
# with the same care.

# %% tags=["remove-code"]
from vitexplain.facts import bibliography, told, topics
from vitexplain.writing import Markdown, table

guide = topics("advice")
evidence = [one for advice in told("advice") for one in advice.evidence]
assert all(one.holds() for one in evidence)
ours = sum(not one.cites for one in evidence)


# %% tags=["remove-code"]
table(["if …", "then …"], [(advice.says, advice.right) for advice in told("advice")], words=None)

# %% [markdown]
# ## What is there to learn from?


# %% tags=["remove-code"]
PAGES = {
    "lessons/published.md": "published results",
    "lessons/cnn-vs-vit.md": "CNN and ViT, measured",
    "lessons/training.md": "what training decides",
    "lessons/price.md": "the price of attention",
    "lessons/hybrids.md": "hybrids",
    "lessons/vit.md": "the whole ViT",
    "lessons/vit-at-work.md": "a ViT at work",
}


def links(one):
    """Link to where a line of evidence is shown, and to the works that it cites."""
    here = []
    if one.see:
        page = one.see.partition("#")[0]
        here = [f"[{PAGES[page]}]({one.see.removeprefix('lessons/')})"]
    return ", ".join([*here, *(str(source) for source in one.sources)])


def show(advices):
    """Show situations as headings, each with its choice, its reason and what bears it out."""
    parts = []
    for advice in advices:
        lines = [f"### {advice.says}", f"**{advice.right}.** {advice.why}"]
        lines += ["\n".join(f"- {one.says} ({links(one)})" for one in advice.evidence)]
        parts.append("\n\n".join(lines))
    return Markdown("\n\n".join(parts))


show(guide["What is there to learn from?"])

# %% [markdown]
# ## What may it cost?

# %% tags=["remove-code"]
show(guide["What may it cost?"])

# %% [markdown]
# ## What does the task ask for?

# %% tags=["remove-code"]
show(guide["What does the task ask for?"])

# %% [markdown]
# ## Use it
#
# The guide is data. A rule that you would teach otherwise, you can check, or change:

# %%
from vitexplain.facts import told

[str(line.says) for line in told("advice")[0].evidence]

# %% [markdown]
# ## What to remember
#
# - Ask first what you can start from. A pre-trained model settles most of the rest.
# - From scratch on little data, convolutions help, in a CNN or in front of a ViT.
# - The receptive field limits who can relate far places; the device decides about speed.
# - Nothing about a family makes its answers explainable.
#
# ## Your turn

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, choose

CASES = ("scratch on hundreds", "no labels", "images are large", "far apart", "explain")
cases = [one for case in CASES for one in told("advice") if case in str(one.says)]


def ask(one):
    """Ask what to take in one situation; what is wrong here is right in another."""
    others = {str(x.right): f"That is for another case: “{x.says}”." for x in cases if x != one}
    return choose(
        f"{one.says}. **What do you take?**",
        {str(x.right): x == one for x in cases},
        slips=others,
        because=str(one.why),
    )


Exercises(*map(ask, cases))

# %% [markdown]
# ## Sources

# %% tags=["remove-code"]
keys = sorted({key for one in evidence for key in one.cites})
bibliography(keys)
