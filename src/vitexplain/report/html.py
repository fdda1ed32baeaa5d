"""An explanation as one HTML file that opens offline and asks for nothing."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

import numpy as np

import vitexplain
from vitexplain.images import Preprocessing
from vitexplain.pixels import GREY, cover, png_uri
from vitexplain.report.explanation import Explanation
from vitexplain.report.packing import text
from vitexplain.report.pictures import describe, lit

SCRIPTS = ("data.js", "draw.js", "page.js")  # each imports only from its left


def page(explanation: Explanation, *, stretch: bool = False) -> str:
    """Return one self-contained HTML page of an explanation.

    It shows the picture, the reading over it, every head in every block, the answers, and what
    any token attends to; with a keyboard, on a phone, in light and dark, printed, and (the
    picture, the answers, the table) without JavaScript. Weights are kept in a byte each, see
    `packing`; the page states the error. A policy in the page forbids it every request.

    Args:
        stretch: the colours begin at the least value, not at 0.
    """
    rows, cols = explanation.grid
    style = f":root{{--rows:{rows};--cols:{cols}}}{_colours()}{_file('page.css')}"
    script = _script()
    packed = explanation.packed
    parts = {
        "title": f"{explanation.name} · vitexplain",
        "name": explanation.name,
        "lede": _lede(explanation),
        "about": explanation.method.about,
        "reading": explanation.title(),
        "alt": describe(explanation),
        "version": vitexplain.__version__,
    }
    html = {
        "style": style,
        "style hash": _hash(style),
        "script": script,
        "script hash": _hash(script),
        "image": png_uri(explanation.image.transpose(1, 2, 0)),
        "map": png_uri(_shade(explanation, stretch)),
        "predictions": _predictions(explanation),
        "made": _made(explanation),
        "table": _table(explanation),
        "data": _json(_facts(explanation, stretch)),
        "answer": text(explanation.answer.astype(np.float32)),
        "levels": text(packed.levels) if packed else "",
        "tops": text(packed.tops) if packed else "",
    }
    whole = {name: escape(part) for name, part in parts.items()} | html
    return re.sub(r"\{\{([a-z ]+)\}\}", lambda mark: whole[mark[1]], _file("page.html"))


def _shade(explanation: Explanation, stretch: bool) -> np.ndarray:
    covered = cover(lit(explanation.map, stretch=stretch))[..., None]
    return np.concatenate([np.full((*covered.shape[:2], 3), GREY / 255), covered], axis=-1)


def _lede(explanation: Explanation) -> str:
    model, top = explanation.made.get("model", "The model"), explanation.top(1)
    answer = f" answers {top[0][1]} ({_share(top[0][2])})" if top else " gives no class"
    return f"{model}{answer}. Shown first: {explanation.about()}."


def _predictions(explanation: Explanation) -> str:
    top = explanation.top()
    if not top:
        return '<p class="soft">This model has no classes: it has no head, or one a patch.</p>'
    target = explanation.target
    if target is not None and target not in [index for index, *_ in top]:
        share = float(explanation.probabilities[target])  # pyright: ignore[reportOptionalSubscript]
        top.append((target, explanation.label(target), share))
    rows = []
    for index, label, share in top:
        asked = ' class="asked"' if index == target else ""
        number = f" <small>({index})</small>" if explanation.labels else ""
        rows.append(
            f"<li{asked}><span>{escape(label)}{number}</span>"
            f'<data value="{share:.9g}">{_share(share)}</data>'
            f'<svg class="bar-line" aria-hidden="true" viewBox="0 0 100 2" '
            f'preserveAspectRatio="none"><rect width="{100 * share:.3f}" height="2"/></svg></li>'
        )
    said = ""
    if explanation.method.by_class:
        said = '<p class="soft">The reading is about the class in bold.</p>'
    return f'<ol class="tops">{"".join(rows)}</ol>{said}'


def _made(explanation: Explanation) -> str:
    made: Mapping[str, Any] = explanation.made
    config = made["config"]
    rows, cols = explanation.grid
    seen = f"seen at {explanation.image.shape[2]} × {explanation.image.shape[1]}"
    height, width = explanation.size
    seen_as = Preprocessing(**made["preprocessing"]).words()
    kept = {
        "heads": "of every head, a byte each",
        "mean": "the mean over heads, a byte each; the answer's in every head, exactly",
        "none": "the answer's alone, in every head, exactly",
    }[explanation.kept]
    error = explanation.packed.error if explanation.packed else 0.0
    largest = explanation.packed.tops.max() if explanation.packed else 0.0
    lines = {
        "Model": made.get("model"),
        "Read as": made.get("layout"),
        "Sizes": f"{config['depth']} blocks of {config['heads']} heads, {config['dim']} numbers a "
        f"token, {len(explanation.tokens) + rows * cols} tokens: "
        f"{', '.join([*explanation.tokens, f'{rows} × {cols} patches'])}",
        "Answer": f"Read from {explanation.answer_is}.",
        "Image": "; ".join([f"{width} × {height} pixels, {seen}", *seen_as, *explanation.notes]),
        "Assumed, as the checkpoint does not say": "; ".join(made.get("assumed", ())),
        "Reading": f"{explanation.title()}. {explanation.method.about}",
        "Weights kept": kept
        + (f"; off by at most {_short(error)} (the largest is {largest:.3g})" if error else ""),
        "Limits": "Attention weights say what a head mixes, not why the model answers as it does. "
        "Positions are counted from 0, blocks and heads, too.",
        "Version": f"vitexplain {made['vitexplain']}",
    }
    return "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(str(line))}</dd>"
        for name, line in lines.items()
        if line
    )


def _table(explanation: Explanation) -> str:
    rows, cols = explanation.grid
    head = "".join(f'<th scope="col">{col}</th>' for col in range(cols))
    body = "".join(
        f'<tr><th scope="row">{row}</th>'
        + "".join(f"<td>{value:.3g}</td>" for value in explanation.map[row])
        + "</tr>"
        for row in range(rows)
    )
    caption = f"{explanation.about()}: a number a patch, rows go down."
    return (
        f'<table class="table"><caption>{escape(caption)}</caption>'
        f'<thead><tr><th scope="col"><span class="sr">row</span></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _facts(explanation: Explanation, stretch: bool) -> dict[str, object]:
    """Return what page.js reads; its `Facts` says what each entry is."""
    from vitexplain.figures.theme import DARK_SCALE, LIGHT_SCALE  # loads Plotly, so not before

    alone = explanation.answer_is == "the class token"
    return {
        "grid": explanation.grid,
        "tokens": explanation.tokens,
        "layers": len(explanation.answer),
        "heads": explanation.answer.shape[1],
        "answerIs": explanation.answer_is,
        "answerToken": 0 if alone else None,
        "kept": explanation.kept,
        "error": explanation.packed.error if explanation.packed else 0,
        "map": [float(f"{value:.6g}") for value in explanation.map.ravel()],
        "title": explanation.title(),
        "about": explanation.method.about,
        "layer": explanation.layer,
        "head": explanation.head,
        "stretch": stretch,
        "scales": (LIGHT_SCALE, DARK_SCALE),
    }


def _share(share: float) -> str:
    digits = f"{100 * share:.1f}" if share >= 0.001 else f"{100 * share:.2g}"
    return f"{digits}\N{NO-BREAK SPACE}%"


def _short(number: float) -> str:
    return re.sub("e-0*", "e-", f"{number:.2g}")


def _file(name: str) -> str:
    return (files("vitexplain.report") / "assets" / name).read_text(encoding="utf-8")


def _script() -> str:
    """Return the modules as one: in order, without the lines that tie them together."""
    lines = "\n".join(_file(name) for name in SCRIPTS).split("\n")
    kept = [line.removeprefix("export ") for line in lines if not line.startswith("import ")]
    return "\n".join(kept)


def _colours() -> str:
    """Return the theme's colours: by the reader's system, or as the page's button says."""
    from vitexplain.figures.theme import DARK, LIGHT

    def block(palette: dict[str, str]) -> str:
        return "{" + "".join(f"--{name}:{value};" for name, value in palette.items()) + "}"

    dark = block(DARK | {"color-scheme": "dark"}).replace("--color-scheme", "color-scheme")
    light = "{color-scheme:light}"
    return (
        f":root{block(LIGHT)}"
        f'@media screen and (prefers-color-scheme:dark){{:root:not([data-theme="light"]){dark}}}'
        f'@media screen{{:root[data-theme="dark"]{dark}:root[data-theme="light"]{light}}}'
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: object) -> str:
    """Return JSON that cannot end the element that holds it."""
    marks = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
    return re.sub("[<>&]", lambda mark: marks[mark[0]], json.dumps(data, separators=(",", ":")))
