"""The explorer without the site: a saved file, the output of a notebook, and the bundle of both."""

import base64
import json
import os
import re
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from builder.maths import node
from tests.browser.pages import ROOT
from tests.figures.explorers import DESIGNED, face
from tests.waiting import PATIENCE, wait_for
from vitexplain.explorer import MIME

EYE = DESIGNED.face.labels.index("right eye")
ROW = DESIGNED.head(0).weights[EYE]
MOST = 150_000  # bytes beside the data
BUNDLE = ROOT / "src" / "vitexplain" / "explorer" / "bundle"
LAB = Path(sys.executable).parent / "jupyter-lab"
SHOWN = "[...document.querySelector('attention-explorer').weights]"


def test_the_bundle_is_what_esbuild_makes_of_the_sources(tmp_path):
    command = [node(), ROOT / "web" / "explorer.mjs", tmp_path]
    subprocess.run(command, check=True, timeout=PATIENCE)
    for name in ("explorer.js", "explorer.css"):
        assert (tmp_path / name).read_bytes() == (BUNDLE / name).read_bytes(), "make bundle"


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return face(url=True).write_html(tmp_path_factory.mktemp("alone") / "eyes.html")


@pytest.fixture
def visit(browser, path) -> Iterator:
    """Return a function that opens the file; it asks for nothing else and complains of nothing."""
    contexts, seen = [], []

    def open_page(fragment: str = "", **options) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda one: seen.append(one.url.partition("#")[0]))
        page.on("console", lambda one: "willReadFrequently" in one.text or seen.append(one.text))
        page.on("pageerror", lambda error: seen.append(str(error)))
        page.goto(path.as_uri() + fragment)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert {one for one in seen if not one.startswith("data:")} == {path.as_uri()}


def test_a_saved_file_is_small_and_has_its_data_once(path):
    text = path.read_text(encoding="utf-8")
    (packed,) = re.findall(r'<script type="text/plain">(.*?)</script>', text)
    data, expected = json.loads(zlib.decompress(base64.b64decode(packed))), face(url=True).data
    (picture,) = re.findall(r'<img id="(.*?)" src="(.*?)"', text)
    assert (f"#{picture[0]}", picture[1]) == (
        data["examples"][0]["image"], expected["examples"][0]["image"],
    )  # fmt: skip
    assert text.count(picture[1]) == 1
    data["examples"][0]["image"] = picture[1]
    assert data == expected
    assert len(text.encode()) - len(packed) < MOST
    assert "://" not in text.replace("http://www.w3.org/", "")


def test_a_saved_file_is_alive(visit):
    page = visit()
    shown = page.locator(".vx-image").get_attribute("src")
    assert shown == face().data["examples"][0]["image"]
    page.locator(f".vx-patch[data-token='{EYE}']").click()
    np.testing.assert_allclose(page.evaluate(SHOWN), ROW, atol=1e-6)
    page.keyboard.press("ArrowRight")
    np.testing.assert_allclose(page.evaluate(SHOWN), DESIGNED.head(0).weights[EYE + 1], atol=1e-6)
    wait_for(lambda: f"query={EYE + 1}" in page.evaluate("location.hash"))
    page = visit(f"#query={EYE}&view=matrix&look=heat")
    np.testing.assert_allclose(page.evaluate(SHOWN), ROW, atol=1e-6)
    expect(page.locator(".vx-looks select")).to_have_value("heat")


def test_without_scripts_the_row_is_there(visit):
    page = visit(java_script_enabled=False)
    expect(page.locator(".vx-fallback img")).to_be_visible()
    assert page.locator(".vx-fallback td").count() >= 16


def test_the_looks_are_the_scale_and_lines_around_the_strongest(visit):
    page = visit()
    page.locator(f".vx-patch[data-token='{EYE}']").click()
    look = page.locator(".vx-looks select")
    pixels = """() => { const c = document.querySelector('.vx-dim');
      return [...new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height)
        .data.buffer)]; }"""
    look.select_option("heat")
    seen = np.array(page.evaluate(pixels), dtype=np.uint32)
    assert set(seen >> 24) == {200}  # one cover everywhere, of many colours
    assert len(set(seen)) >= len(set(np.round(np.sqrt(ROW / ROW.max()), 2)))
    look.select_option("contour")
    canvas = np.array(page.evaluate(pixels), dtype=np.uint32)
    side = round(len(canvas) ** 0.5)
    tiles = canvas.reshape(4, side // 4, 4, side // 4).swapaxes(1, 2).reshape(16, -1)
    lined = (tiles != 0).any(1)
    np.testing.assert_array_equal(lined, ROW.max() / 4 <= ROW)
    look.select_option("brightness")


def test_a_notebook_gets_a_live_frame_and_the_site_its_data(browser, monkeypatch):
    monkeypatch.delenv("VITEXPLAIN_RENDERER", raising=False)
    bundle = face()._repr_mimebundle_()
    assert set(bundle) == {"text/html"}
    page = browser.new_page()
    page.set_content(f'<body data-jp-theme-light="false">{bundle["text/html"]}</body>')
    frame = page.frame_locator("iframe")
    frame.locator(f".vx-patch[data-token='{EYE}']").click()
    inside = page.frames[1]
    np.testing.assert_allclose(inside.evaluate(SHOWN), ROW, atol=1e-6)
    assert inside.evaluate("document.documentElement.dataset.theme") == "dark"
    wait_for(
        lambda: page.evaluate(
            """() => { const f = document.querySelector('iframe');
            return f.clientHeight >= f.contentDocument.body.scrollHeight - 1; }"""
        )
    )
    page.close()
    monkeypatch.setenv("VITEXPLAIN_RENDERER", "data")
    assert set(face()._repr_mimebundle_()) == {MIME, "text/html"}


@pytest.mark.slow
@pytest.mark.skipif(not LAB.exists(), reason="JupyterLab is not installed")
def test_it_is_alive_in_jupyterlab(browser, tmp_path):
    """A notebook that was saved with its output, opened and run in JupyterLab."""
    code = "from tests.figures.explorers import face\nface(title='In the lab')"
    cells = [nbformat.v4.new_code_cell(code)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)  # else it asks which one
    nbformat.write(notebook, tmp_path / "one.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token="]
    server = subprocess.Popen(
        [LAB, *settings], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    page = browser.new_page()
    try:

        def answers() -> bool:
            try:
                return page.goto(f"http://127.0.0.1:{port}/lab/tree/one.ipynb") is not None
            except Exception:
                return False

        wait_for(answers)
        page.get_by_text("(ipykernel) | Idle").wait_for(timeout=1000 * PATIENCE)
        page.locator(".jp-Notebook .jp-CodeCell").first.click(timeout=1000 * PATIENCE)
        page.keyboard.press("Shift+Enter")
        patch = page.frame_locator("iframe[title='In the lab']").locator(
            f".vx-patch[data-token='{EYE}']"
        )
        patch.click(timeout=1000 * PATIENCE)
        inside = next(one for one in page.frames if one.url == "about:srcdoc")
        np.testing.assert_allclose(inside.evaluate(SHOWN), ROW, atol=1e-6)
    finally:
        page.close()
        server.terminate()
        server.wait()
