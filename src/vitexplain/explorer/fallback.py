"""What stands in an explorer's place without JavaScript: a picture and the table of weights."""

from html import escape
from typing import Any

import numpy as np

from vitexplain.explorer.numbers import decode, weights_of
from vitexplain.figures.theme import LIGHT
from vitexplain.pixels import GREY, brightness, cover

ALL, STRONGEST = 64, 20  # tokens that a table has at most, and how many of more it shows
NOTHING = 0.5e-4  # a weight that would read as 0.0000
COLUMNS = {"scores": "Score", "scaled": "Scaled", "bias": "Bias", "weights": "Weight"}


def fallback(data: dict[str, Any]) -> str:
    """Return an explorer's data as static HTML: the chosen query's row, as picture and table."""
    example, chosen = data["examples"][0], data["maps"][data["map"]]
    arrays = example["arrays"][data["map"]]
    query, names = data["query"], [token["label"] for token in example["tokens"]]
    first = arrays.get("queries", [0])[0]
    steps = [field for field in COLUMNS if field in arrays and field != "weights"]
    fields = {field: decode(arrays[field]) for field in steps}
    fields["weights"] = weights_of(data, data["map"])
    rows = {field: array[query - first] for field, array in fields.items()}
    keys = slice(*arrays.get("keys", [0, len(names)]))
    weights = np.zeros(len(names))  # of all tokens, where some are no keys
    weights[keys] = rows["weights"]
    left_out = arrays["masked"] & (rows["weights"] == 0)
    kind = "vx-words" if example["grid"] is None else "vx-picture"
    caption = f"{chosen['name']}: the weights of “{names[query]}”"
    size = " vx-compact" if data["compact"] else ""
    return (
        f'<div class="vx-fallback {kind}{size}" style="{_room(data)}">'
        f'<p class="vx-title">{escape(data["title"])}</p>'
        f"{_picture(example, names, query, weights)}{_choices(data)}"
        f'<details class="vx-more"><summary>{escape(caption)}</summary>'
        f'<div class="vx-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"{_table(names[keys], rows, left_out, caption)}</div></details></div>"
    )


def _room(data: dict[str, Any]) -> str:
    """Return what decides how tall the explorer is, for explorer.css: so nothing moves later."""
    examples, maps = data["examples"], data["maps"]
    sizes = {"tokens": len(examples[0]["tokens"]), "examples": len(examples)}
    layers = {one["layer"] for one in maps} - {None}
    if layers and len(maps) > 1 and not data["compact"]:
        sizes |= {"layers": len(layers), "heads": len({one["head"] for one in maps})}
    return ";".join(f"--{name}:{size}" for name, size in sizes.items())


def _table(
    names: list[str], rows: dict[str, np.ndarray], left_out: np.ndarray, caption: str
) -> str:
    """Return the row as a table, of many tokens the strongest; a dash where nothing was asked."""
    weights = rows["weights"]
    rows = {field: np.where(left_out, np.nan, values) for field, values in rows.items()}
    shown = range(len(names))
    rest = ""
    if len(names) > ALL:
        shown = np.argsort(-weights, kind="stable")[:STRONGEST].tolist()
        rest = (
            f'<tr><th scope="row">the other {len(names) - STRONGEST}, together</th>'
            f"{'<td>–</td>' * (len(rows) - 1)}<td>{np.delete(weights, shown).sum():.4f}</td></tr>"
        )
    heads = ["Token", *(COLUMNS[field] for field in rows)]
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(names[j])}</th>'
        + "".join(f"<td>{_number(float(values[j]))}</td>" for values in rows.values())
        + "</tr>"
        for j in shown
    )
    return (
        f'<table class="vx-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}{rest}</tbody></table>"
    )


def _number(x: float) -> str:
    return "–" if np.isnan(x) else f"{x:.4f}"


def _choices(data: dict[str, Any]) -> str:
    """Return what else there is to choose, in words."""
    said = []
    others = [one["name"] for one in data["examples"][1:]]
    if others:
        said.append(f"Also here: {', '.join(others)}.")
    layers = {one["layer"] for one in data["maps"]} - {None}
    if len(data["maps"]) > 1 and layers:
        said.append(f"One of {len(data['maps'])} maps of {len(layers)} layers.")
    return f"<p>{escape(' '.join(said))}</p>" if said else ""


def _picture(example: dict[str, Any], names: list[str], query: int, weights: np.ndarray) -> str:
    """Return the picture, each patch as bright as its weight; a sentence's words with theirs."""
    strongest = [j for j in np.argsort(-weights, kind="stable")[:3] if weights[j] > NOTHING]
    alt = f"{names[query]} gives most weight to " + ", ".join(
        f"{names[j]} ({weights[j]:.4f})" for j in strongest
    )
    if example["grid"] is None:
        words = "".join(
            f"<li{' class=vx-query' if j == query else ''}>{escape(name)} "
            f"<small>{weight:.4f}</small></li>"
            for j, (name, weight) in enumerate(zip(names, weights, strict=True))
        )
        return f'<ul class="vx-sentence">{words}</ul><p>{escape(alt)}.</p>'
    rows, cols = example["grid"]
    before = len(weights) - rows * cols
    shades = "".join(
        f'<rect x="{i % cols}" y="{i // cols}" width="1" height="1" opacity="{covered:.2f}"/>'
        for i, covered in enumerate(cover(brightness(weights))[before:])
    )
    place = query - before
    ring = (
        f'<rect x="{place % cols + 0.03}" y="{place // cols + 0.03}" width=".94" height=".94" '
        f'fill="none" stroke="{LIGHT["query"]}" stroke-width=".06" class="vx-ring"/>'
    )
    return (
        '<div class="vx-still" style="position:relative;max-width:22rem">'
        f'<img src="{example["image"]}" alt="{escape(alt)}" width="{16 * cols}" '
        f'height="{16 * rows}" '
        'style="display:block;width:100%;height:auto;image-rendering:pixelated">'
        f'<svg viewBox="0 0 {cols} {rows}" aria-hidden="true" '
        'style="position:absolute;inset:0;width:100%;height:100%">'
        f'<g fill="rgb({GREY} {GREY} {GREY})">{shades}</g>'
        f"{ring if place >= 0 else ''}</svg></div><p>{escape(alt)}.</p>"
    )
