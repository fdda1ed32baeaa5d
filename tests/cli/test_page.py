"""The page in Chromium, from file://: it asks for nothing, and shows Python's numbers."""

import base64
import json
import re
import zlib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from playwright.sync_api import Page, expect

from tests.browser.conftest import browser  # noqa: F401
from tests.browser.explorers import covered, state, weights
from tests.browser.pages import AXE
from tests.cli.conftest import CONFIG, sharp_vit
from tests.cli.photo import photo, save_photo
from tests.waiting import wait_for
from vitexplain.cli import main
from vitexplain.explorer.packed import pack, unpack, what_fits
from vitexplain.images import Preprocessing, load_image, prepare
from vitexplain.reading import raw
from vitexplain.report import Explanation, Request, explain, page
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
            self.page.wait_for_selector(".vx-root")

    def close(self, path: Path) -> None:
        """Check that there was one request, for the file, and no complaint."""
        assert [one for one in self.complaints if "willReadFrequently" not in one] == []
        asked = [url.partition("#")[0] for url in self.requests if not url.startswith("data:")]
        assert asked == [path.as_uri()]
        self.context.close()

    def choose(self, layer: int, head: int | str, heads: int = CONFIG.heads) -> None:
        """Click a small map."""
        column = heads if head == "mean" else int(head)
        self.page.locator(f".vx-tile[data-map='{layer * (heads + 1) + column}']").click()

    def note(self) -> str:
        return self.page.locator(".vx-maps .vx-note").inner_text()


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


def readings(page: Page) -> np.ndarray:
    """What each patch of the first picture says under the pointer, and in which place."""
    said = page.locator(".reading rect title").all_text_contents()
    rows = [re.fullmatch(r"row (\d+), column (\d+): (.*)", text) for text in said]
    return np.array([[float(x) for x in row.groups()] for row in rows if row])


def test_the_reading_is_shown_first(visit, explanation):
    shown = readings(visit.page)
    np.testing.assert_array_equal(shown[:, :2], [*np.ndindex(CONFIG.grid)])
    np.testing.assert_allclose(shown[:, 2], explanation.map.ravel(), rtol=1e-5)
    tops = visit.page.locator(".tops data").evaluate_all("all => all.map(one => Number(one.value))")
    expected = [share for *_, share in explanation.top()]
    np.testing.assert_allclose(tops, expected, rtol=1e-6)
    covers = visit.page.locator(".reading rect").evaluate_all(
        "all => all.map(one => Number(one.getAttribute('fill-opacity')))"
    )
    lit = np.sqrt(np.clip(explanation.map / explanation.map.max(), 0, 1)).ravel()
    np.testing.assert_allclose(covers, 0.6 * (1 - lit), atol=1e-3)


def test_a_click_on_any_patch_shows_what_it_looks_at(visit, explanation):
    exact, error, page = explanation.weights, explanation.packed.error, visit.page
    assert 0 < error < exact.max() / 255
    for patch, layer, head in [(0, 0, 0), (9, 1, 1), (15, 2, 0)]:
        visit.choose(layer, head)
        page.locator(".vx-patch").nth(patch).click()
        row, shown = exact[layer, head, 1 + patch], np.array(weights(page))
        assert shown.shape == (17,)
        assert (abs(shown - row) <= error * (1 + 1e-5)).all()
        assert (abs(shown - row) <= row.max() / 255 * (1 + 1e-5)).all()
        assert (row[shown == 0] < row.max() / 1000).all()
        now = state(page)
        assert (now["layer"], now["head"], now["query"]) == (layer, head, 1 + patch)
        said = page.locator(".vx-live").text_content()
        assert f"patch ({patch // 4}, {patch % 4})" in said
        stated = re.search(r"off by at most (\S+);", visit.note())
        assert float(stated[1]) == pytest.approx(error, rel=5e-3)  # pyright: ignore[reportOptionalSubscript]


def test_the_class_token_and_the_mean_of_heads_are_exact(visit, explanation):
    page = visit.page
    page.locator(".vx-chip").click()
    for layer in range(3):
        visit.choose(layer, "mean")
        mean = explanation.weights[layer, :, 0].mean(0)
        np.testing.assert_allclose(weights(page), mean, rtol=1e-6)
    assert visit.note().endswith("the class token is exact.")
    page.locator(".vx-patch").nth(3).click()
    mean = explanation.weights[2, :, 4].mean(0)
    np.testing.assert_allclose(weights(page), mean, atol=explanation.packed.error)


def test_the_number_under_the_pointer(visit, explanation):
    page, row = visit.page, explanation.answer[-1].mean(0)
    for patch in (6, 7):
        page.locator(".vx-patch").nth(patch).hover()
        shown = page.locator(f".vx-patch[data-token='{1 + patch}'] .vx-tag")
        expect(shown).to_have_text(f"{row[1 + patch]:.3f}")
        expect(page.locator(".vx-cell-readout data.vx-w")).to_have_text(f"{row[1 + patch]:.4f}")


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
    page.locator(".vx-patch").nth(5).click()
    for key, cell in [("ArrowRight", 6), ("ArrowDown", 10), ("Home", 8), ("End", 11),
                      ("ArrowUp", 7), ("Control+End", 15), ("ArrowRight", 15)]:  # fmt: skip
        page.keyboard.press(key)
        chosen = page.locator(".vx-tokens [aria-selected=true]")
        assert chosen.get_attribute("data-token") == str(1 + cell)
        assert f"patch ({cell // 4}, {cell % 4})" in chosen.text_content()
        assert chosen.evaluate("cell => cell === document.activeElement")
    page.locator(".vx-tile").first.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.locator(".vx-live").text_content().startswith("Layer 1, head 1. ")
    address = {"view": "matrix", "query": "16", "layer": "1", "head": "1"}

    def named() -> dict[str, str]:
        return dict(parse_qsl(page.evaluate("location.hash").removeprefix("#")))

    wait_for(lambda: named() | address == named() and named()["head"] == "1")


def test_a_link_shows_the_same_state_and_nonsense_in_it_is_harmless(browser, path, explanation):  # noqa: F811
    opened = Visit(browser, path, "#layer=2&head=1&query=7")
    row = explanation.weights[2, 1, 7]
    np.testing.assert_allclose(weights(opened.page), row, atol=explanation.packed.error)
    opened.close(path)
    opened = Visit(browser, path, "#view=x&layer=99&head=-3&query=1e9&constructor=1&__proto__=2")
    now = state(opened.page)
    assert (now["view"], now["layer"], now["head"], now["query"]) == ("matrix", 2, 0, 16)
    opened.close(path)


def test_canvas_shows_the_weights_over_the_picture(visit, explanation):
    row = explanation.answer[-1].mean(0)
    lit = np.sqrt(row[1:] / row.max())
    np.testing.assert_allclose(covered(visit.page), 153 * (1 - lit), atol=1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_overflows(theme, width, browser, path):  # noqa: F811
    opened = Visit(browser, path, color_scheme=theme)
    page = opened.page
    page.set_viewport_size({"width": width, "height": 800})
    page.locator(".reading summary").click()
    page.locator(".vx-patch").nth(3).click()
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#vx-theme").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    opened.close(path)


def test_names_and_labels_are_text(path, visit):
    html = path.read_text(encoding="utf-8")
    assert "<img src=x" not in html
    assert "<script>alert" not in html
    assert html.count("</script>") == html.count("<script") == 2
    assert visit.page.locator("h1").inner_text() == NASTY
    assert visit.page.title().startswith("<img")
    labels = [label for _, label, _ in explained().top()]
    shown = visit.page.locator(".tops li > span").all_inner_texts()
    assert [re.sub(r" \(\d+\)$", "", text) for text in shown] == labels


def test_without_javascript_the_picture_and_the_numbers_are_there(browser, path, explanation):  # noqa: F811
    opened = Visit(browser, path, java_script_enabled=False)
    page = opened.page
    assert page.locator(".reading svg image").is_visible()
    assert page.locator("#vx-theme").is_hidden()
    np.testing.assert_allclose(readings(page)[:, 2], explanation.map.ravel(), rtol=1e-5)
    cells = page.locator(".table td").all_text_contents()
    np.testing.assert_allclose([float(x) for x in cells], explanation.map.ravel(), rtol=5e-3)
    assert "With JavaScript you can choose" in page.locator("attention-explorer").inner_text()
    opened.close(path)


@pytest.mark.parametrize("keep", ["mean", "none"])
def test_a_large_models_page_says_what_it_leaves_out(keep, browser, tmp_path):  # noqa: F811
    found = explained(keep=keep)
    path = tmp_path / "large.html"
    path.write_text(page(found), encoding="utf-8")
    opened = Visit(browser, path)
    opened.choose(2, 1)
    np.testing.assert_allclose(weights(opened.page), found.answer[2, 1], rtol=1e-6)
    assert "keeps the class token alone" in opened.note()
    opened.page.locator(".vx-patch").nth(3).click()
    now = state(opened.page)
    if keep == "none":
        assert "too large a model's" in opened.note()
        assert (now["head"], now["query"], now["key"]) == (1, 0, 4)
    else:
        assert found.weights is not None
        assert found.packed is not None
        assert (now["head"], now["query"]) == ("mean", 4)
        mean = found.weights[2].mean(0)[4]
        np.testing.assert_allclose(weights(opened.page), mean, atol=found.packed.error + 1e-7)
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
    opened.page.locator(".vx-chip").first.click()
    shown = np.array(weights(opened.page))[-config.tokens :]
    np.testing.assert_allclose(shown, found.answer[-1].mean(0), rtol=1e-6)
    opened.page.locator(".vx-patch").last.click()
    assert found.weights is not None
    assert found.packed is not None
    row = found.weights[-1, :, -1].mean(0)
    shown = np.array(weights(opened.page))[-config.tokens :]
    np.testing.assert_allclose(shown, row, atol=found.packed.error)
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
    assert 4_000_000 < path.stat().st_size < 8_000_000
    opened = Visit(browser, path, "#query=100&layer=5&head=7")
    vit = ViT(PRESETS["B/16"])
    vit.load_state_dict(model.state_dict())
    image = prepare(load_image("ball.jpg"), Preprocessing(224, crop=0.9))
    expected = raw(vit, torch.from_numpy(image)[None], layer=5, head=7)[0, 100].numpy()
    np.testing.assert_allclose(weights(opened.page), expected, atol=expected.max() / 255)
    assert opened.page.locator(".vx-tile").count() == 12 * 13
    opened.close(path)


def test_the_page_has_its_data_and_its_picture_once(path, explanation):
    html = path.read_text(encoding="utf-8")
    (packed,) = re.findall(r'<script type="text/plain">(.*?)</script>', html)
    text, _, binary = zlib.decompress(base64.b64decode(packed)).partition(b"\0")
    example = json.loads(text)["examples"][0]
    assert (example["grid"], example["image"]) == ([4, 4], "#picture")
    assert html.count("data:image/png;base64,") == 1
    start, end = example["arrays"][0]["weights"]["u1"]
    assert binary[start:end] == explanation.packed.levels[0, 0, 1:].tobytes()
    title = re.search("<title>(.*?)</title>", html)
    assert title is not None
    assert unescape(title[1]) == f"{NASTY} · vitexplain"
