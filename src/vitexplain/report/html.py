"""An explanation as one HTML file that opens offline and asks for nothing."""

import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from typing import Any

import vitexplain
from vitexplain.explorer import Explorer, Map, explorer
from vitexplain.explorer.models import patch_names
from vitexplain.explorer.packed import Mean, Packed
from vitexplain.explorer.page import document, element
from vitexplain.images import Preprocessing
from vitexplain.report.explanation import Explanation
from vitexplain.report.pictures import PICTURE, describe, svg

_STILL = "<noscript>With JavaScript you can choose any patch, block and head here.</noscript>"


def page(explanation: Explanation, *, stretch: bool = False) -> str:
    """Return one self-contained HTML page of an explanation.

    It shows the reading over the picture, the answers, and an explorer of the weights: what any
    token attends to, in every head of every block; with a keyboard, on a phone, in light and
    dark, printed, and (the picture, the answers, the table) without JavaScript. Weights are
    kept in a byte each, see `vitexplain.explorer.packed`; the page states the error. A policy
    in the page forbids it every request.

    Args:
        stretch: the reading's brightness begins at the least value, not at 0.
    """
    about = describe(explanation)
    parts = {
        "name": explanation.name,
        "lede": _lede(explanation),
        "about": explanation.method.about,
        "reading": explanation.title(),
        "version": vitexplain.__version__,
    }
    html = {
        "picture": svg(explanation, stretch=stretch),
        "predictions": _predictions(explanation),
        "made": _made(explanation),
        "table": _table(explanation),
        "explorer": element(_weights(explanation).data, still=_STILL, attributes=' view="matrix"'),
    }
    whole = {name: escape(part) for name, part in parts.items()} | html
    body = re.sub(r"\{\{([a-z ]+)\}\}", lambda mark: whole[mark[1]], _file("page.html"))
    title = f"{explanation.name} · vitexplain"
    return document(body, title=title, about=about, style=_file("page.css"))


def _weights(explanation: Explanation) -> Explorer:
    """Return an explorer of the weights that are kept.

    What the model answers from comes first, exactly: the class token, or the mean of some tokens,
    which stands above them. The picture is the one that the page has already.
    """
    names, short = patch_names(explanation.grid, explanation.tokens)
    above = int(explanation.answer_is != "the class token")
    if above:
        names, short = [explanation.answer_is, *names], ["answer", *short]
    maps: list[Map] = []
    for layer, answers in enumerate(explanation.answer):
        for head in (*range(len(answers)), "mean"):
            number, mean = (0, True) if head == "mean" else (head, False)
            exact = (answers.mean(0) if mean else answers[number])[None]
            kept = explanation.kept == ("mean" if mean else "heads")
            packed = explanation.packed if kept else None
            weights: Any = exact
            if mean and explanation.kept != "mean":
                packed, weights = explanation.packed, Mean(maps[-len(answers) :])
            elif packed is not None:
                levels, tops = (x[layer, number, 1 - above :] for x in (packed.levels, packed.tops))
                weights = Packed(levels, tops, packed.error, exact)
            maps.append(
                Map(
                    f"layer {layer}, {'mean of the heads' if mean else f'head {head}'}",
                    weights,
                    note=_note(explanation, whole=packed is not None),
                    layer=layer,
                    head="mean" if mean else number,
                    masked=False,
                    queries=range(len(names) if packed is not None else 1),
                    keys=range(above, len(names)),
                )
            )
    return explorer(
        maps,
        title=f"{explanation.name}: weights",
        tokens=names,
        short=short,
        image=f"#{PICTURE}",
        grid=explanation.grid,
        map=(explanation.layer, "mean" if explanation.head is None else explanation.head),
        query=0,
        url=True,
    )


def _note(explanation: Explanation, *, whole: bool) -> str:
    """Return what a reader should know of a map's numbers."""
    answer = explanation.answer_is
    if whole and explanation.packed is not None:
        error = _short(explanation.packed.error, 3)
        return f"Each weight is kept in a byte, off by at most {error}; {answer} is exact."
    if explanation.kept == "mean":
        return f"Of single heads this file keeps {answer} alone; of all tokens the mean of heads."
    return (
        "This file is too large a model's to hold what each patch looks at: it keeps "
        f"{answer} alone, exactly."
    )


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


def _share(share: float) -> str:
    digits = f"{100 * share:.1f}" if share >= 0.001 else f"{100 * share:.2g}"
    return f"{digits}\N{NO-BREAK SPACE}%"


def _short(number: float, digits: int = 2) -> str:
    return re.sub("e-0*", "e-", f"{number:.{digits}g}")


def _file(name: str) -> str:
    return (files("vitexplain.report") / "assets" / name).read_text(encoding="utf-8")
