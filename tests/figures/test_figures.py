"""What holds for every figure: colours of the palette, words and numbers, NumPy and torch alike."""

import json
import re
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from tests.figures import test_receptive_fields, test_side_by_side
from tests.figures.test_architecture import OURS as NETWORKS
from tests.figures.test_charts import CHARTS
from vitexplain import figures
from vitexplain.attention import attend
from vitexplain.designed import designed_attention
from vitexplain.figures import dark, stages_of
from vitexplain.figures.base import number
from vitexplain.figures.theme import DARK, DARK_SCALE, LIGHT, LIGHT_SCALE, twins
from vitexplain.positions import sinusoidal_1d, sinusoidal_2d
from vitexplain.tokens import GOAT_ANIMAL, MESSI, SIMILARITY
from vitexplain.vit import PRESETS

designed = designed_attention()
generator = np.random.default_rng(0)
maps = generator.dirichlet(np.ones(17), size=(3, 2, 17))
goat = attend(*3 * [GOAT_ANIMAL.embeddings])
messi = attend(*3 * [MESSI.embeddings])
plane = {"words": GOAT_ANIMAL.words, "axes": GOAT_ANIMAL.axes}
on_face = {"image": designed.face.image, "grid": (4, 4), "labels": designed.face.labels}

FIGURES = {
    "plane": figures.embedding_plane(MESSI.embeddings, words=MESSI.words, axes=MESSI.axes),
    "moves": figures.embedding_plane(
        GOAT_ANIMAL.embeddings, **plane, moves={"goat": goat.output[3]}, arrows=True
    ),
    "similarity": figures.similarity_table(SIMILARITY.embeddings, words=SIMILARITY.words),
    "steps": figures.attention_steps(goat, query=3, words=GOAT_ANIMAL.words),
    "matrix": figures.attention_matrix(messi.weights, words=MESSI.words, query=0),
    "scores": figures.attention_matrix(-messi.scores, words=MESSI.words, quantity="score"),
    "large matrix": figures.attention_matrix(maps[0, 0], words=[str(i) for i in range(17)]),
    "numbers": figures.number_matrix(
        designed.w_q, rows=designed.features, cols=list("abcdefgh"), role="query", title="W_Q"
    ),
    "patches": figures.patch_attention(designed.head(0).weights[1], query=1, **on_face),
    "itself": figures.patch_attention(designed.head(1).weights[1], query=1, **on_face),
    "map": figures.patch_attention(
        generator.random(196), image=generator.random((3, 224, 224)), grid=(14, 14)
    ),
    "grid": figures.patch_grid(**on_face),
    "heads": figures.head_layer_overview(maps),
    "heads on a grid": figures.head_layer_overview(maps, query=0, grid=(4, 4)),
    "2-D positions": figures.position_similarity(sinusoidal_2d(14, 14, 64), grid=(14, 14)),
    "1-D positions": figures.position_similarity(sinusoidal_1d(30, 16)),
    "negative positions": figures.position_similarity(designed.positions, grid=(4, 4)),
    "shapes": figures.vit_shapes(PRESETS["B/16"]),
    "costs": figures.cost_shares(PRESETS["L/16"]),
    **{f"chart: {name}": one for name, one in CHARTS.items()},
    "fields": test_receptive_fields.FIGURE,
    "static and dynamic": test_receptive_fields.WEIGHTS,
    "side by side": test_side_by_side.FIGURE,
    "reach": figures.window_reach((8, 8), 4, (3, 5)),
    "networks": figures.architectures(
        {name: stages_of(NETWORKS[name][1]) for name in ("ResNet-50", "Swin-T", "CoAtNet-0")}
    ),
}
LIGHTER = ("fields", "static and dynamic")
HEAVY = ("map",)  # random pixels do not compress, so their size says nothing
every_figure = pytest.mark.parametrize("name", FIGURES)


def without_pictures(figure: go.Figure) -> str:
    return re.sub(r'"source":"[^"]*"', "", str(figure.to_json()))


def colours_of(figure: Any) -> set[str]:
    return set(re.findall(r"#[0-9a-fA-F]{3,8}\b", without_pictures(figure)))


@every_figure
def test_colours_are_those_of_the_palette_and_in_the_dark_their_twins(name: str) -> None:
    figure, other = FIGURES[name], dark(FIGURES[name])
    colours = colours_of(figure)
    assert colours
    assert colours <= {*LIGHT.values(), *(() if name.startswith("chart") else LIGHT_SCALE)}
    assert "rgb" not in without_pictures(figure)
    assert colours_of(other) == {twins()[colour] for colour in colours}
    assert colours_of(other) <= {*DARK.values(), *DARK_SCALE}
    assert other.layout.meta == figure.layout.meta


@every_figure
def test_alt_text_and_table_say_what_is_shown(name: str) -> None:
    meta = FIGURES[name].layout.meta
    assert (20 if name.startswith("chart") else 40) < len(meta["alt"]) < 700
    assert meta["alt"].endswith(".")
    table = meta["table"]
    assert table["rows"]
    assert all(len(row) == len(table["header"]) for row in table["rows"])
    assert sum(map(len, table["rows"])) <= 300
    json.dumps(meta, allow_nan=False)


@every_figure
def test_figures_are_light_cartesian_of_fixed_height_and_free_width(name: str) -> None:
    figure: Any = FIGURES[name]
    assert figure.layout.height > (60 if name.startswith("chart") else 100)
    assert figure.layout.width is None
    assert figure.layout.showlegend is False
    assert {trace.type for trace in figure.data} <= {"scatter", "bar", "heatmap", "image"}
    if name not in HEAVY:
        assert len(figure.to_json()) < (60_000 if name in LIGHTER else 100_000)


def test_torch_tensors_give_the_same_figures() -> None:
    def same(one: go.Figure, other: go.Figure) -> None:
        assert one.to_json() == other.to_json()

    words, tensor = torch.tensor(GOAT_ANIMAL.embeddings), torch.tensor
    same(
        figures.embedding_plane(words, **plane),
        figures.embedding_plane(GOAT_ANIMAL.embeddings, **plane),
    )
    same(
        figures.attention_steps(attend(words, words, words), query=3, words=GOAT_ANIMAL.words),
        FIGURES["steps"],
    )
    same(
        figures.patch_attention(
            tensor(designed.head(0).weights[1], requires_grad=True),
            image=tensor(designed.face.pixels),
            grid=(4, 4),
            query=1,
            labels=designed.face.labels,
        ),
        FIGURES["patches"],
    )
    same(figures.head_layer_overview([tensor(layer) for layer in maps]), FIGURES["heads"])


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.45959390, "0.4596"), (12.5, "12.5"), (-3.0, "−3"), (-0.00001, "0"), (100.0, "100")],
)
def test_numbers_are_rounded_without_trailing_zeros(value: float, text: str) -> None:
    assert number(value) == text
