"""The shapes of the arrays through a Vision Transformer, top to bottom."""

from dataclasses import dataclass, replace
from typing import Any

import plotly.graph_objects as go

from vitexplain.figures.base import blank_axis, finish, font, frame, note
from vitexplain.figures.marks import arrow, box, labels
from vitexplain.figures.theme import LIGHT
from vitexplain.patches import sides
from vitexplain.vit import ViTConfig

ROW = 34  # pixels


@dataclass(frozen=True)
class Stage:
    """One step: what is done, the shape that comes out, whether it is inside the blocks."""

    name: str
    shape: tuple[int, ...]
    axes: str
    role: str = "ink"
    inside: bool = False
    skip: bool = False  # adds what came before the last layer norm: a residual


def stages(config: ViTConfig) -> list[Stage]:
    """Return the steps of one forward pass of one image, in order, with their output's shape."""
    rows, cols = sides(config.image_size)
    dim, tokens, heads = config.dim, config.tokens, config.heads
    head_dim = dim // heads
    per_head = (heads, tokens, head_dim)
    sequence, axes = (tokens, dim), "token × dim"
    prefix = ["class token"] * (config.readout == "class") + ["registers"] * bool(config.registers)
    embed = [
        Stage("image", (config.channels, rows, cols), "channel × row × col"),
        Stage("patches, flattened", (config.patches, config.patch_dim), "patch × pixel"),
        Stage("projected", (config.patches, dim), "patch × dim"),
        Stage(" + ".join([*prefix, "positions"]), sequence, axes),
    ]
    block = [
        Stage("layer norm", sequence, axes),
        Stage("query", per_head, "head × token × dim", "query"),
        Stage("key", per_head, "head × token × dim", "key"),
        Stage("value", per_head, "head × token × dim", "value"),
        Stage("weights", (heads, tokens, tokens), "head × token × token", "weight"),
        Stage("heads merged, projected", sequence, axes),
        Stage("add what came in", sequence, axes, skip=True),
        Stage("layer norm", sequence, axes),
        Stage("MLP, hidden, GELU", (tokens, config.mlp_dim), "token × hidden"),
        Stage("MLP, out", sequence, axes),
        Stage("add what came in", sequence, axes, skip=True),
    ]
    block = [replace(stage, inside=True) for stage in block]
    pooled = "class token" if config.readout == "class" else "mean of the patches"
    last = [Stage("layer norm", sequence, axes), Stage(pooled, (dim,), "dim")]
    if config.pre_logits is not None:
        last.append(Stage("pre-logits, tanh", (config.pre_logits,), "dim"))
    return embed + block + [*last, Stage("logits", (config.classes,), "class")]


def vit_shapes(config: ViTConfig) -> go.Figure:
    """Return the steps of a ViT from image to logits with the shape of each array.

    The frame holds one block, which is repeated; its arcs are the residual connections.
    """
    steps = stages(config)
    count = len(steps)
    figure = frame(ROW * count + 24)
    figure.update_layout(
        xaxis=blank_axis(range=[0, 1]),
        yaxis=blank_axis(range=[count - 0.4, -0.6]),
        margin={"l": 4, "r": 4, "t": 12, "b": 12},
    )
    inside = [i for i, stage in enumerate(steps) if stage.inside]
    first, final = inside[0], inside[-1]
    fill: dict[str, Any] = {"fillcolor": LIGHT["surface"], "layer": "below"}
    figure.add_shape(box((0.0, first - 0.5), (1.0, final + 0.5), "line", 1, **fill))
    figure.add_annotation(
        note(
            0.955, (first + final) / 2, f"<b>× {config.depth}</b>", textangle=90, font=font(size=15)
        )
    )
    start = first - 1
    for i, stage in enumerate(steps):
        line, paper = 1 + (stage.role != "ink"), LIGHT["paper"]
        figure.add_shape(box((0.09, i - 0.38), (0.9, i + 0.38), stage.role, line, fillcolor=paper))
        text = font(stage.role, 12)
        figure.add_annotation(note(0.105, i, stage.name, xanchor="left", font=text))
        figure.add_annotation(
            note(0.885, i, f"<b>{shape_text(stage.shape)}</b>", xanchor="right", font=text)
        )
        if stage.skip:
            _residual(figure, start + 0.15, i - 0.15)
            start = i
    labels(
        figure, [(0.5, i) for i in range(count)],
        [[s.name, shape_text(s.shape), s.axes] for s in steps],
        "%{customdata[0]}: %{customdata[1]}<br>%{customdata[2]}", marker={"size": 26},
    )  # fmt: skip
    alt = (
        f"Shapes through the Vision Transformer: image {shape_text(steps[0].shape)}, patches "
        f"{shape_text(steps[1].shape)}, {config.tokens} tokens of {config.dim}, {config.depth} "
        f"blocks with weights {config.heads} × {config.tokens} × {config.tokens}, "
        f"{config.classes} logits."
    )
    rows = [
        [s.name + (" (each block)" if s.inside else ""), shape_text(s.shape), s.axes] for s in steps
    ]
    return finish(figure, alt=alt, header=["step", "shape", "axes"], rows=rows)


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as it is read: 12 × 197 × 64."""
    return " × ".join(map(str, shape))


def _residual(figure: go.Figure, start: float, stop: float) -> None:
    """Draw an arrow that leaves a box on its left, runs down and enters another."""
    figure.add_shape(
        type="path", path=f"M 0.09,{start} H 0.045 V {stop}",
        line={"color": LIGHT["muted"], "width": 2},
    )  # fmt: skip
    ends = (0.0437, stop), (0.09, stop)
    figure.add_annotation(arrow(*ends, LIGHT["muted"], 2, arrowsize=0.9))
