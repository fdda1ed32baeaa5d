"""ConvNeXt: positions that mix in one place alone, layer scales."""

from dataclasses import replace

import torch

from tests.compare.networks import NETWORKS, convnext, images_for, random_model
from vitexplain.compare.convnext import Block, ConvNeXt

SMALL = NETWORKS["convnext"]["small"]


@torch.no_grad()
def test_only_the_depthwise_convolution_mixes_positions():
    """With 1×1 kernels, a block's output at a position depends on no other position."""
    case = convnext(replace(SMALL.config, kernel=1, patch=1, depths=(3,), widths=(8,)))
    model, images = random_model(case), images_for(case).double()
    changed = images.clone()
    changed[:, :, 0, 0] += 1
    difference = (model.features(changed) - model.features(images)).abs().amax((0, 1))
    assert float(difference[0, 0]) > 1e-3
    difference[0, 0] = 0
    assert not difference.any()


@torch.no_grad()
def test_pixels_that_fill_no_patch_are_dropped():
    model = random_model(convnext(replace(SMALL.config, patch=4)))
    images = torch.randn(2, 3, 11, 9, dtype=torch.float64)
    assert model.features(images).shape == (2, 12, 1, 1)
    torch.testing.assert_close(model(images), model(images[:, :, :8, :8]), rtol=0, atol=1e-12)


def test_layer_scales_start_small_and_a_block_as_the_identity():
    model = ConvNeXt(replace(SMALL.config, scale=1e-6))
    gammas = [p.detach() for name, p in model.named_parameters() if name.endswith("gamma")]
    assert len(gammas) == 3
    for gamma in gammas:
        torch.testing.assert_close(gamma, torch.full_like(gamma, 1e-6))
    step = next(s for s in model.walk(images_for(SMALL)) if isinstance(s, Block))
    torch.testing.assert_close(step.output, step.input, rtol=0, atol=1e-4)
