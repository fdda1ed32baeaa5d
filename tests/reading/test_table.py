"""Every reading under one name and signature, on every model that it says it reads."""

from pathlib import Path

import pytest
import torch

from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import (
    CLASS_AGNOSTIC,
    READINGS,
    gradient,
    integrated_gradients,
    occlusion,
    over_patches,
    raw,
    rollout_of,
)
from vitexplain.vit import attention_weights

TARGET = torch.tensor([3, 1])
NAMES = [
    "last layer", "mean of layers", "rollout", "attention flow", "value norms",
    "gradient × attention", "generic attribution", "transformer attribution",
    "gradient", "integrated gradients", "occlusion",
]  # fmt: skip
YARDSTICKS = NAMES[-3:]
CLASS_READOUTS = [
    "class", "registers", "pre-logits", "wide image", "oblong patch", "one channel",
    "GELU by tanh", "LayerScale", "no head",
]  # fmt: skip


def test_the_names():
    assert list(READINGS) == NAMES
    assert set(NAMES) > CLASS_AGNOSTIC
    for reading in READINGS.values():
        assert reading.__doc__
        assert reading.__doc__.endswith(".")


def test_the_api_page_lists_them():
    page = (Path(__file__).parents[2] / "docs/api/reading.md").read_text()
    for name, reading in READINGS.items():
        assert f"| {name} | {reading.__doc__} |" in page


@pytest.mark.parametrize("name", NAMES)
def test_one_map_an_image_and_the_model_left_as_it_was(name):
    for variant in CLASS_READOUTS:
        vit = random_vit(VARIANTS[variant])
        images = random_images(vit.config)
        found = READINGS[name](vit, images, TARGET)
        assert tuple(found.shape) == (2, *vit.config.grid), variant
        assert found.dtype == torch.float64
        assert found.isfinite().all()
        assert not found.requires_grad
        assert all(p.grad is None and p.requires_grad for p in vit.parameters())
        if name == "transformer attribution":
            assert (found > 0).any(), variant


@pytest.mark.parametrize("name", NAMES)
def test_images_and_targets_are_read_one_by_one(name, vit):
    images = random_images(TINY, batch=3)
    target = torch.tensor([3, 1, 1])
    together = READINGS[name](vit, images, target)
    for i in range(3):
        alone = READINGS[name](vit, images[i : i + 1], target[i : i + 1])
        torch.testing.assert_close(alone[0], together[i], rtol=1e-6, atol=1e-9)
    with torch.inference_mode():
        again = READINGS[name](vit, images.clone(), target.clone())
    torch.testing.assert_close(again, together)
    other = READINGS[name](vit, images, (target + 1) % 5)
    assert torch.equal(other, together) == (name in CLASS_AGNOSTIC)


@pytest.mark.parametrize("name", NAMES)
def test_float32_is_close_to_float64(name, vit, images):
    exact = READINGS[name](vit, images, TARGET)
    single = READINGS[name](vit.float(), images.float(), TARGET)
    assert single.dtype == torch.float32
    torch.testing.assert_close(
        single.double(), exact, rtol=1e-3, atol=1e-4 * float(exact.abs().max())
    )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", NAMES)
def test_on_a_gpu_it_is_the_same(name, vit, images):
    expected = READINGS[name](vit, images, TARGET)
    found = READINGS[name](vit.cuda(), images.cuda(), TARGET)
    assert found.is_cuda
    torch.testing.assert_close(found.cpu(), expected)


def test_what_the_simple_ones_are(vit, images):
    def row(matrix):
        return matrix[:, 0, 1:].reshape(2, 4, 4)

    layers = list(attention_weights(vit.walk(images)))
    expected = {
        "last layer": row(raw(vit, images)),
        "mean of layers": row(sum(layer.mean(1) for layer in layers) / 2),
        "rollout": row(rollout_of(vit, images)),
        "gradient": over_patches(gradient(vit, images, TARGET).abs(), TINY),
        "integrated gradients": over_patches(integrated_gradients(vit, images, TARGET), TINY),
        "occlusion": occlusion(vit, images, TARGET),
    }
    for name, found in expected.items():
        torch.testing.assert_close(READINGS[name](vit, images, TARGET), found)


@pytest.mark.parametrize("name", NAMES)
def test_readouts_that_are_not_the_class_token(name):
    for variant in ("mean", "norm of the mean", "distillation"):
        vit = random_vit(VARIANTS[variant])
        images = random_images(vit.config)
        if name == "transformer attribution":
            with pytest.raises(ValueError, match="class token alone"):
                READINGS[name](vit, images, TARGET)
        else:
            assert tuple(READINGS[name](vit, images, TARGET).shape) == (2, 4, 4)
    both = random_vit(VARIANTS["class and mean"])
    images = random_images(both.config)
    if name in YARDSTICKS:
        assert tuple(READINGS[name](both, images, TARGET).shape) == (2, 4, 4)
    else:
        with pytest.raises(ValueError, match="class token"):
            READINGS[name](both, images, TARGET)
    each = random_vit(VARIANTS["patches"])
    with pytest.raises(ValueError, match=r"one answer|class token alone"):
        READINGS[name](each, random_images(each.config), TARGET)


@pytest.mark.parametrize("name", sorted(set(NAMES) - CLASS_AGNOSTIC))
@pytest.mark.rejects
def test_a_target_that_is_no_class(name, vit, images):
    with pytest.raises(ValueError, match="target must be from 0 to 4"):
        READINGS[name](vit, images, torch.tensor([0, 5]))


def test_maps_of_weights_leave_out_what_goes_to_the_class_token(vit, images):
    for name in ("last layer", "mean of layers", "rollout"):
        total = READINGS[name](vit, images, TARGET).sum((1, 2))
        assert ((total > 0) & (total < 1)).all()
    to_itself = raw(vit, images)[:, 0, 0]
    torch.testing.assert_close(
        READINGS["last layer"](vit, images, TARGET).sum((1, 2)) + to_itself, torch.ones(2).double()
    )
