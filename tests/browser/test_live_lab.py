"""`<live-lab>` used as a reader uses it; its numbers against Python's from the canvas' pixels on.

The page is written to a temporary folder and served from there under a strict policy.
"""

import base64
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Page

from builder.shown import LIVE, Outputs
from studies import ship
from tests.browser.conftest import launched
from tests.browser.explorers import explored, look
from tests.browser.live import in_firefox, publish, served, start
from tests.browser.pages import SETTLED, check_axe, check_targets, visits
from tests.waiting import wait_for
from vitexplain import export
from vitexplain.compare.stem import MapViT
from vitexplain.experiments import weights
from vitexplain.explorer import Keep, Start, explore
from vitexplain.explorer.live import live
from vitexplain.images.photographs import PHOTOGRAPHS
from vitexplain.vit import PRESETS, ViT, ViTConfig

FILES = {"plain": "photo-patches", "stem": "photo-stem"}
ABOUT = export.about(export.graph(FILES["plain"]))
CAT = PHOTOGRAPHS["cat"]
CLASSES = 10
GRID, PATCH = 8, 4
MODES = ("crop", "patches", "heads")
CAMERA = ("--use-fake-device-for-media-stream",)
LAB = "document.querySelector('live-lab')"
DROP = """(files) => {
  const held = new DataTransfer();
  for (const [name, data] of files)
    held.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
  const what = { dataTransfer: held, bubbles: true, cancelable: true };
  for (const kind of ['dragenter', 'dragover', 'drop'])
    document.querySelector('live-lab').dispatchEvent(new DragEvent(kind, what));
  return null;
}"""


def colours(seed: int, width: int, height: int) -> Image.Image:
    """Return a picture of soft random colours."""
    few = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return Image.fromarray(few).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def small_vit() -> ViT:
    """Return a tiny model of the reader's own: grey pictures that are not square."""
    config = ViTConfig(
        image_size=(16, 24), patch=8, dim=16, depth=2, heads=2, mlp_dim=32, classes=3,
        channels=1, readout="mean",
    )  # fmt: skip
    torch.manual_seed(0)
    return ViT(config).eval()


@dataclass
class Lab:
    """An open lab, and the models behind it in Python."""

    page: Page
    models: dict[str, Any]

    def drop(self, *files: tuple[str, bytes]) -> None:
        """Drop files on the widget, as from the desktop."""
        given = [[name, base64.b64encode(data).decode()] for name, data in files]
        self.page.evaluate(DROP, given)

    def put(self, *files: tuple[str, bytes]) -> None:
        """Drop pictures, and wait until another one is seen."""
        before = self.seen()
        self.drop(*files)
        self.sees_another(before)

    def sees_another(self, before: np.ndarray) -> None:
        wait_for(lambda: not np.array_equal(self.seen(), before))

    def sees(self, expected: Image.Image, limit: float = 2) -> None:
        """Wait until the model sees this, nearly as Pillow makes it."""
        right = np.asarray(expected, float)
        wait_for(lambda: np.abs(self.seen() - right).mean() < limit)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    def choose(self, value: str) -> None:
        self.page.locator(f".vxl-option:has(input[value={value}])").click()

    def seen(self) -> np.ndarray:
        """Return the pixels that the model sees, (row, col, rgb) from 0 to 255."""
        raw = np.array(self.page.evaluate(f"[...{LAB}.pixels]"))
        side = int(np.sqrt(raw.size / 4))
        return raw.reshape(side, side, 4)[..., :3]

    def input(self, hidden: tuple[int, ...] = ()) -> torch.Tensor:
        """Return those pixels as the model's input, hidden patches at the mean."""
        x = (np.moveaxis(self.seen(), -1, 0) / 255 - 0.5) / 0.5
        for row, col in (divmod(i, GRID) for i in hidden):
            x[:, row * PATCH : (row + 1) * PATCH, col * PATCH : (col + 1) * PATCH] = 0
        return torch.tensor(x[None], dtype=torch.float32)

    def expected(self, name: str = "plain", *, hidden=(), off=(), outputs=("logits",)) -> dict:
        """Return Python's answer to what the page shows."""
        model = self.models[name]
        gates = torch.ones(model.config.depth, model.config.heads)
        for head in off:
            gates[head] = 0
        return self.asked(model, self.input(hidden), outputs, gates)

    @staticmethod
    def asked(model: ViT, images, outputs, gates=None) -> dict:
        params = export.stored(model)
        with torch.no_grad():
            images = model.backbone(images) if isinstance(model, MapViT) else images
            found = export.answers(params, images, model.config, outputs, gates=gates)
        return {name: x[0].numpy() for name, x in found.items()}

    def logits(self, column: int = 0) -> np.ndarray:
        """Return the numbers of one column, exact, by class."""
        values = self.page.evaluate(
            "(i) => [...document.querySelectorAll('.vxl-lab-logits tbody tr')]"
            ".map((row) => Number(row.querySelectorAll('data')[i]?.value))",
            column,
        )
        return np.array(values, float)

    def says(self, expected: np.ndarray, column: int = 0) -> None:
        """Wait until a column shows these logits."""
        limit = 1e-5 * max(1, np.abs(expected).max())

        def close() -> bool:
            found = self.logits(column)
            return found.shape == expected.shape and np.abs(found - expected).max() <= limit

        wait_for(close)

    def maps(self, kind: str) -> np.ndarray:
        """Return the weights that the explorer shows: those of heads, the means or the rollouts."""
        those = "typeof head === 'number'" if kind == "head" else f"head === '{kind}'"
        found = self.example(
            f"maps.filter(({{ head }}) => {those}).map(({{ weights }}) => [...weights.values])"
        )
        side = int(np.sqrt(len(found[0])))
        return np.array(found).reshape(-1, side, side)

    def row(self) -> list[float]:
        """Return the weights of the query that the explorer shows."""
        return self.page.evaluate("[...document.querySelector('attention-explorer').weights]")

    def example(self, what: str) -> Any:
        """Return something of what the explorer shows."""
        return explored(self.page, f"data.examples[0].{what}")

    def cell(self, label: str):
        return self.page.locator(f".vxl-lab-cell[aria-label='{label}']")

    def complains(self, where: str, *parts: str) -> None:
        """Wait until what is wrong is said there, in words that hold one of the parts."""
        said = self.page.locator(f"{where} .vxl-problem")
        wait_for(lambda: any(part in said.inner_text() for part in parts))

    def camera_is_off(self) -> bool:
        tracks = "stream.getTracks().map(({ readyState }) => readyState)"
        return set(self.page.evaluate(tracks)) == {"ended"}


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return {name: weights.load(file, ship.home(file)) for name, file in FILES.items()}


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> bytes:
    """The tiny model as a file."""
    path = tmp_path_factory.mktemp("mine") / "mine.onnx"
    outputs = ("weights", "mean", "logits")
    export.save(export.vit(small_vit(), outputs=outputs, about={"name": "mine"}), path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def address(tmp_path_factory, models, mine) -> Iterator[str]:
    """Serve the lab with two pictures of its own."""
    folder = tmp_path_factory.mktemp("lab")
    pictures = [colours(seed, 64, 64) for seed in (1, 2)]
    image = torch.tensor(np.asarray(pictures[0].resize((32, 32))) / 127.5 - 1)
    made = live(
        "lab",
        explorer=explore(
            models["plain"].walk(image.permute(2, 0, 1).float()[None]),
            np.asarray(pictures[0].resize((32, 32))), title="Lab", grid=models["plain"].config.grid,
            keep=Keep(layers=(5,)), start=Start(map=(5, "mean"), query=0),
        ),
        models=FILES,
        config={
            "abouts": {name: export.about(export.graph(file)) for name, file in FILES.items()},
            "first": {name: [float(i) for i in range(CLASSES)] for name in FILES},
            "offers": [
                {"name": "ViT one", "size": 1_500_000, "url": "../../../models/one.onnx"},
                {"name": "ViT two", "size": 40_000_000, "url": "../../../models/two.onnx"},
            ],
            "samples": [
                *(
                    {"name": f"sample {i}", "image": data_uri(encoded(picture))}
                    for i, picture in enumerate(pictures)
                ),
                {
                    "name": "cat", "alt": CAT.alt, "image": CAT.uri,
                    "thumb": data_uri(encoded(pictures[0])),
                },
            ],
        },
    )  # fmt: skip
    (folder / "models").mkdir()
    for name in ("one", "two"):
        (folder / "models" / f"{name}.onnx").write_bytes(mine)
    outputs = Outputs("lab")
    bundled = made._repr_mimebundle_()
    widget = outputs.live(bundled[LIVE], bundled["text/html"]).replace("vx:", "")
    publish(folder, widget, outputs.assets)
    with served(folder) as at:
        yield at


def data_uri(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched(*CAMERA, ignore_default_args=["--mute-audio"]) as chromium:
        yield chromium


@pytest.fixture
def lab(address, browser, window, models) -> Iterator[Callable[..., Lab]]:
    """Return a function that opens the lab."""
    with visits(address, browser, window) as open_page:
        yield lambda **options: opened(open_page, models, **options)


@pytest.fixture(scope="module")
def shared(address, browser, window, models) -> Iterator[Lab]:
    """A lab that many tests use, one after the other."""
    with visits(address, browser, window) as open_page:
        yield opened(open_page, models, viewport={"width": 1000, "height": 900})


@pytest.fixture
def one(shared: Lab) -> Lab:
    """The shared lab as it is at first, but for what can be undone."""
    for slot, sample in (("b", "sample 1"), ("a", "sample 0")):
        shared.choose(slot)
        shared.press(sample)
        wait_for(lambda: not shared.page.locator(".vxl-lab-sources [role=status]").inner_text())
    for value in ("plain", "crop", "before"):
        shared.choose(value)
    look(shared.page, layer=5, head="mean", query=0)
    if shared.page.get_by_role("button", name="As at first").is_enabled():
        shared.press("As at first")
    shared.says(shared.expected()["logits"])
    return shared


def opened(open_page: Callable[..., Page], models: dict, *, started: bool = True, **options) -> Lab:
    page = open_page(**options)
    page.evaluate(
        f"async () => {{ await customElements.whenDefined('live-lab'); await {LAB}.ready }}"
    )
    return Lab(start(page) if started else page, models)


def test_a_dropped_photo_gives_the_numbers_of_python(one):
    one.says(one.expected()["logits"])  # the first sample
    photo = colours(3, 600, 400)
    one.put(("photo.jpg", encoded(photo, "JPEG", quality=95)))
    layers = range(6)
    names = [f"{kind}.{i}" for kind in ("weights", "mean", "rollout") for i in layers]
    expected = one.expected(outputs=["logits", *names])
    one.says(expected["logits"])
    heads = np.concatenate([expected[f"weights.{i}"] for i in layers])
    np.testing.assert_allclose(one.maps("head"), heads, atol=1e-5)
    for kind in ("mean", "rollout"):
        found = np.stack([expected[f"{kind}.{i}"] for i in layers])
        np.testing.assert_allclose(one.maps(kind), found, atol=1e-5)
    # What it sees is the middle of the photo, made small: nearly as Pillow makes it.
    middle = photo.crop((100, 0, 500, 400)).resize((32, 32), Image.Resampling.BOX)
    assert np.abs(one.seen() - np.asarray(middle, float)).mean() < 2
    look(one.page, layer=2, head=1, query=9)
    np.testing.assert_allclose(one.row(), expected["weights.2"][1, 9], atol=1e-5)
    shown = one.page.locator(".vxl-lab-twins figure").first.locator(".vxl-lab-hint").inner_text()
    best = int(np.argmax(expected["weights.2"][1, 9]))
    place = "class token" if best == 0 else f"patch ({(best - 1) // 8}, {(best - 1) % 8})"
    assert f"Strongest: {place} {expected['weights.2'][1, 9, best]:.3f}" in shown


def test_a_photograph_is_described_and_comes_whole_when_chosen_by_key(one):
    page = one.page
    button = page.get_by_role("button", name=f"cat {CAT.alt}")
    before = one.seen()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    button.focus()
    page.keyboard.press("Enter")
    one.sees_another(before)
    assert [url.rpartition(".")[2] for url in asked] == ["avif"]
    with Image.open(CAT.path) as photo:
        left = (photo.width - photo.height) / 2
        box = (left, 0, left + photo.height, photo.height)
        one.sees(photo.convert("RGB").resize((32, 32), Image.Resampling.BOX, box), 5)
    one.says(one.expected()["logits"])


def test_patches_are_hidden_and_heads_switched_off(one):
    untouched = one.expected()["logits"]
    one.says(untouched)
    one.choose("patches")
    one.cell("patch (0, 3)").click()
    one.says(one.expected(hidden=[3])["logits"])
    one.says(untouched, 1)
    one.page.keyboard.press("ArrowDown")
    one.page.keyboard.press("Space")
    both = one.expected(hidden=[3, 11])["logits"]
    one.says(both)
    assert one.cell("patch (1, 3)").get_attribute("aria-selected") == "true"
    assert np.abs(both - untouched).max() > 0.01
    one.cell("patch (7, 0)").scroll_into_view_if_needed()
    a, b = (one.cell(f"patch (5, {col})").bounding_box() for col in (1, 4))
    one.page.mouse.move(a["x"] + 9, a["y"] + 9)
    one.page.mouse.down()
    one.page.mouse.move(b["x"] + 9, b["y"] + 9, steps=12)
    one.page.mouse.up()
    one.says(one.expected(hidden=[3, 11, 41, 42, 43, 44])["logits"])
    one.page.keyboard.press("Control+z")
    one.says(both)
    one.choose("heads")
    one.cell("layer 1, head 2").click()
    one.says(one.expected(hidden=[3, 11], off=[(1, 2)])["logits"])
    one.page.keyboard.press("ArrowLeft")
    one.page.keyboard.press("Enter")
    one.says(one.expected(hidden=[3, 11], off=[(1, 2), (1, 1)])["logits"])
    one.press("Undo")
    one.says(one.expected(hidden=[3, 11], off=[(1, 2)])["logits"])
    one.press("As at first")
    one.says(untouched)
    said = one.page.locator("live-lab > [role=status]")
    sure = percent((torch.tensor(untouched) / ABOUT["temperature"]).softmax(-1).max())
    wait_for(lambda: f", {sure}." in (said.text_content() or ""))


def test_the_crop_is_moved_by_keys_buttons_wheel_and_drag(one):
    photo = colours(4, 800, 400)
    one.put(("photo.png", encoded(photo)))

    def shows(left: float, top: float, side: float) -> None:
        box = (left, top, left + side, top + side)
        one.sees(photo.resize((32, 32), Image.Resampling.BOX, box), 2.5)

    shows(200, 0, 400)
    view = one.page.locator(".vxl-lab-stage")
    view.focus()
    for _ in range(2):
        one.page.keyboard.press("ArrowRight")  # a twentieth of what is seen
    shows(240, 0, 400)
    one.press("Look further left")
    shows(220, 0, 400)
    box = view.bounding_box()
    one.page.mouse.move(box["x"] + 100, box["y"] + 100)
    one.page.mouse.down()
    one.page.mouse.move(box["x"] + 100 + box["width"] / 4, box["y"] + 100, steps=5)
    one.page.mouse.up()
    shows(120, 0, 400)
    one.page.keyboard.press("+")
    side = 400 / 1.2
    shows(320 - side / 2, 200 - side / 2, side)
    one.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    one.page.mouse.wheel(0, -500)
    wait_for(lambda: one.page.evaluate("document.activeElement.className") == "vxl-lab-stage")
    near = side / np.exp(0.75)
    shows(320 - near / 2, 200 - near / 2, near)
    one.press("Middle")
    shows(200, 0, 400)
    one.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    one.page.keyboard.down("Control")  # as two fingers on a touchpad say it: without the focus
    one.page.mouse.wheel(0, -500)
    one.page.keyboard.up("Control")
    near = 400 / np.exp(0.75)
    shows(400 - near / 2, 200 - near / 2, near)
    one.press("Middle")
    shows(200, 0, 400)
    one.page.get_by_label("The whole picture, squeezed").check()
    one.sees(photo.resize((32, 32), Image.Resampling.BOX), 2.5)
    one.says(one.expected()["logits"])


def test_two_pictures_and_two_models_stand_side_by_side(one):
    a = one.expected()["logits"]
    one.says(a)
    one.choose("picture")
    one.choose("b")
    b = one.expected()["logits"]
    assert np.abs(a - b).max() > 0.1
    one.says(b)
    one.says(a, 1)
    one.choose("model")
    other = one.expected("stem")["logits"]
    one.says(other, 1)
    twins = one.page.locator(".vxl-lab-twins figure .vxl-lab-hint")
    assert "no such token" in twins.nth(1).inner_text()  # the class token is the query
    one.choose("stem")
    one.says(other)
    one.says(b, 1)
    assert one.example("tokens.length") == GRID**2
    one.put(("1.png", encoded(colours(5, 90, 90))), ("2.png", encoded(colours(6, 90, 90))))
    mine = one.expected("stem")["logits"]
    one.says(mine)
    one.choose("b")
    one.says(mine, 1)
    one.says(one.expected("stem")["logits"])


def test_the_readers_own_models(lab, mine):
    one = lab()
    one.drop(("mine.onnx", mine))
    one.page.locator("input[value=own]:checked").wait_for(state="attached")
    raw = np.array(one.page.evaluate(f"[...{LAB}.pixels]"))
    grey = raw.reshape(16, 24, 4)[..., :3] @ np.array([0.299, 0.587, 0.114])
    images = torch.tensor((grey / 255 - 0.5) / 0.5, dtype=torch.float32)[None, None]
    expected = one.asked(small_vit(), images, ["logits", "weights.1"])
    one.says(expected["logits"])
    names = one.page.locator(".vxl-lab-logits tbody th").all_inner_texts()
    assert names == ["class 0", "class 1", "class 2"]
    np.testing.assert_allclose(one.maps("head")[2:], expected["weights.1"], atol=1e-5)
    assert "6 tokens" in one.page.locator(".vxl-lab-own").inner_text()
    one.choose("heads")
    assert "without switches" in one.page.locator(".vxl-lab-left").inner_text()
    one.choose("plain")
    one.says(one.expected()["logits"])


def test_a_model_of_the_site_is_fetched_only_when_it_is_asked_for(lab):
    one = lab()
    asked: list[str] = []
    one.page.on("request", lambda request: asked.append(request.url))
    menu = one.page.get_by_label("A larger model")
    assert menu.locator("option").all_inner_texts() == ["ViT one, 1.5 MB", "ViT two, 40 MB"]
    one.page.get_by_role("button", name="Download 1.5 MB and open it").wait_for()
    menu.focus()
    one.page.keyboard.press("ArrowDown")
    one.page.get_by_role("button", name="Download 40 MB and open it").focus()
    assert asked == []
    one.page.keyboard.press("Enter")
    one.page.locator("input[value=own]:checked").wait_for(state="attached")
    assert [url.rpartition("/models/")[2] for url in asked] == ["two.onnx"]
    names = one.page.locator(".vxl-lab-logits tbody th")
    wait_for(lambda: names.all_inner_texts() == ["class 0", "class 1", "class 2"])


def test_probabilities_are_those_of_the_temperature_and_the_energy_gives_a_warning(lab, tmp_path):
    one = lab()
    shares = ".vxl-lab-logits td:nth-child(3) .vxl-lab-share"
    one.says(one.expected()["logits"])
    logits = torch.tensor(one.expected()["logits"])
    expected = (logits / ABOUT["temperature"]).softmax(-1)
    assert one.page.locator(shares).all_inner_texts() == [percent(share) for share in expected]
    strange = -float(logits.logsumexp(-1)) > ABOUT["energy_limit"]
    assert one.page.locator(".vxl-lab-doubt").count() == strange
    model = small_vit()
    for limit, strange in ((1e3, 0), (-1e3, 1)):
        about = {"name": "mine", "temperature": 0.05, "energy_limit": limit}
        path = export.save(
            export.vit(model, outputs=("weights", "logits"), about=about), tmp_path / "x"
        )
        one.drop((f"mine{strange}.onnx", path.read_bytes()))
        wait_for(lambda strange=strange: one.page.locator(".vxl-lab-doubt").count() == strange)
        wait_for(lambda: one.page.locator(shares).count() == 3)
        found = torch.tensor(one.logits())
        expected = (found / 0.05).softmax(-1)
        assert one.page.locator(shares).all_inner_texts() == [percent(share) for share in expected]


def percent(share) -> str:
    """Write a share as the page does."""
    share = float(share)
    if share < 0.005:
        return "< 1 %"
    return "> 99 %" if share > 0.995 else f"{100 * share:.0f} %"


def test_a_model_of_197_tokens_and_12_heads(lab, tmp_path):
    one = lab()
    torch.manual_seed(1)
    model = ViT(replace(PRESETS["Ti/16"], depth=3, heads=12, classes=20)).eval()
    outputs = ("weights", "query", "key", "scores", "rollout", "logits")
    about = {"name": "mine", "crop": 0.875}
    path = export.save(export.vit(model, outputs=outputs, gates=True, about=about), tmp_path / "x")
    one.page.locator(".vxl-lab-model-file").set_input_files(
        {"name": "mine.onnx", "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
    )
    one.page.locator("input[value=own]:checked").wait_for(state="attached")
    side = 64 * 0.875  # the share of the sample that is kept
    assert one.seen().shape == (224, 224, 3)
    kept = colours(1, 64, 64).resize((224, 224), 2, (4, 4, 4 + side, 4 + side))
    assert np.abs(one.seen() - np.asarray(kept, float)).mean() < 2
    gates = torch.ones(3, 12)
    names = ["logits", "weights.2", "rollout.2", "scores.1"]
    expected = one.asked(model, one.input(), names, gates)
    logits = np.sort(expected["logits"])[::-1][:12]
    one.says(logits)
    for head, name in ((7, "weights.2"), ("rollout", "rollout.2")):
        look(one.page, layer=2, head=head, query=100)
        of = expected[name][head] if head == 7 else expected[name]
        np.testing.assert_allclose(one.row(), of[100], atol=1e-5)
    # The steps of one layer come when it is looked at.
    scores = "maps.find((map) => map.layer === {} && map.head === 0).scores?.values[5] ?? null"
    assert one.example(scores.format(1)) is None
    look(one.page, view="steps", layer=1, head=0)
    wait_for(lambda: one.example(scores.format(1)) is not None)
    found = one.example(scores.format(1))
    np.testing.assert_allclose(found, expected["scores.1"][0, 0, 5], atol=1e-4)
    assert one.example(scores.format(2)) is None
    one.choose("heads")
    one.cell("layer 1, head 9").click()
    gates[1, 9] = 0
    changed = one.asked(model, one.input(), ["logits"], gates)["logits"]
    one.says(np.sort(changed)[::-1][:12])


PNG, JPEG = encoded(colours(7, 300, 200)), encoded(colours(7, 300, 200), "JPEG")
BAD_PICTURES = {
    "text.png": (b"This is no picture.", "not a picture"),
    "empty.png": (b"", "empty"),
    "cut.png": (PNG[: len(PNG) // 2], "cut short"),
    "cut.jpg": (JPEG[: len(JPEG) // 2], "cut short"),
    "head.jpg": (JPEG[:30], "cut short"),
    "hollow.png": (PNG[:33] + PNG[-12:], "damaged"),  # a size, an end, and nothing between
    "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg' width='9'/>", "SVG"),
    "photo.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "HEIC"),
    "page.pdf": (b"%PDF-1.7\n" + bytes(50), "not a picture"),
    "huge.png": (encoded(Image.new("1", (10_000, 10_000))), "100 million"),
}


def test_what_is_no_picture_is_said_and_the_page_goes_on(one):
    logits = one.expected()["logits"]
    for name, (data, message) in BAD_PICTURES.items():
        one.drop((name, data))
        one.complains(".vxl-lab-sources", *message.split("|"))
    one.says(logits)
    one.put(("good.png", PNG))
    assert one.page.locator(".vxl-lab-sources .vxl-problem").inner_text() == ""
    one.says(one.expected()["logits"])


def something_else() -> bytes:
    x, y = (onnx.helper.make_tensor_value_info(name, 1, [2]) for name in "xy")
    graph = onnx.helper.make_graph([onnx.helper.make_node("Identity", ["x"], ["y"])], "g", [x], [y])
    return onnx.helper.make_model(graph).SerializeToString()


def test_what_is_no_model_for_it_is_said_and_the_earlier_one_stays(one):
    logits = one.expected()["logits"]
    whole = export.graph("photo-patches").read_bytes()
    silent = onnx.load_from_string(whole)
    silent.metadata_props[0].value = silent.metadata_props[0].value.replace('"weights", ', "")
    bad = {
        "text.onnx": (b"not a model at all", "not an ONNX file"),
        "empty.onnx": (b"", "empty"),
        "else.onnx": (something_else(), "does not say what its outputs mean"),
        "cut.onnx": (whole[: len(whole) // 2], "cut short"),
        "sentence.onnx": (export.graph("sentence").read_bytes(), "needs a Vision Transformer"),
        "silent.onnx": (silent.SerializeToString(), "attention weights"),
    }
    for name, (data, message) in bad.items():
        one.drop((name, data))
        one.complains(".vxl-lab-own", message)
        assert name in one.page.locator(".vxl-lab-own .vxl-problem").inner_text()
    assert one.page.locator("input[value=plain]").is_checked()
    one.says(logits)
    one.choose("stem")
    one.says(one.expected("stem")["logits"])


def test_a_photograph_of_40_megapixels_opens_without_freezing_the_page(one, tmp_path):
    large = Image.linear_gradient("L").convert("RGB").resize((8000, 5000))
    path = tmp_path / "large.jpg"
    large.save(path, quality=80)
    first = one.seen()
    one.page.evaluate(
        "() => { const input = document.querySelector('.vxl-lab-picture-file'), before ="
        " document.querySelector('live-lab').pixels; window.frames_while_it_opens = 0;"
        " const tick = () => { if (document.querySelector('live-lab').pixels !== before) return;"
        " frames_while_it_opens += 1; requestAnimationFrame(tick) };"
        " input.addEventListener('change', () => requestAnimationFrame(tick)) }"
    )
    one.page.locator(".vxl-lab-picture-file").set_input_files(path)
    one.sees_another(first)
    assert one.page.evaluate("frames_while_it_opens") > 3
    middle = large.crop((1500, 0, 6500, 5000)).resize((32, 32), Image.Resampling.BOX)
    assert np.abs(one.seen() - np.asarray(middle, float)).mean() < 2
    one.says(one.expected()["logits"])


def test_two_fingers_come_nearer_and_one_moves(lab):
    one = lab(viewport={"width": 390, "height": 900}, started=False, has_touch=True, is_mobile=True)
    view = one.page.locator(".vxl-lab-stage")
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    x, y, side = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"]
    fingers = one.page.context.new_cdp_session(one.page)

    def touch(*strokes: tuple[float, float]) -> None:
        """Move fingers from one distance to the right of the middle to another."""
        for kind, share in (("touchStart", 0), *(("touchMove", i / 8) for i in range(1, 9))):
            points = [
                {"x": x + side * (a + share * (b - a)), "y": y, "id": i}
                for i, (a, b) in enumerate(strokes)
            ]
            fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            one.page.evaluate(SETTLED)  # each is painted before the next one comes
        fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def shows(left: float, top: float, side: float) -> None:
        part = (left, top, left + side, top + side)
        one.sees(colours(1, 64, 64).resize((32, 32), 2, part), 3)

    shows(0, 0, 64)
    touch((-0.1, -0.2), (0.1, 0.2))
    shows(16, 16, 32)
    touch((0, 0.25))
    shows(8, 16, 32)


def turned() -> Image.Exif:
    """Return what a camera says that was held upright: turn it, its left side is up."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


@pytest.mark.parametrize("size", [(90, 60), (2600, 2000)])
def test_a_photograph_is_turned_as_its_camera_says(one, size):
    photo = Image.new("RGB", size, "#0000ff")
    photo.paste("#ff0000", (0, 0, size[0] // 2, size[1]))
    one.put(("turned.jpg", encoded(photo, "JPEG", exif=turned(), quality=95)))
    red = one.seen()[..., 0] > 128
    assert red[:14].all()
    assert not red[18:].any()


def test_a_picture_is_pasted(one):
    first = one.seen()
    one.page.evaluate(
        "(data) => { const held = new DataTransfer();"
        " held.items.add(new File([Uint8Array.from(data)], 'image.png', { type: 'image/png' }));"
        " document.body.dispatchEvent(new ClipboardEvent('paste',"
        " { clipboardData: held, bubbles: true, cancelable: true })) }",
        list(PNG),
    )
    one.sees_another(first)
    middle = colours(7, 300, 200).crop((50, 0, 250, 200)).resize((32, 32), Image.Resampling.BOX)
    assert np.abs(one.seen() - np.asarray(middle, float)).mean() < 2


def test_the_camera_gives_a_picture_and_goes_off(lab):
    one = lab(permissions=["camera"])
    first = one.seen()
    one.page.evaluate(
        "() => { const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        " navigator.mediaDevices.getUserMedia = async (x) => (window.stream = await ask(x)) }"
    )
    one.press("Camera")
    one.press("Take it")
    problem = one.page.locator(".vxl-lab-sources .vxl-problem")
    wait_for(lambda: problem.inner_text() or not np.array_equal(one.seen(), first))
    assert problem.inner_text() == ""
    wait_for(one.camera_is_off)
    one.says(one.expected()["logits"])
    one.press("Camera")
    one.press("Cancel")
    wait_for(one.camera_is_off)


def test_a_camera_that_is_refused_or_missing_is_said(one):
    for name, word in {"NotAllowedError": "refused", "NotFoundError": "no camera"}.items():
        one.page.evaluate(
            "(name) => { navigator.mediaDevices.getUserMedia ="
            " () => Promise.reject(new DOMException('', name)) }",
            name,
        )
        one.press("Camera")
        one.complains(".vxl-lab-sources", word)


def test_everyone_can_use_it(one):
    for mode in MODES:
        one.choose(mode)
        check_axe(one.page, "live-lab")


def test_it_fits_a_phone(lab):
    one = lab(viewport={"width": 360, "height": 900}, has_touch=True, is_mobile=True)
    chosen = ":is(button, .vxl-option, label.vxl-switch, .vxl-lab-heads .vxl-lab-cell)"
    for mode in MODES:
        one.choose(mode)
        check_targets(one.page, f"live-lab :is(.vxl-controls, .vxl-lab-desk) {chosen}")
    one.choose("patches")
    one.cell("patch (2, 2)").tap()
    one.says(one.expected(hidden=[18])["logits"])
    one.page.get_by_role("button", name="Undo").tap()
    one.says(one.expected()["logits"])


def test_a_turned_photo_in_firefox(address, models):
    photo = Image.new("RGB", (2600, 2000), "#2040c0")
    photo.paste("#d08020", (0, 0, 1300, 2000))
    data = base64.b64encode(encoded(photo, "JPEG", exif=turned(), quality=95)).decode()
    with in_firefox(address) as window:
        window.wait_for("document.querySelector('.vxl-start')")
        window.click(".vxl-start")
        window.wait_for("document.querySelector('.vxl-loader.vxl-ready')")
        window.evaluate(f"({DROP})([['turned.jpg', '{data}']])")
        window.wait_for(  # until the photo's orange is there
            f"[208, 128, 32].every((c, i) => Math.abs({LAB}.pixels?.[i] - c) < 20)"
        )
        raw = window.evaluate(f"[...{LAB}.pixels]")
        seen = np.reshape(raw, (32, 32, 4))[..., :3]
        assert (seen[:14, :, 0] > 128).all()
        assert (seen[18:, :, 0] < 128).all()
        x = torch.tensor(np.moveaxis(seen, -1, 0)[None] / 127.5 - 1, dtype=torch.float32)
        logits = Lab.asked(models["plain"], x, ["logits"], torch.ones(6, 4))["logits"]
        window.wait_for(
            f"{logits.tolist()}.every((x, i) => Math.abs(x - [...document.querySelectorAll("
            "'.vxl-lab-logits td:nth-child(3) data')][i].value) < 1e-4)"
        )


def test_what_it_held_is_freed_when_it_goes(lab):
    one = lab()
    one.says(one.expected()["logits"])
    one.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    one.choose("stem")
    said = one.page.locator("live-lab > .vxl-problem")
    wait_for(lambda: "Load it again" in said.inner_text())
    one.page.evaluate("() => { window.gone = document.querySelector('live-lab'); gone.remove() }")
    wait_for(lambda: one.page.evaluate("gone.pixels") is None and not one.page.workers)
