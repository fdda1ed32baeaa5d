# ---
# title: Translating with attention
# description: Two stacks and cross-attention. A small Transformer reads English, writes French, Chinese and Japanese, and asks who the goat is before it says so.
# can: explain cross-attention, and what a decoder may look at
# needs: [goat]
# order: 34
# section: Lessons
# page: lessons/translation.md
# notebook: true
# extra: experiments
# given:
#   "184 sentences": in the training part of studies/grammar.py; a test counts them
#   "52 others": in its test part
#   "41 sentences": in its part of new pairs
#   "a perfect match is 100": as BLEU is printed
# ---

# %% [markdown]
# # Translating with attention
#
# > Messi is the **goat**, not Ronaldo.
#
# Say it in French. *Messi est la chèvre* makes him a farm animal. *Le meilleur de tous les temps* is what was meant, six words for
# one, and you knew it only because of the company that “goat” keeps. **Can attention carry a meaning into another language?**
#
# Here is a small Transformer that learned to. Touch a word that it wrote: the arrows lead to the English words it asked.

# %% tags=["remove-code"]
import torch

from vitexplain.attention import multi_head
from vitexplain.experiments import results, weights
from vitexplain.experiments.translator import DIM, END, HEADS, LENGTH, greedy
from vitexplain.explorer import Example, Map, explorer
from vitexplain.facts import QUOTED, SOURCES, bibliography
from vitexplain.figures import Bar, attention_matrix, bars
from vitexplain.writing import count, listed, number, percent, share, table

torch.set_grad_enabled(False)
model = weights.load("translator")
WORDS = weights.describe("translator")["words"]
FRENCH, CHINESE, JAPANESE = "French", "Chinese", "Japanese"
MESSI, SHEEP = "Messi is the goat , not Ronaldo .", "the sheep and goat are grazing ."


def numbers(text):
    """Return a sentence's words as numbers."""
    return torch.tensor([WORDS.index(word) for word in text.split()])


def written(english, language):
    """Return the words that the model writes, its end among them, and each one's chances."""
    steps = list(greedy(model, numbers(english).tolist(), WORDS.index(f"<{language}>")))
    return [WORDS[int(chances.argmax())] for chances in steps], steps


def translate(english, language):
    """Return the model's translation."""
    return " ".join(word for word in written(english, language)[0] if word != WORDS[END])


def decoded(english, language):
    """Return what was read and written, and the decoder's blocks while it wrote."""
    read, words = numbers(english), written(english, language)[0]
    asked = numbers(" ".join([f"<{language}>", *words[:-1]]))
    return english.split(), words, model.write(asked, model.read(read)[1], read)[0]


def in_one(text, language):
    """Return a sentence as it is printed: Chinese and Japanese without spaces."""
    return (
        text.replace(" ", "") if language != FRENCH else text.replace(" ,", ",").replace(" .", ".")
    )


def maps(read, words, blocks):
    """Return every head's map of cross-attention: what was written asks what was read."""
    found, keys, queries = [], range(len(read)), range(len(read), len(read) + len(words))
    for layer, block in enumerate(blocks):
        for head in range(HEADS):
            one = type(block.cross.attention)(
                *(x[head].double().numpy() for x in vars(block.cross.attention).values())
            )
            found.append(
                Map(
                    f"layer {layer}, head {head}",
                    one,
                    layer=layer,
                    head=head,
                    queries=queries,
                    keys=keys,
                )
            )
        mean = block.cross.attention.weights.mean(0).numpy()
        found.append(Map(f"layer {layer}, mean of the heads", mean, layer=layer, head="mean", queries=queries,
                         keys=keys, note=f"The mean of {HEADS} heads."))  # fmt: skip
    return found


shown = [(MESSI, FRENCH), (SHEEP, FRENCH), (MESSI, CHINESE), (MESSI, JAPANESE), (SHEEP, JAPANESE)]
examples = []
for english, language in shown:
    read, words, blocks = decoded(english, language)
    told = [*words[:-1], "end"]
    examples.append(
        Example(
            f"{language}: {in_one(english[:-2], FRENCH)}",
            [*read, *told],
            maps(read, told, blocks),
        )
    )
best = examples[0].tokens.index("meilleur")
whom = dict(zip(examples[0].tokens[8:], examples[0].maps[7].weights.argmax(1), strict=True))
assert [examples[0].tokens[whom[w]] for w in ("Messi", "est", "meilleur", "Ronaldo")] == [
    "Messi",
    "is",
    "goat",
    "Ronaldo",
]
explorer(
    examples=examples,
    title="What is written asks what was read",
    map=(1, 2),
    query=best,
    url=True,
)

# %% [markdown]
# ## Two stacks
#
# This is the machine that {eval}`SOURCES["attention"].short` built, the first Transformer. An *encoder* reads the English sentence, all words
# at once. A *decoder* writes the other sentence, one word at a time. So there are three attentions, and they differ only in who asks
# whom:
#
# | attention | who asks | who is asked | may see |
# | --- | --- | --- | --- |
# | in the encoder | each English word | each English word | all |
# | in the decoder | each word written | each word written | itself and what came before |
# | between them | each word written | each English word | all |
#
# The third is *cross-attention*. The first two you know as self-attention.
#
# ## Ask the other sentence
#
# **What changes in the formula?** Only where *K* and *V* come from. The queries are made of the words being written, keys and
# values of the words that were read:
#
# $$
# \operatorname{Attention}(X W_Q,\; C W_K,\; C W_V)
# $$
#
# *X* has a row for each French word, *C* for each English one. The matrix of weights is no longer square. Take it by hand from the
# model's first decoder layer, with the function that you know:

# %%
read, words, blocks = decoded(MESSI, FRENCH)
context = model.read(numbers(MESSI))[1]  # a vector for each English word
layer = model.decoder["layers"][0]

x = model.write(numbers("<French> Messi est"), context, numbers(MESSI))[0][0].attention.output
x = layer.norm1(x + model._embed(numbers("<French> Messi est")))
w_q, w_k, w_v = layer.multihead_attn.in_proj_weight.split(DIM)
b_q, b_k, b_v = layer.multihead_attn.in_proj_bias.split(DIM)
cross = multi_head(
    x, w_q.T, w_k.T, w_v.T, layer.multihead_attn.out_proj.weight.T, heads=HEADS,
    b_q=b_q, b_k=b_k, b_v=b_v, b_o=layer.multihead_attn.out_proj.bias, context=context,
)  # fmt: skip
cross.attention.weights.shape  # (head, word written, word read)

# %% tags=["remove-code"]
right = blocks[0].cross.attention.weights[:, :3]
assert torch.allclose(cross.attention.weights, right, atol=1e-5)

# %% [markdown]
# Three words written so far, {eval}`len(read)` read, {eval}`HEADS` heads: and each row adds up to 1, as ever.
#
# ## Write, without peeking
#
# **Why may the decoder not look ahead?** Because when it writes, there is nothing ahead. But in training the whole French sentence is
# there, and every place learns at once to name its next word. If a place could see that word, it would learn to copy. So a *causal
# mask* closes every pair in which the key comes later. Closed pairs get a score of −∞, and softmax makes that a weight of 0.

# %% tags=["remove-code", "figure"]
own = blocks[0].attention.attention.weights.mean(0)
sees = ["start", *words[:-1]]
assert not torch.triu(own, 1).any()
attention_matrix(own.double().numpy(), words=sees)

# %% [markdown]
# The upper triangle is empty: *est* knows of the start and of Messi, and of nothing that follows.
#
# ## One word at a time
#
# The decoder begins with one word, `<French>`. It names the likeliest next word, adds it to what is written, and looks again, until the likeliest
# word is the end. That is *greedy* decoding.

# %% tags=["remove-code"]
chosen, steps = written(MESSI, FRENCH)
rows = []
for i, chances in enumerate(steps):
    top = chances.topk(3)
    asked = blocks[1].cross.attention.weights.mean(0)[i]
    two = asked.topk(2).indices.tolist()
    rows.append(
        [in_one(" ".join(chosen[:i]), FRENCH) or "…", f"**{chosen[i].strip('<>')}**",
         percent(top.values[0], 1), listed(f"“{read[j]}”" for j in two)]
    )  # fmt: skip
table(["written so far", "next", "chance", "asks most, last layer"], rows, words=(0, 1, 3))

# %% [markdown]
# ## Who decides what the goat is?
#
# **Does the encoder work it out and hand over a finished goat? Or does the decoder find out for itself?** Two sentences differ in one
# word. In the first Messi *feeds* the goat, in the second he *is* the goat. Read both, then swap the vectors of one place between
# them, and let the decoder write.

# %%
FED, IS = "Messi feeds the goat .", "Messi is the goat ."


def write_from(context, english, language=FRENCH):
    """Return what the decoder writes when it is given these vectors for the English words."""
    found = [WORDS.index(f"<{language}>")]
    while found[-1] != END and len(found) < LENGTH:
        logits = model.write(torch.tensor(found), context, numbers(english))[1]
        found.append(int(logits[-1].argmax()))
    return " ".join(WORDS[i] for i in found[1:-1])


def swapped(place):
    """Return both translations after the two sentences have swapped the vectors of one place."""
    fed, champion = (model.read(numbers(english))[1] for english in (FED, IS))
    mine = fed[place].clone()
    fed[place], champion[place] = champion[place], mine
    return write_from(fed, FED), write_from(champion, IS)


# %% tags=["remove-code"]
as_is = translate(FED, FRENCH), translate(IS, FRENCH)
swaps = {place: swapped(place) for place in range(5)}
assert swaps[1] == as_is[::-1]
assert swaps[3] == as_is
table(
    ["swapped", f"“{FED[:-2]}” becomes", f"“{IS[:-2]}” becomes"],
    [["nothing", *(in_one(x, FRENCH) for x in as_is)], *(
        [" and ".join(dict.fromkeys(f"“{one.split()[place]}”" for one in (FED, IS))), *(in_one(x, FRENCH) for x in both)]
        for place, both in swaps.items()
    )],
    words=None,
)  # fmt: skip

# %% [markdown]
# Swap the two goats, and nothing happens. Swap the verbs, and the goats change places. **Here the meaning did not travel in “goat”.** It
# travelled in the verb, and the decoder put the two together as it wrote. The lecture's picture, in which the word's own vector
# moves, is one way to do it; this small model found another. That is why a map of attention alone is no proof of where a meaning
# is: you have to change something and look.
#
# ## Does it know its goats?
#
# The model learned from 184 sentences of a small world, each with its French, Chinese and Japanese. We kept 52 others for a test, and
# 41 sentences with pairs of words that it had never met together: Messi with Ronaldo, sheep with goat, Mbappé with any goat at all. A second kind of
# model has no blocks in its encoder: its decoder gets the bare English words, each with its place. Three seeds each:

# %% tags=["remove-code", "figure"]
study = results.read("translation")
FAMILIES = {"translator": "as described", "no encoder": "no blocks in the encoder"}
MEASURES = {"test": "new sentences", "pairs": "new pairs", "test, goat": "its goats"}
found = {(f, m): study.of(m, family=f).cut for f in FAMILIES for m in MEASURES}
seeds = found["translator", "test"].seeds
assert min(found["translator", m].mean for m in MEASURES) > 0.9
assert found["no encoder", "test"].high > found["translator", "test"].low
bars(
    [
        Bar(name, *(round(100 * x, 1) for x in (one.mean, one.low, one.high)), group=FAMILIES[f], family="ViT")
        for (f, m), one in found.items() for name in [MEASURES[m]]
    ],
    x="translations right to the last word (of goats: the right goat), %",
    interval=f"95% confidence over {seeds} seeds",
)  # fmt: skip

# %% tags=["remove-code"]
size = sum(parameter.numel() for parameter in model.parameters())
used = len([word for word in WORDS if word and "<" not in word])
french, told, german, days, gpus = (
    QUOTED[f"Transformer{what}"] for what in ("", ", in the text", ", German", ", days", ", GPUs")
)

# %% [markdown]
# As described, it gets {eval}`share(found["translator", "test"])` of the new sentences right to the last word, {eval}`share(found["translator", "pairs"])` of those with new
# pairs, and the right goat in {eval}`share(found["translator", "test, goat"])`. What goes wrong is mostly rare: a colour, a gender, a player it saw in few
# roles.
#
# **Without blocks in the encoder** it is {eval}`share(found["no encoder", "test"])` of the new sentences, and {eval}`share(found["no encoder", "test, goat"])` of their goats. For so small a
# world the decoder can do it alone, which agrees with the swap above. Over these seeds we cannot tell the two apart.

# %% [markdown]
# ## Four languages
#
# Word for word, the slides make Messi a *chèvre* in French and a *shānyáng* in Chinese: both are the farm animal. (Their Japanese line
# also writes Messi in Chinese characters; in Japan he is メッシ.) What the model writes, and what it means:

# %% tags=["remove-code"]
BACK = {
    FRENCH: "the best of all times",
    CHINESE: "the best player in history",
    JAPANESE: "the best player in history",
}
animal = {language: translate(SHEEP, language) for language in BACK}
champion = {language: translate(MESSI, language) for language in BACK}
assert [
    " 山羊 " in animal[CHINESE],
    " ヤギ " in animal[JAPANESE],
    " chèvre " in animal[FRENCH],
] == [True] * 3
assert [
    " 山羊 " in champion[CHINESE],
    " ヤギ " in champion[JAPANESE],
    " chèvre " in champion[FRENCH],
] == [False] * 3

table(
    ["", "the sheep and goat are grazing", "Messi is the goat, not Ronaldo", "its goat, back in English"],
    [[x, in_one(animal[x], x), in_one(champion[x], x), BACK[x]] for x in BACK],
    words=None,
)  # fmt: skip

# %% [markdown]
# Look at the order, too: Japanese puts the verb last. No rule in the program says so; it is in the weights.
#
# ## The real one
#
# Ours has {eval}`f"{size:,}"` parameters. {eval}`SOURCES["attention"].short` trained the same machine, much larger, on millions of sentences: after {eval}`number(days.value, 1)` days on
# {eval}`int(gpus.value)` GPUs it reached {eval}`number(french.value, 1)` BLEU from English to French, and {eval}`number(german.value, 1)` to German. BLEU compares with
# what people wrote, by the runs of words in common; a perfect match is 100. The paper gives {eval}`number(told.value, 1)` for French in one place of its text,
# and {eval}`number(french.value, 1)` in its abstract and table.
#
# ## What this page does not show
#
# The swap is of one pair of sentences, in one of the three models. A made-up world has {eval}`used` words in four languages, and sentences of at most {eval}`LENGTH` of them. Real translation needs pieces of words, far more data, and a search
# that is less greedy. And our readers of French, Chinese and Japanese are the authors of a grammar, not a jury.
#
# ## What to remember
#
# - Cross-attention is attention whose queries come from one sentence, keys and values from another.
# - A decoder writes one word at a time, and a causal mask keeps it from seeing what it has yet to write.
# - What a word means in its company can be settled while it is being read, or while its translation is being written.
#
# ## Your turn

# %% tags=["remove-code"]
import numpy as np

from vitexplain.attention import attend, softmax
from vitexplain.exercises import Exercises, calculate, choose, look, repair

n = 6
may = np.tril(np.ones((n, n), dtype=bool))
q, k, v = np.random.default_rng(0).normal(size=(3, n, 4))
shape_of = multi_head(x, w_q.T, w_k.T, w_v.T, layer.multihead_attn.out_proj.weight.T, heads=HEADS, context=context).attention.weights.shape[1:]  # fmt: skip
asks_whom = examples[0].maps[7].weights[best - len(read)]
masking = """
s = q @ k.T / np.sqrt(k.shape[1])
s = np.where(may, s, 0)
a = softmax(s)
y = a @ v
"""
mends = ["s = np.where(may, s, -np.inf)", "s = np.where(may, -np.inf, s)", "s = s * may"]
Exercises(
    look("The decoder writes *meilleur* (“best”), in the head at the top of the page. Before you look: which English word does it attend to most?",
         read, asks_whom, query=-1, hints=["Which word of the sentence means *the best of all*?"],
         slips={"Messi": "He *is* the best, but the word for it stands elsewhere.", "Ronaldo": "He is the one who is not."},
         because=f"The goat is what *meilleur* translates: weight {float(max(asks_whom)):.2f}. The query comes from the French side, the keys from the English."),
    choose(f"{count(x.shape[0]).capitalize()} words are written so far, {count(len(read))} were read. What **shape** has a matrix of cross-attention weights?",
           {f"{r} × {c}": (r, c) == tuple(shape_of) for r, c in ((x.shape[0], len(read)), (len(read), x.shape[0]), (x.shape[0], x.shape[0]), (len(read), len(read)))},
           slips={f"{len(read)} × {x.shape[0]}": "The other way round: rows belong to queries, and the words being written ask.", f"{x.shape[0]} × {x.shape[0]}": "That is the decoder's self-attention.", f"{len(read)} × {len(read)}": "That is the encoder's self-attention."},
           because="A row for each query, which is a word being written; a column for each key, which is a word that was read."),
    calculate(f"A decoder has written {n} words. **How many weights** of its causal self-attention are not zero?",
              np.count_nonzero(attend(q, k, v, mask=may).weights), digits=0, hints=["The first word attends to itself, the second to two words, and so on."],
              slips=[(n * n, "That is without a mask."), (n * (n - 1) // 2, "You left out the diagonal. A word may attend to itself."), (n, "That is the diagonal alone.")],
              because=f"{' + '.join(map(str, range(1, n + 1)))} = {np.count_nonzero(may)}: the lower triangle, with the diagonal."),
    choose("You swap the vectors of one word between “Messi feeds the goat” and “Messi is the goat”. **Which swap** makes the goats change places in French?",
           {f"The {name}": swaps[place] == as_is[::-1] for name, place in (("goat's", 3), ("verb's", 1), ("player's", 0))},
           slips={"The goat's": "So the lecture would have it. This model's encoder hands over two goats that make no difference.", "The player's": "He is the same man in both."},
           because="The meaning travels in the verb, and the decoder puts both together as it writes. Only a change could tell."),
    repair("This decoder should not look ahead; `may` is true where a key may be seen. Yet words that are still to come get some weight.", masking, 1, mends,
           given={"np": np, "softmax": softmax, "q": q, "k": k, "v": v, "may": may}, makes=attend(q, k, v, mask=may).output,
           hints=["Which score gets a weight of zero?"],
           slips={mends[1]: "Now it sees nothing but what is still to come.", mends[2]: "A product with zero is zero again, and *e* to the power of zero is one."},
           because="A score of zero is a score like any other: *e* to that power is one. Only −∞ becomes a weight of zero."),
)  # fmt: skip

# %% [markdown]
# **1.** The English sentence has {eval}`len(read)` words, the French one {eval}`len(words)`, its end among them. What are the shapes of the three matrices of weights?
#
# <details markdown="1"><summary>Answer</summary>
#
# Encoder: {eval}`len(read)` × {eval}`len(read)`. Decoder: {eval}`len(words)` × {eval}`len(words)`, lower half. Cross-attention: {eval}`len(words)` × {eval}`len(read)`. Each
# layer and head has its own.
#
# </details>
#
# **2.** In the causal map, what is the weight in the first row?
#
# <details markdown="1"><summary>Answer</summary>
#
# It is {eval}`number(own[0, 0], 0)`. The start sees nothing but itself, and softmax gives all it has.
#
# </details>
#
# **3.** Ask for a sentence of your own: `translate("the farmer loves the goat .", "French")`. Which word tells the goat here?
#
# <details markdown="1"><summary>Answer</summary>
#
# It writes *{eval}`in_one(translate("the farmer loves the goat .", FRENCH)[:-2], FRENCH)`*. Fans love champions in this world, farmers love animals: the subject tells.
#
# </details>
#
# ## Sources

# %% tags=["remove-code"]
bibliography(["attention"])
