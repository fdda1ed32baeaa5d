"""`<attention-explorer>` for any trace: layers and heads, examples, masks, other data live."""

import base64
import copy
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.browser.explorers import (
    check_heights,
    check_room,
    html,
    look,
    numbers,
    opener,
    served,
    state,
    weights,
    write,
)
from tests.browser.pages import check_axe
from vitexplain.attention import attend
from vitexplain.compare.swin import Swin, SwinConfig
from vitexplain.designed import designed_attention
from vitexplain.explorer import Example, Explorer, Map, Start, Step, explore, explorer
from vitexplain.reading import rollout
from vitexplain.vit import Block, ViT, ViTConfig

DEPTH, HEADS, GRID = 8, 2, (4, 4)


def random(model, scale: float):
    """Give a model weights large enough that its attention is not flat."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=scale)
    return model.eval()


VIT = random(ViT(ViTConfig(32, patch=8, dim=16, depth=DEPTH, heads=HEADS, mlp_dim=8)), 0.4)
IMAGES = {
    name: torch.rand(3, 32, 32, generator=torch.Generator().manual_seed(seed))
    for seed, name in enumerate(("first", "second"))
}


@torch.no_grad()
def seen(name: str) -> dict:
    """What a picture's maps must be, by layer and head, from the model itself."""
    steps = list(VIT.walk(IMAGES[name][None]))
    layers = [step.attention.attention.weights for step in steps if isinstance(step, Block)]
    maps = {}
    for layer, one in enumerate(layers):
        maps |= {(layer, head): one[0, head].numpy() for head in range(HEADS)}
        maps[layer, "mean"] = one[0].mean(0).numpy()
        maps[layer, "rollout"] = rollout(layers[: layer + 1])[0].numpy()
    return maps


SEEN = {name: seen(name) for name in IMAGES}
WORDS = ("the", "goat", "grazes", "and", "sleeps")
X = np.random.default_rng(3).normal(size=(len(WORDS), 2))
PLACES = 0.3 * np.arange(len(WORDS)) * np.ones((len(WORDS), 1))
CAUSAL = attend(X, X, X, mask=np.tri(len(WORDS), dtype=bool), bias=PLACES)
SWIN = SwinConfig(image_size=32, patch=4, dim=12, depths=(2,), heads=(2,), window=4, channels=1)
STAGES = replace(SWIN, depths=(2, 1), heads=(2, 2))
PLAIN = torch.rand(1, 32, 32, generator=torch.Generator().manual_seed(5))
FRENCH = ("le", "mouton", "et", "la", "chèvre", "broutent", "!")
Y = np.random.default_rng(7).normal(size=(7, X.shape[1]))
CROSS, BACK = attend(X, Y, Y), attend(Y, X, X)
FACE = designed_attention()
BLIND = designed_attention(positions=False)


def sentences(*counts: int) -> list[Example]:
    own = (X[:count] for count in counts)
    return [Example(f"{len(x)} words", WORDS[: len(x)], [Map("own", attend(x, x, x))]) for x in own]


def tour() -> list[Step]:
    first, second = (one.maps[0].weights for one in sentences(5, 3))
    return [
        Step("Here", "The goat.", query=1),
        Step(
            "There",
            "Fewer words.",
            ask="Where does it look?",
            answer="There.",
            example=1,
            query=2,
            choices=(0, 1),
            holds=second[2].max() < 1,
        ),
        Step("Back", "All words.", example=0, query=4, holds=first[4].max() < 1),
        Step("Your turn", "Choose."),
    ]


def face(which) -> Explorer:
    maps = [Map("one", which.head(0), which.query_dims[0], which.value_dims[0])]
    return explorer(
        maps, tokens=FACE.face.labels, title="A face", image=FACE.face.image, grid=GRID, query=5
    )


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explorer")
    swin = random(Swin(SWIN), 0.5)
    many = np.random.default_rng(0).normal(size=(145, 16))
    made = {
        "vit": explore(VIT, IMAGES, start=Start(url=True)),
        "swin": explore(swin, torch.rand(1, 32, 32), start=Start(url=True)),
        "stages": explore(random(Swin(STAGES), 0.5), PLAIN, start=Start(url=True)),
        "causal": explorer([Map("causal", CAUSAL, bias=PLACES)], tokens=WORDS, title="Causal"),
        "sentences": explorer(examples=sentences(5, 3), title="Two", tour=tour(), url=True),
        "three": explorer(examples=sentences(3), title="Short"),
        "seeing": face(FACE),
        "blind": face(BLIND),
        "many": explorer(
            [Map("many", attend(many, many, many))],
            tokens=["class", *(f"patch {i}" for i in range(144))],
            title="Many",
            image=FACE.face.image,
            grid=(12, 12),
            url=True,
        ),
        "cross": explorer(
            [
                Map("words", CROSS, queries=range(5), keys=range(5, 12)),
                Map("back", BACK, queries=range(5, 12), keys=range(5)),
            ],
            tokens=[*WORDS, *FRENCH],
            title="Across",
            url=True,
        ),
        "flat": explorer(
            [Map("convolved", np.eye(5)), Map("attended", CAUSAL, bias=PLACES)],
            tokens=WORDS,
            title="Flat",
        ),
    }
    for name, one in made.items():
        write(folder, name, one)
    (folder / "empty.html").write_text(html("<attention-explorer></attention-explorer>"))
    (folder / "bare.html").write_text(html(""))
    with served(folder) as address:
        yield address


@pytest.fixture
def explore_page(pages, browser, window):
    with opener(pages, browser, window) as open_page:
        yield open_page


def assert_map(page, layer, head, name: str = "first") -> None:
    now = state(page)
    assert (now["layer"], now["head"]) == (layer, head)
    expected = SEEN[name][layer, head][now["query"]]
    np.testing.assert_allclose(weights(page), expected, atol=2e-6)
    top = np.argsort(-np.array(weights(page)), kind="stable")[0]
    shown = page.locator(".vx-strongest li").first
    assert shown.get_attribute("data-token") == str(top)
    assert shown.locator("data").text_content() == f"{weights(page)[top]:.4f}"


def test_a_reader_goes_through_layers_and_heads(explore_page):
    page = explore_page("vit.html")
    assert_map(page, 0, 0)
    layer = page.get_by_label("Layer", exact=True)
    layer.select_option("5")
    assert_map(page, 5, 0)
    page.get_by_role("radio", name="mean").check(force=True)
    assert_map(page, 5, "mean")
    assert "Layer 5, mean of the heads. Query" in page.locator(".vx-live").text_content()
    page.keyboard.press("ArrowRight")
    assert_map(page, 5, "rollout")
    page.get_by_role("button", name="Next layer").click()
    assert_map(page, 6, "rollout")
    page.get_by_role("button", name="Next layer").press("Enter")
    assert_map(page, 7, "rollout")
    assert page.get_by_role("button", name="Next layer").is_disabled()
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Previous layer"
    layer.focus()
    page.keyboard.press("Home")
    assert_map(page, 0, "rollout")


def test_state_takes_layer_and_head_or_map(explore_page):
    page = explore_page("vit.html")
    told = page.evaluate(
        """() => { const e = document.querySelector('attention-explorer'), told = [];
        e.addEventListener('statechange', ({detail}) => told.push([detail.layer, detail.head]));
        e.state = { layer: 3, head: 1 }; e.state = { ...e.state, head: 'mean' };
        e.state = { map: 0 }; e.state = { layer: 99 }; e.state = { head: 7 };
        e.state = { ...e.state, map: 1, layer: 7 }; return told }"""
    )
    # Of what is set at once, that counts which is another than before.
    assert told == [[3, 1], [3, "mean"], [0, 0], [7, 0], [7, 1], [0, 1]]
    assert_map(page, 0, 1)


@pytest.mark.parametrize("head", ["1", "mean", "rollout"])
def test_a_link_restores_layer_and_head(explore_page, head):
    page = explore_page(f"vit.html?view=matrix&example=1&query=3&layer=6&head={head}&other=kept")
    expected = int(head) if head.isdigit() else head
    assert_map(page, 6, expected, "second")
    assert state(page)["query"] == 3
    page.get_by_role("button", name="Previous layer").click()
    page.wait_for_function("location.search.includes('layer=5')")
    link = parse_qs(urlparse(page.url).query)
    key = SEEN["second"][6, expected][3].argmax()  # it is still followed
    assert link == {
        "view": ["matrix"],
        "example": ["1"],
        "query": ["3"],
        "layer": ["5"],
        "head": [head],
        "other": ["kept"],
    } | ({"key": [str(key)]} if key != SEEN["second"][5, expected][3].argmax() else {})
    page.reload()
    page.wait_for_function("document.querySelector('attention-explorer')?.state?.layer === 5")
    assert_map(page, 5, expected, "second")


@pytest.mark.parametrize("link", ["layer=99&head=-1", "layer=x&head=sum&example=7", "head=1e9"])
def test_a_link_beyond_the_model_gives_what_there_is(explore_page, link):
    page = explore_page(f"vit.html?{link}")
    now = state(page)
    assert 0 <= now["layer"] < DEPTH
    assert now["head"] in (0, 1)
    assert now["example"] in (0, 1)


def test_a_mean_has_no_steps_and_says_so(explore_page):
    page = explore_page("vit.html?view=steps&layer=2&head=rollout")
    expect(page.locator(".vx-no-steps")).to_contain_text("rollout multiplies the maps of layers 0")
    assert page.get_by_role("button", name="Forward").is_hidden()
    page.get_by_role("button", name="layer 2, head 1").click()
    assert_map(page, 2, 1)
    assert page.get_by_role("button", name="Forward").is_visible()
    assert page.locator(".vx-no-steps").is_hidden()


def test_a_map_without_steps_offers_those_that_have_some(explore_page):
    page = explore_page("flat.html")
    expect(page.locator(".vx-no-steps")).to_contain_text("the weights alone")
    page.get_by_role("button", name="attended").click()
    assert state(page)["map"] == 1
    np.testing.assert_allclose(weights(page), CAUSAL.weights[0], atol=1e-7)
    assert page.locator(".vx-stage[aria-current=step]").is_visible()


def test_examples_of_other_lengths(explore_page):
    page = explore_page("sentences.html?view=matrix&query=4")
    page.get_by_role("radio", name="3 words").check(force=True)
    assert page.locator(".vx-chip").count() == 3
    assert state(page)["example"] == 1
    assert state(page)["query"] < 3
    x = X[:3]
    np.testing.assert_allclose(weights(page), attend(x, x, x).weights[state(page)["query"]])
    assert page.evaluate("document.activeElement.type") == "radio"
    assert "3 words. Query" in page.locator(".vx-live").text_content()
    page.get_by_text("This row as a table").click()
    expect(page.locator(".vx-matrix tbody tr")).to_have_count(3)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Step by Step").click()
    page.get_by_role("button", name="Forward").click()
    assert page.locator(".vx-keycell").count() == 3
    assert page.get_by_role("slider").get_attribute("max") == "3"
    page.get_by_role("radio", name="5 words").check(force=True)
    assert page.locator(".vx-keycell").count() == 5
    assert state(page)["arrows"] == 5


def test_the_tour_by_keyboard_alone(explore_page):
    page = explore_page("sentences.html")
    page.get_by_role("tab", name="Tutorial").focus()
    page.keyboard.press("Tab")
    for _ in range(40):
        if page.evaluate("document.activeElement.textContent") == "Next":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    now = state(page)
    assert (now["step"], now["example"], now["query"]) == (1, 1, 2)
    assert page.locator(".vx-arrow").count() == 0
    assert page.locator(".vx-answer").is_hidden()
    assert page.evaluate("document.activeElement.textContent") == "Next"
    page.keyboard.press("Shift+Tab")
    for _ in range(5):
        if page.evaluate("document.activeElement.textContent") == "goat":
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    x = X[:3]
    row = attend(x, x, x).weights[2]
    rank = int((row > row[1]).sum()) + 1
    guess = page.locator(".vx-guess").text_content()
    assert guess == f"Your guess, goat: weight {row[1]:.4f}, rank {rank} of 3."
    np.testing.assert_allclose(weights(page), row, atol=1e-6)
    assert "vx-answer" in page.evaluate("document.activeElement.className")
    page.keyboard.press("ArrowRight")
    now = state(page)
    assert (now["step"], now["example"], now["query"]) == (2, 0, 4)
    page.keyboard.press("ArrowRight")
    assert page.get_by_text("Step 4 of 4").is_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".vx-guess")).to_have_text(guess)  # it is remembered


def test_a_window_leaves_pairs_out(explore_page):
    page = explore_page("swin.html?view=steps&query=0&key=63&stage=2")
    data = explore(random(Swin(SWIN), 0.5), torch.rand(1, 32, 32)).data
    assert data["examples"][0]["arrays"][0]["masked"]
    assert "lies outside the window" in page.locator(".vx-said").text_content()
    assert page.get_by_text("Open the terms").count() == 0
    listed = page.locator(".vx-keycell")
    assert listed.count() == 16 + 1
    assert listed.last.locator(".vx-figure").text_content() == "–"
    inside = [int(one.get_attribute("data-token")) for one in listed.all()[:-1]]
    assert inside == [8 * row + col for row in range(4) for col in range(4)]
    boxes = [one.bounding_box() for one in listed.all()[:-1]]  # they lie as their patches do
    assert [round(box["x"]) for box in boxes[:4]] == [round(box["x"]) for box in boxes[4:8]]
    assert len({round(box["y"]) for box in boxes}) == 4
    page.get_by_role("button", name="Forward").click()
    page.get_by_role("button", name="Forward").click()
    assert numbers(page, ".vx-formula data") == [0]
    page.get_by_label("Any other key").select_option("9")
    assert state(page)["key"] == 9
    assert page.locator(".vx-formula").count() == 2
    assert listed.count() == 16
    expect(page.locator(".vx-patch[data-token='63']")).to_contain_class("vx-out")


def test_words_of_one_sentence_ask_those_of_another(explore_page):
    page = explore_page("cross.html?view=matrix&query=3&key=6")
    np.testing.assert_allclose(weights(page), [*[np.nan] * 5, *CROSS.weights[3]], atol=1e-6)
    rows = page.locator(".vx-tokens [role=row]")
    assert [rows.nth(i).locator(".vx-chip").count() for i in (0, 1)] == [5, 7]
    tags = page.locator(".vx-chip .vx-tag").all_text_contents()
    assert tags == [*[""] * 5, *(f"{w:.4f}" for w in CROSS.weights[3])]
    canvas = page.locator(".vx-matrix .vx-canvas")
    margin, cell = (float(canvas.get_attribute(f"data-{name}")) for name in ("margin", "cell"))
    box = canvas.bounding_box()
    assert box["width"] == pytest.approx(margin + 7 * cell, abs=5)
    assert box["height"] == pytest.approx(margin + 5 * cell, abs=5)
    for query, key in [(0, 0), (4, 6), (2, 3)]:
        x, y = (margin + (place + 0.5) * cell for place in (key, query))
        canvas.click(position={"x": x, "y": y})
        now = state(page)
        assert (now["query"], now["key"]) == (query, 5 + key)
        shown = numbers(page, ".vx-cell-readout data.vx-w")
        np.testing.assert_allclose(shown, [CROSS.weights[query, key]], rtol=1e-9)
    canvas.focus()
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert (state(page)["query"], state(page)["key"]) == (4, 11)
    page.locator(".vx-chip[data-token='8']").click()  # it asks nothing: it is asked
    assert (state(page)["query"], state(page)["key"]) == (4, 8)
    page.get_by_role("tab", name="Step by Step").click()
    page.evaluate("document.querySelector('attention-explorer').state = {stage: 2}")
    assert numbers(page, ".vx-formula data") == pytest.approx([CROSS.scores[4, 3]], rel=1e-9)
    cells = page.locator(".vx-keycell")
    assert [int(one.get_attribute("data-token")) for one in cells.all()] == [*range(5, 12)]
    page.get_by_role("tab", name="Attention Matrix").click()
    page.locator(".vx-map", has_text="back").click()  # seven ask, five are asked
    page.evaluate("document.querySelector('attention-explorer').state = {query: 9}")
    np.testing.assert_allclose(weights(page), [*BACK.weights[4], *[np.nan] * 7], atol=1e-6)
    box = canvas.bounding_box()
    margin, cell = (float(canvas.get_attribute(f"data-{name}")) for name in ("margin", "cell"))
    assert box["width"] == pytest.approx(margin + 5 * cell, abs=5)
    assert box["height"] == pytest.approx(margin + 7 * cell, abs=5)
    check_axe(page)


def test_layers_with_grids_of_their_own(explore_page):
    page = explore_page("stages.html?view=matrix&query=27")
    made = explore(random(Swin(STAGES), 0.5), PLAIN)
    example = made.data["examples"][0]
    metas = made.data["maps"]
    first = example["arrays"][0]["grid"]
    later = next(i for i, one in enumerate(example["arrays"]) if one["grid"] != first)
    assert page.locator(".vx-patch").count() == first[0] * first[1]
    page.locator(f".vx-tile[data-map='{later}']").click()
    now, (rows, cols) = state(page), example["arrays"][later]["grid"]
    start, end = example["arrays"][later]["queries"]
    assert (now["layer"], now["head"]) == (metas[later]["layer"], metas[later]["head"])
    assert page.locator(".vx-patch").count() == rows * cols == end - start
    row, col = divmod(27, first[1])  # the patch in whose place it is
    assert now["query"] == start + row * rows // first[0] * cols + col * cols // first[1]
    shown = [w for w in weights(page) if not np.isnan(w)]
    assert len(shown) == end - start
    assert sum(shown) == pytest.approx(1, abs=1e-5)
    page.locator(".vx-patch").last.click()
    assert state(page)["query"] == end - 1
    page.locator(".vx-tile").first.click()
    assert page.locator(".vx-patch").count() == first[0] * first[1]
    assert state(page)["query"] < first[0] * first[1]


def test_a_mask_and_a_bias_step_by_step(explore_page):
    page = explore_page("causal.html")
    look(page, query=3, key=1, stage=3)
    logit = CAUSAL.scaled[3, 1] + PLACES[3, 1]
    formula = numbers(page, ".vx-formula data")
    expected = [CAUSAL.scores[3, 1], CAUSAL.scores[3, 1], np.sqrt(2), CAUSAL.scaled[3, 1]]
    expected += [CAUSAL.scaled[3, 1], abs(PLACES[3, 1]), logit]
    np.testing.assert_allclose(formula, expected, rtol=1e-9)
    page.get_by_role("button", name="Forward").click()
    row = CAUSAL.weights[3]
    top = row.argmax()
    peak = CAUSAL.scaled[3, top] + PLACES[3, top]
    shown = numbers(page, ".vx-formula data")
    exp = np.exp(logit - peak)
    total = np.exp(CAUSAL.scaled[3, :4] + PLACES[3, :4] - peak).sum()
    expected = [logit, abs(peak), exp, exp, total, row[1]]
    np.testing.assert_allclose(shown, expected, rtol=1e-8)
    page.locator(".vx-keycell").nth(4).click()
    assert "may not attend to sleeps" in page.locator(".vx-said").text_content()
    figures = page.locator(".vx-keycell .vx-figure").all_text_contents()
    assert figures == [*(f"{w:.4f}" for w in row[:4]), "–"]
    assert page.locator(".vx-pair").text_content() == "and → sleeps left out"
    assert page.locator(".vx-strongest li").count() == 4


def test_many_keys_are_listed_by_strength(explore_page):
    page = explore_page("many.html?view=steps&query=7&stage=4")
    x = np.random.default_rng(0).normal(size=(145, 16))
    row = attend(x, x, x).weights[7].astype(np.float32)
    order = np.argsort(-row, kind="stable")
    cells = page.locator(".vx-keycell")
    assert [int(c.get_attribute("data-token")) for c in cells.all()] == order[:15].tolist()
    np.testing.assert_allclose(numbers(page, ".vx-keycell data"), row[order[:15]], rtol=1e-6)
    other = int(order[100])
    page.get_by_label("Any other key").select_option(str(other))
    assert cells.count() == 16
    assert cells.last.get_attribute("aria-pressed") == "true"
    assert numbers(page, ".vx-formula data")[-1] == pytest.approx(row[other], rel=1e-6)
    for _ in range(2):
        page.get_by_role("button", name="Forward").click()
    page.get_by_text("What the 16 strongest tokens add").click()
    expect(page.locator(".vx-detail tbody tr")).to_have_count(17)
    rows = page.locator(".vx-detail tbody tr:not(.vx-sum)")
    added = [float(one.locator("data").nth(1).get_attribute("value")) for one in rows.all()]
    np.testing.assert_allclose(added, row[order[:16]] * x[order[:16], 0], rtol=1e-5)
    page.get_by_text("All 16 numbers").click()
    page.locator(".vx-vector dd").first.wait_for()
    np.testing.assert_allclose(numbers(page, ".vx-vector dd data"), row @ x, rtol=1e-4)


SHOW = """async ([name, attributes]) => {
  const { read } = await import('/explorer/data.js');
  const data = read(await (await fetch(name + '.json')).json());
  const e = document.querySelector('attention-explorer');
  const made = [];
  const watch = new MutationObserver((all) => made.push(...all));
  watch.observe(e, { childList: true, subtree: true });
  e.show(data);
  await e.ready;
  await new Promise((done) => setTimeout(done, 0));
  const anew = ({ addedNodes, removedNodes, target }) => !target.closest(".vx-arrows")
    && [...addedNodes, ...removedNodes].some((node) => node instanceof Element);
  return { same: e.data.examples === data.examples, made: made.filter(anew)
    .map(({ target }) => target.className || target.nodeName) };
}"""


@pytest.mark.parametrize("stage", [1, 4, 6])
def test_other_numbers_are_shown_without_making_anything_anew(explore_page, stage):
    page = explore_page("seeing.html")
    look(page, query=6, key=9, stage=stage)
    page.get_by_role("button", name="Back", exact=True).focus()
    focused = page.evaluate("document.activeElement.textContent")
    before = np.array(weights(page))
    shown = page.evaluate(SHOW, ["blind", None])
    assert shown == {"same": True, "made": []}
    now = state(page)
    assert (now["query"], now["key"], now["stage"]) == (6, 9, stage)
    expected = BLIND.head(0).weights[6]
    np.testing.assert_allclose(weights(page), expected, atol=1e-6)
    assert abs(before - expected).max() > 0.01
    tags = page.locator(".vx-patch .vx-tag").all_text_contents()
    assert tags == [f"{w:.3f}" for w in expected]
    if stage == 4:
        np.testing.assert_allclose(numbers(page, ".vx-keycell data"), expected, atol=1e-9)
        assert numbers(page, ".vx-formula data")[-1] == pytest.approx(expected[9], rel=1e-9)
    assert page.evaluate("document.activeElement.textContent") == focused


def test_other_tokens_other_maps_and_back(explore_page):
    page = explore_page("sentences.html?view=steps&query=4")
    page.evaluate(SHOW, ["three", None])
    assert page.locator(".vx-chip").all_text_contents()[0].startswith("the")
    assert page.locator(".vx-chip").count() == 3
    assert state(page)["query"] == 0
    assert page.get_by_role("tab", name="Tutorial").count() == 0
    page.evaluate(SHOW, ["vit", None])
    assert_map(page, 0, 0)
    page.get_by_label("Layer", exact=True).select_option("3")
    page.evaluate(SHOW, ["vit", None])
    assert_map(page, 3, 0)
    page.evaluate(SHOW, ["sentences", None])
    assert state(page)["layer"] is None
    assert page.locator(".vx-chip").count() == 5
    assert state(page)["view"] == "steps"


def test_an_explorer_without_a_file_waits_for_data(explore_page):
    page = explore_page("empty.html")
    assert page.evaluate("document.querySelector('attention-explorer').state") is None
    page.evaluate(SHOW, ["seeing", None])
    np.testing.assert_allclose(weights(page), FACE.head(0).weights[5], atol=1e-6)
    moved = page.evaluate(
        """async () => { const e = document.querySelector('attention-explorer');
        e.state = { query: 9, view: 'matrix' }; const aside = document.createElement('aside');
        document.querySelector('main').append(aside); aside.append(e);
        return [e.state.query, e.state.view] }"""
    )
    assert moved == [9, "matrix"]
    np.testing.assert_allclose(weights(page), FACE.head(0).weights[9], atol=1e-6)


def test_several_explorers_keep_to_themselves(explore_page):
    page = explore_page("bare.html")
    states = page.evaluate(
        """async () => { const main = document.querySelector('main');
        const made = ['vit', 'causal', 'seeing'].map((name) => {
          const e = document.createElement('attention-explorer');
          e.setAttribute('src', name + '.json'); main.append(e); return e });
        await customElements.whenDefined('attention-explorer');
        await Promise.all(made.map((e) => e.ready));
        made[0].state = { layer: 2, head: 1, query: 4 }; made[2].state = { query: 1 };
        const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
        return [made.map((e) => e.state.query), ids.length === new Set(ids).size] }"""
    )
    assert states == [[4, 0, 1], True]


def test_without_scripts_there_are_picture_and_table(explore_page):
    page = explore_page("vit.html", java_script_enabled=False)
    assert page.locator(".vx-fallback img").count() >= 1
    page.locator(".vx-fallback summary").first.click()
    cells = page.locator(".vx-fallback table").first.locator("td:last-child")
    shown = [float(text) for text in cells.all_text_contents()]
    np.testing.assert_allclose(shown, SEEN["first"][0, 0][0], atol=6e-5)


def test_axe_finds_nothing(explore_page):
    page = explore_page("vit.html?view=steps&layer=3&head=mean")
    for patch in ({}, {"head": 1, "stage": 5}, {"view": "matrix"}):
        look(page, **patch)
        check_axe(page)


def test_touch_targets_are_large_on_a_phone(explore_page):
    page = explore_page("vit.html", width=360, height=800, has_touch=True, is_mobile=True)
    for patch in ({"stage": 2}, {"head": "mean"}, {"view": "matrix"}):
        look(page, **patch)
        check_heights(page, "button, summary, select, .vx-map")


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_shifts_when_it_starts(explore_page, width):
    for name in ("vit", "swin", "sentences"):
        check_room(explore_page(f"{name}.html", width=width), name=name)


def wrong(change):
    """The small face with something wrong in its JSON."""
    data = copy.deepcopy(face(FACE).data)
    change(data, data["examples"][0], data["examples"][0]["arrays"][0])
    return json.loads(json.dumps(data))


def packed(numbers, shape):
    data = base64.b64encode(np.asarray(numbers, "<f4").tobytes()).decode()
    return {"shape": shape, "f4": data}


@pytest.mark.parametrize(
    ("image", "expected"),
    [("face.png", "/face.png"), ("../a/b.png", "/a/b.png"), ("https://x.org/y.png", None)],
)
def test_a_picture_may_be_a_file_beside_the_data(explore_page, image, expected):
    page = explore_page("bare.html")
    data = wrong(lambda d, e, a: e.update(image=image))
    shown = page.evaluate(
        """async (json) => { const { read } = await import('/explorer/data.js');
        try { return read(json, location.origin + '/data/x.json').examples[0].image }
        catch { return null } }""",
        data,
    )
    where = page.evaluate("location.origin") + ("/data" if image == "face.png" else "")
    assert shown == (expected and where + expected)


BAD = {
    "version 1, not 2": lambda d, e, a: d.update(version=1),
    "no examples": lambda d, e, a: d.update(examples=[]),
    "no maps": lambda d, e, a: d.update(maps=[]),
    "examples[0].arrays has 0 entries, not 1": lambda d, e, a: e.update(arrays=[]),
    "no examples[0].tokens": lambda d, e, a: e.update(tokens=[]),
    "has no label": lambda d, e, a: e["tokens"].__setitem__(2, {"short": "x"}),
    "16 patches but 15 tokens": lambda d, e, a: e["tokens"].pop(),
    "examples[0].grid is not what": lambda d, e, a: e.update(grid=[4, -4]),
    "a grid but no image": lambda d, e, a: e.update(image=None),
    "examples[0].image is not what": lambda d, e, a: e.update(image="https://example.org/x.png"),
    "query is 99, not one of 16": lambda d, e, a: d.update(query=99),
    "map is -1, not one of 1": lambda d, e, a: d.update(map=-1),
    "a layer or a head, but not both": lambda d, e, a: d["maps"][0].update(layer=1),
    "maps[0].head is not what": lambda d, e, a: d["maps"][0].update(head="sum", layer=0),
    "maps[0].divisor is not what": lambda d, e, a: d["maps"][0].update(divisor=0),
    "no examples[0].arrays[0].weights": lambda d, e, a: a.pop("weights"),
    "holds negative": lambda d, e, a: a["weights"][0].__setitem__(0, -0.5),
    "weights: it has 15 rows, not 16": lambda d, e, a: a["weights"].pop(),
    "scores: row 3 has 15 numbers, not 16": lambda d, e, a: a["scores"][3].pop(),
    "row 1, column 2 is no number": lambda d, e, a: a["scaled"][1].__setitem__(2, "x"),
    "weights: it holds numbers that": lambda d, e, a: a["weights"][0].__setitem__(0, None),
    "only one of query and key": lambda d, e, a: a.pop("key"),
    "neither rows of numbers nor": lambda d, e, a: a.update(weights={"shape": [16, 16]}),
    "it has 4 bytes, not 1024": lambda d, e, a: a.update(weights=packed([1], [16, 16])),
    "is not base64": lambda d, e, a: a.update(weights={"shape": [16, 16], "f4": "§"}),
    "key: it holds numbers that": lambda d, e, a: a.update(
        key=packed(
            np.full((16, len(d["maps"][0]["dims"])), np.inf), [16, len(d["maps"][0]["dims"])]
        )
    ),
    "tour[0].example is 3, not one of 1": lambda d, e, a: d.update(tour=[{"example": 3}]),
    "tour[0] is 16, not one of 16": lambda d, e, a: d.update(tour=[{"highlight": [16]}]),
    "rounds[0] is 16, not one of 16": lambda d, e, a: d.update(rounds=[16]),
}


@pytest.mark.rejects
def test_whatever_is_wrong_with_the_data_is_said(explore_page):
    page = explore_page("bare.html")
    for words, change in BAD.items():
        message = page.evaluate(
            """async (json) => { const { read, DataError } = await import('/explorer/data.js');
            try { read(json) } catch (error) {
              return error instanceof DataError ? error.message : String(error) }
            return 'nothing' }""",
            wrong(change),
        )
        assert words in message, message
