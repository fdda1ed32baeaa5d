"""`<live-face>` as a reader uses it: each edit is read from the canvas and computed in Python."""

import base64
import io
import re
from contextlib import suppress

import numpy as np
import pytest
import torch
from PIL import Image

from tests.browser.explorers import explored, look, state
from tests.browser.live import in_firefox, publish, served, start, widget_page
from tests.browser.pages import check_axe, check_targets, visits
from tests.lessons import made
from tests.waiting import wait_for
from vitexplain import export
from vitexplain.experiments import weights
from vitexplain.experiments.face_tasks import LEFT_EYE, RIGHT_EYE, TAGS
from vitexplain.faces import PATCH, draw_face
from vitexplain.reading.rollout import rollout

LIMIT = 1e-5
SHORT = ("", "match", "differ")  # of TAGS, on the picture
BELOW = 13


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Serve the lesson's widget on a page of its own, and one whose models are lost."""
    folder = tmp_path_factory.mktemp("face")
    lesson = made("live_face")
    found = re.search(r"<live-face.*?</live-face>", lesson.markdown, re.DOTALL)
    assert found
    body = found[0].replace("vx:", "")
    publish(folder, body, lesson.assets, wide=780)
    config = re.search(r'<live-face[^>]* src="([^"]+)"', body)
    assert config
    lost = (folder / config[1]).read_text().replace(".onnx", ".lost")
    (folder / config[1]).with_name("lost.json").write_text(lost)
    without = body.replace(config[1], config[1].replace("01", "lost"))
    (folder / "lost.html").write_text(widget_page(without, 780))
    with served(folder) as url:
        yield url


@pytest.fixture
def visit(address, browser, window):
    """Open the page, and wait until the widget is there."""
    with visits(address, browser, window) as open_page:
        yield lambda path="", **options: built(open_page(path, **options))


def built(page):
    page.locator(".vxl-face-built").wait_for()
    return page


@pytest.fixture(scope="module")
def shared(address, browser, window):
    """A page that many tests use, one after the other."""
    with visits(address, browser, window) as open_page:
        yield start(built(open_page()))


@pytest.fixture
def page(shared):
    """The shared page as it is at first, but for what can be undone."""
    shared.mouse.move(0, 0)
    shared.locator(".vxl-face-faces input").first.check(force=True)
    if shared.get_by_role("button", name="Reset").is_enabled():
        press(shared, "Reset")
    shared.get_by_role("checkbox", name="Positions").check()
    choose(shared, "Designed")
    press(shared, "Move")
    look(shared, query=LEFT_EYE, map=0)

    def rests() -> bool:  # once the last answer is that of the untouched face
        with suppress(AssertionError):
            check_designed(shared)
            return True
        return False

    wait_for(rests)
    return shared


def decoded(uri: str) -> np.ndarray:
    """Return the pixels of a picture that lets nothing shine through, (row, col, channel)."""
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).convert("RGBA"))
    assert (pixels[..., 3] == 255).all()
    return pixels[..., :3]


def picture(page) -> np.ndarray:
    """Return the pixels of the picture to edit, as a reader's eye has them."""
    return decoded(page.locator(".vxl-face-canvas").evaluate("canvas => canvas.toDataURL()"))


def maps(page) -> dict:
    """Return every map's weights by layer and head, or by name."""
    found = explored(
        page,
        "data.examples[0].maps.map(({name, layer, head, weights}) =>"
        " [layer === null ? name : [layer, head], [...weights.values]])",
    )
    return {
        name if isinstance(name, str) else tuple(name): np.array(x).reshape(16, 16)
        for name, x in found
    }


def settled(page) -> np.ndarray:
    """Wait until the picture has been answered; return its pixels."""
    page.wait_for_function(
        "() => document.querySelector('.vxl-face-answer')?.checkVisibility()"
        " && document.querySelector('.vxl-face-canvas').toDataURL()"
        " === document.querySelector('attention-explorer').data.examples[0].image"
    )
    pixels = picture(page)
    uri = page.locator("attention-explorer .vx-image").get_attribute("src")
    np.testing.assert_array_equal(decoded(uri), pixels)
    return pixels


def check_designed(page, positions: bool = True) -> np.ndarray:
    """The page's designed maps are those of NumPy on the same pixels."""
    pixels = settled(page)
    given = np.moveaxis(pixels / 255, -1, 0)
    expected = export.face_steps(export.face_params(), given, float(positions))["weights"]
    found = maps(page)
    assert list(found) == ["partners", "neighbours"]
    np.testing.assert_allclose(np.stack(list(found.values())), expected, atol=LIMIT)
    return pixels


def learned(pixels: np.ndarray, positions: bool = True):
    """Return the maps (layer, head, query, key) and logits of the model in torch."""
    model = weights.load("face-tag")
    model.load_state_dict(export.stored(model), strict=False)
    if not positions:
        model.pos_embed.data.zero_()
    image = torch.tensor((pixels / 255 - 0.5) / 0.5, dtype=torch.float32).movedim(-1, 0)[None]
    with torch.no_grad():
        steps = list(model.walk(image))
    blocks = [step.attention.attention.weights[0] for step in steps if hasattr(step, "attention")]
    return torch.stack(blocks).numpy(), steps[-1].logits[0].numpy()


def check_learned(page, positions: bool = True) -> np.ndarray:
    """The page's learned maps and answers are those of torch on the same pixels."""
    pixels = settled(page)
    layers, logits = learned(pixels, positions)
    found = maps(page)
    for layer, heads in enumerate(layers):
        for head, expected in enumerate(heads):
            np.testing.assert_allclose(found.pop((layer, head)), expected, atol=LIMIT)
        np.testing.assert_allclose(found.pop((layer, "mean")), heads.mean(0), atol=LIMIT)
        rolled = rollout(list(layers[: layer + 1]))
        np.testing.assert_allclose(found.pop((layer, "rollout")), rolled, atol=LIMIT)
    assert not found
    tags = logits.argmax(-1)
    assert page.locator(".vxl-face-tag").all_text_contents() == [SHORT[tag] for tag in tags]
    page.locator(".vxl-face-more").evaluate("more => (more.open = true)")
    rows = page.locator(".vxl-face-every tbody tr")
    rows.nth(15).wait_for()
    numbers = "rows => rows.map(row => [...row.querySelectorAll('data')].map(x => +x.value))"
    np.testing.assert_allclose(rows.evaluate_all(numbers), logits, atol=1e-4)
    largest = rows.evaluate_all(
        "rows => rows.map(row => row.querySelector('.vxl-face-largest').cellIndex - 1)"
    )
    assert largest == tags.tolist()
    assert page.locator(".vxl-face-every thead th").all_text_contents()[1:] == [
        "no eye",
        *SHORT[1:],
    ]
    return tags


def said(page, start: str) -> str:
    """Wait until the live region says something that starts so; return it."""
    status = page.locator(".vxl-face-then > [role=status]")
    status.filter(has_text=re.compile(f"^{start}")).wait_for(state="attached")
    return status.text_content()


def verdict(page) -> list[str]:
    return page.locator(".vxl-face-verdict td").all_text_contents()


def press(page, *names: str) -> None:
    for name in names:
        page.locator(".vxl-face").get_by_role("button", name=name, exact=True).click()


def choose(page, name: str) -> None:
    page.locator(".vxl-face").get_by_text(name, exact=True).click()


def at(page, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the picture is on the page."""
    box = page.locator(".vxl-face-canvas").bounding_box()
    return box["x"] + box["width"] * x / 64, box["y"] + box["height"] * y / 64


def middle(page, place: int) -> tuple[float, float]:
    row, col = divmod(place, 4)
    return at(page, PATCH * (col + 0.5), PATCH * (row + 0.5))


def tile(pixels: np.ndarray, place: int) -> np.ndarray:
    row, col = (PATCH * one for one in divmod(place, 4))
    return pixels[row : row + PATCH, col : col + PATCH]


def test_erase_an_eye(page):
    drawn = picture(page)
    np.testing.assert_array_equal(drawn, np.round(255 * draw_face().image))
    press(page, "Erase right eye")
    pixels = check_designed(page)
    empty = tile(pixels, RIGHT_EYE)
    assert (empty == empty[0, 0]).all()
    assert "#{:02x}{:02x}{:02x}".format(*empty[0, 0]) == draw_face().look.background
    assert page.get_by_role("button", name="Erase right eye").is_disabled()
    weight = maps(page)["partners"][LEFT_EYE]
    names = page.locator("attention-explorer .vx-strongest .vx-name").all_text_contents()
    hears = page.locator(".vxl-face-answer tr").last.locator("td").all_text_contents()
    assert hears[1] == f"{names[0]} {weight.max():.4f}"
    assert names[0] == "mouth"
    assert (
        said(page, "Erased") == f"Erased: right eye. left eye hears mouth most, {weight.max():.4f}."
    )
    choose(page, "Learned")
    page.locator(".vxl-face-verdict").wait_for()
    tags = check_learned(page)
    assert [TAGS[tags[i]] for i in (LEFT_EYE, RIGHT_EYE)] == ["an eye, both match", "not an eye"]
    assert verdict(page) == ["2 eyes. They match.", "One eye. It says: both match."]
    page.get_by_role("checkbox", name="Positions").uncheck()
    said(page, "Positions off.")
    check_learned(page, positions=False)
    choose(page, "Designed")
    page.wait_for_function("() => !document.querySelector('.vxl-face-verdict')")
    check_designed(page, positions=False)


def test_move_an_eye_by_dragging(page):
    before = picture(page)
    page.mouse.move(*middle(page, RIGHT_EYE))
    page.mouse.down()
    page.mouse.move(*middle(page, 9), steps=3)
    assert page.locator(".vxl-face-ghost").is_visible()
    assert page.locator(".vxl-face-to").get_attribute("data-place") == "9"
    page.mouse.move(*middle(page, BELOW), steps=3)
    page.mouse.up()
    assert page.locator(".vxl-face-ghost").is_hidden()
    pixels = check_designed(page)
    np.testing.assert_array_equal(tile(pixels, BELOW), tile(before, RIGHT_EYE))
    np.testing.assert_array_equal(tile(pixels, RIGHT_EYE), tile(before, BELOW))
    assert state(page)["query"] == LEFT_EYE
    label = page.locator(f"attention-explorer [data-token='{BELOW}']").first.text_content()
    assert label.startswith("right eye")
    # Without positions every weight goes with its patch.
    page.get_by_role("checkbox", name="Positions").uncheck()
    said(page, "Positions off.")
    check_designed(page, positions=False)
    moved = maps(page)["partners"]
    press(page, "Undo")
    np.testing.assert_array_equal(check_designed(page, positions=False), before)
    order = np.arange(16)
    order[[RIGHT_EYE, BELOW]] = BELOW, RIGHT_EYE
    np.testing.assert_allclose(moved, maps(page)["partners"][order][:, order], atol=LIMIT)


def test_paint_an_iris_and_take_it_back(visit):
    page = visit()
    before = picture(page)
    choose(page, "Learned")
    press(page, "Paint")
    page.get_by_role("radio", name="blue").check(force=True)
    page.mouse.click(*at(page, 40.5, 13.5))
    page.locator(".vxl-face-verdict").wait_for()
    tags = check_learned(page)
    pixels = picture(page)
    rows, cols = np.ogrid[:64, :64]
    disc = (rows - 13) ** 2 + (cols - 40) ** 2 <= 3.3**2
    np.testing.assert_array_equal(pixels[~disc], before[~disc])
    assert (pixels[disc] == (51, 102, 217)).all()
    np.testing.assert_array_equal(tile(pixels, LEFT_EYE), tile(before, LEFT_EYE))
    assert tags[[LEFT_EYE, RIGHT_EYE]].tolist() == [2, 2]
    assert verdict(page) == ["2 eyes. They match.", "2 eyes. They differ."]
    page.mouse.move(*at(page, 10, 40))
    page.mouse.down()
    page.mouse.move(*at(page, 50, 55), steps=25)
    page.mouse.up()
    stroke = picture(page)
    check_learned(page)  # the newest, whatever came between
    changed = (stroke != pixels).any(-1)
    assert changed[[40, 47, 55], [10, 29, 50]].all()
    page.keyboard.press("Control+z")  # the whole stroke at once
    np.testing.assert_array_equal(picture(page), pixels)
    page.keyboard.press("Control+z")
    np.testing.assert_array_equal(settled(page), before)
    assert page.get_by_role("button", name="Undo").is_disabled()
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+y")
    np.testing.assert_array_equal(settled(page), stroke)
    check_learned(page)
    press(page, "Reset")
    np.testing.assert_array_equal(settled(page), before)


def test_shift_shuffle_mirror_stamp(page):
    before = picture(page)
    press(page, "Shift down")
    np.testing.assert_array_equal(check_designed(page), np.roll(before, PATCH, 0))
    assert state(page)["query"] == LEFT_EYE + 4  # it goes where its patch goes
    press(page, "Shift right", "Shift right")
    np.testing.assert_array_equal(check_designed(page), np.roll(before, (PATCH, 2 * PATCH), (0, 1)))
    assert state(page)["query"] == LEFT_EYE + 4 + 2
    press(page, "Shift up", "Shift left", "Shift left")
    np.testing.assert_array_equal(settled(page), before)
    assert page.get_by_role("button", name="Reset").is_disabled()
    press(page, "Mirror")
    np.testing.assert_array_equal(check_designed(page), before[:, ::-1])
    assert state(page)["query"] == RIGHT_EYE
    choose(page, "Learned")
    page.locator(".vxl-face-verdict").wait_for()
    check_learned(page)
    assert verdict(page) == ["2 eyes. They match.", "2 eyes. They differ."]
    press(page, "Undo", "Shuffle")
    page.wait_for_function("() => document.querySelector('.vxl-face-verdict')")
    check_learned(page)
    shuffled = picture(page)
    tiles = [tile(before, i).tobytes() for i in range(16)]
    assert sorted(tile(shuffled, i).tobytes() for i in range(16)) == sorted(tiles)
    assert sum(tile(shuffled, i).tobytes() == tiles[i] for i in range(8)) < 4
    press(page, "Undo", "Stamp")
    for place in (LEFT_EYE, BELOW):  # chosen one after the other
        page.mouse.click(*middle(page, place))
    check_learned(page)
    np.testing.assert_array_equal(tile(picture(page), BELOW), tile(before, LEFT_EYE))
    assert verdict(page)[1] == "3 eyes. They match."


def test_another_face_whose_eyes_differ(page):
    page.get_by_role("radio", name="the same, eyes differ").check(force=True)
    check_designed(page)
    choose(page, "Learned")
    page.locator(".vxl-face-verdict").wait_for()
    for name in ("surprised, eyes match", "calm, eyes differ"):
        page.get_by_role("radio", name=name).check(force=True)
        check_learned(page)
        says = f"2 eyes. They {name.split()[-1]}."
        assert verdict(page) == [says, says]
    press(page, "Undo", "Undo")
    assert page.get_by_role("radio", name="the same, eyes differ").is_checked()
    check_learned(page)


def focus(page) -> str:
    return page.evaluate(
        "(e => e.getAttribute('aria-label') ?? e.dataset.place ?? e.value + e.textContent)"
        "(document.activeElement)"
    )


def test_everything_by_keyboard(visit):
    page = visit()
    before = picture(page)
    page.evaluate("document.querySelector('.vxl-face input').focus()")
    page.keyboard.press("ArrowRight")  # learned
    page.locator(".vxl-face-verdict").wait_for()
    for _ in range(3):
        page.keyboard.press("Tab")
    assert focus(page) == "Move"
    page.keyboard.press("Tab")
    assert focus(page) == "0"
    for key in ("ArrowRight", "Enter", "ArrowDown", "ArrowDown", "Home", "End", "Enter"):
        page.keyboard.press(key)
    assert focus(page) == "11"
    check_learned(page)
    np.testing.assert_array_equal(tile(picture(page), 11), tile(before, LEFT_EYE))
    page.keyboard.press("Control+z")
    np.testing.assert_array_equal(settled(page), before)
    page.keyboard.press("Enter")
    assert page.locator(".vxl-face-from").count() == 1
    page.keyboard.press("Escape")
    assert page.locator(".vxl-face-from").count() == 0
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")
    assert focus(page) == "Paint"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    for key in ("Shift+ArrowDown", "Shift+ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert said(page, "Brush at") == "Brush at column 34, row 41."
    page.keyboard.down("Space")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.keyboard.up("Space")
    assert focus(page) == "9"
    check_learned(page)
    pixels = picture(page)
    assert (pixels[40, 28:34] == pixels[40, 33]).all()
    changed = np.argwhere((pixels != before).any(-1))
    assert [changed.min(0).tolist(), changed.max(0).tolist()] == [[37, 25], [43, 36]]
    page.keyboard.press("Control+z")
    np.testing.assert_array_equal(settled(page), before)
    page.evaluate("document.querySelector('.vxl-face-actions button').focus()")
    page.keyboard.press("Enter")
    check_learned(page)
    assert verdict(page)[1].startswith("One eye.")
    assert focus(page) != ""  # the pressed button may no longer be pressed: another has the focus
    for key in ("ArrowRight", "Home", "Tab"):
        page.keyboard.press(key)
    assert page.locator(".vxl-face-toolbar").evaluate_all(
        "bars => bars.every(bar => bar.querySelectorAll('[tabindex=\"0\"]:enabled').length === 1)"
    )


def test_axe_finds_nothing_in_either_theme(page):
    check_axe(page)
    choose(page, "Learned")
    press(page, "Paint")
    page.locator(".vxl-face-verdict").wait_for()
    page.locator(".vxl-face-more").evaluate("more => (more.open = true)")
    page.mouse.click(*at(page, 40, 13))
    settled(page)
    check_axe(page)


def test_a_phone(visit):
    page = visit(
        viewport={"width": 360, "height": 900},
        has_touch=True,
        is_mobile=True,
        reduced_motion="reduce",
    )
    before = picture(page)
    for place in (RIGHT_EYE, BELOW):
        page.touchscreen.tap(*middle(page, place))
    choose(page, "Learned")
    page.locator(".vxl-face-verdict").wait_for()
    check_learned(page)
    np.testing.assert_array_equal(tile(picture(page), BELOW), tile(before, RIGHT_EYE))
    press(page, "Paint")
    chosen = ":is(button, summary, .vxl-chip, .vxl-switch, [role=gridcell])"
    check_targets(page, f".vxl-face {chosen}")


def test_without_scripts(address, browser):
    with visits(address, browser) as open_page:
        page = open_page(java_script_enabled=False)
        whole, still = (page.locator(one).bounding_box() for one in ("live-face", ".vx-fallback"))
        assert whole
        assert still
        assert still["y"] - whole["y"] < 5
        assert page.locator("attention-explorer img").is_visible()


def test_on_paper(visit):
    page = visit()
    page.emulate_media(media="print")
    assert page.locator(".vxl-face-canvas").is_visible()
    assert page.get_by_role("button", name="Mirror").is_hidden()


def test_a_model_that_is_not_there_is_said_and_the_picture_can_be_edited(visit):
    page = visit("lost.html")
    press(page, "Mirror")
    said = page.locator(".vxl-said")
    said.get_by_text("404").wait_for()
    before = picture(page)
    press(page, "Mirror")
    np.testing.assert_array_equal(picture(page), before[:, ::-1])
    assert page.locator(".vxl-face-answer").is_hidden()


def test_in_firefox(address):
    with in_firefox(address) as window:
        window.wait_for("document.querySelector('.vxl-face-built')")
        window.click(".vxl-face-actions .vxl-face-group:last-child > :first-child")
        window.wait_for(
            "document.querySelector('.vxl-face-then > [role=status]').textContent"
            ".startsWith('Mirrored. left eye hears')"
        )
        mirrored = np.round(255 * draw_face().image)[:, ::-1] / 255
        given = np.moveaxis(mirrored, -1, 0)
        expected = export.face_steps(export.face_params(), given)["weights"][0]
        found = window.evaluate(
            "[...document.querySelector('attention-explorer').data.examples[0]"
            ".maps[0].weights.values]"
        )
        np.testing.assert_allclose(np.reshape(found, (16, 16)), expected, atol=LIMIT)
