"""The explorer at the size of a real Vision Transformer: 197 and 577 tokens, layers and heads.

Used as a reader uses it, by pointer, keys and finger; every number against Python.
"""

import functools
from contextlib import contextmanager

import numpy as np
import pytest

from tests.browser.explorers import cell_at, check_heights, covered, look, opener, state
from tests.browser.explorers import weights as row_of
from tests.browser.large import attention, made, page_of
from tests.browser.pages import check_axe
from tests.browser.serving import served
from tests.waiting import wait_for
from vitexplain.explorer import WEB, Explorer, Step
from vitexplain.figures import theme
from vitexplain.pixels import cover


@functools.cache
def explorers() -> dict[str, Explorer]:
    tour = [
        Step("Start", "Look around.", query=60),
        Step("Guess", "Now.", ask="Where?", answer="There.", query=9, holds=lambda w: w[9].any()),
    ]
    return {
        "197": made(14, 2, 3, query=60),
        "577": made(24, 2, 1, query=200),
        "tour": made(14, 2, 2, tour=tour),
        "windows": made(14, masked=True, query=16),
    }


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Serve one page an explorer; yield the address."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "explorer").symlink_to(WEB)
    (folder / "explorer.css").symlink_to(WEB / "explorer.css")
    for name, one in explorers().items():
        one.save(folder / f"{name}.json")
        (folder / f"{name}.html").write_text(page_of(f"{name}.json", "url"))
    with served(folder) as address:
        yield address


@pytest.fixture
def explore(pages, browser, window):
    """Return a function that opens an explorer; what its page complains about fails the test."""
    with opener(pages, browser, window) as open_page:

        def open_and_wait(path: str, *, height: int = 1000, **options):
            page = open_page(path, height=height, **options)
            frame(page)
            frame(page)
            return page

        yield open_and_wait


def phone(explore, path: str, width: int = 390):
    return explore(path, width=width, height=844, has_touch=True, is_mobile=True)


def frame(page) -> None:
    """Wait for the next frame."""
    page.evaluate("() => new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(d)))")


def shown_weight(page) -> float:
    return float(page.locator(".vx-cell-readout data.vx-w").get_attribute("value"))


@contextmanager
def finger(page, *places: tuple[float, float]):
    """Put a finger down, move it from place to place, and lift it when the block ends."""
    tools = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", places[0])
    for place in places[1:]:
        send("touchMove", place)
    frame(page)
    yield
    for _ in range(6):  # it rests before it lifts: a swipe's momentum would swallow the next tap
        frame(page)
        send("touchMove", places[-1])
    send("touchEnd")


SIZES = pytest.mark.parametrize("size", ["197", "577"])


@SIZES
def test_a_cell_under_the_pointer_shows_its_weight(explore, size):
    page = explore(f"{size}.html?view=matrix")
    weights = explorers()[size].weights(0)
    start = explorers()[size].data["query"]
    for query, key in ((0, 0), (1, 150), (190, 3), (len(weights) - 1, len(weights) - 1)):
        page.mouse.move(*cell_at(page, query, key))
        frame(page)
        assert shown_weight(page) == pytest.approx(weights[query, key], rel=1e-6)
        label = f"{weights[query, key]:.4f}"
        assert page.locator(".vx-cell-readout data.vx-w").text_content() == label
        tokens = explorers()[size].data["examples"][0]["tokens"]
        assert page.locator(".vx-mark-name.vx-q").text_content() == tokens[query]["short"]
        assert page.locator(".vx-tokens .vx-query").get_attribute("data-token") == str(query)
        assert page.locator(".vx-tokens .vx-key").get_attribute("data-token") == str(key)
    assert state(page)["query"] == start
    page.mouse.move(0, 0)
    frame(page)
    assert page.locator(".vx-tokens .vx-query").get_attribute("data-token") == str(start)


@SIZES
def test_arrow_keys_walk_the_matrix_and_the_picture(explore, size):
    page = explore(f"{size}.html?view=matrix&query=50&key=60")
    weights = explorers()[size].weights(0)
    last = len(weights) - 1
    page.locator(".vx-matrix .vx-canvas").focus()
    walk = {
        "ArrowDown": (51, 60),
        "ArrowRight": (51, 61),
        "Shift+ArrowDown": (61, 61),
        "Shift+ArrowLeft": (61, 51),
        "End": (61, last),
        "PageDown": (last, last),
        "Home": (last, 0),
    }
    for keys, pair in walk.items():
        page.keyboard.press(keys)
        assert (state(page)["query"], state(page)["key"]) == pair
        assert shown_weight(page) == pytest.approx(weights[pair], rel=1e-6)
    said = page.locator(".vx-matrix .vx-canvas").get_attribute("aria-description")
    assert f"weight {weights[last, 0]:.4f}" in said
    grid = round(last**0.5)
    page.locator("[role=gridcell][tabindex='0'][data-token]").focus()
    for keys, query in (
        ("ArrowUp", last - grid),
        ("Home", last - 2 * grid + 1),
        ("Control+Home", 0),
    ):
        page.keyboard.press(keys)
        assert state(page)["query"] == query
        assert page.evaluate("Number(document.activeElement.dataset.token)") == query
        np.testing.assert_allclose(row_of(page), weights[query], rtol=1e-6)


@SIZES
def test_the_picture_is_as_bright_as_its_weights(explore, size):
    page = explore(f"{size}.html?view=steps")
    weights = explorers()[size].weights(0)
    grid = round((len(weights) - 1) ** 0.5)
    for query in (grid + 3, len(weights) - 5):
        page.locator(f".vx-patch[data-token='{query}']").click()
        lit = np.sqrt(weights[query, 1:] / weights[query].max())
        np.testing.assert_allclose(covered(page), 255 * cover(lit), atol=1)
        arrows = page.locator(".vx-arrow").evaluate_all("a => a.map(one => +one.dataset.token)")
        strongest = np.argsort(-weights[query], kind="stable")
        drawn = [j for j in strongest[:4] if weights[query, j] >= 0.0005]
        assert sorted(arrows) == sorted(drawn)
    named = page.locator(f".vx-patch[data-token='{query}']").get_attribute("aria-label")
    assert named == f"patch ({grid - 1}, {grid - 5}), weight {weights[query, query]:.3f}"


@SIZES
def test_the_matrix_has_the_colours_of_its_weights(explore, size):
    page = explore(f"{size}.html?view=matrix", device_scale_factor=2)
    weights = explorers()[size].weights(0)
    queries, keys = np.random.default_rng(0).integers(0, len(weights), (2, 200))
    shown = page.evaluate(
        """(cells) => { const c = document.querySelector('.vx-matrix .vx-canvas');
        const [m, s] = [+c.dataset.margin, +c.dataset.cell];
        const r = c.width / parseFloat(c.style.width);
        const all = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        return cells.map((pair) => {
          const [y, x] = pair.map(i => Math.floor((m + (i + .5) * s) * r));
          return [...all.slice(4 * (y * c.width + x)).slice(0, 3)] }) }""",
        np.stack([queries, keys], 1).tolist(),
    )
    scale = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in theme.LIGHT_SCALE])
    place = 8 * np.sqrt(weights[queries, keys] / weights.max())
    expected = np.stack([np.interp(place, range(9), scale[:, c]) for c in range(3)], 1)
    off = np.abs(np.array(shown) - expected).max(1)
    assert np.median(off) <= 1
    # A cell of little more than a pixel may show its neighbour's colour.
    assert np.mean(off <= 3) > (0.97 if size == "197" else 0.6)
    ticks = page.locator(".vx-matrix .vx-ticks span").all_text_contents()
    assert ticks == ["0", f"{weights.max() / 4:.4f}", f"{weights.max():.4f}"]


def test_the_strip_shows_and_chooses_every_layer_and_head(explore):
    page = explore("197.html?view=matrix&query=100")
    one = explorers()["197"]
    tiles = page.locator(".vx-tile")
    names = [tile.get_attribute("aria-label") for tile in tiles.all()]
    assert len(set(names)) == len(names) == 2 * 4
    patches = page.evaluate(
        """() => { const c = document.querySelector('.vx-tiles'), r = c.width / c.clientWidth;
        const [box, g] = [c.getBoundingClientRect(), c.getContext('2d')];
        return [...document.querySelectorAll('.vx-tile')].map((tile) => {
          const b = tile.getBoundingClientRect(), s = b.width / 14;
          return [...Array(196).keys()].map((i) => [...g.getImageData(
            (b.x - box.x + (i % 14 + .5) * s) * r,
            (b.y - box.y + (Math.floor(i / 14) + .5) * s) * r, 1, 1).data.slice(0, 3)]) }) }"""
    )
    scale = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in theme.LIGHT_SCALE])
    order = [int(tile.get_attribute("data-map")) for tile in tiles.all()]
    for which, shown in zip(order, patches, strict=True):
        row = one.weights(which)[100]
        place = 8 * np.sqrt(row[1:] / row.max())
        expected = np.stack([np.interp(place, range(9), scale[:, c]) for c in range(3)], 1)
        np.testing.assert_allclose(shown, expected, atol=1.5)
    for which in (5, 2):
        page.locator(f".vx-tile[data-map='{which}']").click()
        meta = one.data["maps"][which]
        assert (state(page)["layer"], state(page)["head"]) == (meta["layer"], meta["head"])
        np.testing.assert_allclose(row_of(page), one.weights(which)[100], rtol=1e-6)
        chosen = page.locator(".vx-tile[aria-selected=true]")
        assert chosen.get_attribute("data-map") == str(which)
        weight = one.weights(which)[100, state(page)["key"]]
        assert shown_weight(page) == pytest.approx(weight, rel=1e-6)
    walk = {
        "ArrowDown": (1, 2),
        "ArrowRight": (1, "mean"),
        "ArrowRight ": (1, "mean"),
        "Home": (1, 0),
        "Control+Home": (0, 0),
        "End": (0, "mean"),
        "Home ": (0, 0),
        "Control+End": (1, "mean"),
    }
    for keys, (layer, head) in walk.items():
        page.keyboard.press(keys.strip())
        assert (state(page)["layer"], state(page)["head"]) == (layer, head)
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused == f"Layer {layer}, " + (
            "mean of the heads" if head == "mean" else f"head {head}"
        )
    assert page.locator(".vx-tile[tabindex='0']").count() == 1


def test_one_map_has_no_strip(explore):
    page = explore("windows.html")
    assert page.locator(".vx-strip-box").is_hidden()


def test_the_strip_keeps_what_the_tour_keeps(explore):
    page = explore("tour.html")
    inked = """() => { const c = document.querySelector('.vx-tiles');
        return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean) }"""
    frame(page)
    assert page.evaluate(inked)
    page.get_by_role("button", name="Next").click()
    frame(page)
    assert not page.evaluate(inked)
    assert page.locator(".vx-arrow").count() == 0
    page.get_by_role("button", name="Show me").click()
    frame(page)
    assert page.evaluate(inked)


def test_what_a_mask_leaves_out_is_told_from_a_small_weight(explore):
    page = explore("windows.html?view=matrix")
    weights = explorers()["windows"].weights(0)
    assert weights[16, 196] == 0
    assert 0 < weights[16, 30] < 0.1
    page.mouse.move(*cell_at(page, 16, 196))
    frame(page)
    assert page.get_by_text("left out by the mask").count() == 2  # of the cell, and of the scale
    assert page.locator(".vx-cell-readout").get_by_text("left out by the mask").is_visible()
    page.mouse.move(*cell_at(page, 16, 30))
    frame(page)
    assert page.locator(".vx-cell-readout").get_by_text("left out by the mask").is_hidden()
    assert shown_weight(page) == pytest.approx(weights[16, 30], rel=1e-6)
    page.mouse.move(0, 0)
    colours = page.evaluate(
        """() => { const c = document.querySelector('.vx-dim'), n = c.width / 14;
        const g = c.getContext('2d');
        return [1, 13].map((at) => new Set(new Uint32Array(
          g.getImageData(at * n, at * n, n, n).data.buffer)).size) }"""
    )
    assert colours == [1, 2]  # one shade within the window, stripes outside


def test_the_row_is_a_table_when_it_is_asked_for(explore):
    page = explore("197.html?view=matrix")
    weights = explorers()["197"].weights(0)
    assert page.locator(".vx-matrix tbody tr").count() == 0
    page.get_by_text("This row as a table").click()
    page.locator(".vx-matrix tbody tr").first.wait_for()
    for query in (60, 61):
        look(page, query=query)
        page.get_by_text(
            f"the weights of “patch ({(query - 1) // 14}, {(query - 1) % 14})”"
        ).wait_for()
        shown = page.locator(".vx-matrix tbody data").evaluate_all("all => all.map(x => +x.value)")
        np.testing.assert_allclose(shown, weights[query], rtol=1e-6)


def test_there_is_no_node_a_cell(explore):
    for size, most in (("197", 1000), ("577", 1400)):
        page = explore(f"{size}.html?view=matrix")
        page.mouse.move(*cell_at(page, 5, 7))
        for view in ("steps", "matrix"):
            look(page, view=view)
        assert page.evaluate("document.querySelectorAll('attention-explorer *').length") < most
        page.close()


def contrast(a, b) -> float:
    """WCAG 2's contrast of two colours of (red, green, blue), 0 to 255."""
    linear = np.array([a, b]) / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    dark, light = sorted(linear @ [0.2126, 0.7152, 0.0722])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["default", "slate"])
def test_every_number_of_the_loupe_can_be_read_on_its_cell(explore, theme):
    page = explore("577.html?view=matrix&query=200", device_scale_factor=3)
    page.evaluate(f"document.body.dataset.mdColorScheme = '{theme}'")
    weights = explorers()["577"].weights(0)
    query, key = np.unravel_index(weights.argmax(), weights.shape)  # the darkest of all cells
    look(page, query=int(query), key=int(key))
    frame(page)
    found = page.evaluate(
        """() => { const c = document.querySelector('.vx-loupe-canvas'), r = 3, cell = 44 * r;
        const g = c.getContext('2d');
        const cols = 2 * Math.floor((c.width / r - 46) / 88) + 1;  // odd: the pair is amid them
        const left = c.width - 2 * r - cols * cell;
        return [...Array(5 * cols).keys()].map((i) => {
          const [x, y] = [left + (i % cols) * cell, 22 * r + Math.floor(i / cols) * cell];
          const all = g.getImageData(x + 15, y + 15, cell - 30, cell - 30).data;
          const colours = new Map();
          for (let p = 0; p < all.length; p += 4) {
            const one = String([...all.slice(p, p + 3)]);
            colours.set(one, (colours.get(one) ?? 0) + 1);
          }
          const often = [...colours].sort((a, b) => b[1] - a[1]).slice(0, 200);
          return often.map(([one]) => one.split(',').map(Number)) }) }"""
    )
    assert len(found) == 5 * (len(found) // 5) > 20
    grounds = [cell[0] for cell in found]
    read = [max(contrast(cell[0], other) for other in cell[1:]) for cell in found]
    assert min(read) > 4
    assert contrast(grounds[0], max(grounds, key=lambda one: contrast(one, grounds[0]))) > 3


def test_a_finger_follows_the_matrix_and_chooses_a_cell_exactly(explore):
    page = phone(explore, "577.html?view=matrix")
    weights = explorers()["577"].weights(0)
    page.locator(".vx-matrix .vx-canvas").scroll_into_view_if_needed()
    start, to = cell_at(page, 300, 100), cell_at(page, 320, 400)
    bubble = page.locator(".vx-heat .vx-bubble")
    with finger(page, start, (start[0] + 30, start[1]), to):
        query, key = (
            int(page.locator(f".vx-tokens .vx-{role}").get_attribute("data-token"))
            for role in ("query", "key")
        )
        assert max(abs(query - 320), abs(key - 400)) <= 2  # a cell is smaller than a pixel here
        assert bubble.text_content().endswith(f": {weights[query, key]:.4f}")
        assert bubble.bounding_box()["y"] + bubble.bounding_box()["height"] < to[1]
        assert state(page)["query"] == 200
    assert bubble.is_hidden()
    assert (state(page)["query"], state(page)["key"]) == (query, key)
    loupe = page.locator(".vx-loupe-canvas")
    loupe.scroll_into_view_if_needed()
    frame(page)
    frame(page)
    box = loupe.bounding_box()
    columns = (box["width"] - 2) // 44
    x = box["x"] + box["width"] - 2 - 44 * columns + 44 * (columns // 2) + 22
    y = box["y"] + 22 + 44 * 2 + 22
    for dx, dy in ((44, 0), (0, 44), (-44, -88)):
        before = state(page)
        page.touchscreen.tap(x + dx, y + dy)
        wanted = before["query"] + dy // 44, before["key"] + dx // 44
        wait_for(lambda wanted=wanted: (state(page)["query"], state(page)["key"]) == wanted)
        after = state(page)
        assert shown_weight(page) == pytest.approx(weights[after["query"], after["key"]], rel=1e-6)
        frame(page)


def test_a_finger_chooses_a_small_patch_exactly(explore):
    page = phone(explore, "577.html?view=steps", width=360)
    box = page.locator(".vx-patches").bounding_box()
    side = box["width"] / 24

    def middle(r: int, c: int) -> tuple[float, float]:
        return box["x"] + (c + 0.5) * side, box["y"] + (r + 0.5) * side

    with finger(page, middle(3, 3), middle(3, 6), middle(9, 15)):
        assert page.locator(".vx-tokens-frame .vx-bubble").text_content() == "patch (9, 15)"
        assert state(page)["query"] == 200
    assert state(page)["query"] == 1 + 9 * 24 + 15
    for name, by in (("above", -24), ("to the left", -1), ("below", 24), ("to the right", 1)):
        before = state(page)["query"]
        page.get_by_role("button", name=f"Patch {name}").tap()
        wait_for(lambda wanted=before + by: state(page)["query"] == wanted)
        np.testing.assert_allclose(
            row_of(page), explorers()["577"].weights(0)[before + by], rtol=1e-6
        )


@pytest.mark.parametrize("width", [390, 360])
def test_nothing_is_wider_than_a_phone_and_targets_are_large(explore, width):
    page = phone(explore, "197.html", width=width)
    for view in ("steps", "matrix"):
        look(page, view=view)
        frame(page)
        check_heights(page, "button, summary, select, .vx-map, input[type=range], .vx-chip")
        sides = page.locator(".vx-tile").evaluate_all("all => all.map(e => e.offsetWidth)")
        assert min(sides) >= 24


def test_axe_finds_nothing(explore):
    check_axe(explore("197.html?view=matrix"))


def test_other_data_are_shown_in_the_same_nodes(explore):
    page = explore("197.html?view=matrix&query=60")
    fresh = attention(14, 7, 7)
    kept = page.evaluate(
        """async (row) => {
        const e = document.querySelector('attention-explorer'), { data } = e;
        const nodes = [...e.querySelectorAll('.vx-patch, .vx-tile, canvas')];
        const rows = data.examples[0].tokens.length;
        const values = new Float32Array(rows * rows);
        for (let i = 0; i < rows; i++) values.set(row, i * rows);
        const weights = { rows, cols: rows, values }, [example] = data.examples;
        const maps = example.maps.map((map) => ({ ...map, weights }));
        e.show({ ...data, examples: [{ ...example, maps }] });
        return nodes.every((node) => node.isConnected) }""",
        fresh[60].tolist(),
    )
    assert kept
    np.testing.assert_allclose(row_of(page), fresh[60], rtol=1e-6)
    page.mouse.move(*cell_at(page, 100, 7))
    frame(page)
    assert shown_weight(page) == pytest.approx(fresh[60, 7], rel=1e-6)
    assert page.locator(".vx-matrix .vx-ticks span").last.text_content() == f"{fresh[60].max():.4f}"
