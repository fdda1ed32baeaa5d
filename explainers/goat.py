# ---
# title: What should “goat” be?
# description: One word, two sentences, two meanings. Work out attention by hand, one small step at a time, with every number computed.
# can: "work out attention for a sentence with pencil and paper: dot products, softmax, a mix of vectors"
# order: 10
# section: Lessons
# page: lessons/goat.md
# notebook: true
# ---

# %% [markdown]
# # What should “goat” be?
#
# Read these two sentences.
#
# > The sheep and **goat** are grazing.
#
# > Messi is the **goat**, not Ronaldo.
#
# You met the same word twice. In the first sentence you saw an animal. In the second you saw
# the *greatest of all time*. You did not stop to decide. The other words told you.
#
# **How could a machine do that?** It looks “goat” up and finds one list of numbers, the same
# list both times. The words around it must do the rest. This page shows how, with
# multiplication, addition and one exponential. If you know what a dot product is, you know
# enough. By the end you can work out both goats with a pocket calculator.
#
# The example comes from lecture slides by K. Patwari (2024). It is a lovely one, and we keep
# its vectors. A few of its numbers are slightly wrong. Where that matters you see both values, and why.
#
# Here is the puzzle as a picture: the words of both sentences, placed by how much they speak of
# animals and of footballers. The goat sits on the fence. **Which way should it go?**

# %% tags=["remove-code"]
import numpy as np

from vitexplain import tokens, writing
from vitexplain.explorer import Example, Map, Step, explorer
from vitexplain.facts import slides
from vitexplain.figures import attention_matrix, attention_steps, embedding_plane
from vitexplain.vit import PRESETS
from vitexplain.writing import count, number, products, vector

np.set_printoptions(precision=4, suppress=True)


def nums(numbers, digits=None):
    """Write numbers with commas between."""
    return vector(numbers, digits)[1:-1]


def table(header, rows):
    """Show a Markdown table; a short vector stays on one line."""
    return writing.table(
        header,
        [
            [x.replace(", ", ",\u00a0") if x[:1] == "[" and len(x) < 12 else x for x in row]
            for row in rows
        ],
        words=None,
    )


def beside(*rows):
    """Show what the slides print beside what it is; each row begins with its name."""
    rows = [[f"*{name}*<br>{printed}", right, why] for name, printed, right, why in rows]
    return table(["the slides print", "it is", "why"], rows)


# %% tags=["remove-code", "figure"]
places = {
    word: place
    for sentence in (tokens.GOAT_ANIMAL, tokens.GOAT_FOOTBALLER)
    for word, place in zip(sentence.words, sentence.embeddings, strict=True)
}
embedding_plane(
    list(places.values()),
    words=list(places),
    axes=tokens.AXES,
    highlight=("goat",),
    height=320,
)

# %% [markdown]
# ## Tokens: a word becomes a vector
#
# **What does the machine see instead of a word?** A *token*: a short list of numbers that
# travels as one thing. Call each number a *neuron*. A token is then a bundle of neurons, and a
# bundle of information about one piece of the input.
#
# Two moves make tokens. *Tokenisation* cuts the input into pieces; here a piece is a word or a
# comma. An *embedding* gives each piece its vector: token number *i* gets *x*<sup>(i)</sup> ∈
# ℝ<sup>d</sup>. How many numbers that is, *d*, is the *token size*. Stack the *n* tokens of a sentence as rows, and
# you have one matrix, *X* ∈ ℝ<sup>n×d</sup>.

# %%
import numpy as np

from vitexplain.attention import attend, mix, multi_head, scale, scores, softmax
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY

X = GOAT_ANIMAL.embeddings  # the, sheep, and, goat, grazing
X

# %% [markdown]
# Here *n* is {eval}`len(X)` and *d* is {eval}`X.shape[1]`. Two numbers a token is not much, but you can
# draw it on paper. The Vision Transformer called B/16 uses {eval}`PRESETS["B/16"].dim`, and
# computes with them just as we shall.
#
# **Does order matter?** In two ways, so keep four things apart. An *array of neurons*
# is ordered: the first number means one thing, the second another. Forget that order and you
# have a *set of neurons*, which tells you little. An *array of tokens* is a sentence with its
# first, second and third word. Forget *that* order and you have a *set of tokens*. Attention
# reads its tokens as a set. Hold on to that thought; the exercises come back to it.
#
# ## A map of meanings
#
# **What do our two numbers say?** How strongly a word speaks of *animals*, and how strongly of
# *footballers*. Here are two footballers, a dog and a cat.

# %% tags=["remove-code", "figure"]
embedding_plane(
    SIMILARITY.embeddings, words=SIMILARITY.words, axes=SIMILARITY.axes, arrows=True, height=300
)

# %% tags=["remove-code"]
fb, fb2, *_ = SIMILARITY.embeddings
sheep = GOAT_ANIMAL.embeddings[GOAT_ANIMAL.words.index("sheep")]
messi = GOAT_FOOTBALLER.embeddings[GOAT_FOOTBALLER.words.index("Messi")]
messi7 = MESSI.embeddings[MESSI.words.index("Messi")]
norm = np.linalg.norm
swapped = MESSI.embeddings[:, ::-1]
swap_changes = np.abs(scores(swapped, swapped) - scores(MESSI.embeddings, MESSI.embeddings)).max()

# %% [markdown]
# Real embeddings are learned, and their axes have no such tidy names. These were set by hand.
#
# **Which axis comes first?** The slides name them [footballer, animal] and then write the sheep as
# {eval}`vector(sheep)`, so in that example animal comes first. In their second example Messi is
# {eval}`vector(messi7[::-1])`, so there footballer comes first. We use one order everywhere:
# **[animal, footballer]**. For the second example we swap the columns, which changes the dot
# products by exactly {eval}`number(swap_changes)`.
#
# ## How alike are two tokens?
#
# **Which two of the four are most alike?** Attention asks with a *dot product*: multiply number
# by number, then add. For the two footballers that is
# {eval}`products(fb, fb2, " × ")` = {eval}`number(fb @ fb2)`. One line gives every pair:

# %%
S = scores(SIMILARITY.embeddings, SIMILARITY.embeddings)
S

# %% tags=["remove-code"]
printed = {
    pair: (raw, scaled)
    for pair, raw, scaled in zip(
        slides.SIMILARITY_PAIRS, slides.SIMILARITY_DOTS, slides.SIMILARITY_SCALED, strict=True
    )
}
lengths = norm(SIMILARITY.embeddings, axis=1)
cosine = S / np.outer(lengths, lengths)
rows = []
for i, j in [*printed, (1, 2), (1, 3)]:
    raw, scaled = printed.get((i, j), (None, None))
    said = "not shown" if raw is None else f"{raw:g}, {scaled:g}"
    pair = f"{SIMILARITY.words[i]} · {SIMILARITY.words[j]}".replace(" ′", "\u00a0′")
    rows.append(
        [pair, number(S[i, j]), number(scale(S, 2)[i, j], 4), number(cosine[i, j], 4), said]
    )
table(["pair", "dot product", "÷ √2", "cosine", "the slides print"], rows)

# %% [markdown]
# The footballers win, and the second footballer shares nothing with the dog. Good. But look at
# the diagonal before you trust the dot product.
#
# **Is it a distance?** No. A distance to yourself is zero, and the second footballer scores
# {eval}`number(S[1, 1])` with itself. **Is it a proper similarity?** Not that either: it scores
# *more*, {eval}`number(S[1, 0])`, with the other footballer. Nothing should resemble you better
# than you do. The dot product rewards long vectors, and the first footballer is longer.
#
# Divide by both lengths and you get the *cosine*, which compares directions only. It is 1 for a
# vector with itself, and never more. Standard attention does not use it. It takes the *scaled*
# similarity: it divides by √*d*, one and the same number for every pair (here
# {eval}`number(np.sqrt(2), 4)`).
#
# **What can that change?** No ranking: the largest stays the largest. It works as a
# *temperature*. In the next step scores become shares, and smaller scores make softer shares.
#
# **Why √*d* and not *d*?** A dot product adds up *d* products. If the numbers are random (mean 0,
# spread 1), such a sum has a spread of √*d*. Dividing by √*d* brings it back to 1, whatever the
# token size. Measure it:

# %%
q, k = np.random.default_rng(0).normal(size=(2, 4000, 1, 64))  # 4000 pairs, d = 64
spread = scores(q, k).std()
print(f"spread {spread:.2f}, √64 = {np.sqrt(64):.2f}")

# %% [markdown]
#
# ## The goat asks a question
#
# Now to our word. Its embedding is {eval}`vector(X[3])`: as much animal as footballer. **How can its
# neighbours pull it off the fence?** In four steps.
#
# **1. Score.** *Who here is like me?* The goat takes its dot product with every token, itself
# included. With the sheep: {eval}`products(X[3], X[1], " × ")` = {eval}`number(X[3] @ X[1])`.
#
# **2. Scale.** Divide each score by √*d*<sub>k</sub>, where *d*<sub>k</sub> is how many numbers each of the
# multiplied vectors has; here {eval}`X.shape[1]`. So {eval}`number(X[3] @ X[1])` / {eval}`number(np.sqrt(2), 4)` =
# {eval}`number(X[3] @ X[1] / np.sqrt(2), 4)`.
#
# **3. Softmax.** Turn scores into shares: raise *e* to each scaled score *s*<sub>j</sub>, then divide
# by the total. Shares are positive and add up to 1. They are the *attention weights*.
#
# $$
# a_j = \frac{e^{s_j}}{\sum_m e^{s_m}}
# $$
#
# **4. Mix.** Take each token times its weight, and add. The sum is the goat's new vector.

# %%
goat = X[[3]]  # one token, as a matrix of one row
raw = scores(goat, X)
scaled = scale(raw, d_k=2)
weights = softmax(scaled)
mix(weights, X)

# %% tags=["remove-code"]
A = attend(goat, X, X)
B = attend(goat, GOAT_FOOTBALLER.embeddings, GOAT_FOOTBALLER.embeddings)
powers = np.exp(A.scaled[0])
parts = A.weights[0][:, None] * X
rows = [
    [
        word,
        vector(X[j]),
        number(A.scores[0, j]),
        number(A.scaled[0, j], 4),
        number(powers[j], 2),
        number(A.weights[0, j], 4),
        vector(parts[j], 4).replace(" ", "\u00a0"),
    ]
    for j, word in enumerate(GOAT_ANIMAL.words)
]
rows.append(
    [
        "**sum**",
        "",
        "",
        "",
        number(powers.sum(), 2),
        number(A.weights.sum(), 4),
        f"**{vector(A.output, 4)}**",
    ]
)
table(["token", "vector", "score", "÷ √2", "e to that", "weight", "weight × vector"], rows)

# %% [markdown]
# The goat has become {eval}`vector(A.output, 4)`: mostly animal. **And beside Messi?** Same goat,
# same four steps, other neighbours. `attend` takes all four and keeps each one.

# %%
F = GOAT_FOOTBALLER.embeddings  # Messi, is, goat, not, Ronaldo
attend(goat, F, F).output

# %% tags=["hide-code", "figure"]
attention_steps(
    attend(F, F, F), query=GOAT_FOOTBALLER.words.index("goat"), words=GOAT_FOOTBALLER.words
)

# %% [markdown]
# Now it is {eval}`vector(B.output, 4)`: mostly footballer. One word, two meanings, and no rule about
# goats anywhere. All four steps fit in one line:
#
# $$
# \operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right) V
# $$
#
# *Q* (queries) holds the vectors that ask, *K* (keys) those they are compared with, *V* (values)
# those that are mixed. So far all three are the same *X*. Later they will differ.

# %% [markdown]
# Any word can ask, not only the goat. Touch one, or use the arrow keys: the arrows lead to the
# tokens it listens to. Then choose the other sentence.

# %% tags=["remove-code"]
sentences = {"beside a sheep": GOAT_ANIMAL, "beside Messi": GOAT_FOOTBALLER}
explorer(
    examples=[
        Example(
            name,
            sentence.words,
            [Map("Q = K = V", attend(*[sentence.embeddings] * 3), dims=sentence.axes)],
        )
        for name, sentence in sentences.items()
    ],
    title="Two sentences with a goat",
    query=GOAT_ANIMAL.words.index("goat"),
    compact=True,
)

# %% [markdown]
# ## Watch the goat move

# %% tags=["remove-code", "figure"]
journeys = {**places, "goat ′": places["goat"]}  # the same point twice, one for each journey
embedding_plane(
    list(journeys.values()),
    words=list(journeys),
    axes=GOAT_ANIMAL.axes,
    moves={"goat": A.output[0], "goat ′": B.output[0]},
    height=360,
)

# %% [markdown]
# Both journeys start at {eval}`vector(X[3])`. Beside the sheep the goat slides right and down; beside
# Messi, as goat ′, left and up.
#
# Look at *who* pulls, though. It is hardly the sheep, with {eval}`number(A.weights[0, 1], 4)`. The goat
# listens as much to itself ({eval}`number(A.weights[0, 3], 4)`) as to “grazing”
# ({eval}`number(A.weights[0, 4], 4)`). And “grazing” counts so much for being the longest vector, not
# for meaning anything deeper. We come back to that.
#
# **What if you skip the scaling?** The loud get louder:

# %% tags=["remove-code"]
unscaled = softmax(scores(goat, X))
width = PRESETS["B/16"].dim // PRESETS["B/16"].heads
q, k = np.split(np.random.default_rng(1).normal(size=(4000, 6, width)), [1], axis=1)
loudest_raw = softmax(scores(q, k)).max(axis=-1).mean()
loudest = softmax(scale(scores(q, k), width)).max(axis=-1).mean()
rows = [
    [word, number(A.weights[0, j], 4), number(unscaled[0, j], 4)]
    for j, word in enumerate(GOAT_ANIMAL.words)
]
rows.append(["**the goat becomes**", vector(A.output, 4), vector(mix(unscaled, X), 4)])
table(["weight of", "with ÷ √2", "without"], rows)

# %% [markdown]
# The sheep's share falls by half. With two numbers a token the harm is small. With {eval}`width`, as
# in each head of ViT-B/16, one token takes nearly everything: among five random ones the largest
# weight is {eval}`number(loudest_raw, 2)` on average, but {eval}`number(loudest, 2)` with scaling.
#
# ## A mirror finds the mistake
#
# The slides give the second goat as {eval}`vector(slides.GOAT_FOOTBALLER_OUTPUT)`. We found
# {eval}`vector(B.output, 4)`. **Who is right?** You can settle it almost without arithmetic.
#
# Put the goat's scores in order of size. First sentence: {eval}`nums(np.sort(A.scores))`. Second:
# {eval}`nums(np.sort(B.scores))`. They are the same five numbers. Softmax cares about the numbers
# and not about whose they are. So the weights must be the same five numbers too, in another
# order. The vectors are mirrored as well: sheep {eval}`vector(sheep)` against Ronaldo
# {eval}`vector(GOAT_FOOTBALLER.embeddings[4])`, grazing {eval}`vector(X[4])` against Messi
# {eval}`vector(messi)`. So the second goat must be the first with its two numbers exchanged. The
# slides' weights, {eval}`nums(slides.GOAT_FOOTBALLER_WEIGHTS)`, are not a reordering of
# {eval}`nums(slides.GOAT_ANIMAL_WEIGHTS)`: something slipped.

# %%
beside_sheep, beside_messi = attend(goat, X, X), attend(goat, F, F)
assert np.allclose(np.sort(beside_sheep.weights), np.sort(beside_messi.weights))
assert np.allclose(beside_sheep.output, beside_messi.output[:, ::-1])

# %% tags=["remove-code"]
slide_root = slides.GOAT_ANIMAL_SCORES[-1] / slides.GOAT_ANIMAL_SCALED[-1]
w1, w2 = slides.GOAT_ANIMAL_WEIGHTS, slides.GOAT_FOOTBALLER_WEIGHTS
slide_gap, true_gap = np.log(w2[0] / w2[-1]), B.scaled[0, 0] - B.scaled[0, -1]
comma = MESSI.embeddings[[MESSI.words.index(",")]]
whole = np.vstack([F, X[:1], comma])
C = attend(goat, whole, whole)
are = np.vstack([X, F[[1]]])
beside(
    ["scaled scores, first sentence", nums(slides.GOAT_ANIMAL_SCALED), nums(A.scaled, 4),
     f"√2 is {number(np.sqrt(2), 4)}; the slides divide by about {number(slide_root, 2)}"],
    ["scaled scores, second sentence", nums(slides.GOAT_FOOTBALLER_SCALED), nums(B.scaled, 4), "the same"],
    ["weights, first sentence", nums(w1, 2), nums(A.weights, 4), "right, to two digits"],
    ["output, first sentence", vector(slides.GOAT_ANIMAL_OUTPUT), vector(A.output, 4),
     f"mixed with rounded weights, which give {vector(w1 @ X, 2)}"],
    ["weights, second sentence", nums(w2, 2), nums(B.weights, 4),
     f"not the softmax: Messi and Ronaldo are {number(true_gap, 4)} apart in score, their shares say {number(slide_gap, 3)}"],
    ["output, second sentence", vector(slides.GOAT_FOOTBALLER_OUTPUT), vector(B.output, 4),
     f"mixed with those weights, which give {vector(w2 @ F, 3)}"],
    ["tokens, second sentence", ", ".join(GOAT_FOOTBALLER.words), "also “the” and the comma",
     f"left out; with them the goat is {vector(C.output, 4)}"],
    ["tokens, first sentence", ", ".join(GOAT_ANIMAL.words), "also “are”",
     f"left out too; no vector is given, and with that of “is” the goat is {vector(attend(goat, are, are).output, 4)}"],
    ["the formula", "Attention = Σ softmax(…) · V", "no Σ", "the matrix product adds up already"],
)  # fmt: skip

# %% [markdown]
# The words left out change little, because their vectors are short: “the” and the comma take
# {eval}`number(100 * C.weights[0, 5:].sum(), 2)`% of the attention between them.
#
# ## All seven tokens at once
#
# So far one token asked. **What if every token asks?** Nothing new happens; the query becomes a
# matrix. The slides' last example takes all seven tokens of the second sentence, with new
# vectors.

# %%
X = MESSI.embeddings
everyone = attend(X, X, X)
everyone.weights.shape  # (query, key)

# %% tags=["hide-code", "figure"]
attention_matrix(everyone.weights, words=MESSI.words)

# %% tags=["remove-code"]
M, IS, THE, GOAT, COMMA, NOT, RON = range(7)
W = everyone.weights
winners = W.max(axis=1, keepdims=True)
first = np.isclose(W, winners)  # ties count for both
messi_wins = int(sum(first[i, M] and not first[i].all() for i in range(7)))


def favourite(row):
    """Name the largest weight of a row, or all that share it."""
    best = [w for w, x in zip(MESSI.words, row, strict=True) if np.isclose(x, row.max())]
    name = "all alike" if len(best) == len(row) else " and ".join(best)
    return f"{name}, {number(row.max(), 4)}"


# %% [markdown]
# Read it by rows. Row *i* is token *i* asking, and each row adds up to 1. Every token gets a new
# vector, its row's mix of all the old ones:

# %% tags=["remove-code"]
table(
    ["token", "vector", "new vector", "looks most at"],
    [
        [f"**{word}**", vector(X[i]), vector(everyone.output[i], 4), favourite(W[i])]
        for i, word in enumerate(MESSI.words)
    ],
)

# %% [markdown]
# Here is what the slides print for this example.

# %% tags=["remove-code"]
assert np.allclose(np.round(W, 2).sum(axis=1), slides.MESSI_WEIGHTS.sum(axis=1))
pairs = [
    f"{word} {number(x, 2)}"
    for word, x in zip(MESSI.words, slides.MESSI_WEIGHTS[RON], strict=True)
    if x
]
truth = [f"{word} {number(x, 4)}" for word, x in zip(MESSI.words, W[RON], strict=True) if x > 0.001]
beside(
    ["vectors", f"Messi {vector(messi7[::-1])}", vector(messi7), "one axis order on this site"],
    ["scaled scores of Messi", nums(slides.MESSI_SCALED_ROW), nums(everyone.scaled[M], 4),
     f"√2 taken as {number(everyone.scores[M, M] / slides.MESSI_SCALED_ROW[M], 2)}"],
    ["diagonal, step 2", f"{number(slides.MESSI_STEP_2_DIAGONAL[0])} in all seven rows", nums(np.diag(W), 4),
     f"only Messi's is real; the rest repeat it, in rows that add up to {number(slides.MESSI_STEP_2_DIAGONAL[0])}, not 1"],
    ["row of Ronaldo", ", ".join(pairs), ", ".join(truth),
     "the large weight is in the wrong column: it is Messi's"],
    ["row sums", nums(slides.MESSI_WEIGHTS.sum(axis=1), 2), "1 in each row",
     "no mistake: ours, rounded to two digits, add up to the same"],
    ["a<sub>Messi</sub>", f"≈ {number(slides.MESSI_STEP_2_DIAGONAL[0])}", f"{number(W[M, M], 4)}",
     "one entry, a<sub>Messi,Messi</sub>; the vector a<sub>i</sub> is a whole row"],
)  # fmt: skip

# %% [markdown]
# ## Everybody looks at Messi
#
# Go back to the matrix and down its first column. In {eval}`count(messi_wins)` of the seven rows Messi has the largest
# weight (for “is” and “the” he shares it with the goat). Even Ronaldo gives Messi {eval}`number(W[RON, M], 4)` and keeps
# {eval}`number(W[RON, RON], 4)` for himself. Only the comma differs: a vector of zeros scores 0 with
# everyone, and softmax makes seven equal shares of that.
#
# **Is that understanding?** No, it is length again: Messi's vector is the longest. A raw dot
# product lets every token ask just one question: *who points my way, and is long?* We want tokens
# to ask different questions.
#
# ## Three roles, three matrices
#
# So give each token three jobs, and a learned matrix for each job.
#
# $$
# Q = X W_Q \quad K = X W_K \quad V = X W_V
# $$
#
# - The **query** *q*<sub>i</sub> is the question token *i* asks.
# - The **key** *k*<sub>j</sub> is the label token *j* answers to.
# - The **value** *v*<sub>j</sub> is the content token *j* hands over.
#
# Question, label, content: an analogy, no more. What the numbers do is the formula above. Two
# common phrasings mislead. A token is not *split* into three; it is *projected* three times, in
# full. And Q, K and V are all matrices, with a row for every token. So far *W*<sub>Q</sub>, *W*<sub>K</sub> and *W*<sub>V</sub>
# were the identity, which is why Q = K = V = X.
#
# **Can a projection change who looks at whom?** Here is one made by hand. Let each token ask for
# what it lacks: the query swaps the two numbers, and weighs them.

# %%
W_Q = np.array([[0.0, 9.0], [5.0, 0.0]])
W_K = np.eye(2)
asked = attend(X @ W_Q, X @ W_K, X)

# %% tags=["remove-code"]
Q = X @ W_Q
table(
    ["token", "looked most at", "asks now", "looks most at"],
    [
        [f"**{word}**", favourite(W[i]), vector(Q[i]), favourite(asked.weights[i])]
        for i, word in enumerate(MESSI.words)
    ],
)

# %% [markdown]
# Ronaldo's question used to be {eval}`vector(X[RON])`. Now it is {eval}`vector(Q[RON])`, and it leans
# towards animals: {eval}`products(Q[RON], X[GOAT], " × ")` = {eval}`number(asked.scores[RON, GOAT])` for the goat
# beats {eval}`number(asked.scores[RON, M])` for Messi. The two footballers now look at “goat”, the
# title in question. And “goat” looks at Messi, who holds it. We chose these matrices. Training
# finds its own, and nothing makes them easy to read.
#
# Try both. Pick a word, and follow its row through each step. Or [drag the words](../live/goat.md).

# %% tags=["remove-code"]
Y = asked.weights
tour = [
    Step("One word asks", "The goat compares itself with all seven tokens.",
         ask="Who gets the most attention?", choices=(M, GOAT, RON), query=GOAT, map="Q = K = V",
         answer=f"**Messi**, with {W[GOAT, M]:.4f}. The goat itself gets {W[GOAT, GOAT]:.4f}.",
         holds={"seven weights": W[GOAT].shape == (7,), "Messi alone has the most": first[GOAT].tolist() == [i == M for i in range(7)]}),
    Step("The longest vector wins", "Now Ronaldo asks.", query=RON, highlight=(M, RON),
         ask="How much does he keep for himself?",
         answer=f"Only {W[RON, RON]:.4f}. Messi's vector is longer and takes {W[RON, M]:.4f}.",
         holds={"he keeps little": W[RON, RON] < 0.01, "Messi takes most": W[RON, M] > 0.5, "his vector is longer": norm(X[M]) > norm(X[RON])}),
    Step("No question at all", "The comma is a vector of zeros. Its dot products are all 0.",
         query=COMMA, ask="What does softmax make of seven equal scores?",
         answer=f"Seven equal shares: {W[COMMA, 0]:.4f} each.",
         holds={"a vector of zeros": not X[COMMA].any(), "scores of zero": not everyone.scores[COMMA].any(), "equal shares": np.allclose(W[COMMA], 1 / 7)}),
    Step("One bright column", f"Look down the first column. Messi has the largest weight in {count(messi_wins)} of the seven rows; the comma alone treats all alike.",
         query=NOT, view="matrix", highlight=(M,),
         holds={"in six of seven": messi_wins == 6 and len(W) == 7, "the comma alone": [i for i in range(7) if np.ptp(W[i]) < 1e-9] == [COMMA]}),
    Step("A different question", "Same words, but each query now goes through W_Q first.",
         query=RON, map="with W_Q and W_K", ask="Whom does Ronaldo choose now?", choices=(M, GOAT, RON),
         answer=f"The **goat**, with {Y[RON, GOAT]:.4f}. Messi is down to {Y[RON, M]:.4f}.",
         holds={"the goat wins": Y[RON].argmax() == GOAT, "Messi is down": Y[RON, M] < W[RON, M]}),
    Step("And the goat?", "It asks for what it lacks.", query=GOAT, map="with W_Q and W_K", highlight=(M,),
         ask="Where does it look?", choices=(M, GOAT, RON),
         answer=f"At **Messi**, with {Y[GOAT, M]:.4f}. Each now looks at the other.",
         holds={"the goat looks at Messi": Y[GOAT].argmax() == M, "and Messi at the goat": Y[M].argmax() == GOAT}),
]  # fmt: skip
explorer(
    [
        Map("Q = K = V", everyone, dims=MESSI.axes, value_dims=MESSI.axes, note="Every token asks with its own vector."),
        Map("with W_Q and W_K", asked, dims=MESSI.axes, value_dims=MESSI.axes, note="Each token asks for what it lacks. These matrices are made by hand."),
    ],
    tokens=MESSI.words,
    title="Messi is the goat, not Ronaldo",
    tour=tour,
    url=True,
)  # fmt: skip

# %% [markdown]
# ## The formulas, with their indices
#
# One query *q* asks *n* keys:
#
# $$
# \begin{gathered}
# s_j = \frac{q \cdot k_j}{\sqrt{d_k}} \quad a = \operatorname{softmax}(s) \\
# y = \sum_j a_j v_j
# \end{gathered}
# $$
#
# Many queries ask the same keys, each for itself:
#
# $$
# \begin{gathered}
# s_{ij} = \frac{q_i \cdot k_j}{\sqrt{d_k}} \quad a_i = \operatorname{softmax}(s_i) \\
# y_i = \sum_j a_{ij} v_j
# \end{gathered}
# $$
#
# Mind the letters: *i* asks, *j* answers. Softmax runs over *j*, and so does the sum. With *v*<sub>i</sub>
# in its place, as the slides have it, every token would get its own value back, because the
# weights add up to 1. Stack the rows, and the many queries are the one line from before.
#
# **Can a token ask two questions at once?** Yes: run attention several times side by side. Each
# run is a *head* with matrices of its own; join their outputs and project once more:
#
# $$
# \begin{gathered}
# H_i = \operatorname{Attention}(X W_Q^i, X W_K^i, X W_V^i) \\
# Y = \operatorname{Concat}(H_1, \dots, H_h)\, W_O
# \end{gathered}
# $$
#
# Usually each head works with *d* / *h* numbers, so that *h* heads cost no more than one. Ours keep
# two each: one asks as before, one asks through our *W*<sub>Q</sub>, and *W*<sub>O</sub> averages them.

# %%
eye = np.eye(2)
two = multi_head(
    X,
    np.hstack([eye, W_Q]),  # the heads' matrices side by side
    np.hstack([eye, W_K]),
    np.hstack([eye, eye]),
    np.vstack([eye, eye]) / 2,
    heads=2,
)
two.attention.weights.shape, two.output.shape  # (head, query, key), (token, dim)

# %% tags=["remove-code"]
assert np.allclose(two.output, (everyone.output + asked.output) / 2)
beside(
    ["the roles", "Q a vector; K a matrix, a “contextual representation”",
     "Q, K and V are matrices, a row for each token",
     "every token asks; and in a first layer a key has no context yet"],
    ["one query", "y = Σ α<sub>j</sub> v<sub>i</sub>", "y = Σ<sub>j</sub> a<sub>j</sub> v<sub>j</sub>", "the sum runs over the values"],
    ["many queries", "y<sub>i</sub> = Σ<sub>j</sub> a<sub>ij</sub> v<sub>i</sub>", "y<sub>i</sub> = Σ<sub>j</sub> a<sub>ij</sub> v<sub>j</sub>", "the same"],
    ["multi-head", "the formula of one query again, with “Q<sub>gout</sub>”", "Concat(H<sub>1</sub>, …, H<sub>h</sub>) W<sub>O</sub>",
     "each head has matrices of its own, and W<sub>O</sub> joins them"],
)  # fmt: skip

# %% [markdown]
# **Must a sentence ask itself?** No. Everything above is *self*-attention. In *cross*-attention
# the queries come from one place, the keys and values from another:
# `multi_head(french, …, context=english)`. So the original Transformer
# [translates](translation.md): the sentence being written asks the one being read. The slides leave this out, and
# translate word for word. French *chèvre* and Chinese *shānyáng* are the farm animal: the sense is gone.
#
# ## From words to images
#
# **What if the tokens are not words?** Nothing on this page asked what a token stands for. Cut a
# photograph into squares, turn each square into a vector, and the same `attend` lets an eye look
# at the other eye. That is the idea of a Vision Transformer, and the next lesson:
# [A face on a grid](face.md).
#
# **Does a trained model move its goats, too?** [Half way](trained-goat.md).
#
# ## What to remember
#
# - A token is a vector. Its meaning can depend on its neighbours.
# - Attention is four steps: **score, scale, softmax, mix**.
# - Each token's weights are positive and add up to 1; its output is that mix of the values.
# - A dot product rewards direction *and* length. It is neither a distance nor a cosine.
# - Scaling by √*d*<sub>k</sub> changes no ranking, only how sharply softmax chooses.
# - Learned *W*<sub>Q</sub>, *W*<sub>K</sub>, *W*<sub>V</sub> let tokens ask different questions. Heads let one token ask several.
#
# ## Your turn
#
# Guess first, then compute, then open the answer.

# %% tags=["remove-code"]
E2 = attend(goat / 10, GOAT_ANIMAL.embeddings, GOAT_ANIMAL.embeddings)
assert (E2.weights.argsort() == A.weights.argsort()).all()

order = [RON, IS, THE, GOAT, COMMA, NOT, M]  # Ronaldo is the goat, not Messi
E3 = attend(X[order], X[order], X[order])
same = np.abs(E3.output - everyone.output[order]).max()

angles = np.linspace(0, 2 * np.pi, 3600, endpoint=False)
directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
top = scores(directions, X)
won = [
    w
    for w, hit in zip(MESSI.words, np.isclose(top, top.max(axis=1, keepdims=True)).T, strict=True)
    if hit.any()
]
assert "Ronaldo" not in won

herd = np.vstack([GOAT_ANIMAL.embeddings, [[4, 0]] * 9])
E5 = attend(goat, herd, herd)

# %% tags=["remove-code"]
from vitexplain.exercises import Exercises, calculate, choose, look, repair

Xs, words = GOAT_ANIMAL.embeddings, list(GOAT_ANIMAL.words)
herd_weights = attend(Xs, Xs, Xs).weights
SHEEP = words.index("sheep")
query, key, root = np.array([1.0, 2.0]), np.array([3.0, 1.0]), np.sqrt(2)
two_scores = np.array([np.log(3), 0])
alike = attend(goat, np.tile(Xs[1], (len(Xs), 1)), Xs).weights[0]
row = herd_weights[SHEEP]
long = 64


def order_of(change):
    """Whether a change of the scores leaves the order of the weights."""
    changed = softmax(change(scores(Xs[[SHEEP]], Xs)))[0]
    return (np.argsort(changed) == np.argsort(row)).all() and not np.isclose(changed.sum(), 0)


Exercises(
    calculate(f"A query is {vector(query)}, a key {vector(key)}. What is their **scaled score**?",
              scale(scores(query[None], key[None]), 2).item(),
              hints=["First the dot product: number by number, then add.", "Then divide by √d, where d counts the numbers of one vector."],
              slips=[(query @ key, "That is the dot product. It still wants dividing by √d."),
                     (query @ key / 2, "You divided by d. The scale is its square root, √d."),
                     ((query + key).sum() / root, "You added the numbers of a pair. A dot product multiplies them, then adds the products.")],
              because=f"{products(query, key, ' × ')} = {number(query @ key)}, and {number(query @ key)} / √2 is {number(query @ key / root, 2)}."),
    calculate(f"Two keys have the scaled scores {number(two_scores[0], 2)} and {number(two_scores[1])}. What is the **weight** of the first?",
              softmax(two_scores)[0],
              hints=["Raise *e* to each score, then divide by the total.", f"*e* to the power of {number(two_scores[0], 2)} is {number(np.exp(two_scores[0]))}."],
              slips=[(np.exp(two_scores[0]), "That is *e* to the score. A weight is its share of the total."),
                     (two_scores[0] / two_scores.sum(), "You shared out the scores themselves. Softmax shares out *e* to the power of each score."),
                     (softmax(two_scores)[1], "That is the weight of the second key.")],
              because=f"*e* to the scores gives {number(np.exp(two_scores[0]))} and {number(np.exp(two_scores[1]))}: the first has {number(softmax(two_scores)[0])} of their sum. Even a score of 0 keeps a share."),
    look("In “The sheep and goat are grazing” the query is **sheep**. Which key does it attend to most?",
         words, row, query=SHEEP, hints=["With Q = K = V the score grows with the length of the key."],
         slips={"sheep": "You would expect a word to match itself best.", "goat": "The goat is as much footballer as animal, and a sheep has no use for that half."},
         because=f"“grazing” points the same way and is longer: its score is {number(Xs[SHEEP] @ Xs[4])}, that of the sheep with itself {number(Xs[SHEEP] @ Xs[SHEEP])}."),
    choose("Every key in a sentence is the same vector. What happens to a query's **weights**?",
           {"They are all equal": np.allclose(alike, 1 / len(alike)), "They are all zero": np.allclose(alike, 0),
            "The query attends to itself alone": alike[3] > 0.99, "They depend on the query": np.ptp(attend(10 * goat, np.tile(Xs[1], (5, 1)), Xs).weights) > 1e-9},
           slips={"They are all zero": "Weights add up to 1, so they cannot all be zero.",
                  "The query attends to itself alone": "Its own key is no different from the others, and attention compares with keys.",
                  "They depend on the query": "The query changes the scores, but it changes all of them alike."},
           because=f"Equal keys give equal scores, and equal scores give equal shares: {number(alike[0])} each for {count(len(alike))} tokens."),
    choose("Which changes to all scores of a query leave the **order** of its weights as it was?",
           {"Divide them by √d": order_of(lambda s: s / root), "Add 1 to each": order_of(lambda s: s + 1),
            "Multiply them by −1": order_of(lambda s: -s), "Square them after taking away their mean": order_of(lambda s: (s - s.mean()) ** 2)},
           several=True, slips={"Multiply them by −1": "A minus turns the order round: the worst match would get the most."},
           because="Softmax keeps the order of its scores. Adding the same number to each changes no weight at all; dividing only makes the shares more even."),
    calculate(f"Queries and keys hold {long} random numbers each, with mean 0 and spread 1. What is the **spread of their dot products** before scaling?",
              np.sqrt(long), digits=1, hints=["Each product has a variance of 1, and variances add up."],
              slips=[(long, "That is the variance. The spread is its square root."), (1, "That is the spread after scaling.")],
              because=f"{long} products, each of variance 1, add up to a variance of {long}; its root is {number(np.sqrt(long))}. Dividing by √d brings the spread back to 1, whatever d is."),
    repair("This is meant to be attention, one query a row. The rows of weights do not add up to 1.",
           """
s = q @ k.T
s = s / np.sqrt(k.shape[1])
e = np.exp(s)
a = e / e.sum(axis=0, keepdims=True)
y = a @ v
""", 3, ["a = e / e.sum(axis=1, keepdims=True)", "a = e / e.sum()", "a = e / e.max(axis=1, keepdims=True)"],
           given={"np": np, "q": Xs, "k": Xs, "v": Xs}, makes=attend(Xs, Xs, Xs).output,
           hints=["A row belongs to a query, a column to a key."],
           slips={"a = e / e.sum()": "Now the weights of all queries together add up to 1. Each row should.",
                  "a = e / e.max(axis=1, keepdims=True)": "Now the largest weight of each row is 1, and the row adds up to more."},
           because="Softmax runs over the keys: along each row, which is `axis=1`. Down the columns, queries would compete for a key."),
)  # fmt: skip

# %% [markdown]
# **1.** The goat asks with a tenth of its vector; keys and values stay. What happens to the ranking
# and to the weights?
#
# <details markdown="1"><summary>Answer</summary>
#
# The ranking stays. The weights soften to {eval}`nums(E2.weights, 4)`: a temperature ten times as high.
#
# </details>
#
# **2.** What do the seven tokens become in “Ronaldo is the goat, not Messi”?
#
# <details markdown="1"><summary>Answer</summary>
#
# What they were before: the outputs only change places (largest difference {eval}`number(same, 1)`).
# Attention reads a set, so it cannot tell who is *not* the goat. Real models add a *position* to
# every token; the next lesson does.
#
# </details>
#
# **3.** Can you find a *W*<sub>Q</sub> that makes some token look most at Ronaldo?
#
# <details markdown="1"><summary>Answer</summary>
#
# No. Trying {eval}`len(angles)` directions, the winners are {eval}`", ".join(f"“{w}”" for w in won)`, never Ronaldo. Whatever
# the matrices, a query scores along one direction of the plane, and the largest score lies on the
# rim of the cloud. Ronaldo lies inside it. More dimensions make room.
#
# </details>
#
# **4.** Nine more sheep join the first sentence. What becomes of the goat?
#
# <details markdown="1"><summary>Answer</summary>
#
# Together the ten sheep now hold {eval}`number(E5.weights[0, [1, *range(5, 14)]].sum(), 4)`, and the goat is
# {eval}`vector(E5.output, 4)`. Softmax is a vote: many weak voices add up.
#
# </details>
#
# ## Sources
#
# - K. Patwari, lecture slides on attention and Vision Transformers, 2024: the sentences, their
#   vectors, and the printed values compared above. More in the [errata](../errata.md).
# - A. Vaswani et al., [Attention Is All You Need](https://arxiv.org/abs/1706.03762), NeurIPS 2017:
#   equation (1); the scale in section 3.2.1; heads and cross-attention in sections 3.2.2 and 3.2.3.
