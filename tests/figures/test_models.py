"""Figures of models: all heads, positions, shapes, costs."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.figures.test_words import array
from vitexplain.designed import designed_attention
from vitexplain.figures import cost_shares, head_layer_overview, position_similarity, vit_shapes
from vitexplain.figures.shapes import stages
from vitexplain.figures.theme import LIGHT
from vitexplain.positions import sinusoidal_1d, sinusoidal_2d
from vitexplain.vit import PRESETS, ViTConfig, count_macs, count_parameters, init_params, walk


def tiles_of(figure: Any, tiles: tuple[int, int]) -> np.ndarray:
    """Return the maps of a mosaic, (tile row, tile col, row, col), from 0 to 1."""
    sheet = array(figure.data[0].z).astype(float)
    inner = (np.array(sheet.shape) - 1) // tiles
    cut = sheet[:-1, :-1].reshape(tiles[0], inner[0], tiles[1], inner[1]).swapaxes(1, 2)
    lines = np.concatenate([cut[:, :, 0].ravel(), cut[:, :, :, 0].ravel()])
    assert not lines.any()
    assert cut[:, :, 1:, 1:].min() >= 1
    return (cut[:, :, 1:, 1:] - 1) / 254


def test_overview_shows_every_head_relative_to_its_largest_weight(
    rng: np.random.Generator,
) -> None:
    maps = rng.dirichlet(np.ones(17), size=(3, 2, 17))
    figure: Any = head_layer_overview(list(maps))
    peaks = maps.max(axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(tiles_of(figure, (3, 2)), maps / peaks, atol=0.5 / 254)
    assert figure.layout.meta["table"]["header"] == ["largest weight", "head 0", "head 1"]
    assert figure.layout.meta["table"]["rows"][1][1] == f"{maps[1, 0].max():.4f}"
    assert f"The largest of all is {maps.max():.4f}" in figure.layout.meta["alt"]


def test_overview_of_a_query_is_its_row_on_the_grid_without_the_prefix(
    rng: np.random.Generator,
) -> None:
    maps = rng.dirichlet(np.ones(14), size=(2, 3, 14))
    figure: Any = head_layer_overview(maps, query=1, grid=(3, 4), prefix=2)
    rows = maps[:, :, 1, 2:].reshape(2, 3, 3, 4)
    shown = tiles_of(figure, (2, 3))[:, :, 1::3, 1::3]  # each cell is drawn as 3 by 3
    np.testing.assert_allclose(shown, rows / rows.max(axis=(2, 3), keepdims=True), atol=0.5 / 254)


def test_overview_of_a_walk_of_vit() -> None:
    config = ViTConfig(image_size=32, patch=8, dim=16, depth=2, heads=4, mlp_dim=32, classes=3)
    steps: Any = walk(init_params(config), np.ones((3, 32, 32), np.float32), config)
    maps = [step.attention.attention.weights for step in steps if hasattr(step, "attention")]
    figure: Any = head_layer_overview(maps, query=0, grid=config.grid)
    assert tuple(figure.layout.xaxis.ticktext) == (0, 1, 2, 3)
    assert tuple(figure.layout.yaxis.ticktext) == (0, 1)


def test_overview_of_all_of_b16_on_its_grid_stays_light(rng: np.random.Generator) -> None:
    maps = rng.random((12, 12, 197, 197), dtype=np.float32)
    figure: Any = head_layer_overview(maps, query=0, grid=(14, 14))
    assert len(figure.to_json()) < 100_000


def test_position_similarity_on_a_grid_is_the_cosine_of_the_codes() -> None:
    codes = sinusoidal_2d(3, 4, 16)
    unit = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    cosine = (unit @ unit.T).reshape(3, 4, 3, 4)
    stretched = codes * np.arange(1, 13)[:, None]  # lengths do not matter to a cosine
    figure: Any = position_similarity(stretched, grid=(3, 4))
    shown = tiles_of(figure, (3, 4))[:, :, 1::3, 1::3]
    low = cosine.min()
    assert low > 0
    np.testing.assert_allclose(shown, (cosine - low) / (1 - low), atol=0.5 / 254)
    assert figure.layout.annotations[0].text == f"faintest {low:.2f}, strongest 1"
    rows = figure.layout.meta["table"]["rows"]
    assert rows[0] == [0, 0, "1"]
    np.testing.assert_allclose(
        float(rows[1][2]), np.mean([cosine[i, j, i, j + 1] for i in range(3) for j in range(3)]),
        atol=5e-5,
    )  # fmt: skip


def test_negative_similarities_are_grey() -> None:
    figure: Any = position_similarity(designed_attention().positions, grid=(4, 4))
    shown = tiles_of(figure, (4, 4))[:, :, 1::3, 1::3]
    np.testing.assert_allclose(shown[0, 0, 0, 0], 1)
    np.testing.assert_allclose(shown[0, 0, 3, 3], 0)  # opposite corners: cosine -1
    assert figure.data[0].colorscale[2][1] == LIGHT["muted"]


def test_position_similarity_in_a_line_is_one_matrix() -> None:
    codes = sinusoidal_1d(20, 8)
    figure: Any = position_similarity(codes)
    unit = codes / np.linalg.norm(codes, axis=1, keepdims=True)
    cosine = unit @ unit.T
    shown = tiles_of(figure, (1, 1))[0, 0]
    low = cosine.min()
    assert low > 0
    np.testing.assert_allclose(shown, (cosine - low) / (1 - low), atol=0.5 / 254)
    assert figure.layout.meta["table"]["rows"][0] == [0, "1"]


def test_the_table_of_a_grid_has_the_mean_of_the_pairs_that_far_apart(
    rng: np.random.Generator,
) -> None:
    codes = rng.normal(size=(3, 5, 8))
    codes /= np.linalg.norm(codes, axis=-1, keepdims=True)
    table = position_similarity(codes.reshape(15, 8), grid=(3, 5)).layout.meta["table"]
    assert table["header"] == ["rows apart", "columns apart", "mean cosine"]
    apart = {(0, 0): 1.0}
    for down, right in ((0, 1), (1, 0), (0, 2), (2, 0), (0, 4)):
        pairs = codes[: 3 - down, : 5 - right] * codes[down:, right:]
        apart[down, right] = float(pairs.sum(-1).mean())
    across = [codes[:-1, :-1] * codes[1:, 1:], codes[1:, :-1] * codes[:-1, 1:]]
    apart[1, 1] = float(np.mean([pairs.sum(-1).mean() for pairs in across]))
    shown = {(down, right): float(mean.replace("−", "-")) for down, right, mean in table["rows"]}
    assert shown == {key: pytest.approx(mean, abs=6e-4) for key, mean in apart.items()}


def test_shapes_are_those_that_the_walk_computes() -> None:
    config = ViTConfig(
        image_size=(8, 16), patch=4, dim=12, depth=2, heads=3, mlp_dim=20, classes=5, registers=2
    )
    steps: Any = walk(init_params(config), np.ones((3, 8, 16), np.float32), config)
    embedding, block, *_, readout = steps
    shown = [stage.shape for stage in stages(config)]
    attention = block.attention.attention
    computed = [
        (3, 8, 16), embedding.patches.shape, embedding.projected.shape, embedding.tokens.shape,
        block.normed.shape, attention.query.shape, attention.key.shape, attention.value.shape,
        attention.weights.shape, block.attention.output.shape, block.residual.shape,
        block.normed_mlp.shape, block.hidden.shape, block.mlp.shape, block.output.shape,
        readout.normed.shape, readout.pooled.shape, readout.logits.shape,
    ]  # fmt: skip
    assert shown == [tuple(shape) for shape in computed]


def test_shape_diagram_prints_every_shape_and_the_number_of_blocks() -> None:
    config = PRESETS["B/16"]
    figure: Any = vit_shapes(config)
    texts = " ".join(note.text for note in figure.layout.annotations if note.text)
    for part in ("3 × 224 × 224", "196 × 768", "197 × 768", "12 × 197 × 64", "12 × 197 × 197"):
        assert f"<b>{part}</b>" in texts
    assert "<b>× 12</b>" in texts
    boxes = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert {LIGHT[role] for role in ("query", "key", "value", "weight")} <= {
        box.line.color for box in boxes
    }
    assert len(figure.layout.meta["table"]["rows"]) == len(stages(config))


def test_shape_diagram_of_a_mean_readout_has_no_class_token() -> None:
    config = replace(PRESETS["S/16"], readout="mean", pre_logits=100)
    names = [stage.name for stage in stages(config)]
    assert names[3] == "positions"
    assert names[-3:] == ["mean of the patches", "pre-logits, tanh", "logits"]


@pytest.mark.parametrize("name", ["Ti/16", "B/16", "H/14"])
def test_costs_add_up_to_the_counts(name: str) -> None:
    config = PRESETS[name]
    figure: Any = cost_shares(config)
    *parts, total = figure.layout.meta["table"]["rows"]
    counts = [[int(row[i].replace(",", "")) for row in parts] for i in (1, 3)]
    assert sum(counts[0]) == count_parameters(config)
    assert sum(counts[1]) == count_macs(config)
    assert total[1] == f"{count_parameters(config):,}"
    bars = [trace for trace in figure.data if trace.type == "bar"]
    np.testing.assert_allclose(bars[0].x, np.array(counts[0]) / count_parameters(config))
    np.testing.assert_allclose(sum(bars[1].x), 1)


def test_costs_of_b16_say_where_the_multiply_adds_are() -> None:
    alt = cost_shares(PRESETS["B/16"]).layout.meta["alt"]
    assert "86,567,656 parameters" in alt
    assert "only 4.07% of the multiply-adds" in alt
