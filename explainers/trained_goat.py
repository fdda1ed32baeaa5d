# ---
# title: The goat in a trained Transformer
# description: A real language model reads ten sentences with a goat. Does the word move as the first lesson said? Yes, half way; and most weight goes to nobody.
# can: follow a word through a trained language model, and doubt what a toy taught you
# needs: [goat]
# order: 33
# section: Lessons
# page: lessons/trained-goat.md
# notebook: true
# extra: experiments
# ---

# %% [markdown]
# # The goat in a trained Transformer
#
# In the [first lesson](goat.md) a goat stood on the fence, and its neighbours pulled it down: to the animals beside a sheep, to
# the champions beside Messi. But we had written every vector by hand, two numbers a word. **Does a real language model do it,
# one that learned from a billion pairs of sentences and never saw our slides?**
#
# Ask it yourself. Here are ten sentences, and all that its attention did with them. Pick a word, then a layer and a head.

# %% tags=["remove-code"]
import numpy as np

from vitexplain.experiments import trained_goat
from vitexplain.explorer import Example, Map, Step, explorer
from vitexplain.explorer.packed import Mean, Packed, unpack
from vitexplain.facts import SOURCES, bibliography
from vitexplain.figures import Series, lines
from vitexplain.writing import between, count, listed, number, percent, table

goats, about = trained_goat.goats(), trained_goat.about()
GRASS, BEST = trained_goat.sentences().values()
SHEEP, MESSI, FED = (
    [goat.sentence for goat in goats].index(sentence)
    for sentence in ("The sheep and goat are grazing.", "Messi is the goat, not Ronaldo.", "Messi feeds the goat.")
)  # fmt: skip
animals = [i for i, goat in enumerate(goats) if goat.meaning == "animal"]
champions = [i for i, goat in enumerate(goats) if goat.meaning == "champion"]
layers, heads = goats[0].levels.shape[:2]


def maps(goat):
    """Return every head's map, and each layer's mean."""
    found = []
    for layer in range(layers):
        own = [
            Map(
                f"layer {layer}, head {head}",
                Packed(goat.levels[layer, head], goat.tops[layer, head], error=1 / 255),
                layer=layer,
                head=head,
            )
            for head in range(heads)
        ]
        mean = Map(f"layer {layer}, mean of the heads", Mean(own), layer=layer, head="mean",
                   note=f"The mean of {heads} heads.")  # fmt: skip
        found += [*own, mean]
    return found


on_first = np.array(  # goat, layer: the mean weight on [CLS]
    [unpack(goat.levels, goat.tops)[:, :, goat.place, 0].mean(1) for goat in goats]
)
ANIMAL, CHAMPION = goats[SHEEP].place, goats[MESSI].place
tour = [
    Step("Not quite words", "The model cuts a sentence into *pieces* it knows, and adds two of its own: `[CLS]` in front, `[SEP]` behind. The **goat** asks, in the mean of the first layer's heads.",
         query=ANIMAL, map=(0, "mean"), example=goats[SHEEP].sentence[:-1], ask="Where does most of its weight go?", choices=(0, 2, 6),
         answer="To `[CLS]`, which is no word at all. But the words get their part.",
         holds=lambda w: {"most to [CLS]": w[ANIMAL].argmax() == 0, "the words get a part": w[ANIMAL, 1:-1].sum() > 0.5}),
    Step("One layer on", "The same goat, the same question, in the next layer.", query=ANIMAL, map=(1, "mean"),
         ask="More for the words now, or less?", answer="Far less: three quarters go to `[CLS]`. This page finds out why.",
         holds=lambda w: {"three quarters": 0.7 < w[ANIMAL, 0] < 0.8}),
    Step("Beside Messi", "And in the other sentence? The name has fallen into two pieces: no token of this model stands for Messi.",
         query=CHAMPION, map=(1, "mean"), example=goats[MESSI].sentence[:-1], highlight=(1, 2),
         holds=lambda w: {"two pieces": goats[MESSI].pieces[1:3] == ["mess", "##i"], "the same place": w[CHAMPION].argmax() == 0}),
]  # fmt: skip
explorer(
    examples=[Example(goat.sentence[:-1], goat.pieces, maps(goat)) for goat in goats],
    title="Ten goats in a trained Transformer",
    tour=tour,
    url=True,
)

# %% [markdown]
# The model is [all-MiniLM-L6-v2](https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2): a small BERT
# ({eval}`SOURCES["bert"].short`) with {eval}`layers` layers of {eval}`heads` heads, {eval}`goats[0].states.shape[1]` numbers a token and
# {eval}`f"{about['parameters'] / 1e6:.1f}"` million parameters. It was trained to give sentences that belong together similar
# vectors. What you see was computed by the same `multi_head` as in the lessons before.
#
# ## Does the goat move?
#
# **Follow one number.** Take the goat's vector after the last layer, and ask how alike it is to a whole sentence: “A sheep eats
# grass.”, and “He is the best footballer in the world.” Alike means the [cosine](goat.md#how-alike-are-two-tokens).


# %%
def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


[round(float(cosine(goats[i].states[-1], GRASS)), 3) for i in (SHEEP, MESSI)]

# %% tags=["remove-code"]
to_grass, to_best = ([cosine(goat.states[-1], x) for goat in goats] for x in (GRASS, BEST))
begun = [cosine(goats[i].states[0], GRASS) for i in (SHEEP, MESSI)]
assert abs(begun[0] - begun[1]) < 0.01
assert to_grass[SHEEP] > 2 * to_grass[MESSI]
assert to_best[MESSI] > 2 * to_best[SHEEP]
table(
    ["goat in …", "like the sheep", "like the footballer"],
    [[goats[i].sentence, number(to_grass[i], 2), number(to_best[i], 2)] for i in (SHEEP, MESSI)],
)

# %% [markdown]
# The goat beside the sheep is far more like the sheep; the goat beside Messi is more like the footballer. Before the first layer
# both were about as alike to the sheep's sentence ({eval}`number(begun[0], 2)` and {eval}`number(begun[1], 2)`). So the word did move, and the
# first lesson told the truth.
#
# ## Ten goats
#
# **Were those two lucky?** Two sentences prove little. So here are all ten: five farm animals, five champions. Compare each
# goat with each other one, before the first layer and after every layer.

# %% tags=["remove-code", "figure"]
units = np.stack(
    [goat.states / np.linalg.norm(goat.states, axis=1, keepdims=True) for goat in goats]
)
alike = np.einsum("ild,jld->lij", units, units)  # layer, goat, goat
drift = alike[:, SHEEP, MESSI]
same = np.array([[a == b for b in (g.meaning for g in goats)] for a in (g.meaning for g in goats)])
pairs = np.triu_indices(len(goats), 1)
within, across = (alike[:, *pairs][:, same[pairs] == is_same] for is_same in (True, False))
gap = within.mean(1) - across.mean(1)
assert abs(gap[0]) < 0.01
assert gap[-1] == gap.max() > 0.08
assert drift[0] > 0.98
assert 0.69 < drift[-1] < 0.71
steps = range(layers + 1)
lines(
    [
        Series("same meaning", steps, within.mean(1), within.min(1), within.max(1), family="vit"),
        Series("different", steps, across.mean(1), across.min(1), across.max(1), family="cnn"),
        Series("the two above", steps, drift, family="ink", variant=1),
    ],
    x="layers done",
    y="cosine of two goats",
    interval="lowest and highest pair",
)

# %% [markdown]
# At first all goats are nearly one vector; only their place in the sentence differs. Then they part. After the last layer two goats
# of one meaning have a cosine of {eval}`number(within[-1].mean(), 2)` on average, two of different meanings
# {eval}`number(across[-1].mean(), 2)`; the pair from the lecture goes from {eval}`number(drift[0], 2)` to {eval}`number(drift[-1], 2)`.
#
# That is a drift, not a jump: the ranges overlap to the end. Still, ask each goat for its nearest fellow.

# %% tags=["remove-code"]
nearest = (alike - 2 * np.eye(len(goats))).argmax(-1)  # layer, goat
right = (same[np.arange(len(goats)), nearest]).sum(1)
[lost] = [i for i in range(len(goats)) if not same[i, nearest[-1, i]]]
assert lost == FED
assert right[0] < 3
assert right[-1] == right.max()
table(
    ["layers done", *steps],
    [[f"nearest goat has the same meaning, of {len(goats)}", *right], ["gap in the cosine", *(number(x, 2) for x in gap)]],
)  # fmt: skip

# %% [markdown]
# {eval}`count(right[0]).capitalize()` of ten before the first layer, {eval}`count(right[-1])` of ten after the last. **Which one is lost?** “{eval}`goats[lost].sentence`” A
# farm animal, with a footballer in the sentence. Its nearest fellow is in “{eval}`goats[nearest[-1, lost]].sentence`”
#
# It is not fooled wholly: with {eval}`number(to_grass[FED], 2)` it is more like the sheep's sentence than any champion is, and less than any other
# farm goat. The name pulled it half way. No rule in there says that who is fed is an animal; there is only company,
# weighed and mixed, as in the first lesson.

# %% tags=["remove-code"]
assert max(to_grass[i] for i in champions) < to_grass[FED]
assert to_grass[FED] < min(to_grass[i] for i in animals if i != FED)

# %% [markdown]
# ## Most weight goes to nobody
#
# Our toy never told you this. **How much of its weight does the goat give to `[CLS]`?** That token stands for no word.

# %% tags=["remove-code", "figure"]
by_length = np.array([goat.taken[:, 0] for goat in goats])
middle = on_first[:, 1:5]
two = middle[[SHEEP, MESSI]]
assert middle.min() > 0.6
assert by_length.max() < 0.2
lines(
    [
        Series("weight", range(layers), on_first.mean(0), on_first.min(0), on_first.max(0), family="vit"),
        Series("what it brings", range(layers), by_length.mean(0), by_length.min(0), by_length.max(0), family="cnn"),
    ],
    x="layer",
    y="share that the goat takes from [CLS]",
    interval="lowest and highest of ten goats",
    y_range=(0, 1),
)  # fmt: skip

# %% [markdown]
# In the four middle layers it is {eval}`between(two.ravel(), lambda x: percent(x, 0))` in the two sentences of the lecture, the mean over
# {eval}`heads` heads, and {eval}`percent(middle.min(), 0)` at least in any of the ten. Did the goat learn what it is from a token that says nothing?
#
# No. A weight is only half of it: what arrives is weight *times value*. Measure the length of what each token brings, through
# *W*<sub>O</sub>, and `[CLS]` is down to {eval}`between(by_length[:, 1:5].ravel(), lambda x: percent(x, 0))`. Its values are short: it is asked much and
# says little. Softmax must hand out all of its weight, even in a head that finds nothing to take here; `[CLS]` is where
# such a head puts it. {eval}`SOURCES["bert-looks"].short` saw the same in BERT with `[SEP]`, and think of it as a *no-op*. Large Vision
# Transformers have no idle word, and borrow patches of empty background for jobs of their own ({eval}`SOURCES["registers"].short`).
#
# **So do not read such a map as “what the goat listens to”.** Leave the parking place out, and see who is left:

# %% tags=["remove-code"]
rows = []
for i in (SHEEP, FED, MESSI):
    goat = goats[i]
    brought = goat.taken[1:5].mean(0)
    words = [j for j in np.argsort(-brought) if 0 < j < len(brought) - 1 and j != goat.place][:3]
    rows.append(
        [goat.sentence, percent(brought[goat.place], 0),
         listed(f"{goat.pieces[j]} {percent(brought[j], 0)}" for j in words)]
    )  # fmt: skip
table(["sentence", "the goat itself", "most from other pieces"], rows, words=(0, 2))
given, short = 0.9, 0.1  # of the second exercise: a weight, and the length of a value

# %% [markdown]
# ## What this page does not show
#
# One model, ten sentences, and we chose them. The lengths of the parts say how loud each is, not whether they agree: parts can
# cancel. And a cosine of {eval}`number(drift[-1], 2)` is not “still alike”: all these vectors share much, so compare cosines only with each other.
#
# To read sentences of your own, `studies/minilm.py` says where the weights are and reads any sentence with our functions; a
# test holds them against Hugging Face's BERT.
#
# ## What to remember
#
# - In a trained Transformer, too, a word's vector moves towards its company, a little in every layer.
# - Company is not meaning: a goat that Messi feeds ends half way.
# - Much attention may go to a token that brings nearly nothing. Weight is not content.
#
# ## Your turn

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, calculate, choose, look

a, b = np.array([3.0, 4.0]), np.array([4.0, 3.0])
weight, length = 0.8, 0.25
loud = weight * length / (weight * length + 1 - weight)
beside_sheep = goats[SHEEP]
second = unpack(beside_sheep.levels, beside_sheep.tops)[1].mean(0)[beside_sheep.place]
Exercises(
    calculate(f"Two goats have the vectors [{', '.join(map(number, a))}] and [{', '.join(map(number, b))}]. What is their **cosine**?",
              cosine(a, b), hints=["Their dot product, divided by both lengths.", f"Both vectors are {number(np.linalg.norm(a))} long."],
              slips=[(a @ b, "That is the dot product. A cosine divides it by both lengths."), (a @ b / np.linalg.norm(a), "You divided by one length. There are two.")],
              because=f"{number(a @ b)} / ({number(np.linalg.norm(a))} × {number(np.linalg.norm(b))}) = {number(cosine(a, b))}. Nearly one direction."),
    look(f"In “{beside_sheep.sentence}” the query is **goat**, in the mean of the second layer's heads. Which piece does it attend to most?",
         beside_sheep.pieces, second, query=beside_sheep.place, hints=["It need not be a word."],
         slips={"sheep": "That is what the first lesson would say.", "goat": "Its own piece gets a part, but not the most."},
         because="Most of the weight is parked on a piece that stands for no word. What it brings from there is another matter."),
    calculate(f"A head gives `[CLS]` a weight of {number(weight)}. The value there is a quarter as long as the others, which are alike in length. **What share of what arrives** comes from `[CLS]`, by length?",
              loud, hints=["What arrives is weight times value.", f"`[CLS]` brings {number(weight)} × {number(length)}, the others together {number(1 - weight)}."],
              slips=[(weight, "That is the weight. What arrives is weight times value."), (weight * length, "That is what `[CLS]` brings. Now compare it with all that arrives.")],
              because=f"{number(weight * length)} of {number(weight * length + 1 - weight)}: {percent(loud, 0)}. Weight is not content."),
    choose(f"“{goats[FED].sentence}” After the last layer, whose goat is **nearest** to this one?",
           {"A champion's": not same[FED, nearest[-1, FED]], "Another farm animal's": same[FED, nearest[-1, FED]]},
           slips={"Another farm animal's": "You know that who is fed is an animal. The model has no such rule, only company."},
           because="The name pulled it over. It is still more like the sheep's sentence than any champion is: it ended half way."),
)  # fmt: skip

# %% [markdown]
# **1.** Before the first layer the two goats of the lecture have a cosine of {eval}`number(drift[0], 3)`. Why not 1?
#
# <details markdown="1"><summary>Answer</summary>
#
# The word's vector is the same, but each token also gets the vector of its *place*, and the goat is piece
# {eval}`ANIMAL` here and piece {eval}`CHAMPION` there, counted from 0. Two goats in the same place start with a cosine of {eval}`number(alike[0][pairs].max(), 3)`.
#
# </details>
#
# **2.** A head gives `[CLS]` nine tenths of its weight, and the value there has a tenth of the length of the others. How much of what
# arrives comes from `[CLS]`, by length?
#
# <details markdown="1"><summary>Answer</summary>
#
# Nine tenths times a tenth is {eval}`number(given * short, 2)`; the others bring {eval}`number(1 - given, 2)` times one. So it is
# {eval}`percent(given * short / (given * short + 1 - given), 0)`. A token with nine tenths of the weight brings less than half.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
bibliography(["bert", "bert-looks", "minilm", "value-norms", "registers"])
