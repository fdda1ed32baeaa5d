"""Figures of words: the plane, similarity, the steps of a query, the matrix."""

import base64
from typing import Any

import numpy as np
import pytest

from vitexplain.attention import Attention, attend
from vitexplain.figures import (
    attention_matrix,
    attention_steps,
    embedding_plane,
    number_matrix,
    similarity_table,
)
from vitexplain.figures.plane import _place_labels
from vitexplain.figures.theme import LIGHT
from vitexplain.tokens import GOAT_ANIMAL, MESSI, SIMILARITY


def self_attention(embeddings: np.ndarray) -> Attention:
    return attend(embeddings, embeddings, embeddings)


def array(values: object) -> np.ndarray:
    """Return a trace's numbers, which may be a tuple, an array or Plotly's typed array."""
    if isinstance(values, dict):
        shape = [int(n) for n in str(values.get("shape", "-1")).split(",")]
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).reshape(shape)
    return np.array(values)


def goat_plane(**changes: object) -> Any:
    options: dict[str, Any] = {"words": GOAT_ANIMAL.words, "axes": GOAT_ANIMAL.axes} | changes
    return embedding_plane(GOAT_ANIMAL.embeddings, **options)


def test_plane_shows_each_point_and_the_move_of_the_goat() -> None:
    output = self_attention(GOAT_ANIMAL.embeddings).output[3]
    figure: Any = goat_plane(moves={"goat": output})
    points, new = figure.data
    np.testing.assert_array_equal(np.c_[points.x, points.y], GOAT_ANIMAL.embeddings)
    assert tuple(points.text) == GOAT_ANIMAL.words
    np.testing.assert_allclose([new.x[0], new.y[0]], output)
    arrow = figure.layout.annotations[0]
    np.testing.assert_allclose([arrow.ax, arrow.ay, arrow.x, arrow.y], [2.5, 2.5, *output])
    assert "goat moves from (2.5, 2.5) to (3.7631, 1.1513)" in figure.layout.meta["alt"]
    assert figure.layout.yaxis.scaleanchor == "x"
    assert figure.layout.xaxis.title.text == "animal"


def test_words_at_the_same_place_share_a_label() -> None:
    figure: Any = embedding_plane(MESSI.embeddings, words=MESSI.words, axes=MESSI.axes)
    assert "is, the" in figure.data[0].text
    assert "“,”" in figure.data[0].text
    assert len(figure.data[0].x) == 6


def test_moving_and_highlighted_words_have_the_query_colour() -> None:
    figure: Any = goat_plane(highlight=["sheep"], moves={"goat": [0.0, 1.0]})
    colours = dict(zip(GOAT_ANIMAL.words, figure.data[0].marker.color, strict=True))
    assert colours["sheep"] == colours["goat"] == LIGHT["query"]
    assert colours["the"] == LIGHT["ink"]


def test_labels_do_not_overlap_where_points_are_close() -> None:
    places = [np.array(p, dtype=float) for p in ((0, 0), (0.1, 0), (0, 0.1), (0.1, 0.1))]
    _, boxes = _place_labels([(place, "word") for place in places], [], unit=0.1)
    for i, box in enumerate(boxes):
        for other in boxes[:i]:
            gap = np.minimum(box[1], other[1]) - np.maximum(box[0], other[0])
            assert gap.min() <= 1e-9


def test_arrows_run_from_the_origin_to_every_point_but_the_origin() -> None:
    figure: Any = goat_plane(arrows=True)
    ends = [(arrow.x, arrow.y) for arrow in figure.layout.annotations]
    assert ends == [tuple(point) for point in GOAT_ANIMAL.embeddings if point.any()]
    assert all((arrow.ax, arrow.ay) == (0, 0) for arrow in figure.layout.annotations)


def test_similarity_prints_dot_scaled_and_cosine_of_every_pair() -> None:
    figure: Any = similarity_table(SIMILARITY.embeddings, words=SIMILARITY.words)
    rows = {(row[0], row[1]): row[2:] for row in figure.layout.meta["table"]["rows"]}
    assert len(rows) == 10
    assert rows["footballer", "footballer ′"] == ["12", "8.4853", "0.9701"]
    assert rows["dog", "cat"] == ["8", "5.6569", "0.8944"]
    assert rows["footballer", "dog"] == ["4", "2.8284", "0.2425"]
    assert rows["footballer ′", "footballer ′"] == ["9", "6.364", "1"]
    dots = next(bar for bar in figure.data if bar.type == "bar")
    assert list(dots.x) == sorted(dots.x, reverse=True)
    assert dots.x[0] == 17


def test_similarity_with_a_zero_vector_has_no_cosine() -> None:
    figure: Any = similarity_table([[1.0, 0.0], [0.0, 0.0]], words=("a", "zero"))
    assert [row[4] for row in figure.layout.meta["table"]["rows"]] == ["1", "none", "none"]


def test_steps_show_the_row_of_the_query() -> None:
    attention = self_attention(GOAT_ANIMAL.embeddings)
    figure: Any = attention_steps(attention, query=3, words=GOAT_ANIMAL.words)
    bars = {trace.name: np.array(trace.x) for trace in figure.data if trace.type == "bar"}
    np.testing.assert_allclose(bars["score"][:5], attention.scores[3])
    np.testing.assert_allclose(bars["scaled"][:5], attention.scaled[3])
    np.testing.assert_allclose(bars["weight"][:5], attention.weights[3])
    parts = attention.weights[3][:, None] * attention.value
    np.testing.assert_allclose(bars["× value"][:5], np.linalg.norm(parts, axis=1))
    table = figure.layout.meta["table"]["rows"]
    assert table[3] == ["goat", "12.5", "8.8388", "0.4596", "1.149, 1.149"]
    assert table[-1] == ["sum", "", "", "1.0000", "3.7631, 1.1513"]
    roles = {trace.name: trace.marker.color for trace in figure.data if trace.type == "bar"}
    assert (roles["weight"], roles["× value"]) == (LIGHT["weight"], LIGHT["value"])


def test_steps_leave_long_values_to_the_table() -> None:
    tokens = np.arange(9.0).reshape(3, 3) / 9
    figure: Any = attention_steps(self_attention(tokens), query=0, words=("a", "b", "c"))
    assert [trace.name for trace in figure.data if trace.type == "bar"] == [
        "score",
        "scaled",
        "weight",
    ]
    assert figure.layout.meta["table"]["rows"][0][4].count(",") == 2


def test_matrix_shows_the_weights_and_outlines_the_query() -> None:
    weights = self_attention(MESSI.embeddings).weights
    figure: Any = attention_matrix(weights, words=MESSI.words, query=3)
    heatmap, texts = figure.data
    np.testing.assert_allclose(array(heatmap.z), weights)
    assert texts.text[:2] == ("0.94", "0.00")
    assert tuple(figure.layout.xaxis.ticktext) == tuple(figure.layout.yaxis.ticktext) == MESSI.words
    (outline,) = figure.layout.shapes
    assert (outline.y0, outline.y1, outline.line.color) == (2.5, 3.5, LIGHT["query"])
    assert "goat → Messi 0.8039" in figure.layout.meta["alt"]
    assert figure.layout.meta["table"]["rows"][3][:2] == ["goat", "0.8039"]


def test_numbers_on_strong_cells_are_printed_in_the_colour_of_paper() -> None:
    figure: Any = attention_matrix([[0.9, 0.1], [0.4, 0.6]], words=("a", "b"))
    paper, ink = LIGHT["paper"], LIGHT["ink"]
    assert tuple(figure.data[1].textfont.color) == (paper, ink, ink, paper)


def test_matrix_of_cross_attention_names_its_keys() -> None:
    figure: Any = attention_matrix(
        [[0.2, 0.3, 0.5]], words=("chèvre",), key_words=("the", "a", "goat")
    )
    assert tuple(figure.layout.xaxis.ticktext) == ("the", "a", "goat")


@pytest.mark.parametrize(("size", "query", "rows"), [(9, None, 9), (40, 2, 40), (200, None, 100)])
def test_large_matrices_print_no_numbers_and_a_table_that_stays_short(
    size: int, query: int | None, rows: int
) -> None:
    weights = np.full((size, size), 1 / size)
    figure: Any = attention_matrix(weights, words=[f"w{i}" for i in range(size)], query=query)
    assert len(figure.data) == 1
    assert len(figure.layout.meta["table"]["rows"]) == rows


def test_the_table_of_a_large_matrix_names_each_row_s_largest(rng: np.random.Generator) -> None:
    weights = rng.dirichlet(np.ones(20), 20)
    columns = rng.permutation(20)
    weights[np.arange(20), columns] = 2.0 + np.arange(20)
    figure: Any = attention_matrix(weights, words=[f"w{i}" for i in range(20)])
    table = figure.layout.meta["table"]
    assert table["header"] == ["row", "column of its largest number", "largest number"]
    assert [row[:2] for row in table["rows"]] == [[f"w{i}", f"w{j}"] for i, j in enumerate(columns)]
    assert [float(row[2]) for row in table["rows"]] == list(range(2, 22))


def test_number_matrix_prints_its_numbers_in_the_colour_of_its_role() -> None:
    values = [[0.5, -1.0], [0.0, 2.0]]
    figure: Any = number_matrix(values, rows=("r", "s"), cols=("c", "d"), role="key", title="W_K")
    np.testing.assert_allclose(array(figure.data[0].z), values)
    assert figure.data[1].text == ("0.5", "−1", "0", "2")
    assert figure.data[0].colorscale[-1][1] == LIGHT["key"]
    assert "W_K: 2 rows (r, s) by 2 columns (c, d), from −1 to 2" in figure.layout.meta["alt"]
    assert figure.layout.meta["table"]["rows"] == [["r", "0.5", "−1"], ["s", "0", "2"]]


def test_alt_text_of_a_matrix_says_ties_and_rows_all_alike() -> None:
    rows = [[0.4, 0.2, 0.4], [1 / 3] * 3, [0.2, 0.7, 0.1]]
    figure: Any = attention_matrix(rows, words=["a", "b", "c"])
    alt = figure.layout.meta["alt"]
    assert "a → a and c 0.4; b → all alike 0.3333; c → b 0.7." in alt


def test_a_prime_is_dropped_only_where_two_journeys_begin_at_one_place() -> None:
    there: Any = embedding_plane(
        [[2, 2], [2, 2]], words=["goat", "goat ′"], axes=("a", "b"), moves={"goat ′": [3, 1]}
    )
    assert [list(there.data[0].text), list(there.data[1].text)] == [["goat"], ["new goat"]]
    apart: Any = embedding_plane([[1, 4], [0, 3]], words=["player", "player ′"], axes=("a", "b"))
    assert list(apart.data[0].text) == ["player", "player ′"]
