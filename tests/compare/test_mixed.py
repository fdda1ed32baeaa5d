"""MaxViT and LeViT: where each mixes, and what a place can hear of."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from tests.compare.networks import NETWORKS, SMALLEST, images_for, random_model
from vitexplain.compare import cost
from vitexplain.compare.coatnet_config import MAXVITS
from vitexplain.compare.levit import LeViT
from vitexplain.compare.levit_config import LEVITS
from vitexplain.compare.maxvit import MaxViT
from vitexplain.compare.relative import offset_index
from vitexplain.windows import comb, grid_places, uncomb


def case_of(kind):
    return NETWORKS[kind][SMALLEST[kind]]


@torch.no_grad()
def steps_of(kind):
    case = case_of(kind)
    return list(random_model(case).walk(images_for(case).double()))


def test_combing_is_the_grid_of_maxvit_and_comes_back():
    x = torch.arange(4 * 6.0).reshape(1, 4, 6, 1)
    groups = comb(x, (2, 3))  # cells of 2 × 3: a raster of 2 × 2
    assert_close(groups[0, ..., 0].int().numpy(), grid_places((4, 6), (2, 2)), check_dtype=False)
    assert_close(uncomb(groups, (4, 6), (2, 3)), x)
    with pytest.raises(ValueError, match="windows of 3×3 do not tile"):
        comb(x, (3, 3))


def test_after_a_block_of_maxvit_each_place_has_heard_of_all():
    case = case_of("maxvit")
    block = random_model(case).stages[0]["blocks"][0]
    x = torch.randn(1, 8, 8, 8, dtype=torch.float64)  # 4 windows a side
    changed = x.clone()
    changed[:, 0, 0, 0] += 1  # of one channel: a norm takes off what is added to all

    def heard(parts):
        one, other = x, changed
        for part in parts:
            one, other = part(one), part(other)
        return ((one - other).abs().amax(1)[0] > 1e-9).numpy()

    window, grid = heard([block.attn_block]), heard([block.attn_grid])
    assert np.argwhere(window).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert np.argwhere(grid).tolist() == [[0, 0], [0, 4], [4, 0], [4, 4]]
    both = heard([block.attn_block, block.attn_grid])
    assert both.sum() == 16  # four places of each of the window's four grids
    layer = next(s for s in steps_of("maxvit") if s.name.endswith("grid")).layer
    assert layer.note == "Sparse grids of 2 × 2"
    assert layer.full.shape[-2:] == (64, 64)


def test_levit_counts_distances_not_directions_and_asks_from_fewer_places():
    index = offset_index((3, 4), stride=2, mirrored=True)
    assert index.shape == (4, 12)
    assert index[0].tolist() == list(range(12))
    assert index[1].tolist() == [2, 1, 0, 1, 6, 5, 4, 5, 10, 9, 8, 9]
    shrinking = next(s for s in steps_of("levit") if s.name == "stage 1 block 0")
    weights = shrinking.attention.attention.weights
    assert weights.shape == (2, 4, 4, 16)  # 2 × 2 places ask 4 × 4
    assert_close(shrinking.residual, shrinking.mixed)  # nothing goes round
    assert_close(weights, (shrinking.attention.attention.scaled + shrinking.bias).softmax(-1))


@pytest.mark.parametrize(
    ("make", "config", "side", "parameters", "macs"),
    [  # parameters and multiply-adds as authors print them, where they do
        (LeViT, LEVITS["levit_128s"], 224, "7.8", "0.3"),
        (LeViT, LEVITS["levit_256"], 224, "18.9", "1.1"),
        (MaxViT, MAXVITS["maxvit_t"], 224, "30.9", "5.5"),
    ],
)  # fmt: skip
def test_the_published_sizes(make, config, side, parameters, macs):
    with torch.device("meta"):
        model = make(config)
    assert f"{cost.parameters(model) / 1e6:.1f}" == parameters
    assert f"{cost.multiply_adds(model, (3, side, side)) / 1e9:.1f}" == macs
