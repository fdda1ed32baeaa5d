# ---
# title: The goat, live
# description: Drag the words, type the numbers, write a sentence of your own. Attention is computed again while you move, in your browser.
# order: 60
# section: Live
# nav_title: The goat, live
# page: live/goat.md
# notebook: true
# given:
#   "[−4, 0]": where to drag the sheep
#   "0.1, 10": the exercise's temperatures
#   "At 0.1": the exercise's temperature
#   "At 10": the exercise's temperature
# ---

# %% [markdown]
# # The goat, live
#
# In the [first lesson](../lessons/goat.md) the words stood where we had put them. Here you put
# them. **Drag one**, and watch what attention makes of all the others while you move.
#
# ## The plane

# %% tags=["remove-code"]
import numpy as np

from vitexplain.explorer import Map, Step, explorer
from vitexplain.explorer.live import live
from vitexplain.export import steps
from vitexplain.tokens import AXES, GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY
from vitexplain.writing import number, vector

EYE = np.eye(2)
LACKS = np.array([[0.0, 9.0], [5.0, 0.0]])
SENTENCES = {
    "The sheep and goat are grazing": GOAT_ANIMAL,
    "Messi is the goat, not Ronaldo": GOAT_FOOTBALLER,
    "The same, with all seven tokens": MESSI,
    "Two footballers, a dog and a cat": SIMILARITY,
}
MATRICES = {
    "Identity": {"q": EYE, "k": EYE, "v": EYE},
    "Asks for what it lacks": {"q": LACKS, "k": EYE, "v": EYE},
}


def see(words, x, w_q=EYE, w_k=EYE, w_v=EYE, *, scaling=True, causal=False, temperature=1, query):
    """Link to this page with that sentence in the widget."""
    square = ["" if w is EYE else "*".join(f"{n:g}" for n in w.flat) for w in (w_q, w_k, w_v)]
    each = [f"{word}_{a:g}_{b:g}" for word, (a, b) in zip(words, x, strict=True)]
    state = ["1", "s" * scaling + "c" * causal, f"{temperature:g}", *square, *each]
    return f'<a href="?goat={"_".join(state)}&amp;query={query}#the-plane">Show it on the plane</a>'


def goat_of(sentence):
    """Return the goat's place in a sentence, or 0."""
    return sentence.words.index("goat") if "goat" in sentence.words else 0


def attend(x, w_q=EYE, w_k=EYE, w_v=EYE, **switches):
    """Return attention over a sentence, as the page computes it."""
    return steps(np.asarray(x, dtype=float), w_q, w_k, w_v, **switches)


X = GOAT_ANIMAL.embeddings
GOAT, SHEEP = goat_of(GOAT_ANIMAL), GOAT_ANIMAL.words.index("sheep")
start = attend(X)
silent = X.copy()
silent[GOAT] = 0
hot, cold = attend(X, temperature=10.0), attend(X, temperature=0.1)
masked = attend(X, causal=True)
turned = attend(X[::-1])
order = np.argsort(start.weights, axis=1, kind="stable")
tour = [
    Step("Choose who asks", "Tap a word here, or a point on the plane. Its weights stand under the words. They always add up to 1.",
         holds={"rows add up to 1": np.allclose(start.weights.sum(axis=1), 1)}),
    Step("A word that says nothing", "Put the word that asks at [0, 0]: drag it there, or type two zeros.",
         ask="How does it share its attention?", answer="**Equally**, among all the words it may hear. Every score is 0 there, whatever the matrices.",
         holds={"scores of 0": not attend(silent, LACKS).scores[GOAT].any(), "equal shares": np.allclose(attend(silent).weights[GOAT], 1 / len(X))}),
    Step("Hot and cold", "Turn the temperature up to 10, then down to 0.1.",
         ask="Does any word overtake another?", answer="**No.** The word with most weight stays in front. Hot brings the weights together, cold pulls them apart.",
         holds={"no word overtakes": all((np.take_along_axis(a.weights, order, 1)[:, 1:] >= np.take_along_axis(a.weights, order, 1)[:, :-1] - 1e-12).all() for a in (hot, cold)),
                "hot together, cold apart": (np.ptp(hot.weights, axis=1) <= np.ptp(start.weights, axis=1)).all() and (np.ptp(start.weights, axis=1) <= np.ptp(cold.weights, axis=1) + 1e-12).all()}),
    Step("The first word", "Switch the causal mask on, and let the first word ask.",
         ask="Whom does it hear?", answer="**Itself alone**: nobody stands before it. Its output is its own value.",
         holds={"itself alone": masked.weights[0].tolist() == [1, 0, 0, 0, 0], "its own value": np.allclose(masked.output[0], masked.value[0])}),
    Step("Another order", "Switch the mask off again. In the table, move a word to another place (↑).",
         ask="What do the words become now?", answer="**What they were before.** Without a mask attention reads a set, and only the rows change places.",
         holds={"only the rows change places": np.allclose(turned.output, start.output[::-1])}),
    Step("Your turn", "Write a sentence of your own and give its words a place."),
]  # fmt: skip
live(
    "goat",
    explorer=explorer(
        [Map("attention", start, dims=AXES, value_dims=AXES)],
        tokens=GOAT_ANIMAL.words,
        title="The goat, live",
        query=GOAT,
        tour=tour,
        url=True,
    ),
    models={"steps": "sentence"},
    config={
        "axes": list(AXES),
        "sentences": [
            {
                "name": name,
                "words": list(one.words),
                "embeddings": one.embeddings.tolist(),
                "query": goat_of(one),
            }
            for name, one in SENTENCES.items()
        ],
        "matrices": [
            {"name": name, **{role: w.tolist() for role, w in set_.items()}}
            for name, set_ in MATRICES.items()
        ],
    },
)

# %% [markdown]
# A full point is a word, the ring at the end of its line is what attention makes of it. The violet
# disc around a word says how much the asking word, in blue, attends to it: the area is the weight.
#
# Nobody wrote attention a second time for this page. The Python function that the lessons use,
# `vitexplain.export.steps`, is exported as an ONNX graph, and your browser runs that graph.
#
# ## Four experiments
#
# Guess first. Then try it above. Then open the answer.

# %% tags=["remove-code"]
away = X.copy()
away[SHEEP] = [-4, 0]
A = attend(away)
gone = attend(np.delete(X, SHEEP, axis=0))
shift = np.abs(A.output[GOAT] - gone.output[goat_of(GOAT_ANIMAL) - 1]).max()
assert A.scores[GOAT, SHEEP] < 0
assert A.weights[GOAT, SHEEP] < 1e-6
assert shift < 1e-5

M = MESSI.embeddings
messi, goat7, ronaldo = (MESSI.words.index(word) for word in ("Messi", "goat", "Ronaldo"))
plain, coldest = attend(M), attend(M, temperature=0.1)
warm = attend(M, temperature=10.0)
assert (plain.weights[ronaldo].argsort() == warm.weights[ronaldo].argsort()).all()

F = GOAT_FOOTBALLER.embeddings
goat5 = goat_of(GOAT_FOOTBALLER)
both, before = attend(F), attend(F, causal=True)
late = [4, 1, 2, 3, 0]  # Messi and Ronaldo change places
swapped = attend(F[late], causal=True)
assert before.output[0].tolist() == F[0].tolist()

FLIP = np.array([[0.0, 1.0], [1.0, 0.0]])
V = attend(X, w_v=FLIP)
assert np.array_equal(V.weights, start.weights)
assert np.allclose(V.output, start.output[:, ::-1])

# %% [markdown]
# **1. Push.** Drag the sheep to [−4, 0], as far from animal as it was near. Its score with the
# goat is now negative. Does it push the goat away?
#
# <details markdown="1"><summary>Answer</summary>
#
# No. The score is {eval}`number(A.scores[GOAT, SHEEP])`, and *e* to a large negative number is nearly
# nothing: the weight falls from {eval}`number(start.weights[GOAT, SHEEP], 4)` to
# {eval}`f"{A.weights[GOAT, SHEEP]:.7f}"`. The goat becomes {eval}`vector(A.output[GOAT], 4)`, the same to
# five decimals as if the sheep had left. Softmax can ignore a word. It cannot turn one round.
# {eval}`see(GOAT_ANIMAL.words, away, query=GOAT)`
#
# </details>
#
# **2. Heat.** Choose the example with all seven tokens, and let Ronaldo ask. He attends most to Messi.
# At which temperature does he attend most to himself: 0.1, 10, or never?
#
# <details markdown="1"><summary>Answer</summary>
#
# Never. At 0.1 Messi gets {eval}`number(coldest.weights[ronaldo, messi], 4)`. At 10 he gets
# {eval}`number(warm.weights[ronaldo, messi], 4)`, the goat {eval}`number(warm.weights[ronaldo, goat7], 4)` and Ronaldo
# {eval}`number(warm.weights[ronaldo, ronaldo], 4)`: close, but in the same order. One number divides
# all scores, so none overtakes another.
# {eval}`see(MESSI.words, M, temperature=10, query=ronaldo)`
#
# </details>
#
# **3. Mask.** Choose “Messi is the goat, not Ronaldo” and switch the causal mask on. What can Messi,
# the first word, become? And which footballer pulls the goat?
#
# <details markdown="1"><summary>Answer</summary>
#
# Messi stays what he is, {eval}`vector(before.output[0])`: there is nobody before him. The goat still
# attends to Messi, with {eval}`number(before.weights[goat5, 0], 4)`, and no longer to Ronaldo, who comes
# after it. Exchange the two names, and Ronaldo has {eval}`number(swapped.weights[goat5, 0], 4)`. With a mask
# the order of the words counts.
# {eval}`see(GOAT_FOOTBALLER.words, F, causal=True, query=goat5)`
#
# </details>
#
# **4. Values.** Go back to the first sentence. Open the three matrices and turn *W*<sub>V</sub> into
# 0, 1, 1, 0: each word hands over its two numbers exchanged. Who is heard more than before?
#
# <details markdown="1"><summary>Answer</summary>
#
# Nobody. All {eval}`start.weights.size` weights stay as they were, because *W*<sub>V</sub> comes after the
# softmax. What is handed over changes: the goat becomes {eval}`vector(V.output[GOAT], 4)` and no longer
# {eval}`vector(start.output[GOAT], 4)`. *W*<sub>Q</sub> and *W*<sub>K</sub> say who is heard,
# *W*<sub>V</sub> says what.
# {eval}`see(GOAT_ANIMAL.words, X, w_v=FLIP, query=GOAT)`
#
# </details>
#
# Every state has a link of its own: press “Copy link” and send yours to somebody.
