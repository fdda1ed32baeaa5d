"""Deletion, insertion and pointing by loops, on even maps, and by what they must add up to."""

import numpy as np
import pytest
import torch

from tests.refusing import refuses
from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import deletion, insertion, pointing
from vitexplain.reading.baseline import baseline_images
from vitexplain.reading.faithfulness import importance_ranks

TARGET = torch.tensor([3, 1])
EVEN = torch.ones(2, *TINY.grid).double()


@pytest.fixture
def maps(rng):
    return torch.from_numpy(rng.random((2, *TINY.grid)))


def by_a_loop(vit, start, end, maps, counts):
    """Probabilities with the `count` greatest patches of `end` copied into `start`."""
    found = np.zeros((2, len(counts)))
    for n in range(2):
        order = sorted(np.ndindex(*maps.shape[1:]), key=lambda place: -maps[n][place])
        for step, count in enumerate(counts):
            image = start[n].clone()
            for row, col in order[:count]:
                cell = (slice(None), slice(8 * row, 8 * row + 8), slice(8 * col, 8 * col + 8))
                image[cell] = end[n][cell]
            with torch.no_grad():
                found[n, step] = vit(image[None]).softmax(-1)[0, TARGET[n]]
    return found


@pytest.mark.parametrize("steps", [None, 5, 1])
def test_curves_by_a_loop(vit, images, maps, steps):
    counts = np.rint(np.linspace(0, 16, (steps or 16) + 1)).astype(int)
    mean, blurred = (baseline_images(images, name) for name in ("mean", "blur"))
    for curve, expected in (
        (deletion(vit, images, maps, TARGET, steps=steps), (images, mean)),
        (insertion(vit, images, maps, TARGET, steps=steps), (blurred, images)),
    ):
        probabilities = by_a_loop(vit, *expected, maps, counts)
        np.testing.assert_allclose(curve.shares, counts / 16)
        np.testing.assert_allclose(curve.probabilities, probabilities, rtol=1e-9)
        np.testing.assert_allclose(curve.area, np.trapezoid(probabilities, counts / 16), rtol=1e-9)


def test_with_one_baseline_insertion_is_deletion_of_the_opposite_map_backwards(vit, images, maps):
    there = deletion(vit, images, maps, TARGET, baseline=0.0)
    back = insertion(vit, images, -maps, TARGET, baseline=0.0)
    torch.testing.assert_close(there.probabilities, back.probabilities.flip(1))
    torch.testing.assert_close(there.area, back.area)


def test_only_the_order_of_a_map_counts(vit, images, maps):
    first = deletion(vit, images, maps, TARGET)
    again = deletion(vit, images, 5 * maps.exp() - 7, TARGET, at_once=1)
    torch.testing.assert_close(first.probabilities, again.probabilities)


def test_an_even_map_takes_a_random_order_that_the_seed_fixes():
    even = torch.zeros(3, 4, 4)
    ranks = importance_ranks(even)
    for row in ranks:
        assert sorted(row.tolist()) == list(range(16))
        assert row.tolist() != list(range(16))
    assert (ranks[0] != ranks[1]).any()
    torch.testing.assert_close(importance_ranks(even), ranks)
    assert (importance_ranks(even, seed=1) != ranks).any()
    early = torch.stack([importance_ranks(even, seed=seed) for seed in range(400)]).double()
    np.testing.assert_allclose(early.mean((0, 1)), 7.5, atol=0.7)


@pytest.mark.parametrize("name", ["mean", "registers", "wide image", "oblong patch"])
def test_other_models(name, rng):
    vit = random_vit(VARIANTS[name])
    maps = torch.from_numpy(rng.random((2, *vit.config.grid)))
    curve = deletion(vit, random_images(vit.config), maps, TARGET, steps=3)
    assert tuple(curve.probabilities.shape) == (2, 4)


def test_pointing():
    maps = np.zeros((4, 2, 2))
    maps[0, 0, 1] = maps[1, 1, 1] = 3
    maps[2, 0] = 1  # two maxima, one of them inside
    inside = np.array([[[0, 1], [0, 0]], [[0, 1], [0, 0]], [[1, 0], [1, 0]], [[1, 1], [1, 0]]]) > 0
    for convert in (np.asarray, torch.from_numpy):
        found = pointing(convert(maps), convert(inside))
        assert found.share == (1 + 0 + 1 / 2 + 3 / 4) / 4
        assert found.chance == (1 + 1 + 2 + 3) / 16


def test_random_maps_point_by_chance(rng):
    inside = rng.random((4000, 4, 4)) < 0.3
    found = pointing(rng.random((4000, 4, 4)), inside)
    assert abs(found.share - found.chance) < 0.03
    even = pointing(np.ones((4000, 4, 4)), inside)
    np.testing.assert_allclose(even.share, even.chance)


def curve(maps=EVEN, target=TARGET, **options):
    return deletion(random_vit(TINY), random_images(TINY), maps, target, **options)


test_what_they_refuse = refuses(
    (ValueError, "one number a patch", lambda: curve(EVEN[:, :2])),
    (ValueError, "steps must be from 1 to 16, got 17", lambda: curve(steps=17)),
    (ValueError, "at_once must be at least 1, got 0", lambda: curve(at_once=0)),
    (ValueError, "finite", lambda: curve(EVEN / 0)),
    (ValueError, "target", lambda: curve(target=torch.tensor([0, 9]))),
    (ValueError, "one shape", lambda: pointing(EVEN, torch.ones(2, 2, 2, dtype=torch.bool))),
    (TypeError, "boolean", lambda: pointing(EVEN, EVEN)),
)
