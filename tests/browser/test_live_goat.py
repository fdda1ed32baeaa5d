"""“Goat, live” used as a reader uses it: it shows what `vitexplain.export.steps` gives."""

import json
import re
from contextlib import suppress
from itertools import product

import numpy as np
import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.explorers import explored, look
from tests.browser.live import in_firefox, publish, served, start
from tests.browser.pages import WIDE, check_axe, check_targets, visits
from tests.lessons import made
from vitexplain.attention import Attention
from vitexplain.export import steps
from vitexplain.tokens import GOAT_ANIMAL, GOAT_FOOTBALLER, MESSI, SIMILARITY

LIMIT = 1e-5
EYE = np.eye(2)
LACKS = np.array([[0.0, 9.0], [5.0, 0.0]])
WORDS, X = list(GOAT_ANIMAL.words), GOAT_ANIMAL.embeddings
GOAT = WORDS.index("goat")
# The numbers of the explorer, each matrix as rows.
SHOWN = """() => {
  const [{tokens, maps: [map]}] = document.querySelector('attention-explorer').data.examples;
  const rows = ({rows, cols, values}) => Array.from({length: rows}, (_, i) =>
    [...values.slice(i * cols, (i + 1) * cols)]);
  const fields = ['query', 'key', 'value', 'scores', 'scaled', 'weights', 'output'];
  return {words: tokens.map((token) => token.short), masked: map.masked,
    ...Object.fromEntries(fields.map((field) => [field, rows(map[field])]))};
}"""
CLOSE = """([weights, limit]) => {
  const [{maps: [{weights: shown}]}] = document.querySelector('attention-explorer').data.examples;
  const flat = weights.flat();
  return shown.values.length === flat.length &&
    flat.every((one, i) => Math.abs(one - shown.values[i]) <= limit);
}"""


@pytest.fixture(scope="module")
def lesson() -> tuple[str, dict]:
    live = made("live_goat")
    return live.markdown, live.assets


@pytest.fixture(scope="module")
def address(lesson, tmp_path_factory):
    """Serve the lesson's widget alone, with the links that set it."""
    markdown, assets = lesson
    folder = tmp_path_factory.mktemp("goat")
    [widget] = re.findall("<live-goat.*</live-goat>", markdown, flags=re.DOTALL)
    links = "".join(re.findall('<a href="[?]goat=.*?</a>', markdown))
    publish(folder, f"{widget.replace('vx:', '')}<p>{links}</p>", assets)
    with served(folder) as url:
        yield url


@pytest.fixture
def visit(address, browser, window):
    """Open the page, and start the model."""
    with visits(address, browser, window) as open_page:

        def visit(query: str = "", *, started: bool = True, **options) -> Page:
            page = open_page(query, **options)
            page.locator(".vxl-goat").wait_for()
            return start(page) if started else page

        yield visit


@pytest.fixture(scope="module")
def shared(address, browser, window):
    """A page that many tests use, one after the other."""
    with visits(address, browser, window) as open_page:
        yield start(open_page())


@pytest.fixture
def page(shared):
    """The shared page, as it is at first but for what can be undone."""
    shared.mouse.move(0, 0)
    shared.get_by_role("button", name="Reset all").click()
    look(shared, view="tutorial")
    assert_shown(shared, WORDS, X, asks="goat")
    return shared


def assert_shown(page: Page, words, x, w_q=EYE, w_k=EYE, w_v=EYE, *, asks: str, **switches) -> None:
    """Everything that is on screen is what Python gives for this sentence and these switches."""
    words, x = list(words), np.asarray(x, dtype=float)
    expected = steps(x, w_q, w_k, w_v, **switches)
    with suppress(TimeoutError):  # the comparison below says what differs
        page.wait_for_function(CLOSE, arg=[expected.weights.tolist(), LIMIT])
    shown = page.evaluate(SHOWN)
    assert shown["words"] == words
    assert shown["masked"] == switches.get("causal", False)
    for field in ("query", "key", "value", "scores", "scaled", "weights", "output"):
        right = getattr(expected, field)
        np.testing.assert_allclose(shown[field], right, rtol=LIMIT, atol=LIMIT, err_msg=field)
    assert_boxes(page, words, x)
    assert_plane(page, words, x, expected, asks)
    query = words.index(asks)
    assert explored(page, "state.query") == query
    chips = page.locator(".vx-chip .vx-tag")
    if page.locator(".vx-show:visible").count() == 0:  # the tour asks for no guess
        told = [number(one) for one in chips.all_text_contents() if re.search(r"\d", one)]
        kept = [w for j, w in enumerate(expected.weights[query]) if not hidden(switches, query, j)]
        np.testing.assert_allclose(told, kept, atol=6e-5)
    caption = page.locator(".vxl-goat-caption").inner_text()
    becomes = [number(one) for one in caption[caption.index("[") + 1 : -2].split(", ")]
    np.testing.assert_allclose(becomes, expected.output[query], atol=6e-5)
    assert caption.startswith(f"“{asks}” listens to “")
    assert number(caption.split("” ")[2]) == pytest.approx(expected.weights[query].max(), abs=6e-5)


def hidden(switches: dict, query: int, key: int) -> bool:
    return switches.get("causal", False) and key > query


def number(text: str) -> float:
    found = re.search(r"[−-]?\d+(\.\d+)?", text)
    assert found
    return float(found[0].replace("−", "-"))


def assert_boxes(page: Page, words, x) -> None:
    boxes = page.locator(".vxl-goat-table tbody input").evaluate_all("all => all.map(e => e.value)")
    assert boxes[::3] == words
    np.testing.assert_allclose(np.array([boxes[1::3], boxes[2::3]], dtype=float).T, x, atol=1e-6)


def scale_of(page: Page):
    """Return the place of (0, 0) in the picture, and pixels a number, as the ticks have it."""
    texts = page.locator(".vxl-goat-plane > g:first-child text").evaluate_all(
        "all => all.map(e => [e.textContent.replace('−', '-'), e.getAttribute('text-anchor'),"
        " +e.getAttribute('x'), +e.getAttribute('y')])"
    )
    across = np.array([(float(t), x) for t, anchor, x, _ in texts if anchor == "middle"])
    upward = np.array([(float(t), y - 4) for t, anchor, _, y in texts if anchor == "end"])
    lines = [np.polyfit(ticks[:, 0], ticks[:, 1], 1) for ticks in (across, upward)]
    (step_x, zero_x), (step_y, zero_y) = lines
    assert step_x == pytest.approx(-step_y, rel=1e-3)
    return np.array([zero_x, zero_y]), np.array([step_x, step_y])


def assert_plane(page: Page, words, x, expected: Attention, asks: str) -> None:
    """Points, outputs and discs are where the ticks say; the asking word is marked."""
    zero, step = scale_of(page)
    points = page.locator("[role=slider]").evaluate_all(
        "all => all.map(e => [e.querySelector('text').textContent,"
        " ...e.getAttribute('transform').match(/[-.0-9]+/g).map(Number), e.getAttribute('class')])"
    )
    assert [point[0] for point in points] == words
    np.testing.assert_allclose([point[1:3] for point in points], zero + x * step, atol=0.02)
    assert [word for word, *_, name in points if "asks" in name] == [asks]
    circles = "all => all.map(e => [e.cx, e.cy, e.r].map((one) => one.baseVal.value))"
    inner = page.locator(".vxl-goat-inside")
    corner = inner.evaluate("e => [e.x.baseVal.value, e.y.baseVal.value]")
    outputs = np.array(page.locator(".vxl-goat-move circle").evaluate_all(circles))[:, :2]
    last = words.index(asks)  # drawn on top of the others
    order = [*(i for i in range(len(words)) if i != last), last]
    places = zero + expected.output[order] * step
    np.testing.assert_allclose(outputs + corner, places, atol=0.03)
    discs = np.array(page.locator(".vxl-goat-inside > g:first-child circle").evaluate_all(circles))
    shares = expected.weights[words.index(asks)]
    np.testing.assert_allclose(discs[:, 2], 30 * np.sqrt(shares), atol=0.02)


def handle(page: Page, word: str):
    return page.locator(f"[role=slider][aria-label='{word}']")


def centre(page: Page, word: str) -> tuple[float, float]:
    dot = handle(page, word).locator(".vxl-goat-dot")
    dot.scroll_into_view_if_needed()
    box = dot.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def box(page: Page, word: str, axis: str):
    return page.get_by_label(f"{word}, {axis}", exact=True)


def moved(word: str, *place: float, x=X, words=WORDS) -> np.ndarray:
    changed = np.array(x, dtype=float)
    changed[list(words).index(word)] = place
    return changed


def test_nothing_is_loaded_before_the_reader_moves(visit):
    page = visit(started=False)
    loaded = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert not [one for one in loaded if "wasm" in one or "onnx" in one]
    assert_shown(page, WORDS, X, asks="goat")
    assert page.evaluate("window.shifts.reduce((sum, [value]) => sum + value, 0)") <= 0.02
    page.mouse.move(100, 100)
    page.mouse.move(110, 110)
    page.locator(".vxl-ready").wait_for(state="attached")


def test_a_word_is_dragged_and_the_goat_moves(visit):
    page = visit(started=False)
    page.evaluate(
        "() => { window.said = []; new MutationObserver(() => said.push("
        "document.querySelector('.vxl-goat-said').textContent))"
        ".observe(document.querySelector('.vxl-goat-said'), {childList: true}); }"
    )
    _, step = scale_of(page)
    start = np.array(centre(page, "sheep"))
    end = start + step * [2, 3]
    page.mouse.move(*start)
    page.mouse.down()  # the first touch loads the model
    page.mouse.move(*(start + step), steps=3)
    page.locator(".vxl-ready").wait_for(state="attached")
    page.mouse.move(*end, steps=10)
    halfway = [float(box(page, "sheep", axis).input_value()) for axis in ("animal", "footballer")]
    np.testing.assert_allclose(halfway, [6, 3], atol=0.05)
    assert_shown(page, WORDS, moved("sheep", *halfway), asks="goat")
    assert page.evaluate("said") == []
    page.mouse.up()
    expect(page.locator(".vxl-goat-said")).not_to_be_empty()
    [said] = page.evaluate("said")
    assert said.startswith(
        f"“sheep” is at animal {halfway[0]:g}, footballer {halfway[1]:g}. “goat”"
    )
    assert_shown(page, WORDS, moved("sheep", *halfway), asks="goat")


def test_a_tap_lets_a_word_ask_on_the_plane_and_in_the_explorer(page):
    page.mouse.click(*centre(page, "sheep"))
    assert_shown(page, WORDS, X, asks="sheep")
    page.locator(".vx-chip").nth(0).click()
    assert_shown(page, WORDS, X, asks="the")
    handle(page, "and").focus()
    page.keyboard.press("Enter")
    assert_shown(page, WORDS, X, asks="and")


def test_arrow_keys_move_a_word(page):
    handle(page, "sheep").focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert_shown(page, WORDS, moved("sheep", 4 + 0.1, 0.1 - 1), asks="goat")


def test_a_walk_with_the_arrow_keys_is_one_step_back(page):
    handle(page, "sheep").focus()
    # All in one task: a busy machine may put a rest, which ends a walk, between two real strokes.
    page.evaluate(
        """(keys) => { for (const [key, shiftKey] of keys) document.activeElement.dispatchEvent(
        new KeyboardEvent('keydown', { key, shiftKey, bubbles: true, cancelable: true })) }""",
        [["ArrowRight", False]] * 2
        + [["ArrowUp", False], ["ArrowLeft", True], ["ArrowDown", True]],
    )
    changed = moved("sheep", 4 + 0.2 - 1, 0.1 - 1)
    assert_shown(page, WORDS, changed, asks="goat")
    said = handle(page, "sheep").get_attribute("aria-valuetext")
    assert said == "animal 3.2, footballer −0.9"
    expect(page.locator(".vxl-goat-said")).to_contain_text("“sheep” is at animal 3.2")
    page.keyboard.press("Control+z")
    assert_shown(page, WORDS, X, asks="goat")
    page.keyboard.press("Control+Shift+z")
    assert_shown(page, WORDS, changed, asks="goat")


def test_a_number_is_typed(page):
    box(page, "sheep", "animal").fill("-1.25")
    assert_shown(page, WORDS, moved("sheep", -1.25, 0), asks="goat")
    box(page, "sheep", "footballer").fill("−2,5")
    page.keyboard.press("Tab")
    assert_shown(page, WORDS, moved("sheep", -1.25, -2.5), asks="goat")
    box(page, "sheep", "animal").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    assert_shown(page, WORDS, moved("sheep", -2.15, -2.5), asks="goat")
    box(page, "sheep", "animal").fill("50")
    page.keyboard.press("Enter")
    assert_shown(page, WORDS, moved("sheep", 50, -2.5), asks="goat")  # the plane grows


def test_switches(page):
    page.get_by_label("causal mask").check()
    assert_shown(page, WORDS, X, asks="goat", causal=True)
    page.get_by_label("divide by √d").uncheck()
    assert_shown(page, WORDS, X, asks="goat", causal=True, scaling=False)
    heat = page.get_by_role("slider", name="Temperature")
    heat.focus()
    page.keyboard.press("End")
    assert_shown(page, WORDS, X, asks="goat", causal=True, scaling=False, temperature=10)
    page.keyboard.press("Home")
    page.get_by_label("causal mask").uncheck()
    assert_shown(page, WORDS, X, asks="goat", scaling=False, temperature=0.1)
    heat.fill("0.3")
    assert heat.get_attribute("aria-valuetext") == "temperature 2"
    assert_shown(page, WORDS, X, asks="goat", scaling=False, temperature=2)


def test_the_explorer_says_what_divides_and_what_is_left_out(page):
    look(page, view="steps", stage=3)
    assert "√2" in page.locator(".vx-panel:visible").text_content()
    page.get_by_label("divide by √d").uncheck()
    expect(page.locator(".vx-panel:visible")).to_contain_text("not divided")
    page.get_by_role("slider", name="Temperature").fill("0.3")
    expect(page.locator(".vx-panel:visible")).to_contain_text("by 2.0000")
    page.get_by_label("causal mask").check()
    expect(page.locator(".vx-chip").nth(4)).to_have_class(re.compile("vx-out"))
    page.get_by_role("tab", name="Attention Matrix").click()
    assert_shown(page, WORDS, X, asks="goat", causal=True, scaling=False, temperature=2)


def test_a_weight_too_small_to_see_is_not_left_out(page):
    page.get_by_label("Example").select_option("The same, with all seven tokens")
    page.get_by_label("causal mask").check()
    page.get_by_role("slider", name="Temperature").fill("-1")
    cold = {"causal": True, "temperature": 0.1}
    for asks in ("goat", "Ronaldo"):
        page.mouse.click(*centre(page, asks))
        assert_shown(page, MESSI.words, MESSI.embeddings, asks=asks, **cold)
        after = len(MESSI.words) - 1 - MESSI.words.index(asks)
        expect(page.locator(".vx-chip.vx-out")).to_have_count(after)
    exact = steps(MESSI.embeddings, EYE, EYE, EYE, **cold).weights.astype(np.float32)
    assert (np.tril(exact) == 0).sum() > (np.tril(np.ones((7, 7))) == 0).sum()


def test_matrices(page):
    page.get_by_role("button", name="Asks for what it lacks").click()
    assert_shown(page, WORDS, X, LACKS, asks="goat")
    page.get_by_label("W_K, row 2, column 1").fill("-1")
    w_k = np.array([[1.0, 0.0], [-1.0, 1.0]])
    assert_shown(page, WORDS, X, LACKS, w_k, asks="goat")
    page.get_by_label("W_V, row 1, column 1").fill("0.5")
    page.get_by_label("W_Q, row 1, column 2").fill("2")
    w_q, w_v = np.array([[0.0, 2.0], [5.0, 0.0]]), np.diag([0.5, 1])
    assert_shown(page, WORDS, X, w_q, w_k, w_v, asks="goat")
    page.get_by_role("button", name="Identity").click()
    assert_shown(page, WORDS, X, asks="goat")
    assert page.get_by_role("button", name="Identity").get_attribute("aria-pressed") == "true"


def test_words_come_and_go(page):
    page.get_by_role("button", name="Move “goat” one place earlier").click()
    order = [0, 1, 3, 2, 4]
    words, x = [WORDS[i] for i in order], X[order]
    assert_shown(page, words, x, asks="goat")
    page.get_by_role("button", name="Remove “the”").click()
    words, x = words[1:], x[1:]
    assert_shown(page, words, x, asks="goat")
    page.get_by_role("button", name="Add a word").click()
    page.keyboard.type("wolf")
    page.keyboard.press("Enter")
    box(page, "wolf", "animal").fill("3")
    box(page, "wolf", "footballer").fill("-1")
    words, x = [*words, "wolf"], np.vstack([x, [3, -1]])
    assert_shown(page, words, x, asks="goat")
    page.get_by_label("Sentence", exact=True).fill("wolf, goat and goat")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator(".vx-chip")).to_have_count(5)
    named = page.locator("[role=slider]:is(g)").evaluate_all(
        "all => all.map(e => e.getAttribute('aria-label'))"
    )
    assert named == ["wolf", ",", "goat (3)", "and", "goat (5)"]
    fresh = [
        [float(box(page, word, axis).input_value()) for axis in ("animal", "footballer")]
        for word in named
    ]
    assert fresh[0] == [3, -1]
    assert fresh[2] == [2.5, 2.5]
    assert fresh[3] == [0, 0]
    assert all(0 < np.linalg.norm(fresh[i]) < 2 for i in (1, 4))
    shown = page.evaluate(SHOWN)
    np.testing.assert_allclose(
        shown["weights"], steps(np.array(fresh), EYE, EYE, EYE).weights, atol=LIMIT
    )
    page.get_by_role("button", name="Remove “goat (3)”").click()  # who asks: the next takes over
    page.get_by_role("button", name="Reset all").click()
    assert_shown(page, WORDS, X, asks="goat")


EXAMPLES = {
    "Messi is the goat, not Ronaldo": (GOAT_FOOTBALLER, "goat"),
    "The same, with all seven tokens": (MESSI, "goat"),
    "Two footballers, a dog and a cat": (SIMILARITY, "footballer"),
    "The sheep and goat are grazing": (GOAT_ANIMAL, "goat"),
}


def test_every_example(page):
    choice = page.get_by_label("Example")
    assert sorted(choice.locator("option:not([hidden])").all_text_contents()) == sorted(EXAMPLES)
    for name, (sentence, asks) in EXAMPLES.items():
        choice.select_option(name)
        assert_shown(page, sentence.words, sentence.embeddings, asks=asks)
    box(page, "sheep", "animal").fill("3")
    expect(choice.locator("option:checked")).to_have_text("your own")


NO_NUMBERS = {
    "NaN": "“NaN” is not a number. Type one such as 2.5 or −1.",
    "1e999": "“1e999” is too far out: from −100 to 100, please.",
    "two": "“two” is not a number. Type one such as 2.5 or −1.",
    "": "This box is empty. Type a number, such as 2.5.",
    "101": "“101” is too far out: from −100 to 100, please.",
}


@pytest.mark.rejects
def test_what_is_no_number_is_said_beside_the_box(page):
    sheep, entry = box(page, "sheep", "animal"), page.get_by_label("W_Q, row 1, column 1")
    row = page.locator(".vxl-goat-table tr", has=sheep).locator(".vxl-problem")
    square = page.locator(".vxl-goat-squares fieldset").first.locator(".vxl-problem")
    for one, beside in ((sheep, row), (entry, square)):
        for typed, message in NO_NUMBERS.items():
            one.fill(typed)
            page.keyboard.press("Enter")
            expect(beside).to_have_text(message)
            assert one.get_attribute("aria-invalid") == "true"
            assert one.get_attribute("aria-describedby") == beside.get_attribute("id")
        assert beside.get_attribute("role") == "alert"
    weights = page.locator("attention-explorer").evaluate("e => [...e.weights]")
    np.testing.assert_allclose(weights, steps(X, EYE, EYE, EYE).weights[GOAT], atol=LIMIT)
    page.keyboard.press("Escape")
    expect(square).to_be_empty()
    sheep.fill("3")
    expect(row).to_be_empty()
    assert sheep.get_attribute("aria-invalid") is None
    assert_shown(page, WORDS, moved("sheep", 3, 0), asks="goat")


@pytest.mark.rejects
def test_a_sentence_that_cannot_be(page):
    typed = page.get_by_label("Sentence", exact=True)
    wrong = page.locator(".vxl-goat-form > .vxl-problem")
    for text, message in (
        ("", "An empty sentence has nobody to ask. Type at least one word."),
        ("  ", "An empty sentence has nobody to ask. Type at least one word."),
        ("a " * 13, "That is 13 words. There is room for 12."),
        ("x" * 30, f"“{'x' * 24}…” is too long: a word has at most 24 letters here."),
    ):
        typed.fill(text)
        page.keyboard.press("Enter")
        expect(wrong).to_have_text(message)
        assert_shown(page, WORDS, X, asks="goat")
    page.keyboard.press("Escape")
    expect(wrong).to_be_empty()
    assert typed.input_value() == " ".join(WORDS)
    page.get_by_label("Word 1", exact=True).fill(" ")
    page.keyboard.press("Enter")
    row = page.locator(".vxl-goat-table .vxl-problem").first
    expect(row).to_have_text("A word needs at least one letter or sign.")
    page.keyboard.press("Escape")
    typed.fill("alone")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Remove “alone”").click()
    last = page.locator(".vxl-goat-words > [role=alert]")
    expect(last).to_have_text("An empty sentence has nobody to ask. Type at least one word.")
    for _ in range(11):
        page.get_by_role("button", name="Add a word").click()
    expect(last).to_be_empty()
    page.get_by_role("button", name="Add a word").click()
    expect(last).to_have_text("That is 13 words. There is room for 12.")
    page.get_by_role("button", name="Undo").click()
    assert page.locator(".vxl-goat-table tbody tr").count() == 11


def test_a_link_leads_to_exactly_this(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"], viewport=WIDE)
    page.get_by_label("Sentence", exact=True).fill("the shé*ep_2 goat grazing hills & dales")
    page.keyboard.press("Enter")
    page.get_by_label("Word 4", exact=True).fill("gra zing")
    page.keyboard.press("Enter")
    box(page, "gra zing", "animal").fill("-2.75")
    box(page, "gra zing", "footballer").fill("0.125")
    page.get_by_label("causal mask").check()
    page.get_by_role("slider", name="Temperature").fill("-0.3")
    page.get_by_label("W_V, row 1, column 2").fill("-0.5")
    page.get_by_role("tab", name="Step by Step").click()
    page.mouse.click(*centre(page, "dales"))
    expect(handle(page, "dales")).to_have_attribute("aria-valuetext", re.compile("asks$"))
    page.get_by_role("button", name="Forward").click()
    page.locator(".vx-keycell[data-token='1']").click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".vxl-goat-said")).to_contain_text("copied")
    page.wait_for_function("() => /query=6.*key=1|key=1.*query=6/.test(location.search)")
    url = page.url
    assert page.evaluate("navigator.clipboard.readText()").split("&")[0] == url.split("&")[0]
    before = page.evaluate(SHOWN)
    state = explored(page, "state")
    words = ["the", "shé*ep_2", "goat", "gra zing", "hills", "&", "dales"]
    assert before["words"] == words
    again = visit("?" + url.split("?")[1], started=False)
    again.locator(".vxl-ready").wait_for(state="attached")
    x = np.array(
        [
            [float(box(page, word, axis).input_value()) for axis in ("animal", "footballer")]
            for word in words
        ]
    )
    w_v = np.array([[1, -0.5], [0, 1]])
    assert_shown(again, words, x, w_v=w_v, asks="dales", causal=True, temperature=0.501)
    assert explored(again, "state") == state
    assert state["key"] == 1
    assert again.get_by_label("causal mask").is_checked()
    again.wait_for_function("() => location.search.includes('query=6')")
    again.reload()
    again.locator(".vxl-ready").wait_for(state="attached")
    assert_shown(again, words, x, w_v=w_v, asks="dales", causal=True, temperature=0.501)
    again.get_by_role("button", name="Reset all").click()
    assert_shown(again, WORDS, X, asks="goat")
    again.wait_for_function("() => !location.search.includes('goat=')")


def test_the_lessons_links_set_the_widget(visit, lesson):
    links = re.findall(r'href="(\?goat=[^"#]*)', lesson[0])
    assert len(links) == 4
    page = visit(links[2].replace("&amp;", "&"))
    sentence = GOAT_FOOTBALLER
    assert_shown(page, sentence.words, sentence.embeddings, asks="goat", causal=True)
    page.evaluate("window.here = true")
    clickable = page.get_by_role("link", name="Show it on the plane")
    clickable.nth(0).click()
    assert_shown(page, WORDS, moved("sheep", -4, 0), asks="goat")
    assert handle(page, "goat").evaluate("e => e === document.activeElement")
    assert page.locator(".vxl-goat-plane").bounding_box()["y"] >= 0
    clickable.nth(3).click()
    assert_shown(page, WORDS, X, w_v=EYE[::-1], asks="goat")
    page.get_by_role("button", name="Undo").click()
    assert_shown(page, WORDS, moved("sheep", -4, 0), asks="goat")
    assert page.evaluate("window.here")


NO_LINKS = ("", "nonsense", "1_s_99____a_1_1", "1_s_1____a_NaN_1")


@pytest.mark.rejects
def test_a_link_that_cannot_be_read(visit):
    page = visit(started=False)
    for link in NO_LINKS:
        page.goto(f"{page.url.split('?')[0]}?goat={link}")
        expect(page.locator(".vxl-goat > [role=alert]")).to_contain_text("cannot be read")
        assert_shown(page, WORDS, X, asks="goat")


def test_undo_and_redo(visit):
    page = visit()
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    assert undo.is_disabled()
    page.get_by_label("divide by √d").uncheck()
    page.get_by_label("divide by √d").check()
    page.get_by_label("causal mask").check()
    page.get_by_role("button", name="Remove “goat”").click()
    without = np.delete(X, GOAT, axis=0)
    assert_shown(page, [w for w in WORDS if w != "goat"], without, asks="grazing", causal=True)
    undo.click()
    assert page.locator(".vxl-goat-table tbody tr").count() == 5
    undo.click()
    assert not page.get_by_label("causal mask").is_checked()
    undo.click()
    assert_shown(page, WORDS, X, asks="grazing", scaling=False)
    undo.click()
    assert_shown(page, WORDS, X, asks="grazing")
    assert undo.is_disabled()
    for _ in range(3):
        redo.click()
    assert page.get_by_label("causal mask").is_checked()


def test_the_plane_shows_every_word_however_far(page):
    for axis, number in product(("animal", "footballer"), ("30", "-30", "1")):
        box(page, "sheep", axis).fill(number)
        spoken = re.compile(f"{axis} {number.replace('-', '−')}")
        expect(handle(page, "sheep")).to_have_attribute("aria-valuetext", spoken)
        plane = page.locator(".vxl-goat-plane").bounding_box()
        assert plane
        for word in WORDS:
            dot = handle(page, word).locator(".vxl-goat-dot").bounding_box()
            assert dot
            for low, size in (("x", "width"), ("y", "height")):
                assert plane[low] <= dot[low]
                assert dot[low] + dot[size] <= plane[low] + plane[size]


def test_without_webassembly_the_page_goes_on(visit):
    page = visit(started=False, script="delete window.WebAssembly;")
    expect(page.locator(".vxl-loader")).to_contain_text("lacks WebAssembly")
    box(page, "sheep", "animal").fill("2")
    expect(page.locator(".vxl-goat-caption")).to_contain_text("Without the model")
    page.get_by_role("button", name="Reset all").click()
    page.locator(".vx-chip").nth(1).click()
    assert_shown(page, WORDS, X, asks="sheep")


def test_axe_finds_nothing(page):
    box(page, "sheep", "animal").fill("NaN")
    for tab in page.get_by_role("tab").all():
        tab.click()
        check_axe(page)


def test_a_phone(visit):
    page = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.locator("summary", has_text="Three matrices").click()
    check_targets(page, ".vxl-goat :is(button, input, select, summary, [role=slider])")
    _, step = scale_of(page)
    start = np.array(centre(page, "sheep"))
    touch = page.context.new_cdp_session(page)
    for kind, at in (
        ("touchStart", start),
        ("touchMove", start + 0.6 * step),
        ("touchMove", start + step * [1, 2]),
    ):
        point = {"x": float(at[0]), "y": float(at[1])}
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(box(page, "sheep", "footballer")).not_to_have_value("0")
    place = [float(box(page, "sheep", axis).input_value()) for axis in ("animal", "footballer")]
    np.testing.assert_allclose(place, [5, 2], atol=0.06)
    assert_shown(page, WORDS, moved("sheep", *place), asks="goat")


def test_a_word_is_dragged_in_firefox(address):
    with in_firefox(address) as window:
        drag_in_firefox(window, "mouse")
        window.open(address)
        drag_in_firefox(window, "touch")


def drag_in_firefox(window, finger: str) -> None:
    window.wait_for("document.querySelector('.vxl-goat')")
    x, y = window.evaluate(
        """(() => { const e = document.querySelector('[aria-label=sheep] .vxl-goat-dot');
        e.scrollIntoView({block: 'center', behavior: 'instant'});
        const {x, y, width, height} = e.getBoundingClientRect();
        return [Math.round(x + width / 2), Math.round(y + height / 2)]; })()"""
    )
    places = [(x, y), *((x + i, y - 4 * i) for i in (6, 12, 20))]
    first, *moves = [{"type": "pointerMove", "x": x, "y": y, "duration": 20} for x, y in places]
    down, lift = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
    source = {"type": "pointer", "id": finger, "parameters": {"pointerType": finger}}
    actions = [{**source, "actions": [first, down, *moves, lift]}]
    window.ask("input.performActions", context=window._page, actions=actions)
    window.wait_for("document.querySelector('.vxl-goat-said').textContent")
    boxes = "[...document.querySelectorAll('.vxl-goat-table tbody input')].map(e => e.value)"
    across, up = map(float, window.evaluate(boxes)[4:6])
    assert up > 1
    window.press(["ArrowLeft"])
    expected = steps(moved("sheep", across - 0.1, up), EYE, EYE, EYE)
    window.wait_for(f"({CLOSE})({json.dumps([expected.weights.tolist(), LIMIT])})")
    shown = window.evaluate(f"({SHOWN})()")
    for field in ("scores", "weights", "output"):
        right = getattr(expected, field)
        np.testing.assert_allclose(shown[field], right, rtol=LIMIT, atol=LIMIT)
