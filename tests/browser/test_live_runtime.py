"""Models in the page: the browser computes what NumPy computes; what may go wrong is said."""

import json
import shutil
from itertools import groupby
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from tests.browser.live import bundle, in_firefox, packed, served, unpacked
from tests.browser.pages import visits
from tests.export.cases import Case, cases
from tests.waiting import wait_for
from vitexplain import export

LIMIT = 1e-5
HTML = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Models</title>'
    '<link rel="icon" href="data:,"><script type="module" src="runtime.js"></script>'
)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runtime")
    bundle(folder, Path(__file__).parent / "live" / "runtime.js")
    (folder / "index.html").write_text(HTML)
    for name in export.graphs():
        shutil.copy(export.graph(name), folder)
    whole = (folder / "face-learned.onnx").read_bytes()
    (folder / "cut.onnx").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.onnx").write_bytes(b"")
    (folder / "text.onnx").write_text("This is no model, whatever its name says.")
    one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    two = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    add = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "add", [one], [two])
    onnx.save(helper.make_model(add), folder / "other.onnx")
    broken = onnx.load(folder / "sentence.onnx")
    broken.graph.node[0].op_type = "NoSuchThing"
    onnx.save(broken, folder / "broken.onnx")
    with served(folder) as url:
        yield url


@pytest.fixture(scope="module")
def open_page(address, browser, window):
    """Open a page that holds the runtime and no model."""
    with visits(address, browser, window) as open_page:

        def opened():
            page = open_page()
            page.wait_for_function("() => window.live")
            return page

        yield opened


@pytest.fixture(scope="module")
def page(open_page):
    """A page that many tests use; a model stays open in it, and with it the runtime."""
    page = open_page()
    page.evaluate("live.Model.open('sentence.onnx').then((model) => { window.kept = model })")
    return page


@pytest.fixture
def fresh(open_page):
    page = open_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def golden() -> list[Case]:
    return cases()


def differences(golden: list[Case], evaluate) -> dict[str, dict[str, float]]:
    """Run every case in a page; return how far each of its outputs is from NumPy's."""
    found = {}
    for graph, group in groupby(golden, lambda case: case.graph):
        some = list(group)
        feeds = json.dumps([{k: packed(x) for k, x in case.feeds.items()} for case in some])
        answers = evaluate(f"live.answers('{graph}.onnx', {feeds})")
        for case, answer in zip(some, answers, strict=True):
            outputs = {name: unpacked(tensor) for name, tensor in answer.items()}
            assert outputs.keys() == case.expected.keys()
            found[case.name] = export.difference(outputs, case.expected)
    return found


def check(found: dict[str, dict[str, float]], where: str) -> None:
    print(f"\n{f'{where} from NumPy float64':<44}       weights   all else")
    for name, ones in found.items():
        weights = max(x for one, x in ones.items() if one.startswith("weights"))
        others = max(x for one, x in ones.items() if not one.startswith("weights"))
        print(f"{name:<44}{weights:14.1e}{others:11.1e}")
    assert 0 < max(x for ones in found.values() for x in ones.values()) <= LIMIT


def test_chromium_computes_what_numpy_computes(page, golden):
    check(differences(golden, page.evaluate), "Chromium")


def test_firefox_computes_what_numpy_computes(address, golden):
    with in_firefox(address) as firefox:
        firefox.wait_for("window.live")
        check(differences(golden, firefox.evaluate), "Firefox")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nothing", "could not be loaded (404)"),
        ("empty", "This is not an ONNX file."),
        ("text", "This is not an ONNX file."),
        ("cut", "cut short or damaged"),
        ("other", "does not say what its outputs mean"),
        ("broken", "NoSuchThing"),
    ],
)
def test_what_is_wrong_with_a_model_is_said_and_the_page_goes_on(page, name, says):
    assert says in page.evaluate(f"live.why(live.Model.open('{name}.onnx'))")
    blob = f"fetch('{name}.onnx').then((r) => r.blob()).then((b) => live.Model.open(b))"
    if name != "nothing":
        assert says in page.evaluate(f"live.why({blob})")
    assert page.evaluate("live.Model.open('sentence.onnx').then((model) => model.about.kind)")


def test_a_model_cut_anywhere_is_refused(page):
    """No beginning of a model passes for a whole one."""
    assert (
        page.evaluate(
            """async () => {
          const all = new Uint8Array(await (await fetch('sentence.onnx')).arrayBuffer());
          live.aboutOf(all);
          const passed = [];
          for (let n = 0; n < all.length; n++) {
            try { live.aboutOf(all.subarray(0, n)); passed.push(n) } catch {}
          }
          return passed
        }"""
        )
        == []
    )


def test_without_webassembly_it_is_said(fresh):
    said = fresh.evaluate(
        "() => { delete window.WebAssembly; return live.why(live.Model.open('sentence.onnx')) }"
    )
    assert "lacks WebAssembly" in said


def test_progress_counts_bytes_up_to_the_whole(fresh):
    said = fresh.evaluate(
        """async () => {
          const said = [];
          await live.Model.open('face-learned.onnx', { progress: (now) => said.push(now) });
          return said
        }"""
    )
    for what in ("runtime", "model"):
        loaded = [one["loaded"] for one in said if one["what"] == what]
        assert loaded == sorted(loaded)
        last = [one for one in said if one["what"] == what][-1]
        assert last["loaded"] == last["total"]
    assert last["total"] == export.graph("face-learned").stat().st_size


def test_closing_frees_the_worker_and_a_closed_model_says_so(fresh):
    assert fresh.workers == []
    fresh.evaluate("live.Model.open('sentence.onnx').then((one) => { window.one = one })")
    fresh.evaluate("live.Model.open('sentence.onnx').then((two) => { window.two = two })")
    assert len(fresh.workers) == 1
    fresh.evaluate("one.close()")
    assert len(fresh.workers) == 1
    assert "closed" in fresh.evaluate("live.why(one.run({}))")
    fresh.evaluate("two.close()")
    wait_for(lambda: fresh.evaluate("true") and fresh.workers == [])
    assert "closed" in fresh.evaluate("live.why(two.run({}))")
    assert (
        fresh.evaluate("live.Model.open('sentence.onnx').then((again) => again.inputs.length)") == 7
    )


def test_leaving_the_page_frees_the_worker(fresh, address):
    fresh.evaluate("live.Model.open('sentence.onnx').then(() => null)")
    fresh.goto(address + "?again")
    assert fresh.workers == []


def test_wrong_feeds_are_an_error_and_the_model_goes_on(page, golden):
    feeds = json.dumps({name: packed(x) for name, x in golden[0].feeds.items()})
    said = page.evaluate(
        f"""async () => {{
          const model = await live.Model.open('sentence.onnx');
          const wrong = await live.why(model.run({{ tokens: live.tensor([1], [1]) }}));
          const right = await model.run(live.unpack({feeds}), ['weights']);
          return [wrong, Object.keys(right), Array.from(right.weights.data)]
        }}"""
    )
    assert "ONNX Runtime stopped" in said[0]
    assert said[1] == ["weights"]
    np.testing.assert_allclose(said[2], golden[0].expected["weights"].ravel(), atol=LIMIT)


def test_only_the_newest_request_waits(page):
    asked = page.evaluate(
        """async () => {
          const seen = [];
          const latest = new live.Latest(async (x) => {
            seen.push(x);
            await new Promise((go) => setTimeout(go, 20));
          });
          const first = latest.ask(0);
          for (let x = 1; x < 50; x++) latest.ask(x);
          await first;
          latest.ask('after');
          return seen
        }"""
    )
    assert asked == [0, 49, "after"]


def test_outputs_become_the_explorers_data(page, golden):
    """Each layer and head, mean and rollout of a ViT's outputs, as views of them."""
    case = next(case for case in golden if case.graph == "face-learned")
    feeds = json.dumps({name: packed(x) for name, x in case.feeds.items()})
    maps = page.evaluate(
        f"""async () => {{
          const model = await live.Model.open('face-learned.onnx');
          const outputs = await model.run(live.unpack({feeds}));
          const tokens = [...Array(16).keys()].map((i) => ({{ label: `${{i}}`, short: `${{i}}` }}));
          const named = (layer, head) => ({{ name: `${{layer}} ${{head}}` }});
          const data = live.traceOf(model.about, outputs, {{ title: 'x', tokens, named }});
          const list = (matrix) => matrix && [...matrix.values];
          return data.examples[0].maps.map((one) => ({{
            layer: one.layer, head: one.head, divisor: one.divisor, weights: list(one.weights),
            value: list(one.value), scores: list(one.scores), scaled: list(one.scaled) }}))
        }}"""
    )
    assert len(maps) == 3 * (4 + 2)
    for one in maps:
        layer, head = one["layer"], one["head"]
        kind, at = ("weights", (0, head)) if isinstance(head, int) else (head, (0,))
        expected = case.expected[f"{kind}.{layer}"][at]
        np.testing.assert_allclose(one["weights"], expected.ravel(), atol=LIMIT)
        if isinstance(head, int):
            value = case.expected[f"value.{layer}"][0, head]
            np.testing.assert_allclose(one["value"], value.ravel(), atol=1e-4)
            root = np.sqrt(case.expected[f"query.{layer}"].shape[-1])
            assert one["divisor"] == pytest.approx(root)
            undone = np.array(one["scaled"]) * root  # what the model divides by
            np.testing.assert_allclose(one["scores"], undone, rtol=1e-5)
