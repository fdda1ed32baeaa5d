"""The page in Chromium, from file://: it asks for nothing, and shows Python's numbers."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from tests.browser.conftest import browser  # noqa: F401
from tests.browser.pages import AXE
from tests.cli.conftest import CONFIG, sharp_vit
from tests.cli.photo import photo, save_photo
from vitexplain.cli import main
from vitexplain.images import Preprocessing, load_image, prepare
from vitexplain.reading import raw
from vitexplain.report import Explanation, Request, explain, page
from vitexplain.report.packing import pack, unpack, what_fits
from vitexplain.vit import PRESETS, ViT, ViTConfig

NASTY = "<img src=x onerror=alert(1)>\"'&</title></script><script>alert(2)</script>.png"
LABELS = ("tabby", "</script><b>x", 'it\'s "so"', "a & b", "<!--", "ü", "7")


def explained(config: ViTConfig = CONFIG, **changes) -> Explanation:
    (found,) = explain(
        sharp_vit(config),
        [load_image(photo())],
        Request(**{"weights": True, **changes}),
        names=[NASTY],
        labels=LABELS,
        made={"model": NASTY, "layout": "timm"},
    )
    return found


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    return explained()


class Visit:
    """A page opened from disk, with all that it asked for and complained of."""

    def __init__(self, browser, path: Path, fragment: str = "", **options) -> None:  # noqa: F811
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.goto(path.as_uri() + fragment)
        if options.get("java_script_enabled", True):
            self.page.wait_for_selector("#overview:not([hidden])")

    def close(self, path: Path) -> None:
        """Check that there was one request, for the file, and no complaint."""
        assert self.complaints == []
        assert [url.partition("#")[0] for url in self.requests] == [path.as_uri()]
        self.context.close()


@pytest.fixture(scope="module")
def path(explanation, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page(explanation), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser, path) -> Iterator[Visit]:  # noqa: F811
    opened = Visit(browser, path)
    yield opened
    opened.close(path)


def shown_weights(page: Page) -> dict[str, float]:
    """The rows of the table of numbers, as the page computed them."""
    return dict(
        page.locator("#numbers-rows tr").evaluate_all(
            "rows => rows.map(row => [row.children[0].textContent, "
            "Number(row.children[1].dataset.value)])"
        )
    )


def index_of(name: str) -> int:
    """The token that the page calls so."""
    place = re.fullmatch(r"patch in row (\d+), column (\d+)", name)
    return 1 + int(place[1]) * CONFIG.grid[1] + int(place[2]) if place else 0


def test_the_reading_is_shown_first(visit, explanation):
    shown = shown_weights(visit.page)
    assert len(shown) == 8
    for name, value in shown.items():
        np.testing.assert_allclose(value, explanation.map.ravel()[index_of(name) - 1], rtol=1e-5)
    assert max(shown.values()) == pytest.approx(explanation.map.max(), rel=1e-5)
    tops = visit.page.locator(".tops data").evaluate_all("all => all.map(one => Number(one.value))")
    expected = [share for *_, share in explanation.top()]
    np.testing.assert_allclose(tops, expected, rtol=1e-6)


def test_a_click_on_any_patch_shows_what_it_looks_at(visit, explanation):
    exact, error, page = explanation.weights, explanation.packed.error, visit.page
    assert 0 < error < exact.max() / 255
    for patch, layer, head in [(0, 0, 0), (9, 1, 1), (15, 2, 0)]:
        page.locator("#block").select_option(str(layer))
        page.locator("#head").select_option(str(head))
        page.locator("#board [role=gridcell]").nth(patch).click()
        shown = shown_weights(page)
        assert len(shown) == 9  # the class token and the eight largest
        row = exact[layer, head, 1 + patch]
        for name, value in shown.items():
            found = row[index_of(name)]
            assert abs(value - found) <= error * (1 + 1e-5)
            assert value != 0 or found < row.max() / 1000
        best = 1 + int(np.argmax(row[1:]))
        assert abs(max(shown[n] for n in shown if index_of(n)) - row[best]) <= row.max() / 255
        said = page.locator("#said").inner_text()
        assert f"block {layer}, head {head}" in said
        assert f"row {patch // 4}, column {patch % 4}" in said
        caption = page.locator("#numbers-caption").inner_text()
        assert float(caption.split()[-1].rstrip(".")) == pytest.approx(error, rel=5e-3)


def test_the_class_token_and_the_mean_of_heads_are_exact(visit, explanation):
    page = visit.page
    page.get_by_role("button", name="class token").click()
    for layer in range(3):
        page.locator("#block").select_option(str(layer))
        page.locator("#head").select_option("mean")
        mean = explanation.weights[layer, :, 0].mean(0)
        for name, value in shown_weights(page).items():
            np.testing.assert_allclose(value, mean[index_of(name)], rtol=1e-6)
    assert "off by" not in page.locator("#numbers-caption").inner_text()


def test_the_number_under_the_pointer(visit, explanation):
    cell = visit.page.locator("#board [role=gridcell]").nth(6)
    cell.hover()
    expected = explanation.map.ravel()[6]
    assert float(cell.get_attribute("title")) == pytest.approx(expected, rel=5e-3)
    visit.page.get_by_role("button", name="class token").click()
    visit.page.locator("#board [role=gridcell]").nth(7).hover()
    cell.hover()
    expected = explanation.answer[-1].mean(0)[7]
    assert float(cell.get_attribute("title")) == pytest.approx(expected, rel=5e-3)


def test_a_policy_forbids_every_request(browser, path):  # noqa: F811
    opened = Visit(browser, path)
    html = path.read_text(encoding="utf-8")
    assert "default-src 'none'; img-src data:; style-src 'sha256-" in html
    tried = "new Promise((done) => { const image = new Image(); image.onerror = () => done('no');"
    assert opened.page.evaluate(tried + "image.src = 'https://example.org/x.png'; })") == "no"
    assert ["Content Security Policy" in line for line in opened.complaints] == [True]
    opened.context.close()


def test_keys_walk_the_patches_and_the_heads(visit, explanation):
    page = visit.page
    page.locator("#board [role=gridcell]").nth(5).click()
    for key, cell in [("ArrowRight", 6), ("ArrowDown", 10), ("Home", 8), ("End", 11),
                      ("ArrowUp", 7), ("Control+End", 15), ("ArrowRight", 15)]:  # fmt: skip
        page.keyboard.press(key)
        chosen = page.locator("#board [aria-selected=true]")
        assert chosen.get_attribute("aria-label") == f"patch in row {cell // 4}, column {cell % 4}"
        assert chosen.evaluate("cell => cell === document.activeElement")
    page.locator("#heads [role=gridcell]").first.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert "block 1, head 1" in page.locator("#said").inner_text()
    address = page.evaluate("location.hash")
    assert address == "#show=token&block=1&head=1&token=16"


def test_a_link_shows_the_same_state_and_nonsense_in_it_is_harmless(browser, path):  # noqa: F811
    opened = Visit(browser, path, "#show=token&block=2&head=1&token=7")
    assert (
        "In block 2, head 1, the patch in row 1, column 2"
        in opened.page.locator("#said").inner_text()
    )
    opened.close(path)
    opened = Visit(browser, path, "#show=x&block=99&head=-3&token=1e9&constructor=1&__proto__=2")
    assert opened.page.locator("input[value=reading]").is_checked()
    opened.close(path)


def test_canvas_shows_the_weights_over_the_picture(visit, explanation):
    alphas = visit.page.evaluate("""() => {
      const map = document.getElementById("map");
      return [...map.getContext("2d").getImageData(0, 0, map.width, map.height).data]
        .filter((_, i) => i % 4 === 3);
    }""")
    lit = np.clip(explanation.map / explanation.map.max(), 0, 1).ravel()
    np.testing.assert_allclose(alphas, 153 * (1 - np.sqrt(lit)), atol=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_overflows(theme, width, browser, path):  # noqa: F811
    opened = Visit(browser, path, color_scheme=theme)
    page = opened.page
    page.set_viewport_size({"width": width, "height": 800})
    page.locator("summary").click()
    page.locator("#board [role=gridcell]").nth(3).click()
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    opened.close(path)


def test_names_and_labels_are_text(path, visit):
    html = path.read_text(encoding="utf-8")
    assert "<img src=x" not in html
    assert "<script>alert" not in html
    assert html.count("</script>") == html.count("<script") == 5
    assert visit.page.locator("h1").inner_text() == NASTY
    assert visit.page.title().startswith("<img")
    labels = [label for _, label, _ in explained().top()]
    shown = visit.page.locator(".tops li > span").all_inner_texts()
    assert [re.sub(r" \(\d+\)$", "", text) for text in shown] == labels


def test_without_javascript_the_picture_and_the_numbers_are_there(browser, path, explanation):  # noqa: F811
    opened = Visit(browser, path, java_script_enabled=False)
    page = opened.page
    assert page.locator("#still").is_visible()
    assert page.locator("#map").is_hidden()
    cells = page.locator(".table td").all_text_contents()
    np.testing.assert_allclose([float(x) for x in cells], explanation.map.ravel(), rtol=5e-3)
    assert "With JavaScript you can choose" in page.locator("footer").inner_text()
    opened.close(path)


@pytest.mark.parametrize("keep", ["mean", "none"])
def test_a_large_models_page_says_what_it_leaves_out(keep, browser, tmp_path):  # noqa: F811
    found = explained(keep=keep)
    path = tmp_path / "large.html"
    path.write_text(page(found), encoding="utf-8")
    opened = Visit(browser, path)
    opened.page.locator("#head").select_option("1")
    np.testing.assert_allclose(
        shown_weights(opened.page)["class token"], found.answer[2, 1, 0], rtol=1e-6
    )  # fmt: skip
    opened.page.locator("#board [role=gridcell]").nth(3).click()
    said = opened.page.locator("#said").inner_text()
    if keep == "none":
        assert "too large a model's" in said
    else:
        assert "keeps the mean of heads" in said
        assert found.weights is not None
        assert found.packed is not None
        mean = found.weights[2].mean(0)[4]
        for name, value in shown_weights(opened.page).items():
            assert abs(value - mean[index_of(name)]) <= found.packed.error + 1e-7
    opened.close(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"readout": "mean"},
        {"readout": "mean", "class_token": True, "registers": 2},
        {"distillation": True},
        {"readout": "patches", "classes": 7},
        {"classes": 0},
        {"channels": 1},
        {"image_size": (32, 48)},
    ],
)
def test_every_kind_of_model_has_a_page(changes, browser, tmp_path):  # noqa: F811
    config = ViTConfig(**{**vars(CONFIG), **changes})
    found = explained(config, method="weights")
    path = tmp_path / "page.html"
    path.write_text(page(found), encoding="utf-8")
    opened = Visit(browser, path)
    opened.page.locator("#chips button").first.click()
    shown = shown_weights(opened.page)
    best = found.answer[-1].mean(0)[config.prefix :].max()
    largest = max(value for name, value in shown.items() if name.startswith("patch"))
    np.testing.assert_allclose(largest, best, rtol=1e-6)
    opened.close(path)


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({}, [0]),
        ({"distillation": True}, [0, 1]),
        ({"readout": "mean", "class_token": True, "registers": 2}, range(3, 19)),
    ],
)
def test_the_answer_is_the_mean_row_of_the_tokens_it_is_read_from(changes, read):
    found = explained(ViTConfig(**{**vars(CONFIG), **changes}))
    assert found.weights is not None
    expected = np.mean([found.weights[:, :, token] for token in read], axis=0)
    np.testing.assert_allclose(found.answer, expected, atol=1e-6)
    np.testing.assert_allclose(found.answer.sum(-1), 1, atol=1e-5)


def test_weights_survive_a_byte(rng):
    weights = rng.dirichlet(np.full(50, 0.05), (3, 2, 50)).astype(np.float32)
    weights[0, 0, 0] = np.eye(50)[3]
    levels, tops = pack(weights)
    back = unpack(levels, tops)
    assert (abs(back - weights) <= tops[..., None] / 255).all()
    small = weights < tops[..., None] / 100
    assert (abs(back - weights) <= 0.12 * tops[..., None] / 255)[small].all()
    in_torch = pack(torch.from_numpy(weights))
    np.testing.assert_array_equal(in_torch[0], levels)
    np.testing.assert_array_equal(in_torch[1], tops)


def test_the_error_that_a_page_states_is_the_largest_of_all_layers(explanation):
    packed = explanation.packed
    assert packed.levels.shape == explanation.weights.shape
    off = np.abs(unpack(packed.levels, packed.tops) - explanation.weights).max(axis=(1, 2, 3))
    assert off.max() > 1.01 * off.min()  # layers differ
    assert packed.error == pytest.approx(off.max(), rel=1e-5)


def test_what_fits_and_how_large_the_page_of_b16_is():
    """Without a model: weights of as many numbers, as even as a random model's."""
    assert what_fits(PRESETS["B/16"]) == what_fits(PRESETS["L/16"]) == "heads"
    assert what_fits(ViTConfig(**{**vars(PRESETS["B/16"]), "image_size": 384})) == "mean"
    assert what_fits(ViTConfig(**{**vars(PRESETS["L/16"]), "image_size": 1024})) == "none"
    config = PRESETS["B/16"]
    from vitexplain.report.packing import text

    layer = torch.softmax(torch.randn(12, 197, 197, generator=torch.manual_seed(0)), -1)
    levels, tops = pack(layer)
    size = config.depth * (len(text(levels)) + len(text(tops)))
    assert 4e6 < size < 7.5e6  # of the 8 MB that a page of B/16 may have


def test_a_full_size_model_at_the_command_line(browser, tmp_path, monkeypatch):  # noqa: F811
    """timm's ViT-B/16 with random weights and its own names: one page, at most 8 MB."""
    import timm
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = timm.create_model("vit_base_patch16_224", pretrained=False)
    save_file(model.state_dict(), tmp_path / "vit.safetensors")
    save_photo(tmp_path / "ball.jpg", rows=600, cols=800)
    monkeypatch.chdir(tmp_path)
    assert main(["explain", "ball.jpg", "-m", "vit.safetensors", "--quiet"]) == 0
    path = tmp_path / "ball.html"
    assert path.stat().st_size < 8_000_000
    opened = Visit(browser, path, "#show=token&token=100&block=5&head=7")
    vit = ViT(PRESETS["B/16"])
    vit.load_state_dict(model.state_dict())
    image = prepare(load_image("ball.jpg"), Preprocessing(224, crop=0.9))
    expected = raw(vit, torch.from_numpy(image)[None], layer=5, head=7)[0, 100].numpy()
    shown = shown_weights(opened.page)
    assert len(shown) == 9
    for name, value in shown.items():
        place = re.fullmatch(r"patch in row (\d+), column (\d+)", name)
        token = 1 + 14 * int(place[1]) + int(place[2]) if place else 0
        assert abs(value - expected[token]) <= expected.max() / 255
    assert opened.page.locator("#heads canvas").count() == 12 * 13
    opened.close(path)


def test_the_page_embeds_its_facts_as_json(path):
    html = path.read_text(encoding="utf-8")
    facts = json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])  # pyright: ignore[reportOptionalSubscript]
    assert facts["grid"] == [4, 4]
    title = re.search("<title>(.*?)</title>", html)
    assert title is not None
    assert unescape(title[1]) == f"{NASTY} · vitexplain"
