"""Where a Vision Transformer's parameters and multiply-adds are."""

import plotly.graph_objects as go

from vitexplain.figures.bar_panels import Column, bar_panels
from vitexplain.figures.base import finish
from vitexplain.vit import ViTConfig, mac_shares, parameter_shares


def cost_shares(config: ViTConfig) -> go.Figure:
    """Return the share of each part in the parameters and in the multiply-adds of one image.

    Counts are those of `count_parameters` and `count_macs`. Parts below a thousandth of both
    are summed up as "the rest".
    """
    parameters, macs = parameter_shares(config), mac_shares(config)
    whole = sum(parameters.values()), sum(macs.values())
    products = macs["attention products"] / whole[1]
    macs["attention"] = macs.pop("attention projections") + macs.pop("attention products")
    counts = {part: (parameters.get(part, 0), macs.get(part, 0)) for part in {**parameters, **macs}}
    rows = [part for part, (a, b) in counts.items() if a >= whole[0] / 1000 or b >= whole[1] / 1000]
    rows.sort(key=lambda part: -counts[part][0])
    rest = [total - sum(counts[part][i] for part in rows) for i, total in enumerate(whole)]
    if any(rest):
        rows.append("the rest")
        counts["the rest"] = rest[0], rest[1]
    pairs = [counts[part] for part in rows]
    columns = []
    for title, role, numbers, total in zip(
        ("parameters", "multiply-adds"), ("ink", "muted"), zip(*pairs, strict=True), whole,
        strict=True,
    ):  # fmt: skip
        texts = [f"{_short(n)} · {n / total:.1%}" if n else "0" for n in numbers]
        shares = [n / total for n in numbers]
        columns.append(Column(title, shares, texts, role, [f"{n:,}" for n in numbers]))
    figure = bar_panels(rows, columns)
    alt = (
        f"Of {whole[0]:,} parameters and {whole[1]:,} multiply-adds, the MLPs have "
        f"{parameters['MLP'] / whole[0]:.1%} and {macs['MLP'] / whole[1]:.1%}, attention has "
        f"{parameters['attention'] / whole[0]:.1%} and {macs['attention'] / whole[1]:.1%}; "
        f"its products of tokens with tokens are only {products:.2%} of the multiply-adds."
    )
    table = [
        [row, *(text for i in (0, 1) for text in (f"{pair[i]:,}", f"{pair[i] / whole[i]:.2%}"))]
        for row, pair in zip(rows, pairs, strict=True)
    ]
    table.append(["all", f"{whole[0]:,}", "100%", f"{whole[1]:,}", "100%"])
    header = ["part", "parameters", "share", "multiply-adds", "share"]
    return finish(figure, alt=alt, header=header, rows=table)


def _short(count: int) -> str:
    for unit, name in ((10**9, " G"), (10**6, " M"), (10**3, " k")):
        if count >= unit:
            return f"{count / unit:.{2 if count < 10 * unit else 1}f}{name}"
    return str(count)
