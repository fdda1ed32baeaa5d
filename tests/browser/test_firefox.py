"""The site in a second browser: explorers and live models, numbers against Python."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.browser.conftest import Site
from tests.browser.firefox import Firefox, required_firefox
from tests.browser.pages import AXE
from vitexplain import export
from vitexplain.designed import designed_attention
from vitexplain.tokens import GOAT_ANIMAL

EXPLORER = "document.querySelector('attention-explorer')"
Open = Callable[[str], Firefox]


@pytest.fixture(scope="module")
def window() -> Iterator[Firefox]:
    firefox = Firefox(required_firefox())
    yield firefox
    firefox.close()


@pytest.fixture
def visit(window: Firefox, site: Site) -> Iterator[Open]:
    """Open a page of the site; what it complains of, or asks of others, fails the test."""
    window.complaints.clear()
    window.requests.clear()

    def open_page(path: str) -> Firefox:
        window.open(site.address + path)
        window.wait_for(f"{EXPLORER}?.querySelector('.vx-root')")
        return window

    yield open_page
    assert window.complaints == []
    local = (site.address, "data:", "blob:")
    assert [url for url in window.requests if not url.startswith(local)] == []


def weights(firefox: Firefox) -> list[float]:
    return firefox.evaluate(f"[...{EXPLORER}.weights]")


def test_the_face_is_chosen_by_click_and_by_keys_and_the_link_keeps_it(visit: Open) -> None:
    firefox = visit("lessons/face/")
    partners = designed_attention().head(0).weights
    firefox.click("attention-explorer [data-token='10']")
    np.testing.assert_allclose(weights(firefox), partners[10], atol=1e-6)
    firefox.press(["ArrowUp", "ArrowLeft"])
    assert firefox.evaluate(f"{EXPLORER}.state.query") == 5
    np.testing.assert_allclose(weights(firefox), partners[5], atol=1e-6)
    firefox.wait_for("location.search.includes('query=5')")
    address = firefox.evaluate("location.href")
    firefox.open(address)
    firefox.wait_for(f"{EXPLORER}?.state?.query === 5")


def test_every_view_and_map_of_a_trained_model_shows(visit: Open) -> None:
    firefox = visit("lessons/vit-at-work/")
    for view in ("tutorial", "steps", "matrix"):
        firefox.evaluate(f"{EXPLORER}.state = {{ view: '{view}' }}")
        assert firefox.evaluate(f"{EXPLORER}.state.view") == view
    for head in (0, 1, "'mean'", "'rollout'"):
        firefox.evaluate(f"{EXPLORER}.state = {{ layer: 1, head: {head}, query: 3 }}")
        assert abs(sum(weights(firefox)) - 1) < 1e-5
    painted = firefox.evaluate(
        f"""(() => {{
          const canvas = {EXPLORER}.querySelector('.vx-matrix canvas');
          const {{ width, height }} = canvas;
          const {{ data }} = canvas.getContext('2d').getImageData(0, 0, width, height);
          return new Set(new Uint32Array(data.buffer)).size
        }})()"""
    )
    assert painted > 20


@pytest.mark.parametrize("path", ["lessons/face/", "live/goat/", "live/face/", "live/lab/"])
def test_axe_finds_nothing(visit: Open, path: str) -> None:
    firefox = visit(path)
    firefox.evaluate(f"(() => {{ {AXE.read_text()}; return null }})()")
    found = firefox.evaluate(
        """axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>
          violations.flatMap(({id, nodes}) => nodes.map((n) => `${id}: ${n.target}`)))"""
    )
    assert found == []


@pytest.mark.parametrize("path", ["live/goat/", "live/face/", "live/lab/"])
def test_a_live_model_starts_by_its_button_and_answers(visit: Open, path: str) -> None:
    firefox = visit(path)
    before = weights(firefox)
    firefox.click(".vxl-start")
    firefox.wait_for("document.querySelector('.vxl-ready')")
    firefox.wait_for(f"{EXPLORER}.data.examples[0].maps[0].weights.values instanceof Float32Array")
    if path == "live/goat/":
        x = GOAT_ANIMAL.embeddings
        expected = export.steps(x, np.eye(2), np.eye(2), np.eye(2)).weights
        query = firefox.evaluate(f"{EXPLORER}.state.query")
        np.testing.assert_allclose(weights(firefox), expected[query], atol=1e-5)
    # What Python computed; but each browser makes the lab's pictures small in its own way.
    limit = 0.01 if path == "live/lab/" else 1e-5
    np.testing.assert_allclose(weights(firefox), before, atol=limit)
