"""`<live-machine>` used as a reader uses it; every number against Python's, from the pixels on."""

import base64
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Locator, Page

from tests.browser.conftest import launched
from tests.browser.live import publish, served, start
from tests.browser.pages import SETTLED, check_axe, visits
from tests.lessons import made
from tests.waiting import wait_for
from vitexplain import export
from vitexplain.experiments import weights
from vitexplain.images.drawings import drawings, halved

MACHINE = "document.querySelector('live-machine')"
ABOUT = export.about(export.graph("photo-patches"))
LAYERS, HEADS = ABOUT["layers"], ABOUT["heads"]
TABS = ("look", "change", "missions")
NAMES = list(drawings())
SHIP, TRUCK = NAMES.index("a ship"), NAMES.index("a truck")


@dataclass
class Machine:
    """An open machine."""

    page: Page

    @property
    def area(self) -> Locator:
        return self.page.locator(".vxl-machine-area")

    def choose(self, value: str) -> None:
        self.page.locator(f".vxl-option:has(input[value={value}])").click()

    def press(self, name: str) -> None:
        self.page.locator("live-machine").get_by_role("button", name=name, exact=True).click()

    def output(self, name: str) -> np.ndarray:
        """Return a quantity as the machine has it now."""
        found = self.page.evaluate(
            f"(name) => {{ const {{ dims, data }} = {MACHINE}.outputs[name]; let text = '';"
            " for (const byte of new Uint8Array(data.slice().buffer))"
            " text += String.fromCharCode(byte); return [[...dims], btoa(text)] }",
            name,
        )
        return np.frombuffer(base64.b64decode(found[1]), np.float32).reshape(found[0])

    def says(self, expected: dict[str, np.ndarray]) -> None:
        """Wait until the logits are these, then hold every quantity to Python's."""
        logits = expected["logits"]
        wait_for(lambda: np.abs(self.output("logits") - logits).max() < 1e-4)
        found = {name: self.output(name) for name in expected}
        assert max(export.difference(found, expected).values()) < 1e-5

    def go(self, stage: str, row: int, col: int) -> None:
        """Choose a number by the menus."""
        self.choose("look")
        self.page.get_by_label("Stage", exact=True).select_option(stage)
        for name, value in (("Row", row), ("Column", col)):
            self.page.get_by_label(name, exact=True).fill(str(value))
            self.page.keyboard.press("Tab")
        self.settled()

    def value(self) -> float:
        return float(self.page.locator(".vxl-machine-value data").evaluate("one => one.value"))

    def shown(self) -> Any:
        """Bring the picture of the machine into the window, and return where it is."""
        self.area.evaluate("one => one.scrollIntoView({ block: 'center' })")
        self.settled()
        return self.area.bounding_box()

    def address(self) -> str:
        return self.page.evaluate("location.href")

    def settled(self) -> None:
        self.page.evaluate(SETTLED)

    def place(self) -> list[str]:
        return self.page.locator(".vxl-machine-crumbs button").all_inner_texts()

    def cell(self, label: str) -> Locator:
        return self.page.locator(f".vxl-lab-cell[aria-label='{label}']")


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """Serve the widget of the page itself, with its pictures and missions."""
    folder = tmp_path_factory.mktemp("machine")
    lesson = made("live_vit")
    [widget] = re.findall(r"<live-machine.*?</live-machine>", lesson.markdown, flags=re.DOTALL)
    publish(folder, widget.replace("vx:", ""), lesson.assets, wide=1240)
    with served(folder) as at:
        yield at


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


def opened(open_page: Callable[..., Page], *, query: str = "", **options: Any) -> Machine:
    options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
    page = open_page(query, **options) if query else open_page(**options)
    page.evaluate(
        f"async () => {{ await customElements.whenDefined('live-machine'); await {MACHINE}.ready }}"
    )
    start(page)
    wait_for(lambda: page.evaluate(f"{MACHINE}.outputs !== null"))
    return Machine(page)


@pytest.fixture(scope="module")
def shared(address, browser, window) -> Iterator[Machine]:
    with visits(address, browser, window) as open_page:
        yield opened(open_page)


@pytest.fixture
def one(shared: Machine) -> Machine:
    """The shared machine, as trained, on its first picture, seen as a whole."""
    shared.choose("change")
    shared.choose("picture")
    shared.page.locator(".vxl-lab-sample").nth(SHIP).click()
    reset = shared.page.get_by_role("button", name="As trained", exact=True)
    if reset.is_enabled():
        reset.click()
    shared.choose("look")
    shared.page.locator(".vxl-machine-crumbs button").first.click()
    shared.page.get_by_label("Follow").select_option("0")
    shared.choose("now")
    shared.says(asked("a ship", outputs=["logits"]))
    return shared


def asked(name: str, *, outputs=None, hidden=(), swaps=(), off=(), cut=(), positions=1.0) -> dict:
    """Return Python's answer to a drawing, with what is changed."""
    model = weights.load("photo-patches")
    pixels = np.moveaxis(halved(drawings()[name], 32), -1, 0)
    patch = lambda i: (slice(4 * (i // 8), 4 * (i // 8) + 4), slice(4 * (i % 8), 4 * (i % 8) + 4))  # noqa: E731
    for a, b in swaps:
        first, second = pixels[:, *patch(a)].copy(), pixels[:, *patch(b)].copy()
        pixels[:, *patch(a)], pixels[:, *patch(b)] = second, first
    x = (pixels - 0.5) / 0.5
    for i in hidden:
        x[:, *patch(i)] = 0
    gates, branches = torch.ones(LAYERS * HEADS), torch.ones(4 * LAYERS)
    gates[list(off)], branches[list(cut)] = 0, 0
    with torch.no_grad():
        found = export.answers(
            export.stored(model), torch.tensor(x[None], dtype=torch.float32), model.config,
            outputs or ABOUT["outputs"], gates=gates.reshape(LAYERS, HEADS), positions=positions,
            branches=branches.reshape(LAYERS, 4),
        )  # fmt: skip
    return {name: x.numpy() for name, x in found.items()}


def test_every_number_is_pythons(one):
    expected = asked("a ship")
    assert sum(x.size for x in expected.values()) > 1_000_000
    one.says(expected)


def test_from_the_whole_picture_to_one_product_and_back(one):
    """With the mouse: a block, a matrix, a number; then one it is made of; then all of it."""
    expected = asked("a ship")
    box = one.shown()
    x, y = box["x"] + 0.45 * box["width"], box["y"] + 0.62 * box["height"]
    for nudge in range(12):  # each click comes nearer; one may fall between two matrices
        one.page.mouse.click(x + 9 * nudge, y + 9 * nudge)
        one.settled()
        if len(one.place()) > 1:
            break
    assert one.place()[0] == "The machine"
    assert one.place()[1].startswith("Block")
    one.go("hidden.3", 5, 100)
    assert one.value() == pytest.approx(expected["hidden.3"][0, 5, 100], abs=1e-5)
    assert one.place() == ["The machine", "Block 3", "MLP in"]
    [first, *_] = one.page.locator(".vxl-machine-terms button data").all()
    normed = float(first.get_attribute("value"))
    first.click()
    assert one.place() == ["The machine", "Block 3", "norm"]
    assert one.value() == pytest.approx(normed)
    assert np.isclose(expected["normed_mlp.3"][0, 5], normed, atol=1e-5).any()
    one.page.keyboard.press("Tab")
    one.area.focus()
    one.page.keyboard.press("Escape")
    assert one.place() == ["The machine"]


def test_arrow_keys_go_from_number_to_number(one):
    expected = asked("a ship", outputs=["weights.2"])["weights.2"][0, 1]
    one.go("weights.2.1", 3, 7)
    one.area.focus()
    one.page.keyboard.press("ArrowRight")
    one.page.keyboard.press("ArrowDown")
    assert one.value() == pytest.approx(expected[4, 8], abs=1e-6)
    one.page.keyboard.press("ArrowUp")
    assert one.value() == pytest.approx(expected[3, 8], abs=1e-6)
    assert one.page.get_by_label("Follow").input_value() == "3"


def test_a_head_and_an_mlp_are_taken_out_where_one_stands(one):
    one.go("weights.2.0", 0, 0)
    one.press("Take out: head 0")
    one.says(asked("a ship", off=[8]))
    one.go("mlp.0", 0, 0)
    one.press("Take out: MLP")
    one.says(asked("a ship", off=[8], cut=[3]))
    said = one.page.locator(".vxl-machine-says").inner_text()
    assert "It says airplane" in said
    assert "As trained: ship, 98 %." in said
    assert re.search(r"block \d, head \d, where \d+ % of the class token's attention", said)
    one.press("Put back: MLP")
    one.says(asked("a ship", off=[8]))


def test_patches_are_hidden_and_swapped_and_positions_go(one):
    one.choose("change")
    one.choose("patches")
    one.cell("patch (3, 4)").click()
    one.says(asked("a ship", hidden=[28], outputs=["logits", "tokens"]))
    one.press("Undo")
    one.press("Swap two patches")
    picture = one.shown()
    for share in (0.03, 0.08):
        one.page.mouse.click(picture["x"] + share * picture["width"], picture["y"] + 40)
    swap = re.compile(r"machine=1_0_0____(\d+)-(\d+)_")
    wait_for(lambda: swap.search(one.address()))
    [(a, b)] = [map(int, pair) for pair in swap.findall(one.address())]
    assert a != b
    one.says(asked("a ship", swaps=[(a, b)], outputs=["logits", "tokens"]))
    one.press("As trained")
    one.choose("parts")
    one.page.get_by_label("Positions").uncheck()
    one.says(asked("a ship", positions=0.0, outputs=["logits", "tokens", "lens.3"]))


def test_a_link_opens_the_same_elsewhere(one, address, browser, window):
    one.go("scores.4.2", 0, 9)
    one.press("Take out: head 2")
    one.choose("change")
    one.choose("picture")
    one.page.locator(".vxl-lab-sample").nth(TRUCK).click()
    one.choose("look")
    one.choose("difference")
    expected = asked("a truck", off=[18])
    one.says(expected)
    one.press("Copy link")
    wait_for(lambda: "machine=1_1_" in one.address())
    with visits(address, browser, window) as open_page:
        page = open_page(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
        page.goto(one.address())
        page.evaluate(
            "async () => { await customElements.whenDefined('live-machine');"
            f" await {MACHINE}.ready }}"
        )
        other = Machine(start(page))
        wait_for(lambda: page.evaluate(f"{MACHINE}.outputs !== null"))
        other.says(expected)
        assert other.place() == ["The machine", "Block 4", "head 2", "q·k"]
        assert other.value() == pytest.approx(expected["scores.4"][0, 2, 0, 9], abs=1e-4)


def test_before_the_model_is_there_it_says_nothing_of_another_picture(address, browser, window):
    with visits(address, browser, window) as open_page:
        page = open_page(viewport={"width": 900, "height": 800})
        for text, says in {"1_1_0_______": "not here yet", "1_0_0_______": "It says ship"}.items():
            page.goto(f"{address}?machine={text}")
            page.locator(".vxl-machine-says", has_text=says).wait_for()


@pytest.mark.parametrize(
    "text",
    ["2_0", "1_99_999_9999_x_-5_7-_q_z_nothing~1~2", "1_0_0______c_weights.3.1~99999~-4", "%00"],
)
def test_odd_addresses_do_no_harm(text, address, browser, window):
    with visits(address, browser, window) as open_page:
        page = open_page(viewport={"width": 900, "height": 800})
        page.goto(f"{address}?machine={text}")
        page.evaluate(
            "async () => { await customElements.whenDefined('live-machine');"
            f" await {MACHINE}.ready }}"
        )
        said = page.locator(".vxl-machine-says").inner_text()
        assert re.search("It says ship, 98 %|The model is not here yet", said)


def test_the_flow_goes_step_by_step(one):
    scrub = one.page.get_by_label("How far the numbers have come")
    scrub.focus()
    one.page.keyboard.press("Home")
    said = one.page.locator(".vxl-machine-said")
    assert said.inner_text().startswith("Your picture.")
    heard = [said.inner_text()]
    for _ in range(int(scrub.get_attribute("max")) - 1):
        one.page.get_by_role("button", name="One step on").click()
        heard.append(said.inner_text())
    assert len(set(heard)) == len(heard)
    assert "Softmax" in heard[-1]
    one.page.keyboard.press("End") if scrub.evaluate(
        "e => e === document.activeElement"
    ) else scrub.press("End")
    assert said.inner_text() == ""
    flow = one.page.locator(".vxl-machine-flow")
    flow.get_by_role("button", name="Play").click()
    wait_for(lambda: "Block 0" in said.inner_text())
    flow.get_by_role("button", name="Pause").click()


def test_missions_answer_right_and_wrong(one):
    [config] = [
        json.loads(content) for path, content in made("live_vit").assets.items()
        if path.startswith("assets/live/") and path.endswith(".json")
    ]  # fmt: skip
    one.choose("missions")
    assert len(config["missions"]) == 8
    for mission in config["missions"]:
        card = one.page.locator(".vxl-machine-mission:visible")
        assert mission["ask"] in card.inner_text()
        for i, answer in enumerate(mission["answers"]):
            card.get_by_role("button", name=answer, exact=True).click()
            said = card.locator("[role=status]").inner_text()
            assert said == ("No." if i != mission["right"] else f"Yes. {mission['why']}")
        one.press("Next")
    one.press("Set it up")
    one.says(asked("a truck", outputs=["logits"]))


def test_a_picture_of_ones_own(one):
    one.choose("change")
    one.choose("picture")
    before = one.output("logits")
    one.page.locator("input.vxl-machine-file").set_input_files(
        {"name": "red.png", "mimeType": "image/png", "buffer": red()}
    )
    wait_for(lambda: np.abs(one.output("logits") - before).max() > 0.1)
    np.testing.assert_allclose(one.output("patches")[0, :, :16], 1, atol=1e-6)
    np.testing.assert_allclose(one.output("patches")[0, :, 16:], -1, atol=1e-6)
    one.page.locator("input.vxl-machine-file").set_input_files(
        {"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"}
    )
    problem = one.page.locator(".vxl-lab-sources .vxl-problem")
    wait_for(lambda: "not a picture" in problem.inner_text())


def red() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (90, 60), "#ff0000").save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("width", [320, 1280])
def test_everyone_can_use_it(width, address, browser, window):
    with visits(address, browser, window) as open_page:
        one = opened(open_page, viewport={"width": width, "height": 850})
        for tab in TABS:
            one.choose(tab)
            if tab == "change":
                for mode in ("picture", "patches", "heads", "parts"):
                    one.choose(mode)
                    check_axe(one.page, "live-machine")
            check_axe(one.page, "live-machine")
        one.go("activated.2", 0, 3)
        check_axe(one.page, "live-machine")
        one.go("weights.2.1", 0, 3)
        check_axe(one.page, "live-machine")
        assert one.page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_frees_what_it_holds(address, browser, window):
    with visits(address, browser, window) as open_page:
        one = opened(open_page)
        one.page.evaluate(f"() => {MACHINE}.remove()")
        wait_for(lambda: one.page.evaluate("document.title") and not one.page.workers)
