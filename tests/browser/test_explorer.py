"""`<attention-explorer>` in a real browser, used as a reader uses it; numbers against Python."""

import copy
import json
import re
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.explorers import (
    cell_at,
    check_heights,
    check_room,
    covered,
    html,
    look,
    numbers,
    opener,
    served,
    state,
    write,
)
from tests.browser.explorers import weights as row
from tests.browser.pages import SETTLED, check_axe
from tests.waiting import wait_for
from vitexplain.attention import Attention, attend
from vitexplain.designed import designed_attention
from vitexplain.explorer import Explorer, Map, Step, explorer
from vitexplain.figures import theme
from vitexplain.pixels import brightness, cover
from vitexplain.tokens import GOAT_ANIMAL

FACE = designed_attention()
BLIND = designed_attention(positions=False)
LATER = 2000  # milliseconds: what waits for a reader to pause has long happened
EYE, OTHER_EYE, MOUTH = (FACE.face.labels.index(x) for x in ("left eye", "right eye", "mouth"))
MAPS = [
    Map("Head 1", FACE.head(0), FACE.query_dims[0], FACE.value_dims[0], "Looks for its like."),
    Map("Head 2", FACE.head(1), FACE.query_dims[1], FACE.value_dims[1]),
    Map("No positions", BLIND.head(0), BLIND.query_dims[0], BLIND.value_dims[0]),
]
TOUR = [
    Step("Start", "Click a patch. You begin at the **left eye**.", query=EYE, map=0),
    Step(
        "Eye to eye",
        "The left eye asks.",
        ask="Which patch wins?",
        answer="The right eye.",
        query=EYE,
        map=0,
        choices=(OTHER_EYE, MOUTH),
        highlight=(OTHER_EYE,),
        holds=FACE.head(0).weights[EYE].argmax() == OTHER_EYE,
    ),
    Step(
        "All",
        "All rows.",
        ask="Where does the mouth look?",
        answer="See.",
        query=MOUTH,
        map=1,
        view="matrix",
        holds=FACE.head(1).weights[MOUTH].max() < 1,
    ),
    Step("Your turn", "Choose."),
]


def face(**changes) -> Explorer:
    return explorer(
        MAPS,
        tokens=FACE.face.labels,
        title="A face on a grid",
        image=FACE.face.image,
        grid=(4, 4),
        **changes,
    )


def goat() -> Explorer:
    x = GOAT_ANIMAL.embeddings
    tour = [
        Step(
            "The goat",
            "Asks.",
            ask="Whom?",
            answer="Grazing, as much as itself.",
            query=3,
            holds=lambda weights: np.isclose(weights[3, 4], weights[3].max()),
        )
    ]
    one = Map("scaled", attend(x, x, x), dims=GOAT_ANIMAL.axes)
    return explorer([one], tokens=GOAT_ANIMAL.words, title="Goat", tour=tour)


def large() -> Explorer:
    x = np.random.default_rng(0).normal(size=(197, 8))
    return explorer(
        [Map("random", attend(x, x, x))],
        tokens=("class", *(f"patch {i}" for i in range(196))),
        title="A ViT's size",
        image=FACE.face.image,
        grid=(14, 14),
    )


SHARP = np.array([[0.998, 0.0019, 0.0001 - 1e-9, 1e-9]] * 4)


def sharp() -> Explorer:
    """Return one whose weights are nearly all in one place."""
    scores = np.log(SHARP)
    ones = np.ones((4, 1))
    made = Attention(ones, ones, ones, scores, scores, SHARP, SHARP @ ones)
    return explorer(
        [Map("sharp", made)], tokens="abcd", title="Sharp", image=FACE.face.image, grid=(2, 2)
    )


MASKED = np.tril(np.ones((4, 4), dtype=bool))  # each may attend to those before it
X = np.array([[1.0, 0], [0.5, 1], [2, 2], [0, 3]])
CAUSAL = attend(X, X, X, mask=MASKED)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Serve one page an explorer; yield the address."""
    folder = tmp_path_factory.mktemp("explorer")
    made = {
        "face": face(tour=TOUR, url=True),
        "goat": goat(),
        "hero": face(compact=True, query=EYE),
        "large": large(),
        "sharp": sharp(),
        "causal": explorer([Map("causal", CAUSAL)], tokens="abcd", title="Causal", url=True),
    }
    for name, one in made.items():
        write(folder, name, one, static=name != "large")
    two = '<attention-explorer url src="face.json"></attention-explorer>' * 2
    (folder / "two.html").write_text(html(two))
    broken = copy.deepcopy(face().data)
    broken["examples"][0]["arrays"][1]["weights"].pop()
    (folder / "broken.json").write_text(json.dumps(broken))
    for name in ("broken", "missing"):
        tag = f'<attention-explorer src="{name}.json"><p>Static.</p></attention-explorer>'
        (folder / f"{name}.html").write_text(html(tag))
    with served(folder) as address:
        yield address


@pytest.fixture
def explore(pages, browser, window):
    with opener(pages, browser, window) as open_page:
        yield open_page


def assert_row(page, query: int, one: int = 0) -> None:
    """The element's weights, the brightness and the readout are those of Python."""
    expected = MAPS[one].attention.weights[query]
    assert state(page)["query"] == query
    assert state(page)["map"] == one
    weights = row(page)
    np.testing.assert_allclose(weights, expected, atol=1e-6)
    np.testing.assert_allclose(covered(page), 255 * cover(brightness(expected)), atol=1)
    shown = page.locator(".vx-strongest li").evaluate_all(
        "all => all.map(li => { const n = li.querySelector('data');"
        " return [+li.dataset.token, n.textContent, +n.value] })"
    )
    tokens, texts, exact = zip(*shown, strict=True)
    strongest = np.argsort(-np.array(weights), kind="stable")[: len(shown)]
    assert list(tokens) == strongest.tolist()
    assert list(texts) == [f"{expected[j]:.4f}" for j in strongest]
    np.testing.assert_allclose(exact, expected[strongest], rtol=1e-9)
    arrows = page.locator(".vx-arrow").evaluate_all(
        "all => all.map(a => [+a.dataset.token, +a.dataset.weight,"
        " parseFloat(a.querySelector('.vx-shaft').style.strokeWidth)])"
    )
    drawn = np.array(sorted(arrows, key=lambda a: (-a[1], a[0])))
    np.testing.assert_allclose(drawn[:, 1], expected[strongest][: len(drawn)], rtol=1e-9)
    cell = page.locator(".vx-patch").first.bounding_box()["width"]
    np.testing.assert_allclose(drawn[:, 2], np.maximum(1.25, 0.36 * cell * drawn[:, 1]), atol=0.01)


def patch(page, token: int):
    return page.locator(f"[role=gridcell][data-token='{token}']")


def test_a_click_lights_up_the_row(explore):
    page = explore("face.html")
    for token in (OTHER_EYE, 15, 0):
        patch(page, token).click()
        assert_row(page, token)
    assert "Query hair (0, 0). Strongest: hair (0, 3) " in page.locator(".vx-live").text_content()


def test_arrow_keys_walk_the_picture(explore):
    page = explore("face.html")
    patch(page, EYE).focus()
    walk = ("ArrowRight", EYE + 1), ("ArrowDown", EYE + 5), ("ArrowLeft", EYE + 4), ("End", 7)
    for key, token in (*walk, ("Home", 4), ("Control+End", 15), ("ArrowDown", 15), ("ArrowUp", 11)):
        page.keyboard.press(key)
        assert_row(page, token)
        focused = page.evaluate("Number(document.activeElement.dataset.token)")
        assert focused == token
    assert page.locator("[role=gridcell][tabindex='0']").count() == 1
    assert page.locator("[aria-selected=true][role=gridcell]").count() == 1


def test_the_maps_are_radio_buttons(explore):
    page = explore("face.html")
    page.get_by_text("Head 2", exact=True).click()
    assert_row(page, EYE, 1)
    page.keyboard.press("ArrowRight")
    assert_row(page, EYE, 2)


def test_the_slider_says_how_many_arrows(explore):
    page = explore("face.html")
    for count in (0, 1, 8):
        page.get_by_role("slider").fill(str(count))
        assert page.locator(".vx-arrow").count() == count
        assert state(page)["arrows"] == count
    assert_row(page, EYE)


def test_a_weight_that_reads_as_zero_has_no_arrow(explore):
    page = explore("sharp.html")
    expected = SHARP[0]
    drawn = int((expected >= 0.0005).sum())
    assert 0 < drawn < 4 <= state(page)["arrows"]
    assert page.locator(".vx-arrow").count() == drawn
    assert page.locator(".vx-strong .vx-tag").all_text_contents() == ["0.998", "0.002"]
    page.get_by_role("slider").fill("1")
    assert page.locator(".vx-arrow").count() == 1


def test_the_tour_asks_before_it_shows_and_goes_to_its_end(explore):
    page = explore("face.html")
    page.get_by_role("button", name="Next").click()
    assert page.locator(".vx-arrow").count() == 0
    assert page.locator(".vx-strongest data").count() == 0
    assert page.locator(".vx-answer").is_hidden()
    page.get_by_role("button", name="mouth", exact=True).click()
    assert_row(page, EYE)
    weights = FACE.head(0).weights[EYE]
    rank = int((weights > weights[MOUTH]).sum()) + 1
    guess = page.locator(".vx-guess").text_content()
    assert guess == f"Your guess, mouth: weight {weights[MOUTH]:.4f}, rank {rank} of 16."
    assert page.evaluate("document.activeElement.className") == "vx-answer"
    assert "vx-ringed" in (patch(page, OTHER_EYE).get_attribute("class") or "")
    page.get_by_role("button", name="Next").click()
    assert page.locator(".vx-tutorial canvas").is_hidden()
    page.get_by_role("button", name="Show me").click()
    assert_row(page, MOUTH, 1)
    assert page.locator(".vx-tutorial canvas").is_visible()
    width = page.locator(".vx-tutorial").bounding_box()["width"]
    np.testing.assert_allclose(
        page.locator(".vx-tutorial canvas").bounding_box()["width"], width, rtol=0.1
    )
    page.get_by_role("button", name="Next").click()
    assert state(page)["step"] == len(TOUR) - 1
    page.get_by_role("button", name="On to Step by Step").press("Enter")
    assert page.evaluate("document.activeElement.textContent") == "Step by Step"
    assert state(page)["view"] == "steps"


def test_a_click_leaves_the_tour_and_one_goes_back(explore):
    page = explore("face.html")
    page.get_by_role("button", name="Next").click()
    patch(page, 9).click()
    assert_row(page, 9)
    page.get_by_role("button", name="Back to this step").click()
    assert state(page)["query"] == EYE
    assert page.locator(".vx-arrow").count() == 0
    patch(page, EYE).click()
    assert_row(page, EYE)


def test_step_by_step_shows_the_numbers_of_the_pair(explore):
    page = explore("face.html?view=steps")
    page.get_by_role("button", name="Forward").click()
    key = page.locator(f".vx-keycell[data-token='{MOUTH}']")
    key.click()
    attention = FACE.head(0)
    shown = numbers(page, ".vx-vector dd data")
    expected = np.concatenate([attention.query[EYE], attention.key[MOUTH]])
    np.testing.assert_allclose(shown, expected, rtol=1e-9, atol=1e-12)
    page.get_by_role("button", name="Forward").click()
    page.get_by_text("Open the terms").click()
    page.locator(".vx-sum").wait_for()
    rows = page.locator(".vx-detail tbody tr:not(.vx-sum)").all()
    terms = [float(row.locator("data").nth(2).get_attribute("value")) for row in rows]
    np.testing.assert_allclose(terms, attention.query[EYE] * attention.key[MOUTH], atol=1e-9)
    (total,) = numbers(page, ".vx-sum data")
    np.testing.assert_allclose(total, attention.scores[EYE, MOUTH], rtol=1e-9)
    np.testing.assert_allclose(sum(terms), total, rtol=1e-9)
    for stage, field in (("scale", "scaled"), ("softmax", "weights")):
        page.get_by_role("button", name="Forward").click()
        last = numbers(page, ".vx-formula data")[-1]
        np.testing.assert_allclose(last, getattr(attention, field)[EYE, MOUTH], rtol=1e-9)
        listed = numbers(page, ".vx-keycell data")
        np.testing.assert_allclose(listed, getattr(attention, field)[EYE], atol=1e-9, err_msg=stage)
    page.get_by_role("button", name="Forward").click()
    shown = numbers(page, ".vx-of-weight dd data")
    expected = attention.weights[EYE, MOUTH] * attention.value[MOUTH]
    np.testing.assert_allclose(shown, expected, atol=1e-9)
    page.get_by_role("button", name="Forward").click()
    shown = numbers(page, ".vx-of-value dd data")
    np.testing.assert_allclose(shown, attention.output[EYE], atol=1e-9)
    assert page.get_by_role("button", name="Forward").is_disabled()


@pytest.mark.parametrize(("stage", "field"), [(2, "scores"), (3, "scaled")])
def test_a_masked_score_is_struck_out_before_the_softmax(explore, stage, field):
    """Even where it is the largest of its row, as of the first two rows here."""
    assert (CAUSAL.scaled.argmax(1) > np.arange(4)).tolist() == [True, True, False, False]
    page = explore(f"causal.html?view=steps&stage={stage}&query=0&key=2")
    expect(page.locator(".vx-said")).to_contain_text("a may not attend to c")
    for query in range(4):
        look(page, query=query, key=0)
        row = getattr(CAUSAL, field)[query]
        last = page.locator(".vx-keycell[data-token='3'] .vx-figure data")
        expect(last).to_have_text(f"{row[3]:.4f}")
        shown = {}
        for key, allowed in enumerate(MASKED[query]):
            cell = page.locator(f".vx-keycell[data-token='{key}']")
            number = cell.locator(".vx-figure data")
            shown[key] = float(number.get_attribute("value"))
            if allowed:
                expect(cell).not_to_contain_class("vx-masked")
                expect(cell).not_to_have_accessible_name(re.compile("masked"))
                continue
            expect(cell).to_contain_class("vx-masked")
            expect(cell).to_have_accessible_name(re.compile("masked"))
            expect(cell).to_have_css("--share", "0")
            expect(cell.locator(".vx-figure")).to_have_css("text-decoration-line", "line-through")
        np.testing.assert_allclose(list(shown.values()), row, rtol=1e-8)
        leads = max((key for key in shown if MASKED[query, key]), key=shown.__getitem__)
        assert leads == CAUSAL.weights[query].argmax()


def test_the_softmax_says_that_it_leaves_masked_keys_out(explore):
    page = explore("causal.html?view=steps&stage=4&query=1&key=0")
    say = page.locator(".vx-said")
    expect(say).to_contain_text("Masked keys are left out")
    look(page, query=3)
    expect(say).not_to_contain_text("Masked keys")


def test_what_belongs_together_lights_up_together(explore):
    page = explore("face.html?view=steps&stage=1")
    page.locator(".vx-of-query .vx-component").nth(2).hover()
    assert page.locator(".vx-lit").count() == 2
    page.locator(f".vx-keycell[data-token='{MOUTH}']").hover()
    expect(patch(page, MOUTH)).to_contain_class("vx-key")
    weight = FACE.head(0).weights[EYE, MOUTH]
    expect(page.locator(".vx-pair-weight")).to_have_text(f"{weight:.4f}")
    patch(page, 10).hover()
    expect(page.locator(".vx-keycell[data-token='10']")).to_contain_class("vx-followed")


def test_play_walks_to_the_output(explore):
    page = explore("face.html?view=steps&stage=4")
    page.clock.install()
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(2700)
    assert state(page)["stage"] == 5
    page.clock.run_for(9000)
    assert state(page)["stage"] == 6
    assert page.get_by_role("button", name="Play").is_visible()


def test_the_matrix_is_linked_with_the_picture_by_pointer_and_keys(explore):
    page = explore("face.html?view=matrix&query=6")
    weights = FACE.head(0).weights
    page.mouse.move(*cell_at(page, 3, 12))
    expect(page.locator(".vx-patch.vx-query")).to_have_attribute("data-token", "3")
    expect(page.locator(".vx-patch.vx-key")).to_have_attribute("data-token", "12")
    value = page.locator(".vx-cell-readout data.vx-w")
    expect(value).to_have_text(f"{weights[3, 12]:.4f}")
    np.testing.assert_allclose(float(value.get_attribute("value")), weights[3, 12], rtol=1e-9)
    page.mouse.move(0, 0)
    expect(page.locator(".vx-patch.vx-query")).to_have_attribute("data-token", "6")
    patch(page, 9).hover()
    expect(value).to_have_text(f"{weights[6, 9]:.4f}")
    page.mouse.click(*cell_at(page, 2, 5))
    assert (state(page)["query"], state(page)["key"]) == (2, 5)
    for key, pair in (("ArrowDown", (3, 5)), ("ArrowRight", (3, 6)), ("End", (3, 15))):
        page.keyboard.press(key)
        assert (state(page)["query"], state(page)["key"]) == pair
    page.mouse.move(0, 0)
    assert_row(page, 3)
    page.get_by_text("This row as a table").click()
    shown = np.reshape(numbers(page, ".vx-matrix tbody data"), (16, 3))
    attention = FACE.head(0)
    expected = np.stack([attention.scores[3], attention.scaled[3], attention.weights[3]], 1)
    np.testing.assert_allclose(shown, expected, atol=1e-9)


def test_the_matrix_takes_the_colours_of_the_theme(explore):
    page = explore("face.html?view=matrix&query=15&key=15")
    pixel = """([x, y]) => { const c = document.querySelector('.vx-matrix .vx-canvas');
        const box = c.getBoundingClientRect(), r = c.width / box.width;
        return [...c.getContext('2d').getImageData((x - box.x) * r, (y - box.y) * r, 1, 1).data]
          .slice(0, 3) }"""
    weights = FACE.head(0).weights
    query, key = (int(i) for i in np.unravel_index(weights.argmax(), weights.shape))
    for scheme, scale in (("default", theme.LIGHT_SCALE), ("slate", theme.DARK_SCALE)):
        page.evaluate("s => document.body.setAttribute('data-md-color-scheme', s)", scheme)
        darkest = [int(scale[-1][i : i + 2], 16) for i in (1, 3, 5)]
        place = cell_at(page, query, key)
        wait_for(lambda at=place, rgb=darkest: page.evaluate(pixel, at) == rgb)


def test_a_link_restores_the_state(explore):
    page = explore("face.html?view=matrix&query=6&map=1&other=kept#after")
    assert {k: state(page)[k] for k in ("view", "query", "map")} == {
        "view": "matrix",
        "query": 6,
        "map": 1,
    }
    assert_row(page, 6, 1)
    patch(page, 11).click()
    page.wait_for_function("location.search.includes('query=11')")
    link = urlparse(page.url)
    expected = {"view": ["matrix"], "query": ["11"], "map": ["1"], "other": ["kept"]}
    assert parse_qs(link.query) == expected
    assert link.fragment == "after"
    page.goto("about:blank")
    page.go_back()
    page.wait_for_function("document.querySelector('attention-explorer')?.state?.query === 11")
    assert_row(page, 11, 1)
    page.evaluate(
        """async () => { history.pushState(null, '', '?view=steps&query=2&stage=3');
        for (const go of ['back', 'forward']) {
          const gone = new Promise((done) => addEventListener('popstate', done, { once: true }));
          history[go]();
          await gone;
        } }"""
    )
    now = state(page)
    assert (now["view"], now["query"], now["stage"]) == ("steps", 2, 3)


def test_the_address_of_the_next_page_is_left_alone(explore):
    page = explore("face.html?view=matrix&query=6", clock=True)
    page.evaluate("history.pushState(null, '', 'goat.html?query=2')")
    page.evaluate("window.dispatchEvent(new PopStateEvent('popstate'))")
    assert state(page)["query"] == 6
    patch(page, 9).click()
    page.clock.run_for(LATER)
    assert page.url.endswith("/goat.html?query=2")


@pytest.mark.parametrize("query", ["query=99&view=film&map=-1", "query=x&stage=1e9", "key=&step=7"])
def test_a_link_that_means_nothing_does_no_harm(explore, query):
    page = explore(f"face.html?{query}")
    now = state(page)
    assert 0 <= now["query"] < 16
    assert 0 <= now["map"] < 3
    assert now["view"] in ("tutorial", "steps", "matrix")
    assert page.locator(".vx-patch").count() == 16


def test_two_explorers_do_not_fight_over_the_address(explore):
    page = explore("two.html?query=7&view=matrix", clock=True)
    states = page.evaluate("[...document.querySelectorAll('attention-explorer')].map(e => e.state)")
    assert [one["query"] for one in states] == [7, EYE]
    page.locator("attention-explorer").nth(1).locator("[role=gridcell]").nth(12).click()
    page.clock.run_for(LATER)
    assert parse_qs(urlparse(page.url).query)["query"] == ["7"]
    page.evaluate("document.querySelector('attention-explorer').remove()")
    errors = page.evaluate(
        """async () => { const e = document.createElement('attention-explorer');
        e.setAttribute('src', 'face.json'); document.querySelector('main').append(e);
        await e.ready; return e.state.query }"""
    )
    assert errors == 7


def test_state_can_be_set_and_tells_of_itself(explore):
    page = explore("goat.html")
    told = page.evaluate(
        """() => { const e = document.querySelector('attention-explorer'), told = [];
        document.addEventListener('statechange', ({ detail }) => told.push(detail.query));
        e.state = { query: 1, view: 'matrix' }; e.state = { query: 1 }; e.state = { query: 2 };
        return told }"""
    )
    assert told == [1, 2]
    assert urlparse(page.url).query == ""


def test_a_sentence_has_words_and_arcs(explore):
    page = explore("goat.html", width=390, height=844)
    page.get_by_role("button", name="Show me").click()
    x = GOAT_ANIMAL.embeddings
    weights = attend(x, x, x).weights
    shown = page.locator(".vx-chip .vx-tag").all_text_contents()
    assert shown == [f"{w:.4f}" for w in weights[3]]
    assert page.locator(".vx-arrow").count() == 5
    page.locator(".vx-chip").nth(1).click()
    np.testing.assert_allclose(row(page), weights[1], atol=1e-6)


def test_arcs_leave_a_word_towards_the_line_of_the_other(explore):
    """Down to a word of a lower line, and up to one of the same line or a higher one."""
    page = explore("goat.html?view=attend", width=320, height=844)
    page.locator(".vx-chip").nth(0).click()
    arcs = page.evaluate(
        """() => { const box = (i) => document.querySelector(`.vx-chip[data-token="${i}"]`)
          .getBoundingClientRect();
        const from = box(0);
        return [...document.querySelectorAll('.vx-arrow')].map((arrow) => {
          const [, y, , bend] = arrow.querySelector('.vx-shaft').getAttribute('d')
            .match(/-?[\\d.]+/g).map(Number);
          const to = box(arrow.dataset.token);
          return [to.top >= from.bottom, bend - y]; }) }"""
    )
    lower = [bend for below, bend in arcs if below]
    others = [bend for below, bend in arcs if not below]
    assert lower
    assert others
    assert min(lower) > 0 > max(others)


def test_the_hero_moves_until_it_is_touched(explore):
    page = explore("hero.html", clock=True)
    assert page.get_by_role("tab").count() == 0
    assert_row(page, EYE)

    def moves() -> bool:  # once it knows that it is seen
        page.clock.run_for(3600)
        return state(page)["query"] != EYE

    wait_for(moves)
    assert page.locator(".vx-live").text_content() == ""
    patch(page, 3).click()
    page.clock.run_for(9000)
    assert_row(page, 3)
    calm = explore("hero.html", reduced_motion="reduce")
    assert calm.get_by_role("button", name="Pause").is_hidden()
    drawn = calm.locator(".vx-arrow").evaluate_all("all => all.map(a => +a.dataset.token)")
    strongest = np.argsort(-MAPS[0].attention.weights[EYE], kind="stable")
    assert sorted(drawn) == sorted(strongest[:3].tolist())  # a picture as small as that has few


@pytest.mark.parametrize(
    ("name", "words"),
    [("broken", r"arrays\[1\]\.weights: it has 15 rows, not 16"), ("missing", "404")],
)
def test_bad_data_is_said_and_the_static_picture_stays(explore, name, words):
    page = explore(f"{name}.html")
    alert = page.get_by_role("alert")
    assert page.get_by_text("Static.").is_visible()
    assert re.search(words, alert.text_content())


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.parametrize("name", ["face", "goat", "hero"])
def test_nothing_shifts_and_nothing_overflows(explore, name, width):
    check_room(explore(f"{name}.html", width=width))


def test_touch_targets_are_large_on_a_phone(explore):
    page = explore("face.html", width=390, height=844, has_touch=True, is_mobile=True)
    for view in ("tutorial", "steps", "matrix"):
        look(page, view=view)
        check_heights(page, "button, summary, .vx-map, input[type=range], [role=gridcell]")
    patch(page, 13).tap()
    assert state(page)["query"] == 13


@pytest.mark.parametrize("path", ["face", "goat", "hero", "large"])
def test_axe_finds_nothing(explore, path):
    page = explore(f"{path}.html")
    tabs = page.get_by_role("tab").all()
    for i in range(max(1, len(tabs))):
        if tabs:
            tabs[i].click()
        page.evaluate(SETTLED)
        for show in page.get_by_role("button", name="Show me").all():
            if show.is_visible():
                show.click()
        check_axe(page)


def test_to_point_at_a_matrix_of_197_tokens_draws_a_row_and_not_the_matrix(explore):
    """So it is fluid on a slow machine as well; `tests.benchmarks.explorer` says how fast."""
    page = explore("large.html?")
    page.get_by_role("tab", name="Attention Matrix").click()
    drawn, changed = page.evaluate(
        """async () => { const c = document.querySelector('.vx-matrix .vx-canvas');
        const r = c.getBoundingClientRect();
        const frame = () => new Promise(requestAnimationFrame);
        const context = CanvasRenderingContext2D.prototype;
        let drawn = 0, changed = 0;
        const seen = new MutationObserver((some) => { changed += some.length });
        for (const [name, {value}] of Object.entries(Object.getOwnPropertyDescriptors(context))) {
          if (typeof value === 'function') context[name] = function (...given) {
            drawn += 1; return value.apply(this, given) };
        }
        seen.observe(document.body, {childList: true, attributes: true, characterData: true,
          subtree: true});
        for (let i = 0; i < 60; i++) {
          c.dispatchEvent(new PointerEvent('pointermove', {pointerType: 'mouse', bubbles: true,
            clientX: r.right - 10 - 3 * i, clientY: r.bottom - 10 - 3 * i}));
          await frame(); await frame();
        }
        return [drawn / 60, changed / 60] }"""
    )
    print(f"{drawn:.0f} strokes and {changed:.0f} changes of the page")
    assert changed > 0
    assert drawn + changed < 2 * 197
    page.keyboard.press("Tab")
    assert page.get_by_role("gridcell").count() == 197
