"""Swin: windows by brute force, who may attend to whom, steps with every intermediate."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from timm.models.swin_transformer import PatchMerging as TimmMerging
from torch.testing import assert_close

from tests.compare.networks import NETWORKS, images_for, random_model, swin
from vitexplain.compare.relative import RelativeBias, count_offsets
from vitexplain.compare.swin import Block, Embedding, Merge, Swin
from vitexplain.compare.swin_block import PatchMerging, SwinBlock
from vitexplain.windows import partition, shifted_mask, unpartition

CASE = NETWORKS["swin"]["shifts and merges"]
TINY = CASE.config


def shift(x: torch.Tensor, by: tuple[int, int]) -> torch.Tensor:
    return x.roll((-by[0], -by[1]), (1, 2))


GRIDS = [  # grid, window, shift
    ((4, 4), (2, 2), (1, 1)),
    ((6, 6), (3, 3), (1, 1)),
    ((4, 8), (4, 4), (0, 2)),
    ((8, 4), (4, 2), (2, 1)),
    ((4, 4), (4, 4), (0, 0)),
]


def blocks(model: Swin) -> list[SwinBlock]:
    return [part for part in model.parts() if isinstance(part, SwinBlock)]


def places(grid: tuple[int, int]) -> list[tuple[int, int]]:
    return list(product(range(grid[0]), range(grid[1])))


@pytest.mark.parametrize(("grid", "window", "by"), GRIDS)
def test_windows_hold_the_places_of_the_shifted_map_row_by_row(grid, window, by):
    x = torch.randn(2, *grid, 3)
    windows = partition(shift(x, by), window)
    for (row, col), (i, j) in product(places(grid), places(window)):
        if row % window[0] or col % window[1]:
            continue  # not a window's first place
        number = (row // window[0]) * (grid[1] // window[1]) + col // window[1]
        source = x[:, (row + i + by[0]) % grid[0], (col + j + by[1]) % grid[1]]
        assert_close(windows[:, number, i * window[1] + j], source, rtol=0, atol=0)
    back = shift(unpartition(windows, grid, window), (-by[0], -by[1]))
    assert_close(back, x, rtol=0, atol=0)


@pytest.mark.rejects
def test_windows_that_do_not_tile_the_map_are_an_error():
    with pytest.raises(ValueError, match="windows of 3×2 do not tile a map of 4×4"):
        partition(torch.zeros(1, 4, 4, 1), (3, 2))


def regions(grid: tuple[int, int], window: tuple[int, int], by: tuple[int, int]) -> dict:
    """The window, of those moved down and right by `by` and cut at the edge, of each place."""
    return {
        (row, col): ((row - by[0]) // window[0], (col - by[1]) // window[1])
        for row, col in places(grid)
    }


@pytest.mark.parametrize(("grid", "window", "by"), GRIDS)
def test_mask_lets_pairs_of_the_same_original_region_attend(grid, window, by):
    region = regions(grid, window, by)
    order = torch.arange(grid[0] * grid[1]).reshape(1, *grid, 1)
    held = partition(shift(order, by), window)[0, :, :, 0]  # (window, token): original place
    mask = shifted_mask(grid, window, by)
    for number, tokens in enumerate(held.tolist()):
        for (a, first), (b, second) in product(enumerate(tokens), repeat=2):
            same = region[divmod(first, grid[1])] == region[divmod(second, grid[1])]
            assert mask[number, a, b] == same, (number, first, second)


@pytest.mark.parametrize("index", [0, 1])
def test_what_one_place_changes_is_its_region_and_no_more(index):
    """By perturbing each place: windows in block 0, shifted windows in block 1."""
    config = replace(TINY, image_size=8, window=2)  # 4 × 4 places
    attention = blocks(random_model(swin(config)))[index].attn
    grid, by = config.grid(0), config.shift_of(0, index)
    assert by == ((1, 1) if index else (0, 0))
    region = regions(grid, (2, 2), by)
    x = torch.randn(1, *grid, config.dim, dtype=torch.float64)
    before = attention(x)
    for place in places(grid):
        moved = x.clone()
        moved[0][place] += 1
        changed = (attention(moved) - before).abs().amax(-1)[0] > 1e-9
        found = {other for other in places(grid) if changed[other]}
        assert found == {other for other in places(grid) if region[other] == region[place]}


@pytest.mark.parametrize("grid", [(1, 1), (3, 3), (2, 5)])
def test_bias_depends_on_the_offset_alone(grid):
    rows, cols = grid
    module = RelativeBias(grid, 2)
    table = torch.randn(count_offsets(grid), 2)
    module.load_state_dict({"relative_position_bias_table": table})
    bias = module.bias().detach()
    assert bias.shape == (2, rows * cols, rows * cols)
    by_offset = table.reshape(2 * rows - 1, 2 * cols - 1, 2)
    seen = set()
    for (a, query), (b, key) in product(enumerate(places(grid)), repeat=2):
        offset = query[0] - key[0] + rows - 1, query[1] - key[1] + cols - 1
        seen.add(offset)
        assert_close(bias[:, a, b], by_offset[offset], rtol=0, atol=0)
    assert len(seen) == count_offsets(grid)  # and every entry is used


def test_steps_have_every_intermediate():
    embedding, first, second, merge, *_ = random_model(CASE).walk(images_for(CASE).double())
    assert isinstance(embedding, Embedding)
    assert isinstance(merge, Merge)
    assert embedding.output.shape == (2, 8, 8, 12)
    assert merge.gathered.shape == (2, 4, 4, 48)
    assert merge.output.shape == (2, 4, 4, 24)
    assert isinstance(first, Block)
    assert isinstance(second, Block)
    for block, by in ((first, (0, 0)), (second, (2, 2))):
        assert (block.window, block.shift) == ((4, 4), by)
        assert block.windows.shape == (2, 4, 16, 12)
        weights = block.attention.attention.weights
        assert weights.shape == (2, 4, 2, 16, 16)  # batch, window, head, query, key
        assert block.bias is not None
        assert block.bias.shape == (2, 16, 16)
        assert_close(weights.sum(-1), torch.ones_like(weights[..., 0]))
        assert block.shortcut is block.input
    assert first.mask is None
    assert second.mask is not None
    weights = second.attention.attention.weights
    forbidden = ~second.mask.expand_as(weights[0])
    assert (weights[:, forbidden] == 0).all()
    assert (weights[:, ~forbidden] > 0).all()


def test_one_window_is_global_attention_that_permutes_with_its_places():
    config = replace(NETWORKS["swin"]["one window"].config, relative=False)
    x = torch.randn(1, 8, 8, config.dim, dtype=torch.float64)
    order = torch.randperm(64)

    def permuted(x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1, 2)[:, order].unflatten(1, (8, 8))

    for block in blocks(random_model(swin(config))):
        assert block.attn.shift == (0, 0)
        assert_close(block(permuted(x)), permuted(block(x)))
    block = blocks(random_model(swin(replace(config, relative=True))))[0]
    assert (block(permuted(x)) - permuted(block(x))).abs().max() > 0.01


def test_merging_is_in_the_order_of_timm():
    ours = PatchMerging(replace(TINY, dim=6), stage=1)
    theirs = TimmMerging(6)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(torch.randn_like(parameter))
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 4, 6, 6)
    assert_close(ours(x), theirs(x))
    assert_close(ours.step(x).output, theirs(x))
