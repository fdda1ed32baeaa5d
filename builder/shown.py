"""Cell outputs to Markdown: figures become small elements whose data is a file of its own."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from builder.figure_tables import csv_file, data_table
from vitexplain.export import graph

PLOTLY = "application/vnd.plotly.v1+json"
EXPLORER = "application/vnd.vitexplain.explorer+json"
LIVE = "application/vnd.vitexplain.live+json"
EXERCISES = "application/vnd.vitexplain.exercises+json"
# A page does not know its own address: the hook makes these links relative.
HERE = "vx:"


_PICTURE = re.compile(
    r'(?P<name>src|href)="data:image/(?P<kind>png|jpeg|webp|avif|svg\+xml);base64,(?P<data>[^"]+)"'
)


class OutputError(Exception):
    """An output of a cell has no place on a page."""


class Outputs:
    """Turns the outputs of one lesson into Markdown, and collects the files they need."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.assets: dict[str, bytes] = {}

    def markdown(self, output: Mapping[str, Any]) -> str:
        """Return the Markdown for one output; raises `OutputError` if there is none."""
        if output["output_type"] == "stream":
            if output["name"] != "stdout":
                return ""
            return self.text(output["text"])
        bundle = output["data"]
        if PLOTLY in bundle:
            return self.figure(bundle[PLOTLY])
        if EXPLORER in bundle:
            return self.explorer(bundle[EXPLORER], bundle.get("text/html", ""))
        if LIVE in bundle:
            return self.live(bundle[LIVE], bundle.get("text/html", ""))
        if EXERCISES in bundle:
            return self.exercises(bundle[EXERCISES]["exercises"])
        if "text/markdown" in bundle:
            return bundle["text/markdown"]
        if "text/html" in bundle:
            return f'<div class="vx-html">\n{self.pictures(bundle["text/html"])}\n</div>'
        if set(bundle) - {"text/plain"}:
            raise OutputError(f"a page cannot show {sorted(bundle)}")
        return self.text(bundle.get("text/plain", ""))

    def text(self, text: str) -> str:
        """Return printed text as a block; raises `OutputError` if it is a figure in disguise."""
        if re.search(r"^(Figure|FigureWidget)\(\{", text, flags=re.MULTILINE):
            raise OutputError(
                "the figure did not come through: only its text did (was the renderer changed?)"
            )
        return code_block(text, "text", "vx-output") if text.strip() else ""

    def figure(self, figure: Mapping[str, Any]) -> str:
        """Return the element of a Plotly figure; its data goes to a file.

        Raises `OutputError` for a figure without traces, height or alternative text.
        """
        layout = {k: v for k, v in figure["layout"].items() if k != "template"}
        meta = layout.pop("meta", None) or {}
        if not figure["data"] and not layout.get("images"):
            raise OutputError("the figure is empty: it has no traces")
        if not meta.get("alt"):
            raise OutputError("the figure has no alternative text (layout.meta['alt'])")
        if not layout.get("height"):
            raise OutputError("the figure has no fixed height (layout.height)")
        content = {"data": figure["data"], "layout": layout}
        if figure.get("frames"):
            content["frames"] = figure["frames"]
        path = self._add("figures", content)
        table = self.table(meta.get("table"))
        alt = html.escape(meta["alt"])
        return (
            f'<figure class="vx-figure">\n'
            f'<plotly-figure src="{HERE}{path}" data-traces="{len(figure["data"])}" '
            f'style="--vx-height:{layout["height"]}px" aria-label="{alt}"></plotly-figure>\n'
            f"<figcaption>{alt}</figcaption>\n{table}</figure>"
        )

    def table(self, table: Mapping[str, Any] | None) -> str:
        """Return the table behind the figure that came last; its numbers go to a file too."""
        if not table:
            return ""
        number = sum(path.startswith("assets/figures/") for path in self.assets)
        path = f"assets/data/{self.name}-{number:02d}.csv"
        self.assets[path] = csv_file(table)
        return data_table(table, f"{HERE}{path}")

    def explorer(self, data: Mapping[str, Any], fallback: str) -> str:
        """Return the explorer element; `fallback` is what is read without JavaScript."""
        if not fallback:
            raise OutputError("the explorer has no static fallback (text/html)")
        return f'<div class="vx-explorer">\n{self._explorer(data, fallback)}\n</div>'

    def live(self, data: Mapping[str, Any], fallback: str) -> str:
        """Return the element of a live widget around its explorer; its models become files."""
        folder = f"assets/live/{self.name}"
        sources = {}
        for name, shipped in data["models"].items():
            model = graph(shipped).read_bytes()
            file = f"{shipped}-{hashlib.sha256(model).hexdigest()[:8]}.onnx"
            self.assets[f"{folder}/{file}"] = model
            sources[name] = {"url": file, "bytes": len(model)}
        config = {**data["config"], "models": sources}
        if "samples" in config:  # a drawing comes along; a photograph is a file of its own
            config["samples"] = [
                {**one, "image": self._own_file(one["image"]) if "thumb" in one else one["image"]}
                for one in config["samples"]
            ]
        path = self._add("live", config)
        tag = f"live-{data['widget']}"
        has = " data-offers" if config.get("offers") else ""
        return (
            f'<div class="vx-explorer">\n<{tag} class="vxl-widget" src="{HERE}{path}"{has}>\n'
            f"{self._explorer(data['explorer'], fallback)}\n</{tag}>\n</div>"
        )

    def exercises(self, asked: Sequence[Mapping[str, Any]]) -> str:
        """Return the element of exercises around a link to them with their answers."""
        own = [{**x, "image": self._own_file(x["image"])} if "image" in x else x for x in asked]
        path = self._add("exercises", {"exercises": own})
        return (
            f'<div class="vx-exercises">\n<lesson-exercises src="{HERE}{path}">'
            f'<a href="{HERE}exercises.md#{self.name}">{len(own)} exercises, with answers</a>'
            "</lesson-exercises>\n</div>"
        )

    def _explorer(self, data: Mapping[str, Any], fallback: str) -> str:
        """Return the element; its pictures are files, the same ones as in the fallback."""
        examples = [
            {**one, "image": self._own_file(one["image"])} for one in data.get("examples", ())
        ]
        path = self._add("explorers", {**data, **({"examples": examples} if examples else {})})
        return (
            f'<attention-explorer src="{HERE}{path}">\n'
            f"{self.pictures(fallback)}\n</attention-explorer>"
        )

    def _own_file(self, image: str) -> str:
        """Return a picture's address from the data that name it; an embedded one becomes a file."""
        named = self.pictures(f'src="{image}"').partition(HERE)[2].rstrip('"')
        return f"{'../' * (3 + self.name.count('/'))}{named}" if named else image

    def pictures(self, content: str) -> str:
        """Return HTML whose embedded pictures have become files: they compress badly in a page."""

        def one(match: re.Match[str]) -> str:
            picture = base64.b64decode(match["data"])
            suffix = match["kind"].removesuffix("+xml")
            path = (
                f"assets/pictures/{self.name}/{hashlib.sha256(picture).hexdigest()[:12]}.{suffix}"
            )
            self.assets[path] = picture
            return f'{match["name"]}="{HERE}{path}"'

        return _PICTURE.sub(one, content)

    def _add(self, kind: str, content: Mapping[str, Any]) -> str:
        number = 1 + sum(
            path.startswith(f"assets/{kind}/") and path.endswith(".json") for path in self.assets
        )
        path = f"assets/{kind}/{self.name}/{number:02d}.json"
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self.assets[path] = text.encode()
        return path


def code_block(text: str, language: str, *classes: str) -> str:
    """Return a fenced block; the fence is longer than any run of backticks inside."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    head = language
    if classes:
        head = "{ " + " ".join(f".{name}" for name in (language, *classes)) + " }"
    return f"{fence}{head}\n{text.rstrip()}\n{fence}"
