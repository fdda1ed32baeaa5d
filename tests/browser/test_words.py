"""Every word that a script shows stands in a folder `strings`, ready for translation."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.pages import ROOT
from tests.waiting import PATIENCE
from vitexplain.explorer import WEB

NODE = Path(sys.executable).parent / "node"


def strays(folder: Path) -> list[str]:
    command = [NODE, Path(__file__).with_name("words.mjs"), folder]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
    return found.stdout.splitlines()


@pytest.mark.parametrize("folder", [ROOT / "docs" / "javascripts", WEB], ids=["site", "explorer"])
def test_words_stand_together(folder):
    assert strays(folder) == []


@pytest.mark.parametrize(
    "line",
    [
        'html("p", {}, "Point at a cell.");',
        "title.textContent = `Layer ${layer}`;",
        'html("button", { "aria-label": open ? "Close" : strings.open });',
        'mark.setAttribute("title", "The " + name);',
        'throw new DataError("it has no tokens");',
        'button("vx-next", "Next", () => go(1));',
    ],
)
def test_a_stray_word_is_found(tmp_path, line):
    (tmp_path / "one.js").write_text(
        f'import "x.js";\nhtml("p", {{ class: "of-it" }}, "=");\n{line}'
    )
    (found,) = strays(tmp_path)
    assert found.startswith("one.js:3: ")
