"""Gradient, integrated gradients and occlusion: finite differences, completeness, and captum."""

from typing import Any

import numpy as np
import pytest
import torch

from tests.reading.captum_methods import IntegratedGradients, Occlusion, Saliency
from tests.refusing import refuses
from tests.test_vit import TINY, VARIANTS, random_images, random_vit
from vitexplain.reading import gradient, integrated_gradients, occlusion, over_patches
from vitexplain.reading.baseline import baseline_images, blur

TARGET = torch.tensor([3, 1])


def chosen(vit, images, target=TARGET):
    with torch.no_grad():
        return vit(images)[torch.arange(len(images)), target]


def test_gradient_is_finite_differences(vit, images):
    found = gradient(vit, images, TARGET)
    rng = np.random.default_rng(0)
    for _ in range(12):
        place = (slice(None), *(int(rng.integers(n)) for n in images.shape[1:]))
        change = torch.zeros_like(images)
        change[place] = 1e-5
        slope = (chosen(vit, images + change) - chosen(vit, images - change)) / 2e-5
        torch.testing.assert_close(found[place], slope, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("baseline", [0.0, "mean", "blur"])
def test_integrated_gradients_are_complete(vit, images, baseline):
    found = integrated_gradients(vit, images, TARGET, baseline=baseline, steps=64)
    difference = chosen(vit, images) - chosen(vit, baseline_images(images, baseline))
    torch.testing.assert_close(found.sum((1, 2, 3)), difference, rtol=1e-4, atol=1e-6)
    found = integrated_gradients(vit, images, TARGET, baseline=baseline)
    torch.testing.assert_close(found.sum((1, 2, 3)), difference, rtol=0.01, atol=1e-6)


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_how_many_images_go_at_once_changes_nothing(vit, images, at_once):
    found = integrated_gradients(vit, images, TARGET, steps=7, at_once=at_once)
    torch.testing.assert_close(found, integrated_gradients(vit, images, TARGET, steps=7))


def test_of_a_linear_function_integrated_gradients_are_exact(images):
    """Weights times the way from the baseline, in one step."""
    matrix = torch.linspace(-1, 1, 2 * images[0].numel()).double().view(-1, 2)
    linear: Any = lambda given: given.flatten(1) @ matrix  # noqa: E731
    found = integrated_gradients(linear, images, torch.tensor([1, 1]), baseline=0.5, steps=1)
    torch.testing.assert_close(found, (images - 0.5) * matrix[:, 1].view(images.shape[1:]))


def test_captum_agrees(vit, images):
    saliency = Saliency(vit).attribute(images.clone().requires_grad_(), TARGET, abs=False)
    torch.testing.assert_close(gradient(vit, images, TARGET), saliency)
    theirs = IntegratedGradients(vit).attribute(
        images, torch.zeros_like(images), TARGET, n_steps=20, method="gausslegendre"
    )
    ours = integrated_gradients(vit, images, TARGET, baseline=0.0, steps=20)
    torch.testing.assert_close(ours, theirs)
    with torch.no_grad():
        window = (TINY.channels, 8, 8)
        theirs = Occlusion(vit).attribute(
            images, sliding_window_shapes=window, strides=window, target=TARGET, baselines=0.25
        )
    ours = occlusion(vit, images, TARGET, baseline=0.25)
    assert theirs.dtype == torch.float32  # whatever goes in
    torch.testing.assert_close(ours.float(), theirs[:, 0, ::8, ::8], rtol=1e-5, atol=1e-6)


def test_occlusion_by_a_loop(vit, images):
    found = occlusion(vit, images, TARGET)
    whole, mean = chosen(vit, images), images.mean((2, 3), keepdim=True)
    for row in range(4):
        for col in range(4):
            covered = images.clone()
            covered[:, :, 8 * row : 8 * row + 8, 8 * col : 8 * col + 8] = mean
            torch.testing.assert_close(found[:, row, col], whole - chosen(vit, covered))
    for at_once in (1, 5):
        torch.testing.assert_close(occlusion(vit, images, TARGET, at_once=at_once), found)


@pytest.mark.parametrize("name", ["wide image", "oblong patch", "one channel"])
def test_sums_over_patches_of_any_shape(name, rng):
    config = VARIANTS[name]
    pixels = torch.from_numpy(
        rng.normal(size=(2, config.channels, *np.broadcast_to(config.image_size, 2)))
    )
    found = over_patches(pixels, config)
    height, width = np.broadcast_to(config.patch, 2)
    for row in range(config.grid[0]):
        for col in range(config.grid[1]):
            cell = pixels[:, :, row * height : (row + 1) * height, col * width : (col + 1) * width]
            torch.testing.assert_close(found[:, row, col], cell.sum((1, 2, 3)))
    vit = random_vit(config)
    assert occlusion(vit, pixels, TARGET).shape == found.shape


@pytest.mark.parametrize("name", ["class and mean", "no head", "SwiGLU", "norm of the mean"])
def test_any_readout_with_one_answer_will_do(name):
    vit = random_vit(VARIANTS[name])
    images = random_images(vit.config)
    found = integrated_gradients(vit, images, TARGET, baseline=0.0, steps=48)
    difference = chosen(vit, images) - chosen(vit, torch.zeros_like(images))
    torch.testing.assert_close(found.sum((1, 2, 3)), difference, rtol=1e-3, atol=1e-5)


def test_baselines(rng):
    images = rng.random((2, 3, 8, 6))
    for x in (images, torch.from_numpy(images)):
        np.testing.assert_array_equal(baseline_images(x, 0.5), np.full_like(images, 0.5))
        np.testing.assert_allclose(
            baseline_images(x, "mean"),
            np.broadcast_to(images.mean((2, 3))[..., None, None], images.shape),
        )
        np.testing.assert_allclose(baseline_images(x, "blur"), blur(images, 0.6))
        np.testing.assert_array_equal(baseline_images(x, x[:1]), images[[0, 0]])


def test_blur_by_a_loop(rng):
    image, sigma = rng.random((5, 4)), 1.3
    found = blur(image, sigma)
    for i in range(5):
        for j in range(4):
            k, m = np.mgrid[:5, :4]
            weights = np.exp(-((i - k) ** 2 + (j - m) ** 2) / (2 * sigma**2))
            np.testing.assert_allclose(found[i, j], (weights * image).sum() / weights.sum())
    np.testing.assert_allclose(blur(np.full((7, 3), 0.3), 2.0), 0.3)


def of(reading, config=TINY, **options):
    return reading(random_vit(config), random_images(config), TARGET, **options)


SMALL = torch.ones(2, 3, 5, 32).double()
test_what_it_refuses = refuses(
    (ValueError, "steps and at_once must be at", lambda: of(integrated_gradients, steps=0)),
    (ValueError, "'blur' or an array, got 'black'", lambda: of(occlusion, baseline="black")),
    (ValueError, "baseline must be finite", lambda: of(occlusion, baseline=float("nan"))),
    (ValueError, "baseline must broadcast to the", lambda: of(occlusion, baseline=SMALL)),
    (ValueError, "sigma must be above 0", lambda: blur(SMALL, 0)),
    (ValueError, "at_once", lambda: of(occlusion, at_once=0)),
    (ValueError, "one answer an image", lambda: of(gradient, VARIANTS["patches"])),
)
