"""What a figure refuses, it says: the rule and the value that broke it."""

from typing import Any

import numpy as np
import pytest
from torch import nn

from tests.figures.test_charts import CNN, COSTS, MODELS
from tests.figures.test_pictures import ROW, face
from tests.figures.test_receptive_fields import FIELDS, FLAT, IMAGE, KERNEL, ROWS
from tests.figures.test_side_by_side import HIT, INSIDE
from tests.figures.test_words import self_attention
from vitexplain import figures
from vitexplain.figures import Bar, Field, Part, Series, stages_of
from vitexplain.figures.charts import look
from vitexplain.figures.charts.scales import written
from vitexplain.tokens import GOAT_ANIMAL
from vitexplain.vit import PRESETS


def series(**change: Any) -> Series:
    return Series(**({"name": "CNN", "x": [1.0], "y": [1.0]} | change))


def lines(*given: Series, **options: Any) -> Any:
    return figures.lines(given, x="x", y="y", **options)


def bars(*rows: Bar, **options: Any) -> Any:
    return figures.bars(rows, x="top-1, %", **options)


def scatter(*points: Any, **options: Any) -> Any:
    return figures.scatter(points, x="x", y="y", **options)


def plane(embeddings: Any = GOAT_ANIMAL.embeddings, **options: Any) -> Any:
    words = {"words": GOAT_ANIMAL.words, "axes": GOAT_ANIMAL.axes}
    return figures.embedding_plane(embeddings, **words | options)


def steps(embeddings: np.ndarray, query: int) -> Any:
    return figures.attention_steps(self_attention(embeddings), query=query, words=GOAT_ANIMAL.words)


def heads(*shape: int, **options: Any) -> Any:
    return figures.head_layer_overview(np.full(shape, 0.2), **options)


def attended(weights: Any, **options: Any) -> Any:
    return figures.patch_attention(weights, **{"image": face.image, "grid": (4, 4)} | options)


def mixing(kernels: int = 2, query: int = 0) -> Any:
    return figures.static_and_dynamic_weights(
        [KERNEL] * kernels, ROWS, [IMAGE] * 2, names="ab", query=query
    )


def maps(*given: np.ndarray, **options: Any) -> Any:
    return figures.maps_side_by_side(dict(zip("abc", given, strict=False)), image=IMAGE, **options)


CROOKED = INSIDE.copy()
CROOKED[2, 5] = False
THIRDS = [[0.2, 0.3, 0.5]]

REFUSED: list[tuple[Any, str]] = [
    (lambda: series(low=[1.0]), "low and high go together"),
    (lambda: series(y=[1.0, 2.0]), "equally many"),
    (lambda: series(x=[], y=[]), "at least one"),
    (lambda: series(low=[2.0], high=[3.0]), r"1.0 is not in its interval 2.0 to 3.0"),
    (lambda: lines(CNN, CNN), r"different names, got \['CNN', 'CNN'\]"),
    (lambda: lines(), r"different names, got \[\]"),
    (lambda: lines(series(x=[0.0]), log_x=True), "positive numbers, got 0"),
    (lambda: lines(series(y=[np.nan])), "must be finite"),
    (lambda: lines(series(family="RNN")), "family must be one of CNN, ViT"),
    (lambda: bars(*MODELS, start=77), r"begins at 77, but a value or interval is 76\.1"),
    (lambda: bars(*MODELS, groups=["pre-trained"]), r"do not hold \['from scratch'\]"),
    (lambda: bars(), "at least one row"),
    (lambda: Bar("a", 1.0, low=0.5), "low and high go together"),
    (lambda: Bar("a", 1.0, 2.0, 3.0), r"a: 1.0 is not in its interval 2.0 to 3.0"),
    *(((lambda bad=bad: figures.dots(bad, y="distance")),
       "at least one layer, each with at least one head") for bad in ([], [[]], {}, {"a": []})),
    (lambda: scatter(*COSTS, label={"B/64": "top left"}), r"no points \['B/64'\]"),
    (lambda: scatter(), "at least one point"),
    (lambda: look("CNN", variant=4), "variant must be 0 to 3, got 4"),
    (lambda: written(np.inf), "must be finite"),
    (lambda: plane(np.ones((5, 3))), r"\(word, 2\) to lie on a plane"),
    (lambda: plane(highlight=["cow"]), r"'cow'.*not among the words"),
    (lambda: plane(words=("a", "b")), "words must be 5 labels"),
    (lambda: steps(GOAT_ANIMAL.embeddings, 5), "query must be 0 to 4, got 5"),
    (lambda: steps(np.stack([GOAT_ANIMAL.embeddings] * 2), 0), "weights must have 2 axes"),
    (lambda: figures.attention_matrix(THIRDS, words=("chèvre",)), "key_words must be 3 labels"),
    *(((lambda bad=bad: figures.attention_matrix([[bad, 1], [0, 1]], words=("a", "b"))),
       "weights must be finite") for bad in (np.nan, np.inf)),
    (lambda: figures.number_matrix([[1.0]], rows=("r",), cols=("c",), role="green"),
     "role must be one of ink, query"),
    (lambda: heads(2, 3, 5, 5, query=0), "query and grid go together"),
    (lambda: heads(2, 3, 5, 5, query=0, grid=(2, 3)), "do not make 5 tokens"),
    (lambda: heads(2, 3, 5, 4), r"weights must be \(head, token, token\)"),
    (lambda: heads(0, 3, 5, 5), "at least one layer"),
    (lambda: heads(12, 12, 50, 50), "too many cells"),
    (lambda: figures.position_similarity(np.zeros((4, 2))), "a code of zeros has no direction"),
    (lambda: figures.position_similarity(np.ones((4, 2)), grid=(2, 3)),
     r"a grid of \(2, 3\) needs 6 codes, got 4"),
    (lambda: attended(ROW[:15]), "a 4×4 grid needs 16 weights, got 15"),
    (lambda: attended(-ROW), "must not be negative"),
    (lambda: attended(0 * ROW), "one must be positive"),
    (lambda: attended(ROW, grid=(3, 4)), r"a grid of \(3, 4\) patches does not divide"),
    (lambda: attended(ROW, labels=["eye"]), "labels must be 16 labels"),
    (lambda: attended(ROW, image=np.full((64, 64, 3), 255.0)), r"values in \[0, 1\]"),
    (lambda: attended(ROW, image=np.ones((64, 64, 2))), "an image must have 3 channels"),
    (lambda: attended(ROW, query=16), "query must be 0 to 15, got 16"),
    (lambda: maps(), "of one size"),
    (lambda: maps(HIT, HIT[:6]), "of one size"),
    (lambda: maps(-HIT), "a positive number"),
    (lambda: maps(HIT, inside=CROOKED), "a rectangle"),
    (lambda: maps(HIT, inside=INSIDE & False), "a true patch"),
    (lambda: figures.window_reach((8, 8), 3, (0, 0)), "do not tile"),
    (lambda: figures.window_reach((8, 8), 4, (0, 8)), "not a token"),
    (lambda: figures.effective_fields([]), "at least one"),
    (lambda: figures.effective_fields([*FIELDS, Field("x", np.ones((8, 8)))]), "one size"),
    (lambda: figures.effective_fields([Field("x", -FLAT)]), "negative"),
    (lambda: figures.effective_fields([Field("x", 0 * FLAT)]), "all 0"),
    (lambda: mixing(kernels=1), "one kernel"),
    (lambda: mixing(query=16), "query must be"),
    (lambda: figures.architectures({}), "at least one network"),
    (lambda: figures.architectures({"empty": []}), "each with parts"),
    (lambda: figures.architectures({"a": stages_of(PRESETS["B/16"])}, notes={"b": "?"}),
     r"no networks \['b'\]"),
    (lambda: Part("x", ("pooling",), (1, 1), 1), "kinds must be one or more of convolution"),
    (lambda: Part("x", ("image",), (0, 1), 1), "at least 1, got"),
    (lambda: stages_of(nn.Linear(1, 1)), "no parts known of a Linear"),
]  # fmt: skip
KINDS = {"query must be": IndexError, "not a token": IndexError, "no parts known": TypeError}


@pytest.mark.rejects
@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_an_error_says_the_rule(call: Any, message: str) -> None:
    kind = next((kind for words, kind in KINDS.items() if message.startswith(words)), ValueError)
    with pytest.raises(kind, match=message):
        call()
