"""An explorer on a page of one's own: one tag, a JSON file, and the files that its guide names."""

import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.browser.explorers import READY, look, state
from tests.browser.explorers import weights as row
from tests.browser.pages import ROOT, visits
from tests.browser.serving import served
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
    with served(folder) as at:
        yield f"{at}/"


@pytest.fixture
def visit(address, browser, window):
    with visits(address, browser, window, expected=()) as open_page:
        yield open_page


@pytest.mark.parametrize(
    ("name", "place", "view"),
    [("page.html", (0, 0, 0), "steps"), ("begin.html", (2, 1, 5), "matrix")],
)
def test_the_tag_and_the_files_are_all_it_needs(visit, weights, name, place, view):
    page = visit(name)
    page.evaluate(READY)
    now = state(page)
    layer, head, query = place
    assert (now["layer"], now["head"], now["query"], now["view"]) == (*place, view)
    np.testing.assert_allclose(row(page), weights[layer, head, query], atol=1e-7)
    look(page, layer=1, query=3)
    np.testing.assert_allclose(row(page), weights[1, head, 3], atol=1e-7)


def test_without_scripts_the_tag_shows_a_picture_and_a_table(visit, weights):
    page = visit("static.html", java_script_enabled=False)
    assert page.locator("attention-explorer img").is_visible()
    page.locator("summary").click()
    cells = page.locator("td:last-child").all_text_contents()
    np.testing.assert_allclose([float(x) for x in cells], weights[0, 0, 0], atol=5.1e-5)
