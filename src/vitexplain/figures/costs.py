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
    attention = {"attention": macs["attention projections"] + macs["attention products"]}
    macs = {part: count for part, count in macs.items() if not part.startswith("attention")}
    macs |= attention
    whole = sum(parameters.values()), sum(macs.values())
    counts = {part: (parameters.get(part, 0), macs.get(part, 0)) for part in {**parameters, **macs}}
    large = {
        part: pair
        for part, pair in counts.items()
        if any(n >= total / 1000 for n, total in zip(pair, whole, strict=True))
    }
    order = sorted(large, key=lambda part: -large[part][0])
    rest = tuple(sum(pair[i] for pair in counts.values()) for i in (0, 1))
    rest = tuple(n - sum(large[part][i] for part in order) for i, n in enumerate(rest))
    rows = [*order, "the rest"] if any(rest) else order
    pairs = [large[part] for part in order] + ([rest] if any(rest) else [])
    titles = ("parameters", "multiply-adds")
    columns = [
        Column(
            title,
            [pair[i] / whole[i] for pair in pairs],
            [f"{_short(pair[i])} · {pair[i] / whole[i]:.1%}" if pair[i] else "0" for pair in pairs],
            role,
            [f"{pair[i]:,}" for pair in pairs],
        )
        for i, (title, role) in enumerate(zip(titles, ("ink", "muted"), strict=True))
    ]
    figure = bar_panels(rows, columns)
    products = mac_shares(config)["attention products"] / whole[1]
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
