"""The task of the tiny ViT: its pictures say what its answers say, and positions decide."""

import numpy as np
import pytest
import torch

from vitexplain.patches import patchify
from vitexplain.vit.toy import (
    ANSWERS,
    BLUE,
    GRID,
    RED,
    SIDE,
    TOY,
    accuracy,
    draw_pictures,
    paint_over,
    train,
)


@pytest.fixture(scope="module")
def pictures():
    return draw_pictures(2000, seed=2)


def places(images, colour):
    """Return the row and column of the tile of a colour, read from the pixels."""
    tiles = patchify(images, SIDE).unflatten(-1, (3, SIDE * SIDE))
    same = (tiles == torch.tensor(colour)[:, None]).all(dim=(-1, -2))
    assert bool((same.sum(-1) == 1).all()), "one tile a picture"
    return divmod(same.double().argmax(-1).numpy(), GRID[1])


def test_the_answer_is_what_the_pixels_show(pictures):
    (red_row, red_col), (blue_row, blue_col) = (places(pictures.images, c) for c in (RED, BLUE))
    down, right = red_row - blue_row, red_col - blue_col
    assert (abs(down) != abs(right)).all()
    expected = [
        ("above" if d < 0 else "below") if abs(d) > abs(r) else ("left" if r < 0 else "right")
        for d, r in zip(down, right, strict=True)
    ]
    assert [ANSWERS[i] for i in pictures.answers] == expected
    np.testing.assert_array_equal(pictures.red, red_row * GRID[1] + red_col)
    np.testing.assert_array_equal(pictures.blue, blue_row * GRID[1] + blue_col)


def test_answers_are_balanced_and_seeded(pictures):
    shares = torch.bincount(pictures.answers) / len(pictures.answers)
    np.testing.assert_allclose(shares, 0.25, atol=0.04)
    again = draw_pictures(2000, seed=2)
    np.testing.assert_array_equal(again.images, pictures.images)
    assert not torch.equal(draw_pictures(2000, seed=3).images, pictures.images)


def test_painting_over_changes_one_tile(pictures):
    painted = paint_over(pictures.images, pictures.red)
    changed = (patchify(painted, SIDE) != patchify(pictures.images, SIDE)).any(-1)
    every = torch.arange(len(painted))
    assert bool(changed[every, pictures.red].all())
    assert int(changed.sum()) == len(painted)
    assert bool((patchify(painted, SIDE)[every, pictures.red] == 0.9).all())


def test_with_positions_it_learns(pictures):
    vit = train()
    assert accuracy(vit, pictures.images, pictures.answers) > 0.98
    for tile in (pictures.red, pictures.blue):
        painted = paint_over(pictures.images, tile)
        assert accuracy(vit, painted, pictures.answers) < 0.75


def test_without_positions_it_guesses(pictures):
    vit = train(positions=False)
    np.testing.assert_array_equal(vit.pos_embed.detach(), 0)
    assert accuracy(vit, pictures.images, pictures.answers) < 0.35


def test_training_is_seeded_and_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    first, second = train(steps=2), train(steps=2)
    assert torch.equal(torch.random.get_rng_state(), before)
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        np.testing.assert_array_equal(one.detach(), other.detach())
    assert first.config == TOY
    assert not first.training


def test_nothing_to_draw_or_train_is_an_error():
    with pytest.raises(ValueError, match="number must be at least 1, got 0"):
        draw_pictures(0, seed=0)
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        train(steps=0)
