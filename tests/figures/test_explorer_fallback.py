"""Without scripts: the picture, as a PNG, and the table."""

import gzip
import re

import numpy as np

from tests.figures.explorers import DESIGNED, face, words
from vitexplain.attention import attend
from vitexplain.explorer import Example, Map, Start, explore, explorer


def test_the_fallback_shows_the_query_row_without_javascript():
    query = DESIGNED.face.labels.index("left eye")
    page = face(query=query, title="A <face>").still
    assert "A &lt;face&gt;" in page
    assert "<script" not in page
    cells = re.findall(r"<td>([−-]?[\d.]+)</td>", page)
    shown = np.array(cells, dtype=float).reshape(16, 3)
    attention = DESIGNED.head(0)
    expected = [attention.scores[query], attention.scaled[query], attention.weights[query]]
    np.testing.assert_allclose(shown, np.stack(expected, axis=1), atol=5.1e-5)
    opacities = np.array(re.findall(r'opacity="([\d.]+)"', page), dtype=float)
    assert opacities.argmin() == attention.weights[query].argmax()
    assert len(opacities) == 16
    sentence = words(query=3).still
    assert "grazing <small>0.4596" in sentence


def test_a_fallback_of_many_tokens_lists_the_strongest(rng):
    x = rng.normal(size=(197, 4)).astype(np.float32)
    made = explorer(
        [Map("one", attend(x, x, x))],
        tokens=["class token", *["patch"] * 196],
        title="ViT",
        image=np.zeros((14, 14)),
        grid=(14, 14),
    )
    page = made.still
    row = made.weights()[0]
    cells = re.findall(r"<td>([^<]*)</td>", page)
    assert len(cells) == 3 * 21
    shown = np.array(cells[2::3], dtype=float)
    np.testing.assert_allclose(shown[:20], np.sort(row)[::-1][:20], atol=5.1e-5)
    np.testing.assert_allclose(shown[20], np.sort(row)[:177].sum(), atol=5.1e-5)
    assert "the other 177, together" in page
    assert page.count("<rect") == 196  # the class token is no patch: none has the ring
    assert "class token gives most weight to" in page
    assert len(gzip.compress(page.encode())) < 4_000


def test_a_patch_is_as_dark_as_the_root_of_its_weight_says():
    """√(1/4) = 1/2 of the way from the shade of nothing, 0.6, to none; √(1/16) a quarter of it."""
    weights = np.tile([0.04, 0.16, 0.64, 0.16], (4, 1))
    made = explorer(
        [Map("m", weights)], tokens="abcd", title="T", image=np.zeros((2, 2)), grid=(2, 2)
    )
    page = made.still
    shades = re.findall(r'<rect x="(\d)" y="(\d)" width="1" height="1" opacity="([\d.]+)"', page)
    assert {(int(y), int(x)): float(shade) for x, y, shade in shades} == {
        (0, 0): 0.45, (0, 1): 0.3, (1, 0): 0.0, (1, 1): 0.3,
    }  # fmt: skip


def test_the_tag_holds_what_is_read_without_scripts():
    made = face()
    tag = made.tag('a"b.json')
    assert tag.startswith('<attention-explorer src="a&quot;b.json"><div class="vx-fallback')
    assert tag.endswith("</div></attention-explorer>")
    assert made.still in tag


def test_a_picture_names_no_token_that_has_nothing():
    sharp = np.array([[0.99999, 0.00001, 0.0], [0.2, 0.7, 0.1], [0.4, 0.3, 0.3]])
    made = explorer([Map("m", sharp)], tokens=("one", "two", "three"), title="T")
    assert "<p>one gives most weight to one (1.0000).</p>" in made.still


def test_it_keeps_the_room_that_the_explorer_will_take(rng):
    weights = rng.dirichlet(np.ones(3), size=(2, 2, 3))
    page = explore(weights, tokens="abc").still
    # Two layers; two heads, their mean and rollout.
    assert 'style="--tokens:3;--examples:1;--layers:2;--heads:4"' in page
    assert 'style="--tokens:16;--examples:1"' in face().still
    small = explore(weights, tokens="abc", start=Start(compact=True)).still
    assert 'style="--tokens:3;--examples:1"' in small
    two = [Example(name, "abc", [Map("m", weights[0, 0])]) for name in "xy"]
    page = explorer(examples=two, title="T").still
    assert 'style="--tokens:3;--examples:2"' in page
