"""Lesson 1 as a reader gets it: every worked number, every correction, every figure."""

import re

import numpy as np
import pytest

from tests.explainers.pages import assets, numbers, table, tables
from vitexplain.attention import attend
from vitexplain.explorer import decode
from vitexplain.tokens import GOAT_FOOTBALLER

WORDS = ["Messi", "is", "the", "goat", ",", "not", "Ronaldo"]
GOAT = [3.7630768611, 1.1512713040]
# softmax(X Xᵀ / √2) of the seven tokens, computed independently, to four decimals.
SEVEN = np.array(
    [
        [0.9440, 0.0000, 0.0000, 0.0558, 0.0000, 0.0000, 0.0002],
        [0.4381, 0.0063, 0.0063, 0.4381, 0.0015, 0.0031, 0.1065],
        [0.4381, 0.0063, 0.0063, 0.4381, 0.0015, 0.0031, 0.1065],
        [0.8039, 0.0000, 0.0000, 0.1954, 0.0000, 0.0000, 0.0007],
        [0.1429, 0.1429, 0.1429, 0.1429, 0.1429, 0.1429, 0.1429],
        [0.5441, 0.0159, 0.0159, 0.2683, 0.0078, 0.0159, 0.1323],
        [0.8022, 0.0000, 0.0000, 0.1950, 0.0000, 0.0000, 0.0028],
    ]
)


def test_both_goats(lesson):
    page = lesson.markdown
    animal = re.search(r"The goat has become \[(.*?)\]", page)
    footballer = re.search(r"Now it is \[(.*?)\]", page)
    assert animal
    assert footballer
    np.testing.assert_allclose(numbers(animal[1]), GOAT, atol=5e-5)
    np.testing.assert_allclose(numbers(footballer[1]), GOAT[::-1], atol=5e-5)


def test_the_code_on_the_page_prints_both_goats(lesson):
    outputs = re.findall(r"\.vx-output \}\n(.*?)\n```", lesson.markdown, re.DOTALL)
    assert "array([[3.7631, 1.1513]])" in outputs
    assert "array([[1.1513, 3.7631]])" in outputs
    assert "((2, 7, 7), (7, 2))" in outputs


def test_every_step_of_the_first_sentence(lesson):
    rows = table(lesson, "e to that")
    assert [row[0] for row in rows[:-1]] == ["the", "sheep", "and", "goat", "grazing"]
    steps = np.array([[float(x) for x in row[2:6]] for row in rows[:-1]])
    np.testing.assert_array_equal(steps[:, 0], [5, 10, 0, 12.5, 12.5])
    np.testing.assert_allclose(steps[:, 1], [3.5355, 7.0711, 0, 8.8388, 8.8388], atol=5e-5)
    np.testing.assert_allclose(steps[:, 3], [0.0023, 0.0785, 0.0001, 0.4596, 0.4596], atol=5e-5)
    np.testing.assert_allclose(steps[:, 2] / steps[:, 2].sum(), steps[:, 3], atol=6e-5)
    np.testing.assert_allclose(numbers(rows[-1][-1]), GOAT, atol=5e-5)


def test_the_second_sentence_is_a_figure_with_every_number(lesson):
    start = lesson.markdown.index("How goat attends")
    figure = lesson.markdown[start : lesson.markdown.index("</figure>", start)]
    rows = re.findall(r"<tr><td>(.*?)</td></tr>", figure)
    cells = [row.split("</td><td>") for row in rows]
    assert [row[0] for row in cells] == ["Messi", "is", "goat", "not", "Ronaldo", "sum"]
    np.testing.assert_allclose(
        [float(row[3]) for row in cells], [0.4596, 0.0023, 0.4596, 0.0001, 0.0785, 1], atol=5e-5
    )
    np.testing.assert_allclose(numbers(cells[-1][4]), GOAT[::-1], atol=5e-5)


def test_both_sentences_can_be_touched(lesson):
    data, _ = assets(lesson, "explorers")
    assert data["compact"]
    sheep, messi = data["examples"]
    assert sheep["tokens"][data["query"]]["label"] == "goat"
    np.testing.assert_allclose(sheep["arrays"][0]["output"][data["query"]], GOAT, rtol=1e-9)
    goat = [token["label"] for token in messi["tokens"]].index("goat")
    beside_messi = GOAT_FOOTBALLER.embeddings
    np.testing.assert_allclose(
        messi["arrays"][0]["output"][goat],
        attend(beside_messi, beside_messi, beside_messi).output[goat],
        rtol=1e-9,
    )


def test_similarities_beside_what_the_slides_print(lesson):
    rows = table(lesson, "cosine")
    np.testing.assert_array_equal([float(row[1]) for row in rows], [12, 8, 4, 6, 0, 3])
    np.testing.assert_allclose(
        [float(row[2]) for row in rows], [8.4853, 5.6569, 2.8284, 4.2426, 0, 2.1213], atol=5e-5
    )
    np.testing.assert_allclose(
        [float(row[3]) for row in rows], [0.9701, 0.8944, 0.2425, 0.6508, 0, 0.4472], atol=5e-5
    )
    assert [row[4] for row in rows[:4]] == ["12, 8.5", "8, 5.7", "4, 2.8", "6, 4.2"]


def test_without_scaling(lesson):
    rows = table(lesson, "without")
    np.testing.assert_allclose(
        [float(row[2]) for row in rows[:-1]], [0.0003, 0.0394, 0, 0.4802, 0.4802], atol=5e-5
    )
    np.testing.assert_allclose(numbers(rows[-1][2]), [3.7591, 1.2007], atol=5e-5)
    halved = float(rows[1][2]) / float(rows[1][1])
    assert 0.45 < halved < 0.55, "the page says that the sheep's share falls by half"


@pytest.mark.parametrize(
    ("name", "printed", "right", "why"),
    [
        (
            "scaled scores, first sentence",
            "3.55, 7.08, 0, 8.85, 8.85",
            "3.5355, 7.0711",
            "about 1.41",
        ),
        ("scaled scores, second sentence", "8.85, 3.55, 8.85, 0, 7.08", "8.8388, 3.5355", "same"),
        ("weights, first sentence", "0.00, 0.08, 0.00, 0.46, 0.46", "0.0023, 0.0785", "right"),
        ("output, first sentence", "[3.77, 1.15]", "[3.7631, 1.1513]", "[3.77, 1.15]"),
        ("weights, second sentence", "0.43, 0.00, 0.43, 0.00, 0.14", "0.4596, 0.0023", "1.122"),
        ("weights, second sentence", "0.43, 0.00, 0.43, 0.00, 0.14", "0.0001, 0.0785", "1.7678"),
        ("output, second sentence", "[1.08, 3.79]", "[1.1513, 3.7631]", "[1.075, 3.785]"),
        ("tokens, second sentence", "Messi, is, goat, not, Ronaldo", "“the”", "[1.1508, 3.7565]"),
        ("tokens, first sentence", "the, sheep, and, goat, grazing", "“are”", "[3.7568, 1.1509]"),
        ("the formula", "Σ softmax", "no Σ", "adds up"),
        ("vectors", "[6, 2]", "[2, 6]", "one axis order"),
        ("scaled scores of Messi", "28.37, 5.67", "28.2843, 5.6569, 5.6569, 25.4558", "1.41"),
        ("diagonal, step 2", "0.94 in all seven rows", "0.9440, 0.0063, 0.0063, 0.1954", "0.94"),
        ("row of Ronaldo", "goat 0.20, Ronaldo 0.80", "Messi 0.8022, goat 0.1950", "column"),
        ("row sums", "1.00, 1.01, 1.01, 1.00, 0.98, 1.01, 1.00", "1 in each row", "no mistake"),
        ("a<sub>Messi</sub>", "≈ 0.94", "0.9440", "one entry"),
        ("the roles", "K a matrix", "matrices", "no context"),
        ("one query", "v<sub>i</sub>", "a<sub>j</sub> v<sub>j</sub>", "over the values"),
        ("many queries", "a<sub>ij</sub> v<sub>i</sub>", "a<sub>ij</sub> v<sub>j</sub>", "same"),
        ("multi-head", "one query again", "Concat", "matrices of its own"),
    ],
)
def test_what_the_slides_print_stands_beside_what_it_is(lesson, name, printed, right, why):
    rows = [row for t in tables(lesson) if t[0][0] == "the slides print" for row in t[1:]]
    [row] = [row for row in rows if row[0].startswith(f"*{name}*<br>")]
    assert printed in row[0]
    assert right in row[1]
    assert why in row[2]


def test_all_seven_tokens(lesson, explorer):
    before, after = explorer["examples"][0]["arrays"]
    np.testing.assert_allclose(before["weights"], SEVEN, atol=5e-5)
    outputs = np.array([numbers(row[2]) for row in table(lesson, "new vector")])
    expected = [[2.0558, 5.9438], [2.4163, 5.2612], [2.4163, 5.2612], [2.1954, 5.8032]]
    expected += [[1.2857, 2.5714], [2.1892, 5.1824], [2.1950, 5.7994]]
    np.testing.assert_allclose(outputs, expected, atol=5e-5)
    np.testing.assert_allclose(np.sum(after["weights"], axis=1), 1)
    assert [token["label"] for token in explorer["examples"][0]["tokens"]] == WORDS


def test_six_look_at_messi_and_the_projection_changes_that(lesson, explorer):
    assert "In six of the seven rows Messi has the largest" in " ".join(lesson.markdown.split())
    looks = {row[0].strip("*"): row for row in table(lesson, "asks now")}
    for word in WORDS:
        assert looks[word][1].startswith("all alike" if word == "," else "Messi")
    now = {word: row[3].split(",")[0] for word, row in looks.items()}
    assert now == {
        "Messi": "goat", "is": "Messi", "the": "Messi", "goat": "Messi",
        ",": "all alike", "not": "goat", "Ronaldo": "goat",
    }  # fmt: skip
    asked = explorer["examples"][0]["arrays"][1]
    raw = decode(asked["query"]) @ decode(asked["key"]).T
    np.testing.assert_allclose(raw[6], [148, 38, 38, 150, 0, 18, 112])


def test_the_tour(explorer):
    assert len(explorer["tour"]) >= 4
    assert {step["map"] for step in explorer["tour"]} >= {0, 1}
    answers = " ".join(step["answer"] for step in explorer["tour"])
    for weight in ("0.8039", "0.0028", "0.8022", "0.1429"):
        assert weight in answers


def test_the_exercises_have_hidden_answers(lesson):
    page = lesson.markdown
    answers = re.findall(
        r'<details markdown="1"><summary>Answer</summary>(.*?)</details>', page, re.S
    )
    assert len(answers) == 4
    assert "largest difference 0.0)" in answers[1]
    winners = re.search(r"the winners are (.*?), never Ronaldo", answers[2])
    assert winners
    assert "Ronaldo" not in winners[1]
    assert "“goat”" in winners[1]
