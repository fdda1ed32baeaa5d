"""An explorer on a page of one's own: one tag, a JSON file, and the files that its guide names."""

import re
import shlex
import subprocess
import sys
import threading
from functools import partial
from http.server import ThreadingHTTPServer

import numpy as np
import pytest
import torch

from tests.browser.explorers import READY
from tests.browser.pages import ROOT
from tests.browser.serving import Quiet
from vitexplain.explorer import WEB, explore
from vitexplain.vit import ViT, ViTConfig, attention_weights

GUIDE = (ROOT / "docs" / "api" / "explorer.md").read_text(encoding="utf-8")
TINY = ViTConfig(image_size=8, patch=2, dim=12, depth=3, heads=3, mlp_dim=8, classes=2)


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    """The weights of every layer and head, (layer, head, query, key)."""
    with torch.no_grad():
        return torch.cat(list(attention_weights(model().walk(image()[None])))).numpy()


def model() -> ViT:
    torch.manual_seed(0)
    return ViT(TINY).eval()


def image() -> torch.Tensor:
    return torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The folder that the guide describes, served."""
    folder = tmp_path_factory.mktemp("anywhere")
    made = explore(model(), image())
    made.save(folder / "vit.json")
    (folder / "explorer").symlink_to(WEB)
    (command,) = re.findall(r"`python (-c [^`]+)`", GUIDE)
    colours = subprocess.run(
        [sys.executable, *shlex.split(command)], capture_output=True, text=True, check=True
    )
    (folder / "colours.css").write_text(colours.stdout)
    (page,) = re.findall(r"```html\n(.*?)```", GUIDE, flags=re.DOTALL)
    tag = '<attention-explorer src="vit.json"></attention-explorer>'
    assert page.count(tag) == 1
    start = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mine</title>'
    start += '<link rel="icon" href="data:,">'
    (folder / "page.html").write_text(start + page)
    begin = 'layer="2" head="1" query="5" view="matrix"'
    (folder / "begin.html").write_text(start + page.replace(" src=", f" {begin} src="))
    (folder / "static.html").write_text(start + page.replace(tag, made.tag("vit.json")))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("name", "place", "view"),
    [("page.html", (0, 0, 0), "steps"), ("begin.html", (2, 1, 5), "matrix")],
)
def test_the_tag_and_the_files_are_all_it_needs(browser, address, weights, name, place, view):
    complaints, asked = [], []
    page = browser.new_page()
    page.on("console", lambda m: m.type in ("error", "warning") and complaints.append(m.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address + name)
    page.evaluate(READY)
    shown = page.evaluate("document.querySelector('attention-explorer').state")
    layer, head, query = place
    assert (shown["layer"], shown["head"], shown["query"], shown["view"]) == (*place, view)
    found = page.evaluate("[...document.querySelector('attention-explorer').weights]")
    np.testing.assert_allclose(found, weights[layer, head, query], atol=1e-7)
    page.evaluate("document.querySelector('attention-explorer').state = {layer: 1, query: 3}")
    found = page.evaluate("[...document.querySelector('attention-explorer').weights]")
    np.testing.assert_allclose(found, weights[1, head, 3], atol=1e-7)
    page.close()
    assert not complaints
    assert all(url.startswith((address, "data:")) for url in asked)


def test_without_scripts_the_tag_shows_a_picture_and_a_table(browser, address, weights):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "static.html")
    assert page.locator("attention-explorer img").is_visible()
    page.locator("summary").click()
    cells = page.locator("td:last-child").all_text_contents()
    np.testing.assert_allclose([float(x) for x in cells], weights[0, 0, 0], atol=5.1e-5)
    context.close()
