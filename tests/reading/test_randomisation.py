"""Cascading randomisation draws what it says and nothing else; correlation of SciPy's ranks."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from tests.refusing import refuses
from tests.test_vit import TINY, VARIANTS, random_vit
from vitexplain.reading import CLASS_AGNOSTIC, READINGS, parts, randomised, similarity

TARGET = torch.tensor([3, 1])


def changed(vit, broken):
    pairs = zip(vit.named_parameters(), broken.named_parameters(), strict=True)
    return {name for (name, old), (_, new) in pairs if not torch.equal(old, new)}


@pytest.mark.parametrize("name", ["class", "pre-logits", "distillation", "registers", "LayerScale"])
def test_the_cascade_goes_down_part_by_part(name):
    vit = random_vit(VARIANTS[name])
    before = {key: parameter.clone() for key, parameter in vit.named_parameters()}
    names = set(before)
    head = {n for n in names if n.startswith(("head", "norm", "pre_logits"))}
    top = {n for n in names if n.startswith("blocks.1.")}
    low = {n for n in names if n.startswith("blocks.0.")}
    assert parts(vit.config) == ["head", "block 1", "block 0", "embedding"]
    expected = [set(), head, head | top, head | top | low, names]
    copies = [randomised(vit, from_top=count, seed=7) for count in range(5)]
    assert [changed(vit, copy) for copy in copies] == expected
    assert changed(copies[4], randomised(vit, seed=7)) == set()
    assert changed(copies[2], copies[3]) == low  # each step adds to the one before
    for key, parameter in vit.named_parameters():
        torch.testing.assert_close(parameter, before[key], rtol=0, atol=0)


def test_the_seed_decides_and_torchs_generator_is_left_alone(vit):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = randomised(vit, seed=1)
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)
    assert changed(first, randomised(vit, seed=1)) == set()
    assert "head.weight" in changed(first, randomised(vit, seed=2))
    assert next(first.parameters()).dtype == torch.float64


def test_a_new_head_changes_what_asks_for_the_class_and_no_map_of_attention(vit, images):
    broken = randomised(vit, from_top=1)
    for name, reading in READINGS.items():
        alike = similarity(reading(vit, images, TARGET), reading(broken, images, TARGET))
        if name in CLASS_AGNOSTIC:
            torch.testing.assert_close(alike, torch.ones(2).double())
        else:
            assert (alike < 0.95).all(), name


@given(st.integers(0, 99), st.integers(2, 12), st.integers(1, 4))
def test_similarity_is_the_correlation_of_ranks(seed, size, values):
    rng = np.random.default_rng(seed)
    maps = rng.integers(0, values + 1, (3, size)).astype(float)  # with ties
    others = rng.random((3, size)).round(1)
    found = similarity(maps, others)
    for a, b, rho in zip(maps, others, found, strict=True):
        if np.ptp(a) and np.ptp(b):
            ranks = rankdata(a), rankdata(b)
            np.testing.assert_allclose(rho, np.corrcoef(*ranks)[0, 1], atol=1e-12)
        else:
            assert np.isnan(rho)
    np.testing.assert_allclose(
        similarity(torch.from_numpy(maps), torch.from_numpy(others)), found, atol=1e-12
    )


def test_only_the_order_counts(rng):
    maps = rng.normal(size=(2, 4, 5))
    np.testing.assert_allclose(similarity(maps, np.exp(maps)), 1)
    np.testing.assert_allclose(similarity(maps, -(maps**3)), -1)


test_what_they_refuse = refuses(
    (ValueError, "from_top must be .* 4, got 5", lambda: randomised(random_vit(TINY), from_top=5)),
    (ValueError, "one shape", lambda: similarity(np.ones((2, 3)), np.ones((2, 4)))),
    (ValueError, "two numbers at least", lambda: similarity(np.ones((2, 1)), np.ones((2, 1)))),
)
