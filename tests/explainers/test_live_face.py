"""The live face's page: what its widget starts with, and what its four experiments claim."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from PIL import Image

from tests.lessons import made
from vitexplain.designed import designed_attention
from vitexplain.experiments import weights
from vitexplain.experiments.face_tasks import TAGS
from vitexplain.explorer import decode
from vitexplain.export import graph
from vitexplain.faces import draw_face
from vitexplain.patches import patchify, project

LEFT, RIGHT, MOUTH, BELOW = 1, 2, 6, 13
MATCH, DIFFER = TAGS[1], TAGS[2]


def section(prose: str, title: str) -> str:
    return re.split(r"### ", prose.partition(f"### {title} ")[2])[0]


def numbers(text: str) -> list[float]:
    return [float(x) for x in re.findall(r"\d\.\d{4}", text)]


def pixels(file: bytes | str) -> np.ndarray:
    """Return the pixels of a file or a data URI, (row, col, channel) in [0, 1]."""
    if isinstance(file, str):
        file = base64.b64decode(file.split(",")[1])
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) / 255


def partners(picture: np.ndarray, *, positions: bool = True) -> np.ndarray:
    """Return the weights of the designed head, written out: softmax of Q Kᵀ / 2."""
    made = designed_attention()
    patches = patchify(np.moveaxis(picture, -1, 0), 16)
    tokens = project(patches, made.w_embed) + made.positions * positions
    scores = (tokens @ made.w_q[:, :4]) @ (tokens @ made.w_k[:, :4]).T / 2
    grown = np.exp(scores)
    return grown / grown.sum(1, keepdims=True)


def says(picture: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return what each patch says in the learned model, and how far it is ahead."""
    model = weights.load("face-tag")
    with torch.no_grad():
        image = torch.tensor(2 * picture - 1, dtype=torch.float32).movedim(-1, 0)[None]
        logits = np.sort(found := model(image)[0].numpy(), axis=1)
    return [TAGS[i] for i in found.argmax(1)], logits[:, -1] - logits[:, -2]


@pytest.fixture(scope="module")
def drawn(widget) -> np.ndarray:
    return pixels(widget["faces"][0]["image"])


def test_the_widget_starts_with_what_python_computes(lesson, widget, explorer, drawn):
    np.testing.assert_array_equal(drawn, np.round(255 * draw_face().image) / 255)
    (first,) = explorer["examples"]
    file = lesson.assets[first["image"].replace("../", "")]  # a file of the site, once for all
    np.testing.assert_array_equal(pixels(file), drawn)
    shown = decode(first["arrays"][0]["weights"])
    np.testing.assert_allclose(shown, partners(drawn), atol=1e-9)
    assert [one["label"] for one in first["tokens"]] == widget["faces"][0]["names"]
    for name, shipped in (("designed", "face-designed"), ("learned", "face-learned")):
        source = widget["models"][name]
        model = lesson.assets[f"assets/live/live_face/{source['url']}"]
        assert model == graph(shipped).read_bytes()
        assert source["bytes"] == len(model)
    assert widget["shape"] == {"rows": 4, "cols": 4, "patch": 16}
    assert 'class="vx-fallback' in lesson.markdown


def test_each_face_is_what_its_name_says_and_the_model_agrees(widget):
    assert len(widget["faces"]) == 6
    for face in widget["faces"]:
        picture = pixels(face["image"])
        tags, ahead = says(picture)
        expected = DIFFER if "differ" in face["name"] else MATCH
        assert [i for i, tag in enumerate(tags) if tag != TAGS[0]] == face["eyes"] == [LEFT, RIGHT]
        assert {tags[i] for i in face["eyes"]} == {expected}
        assert ahead[face["eyes"]].min() > 5
        colours = np.round(255 * picture).astype(int).reshape(-1, 3).tolist()
        assert face["skin"] in colours
        assert colours[-1] == face["background"]
        named = [face["names"][i] for i in (LEFT, RIGHT, MOUTH)]
        assert named == ["left eye", "right eye", "mouth"]


def test_erase_an_eye(prose, widget, drawn):
    erased = drawn.copy()
    erased[:16, 32:48] = drawn[-1, -1]  # background
    before, after = partners(drawn)[LEFT], partners(erased)[LEFT]
    assert before.argmax() == RIGHT
    assert after.argmax() == MOUTH
    text = section(prose, "Erase an eye")
    expected = [before[RIGHT], after[MOUTH], after[RIGHT]]
    np.testing.assert_allclose(numbers(text), expected, atol=5.1e-5)
    assert "The mouth, with" in text
    tags, _ = says(erased)
    assert re.findall("“([^”]+)”", text)[1:] == [tags[RIGHT], tags[LEFT]] == [TAGS[0], MATCH]


def test_the_lesson_erases_the_same_eye_to_the_same_weights(prose):
    _, told = made("face").markdown.split("The empty place falls from")
    fell, _, mouth = re.findall(r"(0\.\d{4}) (?:to|→) (0\.\d{4})", told.replace("\n", " "))[:3]
    live = numbers(section(prose, "Erase an eye"))
    np.testing.assert_allclose(live, [*map(float, (fell[0], mouth[1], fell[1]))], atol=1.01e-4)


def test_move_an_eye(prose, drawn):
    moved = drawn.copy()
    moved[:16, 32:48], moved[48:, 16:32] = drawn[48:, 16:32], drawn[:16, 32:48]
    blind = partners(drawn, positions=False), partners(moved, positions=False)
    expected = [partners(drawn)[LEFT, RIGHT], partners(moved)[LEFT, BELOW]]
    expected += [blind[1][LEFT, BELOW], blind[0][LEFT, RIGHT]]
    found = numbers(section(prose, "Move an eye"))
    np.testing.assert_allclose(found, expected, atol=5.1e-5)
    assert found[1] < found[0]
    assert found[2] == found[3]


def test_paint_one_iris(prose, widget, drawn):
    blue = next(one["colour"] for one in widget["colours"] if one["name"] == "blue")
    rows, cols = np.mgrid[:64, :64]
    painted = drawn.copy()
    disc = (rows - 13) ** 2 + (cols - 40) ** 2 <= widget["brushes"][1] ** 2
    assert (np.argwhere(disc)[:, 1] >= 32).all()  # the left eye's patch stays as it is
    painted[disc] = np.array(blue) / 255
    text = section(prose, "Paint one iris")
    (tags, ahead), (first, ahead_first) = says(painted), says(drawn)
    assert re.findall("“([^”]+)”", text) == [tags[LEFT], first[LEFT]] == [DIFFER, MATCH]
    assert re.findall(r"by (\d+\.\d)", text) == [f"{ahead[LEFT]:.1f}", f"{ahead_first[LEFT]:.1f}"]
    stamped = painted.copy()
    stamped[:16, 32:48] = painted[:16, 16:32]
    assert says(stamped)[0][LEFT] == MATCH  # it changes its mind again


def test_mirror_the_face(prose, drawn):
    text = section(prose, "Mirror the face")
    tags, ahead = says(drawn[:, ::-1])
    assert tags[LEFT] == tags[RIGHT] == DIFFER
    assert f"“{DIFFER}”, ahead by {ahead[LEFT]:.1f}" in text
    expected = partners(drawn[:, ::-1])[RIGHT, LEFT], partners(drawn)[LEFT, RIGHT]
    np.testing.assert_allclose(numbers(text), expected, atol=5.1e-5)
