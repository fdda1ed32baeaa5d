"""Scenes are what they say, and what is measured of maps is what it is called."""

import math

import numpy as np
import pytest
import torch

from vitexplain.experiments.families import build
from vitexplain.experiments.scene_reading import (
    YARDSTICKS,
    class_attention,
    features,
    for_size,
    inside,
    kept,
    neighbours,
    on_object,
    overlap,
)
from vitexplain.experiments.scenes import KINDS, SIDE, Scenes, draw_scenes, lit_alike
from vitexplain.experiments.tasks import generator_of
from vitexplain.vit import attention_weights


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return draw_scenes(300, generator_of(5, 0))


@pytest.fixture(scope="module")
def model():
    return build("scenes", "dino", seed=0).eval()


def test_every_kind_is_there_whole_and_of_many_sizes(scenes):
    assert set(scenes.labels.tolist()) == set(range(len(KINDS)))
    assert scenes.images.shape == (300, 3, SIDE, SIDE)
    assert -1.2 < scenes.images.min() < -0.7 < 0.7 < scenes.images.max() < 1.2
    area = scenes.masks.flatten(1).sum(1)
    assert area.min() > 0.02 * SIDE**2
    assert area.max() < math.pi * 17.5**2
    edge = torch.cat(
        [scenes.masks[:, :, [0, -1]].flatten(1), scenes.masks[:, [0, -1]].flatten(1)], 1
    )
    assert edge.float().mean() < 0.02  # an object touches the border at most
    places = torch.stack([m.nonzero().float().mean(0) for m in scenes.masks])
    assert places.std(0).min() > 4


def test_the_same_generator_draws_the_same(scenes):
    again = draw_scenes(300, generator_of(5, 0))
    assert torch.equal(again.images, scenes.images)
    assert torch.equal(again.masks, scenes.masks)
    assert not torch.equal(draw_scenes(300, generator_of(5, 1)).images, scenes.images)


def test_neither_brightness_nor_contrast_gives_the_object_away(scenes):
    """Over scenes, pixels inside and outside have one mean and one spread."""
    grey, mask = scenes.grey[:, 0], scenes.masks
    within, without = (
        torch.stack([one[where].mean() for one, where in zip(grey, part, strict=True)])
        for part in (mask, ~mask)
    )
    assert abs(float(within.mean() - without.mean())) < 0.1
    spread = [
        torch.stack([one[where].std() for one, where in zip(grey, part, strict=True)]).mean()
        for part in (mask, ~mask)
    ]
    assert 0.7 < float(spread[0] / spread[1]) < 1.4


def test_kept_is_the_fewest_patches_that_hold_the_share():
    rng = np.random.default_rng(0)
    maps = torch.tensor(rng.dirichlet(np.ones(16), size=20).reshape(20, 4, 4))
    for one, chosen in zip(maps, kept(maps), strict=True):
        values = sorted(one.flatten().tolist(), reverse=True)
        fewest = next(n for n in range(1, 17) if sum(values[:n]) >= 0.6)
        assert int(chosen.sum()) == fewest
        assert one[chosen].sum() >= 0.6
        assert one[chosen].min() >= one[~chosen].max()
    assert torch.equal(kept(maps), kept(7 * maps))


def test_overlap_and_weight_by_hand():
    mask = torch.zeros(1, 8, 8, dtype=torch.bool)
    mask[0, :4, :6] = True  # 24 pixels: one patch and a half, of patches of 4 × 4 pixels
    chosen = torch.tensor([[[[True, False], [True, False]]]])
    assert overlap(chosen, mask).item() == pytest.approx(16 / (32 + 24 - 16))
    maps = torch.tensor([[[[0.2, 0.4], [0.3, 0.1]]]])
    assert on_object(maps, mask).item() == pytest.approx(0.2 + 0.4 / 2)
    np.testing.assert_allclose(inside(mask, 2)[0], [[1, 0.5], [0, 0]])


def test_yardsticks_read_the_picture_or_the_outline(scenes):
    found = {name: ask(scenes, 12) for name, ask in YARDSTICKS.items()}
    grey = (scenes.grey[:, 0] + 1) / 2
    patch = grey[7, 8:12, 4:8]
    assert found["brightness"][7, 2, 1].item() == pytest.approx(float(patch.mean()), abs=1e-6)
    assert found["contrast"][7, 2, 1].item() == pytest.approx(float(patch.std()), abs=1e-6)
    np.testing.assert_allclose(found["brightness"] + found["darkness"], 1, atol=1e-6)
    covers = {
        name: float(overlap(kept(one)[:, None], scenes.masks).mean()) for name, one in found.items()
    }
    assert covers["the object itself"] > 0.5
    assert covers["chance"] < covers["the object itself"] / 2


def test_class_attention_is_the_last_row_that_the_walk_shows(model, scenes):
    few = scenes[:3]
    with torch.no_grad():
        *_, last = attention_weights(for_size(model, SIDE).walk(lit_alike(few.grey)))
    np.testing.assert_allclose(
        class_attention(model, few).flatten(2), last[:, :, 0, 1:], rtol=1e-4, atol=1e-6
    )


def test_for_size_keeps_the_model_at_its_own_size(model):
    images = draw_scenes(2, generator_of(0, 0)).grey[..., :24, :24]
    with torch.no_grad():
        np.testing.assert_allclose(for_size(model, 24)(images), model(images), atol=1e-5)


def test_a_scene_is_its_own_nearest_neighbour(model, scenes):
    found = neighbours(model, scenes[:20], scenes, most=1)
    assert torch.equal(found.argmax(-1), scenes.labels[:20])
    np.testing.assert_allclose(features(model, scenes[:20]).norm(dim=-1), 1, rtol=1e-5)
